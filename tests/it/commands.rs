//! The command line by itself: what it offers, and that its page names all of it.

use crate::setting::HANDLER;

fn help(arguments: &[&str]) -> String {
    let output = std::process::Command::new(HANDLER)
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn what_is_too_long_is_not_told_in_full() {
    let long = "x".repeat(2001);
    let output = std::process::Command::new(HANDLER)
        .args([
            "approve",
            "diabetes-2.to-prod-0123456789",
            "--comment",
            &long,
        ])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("xxx…' for '--comment <COMMENT>': it has 2001 characters, and 2000 are kept"),
        "{said}"
    );
    assert!(said.len() < 300, "{said}");
}

/// What is listed under `Commands:`, without clap's own `help`.
fn commands() -> Vec<String> {
    let text = help(&["-h"]);
    let (_, list) = text.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names = list.lines().filter(|line| line.starts_with("  "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    let own = names.filter(|name| *name != "help");
    own.map(str::to_owned).collect()
}

#[test]
fn what_can_be_asked_is_listed_in_a_line_each() {
    insta::assert_snapshot!(help(&["-h"]), @"
    Promotes machine-learning models to production

    Usage: liftlock [COMMAND]

    Commands:
      status      Show what is on its way and what is held; with an id, how that promotion stands
      why         Say why a promotion is where it is, and what happens next
      approve     Show what a promotion asks, and approve exactly that
      reject      Show what a promotion asks, and reject it: one is enough. Needs a comment
      revoke      Take back what you have said: your approval, your wish to override, or both, as long as nothing is copied. Needs a comment
      override    Go past the quorum, windows and the freezes that stand when the first of two says so: no approval, and told to everybody. Needs a comment
      review      Say what you found when you looked at an override afterwards. It changes nothing that is on its way
      start       Start a promotion of a registered version that no event has started. Said again, it is the same promotion
      abort       End a promotion that is on its way; what serves goes on serving
      rollback    Take a candidate back that has traffic already [alias: roll-back]
      resume      End the pause that a rollout waits in
      reopen      Ask again about what has ended: new evidence, new answers, and as a rule not yours
      replay      Go on where a promotion has failed, within what people agreed to
      hold        Keep everything new from a target, until somebody lifts that
      unhold      Lift what holds a target
      freeze      Stop the line: nothing new starts to change a stage, a model or anything. What goes back is not stopped
      unfreeze    Let the line go on
      whoami      Show as whom the app knows you: your roles, your groups as far as routes name them, and until when you are signed in
      check       Check a configuration: every problem at once, with its line and a remedy. Exits with 1 if there are any
      schema      Print the JSON Schema of liftlock.yaml, for editors
      test        Run tests of a configuration: what happens in them is made up, what is decided is not. Needs no Azure and no time
      audit       Prove what journals say, or hand one to an auditor
      plan        Show what a promotion will do, call by call, before anyone approves, and how far it is afterwards
      repair      Rebuild markers and targets from journals and events, beside a running app, with the app's settings
      completion  Print a completion script for a shell, to be read at its start
      help        Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version
    ");
}

#[test]
fn the_page_names_every_command_and_no_other() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `liftlock "));
    let mut named: Vec<&str> = rows
        .filter_map(|row| row.split([' ', '`']).next())
        .collect();
    named.dedup();
    named.sort_unstable();
    let mut known = commands();
    known.sort_unstable();
    assert_eq!(named, known);
}

#[test]
fn every_command_that_asks_the_app_names_its_exit_codes() {
    let mut asking = 0;
    for name in commands() {
        let text = help(&[&name, "--help"]);
        if text.contains("--app <URL>") {
            asking += 1;
            assert!(
                text.contains("Exit codes:") && text.contains("  4  "),
                "{name}"
            );
        }
    }
    assert!(asking >= 12, "{asking}");
}
