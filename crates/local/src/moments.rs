//! Moments at random, and the same ones again for the same seed.

use std::time::{SystemTime, UNIX_EPOCH};

/// The variable that repeats a choice.
const VARIABLE: &str = "SEED";

/// Numbers that look random: `SplitMix64`, whose every number depends on nothing but the seed and its place.
#[derive(Debug, Clone)]
pub(crate) struct Moments(u64);

/// The seed that was asked for, else one of the clock's.
pub(crate) fn seed() -> anyhow::Result<u64> {
    match std::env::var(VARIABLE) {
        Ok(text) if !text.is_empty() => text
            .parse()
            .map_err(|_| anyhow::anyhow!("{VARIABLE}={text} is no whole number")),
        _ => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
            Ok(u64::from(since.subsec_nanos()))
        }
    }
}

impl Moments {
    /// Those of one of several things under one seed.
    pub(crate) fn of(seed: u64, number: u32) -> Self {
        let mut moments = Self(seed);
        Self(moments.next() ^ u64::from(number))
    }

    /// The next one, from 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        let most = f64::from(u32::MAX);
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(u32::MAX)) / most
    }

    /// So many, in order.
    pub(crate) fn shares(&mut self, many: u32) -> Vec<f64> {
        let mut shares: Vec<_> = (0..many).map(|_| self.share()).collect();
        shares.sort_by(f64::total_cmp);
        shares
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_moments_and_they_spread() {
        let shares = Moments::of(7, 1).shares(1000);
        assert_eq!(shares, Moments::of(7, 1).shares(1000));
        assert_ne!(shares, Moments::of(7, 2).shares(1000));
        assert_ne!(shares, Moments::of(8, 1).shares(1000));
        assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
        let quarters = [0.25, 0.5, 0.75].map(|end| shares.iter().filter(|s| **s < end).count());
        assert!((200..300).contains(&quarters[0]), "{quarters:?}");
        assert!((450..550).contains(&quarters[1]), "{quarters:?}");
        assert!((700..800).contains(&quarters[2]), "{quarters:?}");
    }
}
