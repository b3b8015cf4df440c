//! `liftlock test`: the real binary on the example's tests, on wrong ones, on ones that cannot be read.

use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

use crate::setting::{HANDLER, example};

struct Answer {
    code: i32,
    text: String,
    problems: String,
}

/// Runs `liftlock test` in this folder, with nothing in its environment.
fn run(folder: &Path, arguments: &[&str]) -> Answer {
    let output = Command::new(HANDLER)
        .arg("test")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    Answer {
        code: output.status.code().unwrap(),
        text: String::from_utf8(output.stdout).unwrap(),
        problems: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A test of the example that is sound, but for what is said.
fn told(config: &str, more: &str) -> String {
    let config = example().join(config);
    format!(
        "config: {}\nevent: {{ modelRegistered: {{ model: diabetes, version: 7 }} }}\n\
         champion: {{ version: 6, metrics: {{ rmse: 58 }} }}\n{more}",
        config.display()
    )
}

/// A folder with these tests in it, named by their place.
fn folder(tests: &[String]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, text) in tests.iter().enumerate() {
        let path = folder.path().join(format!("{number}.test.yaml"));
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// What is told of one test.
fn one(text: String) -> Answer {
    run(folder(&[text]).path(), &["."])
}

const GOOD: &str = "candidate: { metrics: { rmse: 55 }, trainedBy: tina }\nvotes: [{ by: ada }]\n";

#[test]
fn the_examples_tests_are_as_expected() {
    let answer = run(&example(), &[]);
    insta::assert_snapshot!(answer.text, @"
    ok      whoever aborts in the pause gets the champion back
    ok      another model takes no route
    ok      what beats the champion is asked about, and goes live step by step
    ok      a model with an rmse of 70 is blocked, and nobody is asked
    ok      what is too slow under load never has traffic
    ok      where nobody answers in three days nothing is promoted
    ok      where nothing serves yet, a completed job's output gets all of the traffic at once
    ok      where too few requests say anything a person is asked, and goes on
    ok      five percent errors at half of the traffic take it back
    ok      one person's no is enough, and who trained it has no say
    ok      a model that answers one number for two patients gets no traffic

    11 tests: all as expected
    ");
    assert_eq!((answer.code, answer.problems.as_str()), (0, ""));
}

#[test]
fn another_decision_is_told_with_its_reason_and_its_timeline() {
    let test = told(
        "liftlock.yaml",
        "name: a model with an rmse of 70 goes live\n\
         candidate: { metrics: { rmse: 70 }, trainedBy: tina }\n\
         expect: { blockedBy: none, ends: live, traffic: [10, 100], cards: [live] }\n",
    );
    let answer = one(test);
    insta::assert_snapshot!(answer.text, @"
    FAILED  a model with an rmse of 70 goes live (./0.test.yaml)
      blockedBy: expected none
                 was      [rmse at most 60, rmse at least 1 % lower than the champion's]
      ends: expected live
            was      blocked
      traffic: expected [10, 100]
               was      none
      cards: expected [live]
             was      [blocked]
      Blocked by its gates: rmse is 70; allowed is ≤ 60. rmse is 70; allowed is ≤ 57.42, at least 1 % lower than the champion's 58.
            00:00:00  Opened for diabetes 7 on route diabetes-to-prod, by event 2026-01-05/8687b55f64627664e12677803286f62b
            00:00:00  Gathering evidence for the gates
            00:00:00  Blocked by its gates: rmse is 70; allowed is ≤ 60. rmse is 70; allowed is ≤ 57.42, at least 1 % lower than the champion's 58.
            00:00:00  Post the card “blocked”

    1 test: 0 as expected, 1 not
    ");
    assert_eq!((answer.code, answer.problems.as_str()), (1, ""));
}

#[test]
fn a_route_that_is_changed_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    copy(&example(), folder.path());
    let path = folder.path().join("liftlock.yaml");
    let route = std::fs::read_to_string(&path).unwrap();
    let laxer = route.replace("max: 60", "max: 80").replace("0.01", "-0.5");
    std::fs::write(&path, laxer).unwrap();
    let answer = run(folder.path(), &[]);
    let failed: Vec<&str> = answer
        .text
        .lines()
        .filter(|line| line.starts_with("FAILED"))
        .collect();
    insta::assert_snapshot!(failed.join("\n"), @"FAILED  a model with an rmse of 70 is blocked, and nobody is asked (./tests/blocked-by-rmse.test.yaml)");
    assert_eq!(answer.code, 1);
}

#[test]
fn of_several_promotions_one_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    copy(&example(), folder.path());
    let here = |name: &str| folder.path().join(name);
    let read = |name: &str| std::fs::read_to_string(here(name)).unwrap();
    let endpoint = read("endpoints/diabetes.yml").replace("name: diabetes", "name: shadow");
    std::fs::write(here("endpoints/shadow.yml"), endpoint).unwrap();
    let config = read("liftlock.yaml");
    let (_, first) = config.split_once("routes:\n").unwrap();
    let second = first
        .replace("diabetes-to-prod", "shadow-to-prod")
        .replace("endpoints/diabetes.yml", "endpoints/shadow.yml")
        .replace("max: 60", "max: 75");
    std::fs::write(here("liftlock.yaml"), config.clone() + &second).unwrap();
    let test = "name: x\nevent: { modelRegistered: { model: diabetes, version: 7 } }\n\
                candidate: { metrics: { rmse: 70 }, trainedBy: tina }\nvotes: [{ by: ada }]\n\
                expect: { routes: [diabetes-to-prod, shadow-to-prod], ends: live }\n";
    let told = |route: &str| {
        std::fs::write(here("tests/several.test.yaml"), format!("{test}{route}")).unwrap();
        run(folder.path(), &["tests/several.test.yaml"])
    };
    assert_eq!(told("route: shadow-to-prod\n").code, 0);
    assert!(
        told("route: diabetes-to-prod\n")
            .text
            .contains("rmse is 70")
    );
    assert!(
        told("")
            .text
            .contains("say with `route` which one is meant")
    );
}

/// A folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn a_timeline_tells_the_same_measurement_once() {
    let answer = run(
        &example(),
        &["--verbose", "tests/regression-goes-back.test.yaml"],
    );
    insta::assert_snapshot!(answer.text, @"
    ok      five percent errors at half of the traffic take it back (tests/regression-goes-back.test.yaml)
      Rolled back: error-rate is worse than allowed in the analysis beside the steps: 0.05, failed (result < 0.01; 380 requests).
            00:00:00  Opened for diabetes 7 on route diabetes-to-prod, by event 2026-01-05/8687b55f64627664e12677803286f62b
            00:00:00  Gathering evidence for the gates
            00:00:00  Both gates have passed; asked for approval until 2026-01-08 08:00:00 UTC
            00:00:00  Post the card “approval needed”
            00:00:00  ada approved
            00:00:00  Approved; copying the files
            00:00:00  Post the card “approved”
            00:00:00  Copied; registering the version
            00:00:00  Registered; making the target ready
            00:00:00  The target is ready; making the deployment
            00:00:00  The deployment is up; testing it
            00:00:00  Done: smoke test → passed, HTTP 200 in 0 ms
            00:00:00  Tested; moving traffic
            00:00:00  Set the endpoint's traffic: 100 % champion-v6, 20 % of the requests copied to ll-diabetes-7-dfefd5a0-1
            00:00:00  same-distribution 0.02, as it should be (result < 0.25; 10 requests)
            00:00:00  Set the endpoint's traffic: 90 % champion-v6, 10 % ll-diabetes-7-dfefd5a0-1
            00:08:00  error-rate 0.001, as it should be (result < 0.01; 400 requests); latency 40, as it should be (result < 80; 100 requests) (3 times)
            00:08:00  error-rate 0.001, as it should be (result < 0.01; 400 requests); latency-beside-champion 1.1, as it should be (result < 1.5; 100 requests) (3 times)
            00:10:00  Set the endpoint's traffic: 50 % champion-v6, 50 % ll-diabetes-7-dfefd5a0-1
            00:11:00  error-rate 0.05, failed (result < 0.01; 380 requests); latency 40, as it should be (result < 80; 100 requests)
            00:11:00  On its way back: error-rate is worse than allowed in the analysis beside the steps: 0.05, failed (result < 0.01; 380 requests)
            00:11:00  Set the endpoint's traffic: 100 % champion-v6
            00:13:00  Rolled back: error-rate is worse than allowed in the analysis beside the steps: 0.05, failed (result < 0.01; 380 requests).
            00:13:00  Post the card “rolled back”

    1 test: all as expected
    ");
    assert_eq!(answer.code, 0);
}

#[test]
fn slips_are_told_with_line_and_remedy() {
    let tests = [
        "name: a\nevent: { modelRegister: { model: m, version: 1 } }\nexpect: { ends: alive }\n".to_owned(),
        "name: b\nevent: { modelRegistered: { model: m, version: 1 } }\nacts: [{ abort: no, at: step nine }]\n\
         measurements: { error-rate: [0.1, often] }\nexpect: {}\nexpects: 1\n"
            .to_owned(),
        told("missing.yaml", "name: c\nexpect: { ends: live }\n").replace(&example().display().to_string(), ".."),
        told("liftlock.yaml", &format!("name: d\n{GOOD}expect: {{ ends: live }}\n")),
    ];
    let answer = run(folder(&tests).path(), &["."]);
    insta::assert_snapshot!(format!("{}\n{}", answer.text, answer.problems), @"
    ok      d

    1 test: 1 as expected, 0 not; 3 more could not be read

    ./0.test.yaml:2: event: unknown key `modelRegister`
        help: did you mean `modelRegistered`?
    ./0.test.yaml:2: event.modelRegistered: no event is told
        help: write one of `modelRegistered`, `runCompleted`, `eventGrid`, `file`
    ./0.test.yaml:3: expect.ends: `alive` is not known here
        help: did you mean `live`?
    3 problems
    ./1.test.yaml:3: acts[0].at: `step nine` is no step and no stage
        help: write `step 4`, counted as the plan counts, or one of `gating`, `awaiting approval`, `copying`, `registering`, `waiting for target`, `deploying`, `testing`, `shifting`, `live`
    ./1.test.yaml:4: measurements.error-rate[1] is no value
        help: write a list of numbers, `none`, `error` or `{ value: …, samples: …, fromWeight: … }`
    ./1.test.yaml:5: expect.ends: nothing is expected
        help: write at least `ends`
    ./1.test.yaml:6: unknown key `expects`
        help: did you mean `expect`?
    4 problems
    ./2.test.yaml: there is no configuration `../missing.yaml`; name it from the test's folder
    ");
    assert_eq!(answer.code, 2);
}

#[test]
fn a_folder_without_tests_is_no_success() {
    let answer = run(folder(&[]).path(), &["."]);
    insta::assert_snapshot!(answer.problems, @"liftlock: there is no `*.test.yaml` in `.`, nor in a folder `tests` there; docs/user-tests.md shows one");
    assert_eq!((answer.code, answer.text.as_str()), (2, ""));
}

#[test]
fn a_program_reads_the_same() {
    let wrong = told("liftlock.yaml", "name: wrong\nexpect: { ends: live }\n");
    let answer = run(folder(&[wrong]).path(), &["--json", "."]);
    let json: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(answer.code, 1);
    assert_eq!((&json["ok"], &json["failed"]), (&0.into(), &1.into()));
    let test = &json["tests"][0];
    assert_eq!(test["otherwise"][0]["actual"], "blocked");
    assert!(
        test["timeline"][0]["says"]
            .as_str()
            .unwrap()
            .starts_with("Opened for")
    );
}

#[test]
fn what_people_do_is_played() {
    let good = |more: &str| told("liftlock.yaml", &format!("name: x\n{GOOD}{more}"));
    let resumed = |more: &str| told("resumed.yaml", &format!("name: x\n{GOOD}{more}"));
    let tests = [
        good(
            "acts: [{ rollBack: it smells, at: live, after: 3h }]\nexpect: { ends: rolled back, because: it smells, traffic: [10, 100, 0] }\n",
        ),
        good(
            "acts: [{ abort: not today }]\nexpect: { ends: aborted, traffic: [], cards: [approvalAsked, aborted] }\n",
        ),
        resumed(
            "acts: [{ resume: looks good, after: 1d }]\nexpect: { ends: live, cards: [approvalAsked, approved, paused, live] }\n",
        ),
        resumed("expect: { ends: rolled back, because: nobody resumed }\n"),
        good(
            "acts: [{ abort: no, roles: [Somebody], at: step 2 }]\nexpect: { ends: live, refused: [Model.Approver] }\n",
        ),
        told(
            "liftlock.yaml",
            "name: x\ncandidate: { metrics: { rmse: 55 } }\nvotes: [{ by: ada }]\nexpect: { ends: expired }\n",
        ),
    ];
    let answer = run(folder(&tests).path(), &["."]);
    assert_eq!(answer.code, 0, "{}{}", answer.text, answer.problems);
}

#[test]
fn events_come_as_event_grid_sends_them() {
    let event = r#"{ "source": "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-ml-dev/providers/Microsoft.MachineLearningServices/workspaces/ml-dev",
        "id": "1", "type": "Microsoft.MachineLearningServices.ModelRegistered", "time": "2026-02-03T04:05:06Z",
        "data": { "modelName": "diabetes", "modelVersion": "9" } }"#;
    let config = example().join("liftlock.yaml");
    let test = |how: &str| {
        format!(
            "name: x\nconfig: {}\nevent: {{ {how} }}\n{GOOD}expect: {{ ends: live, traffic: [100] }}\n",
            config.display()
        )
    };
    let folder = folder(&[
        test(&format!("eventGrid: {event}")),
        test("file: event.json"),
    ]);
    std::fs::write(folder.path().join("event.json"), event).unwrap();
    let answer = run(folder.path(), &["."]);
    assert_eq!(answer.code, 0, "{}{}", answer.text, answer.problems);
}

#[test]
fn what_a_test_leaves_open_fails_it() {
    let cases = [
        (
            "liftlock.yaml",
            "votes: [{ by: tina }, { by: ada }]\nexpect: { ends: live }\n",
            "Refused to tina",
        ),
        (
            "liftlock.yaml",
            "votes: [{ by: ada }]\nacts: [{ abort: no, at: step 9 }]\nexpect: { ends: live }\n",
            "never came to where somebody acts",
        ),
        (
            "watched.yaml",
            "votes: [{ by: ada }]\nmeasurements: { latency: [1], error-rate: [0] }\nexpect: { ends: live }\n",
            "same-distribution was measured",
        ),
        (
            "liftlock.yaml",
            "route: another\nexpect: { ends: live }\n",
            "opens nothing on route another",
        ),
    ];
    for (config, more, says) in cases {
        let candidate = "name: x\ncandidate: { metrics: { rmse: 55 }, trainedBy: tina }\n";
        let answer = one(told(config, &format!("{candidate}{more}")));
        assert_eq!(answer.code, 1, "{}{}", answer.text, answer.problems);
        assert!(answer.text.contains(says), "{}", answer.text);
    }
}
