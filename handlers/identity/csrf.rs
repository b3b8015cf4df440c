//! The token in a form: it binds what is asked to the person whom it was shown to, for a while.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use promotion::PersonId;
use sha2::Sha256;

/// How long a form may stay open, in real time.
const VALID: SignedDuration = SignedDuration::from_mins(30);

/// What a form's token is about: who sees it, and exactly what is asked.
pub struct FormToken<'a> {
    /// Who sees the form.
    pub person: &'a PersonId,
    /// What it is for, the digest of what is shown included.
    pub purpose: &'a str,
}

/// What a key is called in the tokens that it made: enough to find it among a few, and nothing of itself.
fn kid(key: &[u8]) -> String {
    let mut mac = keyed(key);
    mac.update(b"liftlock form key");
    URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..6])
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// What a form that came back is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormCheck {
    /// It was issued for this, in time.
    Counts,
    /// It was not.
    Refused,
    /// Its key is none of those that were given.
    UnknownKey,
}

impl FormToken<'_> {
    /// The token to put into the form. It names its key, so that the key can be rolled while forms are open.
    pub fn issue(&self, key: &[u8], now: Timestamp) -> String {
        let until = (now + VALID).as_second();
        format!(
            "{}.{until}.{}",
            kid(key),
            URL_SAFE_NO_PAD.encode(self.mac(key, until).finalize().into_bytes())
        )
    }

    /// Whether a form that came back was issued for this, in time, by one of these keys.
    pub fn check<'k>(
        &self,
        mut keys: impl Iterator<Item = &'k [u8]>,
        token: &str,
        now: Timestamp,
    ) -> FormCheck {
        let mut parts = token.split('.');
        let (Some(named), Some(until), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return FormCheck::Refused;
        };
        let (Ok(until), Ok(mac)) = (until.parse::<i64>(), URL_SAFE_NO_PAD.decode(mac)) else {
            return FormCheck::Refused;
        };
        if until <= now.as_second() {
            return FormCheck::Refused;
        }
        let Some(key) = keys.find(|key| kid(key) == named) else {
            return FormCheck::UnknownKey;
        };
        match self.mac(key, until).verify_slice(&mac) {
            Ok(()) => FormCheck::Counts,
            Err(_) => FormCheck::Refused,
        }
    }

    fn mac(&self, key: &[u8], until: i64) -> Hmac<Sha256> {
        let mut mac = keyed(key);
        for part in [
            "liftlock form",
            self.person.as_str(),
            self.purpose,
            &until.to_string(),
        ] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: &FormToken<'_>, keys: &[&[u8]], token: &str, now: Timestamp) -> FormCheck {
        form.check(keys.iter().copied(), token, now)
    }

    #[test]
    fn a_token_counts_for_its_person_purpose_and_time_only() {
        let (ada, ben) = (PersonId::new("ada"), PersonId::new("ben"));
        let now = Timestamp::UNIX_EPOCH;
        let form = |person, purpose| FormToken { person, purpose };
        let asked = form(&ada, "approve m-1");
        let token = asked.issue(b"key", now);
        assert_eq!(check(&asked, &[b"key"], &token, now), FormCheck::Counts);
        for (other, at) in [
            (form(&ada, "approve m-1"), now + VALID),
            (form(&ben, "approve m-1"), now),
            (form(&ada, "approve m-2"), now),
        ] {
            assert_eq!(check(&other, &[b"key"], &token, at), FormCheck::Refused);
        }
        for nonsense in [
            "",
            ".",
            "1",
            "x.y",
            "99999999999.AAAA",
            "x.y.z",
            "x.99999999999.!",
        ] {
            assert_eq!(
                check(&asked, &[b"key"], nonsense, now),
                FormCheck::Refused,
                "{nonsense}"
            );
        }
    }

    #[test]
    fn a_token_finds_its_key_among_others_and_counts_by_no_other() {
        let ada = PersonId::new("ada");
        let now = Timestamp::UNIX_EPOCH;
        let form = FormToken {
            person: &ada,
            purpose: "approve m-1",
        };
        let old = form.issue(b"old", now);
        assert_eq!(
            check(&form, &[b"new", b"old"], &old, now),
            FormCheck::Counts
        );
        assert_eq!(check(&form, &[b"new"], &old, now), FormCheck::UnknownKey);
        // Naming another key does not help.
        let (_, rest) = old.split_once('.').unwrap();
        let renamed = format!("{}.{rest}", kid(b"new"));
        assert_eq!(
            check(&form, &[b"new", b"old"], &renamed, now),
            FormCheck::Refused
        );
    }
}
