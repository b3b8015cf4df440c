//! The plan: shown before anyone approves, by API, command line and page, and then done.

use cloud_sim::ModelKind;
use promotion::{Fact, Phase, PromotionId};
use serde_json::{Value, json};

use super::people::Shown;
use super::{Setup, Tester, Who, story};
use crate::setting::{HANDLER, app_settings};

impl Tester {
    async fn plan(&self, id: &PromotionId) -> Shown {
        self.see(Who::Sam, &format!("/api/v1/promotions/{id}/plan"))
            .await
    }

    /// Runs `liftlock plan` with the app's settings; its exit code, and what it said where.
    async fn plan_command(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = tokio::process::Command::new(HANDLER);
        command.arg("plan").args(arguments);
        command.env_clear().envs(app_settings(&self.cloud, 0));
        let output = command.output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    /// What the journal has planned since a phase began, as the plan shows it.
    fn planned_since(&self, id: &PromotionId, began: fn(&Phase) -> bool) -> Vec<Value> {
        let records = self.records(id).into_iter().map(|line| line.fact);
        let since =
            records.skip_while(|fact| !matches!(fact, Fact::Entered { phase } if began(phase)));
        let effect = |fact| match fact {
            // Whose word it rests on is asked beside the plan.
            Fact::Planned { effect, .. } if effect.kind() == "see-voters" => None,
            Fact::Planned { effect, .. } => Some(without_the_unknown(json!(effect))),
            _ => None,
        };
        since.filter_map(effect).collect()
    }
}

/// When something is due, and why it is taken back, nobody knows before.
fn without_the_unknown(mut effect: Value) -> Value {
    let fields = effect.as_object_mut().unwrap();
    fields.remove("notBefore");
    fields.remove("hold");
    effect
}

/// The effects of a plan, in order.
fn effects(calls: &Value) -> Vec<Value> {
    let calls = calls.as_array().unwrap().iter();
    let performed = calls.filter(|call| call["effect"].is_string());
    performed.map(|call| call["details"].clone()).collect()
}

/// The lines of a plan, and how far each is.
fn lines<'a>(plan: &'a Value) -> Vec<(&'a str, &'a str)> {
    let calls = plan["calls"].as_array().unwrap().iter();
    let text = |call: &'a Value, what: &str| call[what].as_str().unwrap();
    calls
        .map(|call| (text(call, "call"), text(call, "progress")))
        .collect()
}

async fn goes_as_planned(t: &Tester) -> PromotionId {
    let id = t.asked().await;
    let before = t.plan(&id).await.json();
    assert_eq!(before["stage"], "awaiting approval");
    assert_eq!(before["pinned"], true);
    assert!(lines(&before).iter().all(|(_, far)| *far == "open"));
    t.approve_as(Who::Ada, &id).await.taken();
    t.wait_until(&id, "live").await;
    let live = t.plan(&id).await.json();
    let say = |plan: &Value| -> Vec<String> {
        lines(plan)
            .iter()
            .map(|(line, _)| (*line).to_owned())
            .collect()
    };
    assert_eq!(say(&before), say(&live));
    assert_eq!(before["wayBack"], live["wayBack"]);
    t.wait_until(&id, "finished").await;
    let done = t.planned_since(&id, |phase| matches!(phase, Phase::Copying));
    assert_eq!(effects(&before["calls"]), done);
    let after = t.plan(&id).await.json();
    assert!(
        lines(&after).iter().all(|(_, far)| *far == "done"),
        "{after:#}"
    );
    id
}

#[tokio::test]
async fn what_was_shown_before_anyone_approved_is_what_is_done() {
    story(async |t| {
        goes_as_planned(t).await;
    })
    .await;
}

#[tokio::test]
async fn so_it_is_where_nothing_serves_yet() {
    let setup = Setup::default()
        .with_lenient_gates()
        .onto_new_endpoint("diabetes-new");
    setup
        .story(async |t| {
            goes_as_planned(t).await;
        })
        .await;
}

#[tokio::test]
async fn the_way_back_is_the_one_that_was_shown() {
    let setup = Setup::default().with("pause: { duration: 10m }", "pause: {}");
    setup
        .story(async |t| {
            let id = t.asked().await;
            let before = t.plan(&id).await.json();
            t.approve_as(Who::Ada, &id).await.taken();
            t.wait_until(&id, "shifting").await;
            t.until("it pauses", async || {
                t.cards().iter().any(|card| card.contains("paused"))
            })
            .await;
            t.advance_clock(jiff::SignedDuration::from_hours(1)).await;
            t.tell_as(Who::Ben, &id, "roll-back", "it smells")
                .await
                .taken();
            t.wait_until(&id, "rolled back").await;
            let done = t.planned_since(&id, |phase| matches!(phase, Phase::RollingBack { .. }));
            assert_eq!(effects(&before["wayBack"]), done);
            let after = t.plan(&id).await.json();
            let says = after["says"].as_str().unwrap();
            assert!(says.starts_with("Rolled back:"), "{says}");
        })
        .await;
}

#[tokio::test]
async fn the_command_line_and_the_page_show_the_same() {
    story(async |t| {
        let id = t.asked().await;
        t.quiet().await;
        let records = t.records(&id).len();
        let plan = t.plan(&id).await.json();
        let (code, json, problems) = t.plan_command(&["--json", id.as_str()]).await;
        assert_eq!((code, problems.as_str()), (0, ""));
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), plan);
        let (code, text, problems) = t.plan_command(&[id.as_str()]).await;
        assert_eq!((code, problems.as_str()), (0, ""));
        let question = t.newest_question(&id);
        let page = t.see(Who::Ada, &question).await.sentence();
        for (at, (line, _)) in lines(&plan).iter().enumerate() {
            let numbered = format!("{:>3}. {line}\n", at + 1);
            assert!(text.contains(&numbered), "{numbered}: {text}");
            assert!(page.contains(line), "{line}: {page}");
        }
        assert_eq!(t.records(&id).len(), records);
        t.approve_as(Who::Ada, &id).await.taken();
        t.wait_until(&id, "live").await;
        let (_, text, _) = t.plan_command(&[id.as_str()]).await;
        assert!(text.contains("the lease is anybody's (done)"), "{text}");
        assert!(text.contains("ends this earlier (under way)"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn where_there_is_no_plan_it_says_why() {
    story(async |t| {
        let id = t.register_model(ModelKind::Worse).await;
        t.wait_until(&id, "blocked").await;
        let refused = t.plan(&id).await;
        refused.refused(409, "Blocked by its gates");
        assert_eq!(refused.json()["error"]["code"], "NoPlan");
        let (code, text, problems) = t.plan_command(&[id.as_str()]).await;
        assert_eq!((code, text.as_str()), (1, ""));
        assert!(problems.starts_with("There is no plan"), "{problems}");
        let none = PromotionId::new("none-1.r-0");
        t.plan(&none).await.refused(404, "no promotion");
        let (code, _, problems) = t.plan_command(&[none.as_str()]).await;
        assert_eq!((code, problems), (3, format!("There is no promotion `{none}`.\n")));
        let (code, _, problems) = t.plan_command(&["../x"]).await;
        assert_eq!(code, 3);
        assert!(problems.starts_with("There is no promotion `../x`; "), "{problems}");
        let mut unset = tokio::process::Command::new(HANDLER);
        unset.args(["plan", id.as_str()]).env_clear();
        let told = unset.output().await.unwrap();
        let problems = String::from_utf8(told.stderr).unwrap();
        let known = "The storage account is not known: LIFTLOCK_STORAGE_URL is not set; give it as the app has it.\n";
        assert_eq!((told.status.code(), problems.as_str()), (Some(2), known));
        let path = format!("/api/v1/promotions/{id}/plan");
        t.see_unknown(&path).await.refused(401, "Sign in");
    })
    .await;
}
