//! The official verifier (npm `botframework-connector`) beside ours: whatever we accept, it accepts; its four holes are ours
//! to close. Runs where npm's packages are installed (`make test` does that).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cloud_sim::Identity as Ids;
use serde_json::json;

use super::attacks::Should;
use super::connector::{Vector, ask, bot_keys, vectors};
use super::mutations::{Chance, mutated};
use super::oracle_cases::{edges, good, publish};
use super::world::World;

/// Changed tokens and activities beside the vectors.
const MUTATIONS: usize = 400;

/// What the official verifier accepts and we do not.
const HOLES: [&str; 4] = [
    "no exp",
    "a key without endorsements",
    "no channel and a key without endorsements",
    "neither says a serviceUrl",
];

fn browser() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser")
}

/// Why it cannot run here.
fn missing() -> Option<&'static str> {
    if !browser()
        .join("node_modules/botframework-connector/package.json")
        .exists()
    {
        return Some("tests/browser/node_modules has no botframework-connector");
    }
    let node = Command::new("node")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    match node {
        Ok(status) if status.success() => None,
        Ok(_) | Err(_) => Some("node is not here"),
    }
}

fn mutations(from: &[Vector]) -> Vec<Vector> {
    let mut chance = Chance::new(7);
    let mut mutation = |number: usize| {
        let vector = &from[number % from.len()];
        let mut changed = Vector {
            name: format!("{} changed ({number})", vector.name),
            authorization: vector.authorization.clone(),
            service_url: vector.service_url.clone(),
            channel: vector.channel.clone(),
            should: Should::Refuse,
        };
        let part = match chance.below(4) {
            0 => &mut changed.service_url,
            1 => &mut changed.channel,
            _ => &mut changed.authorization,
        };
        mutated(part, &mut chance).trim().clone_into(part);
        changed
    };
    (0..MUTATIONS).map(&mut mutation).collect()
}

/// What the official verifier says of each.
fn official(world: &World, vectors: &[Vector]) -> Vec<bool> {
    let asked: Vec<_> = vectors
        .iter()
        .map(|vector| {
            json!({"authorization": vector.authorization, "serviceUrl": vector.service_url, "channelId": vector.channel})
        })
        .collect();
    let question =
        json!({"metadata": world.metadata(), "appId": Ids::BOT_APP_ID, "vectors": asked});
    let mut node = Command::new("node")
        .arg(browser().join("bot_oracle.cjs"))
        // It writes about every key that it does not know.
        .stderr(Stdio::null())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = node.stdin.take().unwrap();
    stdin.write_all(question.to_string().as_bytes()).unwrap();
    drop(stdin);
    let said = node.wait_with_output().unwrap();
    assert!(said.status.success(), "the oracle failed");
    serde_json::from_slice(&said.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_we_accept_the_official_verifier_accepts_and_its_holes_are_closed() {
    if let Some(why) = missing() {
        // Through the capture of the test harness, so that whoever reads the output learns of it.
        let line = format!("skipped: bot-oracle {why}\n");
        drop(std::io::stderr().write_all(line.as_bytes()));
        return;
    }
    let world = World::new().await;
    publish(&world, bot_keys());
    let (named, good, edges) = (vectors(&world), good(&world), edges(&world));
    let counts = (named.len(), good.len(), edges.len());
    let mut all: Vec<Vector> = named.into_iter().chain(good).collect();
    let changed = mutations(&all);
    all.extend(edges);
    let told = all.len();
    all.extend(changed);
    let theirs = official(&world, &all);
    assert_eq!(theirs.len(), all.len());
    let bots = world.identity.bots().unwrap();
    let (mut agreed, mut stricter, mut laxer, mut holes) = (0, 0, vec![], vec![]);
    for (number, (vector, theirs)) in all.iter().zip(theirs).enumerate() {
        let ours = ask(bots, vector).await.is_ok();
        // What is changed at random may still be good, if only the scheme's blanks were.
        if number < told {
            assert_eq!(ours, vector.should == Should::Accept, "{}", vector.name);
        }
        match (ours, theirs) {
            (true, true) => agreed += 1,
            (false, true) => stricter += 1,
            (true, false) => laxer.push(vector.name.as_str()),
            (false, false) => {}
        }
        if theirs && !ours && HOLES.contains(&vector.name.as_str()) {
            holes.push(vector.name.as_str());
        }
    }
    let (named, good, edges) = counts;
    println!(
        "bot-oracle: {named} vectors, {good} good ones written otherwise, {edges} at the edge, {MUTATIONS} mutations: {agreed} accepted \
         by both, {stricter} by the official verifier only, {} by us only, {} refused by both",
        laxer.len(),
        all.len() - agreed - stricter - laxer.len()
    );
    assert_eq!(laxer, Vec::<&str>::new(), "we accept what it refuses");
    holes.sort_unstable();
    let mut expected = HOLES;
    expected.sort_unstable();
    assert_eq!(holes, expected);
    assert!(agreed >= good + 3, "{agreed} accepted by both");
}
