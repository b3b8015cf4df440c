//! Playing a story to its end on a fair platform: what is due is delivered, people act in time, time passes.

use jiff::{SignedDuration, Timestamp};
use promotion::{Aggregate as _, Entry, FROZEN, Lease, PlannedStep, PromotionId, Stage};

use crate::mishap::Mishap;
use crate::people::Done;
use crate::story::{Act, Story, When};
use crate::world::World;

/// Steps after which nothing will come of it any more.
const MOST_STEPS: usize = 2000;
/// How often versions are looked for that no event told of.
const RECONCILED_EVERY: SignedDuration = SignedDuration::from_mins(15);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// A question is open for three days, a way back for one.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A story under way.
pub(crate) struct Play<'s> {
    pub(crate) world: World,
    began: Timestamp,
    story: &'s Story,
    /// Acts that are done.
    done: usize,
    /// How often the act under way was tried without our hearing what came of it: it may have been done.
    unsure: u32,
    /// Files that were put in the way.
    pub(crate) obstacles: Vec<String>,
    patience: Patience,
}

/// What becomes of an act whose time does not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// The play is at fault: the story says that it comes.
    Demands,
    /// Whoever wanted to act lets it be: the promotion has gone another way.
    Forgives,
}

impl<'s> Play<'s> {
    pub(crate) fn new(world: World, story: &'s Story) -> Self {
        Self {
            began: world.now(),
            world,
            story,
            done: 0,
            unsure: 0,
            obstacles: Vec::new(),
            patience: Patience::Demands,
        }
    }

    /// From now on people let be what has become impossible.
    pub(crate) fn forgives(&mut self) {
        self.patience = Patience::Forgives;
    }

    /// To the end; what is said of a play that comes to none.
    pub(crate) async fn finish(&mut self) -> Result<(), String> {
        let began = self.world.now();
        for _ in 0..MOST_STEPS {
            if self.world.now().duration_since(began) > LONGEST {
                break;
            }
            if !self.step().await? {
                return Ok(());
            }
        }
        Err(format!("it comes to no end: {}", self.account()))
    }

    /// After the end: the sweep looks once more, and what it wakes is done.
    pub(crate) async fn settle(&mut self) -> Result<(), String> {
        self.world.advance_to(self.world.now() + MINUTE).await;
        self.world.tick().await;
        self.finish().await
    }

    /// One thing that is due: an act, an event, a message, or the passing of time. `false`: all is over.
    pub(crate) async fn step(&mut self) -> Result<bool, String> {
        self.world.gather_events();
        self.world.carrier.land(self.world.now()).await;
        if self.act_if_due().await? {
            // Whoever has tried twice in vain waits before the next try.
            if self.unsure > 1 {
                self.world.advance_to(self.world.now() + MINUTE).await;
            }
            return Ok(true);
        }
        let now = self.world.now();
        if let Some(index) = self.world.events.iter().position(|event| event.at <= now) {
            self.world.deliver_pending_event(index).await;
            return Ok(true);
        }
        if let Some(message) = self.world.messages_due().first() {
            self.world.deliver_message(message).await;
            return Ok(true);
        }
        if self.is_over() {
            return Ok(false);
        }
        self.let_time_pass().await
    }

    /// Whether every act is done and every journal has ended.
    pub(crate) fn is_over(&self) -> bool {
        let open = !self.world.state("open/").is_empty();
        let acted = self.done == self.story.acts.len() || self.patience == Patience::Forgives;
        // What was registered unheard is found by the next look for it, whoever lets be what else.
        let unheard = self.done < self.story.acts.len() && self.world.journal_names().is_empty();
        acted && !open && !unheard && self.world.events.is_empty()
    }

    /// When something is delivered or due next.
    pub(crate) fn next_moment(&self) -> Option<Timestamp> {
        let queue = self.world.messages();
        let messages = queue.iter().map(|message| message.enqueued);
        let events = self.world.events.iter().map(|event| event.at);
        messages.chain(events).chain(self.world.dues()).min()
    }

    async fn let_time_pass(&mut self) -> Result<bool, String> {
        let now = self.world.now();
        let looks_again = now + RECONCILED_EVERY;
        let awaited = self.done < self.story.acts.len() && self.newest().is_none();
        let Some(next) = self.next_moment().or(awaited.then_some(looks_again)) else {
            return Err(format!("nobody will ever move it: {}", self.account()));
        };
        let second = SignedDuration::from_secs(1);
        self.world.advance_to(next.max(now) + second).await;
        if self.world.messages_due().is_empty() {
            // Nobody was woken: the sweep's turn, within a minute.
            self.world.advance_to(self.world.now() + MINUTE).await;
            self.world.tick().await;
        }
        Ok(true)
    }

    pub(crate) async fn act_if_due(&mut self) -> Result<bool, String> {
        let Some(act) = self.story.acts.get(self.done).copied() else {
            return Ok(false);
        };
        if !self.has_come(act.when) {
            return Ok(false);
        }
        match self.act(act).await? {
            Done::Taken => {
                self.done += 1;
                self.unsure = 0;
            }
            // Done by the try before, whose answer nobody heard.
            Done::Refused(..) if self.unsure > 0 => {
                self.done += 1;
                self.unsure = 0;
            }
            Done::Refused(..) if self.patience == Patience::Forgives => self.done += 1,
            Done::Refused(status, text) => {
                return Err(format!("{act:?} was refused: {status} {}", plain(&text)));
            }
            Done::Unsure => self.unsure += 1,
        }
        Ok(true)
    }

    /// Whether somebody wants to act now.
    pub(crate) fn wants_to_act(&self) -> bool {
        let next = self.story.acts.get(self.done);
        next.is_some_and(|act| self.has_come(act.when))
    }

    /// Does what the story begins with.
    pub(crate) async fn act_at_once(&mut self) -> Result<(), String> {
        while let Some(Act {
            when: When::Now, ..
        }) = self.story.acts.get(self.done)
        {
            self.act_if_due().await?;
        }
        Ok(())
    }

    /// A second click on what is done: a form sent twice, a command repeated. Whatever is said to it.
    pub(crate) async fn act_again(&mut self) {
        // Behind what may have been done meanwhile it would be an answer to another question.
        if self.unsure > 0 {
            return;
        }
        let before = self
            .done
            .checked_sub(1)
            .and_then(|index| self.story.acts.get(index));
        if let Some(act) = before.copied().filter(|act| act.what.is_a_click())
            && self.act(act).await.is_ok_and(|done| done != Done::Unsure)
        {
            self.world.carrier.happened(Mishap::DoubledClick);
        }
    }

    /// Until when people act in this story: one in which nobody answers has all the time there is.
    pub(crate) fn patience_ends(&self) -> Timestamp {
        let waits = self.story.acts.len() > self.done;
        let day = SignedDuration::from_hours(20);
        if waits {
            self.began + day
        } else {
            Timestamp::MAX
        }
    }

    fn has_come(&self, when: When) -> bool {
        // What was tried may have changed the stage already.
        if self.unsure > 0 {
            return true;
        }
        match when {
            When::Now => true,
            When::Stage(name) => self.stage() == Some(name),
            When::RollingOut => matches!(
                self.stage(),
                Some("waiting for target" | "deploying" | "testing" | "shifting")
            ),
            When::Asked(count) => {
                self.world.promotions().len() == count && self.stage() == Some("awaiting approval")
            }
            When::Paused(minutes) => self.newest_is(|stage| match stage {
                Stage::Shifting {
                    rollout,
                    step,
                    since,
                } => {
                    let waited = self.world.now().duration_since(*since);
                    let step = rollout.permit.pinned().plan.steps.get(*step);
                    step == Some(&PlannedStep::PauseUntilResumed) && waited.as_mins() >= minutes
                }
                _ => false,
            }),
            When::Unsure => self.newest_is(|stage| match stage {
                Stage::Shifting { rollout, .. } => rollout.unsure().is_some(),
                _ => false,
            }),
            When::Frozen => self.is_frozen(),
            When::LetGo => self.newest_is(|stage| match stage {
                Stage::Live { rollout, .. } => rollout.lease == Lease::Free,
                _ => false,
            }),
        }
    }

    /// Whether the newest promotion waits for a freeze to be lifted.
    fn is_frozen(&self) -> bool {
        let newest = self.newest().and_then(|id| self.world.promotion(&id));
        let waits = |entry: &Entry| {
            let trouble = entry.trouble.as_ref();
            trouble.is_some_and(|trouble| trouble.code == FROZEN)
        };
        newest.is_some_and(|promotion| promotion.ledger().undone().iter().any(waits))
    }

    fn newest_is(&self, so: impl Fn(&Stage) -> bool) -> bool {
        let newest = self.newest().and_then(|id| self.world.promotion(&id));
        newest.is_some_and(|promotion| so(promotion.stage()))
    }

    /// The newest promotion's stage.
    pub(crate) fn stage(&self) -> Option<&'static str> {
        let promotion = self.world.promotion(&self.newest()?)?;
        Some(promotion.stage().name())
    }

    /// The newest promotion.
    pub(crate) fn newest(&self) -> Option<PromotionId> {
        let promotions = self.world.promotions();
        let newest = promotions
            .iter()
            .max_by_key(|promotion| promotion.opened_at())?;
        Some(newest.id().clone())
    }

    /// For whoever reads why it went wrong.
    pub(crate) fn account(&self) -> String {
        let now = self.world.now();
        let promotions = self.world.promotions();
        let told = promotions.iter().map(|promotion| {
            format!(
                "{} is {} (closed: {}): {}",
                promotion.id(),
                promotion.stage().name(),
                promotion.is_closed(),
                liftlock::ui::why(promotion, now)
            )
        });
        let told: Vec<String> = told.collect();
        format!(
            "acts done {}, {}; dues {:?}, now {now}",
            self.done,
            told.join("; "),
            self.world.dues()
        )
    }
}

/// A page without its markup, cut.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for part in text.split('<') {
        plain.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        plain.push(' ');
    }
    plain
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(600)
        .collect()
}
