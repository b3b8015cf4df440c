//! What people and the cloud do, one act at a time.

use cloud_sim::{EventSchema, ServingFault};
use jiff::SignedDuration;
use serde_json::json;

use crate::people::{Done, Who};
use crate::play::Play;
use crate::process::Died;
use crate::story::{Act, What};
use crate::world::Delivered;

/// Where freezes are set.
const FREEZES: &str = "/api/v1/freezes";

impl Play<'_> {
    pub(crate) async fn act(&mut self, act: Act) -> Result<Done, String> {
        let impossible = |error: cloud_sim::NotPossible| error.to_string();
        let cloud = self.world.cloud.clone();
        match act.what {
            What::Register(kind) => cloud.register(kind).map(drop).map_err(impossible)?,
            What::Tick => return Ok(self.ticked().await),
            What::RegisterUnheard(kind) => {
                cloud.register(kind).map(drop).map_err(impossible)?;
                cloud.take_held_events(EventSchema::EventGrid);
            }
            What::RegisterHalfHeard(kind) => {
                cloud.register(kind).map(drop).map_err(impossible)?;
                for body in cloud.take_held_events(EventSchema::EventGrid) {
                    self.world.half_hear(&body[0]).await;
                }
                if self.newest().is_some() {
                    return Err("something follows from the event already".to_owned());
                }
            }
            What::Job(kind) => cloud
                .complete_job(kind, false)
                .map(drop)
                .map_err(impossible)?,
            What::JobThatRegisters(kind) => {
                cloud
                    .complete_job(kind, true)
                    .map(drop)
                    .map_err(impossible)?;
            }
            What::JobThatFails(kind) => cloud
                .end_job(kind, cloud_sim::JobFate::Failed)
                .map(drop)
                .map_err(impossible)?,
            What::Approve(who) => return self.answer(who, "approve").await,
            What::Reject(who) => return self.answer(who, "reject").await,
            What::Revoke(who) => return self.answer(who, "revoke").await,
            What::Override(who) => return self.answer(who, "override").await,
            What::Freeze(who) => return Ok(self.freeze(who).await),
            What::Lift(who) => return self.lift(who).await,
            What::Say(who, verb) => return self.say(who, verb).await,
            What::Resume(who) => return self.resume(who).await,
            What::Callers(callers) => cloud.set_callers(f64::from(callers)),
            What::Errors(percent) => cloud.plant(ServingFault {
                from_weight: 1,
                ..ServingFault::errors("diabetes", "2", f64::from(percent) / 100.0)
            }),
            What::ReplayEvent(who) => return self.replay_event(who).await,
            What::LoseMarkers => self.world.lose_markers(),
            What::Repair => return Ok(self.repaired().await),
            What::ServeInBatch => cloud.serve_in_batch().map_err(impossible)?,
            What::MoveTraffic => cloud
                .move_traffic("diabetes", &[("champion-v1", 100)])
                .map_err(impossible)?,
            What::Tamper => cloud.tamper_candidate().map(drop).map_err(impossible)?,
            What::FailDeployment => {
                cloud.fail_next_deployment("ResourceNotReady", "the container does not start");
            }
            What::Obstruct => self.obstruct()?,
            What::Clear => self.clear(),
        }
        Ok(Done::Taken)
    }

    async fn ticked(&mut self) -> Done {
        match self.world.tick().await {
            // A look that failed is taken again; until one has not, whatever is registered was there before.
            Delivered::Taken if self.world.state("control/watermarks.json").is_empty() => {
                Done::Unsure
            }
            Delivered::Taken => {
                // What is registered in the very instant of the first look was there before.
                let later = self.world.now() + SignedDuration::from_secs(1);
                self.world.advance_to(later).await;
                Done::Taken
            }
            Delivered::Again => Done::Unsure,
        }
    }

    async fn answer(&mut self, who: Who, decision: &str) -> Result<Done, String> {
        let question = self.question().ok_or("nobody is asked")?;
        Ok(self
            .world
            .send_form(
                who,
                &question,
                &question,
                &[("decision", decision), ("comment", "as agreed")],
            )
            .await)
    }

    /// Where the newest question is answered.
    fn question(&self) -> Option<String> {
        let promotion = self.world.promotion(&self.newest()?)?;
        let pinned = promotion.stage().pinned()?;
        let digest = pinned.digest.as_str();
        let short: String = digest.chars().take(16).collect();
        Some(format!(
            "/api/approvals/{}~{}~{short}",
            promotion.id(),
            promotion.attempt()
        ))
    }

    async fn say(&mut self, who: Who, verb: &str) -> Result<Done, String> {
        let id = self.newest().ok_or("there is no promotion")?;
        let path = format!("/api/v1/promotions/{id}/{verb}");
        Ok(self
            .world
            .send_json(who, &path, &json!({"reason": "the story says so"}))
            .await)
    }

    async fn freeze(&mut self, who: Who) -> Done {
        let wish = json!({"scope": {"stage": "prod"}, "reason": "the story says so"});
        self.world.send_json(who, FREEZES, &wish).await
    }

    /// Each that stands; whoever does not know whether it was done finds it gone.
    async fn lift(&mut self, who: Who) -> Result<Done, String> {
        for freeze in self.world.freezes()? {
            let path = format!("{FREEZES}/{}/lift", freeze.id);
            let why = json!({"reason": "the story says so"});
            match self.world.send_json(who, &path, &why).await {
                Done::Taken => {}
                other => return Ok(other),
            }
        }
        Ok(Done::Taken)
    }

    /// Ends what the newest promotion waits for.
    pub(crate) async fn resume(&mut self, who: Who) -> Result<Done, String> {
        let id = self.newest().ok_or("there is no promotion")?;
        let promotion = self.world.promotion(&id).ok_or("it is not begun")?;
        // Whoever has done it already is shown no pause any more.
        let pause = promotion
            .pause()
            .map_or_else(|| "1.2".to_owned(), |pause| pause.to_string());
        let path = format!("/api/v1/promotions/{id}/resume");
        let body = json!({"reason": "the story says so", "pause": pause});
        Ok(self.world.send_json(who, &path, &body).await)
    }

    /// Has the event that was stored last run again.
    async fn replay_event(&mut self, who: Who) -> Result<Done, String> {
        let events = self.world.state("events/");
        let newest = events.last().ok_or("no event is stored")?;
        let path = newest.name.trim_end_matches(".json");
        let path = format!("/api/v1/{path}/replay");
        Ok(self
            .world
            .send_json(who, &path, &json!({"reason": "the story says so"}))
            .await)
    }

    /// Whoever repairs does it again until nothing is left.
    async fn repaired(&self) -> Done {
        match self.world.repair().await {
            Ok(true) => Done::Taken,
            Ok(false) | Err(Died) => Done::Unsure,
        }
    }

    fn obstruct(&mut self) -> Result<(), String> {
        let id = self.newest().ok_or("there is no promotion")?;
        let promotion = self.world.promotion(&id).ok_or("it is not begun")?;
        let pinned = promotion.stage().pinned().ok_or("it is not pinned")?;
        let place = &pinned.plan.destination;
        let path = format!("{}/MLmodel", place.prefix);
        let blobs = self.world.cloud.blobs();
        blobs.put(
            &place.account,
            &place.container,
            &path,
            "not the candidate's",
        );
        self.obstacles = vec![place.account.clone(), place.container.clone(), path];
        Ok(())
    }

    fn clear(&mut self) {
        if let [account, container, path] = self.obstacles.as_slice() {
            self.world.cloud.blobs().remove(account, container, path);
        }
    }
}
