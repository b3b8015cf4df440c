//! What scenarios share: waiting, looking, and judging whether a target is clean.

use anyhow::{Context as _, bail, ensure};
use cloud_sim::{DeploymentView, EndpointView, VersionView};
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::person::{Browser, Sent};
use crate::print::Printer;
use crate::{Persona, PromotionView, World};

const LOOK: Duration = Duration::from_millis(25);

/// The champion's deployment, as the cloud is seeded.
pub(super) const CHAMPION: &str = "champion-v1";

/// Where production's default datastore keeps its files, as the cloud is seeded.
const PROD_CONTAINER: &str = "azureml-blobstore-7c8d1f20-0000-4000-8000-0000000000e1";

/// One scenario under way.
pub(super) struct Run<'w> {
    pub(super) world: &'w World,
    printer: &'w Printer,
    waiting_for: Mutex<String>,
}

impl<'w> Run<'w> {
    pub(super) fn new(world: &'w World, printer: &'w Printer) -> Self {
        Self {
            world,
            printer,
            waiting_for: Mutex::new("its first step".to_owned()),
        }
    }

    pub(super) fn say(&self, text: &str) {
        self.printer.say(text);
    }

    /// Looks again and again until there is something to be seen.
    pub(super) async fn until<T>(
        &self,
        what: &str,
        mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        what.clone_into(
            &mut self
                .waiting_for
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The only promotion, once it is there.
    pub(super) async fn promotion(&self) -> anyhow::Result<String> {
        self.until("a promotion", async || {
            match self.world.state().promotions().as_slice() {
                [] => Ok(None),
                [id] => Ok(Some(id.clone())),
                several => bail!(
                    "{} promotions where one was expected: {}",
                    several.len(),
                    several.join(", ")
                ),
            }
        })
        .await
    }

    /// Waits for a stage; any end but that is a failure.
    pub(super) async fn until_stage(&self, id: &str, stage: &str) -> anyhow::Result<PromotionView> {
        let browser = self.signed_in(Persona::Sam).await?;
        let what = format!("{id} to be {stage}");
        let view = self
            .until(&what, async || {
                let Some(view) = PromotionView::read(&browser, id).await? else {
                    return Ok(None);
                };
                if view.stage != stage && is_end(&view.stage) {
                    bail!(
                        "{id} is {} where {stage} was expected: {}",
                        view.stage,
                        view.why
                    );
                }
                Ok((view.stage == stage).then_some(view))
            })
            .await?;
        self.say(&format!("{stage}: {}", view.why));
        Ok(view)
    }

    /// Waits for the card of this attempt that asks people, and answers the link on it.
    pub(super) async fn asked(&self, attempt: u32) -> anyhow::Result<String> {
        let mark = format!("~{attempt}~");
        let link = self
            .until("the card that asks for an approval", async || {
                let links = approval_links(&self.world.cloud.messages());
                Ok(links.into_iter().find(|link| link.contains(&mark)))
            })
            .await?;
        self.say("a card in the channel asks for an approval");
        Ok(link)
    }

    /// Signs in and answers.
    pub(super) async fn answer(
        &self,
        persona: Persona,
        link: &str,
        decision: &str,
    ) -> anyhow::Result<()> {
        let browser = self.signed_in(persona).await?;
        self.until_sent(decision, async || {
            browser
                .answer(link, decision, "Looked at the gates and the plan.")
                .await
        })
        .await?;
        self.say(&format!("{}: {decision}", persona.name()));
        Ok(())
    }

    /// Signs in and uses a verb.
    pub(super) async fn tell(&self, persona: Persona, id: &str, verb: &str) -> anyhow::Result<()> {
        let browser = self.signed_in(persona).await?;
        self.until_sent(verb, async || {
            browser.tell(id, verb, "Asked for by the scenario").await
        })
        .await?;
        self.say(&format!("{}: {verb}", persona.name()));
        Ok(())
    }

    /// Signs in and lets the rollout go on.
    pub(super) async fn resume(&self, persona: Persona, id: &str) -> anyhow::Result<()> {
        let browser = self.signed_in(persona).await?;
        self.until_sent("resume", async || {
            browser.resume(id, "Asked for by the scenario").await
        })
        .await?;
        self.say(&format!("{}: resume", persona.name()));
        Ok(())
    }

    /// Waits until a promotion waits for the hold that a rollback has set.
    pub(super) async fn until_held(&self, id: &str) -> anyhow::Result<()> {
        let browser = self.signed_in(Persona::Sam).await?;
        let why = self
            .until(&format!("{id} to wait for the hold"), async || {
                let view = PromotionView::read(&browser, id).await?;
                let why = view.map(|view| view.why);
                Ok(why.filter(|why| why.contains("is held since")))
            })
            .await?;
        self.say(&format!("held: {why}"));
        Ok(())
    }

    /// Lifts the hold, on the board.
    pub(super) async fn lift_hold(&self, persona: Persona) -> anyhow::Result<()> {
        let browser = self.signed_in(persona).await?;
        self.until_sent("lift the hold", async || {
            browser.lift_hold("Asked for by the scenario").await
        })
        .await?;
        self.say(&format!("{}: lift the hold", persona.name()));
        Ok(())
    }

    /// A persona's browser; the app's host may just be away.
    pub(super) async fn signed_in(&self, persona: Persona) -> anyhow::Result<Browser> {
        self.until("the platform to sign somebody in", async || {
            Ok(self.world.signed_in(persona).await.ok())
        })
        .await
    }

    /// Sends a form until it counts, as a person does whose app was away for a moment.
    pub(super) async fn until_sent(
        &self,
        what: &str,
        mut send: impl AsyncFnMut() -> Sent,
    ) -> anyhow::Result<()> {
        let mut answer_lost = false;
        self.until(&format!("\"{what}\" to be taken"), async || {
            match send().await {
                Sent::Taken => Ok(Some(())),
                Sent::NotOffered(_) if answer_lost => Ok(Some(())),
                Sent::NotOffered(why) => bail!("\"{what}\" is not offered: {why}"),
                Sent::Refused(why) => bail!("\"{what}\" was refused: {why}"),
                Sent::AppAway => Ok(None),
                Sent::AnswerLost => {
                    answer_lost = true;
                    Ok(None)
                }
            }
        })
        .await
    }

    /// The text of the newest card whose headline holds this.
    pub(super) async fn card(&self, headline: &str) -> anyhow::Result<String> {
        let what = format!("a card that says \"{headline}\"");
        self.until(&what, async || {
            let messages = self.world.cloud.messages();
            let found = messages.iter().rev().find(|message| {
                message["card"]["fallbackText"]
                    .as_str()
                    .is_some_and(|text| text.contains(headline))
            });
            Ok(found.map(|message| message["card"].to_string()))
        })
        .await
    }

    /// What serves in production.
    pub(super) fn deployments(&self) -> Vec<DeploymentView> {
        let endpoints = self.endpoints().into_iter();
        endpoints
            .flat_map(|endpoint| endpoint.deployments)
            .collect()
    }

    /// Production's endpoints.
    pub(super) fn endpoints(&self) -> Vec<EndpointView> {
        let workspaces = self.world.cloud.view().workspaces.into_iter();
        workspaces
            .filter(|workspace| workspace.name == "ml-prod")
            .flat_map(|workspace| workspace.endpoints)
            .collect()
    }

    /// The registered versions of a workspace, oldest first.
    pub(super) fn versions(&self, workspace: &str) -> Vec<VersionView> {
        let view = self.world.cloud.view();
        let mut versions: Vec<_> = view
            .workspaces
            .into_iter()
            .filter(|found| found.name == workspace)
            .flat_map(|found| found.models)
            .flat_map(|model| model.versions)
            .collect();
        versions.reverse();
        versions
    }

    /// How many files of candidates lie in production's storage.
    pub(super) fn copied(&self) -> usize {
        let blobs = self.world.cloud.blobs();
        blobs.list("stprod", PROD_CONTAINER, "liftlock/").len()
    }

    /// The files of code that lie in production's storage.
    pub(super) fn code(&self) -> Vec<Vec<u8>> {
        let blobs = self.world.cloud.blobs();
        let found = blobs.list("stprod", PROD_CONTAINER, "liftlock/code/");
        let read = |blob: &cloud_sim::BlobView| blobs.get("stprod", PROD_CONTAINER, &blob.name);
        let bytes = found.iter().filter_map(read);
        bytes.map(|bytes| bytes.to_vec()).collect()
    }

    /// No deployment of ours, traffic as before, lease free.
    pub(super) async fn target_clean(&self) -> anyhow::Result<()> {
        let deployments = self.deployments();
        let left: Vec<_> = deployments
            .iter()
            .map(|found| format!("{} {} %", found.name, found.weight))
            .collect();
        let is_clean =
            matches!(deployments.as_slice(), [one] if one.name == CHAMPION && one.weight == 100);
        ensure!(is_clean, "the target is not as before: {}", left.join(", "));
        self.lease_free().await?;
        self.say("target clean: the champion alone, with all the traffic; lease free");
        Ok(())
    }

    /// A promotion lets go of its target a moment after it has gone live.
    pub(super) async fn lease_free(&self) -> anyhow::Result<()> {
        self.until("the target's lease to be free", async || {
            let holders = self.world.state().lease_holders()?;
            Ok(holders.is_empty().then_some(()))
        })
        .await
    }

    /// What must hold after every scenario: sound journals, one history, nothing dead-lettered, traffic that adds up.
    pub(super) fn audit(&self, expected: usize) -> anyhow::Result<()> {
        let records = self.world.state().audit()?;
        let promotions = self.world.state().promotions().len();
        ensure!(
            promotions == expected,
            "{promotions} promotions where {expected} was expected"
        );
        for endpoint in self.endpoints() {
            let weights = endpoint.deployments.iter().map(|found| found.weight);
            let traffic: u32 = weights.sum();
            ensure!(
                traffic == 100,
                "the traffic of production's endpoint {} adds up to {traffic} %",
                endpoint.name
            );
        }
        let queue = self
            .world
            .cloud
            .queues()
            .view("promotions")
            .context("the queue has vanished")?;
        if !queue.dead_letters.is_empty() {
            self.say(&format!(
                "dead-lettered messages: {}; the sweep did without them",
                queue.dead_letters.len()
            ));
        }
        self.say(&format!(
            "one history of {records} records, every chain checked and replayed"
        ));
        Ok(())
    }

    /// Why it has taken too long.
    pub(super) async fn overdue(&self, limit: Duration) -> anyhow::Error {
        let waiting_for = self
            .waiting_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut text = format!(
            "not done within {} s, waiting for {waiting_for}",
            limit.as_secs()
        );
        for id in self.world.state().promotions() {
            if let Ok(browser) = self.world.signed_in(Persona::Sam).await
                && let Ok(Some(view)) = PromotionView::read(&browser, &id).await
            {
                text = format!("{text}; {id} is {}: {}", view.stage, view.why);
                for line in view.timeline.iter().rev().take(12).rev() {
                    self.say(&format!("{}  {}", line.time(), line.says));
                }
            }
        }
        anyhow::Error::msg(text)
    }
}

fn is_end(stage: &str) -> bool {
    [
        "blocked",
        "rejected",
        "expired",
        "superseded",
        "refused",
        "voided",
        "aborted",
        "failed",
        "rolled back",
        "finished",
    ]
    .contains(&stage)
}

/// Where the channel's cards ask for answers, oldest first.
pub(crate) fn approval_links(messages: &[Value]) -> Vec<String> {
    messages
        .iter()
        .filter_map(|message| message["card"]["actions"].as_array())
        .flatten()
        .filter_map(|action| action["url"].as_str())
        .filter(|url| url.contains("/api/approvals/"))
        .map(str::to_owned)
        .collect()
}
