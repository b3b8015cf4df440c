//! A story as it goes when nothing interferes: what every other way of it must come to.

use crate::carrier::Call;
use crate::finding::Finding;
use crate::play::Play;
use crate::pool::in_paused_time;
use crate::setting::Setting;
use crate::story::Story;
use crate::world::World;

/// A story with the end that it comes to undisturbed.
pub(crate) struct Reference {
    pub(crate) story: &'static Story,
    pub(crate) setting: Setting,
    /// Every call on its way, in order.
    pub(crate) calls: Vec<Call>,
    /// What is there at the end.
    pub(crate) finding: Finding,
}

impl Reference {
    /// Plays the story once, undisturbed.
    pub(crate) fn of(story: &'static Story) -> Result<Self, String> {
        let setting = Setting::with(story.changes).map_err(|error| format!("{error:#}"))?;
        let (calls, finding) = in_paused_time(async {
            let mut play = begin(&setting, story)?;
            play.finish().await?;
            if play.stage() != story.ending {
                return Err(format!(
                    "it ends {:?}, not {:?}",
                    play.stage(),
                    story.ending
                ));
            }
            let finding = Finding::of(&play.world);
            match Finding::faults(&play.world).as_slice() {
                [] => Ok((play.world.carrier.calls(), finding)),
                faults => Err(faults.join("; ")),
            }
        })
        .map_err(|what| format!("{}, undisturbed: {what}", story.name))?;
        Ok(Self {
            story,
            setting,
            calls,
            finding,
        })
    }

    /// The endpoint that its route rolls out to.
    pub(crate) fn endpoint(&self) -> &str {
        let route = &self.setting.config.routes[0].route;
        route.rollout.endpoint.name.as_str()
    }

    /// The steps of the undisturbed play: how many calls were made before each.
    pub(crate) fn steps(&self) -> Result<Vec<usize>, String> {
        in_paused_time(async {
            let mut play = self.begin()?;
            let mut steps = vec![play.world.carrier.count()];
            while play.step().await? {
                steps.push(play.world.carrier.count());
            }
            steps.pop();
            Ok(steps)
        })
    }

    /// A play of the story in a fresh world.
    pub(crate) fn begin(&self) -> Result<Play<'static>, String> {
        begin(&self.setting, self.story)
    }

    /// Whether a play that has ended found what the undisturbed one found.
    pub(crate) fn check(&self, play: &Play<'_>) -> Result<(), String> {
        self.compare(&Finding::of(&play.world), play)
    }

    /// The same where several instances worked at once: one that was slow may have taken a lease behind the back of its
    /// promotion, which has ended; whoever wants it takes it over.
    pub(crate) fn check_after_workers(&self, play: &Play<'_>) -> Result<(), String> {
        let mut finding = Finding::of(&play.world);
        finding.leases.retain(|id| !play.world.has_ended(id));
        self.compare(&finding, play)
    }

    fn compare(&self, finding: &Finding, play: &Play<'_>) -> Result<(), String> {
        let faults = Finding::faults(&play.world);
        if !faults.is_empty() {
            return Err(faults.join("; "));
        }
        if *finding == self.finding {
            return Ok(());
        }
        Err(format!(
            "another end: {}",
            finding.differences(&self.finding).join("; ")
        ))
    }
}

fn begin(setting: &Setting, story: &'static Story) -> Result<Play<'static>, String> {
    let world = World::new(setting).map_err(|error| format!("{error:#}"))?;
    Ok(Play::new(world, story))
}
