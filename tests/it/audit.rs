//! The audit by command line: the real binary, kept journals, what was changed in them.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

use crate::setting::HANDLER;

/// What the program answered.
pub(super) struct Answer {
    pub(super) code: i32,
    pub(super) text: String,
    pub(super) problems: String,
}

/// Runs `liftlock audit` in this folder, with nothing in its environment.
pub(super) fn audit(folder: &Path, arguments: &[&str]) -> Answer {
    let output = Command::new(HANDLER)
        .arg("audit")
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

pub(super) fn sample(format: &str, name: &str) -> Vec<u8> {
    std::fs::read(samples(format).join(format!("{name}.jsonl"))).unwrap()
}

pub(super) fn samples(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("crates/promotion/tests/journals")
        .join(format)
}

/// The name that a journal begins with.
pub(super) fn name_of(journal: &[u8]) -> String {
    use promotion::audit::{Named, Wanted, verify};
    verify(journal, Named::Freely, Wanted::Anything)
        .unwrap()
        .journal
}

/// A folder with this journal under its own name.
pub(super) fn folder_with(journal: &[u8], name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join(format!("{name}.jsonl")), journal);
    folder
}

pub(super) fn put(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn with_changed(journal: &[u8], old: &str, new: &str) -> Vec<u8> {
    let text = String::from_utf8(journal.to_vec()).unwrap();
    assert!(text.contains(old), "{old}");
    text.replacen(old, new, 1).into_bytes()
}

#[test]
fn a_folder_of_journals_fits() {
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(samples("format-2")).unwrap() {
        let journal = std::fs::read(entry.unwrap().path()).unwrap();
        let path = format!("{count}/{}.jsonl", name_of(&journal));
        put(&folder.path().join(path), &journal);
        count += 1;
    }
    put(&folder.path().join("notes.txt"), b"no journal");
    for arguments in [vec!["verify"], vec!["verify", ".", "--ended"]] {
        let answer = audit(folder.path(), &arguments);
        assert_eq!(
            (answer.code, answer.problems.as_str()),
            (0, ""),
            "{}",
            answer.text
        );
        assert_eq!(answer.text.lines().count(), count);
        assert!(answer.text.lines().all(|line| line.contains(": fits: ")));
    }
    let answer = audit(folder.path(), &["verify", "--json"]);
    let json: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!((&json["fit"], &json["misfit"]), (&count.into(), &0.into()));
    let keys = [&json, &json["journals"][0]].map(|object| object.as_object().unwrap().keys());
    let mut keys = keys.into_iter().flatten();
    assert!(keys.all(|key| !key.contains(['_', '-'])), "{}", answer.text);
    assert_eq!(json["journalFits"], 0);
    assert_eq!(json["journals"][0]["closed"], true);
}

#[test]
fn an_older_journal_fits_and_says_what_is_not_proven() {
    let journal = sample("format-1", "rejected");
    let folder = folder_with(&journal, &name_of(&journal));
    let answer = audit(folder.path(), &["verify"]);
    assert_eq!(answer.code, 0);
    insta::assert_snapshot!(answer.text, @r#"./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: 15 records, 1 attempt, rejected; the last record is of format 1 and has no checksum of its own"#);
}

#[test]
fn what_does_not_fit_is_named_with_its_first_record() {
    let journal = sample("format-2", "rejected");
    let name = name_of(&journal);
    let text = String::from_utf8(journal.clone()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let without = |record: usize| [lines[..record].concat(), lines[record + 1..].concat()].concat();
    let cases = [
        (
            "a changed vote",
            with_changed(&journal, "\"approve\"", "\"Approve\""),
        ),
        (
            "a changed last record",
            with_changed(&journal, "\"records\":16", "\"records\":17"),
        ),
        ("a dropped record", without(3).into_bytes()),
        (
            "a newer format",
            with_changed(&journal, "\"format\":2", "\"format\":3"),
        ),
        ("half a line", journal[..journal.len() - 10].to_vec()),
        ("nothing", vec![]),
    ];
    let mut told = String::new();
    for (what, bytes) in cases {
        let folder = folder_with(&bytes, &name);
        let answer = audit(folder.path(), &["verify"]);
        assert_eq!(answer.code, 1, "{what}");
        told += &[what, ": ", &answer.text].concat();
    }
    let folder = folder_with(&journal, "diabetes-3.diabetes-to-prod-0123456789");
    let answer = audit(folder.path(), &["verify"]);
    assert_eq!(answer.code, 1);
    insta::assert_snapshot!(told + &answer.text, @"
    a changed vote: ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: does not fit: record 11 was changed: its checksum does not fit
    a changed last record: ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: does not fit: record 16 was changed: its checksum does not fit
    a dropped record: ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: does not fit: record 3 does not follow from the one before it
    a newer format: ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: does not fit: record 0 was changed: its checksum does not fit
    half a line: ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: does not fit: record 16 was cut: its line does not end
    nothing: ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: does not fit: the journal is empty
    ./diabetes-3.diabetes-to-prod-0123456789.jsonl: does not fit: the file is called `diabetes-3.diabetes-to-prod-0123456789.jsonl`, and record 0 begins the journal `diabetes-2.diabetes-to-prod-dfb5e0c3f7`, whose file is called `diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl`
    ");
}

#[test]
fn an_open_journal_fits_unless_it_is_said_to_have_ended() {
    let text = String::from_utf8(sample("format-2", "rejected")).unwrap();
    let open: String = text.split_inclusive('\n').take(9).collect();
    let folder = folder_with(open.as_bytes(), &name_of(open.as_bytes()));
    let (may, must) = (
        audit(folder.path(), &["verify"]),
        audit(folder.path(), &["verify", "--ended"]),
    );
    assert_eq!((may.code, must.code), (0, 1));
    insta::assert_snapshot!(may.text + &must.text, @r#"
    ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: open, 9 records, 1 attempt, awaiting approval; its tail cannot be proven
    ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: does not fit: record 9 is missing: the journal ends while awaiting approval
    "#);
}

/// The lines of a kept journal, each with its line break.
fn lines_of(name: &str) -> Vec<String> {
    let text = String::from_utf8(sample("format-2", name)).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

#[test]
fn a_whole_container_is_checked_with_the_list_of_what_has_closed() {
    let (open, ended) = (
        lines_of("rejected")[..9].concat(),
        lines_of("intake-opened"),
    );
    let (promotion, intake) = (name_of(open.as_bytes()), name_of(ended.concat().as_bytes()));
    let folder = folder_with(open.as_bytes(), &promotion);
    let journal = folder.path().join(format!("{intake}.jsonl"));
    let marker = format!("closed/2026-11/{intake}");
    put(
        &folder.path().join("list.txt"),
        format!("{marker}\r\n\n").as_bytes(),
    );
    put(&folder.path().join("state").join(&marker), b"");
    let listed = |list| audit(folder.path(), &["verify", "--closed-list", list]);
    put(&journal, ended.concat().as_bytes());
    for list in ["list.txt", "state"] {
        let answer = listed(list);
        assert_eq!(
            (answer.code, answer.problems.as_str()),
            (0, ""),
            "{}",
            answer.text
        );
    }
    // Cut right before its closing record, its own bytes give nothing away.
    put(&journal, ended[..ended.len() - 1].concat().as_bytes());
    assert_eq!(audit(folder.path(), &["verify"]).code, 0);
    let mut told = String::new();
    for list in ["list.txt", "state"] {
        let answer = listed(list);
        assert_eq!(answer.code, 1, "{}", answer.text);
        told += &answer.text;
    }
    std::fs::remove_file(&journal).unwrap();
    let gone = listed("list.txt");
    assert_eq!(gone.code, 1, "{}", gone.text);
    put(&folder.path().join("list.txt"), b"\n");
    let (empty, missing, unnamed) = (listed("list.txt"), listed("none.txt"), listed(""));
    assert_eq!((empty.code, missing.code, unnamed.code), (2, 2, 2));
    told += &[
        gone.text,
        empty.problems,
        missing.problems,
        unnamed.problems,
    ]
    .concat();
    insta::assert_snapshot!(told, @r#"
    ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: open, 9 records, 1 attempt, awaiting approval; its tail cannot be proven
    ./intake/ml-dev/run-2.diabetes-baadf00584.jsonl: does not fit: record 12 is missing: the journal ends while opening
    ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: open, 9 records, 1 attempt, awaiting approval; its tail cannot be proven
    ./intake/ml-dev/run-2.diabetes-baadf00584.jsonl: does not fit: record 12 is missing: the journal ends while opening
    ./diabetes-2.diabetes-to-prod-dfb5e0c3f7.jsonl: fits: promotion diabetes-2.diabetes-to-prod-dfb5e0c3f7: open, 9 records, 1 attempt, awaiting approval; its tail cannot be proven
    run-2.diabetes-baadf00584: does not fit: it is listed as closed, and no journal of this name is here
    list.txt names no journal: a listing of closed/ has a name a line
    none.txt cannot be read: No such file or directory (os error 2)
    error: a value is required for '--closed-list <FILE>' but none was supplied

    For more information, try '--help'.
    "#);
}

/// Whoever keeps journals may keep notes beside them, and beside the markers.
#[test]
fn what_is_no_journal_is_passed_over_in_folders() {
    let journal = sample("format-2", "rejected");
    let name = name_of(&journal);
    let folder = folder_with(&journal, &name);
    for notes in ["README.md", "state/README.md", "notes.json", ".DS_Store"] {
        put(&folder.path().join(notes), b"# Journals");
    }
    put(&folder.path().join("state/closed/2026-11").join(&name), b"");
    let answer = audit(folder.path(), &["verify", "--closed-list", "state"]);
    assert_eq!(
        (answer.code, answer.problems.as_str()),
        (0, ""),
        "{}",
        answer.text
    );
    assert_eq!(answer.text.lines().count(), 1, "{}", answer.text);
    std::fs::remove_file(folder.path().join(format!("{name}.jsonl"))).unwrap();
    let nothing = audit(folder.path(), &["verify"]);
    assert_eq!(nothing.code, 2, "{}", nothing.text);
    assert!(nothing.problems.starts_with("there is no journal here"));
}

#[test]
fn nothing_to_check_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let empty = audit(folder.path(), &["verify"]);
    let missing = audit(folder.path(), &["verify", "gone.jsonl"]);
    assert_eq!((empty.code, missing.code), (2, 2));
    assert_eq!(audit(folder.path(), &["verify", "--backwards"]).code, 2);
    let foreign = folder.path().join("foreign.json");
    put(&foreign, b"{}");
    let foreign = audit(folder.path(), &["verify", "foreign.json"]);
    assert_eq!(foreign.code, 1);
    insta::assert_snapshot!(empty.problems + &missing.problems + &foreign.text, @r#"
    there is no journal here: name *.jsonl files or folders with them
    gone.jsonl cannot be read: No such file or directory (os error 2)
    foreign.json: does not fit: it is not an exported file: missing field `liftlockAudit` at line 1 column 2
    "#);
}

/// A promotion's export and the folder it lies in.
pub(super) fn exported(journal: &[u8]) -> (TempDir, String) {
    let name = name_of(journal);
    let folder = folder_with(journal, &name);
    let from = format!("{name}.jsonl");
    let answer = audit(
        folder.path(),
        &["export", &name, "--from", &from, "--out", "x.audit.json"],
    );
    assert_eq!((answer.code, answer.problems.as_str()), (0, ""));
    assert_eq!(answer.text, "x.audit.json is written\n");
    let text = std::fs::read_to_string(folder.path().join("x.audit.json")).unwrap();
    let printed = audit(folder.path(), &["export", &name, "--from", &from]);
    assert_eq!(printed.text, text);
    (folder, text)
}

#[test]
fn an_exported_file_reads_from_top_to_bottom_and_holds_its_journal() {
    for name in [
        "rejected",
        "finished-in-attempt-3",
        "blocked-by-no-number",
        "voided",
    ] {
        let journal = sample("format-2", name);
        let (folder, text) = exported(&journal);
        let answer = audit(folder.path(), &["verify", "--ended"]);
        assert_eq!(
            (answer.code, answer.text.lines().count()),
            (0, 2),
            "{}",
            answer.text
        );
        let json: Value = serde_json::from_str(&text).unwrap();
        let lines = json["journal"].as_array().unwrap();
        let held: String = lines
            .iter()
            .map(|line| line.as_str().unwrap().to_owned() + "\n")
            .collect();
        assert_eq!(held.as_bytes(), journal);
    }
    let (_, text) = exported(&sample("format-2", "rejected"));
    let readable = text.split("\n    \"records\"").next().unwrap().to_owned();
    insta::assert_snapshot!(readable);
}

#[test]
fn an_exported_file_that_was_changed_is_found_out() {
    let (folder, text) = exported(&sample("format-2", "rejected"));
    let file = folder.path().join("x.audit.json");
    let doubled = "  \"checkWith\": \"look away\",\n  \"checkWith\"";
    let cases = [
        ("\"vote\": \"rejected\"", "\"vote\": \"approved\""),
        ("\"name\": \"Ben\"", "\"name\": \"Eve\""),
        ("\"55.5\"", "\"5.5\""),
        (
            "\"shownWithoutSecrets\": []",
            "\"shownWithoutSecrets\": [8]",
        ),
        (
            "\"shownWithoutSecrets\": []",
            "\"shownWithoutSecrets\": [99]",
        ),
        (
            "\\\"kind\\\":\\\"reject\\\"",
            "\\\"kind\\\":\\\"approve\\\"",
        ),
        ("  \"checkWith\"", doubled),
        ("\n", "\r\n"),
        ("\"liftlockAudit\": 1", "\"liftlockAudit\": 2"),
        ("\"endings\": [", "\"endings\": [],\n        \"ends\": ["),
    ];
    let mut told = String::new();
    for (old, new) in cases {
        assert!(text.contains(old), "{old}");
        std::fs::write(&file, text.replacen(old, new, 1)).unwrap();
        let answer = audit(folder.path(), &["verify", "x.audit.json"]);
        assert_eq!(answer.code, 1, "{new}: {}", answer.text);
        told += &answer.text;
    }
    insta::assert_snapshot!(told, @r#"
    x.audit.json: does not fit: promotion.attempts[0].votes[1].vote says "approved", and its journal says "rejected"
    x.audit.json: does not fit: promotion.people[1].name says "Eve", and its journal says "Ben"
    x.audit.json: does not fit: promotion.attempts[0].evidence[0].runMetrics.rmse says "5.5", and its journal says "55.5"
    x.audit.json: does not fit: record 8 is listed as shown without its secrets, and has none that are hidden
    x.audit.json: does not fit: record 99 is listed as shown without its secrets, and has none that are hidden
    x.audit.json: does not fit: record 12 was changed: its checksum does not fit
    x.audit.json: does not fit: its readable part is not laid out as it was written; export it again
    x.audit.json: does not fit: its readable part is not laid out as it was written; export it again
    x.audit.json: does not fit: it is an exported file of version 2, and this release reads version 1; update Liftlock
    x.audit.json: does not fit: promotion.attempts[0].endings[0] says nothing, and its journal says {"at":"2026-11-23 07:00:00 UTC","ending":"rejected","says":"Rejected by Ben: “looks \"good\"”"}
    "#);
}

#[test]
fn what_cannot_be_exported_says_why() {
    let journal = sample("format-2", "rejected");
    let name = name_of(&journal);
    let folder = folder_with(&with_changed(&journal, "\"approve\"", "\"Approve\""), &name);
    let intake = sample("format-2", "intake-opened");
    put(&folder.path().join("intake.jsonl"), &intake);
    let from = format!("{name}.jsonl");
    let (intake_name, beyond) = (name_of(&intake), "no/such/folder/x.audit.json");
    put(&folder.path().join("good.jsonl"), &journal);
    let mut told = String::new();
    for (code, arguments) in [
        (1, vec!["export", &name, "--from", &from]),
        (1, vec!["export", "diabetes-3", "--from", "good.jsonl"]),
        (1, vec!["export", &intake_name, "--from", "intake.jsonl"]),
        (2, vec!["export", &name, "--from", "gone.jsonl"]),
        (
            2,
            vec!["export", &name, "--from", "good.jsonl", "--out", beyond],
        ),
        (2, vec!["export", &name]),
        (2, vec!["export", "../x"]),
    ] {
        let answer = audit(folder.path(), &arguments);
        assert_eq!(
            (answer.code, answer.text.as_str()),
            (code, ""),
            "{arguments:?}"
        );
        told += &answer.problems;
    }
    insta::assert_snapshot!(told, @r#"
    diabetes-2.diabetes-to-prod-dfb5e0c3f7 cannot be exported: record 11 was changed: its checksum does not fit
    diabetes-3 cannot be exported: record 0 begins the journal `diabetes-2.diabetes-to-prod-dfb5e0c3f7`, and `diabetes-3` was asked for
    intake/ml-dev/run-2.diabetes-baadf00584 cannot be exported: it is the journal of the intake `intake/ml-dev/run-2.diabetes-baadf00584`; promotions are exported
    gone.jsonl cannot be read: No such file or directory (os error 2)
    no/such/folder/x.audit.json cannot be written: No such file or directory (os error 2)
    the storage account is not known; set LIFTLOCK_STORAGE_URL as the app has it, or name a journal with --from: LIFTLOCK_STORAGE_URL is not set
    `../x` is no promotion's id; its page and the board show it
    "#);
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let journal = sample("format-2", "rejected");
    let name = name_of(&journal);
    let folder = folder_with(&journal, &name);
    let from = format!("{name}.jsonl");
    for arguments in [
        vec!["audit", "export", &name, "--from", &from],
        vec!["audit", "verify"],
        vec!["schema"],
        vec!["check"],
    ] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let output = Command::new(HANDLER)
            .args(&arguments)
            .current_dir(folder.path())
            .env_clear()
            .stdout(full)
            .output()
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains("cannot be written: No space left"), "{told}");
    }
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let schema = Command::new(HANDLER).arg("schema").stdout(writer).status();
    assert_eq!(schema.unwrap().code(), Some(0));
}
