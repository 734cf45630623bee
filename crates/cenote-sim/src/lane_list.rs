use cenote_units::Lanes;

/// The lanes in which something is done, where they are few: what is done costs what they are, not what a pack is.
#[derive(Clone, Debug)]
pub(crate) struct LaneList<const L: usize> {
    lanes: [usize; L],
    count: usize,
}

impl<const L: usize> LaneList<L> {
    /// The lanes where `amount` is positive.
    pub(crate) fn positive(amount: &Lanes<L>) -> Self {
        /// As many as are looked at together.
        const SOME: usize = 16;
        let mut list = Self { lanes: [0; L], count: 0 };
        for (group, amounts) in amount.chunks(SOME).enumerate() {
            // A sum, since a search would look at one after the other.
            if amounts.iter().map(|amount| u64::from(*amount > 0.0)).sum::<u64>() == 0 {
                continue;
            }
            for (place, _) in amounts.iter().enumerate().filter(|(_, amount)| **amount > 0.0) {
                list.lanes[list.count] = group * SOME + place;
                list.count += 1;
            }
        }
        list
    }

    /// The lanes where `wanted`.
    pub(crate) fn wanted(wanted: &[bool; L]) -> Self {
        let mut list = Self { lanes: [0; L], count: 0 };
        for (l, _) in wanted.iter().enumerate().filter(|(_, wanted)| **wanted) {
            list.lanes[list.count] = l;
            list.count += 1;
        }
        list
    }

    /// Those of them where `amount` is positive too.
    pub(crate) fn also_positive(&self, amount: &Lanes<L>) -> Self {
        let mut list = Self { lanes: [0; L], count: 0 };
        for l in self.iter().filter(|&l| amount[l] > 0.0) {
            list.lanes[list.count] = l;
            list.count += 1;
        }
        list
    }

    /// In ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.lanes[..self.count].iter().copied()
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
        assert_eq!(LaneList::positive(&Lanes([1.0; 3])).iter().count(), 3);
        assert_eq!(LaneList::positive(&Lanes([0.0; 3])).iter().count(), 0);
    }
}
