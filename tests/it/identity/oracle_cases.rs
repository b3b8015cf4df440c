//! Requests for the two verifiers of the Bot Connector's tokens: good ones written in every way in which a signer may write
//! them, and those that are good or not by a hair.

use std::collections::BTreeMap;

use cloud_sim::{BotKey, Identity as Ids, KeyName, Signature, jws_of_text};
use serde_json::{Value, json};

use super::attacks::Should;
use super::connector::Vector;
use super::mutations::Chance;
use super::world::{SERVICE, World};

/// Good requests.
const GOOD: usize = 240;

/// Where Teams asks from, and other addresses that are good as long as token and activity say the same.
const SERVICES: [&str; 8] = [
    SERVICE,
    "https://smba.trafficmanager.net/amer/",
    "https://smba.trafficmanager.net/de/00000000-0000-4000-8000-000000000001/",
    "https://smba.trafficmanager.net/teams/",
    "https://smba.trafficmanager.net/emea",
    "https://SMBA.trafficmanager.net:443/Emea/",
    "https://smba.infra.gcc.teams.microsoft.com/gcc/",
    "http://127.0.0.1:56151/_connector?a=b&c=%C3%BC",
];

/// Keys by their endorsements, beside those of the vectors: the second of two current ones, and what looks like `msteams`.
const KEYS: [(&str, &[&str], Should); 9] = [
    ("second", &["msteams"], Should::Accept),
    (
        "of many",
        &["webchat", "skype", "msteams", "directline"],
        Should::Accept,
    ),
    ("twice", &["msteams", "msteams"], Should::Accept),
    ("for none", &[], Should::Refuse),
    ("for nothing", &[""], Should::Refuse),
    ("in capitals", &["MSTEAMS"], Should::Refuse),
    ("with a blank", &["msteams "], Should::Refuse),
    ("in one text", &["webchat,msteams"], Should::Refuse),
    ("for more letters", &["msteamsx"], Should::Refuse),
];

/// Publishes these keys beside those that are there.
pub(super) fn publish(world: &World, mut keys: Vec<BotKey>) {
    keys.extend(KEYS.map(|(kid, channels, _)| BotKey {
        key: KeyName::Next,
        kid: kid.to_owned(),
        endorsements: Some(channels.iter().map(|&channel| channel.to_owned()).collect()),
    }));
    world.cloud.identity().key_sets().publish_bot(keys);
}

/// A token and its activity, before it is written.
struct Draft {
    key: KeyName,
    header: BTreeMap<String, Value>,
    claims: BTreeMap<String, Value>,
    service_url: String,
}

impl Draft {
    fn good(world: &World, service_url: &str) -> Draft {
        let object = |value: Value| serde_json::from_value(value).unwrap();
        Draft {
            key: KeyName::Current,
            header: object(json!({"typ": "JWT", "alg": "RS256", "kid": KeyName::Current.kid()})),
            claims: object(world.cloud.connector_claims(service_url)),
            service_url: service_url.to_owned(),
        }
    }

    fn claim(mut self, name: &str, value: Value) -> Draft {
        self.claims.insert(name.to_owned(), value);
        self
    }

    fn signed_by(mut self, kid: &str) -> Draft {
        self.key = KeyName::Next;
        self.header.insert("kid".to_owned(), json!(kid));
        self
    }

    fn vector(&self, name: String, should: Should, chance: &mut Chance) -> Vector {
        let (header, claims) = (written(&self.header, chance), written(&self.claims, chance));
        let token = jws_of_text(self.key, Signature::Rs256, &header, &claims);
        Vector {
            name,
            authorization: format!("Bearer {token}"),
            service_url: self.service_url.clone(),
            channel: "msteams".to_owned(),
            should,
        }
    }
}

/// An object in any order, with blanks anywhere and letters written as their numbers.
fn written(members: &BTreeMap<String, Value>, chance: &mut Chance) -> String {
    const BLANKS: [&str; 5] = ["", "", " ", "\n\t", "\r\n    "];
    let mut left: Vec<_> = members.iter().collect();
    let mut written = Vec::new();
    while !left.is_empty() {
        let (name, value) = left.swap_remove(chance.below(left.len()));
        let mut blank = || BLANKS[chance.below(BLANKS.len())];
        let (before, behind, between) = (blank(), blank(), blank());
        let text = value.to_string();
        let text = match chance.below(4) {
            0 if value.is_string() => text.replace('/', "\\/").replace('a', "\\u0061"),
            _ => text,
        };
        written.push(format!(
            "{before}{}{behind}:{between}{text}{before}",
            json!(name)
        ));
    }
    format!("{{{}}}", written.join(","))
}

fn now() -> i64 {
    liftlock::clock::wall_now().as_second()
}

/// A whole number within these.
fn between(least: i64, most: i64, chance: &mut Chance) -> i64 {
    least + i64::try_from(chance.below(usize::try_from(most - least).unwrap())).unwrap()
}

/// Requests that both verifiers have to accept.
pub(super) fn good(world: &World) -> Vec<Vector> {
    const YEAR: i64 = 366 * 86_400;
    let mut chance = Chance::new(8);
    let chance = &mut chance;
    let one = |number: usize| {
        let mut draft = Draft::good(world, SERVICES[chance.below(SERVICES.len())]);
        if chance.below(2) == 0 {
            let kids = KEYS
                .iter()
                .filter(|(_, _, should)| *should == Should::Accept);
            let kids: Vec<&str> = kids.map(|(kid, _, _)| *kid).collect();
            draft = draft.signed_by(kids[chance.below(kids.len())]);
        }
        // Within the tolerance with a margin for the time until both have been asked.
        if chance.below(2) == 0 {
            let exp = match chance.below(2) {
                0 => between(-240, 0, chance),
                _ => between(0, 10 * YEAR, chance),
            };
            let nbf = match chance.below(2) {
                0 => between(0, 300, chance),
                _ => between(-10 * YEAR, 0, chance),
            };
            draft = draft.claim("exp", json!(now() + exp));
            draft = draft.claim("nbf", json!(now() + nbf));
        }
        match chance.below(5) {
            0 => drop(draft.claims.remove("iat")),
            1 => draft = draft.claim("iat", json!(now() + between(-YEAR, YEAR, chance))),
            2 => draft = draft.claim("iat", json!(0)),
            _ => {}
        }
        for _ in 0..chance.below(4) {
            let (name, value) = more(chance);
            draft = draft.claim(name, value);
        }
        if chance.below(3) == 0 {
            let (name, value) = more(chance);
            draft.header.insert(name.to_owned(), value);
        }
        if chance.below(4) == 0 {
            draft.header.remove("typ");
        }
        draft.vector(format!("good ({number})"), Should::Accept, chance)
    };
    (0..GOOD).map(one).collect()
}

/// Something that a signer may add, which says nothing to either.
fn more(chance: &mut Chance) -> (&'static str, Value) {
    let all = [
        ("jti", json!("00000000-0000-4000-8000-0000000000aa")),
        ("name", json!("Zoë \u{202e}\u{1f6a2} <b>\u{0}")),
        ("x5t", json!("abc-_")),
        ("tid", json!(null)),
        ("ver", json!("2.0")),
        (
            "nested",
            json!({"aud": "another", "exp": 0, "list": [[{}]]}),
        ),
        ("serviceUrl", json!("https://evil.example/")),
        ("ServiceURL", json!(7)),
        ("roles", json!(["Model.Approver"])),
        ("azp", json!(Ids::BOT_APP_ID)),
        ("number", json!(1.5e-300)),
        ("", json!("no name")),
        ("long", json!("é".repeat(1 + chance.below(4_000)))),
    ];
    all[chance.below(all.len())].clone()
}

/// Requests that are good or not by a hair.
#[expect(clippy::too_many_lines, reason = "a table of edges")]
pub(super) fn edges(world: &World) -> Vec<Vector> {
    use Should::{Accept, Refuse};
    let mut chance = Chance::new(9);
    let draft = || Draft::good(world, SERVICE);
    let mut all = Vec::new();
    let mut put = |name: String, draft: Draft, should: Should| {
        all.push(draft.vector(format!("edge: {name}"), should, &mut chance));
    };
    // What is inside may not be outside by the time that both have been asked, and the other way round.
    for (ago, should) in [
        (0, Accept),
        (270, Accept),
        (301, Refuse),
        (302, Refuse),
        (360, Refuse),
    ] {
        put(
            format!("expired {ago} s ago"),
            draft().claim("exp", json!(now() - ago)),
            should,
        );
    }
    for (ahead, should) in [
        (1, Accept),
        (299, Accept),
        (300, Accept),
        (345, Refuse),
        (360, Refuse),
    ] {
        put(
            format!("counts in {ahead} s"),
            draft().claim("nbf", json!(now() + ahead)),
            should,
        );
    }
    for other in [
        "https://smba.trafficmanager.net/emea",
        "https://smba.trafficmanager.net/emea//",
        "https://smba.trafficmanager.net/Emea/",
        "https://SMBA.trafficmanager.net/emea/",
        "HTTPS://smba.trafficmanager.net/emea/",
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net:443/emea/",
        "https://smba.trafficmanager.net:444/emea/",
        "https://smba.trafficmanager.net./emea/",
        "https://smba.trafficmanager.net/emea/?",
        "https://smba.trafficmanager.net/emea/#",
        "https://smba.trafficmanager.net/%65mea/",
        concat!("https://a", "@smba.trafficmanager.net/emea/"),
        " https://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net/emea/ ",
        "https://smba.trafficmanager.net/emea/\u{200b}",
    ] {
        put(
            format!("the token says {other:?}"),
            draft().claim("serviceurl", json!(other)),
            Refuse,
        );
        let mut elsewhere = draft();
        other.clone_into(&mut elsewhere.service_url);
        put(format!("the activity says {other:?}"), elsewhere, Refuse);
    }
    let id = Ids::BOT_APP_ID;
    for aud in [
        json!(format!("{id} ")),
        json!(format!(" {id}")),
        json!(format!("{id}\u{0}")),
        json!(id.replace('-', "")),
        json!(format!("api://{id}")),
        json!(format!("{{{id}}}")),
        json!(&id[..35]),
        json!([id, id]),
        json!({ "aud": id }),
        json!(""),
    ] {
        put(format!("for {aud}"), draft().claim("aud", aud), Refuse);
    }
    if id.to_uppercase() != id {
        put(
            "for it in capitals".to_owned(),
            draft().claim("aud", json!(id.to_uppercase())),
            Refuse,
        );
    }
    for iss in [
        "https://api.botframework.com/",
        "https://API.botframework.com",
        "http://api.botframework.com",
        "api.botframework.com",
    ] {
        put(
            format!("by {iss}"),
            draft().claim("iss", json!(iss)),
            Refuse,
        );
    }
    // What one bot sends another: the official verifier asks another issuer's keys about it.
    let another = "00000000-0000-4000-8000-000000000099";
    for (ver, claim, party, should) in [
        ("2.0", "azp", another, Refuse),
        ("1.0", "appid", another, Refuse),
        ("2.0", "azp", id, Accept),
        ("1.0", "appid", id, Accept),
        ("", "appid", "AnonymousSkill", Refuse),
    ] {
        let of = draft().claim("ver", json!(ver)).claim(claim, json!(party));
        put(format!("{claim} {party} in version {ver:?}"), of, should);
    }
    for (kid, _, should) in KEYS {
        put(
            format!("a key that is endorsed {kid}"),
            draft().signed_by(kid),
            should,
        );
    }
    for channel in ["MSTEAMS", "msteams ", "msteamsx", "emulator"] {
        let mut vector = draft().vector(
            format!("edge: channel {channel:?}"),
            Refuse,
            &mut Chance::new(10),
        );
        channel.clone_into(&mut vector.channel);
        all.push(vector);
    }
    all
}
