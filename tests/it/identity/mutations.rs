//! Hundreds of thousands of headers that nobody would send, against the readers of headers and tokens: none is believed
//! and none makes them fail otherwise than in a refusal.
//!
//! Made of two kinds: one valid input with up to eight bytes changed, taken out, doubled or moved, and random bytes. All
//! follow from the seed in the loop.

use super::world::{ADA, FORWARDED, SERVICE, World, headers, signed};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

/// Inputs a reader, per kind.
const EACH: u64 = 170_000;

/// A small generator whose next number follows from the last (xorshift).
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// A visible character, with those that readers look for among the likelier ones.
fn character(chance: &mut Chance) -> u8 {
    const LIKELY: &[u8] = b".=-_ +/{}\"eyJ0";
    match chance.below(3) {
        0 => LIKELY[chance.below(LIKELY.len())],
        _ => b' ' + u8::try_from(chance.below(95)).unwrap(),
    }
}

/// The text with up to eight bytes otherwise. Never the text itself.
pub(super) fn mutated(text: &str, chance: &mut Chance) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len().max(1));
        match chance.below(5) {
            0 if at < bytes.len() => drop(bytes.remove(at)),
            1 if at < bytes.len() => bytes.insert(at, bytes[at]),
            2 if !bytes.is_empty() => bytes.truncate(at),
            3 if at < bytes.len() => {
                let other = chance.below(bytes.len());
                bytes.swap(at, other);
            }
            _ => {
                let new = character(chance);
                match bytes.get_mut(at) {
                    Some(byte) => *byte = new,
                    None => bytes.push(new),
                }
            }
        }
    }
    let changed = String::from_utf8(bytes).unwrap();
    if changed == text {
        format!("{text}x")
    } else {
        changed
    }
}

fn random(chance: &mut Chance) -> String {
    let length = chance.below(200);
    (0..length).map(|_| char::from(character(chance))).collect()
}

async fn nobody(world: &World, header: &str, valid: &str, seed: u64) -> u64 {
    let mut chance = Chance::new(seed);
    let mut believed = 0;
    for number in 0..2 * EACH {
        let text = if number % 2 == 0 {
            mutated(valid, &mut chance)
        } else {
            random(&mut chance)
        };
        if world.viewer(&[(header, text.trim())]).await.is_ok() {
            believed += 1;
            println!("believed: {text}");
        }
    }
    println!("{header}: {} inputs, {believed} believed", 2 * EACH);
    believed
}

#[tokio::test]
async fn no_changed_token_is_believed() {
    let world = World::new().await;
    let token = signed(&world.ada());
    world.forwarded(&token).await.unwrap();
    assert_eq!(nobody(&world, FORWARDED, &token, 1).await, 0);
}

#[tokio::test]
async fn no_changed_authorization_is_believed() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", signed(&world.ada()));
    assert_eq!(nobody(&world, "authorization", &bearer, 2).await, 0);
}

#[tokio::test]
async fn no_principal_is_believed_alone() {
    let world = World::new().await;
    let principal = json!({"auth_typ": "aad", "claims": [{"typ": "oid", "val": ADA}, {"typ": "roles", "val": "Model.Approver"}]});
    let principal = STANDARD.encode(principal.to_string());
    assert_eq!(
        nobody(&world, "x-ms-client-principal", &principal, 3).await,
        0
    );
}

#[tokio::test]
async fn no_changed_connector_token_is_believed() {
    let world = World::new().await;
    let bots = world.identity.bots().unwrap();
    let good = format!("Bearer {}", world.cloud.connector_token(SERVICE));
    bots.verify(&headers(&[("authorization", &good)]), SERVICE, "msteams")
        .await
        .unwrap();
    let mut chance = Chance::new(4);
    for _ in 0..20_000 {
        let text = mutated(&good, &mut chance);
        let sent = headers(&[("authorization", text.trim())]);
        let told = bots.verify(&sent, SERVICE, "msteams").await;
        assert!(told.is_err(), "{text}");
    }
}
