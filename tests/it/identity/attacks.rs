//! Tokens that must not count, whichever of the two checks they come to, made of claims that would.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud_sim::{KeyName, Signature, jws};
use serde_json::{Value, json};

use super::world::{header, in_minutes, signed, with};

/// What a check should say of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Should {
    Accept,
    Refuse,
}

use Should::{Accept, Refuse};

/// A token and what should come of it.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) token: String,
    pub(super) should: Should,
}

/// The vectors that both checks have in common, out of claims that are good as they are.
#[expect(clippy::too_many_lines, reason = "a table of attacks")]
pub(super) fn attacks(claims: &Value) -> Vec<Attack> {
    let rogue_header = json!({"typ": "JWT", "alg": "RS256", "kid": KeyName::Rogue.kid()});
    let sign = |how, header: &Value| jws(KeyName::Current, how, header, claims);
    let named = |alg: &str| with(&header(), "alg", json!(alg));
    let claim = |name: &str, value: Value| signed(&with(claims, name, value));
    let good = signed(claims);
    let all: Vec<(&'static str, String, Should)> = vec![
        ("good", good.clone(), Accept),
        (
            "expired 4 minutes ago",
            claim("exp", in_minutes(-4)),
            Accept,
        ),
        ("counts in 4 minutes", claim("nbf", in_minutes(4)), Accept),
        (
            "expired 6 minutes ago",
            claim("exp", in_minutes(-6)),
            Refuse,
        ),
        ("counts in 6 minutes", claim("nbf", in_minutes(6)), Refuse),
        ("no exp", claim("exp", Value::Null), Refuse),
        ("no nbf", claim("nbf", Value::Null), Refuse),
        ("exp is text", claim("exp", json!("99999999999")), Refuse),
        (
            "exp is a fraction",
            claim("exp", json!(99_999_999_999.5)),
            Refuse,
        ),
        ("exp is negative", claim("exp", json!(-1)), Refuse),
        ("nbf is a list", claim("nbf", json!([1])), Refuse),
        (
            "another aud",
            claim("aud", json!("00000000-0000-4000-8000-000000000099")),
            Refuse,
        ),
        ("no aud", claim("aud", Value::Null), Refuse),
        (
            "aud is a list",
            claim("aud", json!([claims["aud"]])),
            Refuse,
        ),
        (
            "aud with a slash",
            claim(
                "aud",
                json!(format!("{}/", claims["aud"].as_str().unwrap())),
            ),
            Refuse,
        ),
        (
            "another iss",
            claim("iss", json!("https://login.example/v2.0")),
            Refuse,
        ),
        ("no iss", claim("iss", Value::Null), Refuse),
        (
            "iss is a list",
            claim("iss", json!([claims["iss"]])),
            Refuse,
        ),
        (
            "iss with a slash",
            claim(
                "iss",
                json!(format!("{}/", claims["iss"].as_str().unwrap())),
            ),
            Refuse,
        ),
        (
            "a rogue key under a known kid",
            jws(KeyName::Rogue, Signature::Rs256, &header(), claims),
            Refuse,
        ),
        (
            "an unknown kid",
            jws(KeyName::Rogue, Signature::Rs256, &rogue_header, claims),
            Refuse,
        ),
        (
            "no kid",
            sign(Signature::Rs256, &with(&header(), "kid", Value::Null)),
            Refuse,
        ),
        (
            "an empty kid",
            sign(Signature::Rs256, &with(&header(), "kid", json!(""))),
            Refuse,
        ),
        ("alg none", sign(Signature::Absent, &named("none")), Refuse),
        ("alg None", sign(Signature::Absent, &named("None")), Refuse),
        (
            "RS256 without a signature",
            sign(Signature::Absent, &header()),
            Refuse,
        ),
        (
            "HS256 with the public key",
            sign(Signature::Hs256, &named("HS256")),
            Refuse,
        ),
        (
            "HS256 said to be RS256",
            sign(Signature::Hs256, &header()),
            Refuse,
        ),
        ("PS256", sign(Signature::Ps256, &named("PS256")), Refuse),
        ("RS384", sign(Signature::Rs384, &named("RS384")), Refuse),
        ("RS512", sign(Signature::Rs512, &named("RS512")), Refuse),
        (
            "RS512 said to be RS256",
            sign(Signature::Rs512, &header()),
            Refuse,
        ),
        (
            "crit",
            sign(Signature::Rs256, &with(&header(), "crit", json!(["exp"]))),
            Refuse,
        ),
        (
            "two parts",
            good.rsplit_once('.').unwrap().0.to_owned(),
            Refuse,
        ),
        ("four parts", format!("{good}.e30"), Refuse),
        ("padding", format!("{good}=="), Refuse),
        ("the claims swapped", swapped(&good, claims), Refuse),
        ("claims that are no object", signed(&json!("text")), Refuse),
        ("exp twice", twice(claims), Refuse),
        (
            "longer than any token",
            claim("more", json!("x".repeat(40_000))),
            Refuse,
        ),
    ];
    let attack = |(name, token, should)| Attack {
        name,
        token,
        should,
    };
    all.into_iter().map(attack).collect()
}

/// Other claims under a good signature.
fn swapped(good: &str, claims: &Value) -> String {
    let mut parts = good.split('.');
    let (head, _, signature) = (parts.next().unwrap(), parts.next(), parts.next().unwrap());
    let other = URL_SAFE_NO_PAD.encode(with(claims, "sub", json!("other")).to_string());
    format!("{head}.{other}.{signature}")
}

/// A good signature over claims that say `exp` twice: which of them counts is anybody's guess.
fn twice(claims: &Value) -> String {
    let text = claims.to_string().replacen('{', "{\"exp\":1,", 1);
    cloud_sim::jws_of_text(
        KeyName::Current,
        Signature::Rs256,
        &header().to_string(),
        &text,
    )
}
