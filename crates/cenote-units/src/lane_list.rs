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
        let mut wanted = [false; L];
        positive(amount, &mut wanted);
        Self::wanted(&wanted)
    }

    /// The lanes where `wanted`.
    pub fn wanted(wanted: &[bool; L]) -> Self {
        let mut list = Self::EMPTY;
        list.set(wanted, L);
        list
    }

    /// Sets it to the lanes where `wanted` and returns `true`, if these are not more than `most`.
    pub fn set(&mut self, wanted: &[bool; L], most: usize) -> bool {
        let (groups, rest) = wanted.as_chunks::<GROUP>();
        // Bits, since a search would look at one lane after the other.
        let count: u32 = groups.iter().map(|group| bits(group).count_ones()).sum();
        let more = rest.iter().filter(|wanted| **wanted).count();
        if count as usize + more > most {
            return false;
        }
        self.count = 0;
        for (group, wanted) in groups.iter().enumerate() {
            let mut bits = bits(wanted);
            while bits != 0 {
                self.push(group * GROUP + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
        let before = groups.len() * GROUP;
        for (place, _) in rest.iter().enumerate().filter(|(_, wanted)| **wanted) {
            self.push(before + place);
        }
        true
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
            *place = u16::try_from(lane).unwrap_or(u16::MAX);
            self.count += usize::from(wanted);
        }
    }

    /// A lane after all that are there.
    #[inline]
    fn push(&mut self, lane: usize) {
        // Packs are far narrower than 2¹⁶ lanes.
        if let Some(place) = self.lanes.get_mut(self.count) {
            *place = u16::try_from(lane).unwrap_or(u16::MAX);
            self.count += 1;
        }
    }
}

/// A bit for each of them.
#[inline]
fn bits(wanted: &[bool; GROUP]) -> u64 {
    let bytes = wanted.as_chunks::<8>().0.iter().enumerate();
    bytes.fold(0, |bits, (byte, wanted)| bits | eight_bits(u64::from_le_bytes(wanted.map(u8::from))) << (8 * byte))
}

/// The eight bytes of a word, each 0 or 1, as the low bits of another: byte i comes to stand at 8i + 56 − 7i = 56 + i.
fn eight_bits(bytes: u64) -> u64 {
    bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56
}

kernel! {
    fn positive<const L: usize>(amount: &Lanes<L>, positive: &mut [bool; L]) {
        for l in 0..L {
            positive[l] = amount[l] > 0.0;
        }
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
        let mut few = LaneList::EMPTY;
        assert!(!few.set(&[true, false, true], 1) && few.set(&[true, false, true], 2));
        assert_eq!(few.count(), 2);
        let every_third: [bool; 130] = std::array::from_fn(|l| l % 3 == 0);
        assert_eq!(LaneList::wanted(&every_third).iter().collect::<Vec<_>>(), (0..130).step_by(3).collect::<Vec<_>>());
    }
}
