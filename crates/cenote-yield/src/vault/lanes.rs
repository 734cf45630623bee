//! A managed vault of `L` paths in lockstep.

use cenote_units::{Lanes, kernel};

use super::managed::VaultFees;

/// Years of 365 days per nanosecond.
const YEARS_PER_NANOSECOND: f64 = 1.0 / (365.0 * 86_400.0 * 1e9);

/// A [`ManagedVault`](super::ManagedVault) in `L` lanes: what it earns is compounded at harvests, fees are shares of the house.
///
/// Amounts are whole tokens. An amount of zero is an exact no-op, and what is refused becomes zero. Virtual shares, which are worth
/// 10⁻¹⁸ tokens, are left out: a share costs one token at the start.
///
/// ```
/// use cenote_units::Lanes;
/// use cenote_yield::vault::{VaultFees, VaultLanes};
///
/// let fees = VaultFees::new("10%".parse()?, "0%".parse()?)?;
/// let mut vault = VaultLanes::<2>::new(1_000.0, fees, 1);
/// let mut amount = Lanes([1_000.0, 0.0]);
/// vault.deposit(0, &mut amount);
/// vault.harvest(&Lanes([200.0, -50.0]));
/// let mut balance = Lanes::ZERO;
/// vault.balance(0, &mut balance);
/// assert!((balance[0] - 1_090.0).abs() < 1e-9); // 100 of profit, a tenth of it charged
/// vault.share_price(&mut balance);
/// assert_eq!(balance[1], 0.95);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct VaultLanes<const L: usize> {
    held_at_start: f64,
    performance: f64,
    management: f64,
    last: [u64; L],
    assets: Lanes<L>,
    supply: Lanes<L>,
    high_water: Lanes<L>,
    collected: Lanes<L>,
    accounts: Vec<Lanes<L>>,
}

impl<const L: usize> VaultLanes<L> {
    /// A vault in which others hold `held_by_others` tokens, with so many accounts.
    pub fn new(held_by_others: f64, fees: VaultFees, accounts: usize) -> Self {
        let mut vault = Self {
            held_at_start: held_by_others,
            performance: fees.performance(),
            management: fees.management(),
            last: [0; L],
            assets: Lanes::ZERO,
            supply: Lanes::ZERO,
            high_water: Lanes::ZERO,
            collected: Lanes::ZERO,
            accounts: vec![Lanes::ZERO; accounts],
        };
        vault.start();
        vault
    }

    /// Begins new paths: back to the state it was built in, at time 0.
    pub fn start(&mut self) {
        self.last = [0; L];
        (self.assets, self.supply) = (Lanes::splat(self.held_at_start), Lanes::splat(self.held_at_start));
        (self.high_water, self.collected) = (Lanes::splat(1.0), Lanes::ZERO);
        self.accounts.fill(Lanes::ZERO);
    }

    /// Charges the management fee up to `time`, in nanoseconds since the start: in shares, for the house.
    pub fn advance(&mut self, time: &[u64; L]) {
        stream(self.management, &mut self.last, time, &mut self.supply, &mut self.collected);
    }

    /// Puts profits to work and charges the performance fee on what lifts a share above its high-water mark. A loss is a profit below
    /// zero, at most of all there is.
    pub fn harvest(&mut self, profit: &Lanes<L>) {
        harvest(self.performance, profit, &mut self.assets, &mut self.supply, &mut self.high_water, &mut self.collected);
    }

    /// An account deposits. On return `amount` is what was deposited: zero where it was negative, no finite number, or the vault has
    /// lost everything.
    pub fn deposit(&mut self, account: usize, amount: &mut Lanes<L>) {
        enter(amount, &mut self.assets, &mut self.supply, &mut self.high_water, &mut self.accounts[account]);
    }

    /// An account withdraws. On return `amount` is what was withdrawn: zero where it was more than the account's shares are worth.
    pub fn withdraw(&mut self, account: usize, amount: &mut Lanes<L>) {
        leave(amount, &mut self.assets, &mut self.supply, &mut self.accounts[account]);
    }

    /// What an account's shares are worth.
    pub fn balance(&self, account: usize, out: &mut Lanes<L>) {
        self.worth(&self.accounts[account], out);
    }

    /// What the house's shares are worth.
    pub fn collected(&self, out: &mut Lanes<L>) {
        self.worth(&self.collected, out);
    }

    /// What the vault holds.
    pub fn total_assets(&self) -> &Lanes<L> {
        &self.assets
    }

    /// What a share is worth; 1 where there are none.
    pub fn share_price(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = if self.supply[l] > 0.0 { self.assets[l] / self.supply[l] } else { 1.0 };
        }
    }

    fn worth(&self, shares: &Lanes<L>, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = worth(shares[l], self.assets[l], self.supply[l]);
        }
    }
}

/// What shares are worth: all shares are worth exactly all assets.
#[inline(always)]
fn worth(shares: f64, assets: f64, supply: f64) -> f64 {
    let part = if supply > 0.0 { shares / supply } else { 0.0 };
    part * assets
}

kernel! {
    fn stream<const L: usize>(
        management: f64,
        last: &mut [u64; L],
        time: &[u64; L],
        supply: &mut Lanes<L>,
        collected: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let elapsed = time[l].saturating_sub(last[l]);
            let part = management * (nearest_f64(elapsed) * YEARS_PER_NANOSECOND);
            // Priced after the fee: the house then owns `part` of everything new. Never more than nearly everything at once.
            let part = if part < 0.999 { part } else { 0.999 };
            let shares = supply[l] * (part / (1.0 - part));
            supply[l] += shares;
            collected[l] += shares;
            last[l] += elapsed;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what it is for")]
#[inline(always)]
fn nearest_f64(x: u64) -> f64 {
    x as f64
}

kernel! {
    fn harvest<const L: usize>(
        performance: f64,
        profit: &Lanes<L>,
        assets: &mut Lanes<L>,
        supply: &mut Lanes<L>,
        high_water: &mut Lanes<L>,
        collected: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let held = assets[l] + profit[l];
            let held = if held > 0.0 { held } else { 0.0 };
            let before = supply[l];
            let above = held - high_water[l] * before;
            let charged = if above < profit[l] { above } else { profit[l] };
            let fee = if charged > 0.0 { charged * performance } else { 0.0 };
            let rest = held - fee;
            let shares = if rest > 0.0 { before * (fee / rest) } else { 0.0 };
            let after = before + shares;
            let price = if after > 0.0 { held / after } else { 0.0 };
            assets[l] = held;
            supply[l] = after;
            collected[l] += shares;
            high_water[l] = if price > high_water[l] { price } else { high_water[l] };
        }
    }
}

kernel! {
    fn enter<const L: usize>(
        amount: &mut Lanes<L>,
        assets: &mut Lanes<L>,
        supply: &mut Lanes<L>,
        high_water: &mut Lanes<L>,
        shares: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let is_empty = supply[l] == 0.0;
            let price = if is_empty { 1.0 } else { assets[l] / supply[l] };
            let some = if amount[l] <= f64::MAX { amount[l] } else { 0.0 };
            let some = if some > 0.0 { some } else { 0.0 };
            let some = if price > 0.0 { some } else { 0.0 };
            let bought = if some > 0.0 { some / price } else { 0.0 };
            // A new start: nobody is left whose losses are to be made good.
            high_water[l] = if is_empty { 1.0 } else { high_water[l] };
            assets[l] += some;
            supply[l] += bought;
            shares[l] += bought;
            amount[l] = some;
        }
    }
}

kernel! {
    fn leave<const L: usize>(amount: &mut Lanes<L>, assets: &mut Lanes<L>, supply: &mut Lanes<L>, shares: &mut Lanes<L>) {
        for l in 0..L {
            let held = worth(shares[l], assets[l], supply[l]);
            let some = if amount[l] <= held { amount[l] } else { 0.0 };
            let some = if some > 0.0 { some } else { 0.0 };
            let whole = some == held;
            let part = if some > 0.0 { some / assets[l] * supply[l] } else { 0.0 };
            let sold = if whole { shares[l] } else { part };
            let sold = if sold < shares[l] { sold } else { shares[l] };
            assets[l] -= some;
            supply[l] -= sold;
            shares[l] -= sold;
            // The last share takes roundings with it.
            assets[l] = if supply[l] > 0.0 { assets[l] } else { 0.0 };
            amount[l] = some;
        }
    }
}
