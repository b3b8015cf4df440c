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

impl FormToken<'_> {
    /// The token to put into the form.
    pub fn issue(&self, key: &[u8], now: Timestamp) -> String {
        let until = (now + VALID).as_second();
        format!(
            "{until}.{}",
            URL_SAFE_NO_PAD.encode(self.mac(key, until).finalize().into_bytes())
        )
    }

    /// Whether a form that came back was issued for this, in time.
    pub fn accepts(&self, key: &[u8], token: &str, now: Timestamp) -> bool {
        let Some((until, mac)) = token.split_once('.') else {
            return false;
        };
        let (Ok(until), Ok(mac)) = (until.parse::<i64>(), URL_SAFE_NO_PAD.decode(mac)) else {
            return false;
        };
        until > now.as_second() && self.mac(key, until).verify_slice(&mac).is_ok()
    }

    fn mac(&self, key: &[u8], until: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
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

    #[test]
    fn a_token_counts_for_its_person_purpose_and_time_only() {
        let (ada, ben) = (PersonId::new("ada"), PersonId::new("ben"));
        let now = Timestamp::UNIX_EPOCH;
        let form = FormToken {
            person: &ada,
            purpose: "approve m-1",
        };
        let token = form.issue(b"key", now);
        assert!(form.accepts(b"key", &token, now));
        assert!(!form.accepts(b"key", &token, now + VALID));
        assert!(!form.accepts(b"other", &token, now));
        assert!(
            !FormToken {
                person: &ben,
                ..form
            }
            .accepts(b"key", &token, now)
        );
        assert!(
            !FormToken {
                person: &ada,
                purpose: "approve m-2"
            }
            .accepts(b"key", &token, now)
        );
        for nonsense in ["", ".", "1", "x.y", "99999999999.AAAA"] {
            assert!(!form.accepts(b"key", nonsense, now), "{nonsense}");
        }
    }
}
