//! Numbers that follow from a seed: the same seed gives the same world on every machine.

/// `SplitMix64` (Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014): short, and good
/// enough to pick names. Nothing secret comes of it.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice for one purpose: how often one server throws them leaves the others' throws as they are.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        let mut dice = Self(seed);
        Self(dice.throw() ^ purpose)
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`, which is above 0.
    pub(crate) fn below(&mut self, end: u16) -> u16 {
        u16::try_from(self.throw() % u64::from(end)).unwrap_or(0)
    }

    /// Puts the items into a random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::from(self.below(u16::try_from(last + 1).unwrap_or(u16::MAX)));
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throws(seed: u64, purpose: u64) -> Vec<u16> {
        let mut dice = Dice::new(seed, purpose);
        (0..32).map(|_| dice.below(1000)).collect()
    }

    #[test]
    fn the_same_seed_and_purpose_give_the_same_numbers() {
        assert_eq!(throws(7, 1), throws(7, 1));
        assert_ne!(throws(7, 1), throws(8, 1));
        assert_ne!(throws(7, 1), throws(7, 2));
        assert!(throws(0, 0).iter().all(|number| *number < 1000));
    }

    #[test]
    fn shuffling_loses_nothing() {
        let mut items: Vec<u8> = (0..50).collect();
        Dice::new(1, 0).shuffle(&mut items);
        assert!(!items.is_sorted());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<u8>>());
    }
}
