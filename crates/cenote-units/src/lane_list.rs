use crate::{Lanes, kernel};

/// As many lanes as are looked at together: the bits of a word.
const GROUP: usize = 64;

/// The lanes in which something is done, where they are few: what is done costs what they are, not what a pack is.
///
/// ```
/// use cenote_units::{LaneList, Lanes};
/// let paid = LaneList::positive(&Lanes([0.0, 1.0, f64::NAN, -1.0, 2.0]));
/// assert_eq!(paid.iter().collect::<Vec<_>>(), [1, 4]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LaneList<const L: usize> {
    lanes: [u16; L],
    count: usize,
}

impl<const L: usize> Default for LaneList<L> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const L: usize> LaneList<L> {
    /// No lane.
    pub const EMPTY: Self = Self { lanes: [0; L], count: 0 };

    /// Every lane.
    pub fn all() -> Self {
        Self::wanted(&[true; L])
    }

    /// The lanes where `amount` is positive.
    pub fn positive(amount: &Lanes<L>) -> Self {
        let mut bits = LaneBits::NONE;
        positive(amount, &mut bits);
        Self::of(&bits)
    }

    /// The lanes where `wanted`.
    pub fn wanted(wanted: &[bool; L]) -> Self {
        let mut bits = LaneBits::NONE;
        set_wanted(wanted, &mut bits);
        Self::of(&bits)
    }

    /// The lanes with a bit.
    pub fn of(bits: &LaneBits<L>) -> Self {
        let mut list = Self::EMPTY;
        list.set(bits, L);
        list
    }

    /// Sets it to these lanes and returns `true`, if they are not more than `most`.
    pub fn set(&mut self, bits: &LaneBits<L>, most: usize) -> bool {
        let count = list(bits, most, &mut self.lanes);
        self.count = count.unwrap_or(self.count);
        count.is_some()
    }

    /// Those of them where `amount` is positive too.
    pub fn also_positive(&self, amount: &Lanes<L>) -> Self {
        self.also(|l| amount[l] > 0.0)
    }

    /// Those of them where this holds too.
    pub fn also(&self, mut holds: impl FnMut(usize) -> bool) -> Self {
        let mut list = Self::EMPTY;
        for l in self.iter().filter(|&l| holds(l)) {
            list.push(l);
        }
        list
    }

    /// In the order in which they were found or added: ascending, if nothing was added.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.lanes[..self.count].iter().copied().map(usize::from)
    }

    /// How many they are.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a lane that is not there yet, if it is `wanted`: without a branch.
    #[inline]
    pub fn add_if(&mut self, lane: usize, wanted: bool) {
        if let Some(place) = self.lanes.get_mut(self.count) {
            *place = lane_number(lane);
            self.count += usize::from(wanted);
        }
    }

    /// No lane any more.
    pub const fn clear(&mut self) {
        self.count = 0;
    }

    /// Adds a lane after all that are there.
    #[inline]
    pub fn push(&mut self, lane: usize) {
        if let Some(place) = self.lanes.get_mut(self.count) {
            *place = lane_number(lane);
            self.count += 1;
        }
    }
}

/// Packs are far narrower than 2¹⁶ lanes.
#[inline(always)]
fn lane_number(lane: usize) -> u16 {
    u16::try_from(lane).unwrap_or(u16::MAX)
}

/// A bit for each lane in which something holds.
#[derive(Clone, Copy, Debug)]
pub struct LaneBits<const L: usize>([u64; GROUPS]);

/// As many words as the widest pack has.
const GROUPS: usize = 8;

impl<const L: usize> LaneBits<L> {
    /// No lane.
    pub const NONE: Self = {
        assert!(L <= GROUP * GROUPS, "packs have 512 lanes at most");
        Self([0; GROUPS])
    };

    /// Every lane.
    pub const ALL: Self = {
        let mut bits = Self::NONE;
        let mut lane = 0;
        while lane < L {
            bits.put(lane, true);
            lane += 1;
        }
        bits
    };

    /// The lanes where this holds. Inside a [`kernel`], lanes side by side.
    #[inline(always)]
    pub fn set(&mut self, holds: impl Fn(usize) -> bool) {
        self.set_by(|l| u64::from(holds(l)));
    }

    /// The lanes where this is odd, in the order of lanes: a kernel that does more.
    #[inline(always)]
    pub fn set_by(&mut self, mut of: impl FnMut(usize) -> u64) {
        for (group, word) in self.0.iter_mut().enumerate().take(L.div_ceil(GROUP)) {
            let mut bits = 0;
            for place in 0..GROUP.min(L - group * GROUP) {
                bits |= (of(group * GROUP + place) & 1) << place;
            }
            *word = bits;
        }
    }

    /// Also the lanes where this holds.
    #[inline(always)]
    pub fn add(&mut self, holds: impl Fn(usize) -> bool) {
        let before = *self;
        self.set(holds);
        for (word, before) in self.0.iter_mut().zip(before.0) {
            *word |= before;
        }
    }

    /// Whether this lane is one of them.
    #[inline]
    pub const fn has(&self, lane: usize) -> bool {
        self.0[lane / GROUP] >> (lane % GROUP) & 1 != 0
    }

    /// Makes this lane one of them, or not.
    #[inline]
    pub const fn put(&mut self, lane: usize, holds: bool) {
        let bit = 1 << (lane % GROUP);
        let word = &mut self.0[lane / GROUP];
        *word = if holds { *word | bit } else { *word & !bit };
    }

    /// Whether there is any.
    pub fn any(&self) -> bool {
        self.0.iter().any(|word| *word != 0)
    }

    /// How many they are.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.0.iter().take(L.div_ceil(GROUP)).map(|word| word.count_ones() as usize).sum()
    }
}

kernel! {
    /// Lists the lanes and returns how many they are, if they are not more than `most`. By eights, whether there are so many or not: what is
    /// beyond the last is written over, and no processor has to guess where a word ends.
    fn list<const L: usize>(bits: &LaneBits<L>, most: usize, lanes: &mut [u16; L]) -> Option<usize> {
        if bits.count() > most {
            return None;
        }
        let mut count = 0;
        for (group, &word) in bits.0.iter().enumerate().take(L.div_ceil(GROUP)) {
            let (mut word, end) = (word, count + word.count_ones() as usize);
            while count < end {
                let some = lanes.len().min(count + 8);
                for place in &mut lanes[count..some] {
                    *place = lane_number(group * GROUP + word.trailing_zeros() as usize);
                    word &= word.wrapping_sub(1);
                }
                count += 8;
            }
            count = end;
        }
        Some(count)
    }
}

kernel! {
    fn positive<const L: usize>(amount: &Lanes<L>, bits: &mut LaneBits<L>) {
        bits.set(|l| amount[l] > 0.0);
    }
}

kernel! {
    fn set_wanted<const L: usize>(wanted: &[bool; L], bits: &mut LaneBits<L>) {
        bits.set(|l| wanted[l]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_the_lanes_with_something() {
        let list = LaneList::positive(&Lanes([0.0, 1.0, f64::NAN, -1.0, 2.0]));
        assert_eq!(list.iter().collect::<Vec<_>>(), [1, 4]);
        let both = list.also_positive(&Lanes([3.0, 0.0, 3.0, 3.0, 3.0]));
        assert_eq!(both.iter().collect::<Vec<_>>(), [4]);
        assert_eq!(LaneList::wanted(&[true, false, true]).iter().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(LaneList::positive(&Lanes([1.0; 3])).count(), 3);
        assert!(LaneList::positive(&Lanes([0.0; 3])).is_empty());
        // Over several groups.
        let mut wide = Lanes::<128>::ZERO;
        (wide[0], wide[16], wide[127]) = (1.0, 2.0, 3.0);
        assert_eq!(LaneList::positive(&wide).iter().collect::<Vec<_>>(), [0, 16, 127]);
        let mut few = LaneList::<3>::EMPTY;
        let mut bits = LaneBits::NONE;
        bits.set(|l| l != 1);
        assert!(!few.set(&bits, 1) && few.set(&bits, 2));
        assert_eq!((few.count(), bits.count()), (2, 2));
        let every_third: [bool; 130] = std::array::from_fn(|l| l % 3 == 0);
        assert_eq!(LaneList::wanted(&every_third).iter().collect::<Vec<_>>(), (0..130).step_by(3).collect::<Vec<_>>());
    }
}
