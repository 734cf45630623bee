use cenote_units::Lanes;

/// Who can own tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// Everybody the world does not follow: traders, other providers, lenders, the outside market.
    Outside,
    Pool(usize),
    Position(usize),
    Farm(usize),
}

/// Double entry over every token: what one account gives, another receives. Kept in audits only.
///
/// Balances are sums of the flows that were posted; an audit compares them with the reserves and wallets that the world computed
/// on its own way. So a token that a kernel created or lost shows.
#[derive(Debug)]
pub(crate) struct Ledger<const L: usize> {
    tokens: usize,
    pools: usize,
    positions: usize,
    /// By account, then token.
    balances: Vec<Lanes<L>>,
    /// How often something was posted to each of them.
    postings: Vec<u64>,
    /// Largest balance a token ever had anywhere: what an error is measured against.
    scale: Vec<Lanes<L>>,
}

impl<const L: usize> Ledger<L> {
    pub(crate) fn new(tokens: usize, pools: usize, positions: usize, farms: usize) -> Self {
        let accounts = 1 + pools + positions + farms;
        let (balances, postings) = (vec![Lanes::ZERO; tokens * accounts], vec![0; tokens * accounts]);
        Self { tokens, pools, positions, balances, postings, scale: vec![Lanes::ZERO; tokens] }
    }

    pub(crate) fn clear(&mut self) {
        self.balances.fill(Lanes::ZERO);
        self.postings.fill(0);
        self.scale.fill(Lanes::ZERO);
    }

    fn index(&self, account: Account, token: usize) -> usize {
        let account = match account {
            Account::Outside => 0,
            Account::Pool(i) => 1 + i,
            Account::Position(i) => 1 + self.pools + i,
            Account::Farm(i) => 1 + self.pools + self.positions + i,
        };
        account * self.tokens + token
    }

    /// Moves `amount` whole tokens; a negative amount moves the other way.
    pub(crate) fn transfer(&mut self, from: Account, to: Account, token: usize, amount: &Lanes<L>) {
        for l in 0..L {
            self.post(from, to, token, l, amount[l]);
        }
        self.count(from, to, token);
    }

    /// The same in one lane.
    pub(crate) fn transfer_lane(&mut self, from: Account, to: Account, token: usize, l: usize, amount: f64) {
        self.post(from, to, token, l, amount);
        self.count(from, to, token);
    }

    fn count(&mut self, from: Account, to: Account, token: usize) {
        for account in [from, to] {
            let index = self.index(account, token);
            self.postings[index] += 1;
        }
    }

    fn post(&mut self, from: Account, to: Account, token: usize, l: usize, amount: f64) {
        let (from, to) = (self.index(from, token), self.index(to, token));
        self.balances[from][l] -= amount;
        self.balances[to][l] += amount;
        self.scale[token][l] = self.scale[token][l].max(self.balances[to][l].abs()).max(self.balances[from][l].abs());
    }

    /// The first lane whose booked balance is not what the world `holds`, with the booked balance. Who counts in whole units of this size
    /// keeps back a few of them, or gives them away, whenever something is posted.
    pub(crate) fn mismatch(&self, account: Account, token: usize, holds: &Lanes<L>, unit: f64) -> Option<(usize, f64)> {
        let index = self.index(account, token);
        let (booked, scale) = (&self.balances[index], &self.scale[token]);
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let rounding = unit * UNITS * (self.postings[index] as f64);
        // Relative to the largest balance, because a pool can be almost emptied of a token.
        let agrees = |l: usize| (booked[l] - holds[l]).abs() <= TOLERANCE * scale[l] + rounding;
        (0..L).find(|&l| !agrees(l)).map(|l| (l, booked[l]))
    }
}

/// Relative; rounding of floats stays a thousand times below.
const TOLERANCE: f64 = 1e-9;
/// What a contract's rounding comes to at most whenever something is done, in its units: input up, output down, and fees down for those
/// who own them.
pub(crate) const UNITS: f64 = 4.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_gives_another_receives() {
        let mut ledger = Ledger::<2>::new(2, 1, 1, 0);
        ledger.transfer(Account::Outside, Account::Pool(0), 1, &Lanes([100.0, 50.0]));
        ledger.transfer(Account::Pool(0), Account::Position(0), 1, &Lanes([30.0, -5.0]));
        assert_eq!(ledger.mismatch(Account::Pool(0), 1, &Lanes([70.0, 55.0]), 0.0), None);
        assert_eq!(ledger.mismatch(Account::Position(0), 1, &Lanes([30.0, -5.0]), 0.0), None);
        assert_eq!(ledger.mismatch(Account::Outside, 1, &Lanes([-100.0, -50.0]), 0.0), None);
        assert_eq!(ledger.mismatch(Account::Pool(0), 0, &Lanes::ZERO, 0.0), None);
    }

    #[test]
    fn a_token_too_many_or_too_few_shows() {
        let mut ledger = Ledger::<2>::new(1, 1, 0, 0);
        ledger.transfer(Account::Outside, Account::Pool(0), 0, &Lanes([100.0, 100.0]));
        assert_eq!(ledger.mismatch(Account::Pool(0), 0, &Lanes([100.0, 100.0 + 1e-6]), 0.0), Some((1, 100.0)));
        assert_eq!(ledger.mismatch(Account::Pool(0), 0, &Lanes([100.0 - 1e-6, 100.0]), 0.0), Some((0, 100.0)));
        assert_eq!(ledger.mismatch(Account::Pool(0), 0, &Lanes([f64::NAN, 100.0]), 0.0), Some((0, 100.0)));
        // Rounding passes: of floats, and of who counts in whole units.
        assert_eq!(ledger.mismatch(Account::Pool(0), 0, &Lanes([100.0 - 1e-6, 100.0]), 1e-6), None);
        assert_eq!(ledger.mismatch(Account::Pool(0), 0, &Lanes([100.0 - 1e-5, 100.0]), 1e-6), Some((0, 100.0)));
        assert_eq!(ledger.mismatch(Account::Pool(0), 0, &Lanes([100.0 + 1e-9, 100.0]), 0.0), None);
    }
}
