//! Looping: supply, borrow against it, supply what was borrowed, and so on.

use super::error::LendingError;

/// A position that has been levered up: collateral and debt as multiples of what was put in, both at the same price.
///
/// ```
/// use cenote_yield::lending::Leverage;
/// // Three loops at 75%: 1 + 0.75 + 0.75² + 0.75³ of collateral, all but 1 of it owed.
/// let three = Leverage::after(3, 0.75)?;
/// assert_eq!((three.collateral(), three.debt()), (2.734375, 1.734375));
/// // At 3% on supply and 4% on debt it earns less than 3%.
/// assert!((three.net_rate(0.03, 0.04) - 0.01265625).abs() < 1e-15);
/// assert_eq!(Leverage::limit(0.75)?.collateral(), 4.0);
/// # Ok::<(), cenote_yield::lending::LendingError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leverage {
    collateral: f64,
}

impl Leverage {
    /// After `loops` rounds of borrowing the fraction `ltv` of what was supplied last and supplying it again:
    /// (1 − ltvⁿ⁺¹)/(1 − ltv).
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] unless `ltv` is from 0 to below 1.
    pub fn after(loops: u32, ltv: f64) -> Result<Self, LendingError> {
        let limit = Self::limit(ltv)?.collateral;
        let (mut power, mut square, mut left) = (ltv, ltv, loops);
        while left > 0 {
            if left & 1 == 1 {
                power *= square;
            }
            square *= square;
            left >>= 1;
        }
        Ok(Self { collateral: (1.0 - power) * limit })
    }

    /// After ever more rounds: 1/(1 − ltv).
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] unless `ltv` is from 0 to below 1.
    pub fn limit(ltv: f64) -> Result<Self, LendingError> {
        if !(0.0..1.0).contains(&ltv) {
            return Err(LendingError::InvalidParameter { name: "ltv", given: ltv, expected: "from 0 to below 1" });
        }
        Ok(Self { collateral: 1.0 / (1.0 - ltv) })
    }

    /// The rounds that bring the collateral to at least `collateral` times what was put in; `None` if no number of rounds does.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] unless `ltv` is from 0 to below 1.
    pub fn rounds_to(collateral: f64, ltv: f64) -> Result<Option<u32>, LendingError> {
        let limit = Self::limit(ltv)?.collateral;
        let (mut reached, mut borrowed) = (1.0, 1.0);
        for rounds in 0.. {
            if reached >= collateral {
                return Ok(Some(rounds));
            }
            borrowed *= ltv;
            let next = reached + borrowed;
            if next <= reached || collateral >= limit {
                break;
            }
            reached = next;
        }
        Ok(None)
    }

    /// Collateral over what was put in.
    pub fn collateral(&self) -> f64 {
        self.collateral
    }

    /// Debt over what was put in.
    pub fn debt(&self) -> f64 {
        self.collateral - 1.0
    }

    /// What it earns per year on what was put in, at these rates per year.
    pub fn net_rate(&self, supply: f64, borrow: f64) -> f64 {
        self.collateral * supply - self.debt() * borrow
    }

    /// Collateral times its liquidation threshold (0.8, say) over debt; infinite without debt.
    pub fn health_factor(&self, liquidation_threshold: f64) -> f64 {
        if self.debt() == 0.0 { f64::INFINITY } else { self.collateral * liquidation_threshold / self.debt() }
    }

    /// By which fraction the collateral may fall against the debt before it can be liquidated; negative if it can be already.
    pub fn liquidation_fall(&self, liquidation_threshold: f64) -> f64 {
        1.0 - self.debt() / (self.collateral * liquidation_threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_add_up() {
        for ltv in [0.0, 0.3, 0.75, 0.93] {
            let (mut collateral, mut borrowed) = (1.0, 1.0);
            for loops in 0..60 {
                let closed = Leverage::after(loops, ltv).unwrap();
                assert!((closed.collateral() / collateral - 1.0).abs() < 1e-13, "{ltv} {loops}");
                assert!((closed.debt() - (collateral - 1.0)).abs() < 1e-12);
                borrowed *= ltv;
                collateral += borrowed;
            }
            assert!(
                (Leverage::after(u32::MAX, ltv).unwrap().collateral() - Leverage::limit(ltv).unwrap().collateral()).abs() < 1e-12
            );
        }
    }

    #[test]
    fn rounds_are_the_fewest() {
        for (ltv, wanted) in [(0.75, 1.0), (0.75, 2.0), (0.75, 3.9), (0.5, 1.5), (0.9, 5.0)] {
            let rounds = Leverage::rounds_to(wanted, ltv).unwrap().unwrap();
            assert!(Leverage::after(rounds, ltv).unwrap().collateral() >= wanted - 1e-12);
            assert!(rounds == 0 || Leverage::after(rounds - 1, ltv).unwrap().collateral() < wanted);
        }
        assert_eq!(Leverage::rounds_to(4.0, 0.75).unwrap(), None);
        assert_eq!(Leverage::rounds_to(f64::NAN, 0.75).unwrap(), None);
        assert_eq!(Leverage::rounds_to(2.0, 0.0).unwrap(), None);
        assert!(Leverage::rounds_to(2.0, 1.0).is_err());
        assert!(Leverage::limit(-0.1).is_err() && Leverage::after(1, f64::NAN).is_err());
    }

    #[test]
    fn the_fall_that_can_be_borne() {
        let levered = Leverage::after(3, 0.75).unwrap();
        let fall = levered.liquidation_fall(0.8);
        assert!((levered.collateral() * (1.0 - fall) * 0.8 / levered.debt() - 1.0).abs() < 1e-15);
        assert!(levered.health_factor(0.8) > 1.0);
        assert_eq!(Leverage::after(0, 0.75).unwrap().health_factor(0.8), f64::INFINITY);
        assert_eq!(Leverage::after(0, 0.75).unwrap().liquidation_fall(0.8), 1.0);
    }
}
