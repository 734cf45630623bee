//! Health, borrowing power and liquidation in values, for accounts of simulated worlds.

use crate::lending::Collateral;

impl Collateral {
    /// Collateral times its liquidation threshold over debt, both as values in the same unit; infinite without debt.
    #[inline(always)]
    pub fn health(&self, collateral: f64, debt: f64) -> f64 {
        collateral * (f64::from(self.liquidation_threshold_bp()) / 1e4) / debt.abs()
    }

    /// What can be borrowed on top of `debt`, as a value.
    ///
    /// ```
    /// use cenote_yield::lending::Collateral;
    /// let ether = Collateral::new(7_500, 8_000, 10_500)?;
    /// assert_eq!(ether.borrowable(2000.0, 500.0), 1000.0);
    /// assert_eq!(ether.health(2000.0, 1000.0), 1.6);
    /// # Ok::<(), cenote_yield::lending::LendingError>(())
    /// ```
    #[inline(always)]
    pub fn borrowable(&self, collateral: f64, debt: f64) -> f64 {
        let most = collateral * (f64::from(self.ltv_bp()) / 1e4);
        if most > debt { most - debt } else { 0.0 }
    }

    /// What is taken from an account by whoever liquidates it: debt repaid and collateral seized, as values; nothing from a health
    /// factor of 1. Half of the debt, or all of it from 0.95 down, and the bonus on top; short of collateral, all of it for what it is
    /// worth without the bonus.
    ///
    /// ```
    /// use cenote_yield::lending::Collateral;
    /// let ether = Collateral::new(7_500, 8_000, 10_500)?;
    /// assert_eq!(ether.liquidation(1850.0, 1500.0), (750.0, 787.5));
    /// assert_eq!(ether.liquidation(2000.0, 1500.0), (0.0, 0.0));
    /// # Ok::<(), cenote_yield::lending::LendingError>(())
    /// ```
    #[inline(always)]
    pub fn liquidation(&self, collateral: f64, debt: f64) -> (f64, f64) {
        let health = self.health(collateral, debt);
        let bonus = f64::from(self.liquidation_bonus_bp()) / 1e4;
        let covered = if health > 0.95 { debt * 0.5 } else { debt };
        let covered = if health < 1.0 { covered } else { 0.0 };
        let seized = covered * bonus;
        let enough = seized <= collateral;
        (if enough { covered } else { collateral / bonus }, if enough { seized } else { collateral })
    }
}
