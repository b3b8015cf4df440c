//! Exported files by command line: what is shown without its secrets, what that leaves unproven, and what proves it.

use promotion::{Chain, Digest, Effect, Fact, Line};
use serde_json::Value;
use std::path::{Path, PathBuf};

use super::audit::{audit, exported, folder_with, name_of, put, sample, samples};

/// `finished` with secrets in it: a variable of the deployment, wherever that is written, and an operation's address.
fn secretive() -> (String, Vec<u8>) {
    let journal = sample("format-2", "finished");
    let name = name_of(&journal);
    let (lines, _) = Chain::read::<Fact>(&name, &journal).unwrap();
    let mut chain = Chain::begin(&name);
    let mut bytes = Vec::new();
    let secret = ("KEY".to_owned(), "SECRET-VALUE".to_owned());
    for Line { fact, at, .. } in lines {
        let mut facts = vec![fact];
        match &mut facts[0] {
            Fact::Opened { route, .. } => {
                route
                    .rollout
                    .deployment
                    .environment_variables
                    .extend([secret.clone()]);
            }
            Fact::Planned { key, effect } => {
                if let Effect::CreateDeployment { spec, .. } = effect.as_mut() {
                    spec.environment_variables.extend([secret.clone()]);
                    let key = key.clone();
                    let operation =
                        "https://management.example/operations/1?t=SECRET-TOKEN".to_owned();
                    facts.push(Fact::Submitted { key, operation });
                }
            }
            Fact::Pinned { pinned } => {
                let spec = &mut pinned.plan.deployment_spec;
                spec.environment_variables.extend([secret.clone()]);
            }
            // The closing record counts one more.
            Fact::Closed { records } => *records += 1,
            _ => {}
        }
        bytes.extend(chain.extend(&facts, at, "n").0);
    }
    (name, bytes)
}

/// The record of this kind in an exported file: its number, and its line as it stands there.
fn line_of(text: &str, kind: &str) -> (usize, String) {
    let json: Value = serde_json::from_str(text).unwrap();
    let wanted = format!("\"type\":\"{kind}\"");
    let mut lines = json["journal"].as_array().unwrap().iter().enumerate();
    let found = lines.find(|(_, line)| line.as_str().unwrap().contains(&wanted));
    let (number, line) = found.unwrap();
    (number, line.to_string())
}

#[test]
fn no_secret_is_in_an_exported_file() {
    let (name, journal) = secretive();
    assert!(String::from_utf8_lossy(&journal).contains("SECRET-TOKEN"));
    let (folder, text) = exported(&journal);
    assert!(!text.contains("SECRET"), "{name}");
    // A record that hides nothing may not be listed among those that do.
    let json: Value = serde_json::from_str(&text).unwrap();
    let hidden = json["shownWithoutSecrets"].as_array().unwrap();
    let last = hidden.last().unwrap();
    let more = text.replace(&format!("    {last}\n"), &format!("    {last},\n    60\n"));
    assert_ne!(more, text);
    std::fs::write(folder.path().join("x.audit.json"), more).unwrap();
    let answer = audit(folder.path(), &["verify", "x.audit.json"]);
    assert_eq!(answer.code, 1);
    insta::assert_snapshot!(answer.text, @r#"x.audit.json: does not fit: record 60 is listed as shown without its secrets, and has none that are hidden"#);
}

#[test]
fn what_is_shown_without_its_secrets_fits_only_as_far_as_it_can_be_proven() {
    let (name, journal) = secretive();
    let (beside, text) = exported(&journal);
    let alone = tempfile::tempdir().unwrap();
    put(&alone.path().join("x.audit.json"), text.as_bytes());
    put(&alone.path().join("j/any.jsonl"), &journal);
    let part = audit(alone.path(), &["verify", "x.audit.json"]);
    assert_eq!(part.code, 3, "{}", part.text);
    let whole = audit(beside.path(), &["verify", "x.audit.json"]);
    assert_eq!(whole.code, 0, "{}", whole.text);
    let by_name = ["verify", "x.audit.json", "--journal", "j/any.jsonl"];
    let named = audit(alone.path(), &by_name);
    assert_eq!(named.code, 0, "{}", named.text);
    insta::assert_snapshot!(part.text + &whole.text + &named.text, @r#"
    x.audit.json: fits as far as it can be proven: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 64 records, 1 attempt, finished; records 0, 8, 32, 33 are shown without their secrets and prove their places only; what comes from them is marked; its journal, beside it or by --journal, proves all of it
    x.audit.json: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 64 records, 1 attempt, finished; records 0, 8, 32, 33 are shown without their secrets and, as all others, are those of diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl
    x.audit.json: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 64 records, 1 attempt, finished; records 0, 8, 32, 33 are shown without their secrets and, as all others, are those of j/any.jsonl
    "#);
    let json = audit(alone.path(), &["verify", "x.audit.json", "--json"]).text;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["fit"], &json["partly"]), (&0.into(), &1.into()));
    assert_eq!(json["journals"][0]["verdict"], "asFarAsProven");
    assert_eq!(json["journals"][0]["fits"], false);
    assert_eq!(json["journals"][0]["journal"], name.as_str());
}

#[test]
fn what_rests_on_a_record_without_its_secrets_says_so() {
    let (_, text) = exported(&secretive().1);
    let json: Value = serde_json::from_str(&text).unwrap();
    let pinned = line_of(&text, "pinned").0;
    let ground = format!("record {pinned}, which is shown without its secrets");
    let (whole, attempt) = (&json["promotion"], &json["promotion"]["attempts"][0]);
    let opened = "record 0, which is shown without its secrets";
    assert_eq!(whole["aboveRestsOn"], opened);
    assert_eq!(attempt["beganRestsOn"], opened);
    assert_eq!(attempt["asked"]["restsOn"], ground.as_str());
    for gate in attempt["gates"].as_array().unwrap() {
        assert_eq!(gate["restsOn"], ground.as_str());
    }
    let marked: Vec<usize> = (whole["records"].as_array().unwrap().iter().enumerate())
        .filter(|(_, record)| record["restsOn"].is_string())
        .map(|(number, _)| number)
        .collect();
    let hidden = serde_json::to_value(marked).unwrap();
    assert_eq!(hidden, json["shownWithoutSecrets"]);
    let plain = exported(&sample("format-2", "rejected")).1;
    assert!(!plain.contains("RestsOn") && !plain.contains("restsOn"));
}

/// What a forger can make of a file whose question is shown without its secrets: other figures, everywhere alike.
fn forged(text: &str) -> String {
    let (_, line) = line_of(text, "pinned");
    let other = line.replace("55.5", "5.5");
    assert_ne!(line, other);
    text.replace(&line, &other)
        .replace("\"value\": \"55.5\"", "\"value\": \"5.5\"")
        .replace("rmse is 55.5;", "rmse is 5.5;")
}

#[test]
fn forged_figures_never_simply_fit_and_the_journal_finds_them() {
    let (_, journal) = secretive();
    let (folder, text) = exported(&journal);
    put(
        &folder.path().join("alone/x.audit.json"),
        forged(&text).as_bytes(),
    );
    let alone = audit(folder.path(), &["verify", "alone/x.audit.json"]);
    assert_eq!(alone.code, 3, "{}", alone.text);
    put(
        &folder.path().join("x.audit.json"),
        forged(&text).as_bytes(),
    );
    let beside = audit(folder.path(), &["verify", "x.audit.json"]);
    assert_eq!(beside.code, 1, "{}", beside.text);
    let other = sample("format-2", "rejected");
    put(
        &folder.path().join("other.jsonl"),
        &other[..other.len() - 9],
    );
    let other = ["verify", "x.audit.json", "--journal", "other.jsonl"];
    let other = audit(folder.path(), &other);
    assert_eq!(other.code, 1, "{}", other.text);
    let gone = ["verify", "x.audit.json", "--journal", "gone.jsonl"];
    let gone = audit(folder.path(), &gone);
    assert_eq!((gone.code, gone.text.as_str()), (2, ""));
    insta::assert_snapshot!(beside.text + &other.text + &gone.problems, @r#"
    x.audit.json: does not fit: record 8 is not what stands in its journal
    x.audit.json: does not fit: the journal that should prove its records does not fit: record 16 was cut: its line does not end
    gone.jsonl cannot be read: No such file or directory (os error 2)
    "#);
}

#[test]
fn a_record_is_not_hidden_by_a_word_in_another_place() {
    let (folder, text) = exported(&sample("format-2", "rejected"));
    let (number, line) = line_of(&text, "pinned");
    // As a forger would: a variable where the plan has none, and one where no plan has any.
    for (old, new) in [
        (
            "{\\\"source\\\"",
            "{\\\"environmentVariables\\\":{\\\"A\\\":\\\"(not shown)\\\"},\\\"source\\\"",
        ),
        (
            "\\\"fact\\\":{",
            "\\\"fact\\\":{\\\"operation\\\":\\\"(not shown)\\\",",
        ),
    ] {
        let other = line.replacen(old, new, 1);
        assert_ne!(line, other);
        let listed = format!("\"shownWithoutSecrets\": [\n    {number}\n  ]");
        let text = text
            .replace(&line, &other)
            .replace("\"shownWithoutSecrets\": []", &listed);
        put(&folder.path().join("x.audit.json"), text.as_bytes());
        let answer = audit(folder.path(), &["verify", "x.audit.json"]);
        assert_eq!(answer.code, 1, "{}", answer.text);
        assert!(
            answer.text.contains("has none that are hidden"),
            "{}",
            answer.text
        );
    }
}

#[test]
fn an_export_of_an_open_journal_is_proven_by_what_the_journal_became() {
    let (name, journal) = secretive();
    let text = String::from_utf8(journal.clone()).unwrap();
    let open: String = text.split_inclusive('\n').take(40).collect();
    assert_eq!(name_of(open.as_bytes()), name);
    let (folder, _) = exported(open.as_bytes());
    put(&folder.path().join(format!("{name}.jsonl")), &journal);
    let answer = audit(folder.path(), &["verify", "x.audit.json"]);
    assert_eq!(answer.code, 0, "{}", answer.text);
    let shorter = text.split_inclusive('\n').take(39).collect::<String>();
    let folder_of_less = folder_with(shorter.as_bytes(), &name);
    let less = folder_of_less.path().join(format!("{name}.jsonl"));
    let less = [
        "verify",
        "x.audit.json",
        "--journal",
        less.to_str().unwrap(),
    ];
    let answer = audit(folder.path(), &less);
    assert_eq!(answer.code, 1, "{}", answer.text);
    assert!(answer.text.contains("record 39 is not"), "{}", answer.text);
}

/// Exported files as releases wrote them, one a layout; they verify for ever.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/exported")
}

fn written_by(text: &str) -> String {
    let json: Value = serde_json::from_str(text).unwrap();
    json["writtenBy"].as_str().unwrap().to_owned()
}

#[test]
fn what_was_once_exported_verifies_for_ever() {
    let now = written_by(&exported(&sample("format-2", "rejected")).1);
    let (_, layout) = now.split_once(", ").unwrap();
    let kept_now = kept().join(format!("{}.audit.json", layout.replace(' ', "-")));
    let text = std::fs::read_to_string(&kept_now).unwrap_or_default();
    assert!(
        written_by(&text).ends_with(layout),
        "keep an exported file of {layout}"
    );
    let all = audit(&kept(), &["verify", "--ended"]);
    assert_eq!((all.code, all.problems.as_str()), (0, ""), "{}", all.text);
    let kept_now = audit(&kept(), &["verify", kept_now.to_str().unwrap()]);
    assert!(kept_now.text.contains(": fits: "), "{}", kept_now.text);
}

/// The words of a layout are its own: where this fails, raise `Dossier::LAYOUT`, keep an exported file of it in
/// `tests/it/exported`, and then take the new digests.
#[test]
#[expect(clippy::too_many_lines, reason = "one line for each kept journal")]
fn other_words_are_another_layout() {
    let mut told = String::new();
    for format in ["format-2", "format-3", "format-4"] {
        told += &digests(format);
    }
    let (layout, digest) = digest(&secretive().1);
    told += &[&layout, ": ", &digest, " with secrets\n"].concat();
    insta::assert_snapshot!(told, @"
    layout 1: c24e3825ae2c4413 format-2 aborted
    layout 1: e90b5411633de9fa format-2 blocked
    layout 1: ea3c5f5ef76a83e6 format-2 blocked-by-no-number
    layout 1: f6a089ffe1a044d7 format-2 expired
    layout 1: 45b4172f4cd5f5e5 format-2 failed
    layout 1: a42abf48f5dab63e format-2 finished
    layout 1: 954694c91a29d15c format-2 finished-after-a-mirror
    layout 1: 94b7eca8bdf0697d format-2 finished-after-pauses
    layout 1: 26da357d53deabba format-2 finished-after-replay
    layout 1: c65ac95a55a22d3f format-2 finished-by-a-newer-one
    layout 1: f2d97676b0f9a41c format-2 finished-in-attempt-3
    layout 1: 9a7678d04e1cdabd format-2 finished-unsure
    layout 1: dc6662165cd25cf0 format-2 finished-watched
    layout 1: c0431491569d45b2 format-2 finished-without-a-way-back
    layout 1: 30db6b5061f0ea3f format-2 refused
    layout 1: ded9490197e3917e format-2 refused-by-a-hold
    layout 1: d458905bcf314de1 format-2 rejected
    layout 1: f40a72588bde212e format-2 rolled-back
    layout 1: 6c7d2e36d75c05e1 format-2 rolled-back-and-held
    layout 1: 5c251b8bc6e835c1 format-2 rolled-back-by-analysis
    layout 1: 835f9574b13cd95e format-2 superseded
    layout 1: 3785d28d0aac9493 format-2 voided
    layout 1: d7b842a6a2977dc1 format-3 aborted
    layout 1: 4fae10b54c09325a format-3 blocked
    layout 1: 274e536e75cd5787 format-3 blocked-by-no-number
    layout 1: 4eecf271654be236 format-3 expired
    layout 1: 609d783cdd72b5cc format-3 failed
    layout 1: 51386fe83eb8c1c3 format-3 finished
    layout 1: c2cb186d5243d0fe format-3 finished-after-a-load-test
    layout 1: 6178503f7315246e format-3 finished-after-a-mirror
    layout 1: 208d6df869202891 format-3 finished-after-callers-requests
    layout 1: 84c4dc71aba70a02 format-3 finished-after-drift
    layout 1: 9eeb9aa616b91e60 format-3 finished-after-drift-that-was-put-back
    layout 1: 4eeac9321a095883 format-3 finished-after-pauses
    layout 1: 1563effe5e7b4609 format-3 finished-after-replay
    layout 1: 61255845b8260928 format-3 finished-by-a-newer-one
    layout 1: fffbf89cca5fdb62 format-3 finished-by-http
    layout 1: ea0873caa5b4db6f format-3 finished-in-attempt-3
    layout 1: 1c1834916724cd66 format-3 finished-in-batch
    layout 1: 86eb62a23e8cc9a7 format-3 finished-unsure
    layout 1: a93f482f9012c803 format-3 finished-watched
    layout 1: 238e8b6ac3f1afcf format-3 finished-with-code
    layout 1: 10b78212e1b9a346 format-3 finished-without-a-way-back
    layout 1: 0d7cbcecd5bab485 format-3 refused
    layout 1: 5e01179d908ad7af format-3 refused-by-a-hold
    layout 1: 9a078606204825f8 format-3 rejected
    layout 1: 68eeb2c5d61d3982 format-3 rolled-back
    layout 1: 9ee6500a2cd9efb5 format-3 rolled-back-and-held
    layout 1: b3497bbe9bad9184 format-3 rolled-back-by-a-load-test
    layout 1: 1290836fc799d690 format-3 rolled-back-by-analysis
    layout 1: 08cede04da643229 format-3 rolled-back-by-drift
    layout 1: ccdc0d326c530eb6 format-3 rolled-back-by-test-job
    layout 1: 1e9d0c029ad3facc format-3 rolled-back-without-a-way-back
    layout 1: cdca68805c25a98e format-3 superseded
    layout 1: 01114055153aff47 format-3 voided
    layout 1: 5fcc04fb44e5484d format-4 aborted
    layout 1: 5f8a091961965957 format-4 blocked
    layout 1: e33d73e0cfc716e1 format-4 blocked-by-no-number
    layout 1: 3ddfbdeccf147d99 format-4 expired
    layout 1: 7c1bfc793caa4d79 format-4 failed
    layout 1: 626c1778d2c1cdc5 format-4 finished
    layout 1: a5e6a51092105a85 format-4 finished-after-a-load-test
    layout 1: 2e909dd06842499c format-4 finished-after-a-mirror
    layout 1: 004de53831ebe3af format-4 finished-after-a-word-taken-back
    layout 1: 6f944c17345b7d46 format-4 finished-after-callers-requests
    layout 1: 2d28ef425d9e1d1d format-4 finished-after-drift
    layout 1: 956d58843f63d577 format-4 finished-after-drift-that-was-put-back
    layout 1: 8ea7b633027642fc format-4 finished-after-escalation
    layout 1: d5ebf79405a6894d format-4 finished-after-escalation-elsewhere
    layout 1: 2f6509ef1dcd3a60 format-4 finished-after-pauses
    layout 1: c8396c819cdb289f format-4 finished-after-replay
    layout 1: f698ecf5a0e28f13 format-4 finished-automatically
    layout 1: aad55b15a4461001 format-4 finished-by-a-newer-one
    layout 1: 66e55fc7bce56ef6 format-4 finished-by-clicks
    layout 1: 6d843270509562d4 format-4 finished-by-http
    layout 1: 996745b7bf72e77e format-4 finished-in-attempt-3
    layout 1: a4b11216cdb6c025 format-4 finished-in-batch
    layout 1: cf1c5e1d2a226ea0 format-4 finished-overridden
    layout 1: 5d78c5855c5f4fff format-4 finished-reviewed
    layout 1: 7ed0987e7ae8aacd format-4 finished-then-reviewed
    layout 1: 2e6360ed9f24d1fa format-4 finished-unsure
    layout 1: a144a0a7b65fd9b9 format-4 finished-watched
    layout 1: f1d4ca9fd1533d31 format-4 finished-with-a-required-role
    layout 1: 16e6943bc736d864 format-4 finished-with-code
    layout 1: 5e16fa8ccec4aa45 format-4 finished-with-strangers
    layout 1: faf77ab5f2647983 format-4 finished-without-a-way-back
    layout 1: 46fabcfeb9a6ddaa format-4 refused
    layout 1: 3d5dc308c856ac5f format-4 refused-by-a-hold
    layout 1: 927312d6c8762e67 format-4 rejected
    layout 1: 661571834f176f9c format-4 rolled-back
    layout 1: ddd513c6f131e934 format-4 rolled-back-and-held
    layout 1: a5fb3168fb9eb7bc format-4 rolled-back-by-a-load-test
    layout 1: 839b6ec368ea80f3 format-4 rolled-back-by-analysis
    layout 1: 4f640aeb8915010a format-4 rolled-back-by-drift
    layout 1: 91567a4c6b84287a format-4 rolled-back-by-test-job
    layout 1: c7045cf87305c6b0 format-4 rolled-back-without-a-way-back
    layout 1: bc9d95b838a4320f format-4 superseded
    layout 1: 06e7be49d665a535 format-4 voided
    layout 1: e8a2b33182257216 with secrets
    ");
}

/// The layout that a journal is exported in, and what its words come to.
fn digest(journal: &[u8]) -> (String, String) {
    let text = exported(journal).1;
    let by = written_by(&text);
    let (release, layout) = by.split_once(", ").unwrap();
    let digest = Digest::of(text.replacen(release, "", 1).as_bytes()).to_string();
    (layout.to_owned(), digest[..16].to_owned())
}

fn digests(format: &str) -> String {
    let mut names: Vec<String> = std::fs::read_dir(samples(format))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .filter(|name| !name.starts_with("intake"))
        .collect();
    names.sort();
    let line = |name: String| {
        let (layout, digest) = digest(&sample(format, &name));
        [&layout, ": ", &digest, " ", format, " ", &name, "\n"].concat()
    };
    names.into_iter().map(line).collect()
}

#[test]
fn another_releases_words_are_not_compared_and_its_journal_is() {
    let (folder, text) = exported(&sample("format-2", "rejected"));
    let by = written_by(&text);
    let older = text
        .replace(&by, "liftlock 0.0.9, layout 0")
        .replace("Ben rejected", "Ben has rejected");
    let file = folder.path().join("x.audit.json");
    put(&file, older.as_bytes());
    let journal = audit(folder.path(), &["verify", "x.audit.json"]);
    assert_eq!(journal.code, 0, "{}", journal.text);
    put(
        &file,
        older
            .replace(
                "\\\"kind\\\":\\\"reject\\\"",
                "\\\"kind\\\":\\\"approve\\\"",
            )
            .as_bytes(),
    );
    let changed = audit(folder.path(), &["verify", "x.audit.json"]);
    assert_eq!(changed.code, 1, "{}", changed.text);
    // The same words under another release's name were compared all the same.
    let (release, layout) = by.split_once(", ").unwrap();
    assert_ne!(release, "liftlock 9.9.9");
    put(
        &file,
        text.replace(&by, &format!("liftlock 9.9.9, {layout}"))
            .as_bytes(),
    );
    let same = audit(folder.path(), &["verify", "x.audit.json"]);
    assert_eq!(same.code, 0, "{}", same.text);
    let (alone, hidden) = exported(&secretive().1);
    put(
        &alone.path().join("a/x.audit.json"),
        hidden
            .replace(&by, "liftlock 0.0.9")
            .replace(" approved", " said yes")
            .as_bytes(),
    );
    let hidden = audit(alone.path(), &["verify", "a/x.audit.json"]);
    assert_eq!(hidden.code, 3, "{}", hidden.text);
    insta::assert_snapshot!([journal.text, changed.text, same.text, hidden.text].concat(), @r#"
    x.audit.json: its journal fits, its readable part was not compared: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 17 records, 1 attempt, rejected; its readable part is by liftlock 0.0.9, layout 0 and was not compared, for the words of liftlock 0.1.0, layout 1 may differ: believe its journal only, or verify it with that release
    x.audit.json: does not fit: record 12 was changed: its checksum does not fit
    x.audit.json: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 17 records, 1 attempt, rejected
    a/x.audit.json: fits as far as it can be proven: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 64 records, 1 attempt, finished; records 0, 8, 32, 33 are shown without their secrets and prove their places only; its journal, beside it or by --journal, proves all of it; its readable part is by liftlock 0.0.9 and was not compared, for the words of liftlock 0.1.0, layout 1 may differ: believe its journal only, or verify it with that release
    "#);
}
