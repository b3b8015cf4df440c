//! Chance that repeats itself: the same seed gives the same numbers, on every machine and in every release.

/// A stream of numbers (`SplitMix64`: Steele, Lea and Flood, OOPSLA 2014).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let wide = u64::from(bound) * (self.next() >> 32);
        u32::try_from(wide >> 32).expect("it is below `bound`")
    }

    /// One of them.
    pub(crate) fn pick<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        let most = u32::try_from(things.len()).expect("few things");
        &things[self.below(most) as usize]
    }
}
