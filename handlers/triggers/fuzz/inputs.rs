//! Inputs made of valid ones: JSON with values of other types, without keys or with one twice, too deep, with numbers and
//! letters nobody expects; forms with the same done to their pairs; bytes changed anywhere; and bytes of no meaning.

use serde_json::{Map, Value, json};

/// A small generator whose next number follows from the last (xorshift).
pub(in crate::triggers) struct Chance(u64);

impl Chance {
    pub(in crate::triggers) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(in crate::triggers) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    /// Once in so many times.
    pub(in crate::triggers) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(in crate::triggers) fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// Texts that have broken readers of texts.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "\u{1}\u{7f}\u{9f}",
    "\u{202e}gnp\u{2066}",
    "\u{feff}",
    "e\u{301}\u{301}\u{301}",
    "\u{1f6a2}\u{200d}\u{1f6a2}",
    "\u{10ffff}",
    "../../etc/passwd",
    "a/b~1~c",
    "null",
    "approve",
    "approval.approve",
    "[x](javascript:alert(1))",
    "<at>all</at><script>",
    "line\r\n{\"level\":\"info\"}",
    "%00%ff%",
    "1.2",
    "1.beside-4294967296",
    "18446744073709551616",
    "stage:prod",
];

/// Numbers as they may be written, of which few are attempts.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1.0",
    "1e0",
    "1.5",
    "2",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "1e400",
    "-1e-400",
    "01",
    "+1",
    "0x1",
    "NaN",
    "Infinity",
    "1e1000000000",
    "9999999999999999999999999999999999999999999999",
];

/// A text nobody expects.
pub(in crate::triggers) fn text(chance: &mut Chance) -> String {
    match chance.below(8) {
        0 => chance.one_of(TEXTS).repeat(1 + chance.below(40)),
        1 => "a".repeat(chance.below(250)),
        2 => chance
            .one_of(&["0", "a", "F", "g"])
            .repeat(60 + chance.below(8)),
        _ => (*chance.one_of(TEXTS)).to_owned(),
    }
}

/// A text that resembles this one.
fn resembling(text: &str, chance: &mut Chance) -> String {
    match chance.below(9) {
        0 => text.to_uppercase(),
        1 => format!(" {text}"),
        2 => format!("{text}\n"),
        3 => text.chars().skip(1).collect(),
        4 => text.chars().take(text.chars().count() / 2).collect(),
        5 => text.repeat(2),
        6 => format!("{text}\0"),
        // One letter that looks like another.
        7 => text.replace('a', "\u{430}").replace('1', "\u{661}"),
        _ => format!("{text}{}", self::text(chance)),
    }
}

fn value(old: &Value, chance: &mut Chance) -> Value {
    match chance.below(14) {
        0 => Value::Null,
        1 => json!(chance.once_in(2)),
        2 => json!(chance.below(4)),
        3 => json!(u64::MAX),
        4 => json!(i64::MIN),
        5 => json!(1.5e300),
        6 => json!([]),
        7 => json!({}),
        8 => json!([old]),
        9 => json!({ "value": old }),
        // As text, which is not the same.
        10 => json!(old.to_string()),
        11 => deep(old, 1 + chance.below(140)),
        _ => match old.as_str() {
            Some(old) if !chance.once_in(3) => json!(resembling(old, chance)),
            Some(_) | None => json!(text(chance)),
        },
    }
}

/// So many lists around it.
fn deep(inside: &Value, levels: usize) -> Value {
    (0..levels).fold(inside.clone(), |inside, _| Value::Array(vec![inside]))
}

/// Any value within, more likely one far inside.
fn somewhere<'v>(within: &'v mut Value, chance: &mut Chance) -> &'v mut Value {
    let members = match within {
        Value::Object(members) => members.len(),
        Value::Array(items) => items.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    };
    if members == 0 || chance.once_in(5) {
        return within;
    }
    let chosen = chance.below(members);
    let inner = match within {
        Value::Object(members) => members.values_mut().nth(chosen),
        Value::Array(items) => items.get_mut(chosen),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    somewhere(inner.expect("it has so many members"), chance)
}

/// One change to what is somewhere in it.
fn change(json: &mut Value, chance: &mut Chance) {
    // Read first, for it may be what is changed.
    let other = if chance.once_in(4) {
        somewhere(json, chance).clone()
    } else {
        Value::Null
    };
    let place = somewhere(json, chance);
    match (place, chance.below(5)) {
        (Value::Object(members), 0) if !members.is_empty() => {
            let key = any_key(members, chance);
            members.remove(&key);
        }
        (Value::Object(members), 1) if !members.is_empty() => {
            let key = any_key(members, chance);
            if let Some(kept) = members.remove(&key) {
                members.insert(resembling(&key, chance), kept);
            }
        }
        (Value::Object(members), 2) => {
            members.insert(text(chance), other);
        }
        (place, 3) if !other.is_null() => *place = other,
        (place, _) => *place = value(place, chance),
    }
}

fn any_key(members: &Map<String, Value>, chance: &mut Chance) -> String {
    let chosen = chance.below(members.len());
    members.keys().nth(chosen).expect("it has so many").clone()
}

/// A key twice: once more after the first brace, so that the one that stands last is the old one.
fn doubled(written: &str, key: &str, chance: &mut Chance) -> String {
    let value = match chance.below(3) {
        0 => "null".to_owned(),
        1 => (*chance.one_of(NUMBERS)).to_owned(),
        _ => Value::from(text(chance)).to_string(),
    };
    let braces: Vec<usize> = written.match_indices('{').map(|(at, _)| at + 1).collect();
    match braces.as_slice() {
        [] => written.to_owned(),
        braces => {
            let at = *chance.one_of(braces);
            let comma = if written[at..].starts_with('}') {
                ""
            } else {
                ","
            };
            format!(
                "{}{}:{value}{comma}{}",
                &written[..at],
                Value::from(key),
                &written[at..]
            )
        }
    }
}

/// The JSON otherwise: one to three changes, sometimes with a key of `keys` twice, sometimes not JSON any more; and now and then
/// as it is.
pub(in crate::triggers) fn json(valid: &Value, keys: &[&str], chance: &mut Chance) -> Vec<u8> {
    if chance.once_in(20) {
        return random(chance);
    }
    let mut changed = valid.clone();
    for _ in 0..chance.below(4) {
        change(&mut changed, chance);
    }
    let written = changed.to_string();
    match chance.below(10) {
        0 => {
            let key = *chance.one_of(keys);
            doubled(&written, key, chance).into_bytes()
        }
        1 => bytes(written.as_bytes(), chance),
        2 => {
            let numbers: Vec<(usize, &str)> = written.match_indices(":1").collect();
            match numbers.as_slice() {
                [] => written.into_bytes(),
                numbers => {
                    let at = chance.one_of(numbers).0 + 1;
                    let number = chance.one_of(NUMBERS);
                    format!("{}{number}{}", &written[..at], &written[at + 1..]).into_bytes()
                }
            }
        }
        3 => {
            let around = [
                ("\u{feff}", ""),
                ("", "{}"),
                (" \n", "\t"),
                ("[", "]"),
                ("", "\0"),
                ("//\n", ""),
            ];
            let (before, behind) = chance.one_of(&around);
            format!("{before}{written}{behind}").into_bytes()
        }
        _ => written.into_bytes(),
    }
}

/// Up to eight bytes otherwise.
pub(in crate::triggers) fn bytes(valid: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = valid.to_vec();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len().max(1));
        match chance.below(5) {
            0 if at < bytes.len() => drop(bytes.remove(at)),
            1 if at < bytes.len() => bytes.insert(at, bytes[at]),
            2 if chance.once_in(8) => bytes.truncate(at),
            3 if at < bytes.len() => {
                let other = chance.below(bytes.len());
                bytes.swap(at, other);
            }
            _ => {
                let new = any_byte(chance);
                match bytes.get_mut(at) {
                    Some(byte) => *byte = new,
                    None => bytes.push(new),
                }
            }
        }
    }
    bytes
}

fn any_byte(chance: &mut Chance) -> u8 {
    const LIKELY: &[u8] = b"{}[]\":,\\&=%+~0aA \n\0";
    match chance.below(3) {
        0 => *chance.one_of(LIKELY),
        _ => u8::try_from(chance.below(256)).unwrap(),
    }
}

/// Bytes of no meaning.
pub(in crate::triggers) fn random(chance: &mut Chance) -> Vec<u8> {
    let length = chance.below(300);
    (0..length).map(|_| any_byte(chance)).collect()
}

/// A form's body with up to three changes to its pairs: one without, one twice, another name, another text, another order;
/// sometimes with bytes changed, and now and then as it is.
pub(in crate::triggers) fn form(valid: &[(&str, &str)], chance: &mut Chance) -> Vec<u8> {
    if chance.once_in(20) {
        return random(chance);
    }
    let mut pairs: Vec<(String, String)> = valid
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    for _ in 0..chance.below(4) {
        let at = chance.below(pairs.len().max(1));
        match chance.below(7) {
            0 if at < pairs.len() => drop(pairs.remove(at)),
            1 if at < pairs.len() => pairs.push(pairs[at].clone()),
            2 if at < pairs.len() => pairs[at].0 = resembling(&pairs[at].0, chance),
            3 if at < pairs.len() => pairs[at].1 = resembling(&pairs[at].1, chance),
            4 if at < pairs.len() => {
                let other = chance.below(pairs.len());
                pairs.swap(at, other);
            }
            5 => pairs.push((text(chance), text(chance))),
            _ => {
                let new = text(chance);
                if let Some(pair) = pairs.get_mut(at) {
                    pair.1 = new;
                }
            }
        }
    }
    let written = written(&pairs);
    match chance.below(5) {
        0 => bytes(written.as_bytes(), chance),
        _ => written.into_bytes(),
    }
}

/// The pairs as a browser sends them.
pub(in crate::triggers) fn written(pairs: &[(impl AsRef<str>, impl AsRef<str>)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
