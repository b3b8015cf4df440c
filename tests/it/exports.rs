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
    layout 2: 77fe2b5ea98d306f format-2 aborted
    layout 2: f197ea2763a5465c format-2 blocked
    layout 2: 38b2337baea605a6 format-2 blocked-by-no-number
    layout 2: a0950b86d89c5b10 format-2 expired
    layout 2: c82c04bebb16e82b format-2 failed
    layout 2: 7903778ea6bcfa53 format-2 finished
    layout 2: 6bc19f4139c1376b format-2 finished-after-a-mirror
    layout 2: 1883b0195491883e format-2 finished-after-pauses
    layout 2: b7a23a205967ce72 format-2 finished-after-replay
    layout 2: eae7dbc78d2b0631 format-2 finished-by-a-newer-one
    layout 2: 27973c2a3f583e48 format-2 finished-in-attempt-3
    layout 2: c459b4a50e3bd36f format-2 finished-unsure
    layout 2: 1d36b44fe657a718 format-2 finished-watched
    layout 2: 878383aff1b79743 format-2 finished-without-a-way-back
    layout 2: 6381fc18b089c2a3 format-2 refused
    layout 2: 00c83e655d7c8b29 format-2 refused-by-a-hold
    layout 2: f1542983badf61ab format-2 rejected
    layout 2: 6bec2bf875312c57 format-2 rolled-back
    layout 2: cef926058f86603b format-2 rolled-back-and-held
    layout 2: f4a18b5e6a081a92 format-2 rolled-back-by-analysis
    layout 2: bae0b95c04c3a6b6 format-2 superseded
    layout 2: 7a7a062a80c29900 format-2 voided
    layout 2: 5246e920e083f4b7 format-3 aborted
    layout 2: 5436214cb2d82d05 format-3 blocked
    layout 2: 4c08360d83e745bb format-3 blocked-by-no-number
    layout 2: a4d9105356dc9b02 format-3 expired
    layout 2: 576e9fd184e07a6e format-3 failed
    layout 2: abbfd77212915e74 format-3 finished
    layout 2: 7347fe973c230838 format-3 finished-after-a-load-test
    layout 2: 85451c44830f089d format-3 finished-after-a-mirror
    layout 2: e64ca817d3fd8567 format-3 finished-after-callers-requests
    layout 2: 0854ce99356aa26c format-3 finished-after-drift
    layout 2: d524eed38252f49b format-3 finished-after-drift-that-was-put-back
    layout 2: af2088e46ae05dde format-3 finished-after-pauses
    layout 2: 967cc0265e68713a format-3 finished-after-replay
    layout 2: f305d44267712707 format-3 finished-by-a-newer-one
    layout 2: b71058ee75e8e937 format-3 finished-by-http
    layout 2: 8af27a1a269c2e89 format-3 finished-in-attempt-3
    layout 2: 19d418bc8d14170d format-3 finished-in-batch
    layout 2: bcd1077634afb907 format-3 finished-unsure
    layout 2: f24d4c2dfcddd7a3 format-3 finished-watched
    layout 2: aede2562f66248ba format-3 finished-with-code
    layout 2: d4d2d362acc4ea6c format-3 finished-without-a-way-back
    layout 2: 7d2849d5a7e295f2 format-3 refused
    layout 2: 30a90138595acc99 format-3 refused-by-a-hold
    layout 2: e9e0e3e646d203cd format-3 rejected
    layout 2: b7b27fe550bf93e3 format-3 rolled-back
    layout 2: e6b46eeccc6c88ef format-3 rolled-back-and-held
    layout 2: 1e7c47f16613f91e format-3 rolled-back-by-a-load-test
    layout 2: 72191b713bb6d6b5 format-3 rolled-back-by-analysis
    layout 2: 5320713914d2f233 format-3 rolled-back-by-drift
    layout 2: 1ef8058dd4de5540 format-3 rolled-back-by-test-job
    layout 2: 4d974274f955acf7 format-3 rolled-back-without-a-way-back
    layout 2: 6c33d40301f864da format-3 superseded
    layout 2: 00d85781c5ada580 format-3 voided
    layout 2: c47443d467850e06 format-4 aborted
    layout 2: 7de4017121ebd287 format-4 blocked
    layout 2: e9e7d7c84af59706 format-4 blocked-by-no-number
    layout 2: fd8e8defcf347555 format-4 expired
    layout 2: b1c957b29e662bce format-4 failed
    layout 2: 64dc4e641fca1da8 format-4 finished
    layout 2: beb27de2675ec499 format-4 finished-after-a-load-test
    layout 2: 4577496eabe83490 format-4 finished-after-a-mirror
    layout 2: 6f0cf2d003b7e13c format-4 finished-after-a-word-taken-back
    layout 2: 2c8fc86e077fb545 format-4 finished-after-a-word-taken-back-from-a-failure
    layout 2: 0753c1b6ea15c209 format-4 finished-after-callers-requests
    layout 2: 02573c6cdb29da72 format-4 finished-after-drift
    layout 2: ec638f48a3debff0 format-4 finished-after-drift-that-was-put-back
    layout 2: 74f99364aa7b2e7d format-4 finished-after-escalation
    layout 2: 35a86ec26806df07 format-4 finished-after-escalation-elsewhere
    layout 2: 0f1a388478ddbed0 format-4 finished-after-pauses
    layout 2: 3f09c6c4316993f0 format-4 finished-after-replay
    layout 2: 248fc6fcbd0ce0c5 format-4 finished-automatically
    layout 2: 387930cec694c078 format-4 finished-by-a-newer-one
    layout 2: 353d520879f110f0 format-4 finished-by-clicks
    layout 2: 3ce8b66489ab5985 format-4 finished-by-http
    layout 2: 53b64833a71bd63b format-4 finished-in-attempt-3
    layout 2: 807bb35237e27543 format-4 finished-in-batch
    layout 2: c035dbe41b8f18d9 format-4 finished-overridden
    layout 2: d89020b369b2a79f format-4 finished-reviewed
    layout 2: c50eff79ecb9f434 format-4 finished-then-reviewed
    layout 2: 4e652c647de302bd format-4 finished-then-reviewed-in-vain
    layout 2: 3beb10de55ddd3c6 format-4 finished-unsure
    layout 2: 427f7d61ce955f47 format-4 finished-watched
    layout 2: f875b406e27a2ab8 format-4 finished-with-a-required-role
    layout 2: 29739548634004e3 format-4 finished-with-code
    layout 2: 08d354c332e2d088 format-4 finished-with-strangers
    layout 2: c0bd8abcec522f5e format-4 finished-without-a-way-back
    layout 2: 859dfe91e5b81623 format-4 refused
    layout 2: 6c3222064fdb0276 format-4 refused-by-a-hold
    layout 2: b5450b88059c0339 format-4 rejected
    layout 2: 0f17819945026150 format-4 rejected-after-overrides
    layout 2: d2fb703d80f80c53 format-4 rolled-back
    layout 2: 3c26090db90f9457 format-4 rolled-back-and-held
    layout 2: b6bb0c484c55f101 format-4 rolled-back-by-a-load-test
    layout 2: 27d0ba74a2b781b8 format-4 rolled-back-by-analysis
    layout 2: a3f9ea835623aa8e format-4 rolled-back-by-drift
    layout 2: e46a181cf699a3dc format-4 rolled-back-by-test-job
    layout 2: 30e0c4a0f0729c36 format-4 rolled-back-without-a-way-back
    layout 2: c2dc4fff68d01061 format-4 superseded
    layout 2: ae590055c1a57c8c format-4 voided
    layout 2: a3dec0ec42de2cb0 with secrets
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
    insta::assert_snapshot!([journal.text, changed.text, same.text, hidden.text].concat(), @"
    x.audit.json: its journal fits, its readable part was not compared: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 17 records, 1 attempt, rejected; its readable part is by liftlock 0.0.9, layout 0 and was not compared, for the words of liftlock 0.1.0, layout 2 may differ: believe its journal only, or verify it with that release
    x.audit.json: does not fit: record 12 was changed: its checksum does not fit
    x.audit.json: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 17 records, 1 attempt, rejected
    a/x.audit.json: fits as far as it can be proven: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 64 records, 1 attempt, finished; records 0, 8, 32, 33 are shown without their secrets and prove their places only; its journal, beside it or by --journal, proves all of it; its readable part is by liftlock 0.0.9 and was not compared, for the words of liftlock 0.1.0, layout 2 may differ: believe its journal only, or verify it with that release
    ");
}
