//! What every file keeps to: size, words that have no place, names of machines and people.

use super::{git, kept, none, read, rust};

/// A file of more lines does too much; its tests do not count.
const ALARM: usize = 500;

#[test]
fn no_file_is_a_book() {
    let long = rust().into_iter().filter_map(|(path, text)| {
        let own = text.lines().take_while(|line| *line != "#[cfg(test)]");
        let lines = own.count();
        (lines > ALARM && !is_test(&path)).then(|| format!("{path}: {lines} lines"))
    });
    none(&long.collect::<Vec<_>>(), "split it by what it is about");
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests")
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not hold them.
    let words = [
        ["to", "do!"],
        ["unimpl", "emented!"],
        ["#[ign", "ore"],
        ["#[all", "ow("],
        ["#![all", "ow("],
        ["db", "g!("],
    ]
    .map(|parts| parts.concat());
    let mut found = Vec::new();
    for (path, text) in rust() {
        for (number, line) in text.lines().enumerate() {
            let word = words.iter().find(|word| line.contains(*word));
            found.extend(word.map(|word| format!("{path}:{}: {word}", number + 1)));
        }
    }
    none(
        &found,
        "do it, drop it, or say `#[expect(lint, reason = \"…\")]`",
    );
}

#[test]
fn no_file_knows_a_machine_or_a_person() {
    let homes = ["/ho", "/Us", "/ro", "/wo", "C:\\Us"]
        .iter()
        .zip(["me/", "ers/", "ot/", "rk/", "ers\\"])
        .map(|(one, two)| format!("{one}{two}"))
        .collect::<Vec<_>>();
    let mut found = Vec::new();
    for path in kept().into_iter().filter(|path| !is_lock(path)) {
        for (number, line) in read(&path).unwrap_or_default().lines().enumerate() {
            let at = number + 1;
            let home = homes.iter().find(|home| line.contains(*home));
            found.extend(home.map(|home| format!("{path}:{at}: {home}")));
            found.extend(addresses(line).map(|address| format!("{path}:{at}: {address}")));
        }
    }
    none(
        &found,
        "a checkout is anybody's: use relative paths and addresses of *.example",
    );
}

/// E-mail addresses outside the domains that are nobody's.
fn addresses(line: &str) -> impl Iterator<Item = &str> {
    let of_address = |c: char| c.is_ascii_alphanumeric() || "@._%+-".contains(c);
    line.split(move |c| !of_address(c)).filter(|word| {
        let Some((user, host)) = word.trim_matches('.').split_once('@') else {
            return false;
        };
        let top = host.rsplit('.').next().unwrap_or_default();
        let written =
            host.contains('.') && top.len() > 1 && top.bytes().all(|b| b.is_ascii_alphabetic());
        !user.is_empty() && written && top != "example"
    })
}

fn is_lock(path: &str) -> bool {
    path.ends_with("Cargo.lock") || path.ends_with("package-lock.json")
}

#[test]
fn lock_files_are_kept_and_what_is_made_is_not() {
    let tracked = git(&["ls-files"]);
    for lock in ["Cargo.lock", "tests/browser/package-lock.json"] {
        assert!(
            tracked.iter().any(|path| path == lock),
            "{lock} is not kept"
        );
    }
    let made = ["target", "node_modules", ".cache", ".venv", "__pycache__"];
    let endings = [".zip", ".pyc", ".log", ".pending-snap", ".snap.new"];
    let bad = tracked.into_iter().filter(|path| {
        path.split('/').any(|part| made.contains(&part))
            || endings.iter().any(|ending| path.ends_with(ending))
    });
    none(
        &bad.collect::<Vec<_>>(),
        "git rm --cached, and into .gitignore",
    );
}

#[test]
fn an_address_of_a_person_is_seen() {
    let seen = |line| addresses(line).collect::<Vec<_>>();
    let somebody = ["jane.doe", "contoso.com"].join("@");
    let line = format!("by <{somebody}>.");
    assert_eq!(seen(&line), [somebody.as_str()]);
    assert!(seen("azurite@3.37.0 ada@contoso.example @media x@y").is_empty());
}
