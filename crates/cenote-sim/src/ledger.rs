use cenote_units::Lanes;

/// Who can own tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// Everybody the world does not follow: traders, other providers, the outside market.
    Outside,
    Pool(usize),
    Position(usize),
}

/// Double entry over every token: what one account gives, another receives. Kept in audits only.
///
/// Balances are sums of the flows that were posted; an audit compares them with the reserves and wallets that the world computed
/// on its own way. So a token that a kernel created or lost shows.
#[derive(Debug)]
pub(crate) struct Ledger<const L: usize> {
    tokens: usize,
    pools: usize,
    /// By account, then token.
    balances: Vec<Lanes<L>>,
    /// Largest balance a token ever had anywhere: what an error is measured against.
    scale: Vec<Lanes<L>>,
}

impl<const L: usize> Ledger<L> {
    pub(crate) fn new(tokens: usize, pools: usize, positions: usize) -> Self {
        Self { tokens, pools, balances: vec![Lanes::ZERO; tokens * (1 + pools + positions)], scale: vec![Lanes::ZERO; tokens] }
    }

    pub(crate) fn clear(&mut self) {
        self.balances.fill(Lanes::ZERO);
        self.scale.fill(Lanes::ZERO);
    }

    fn index(&self, account: Account, token: usize) -> usize {
        let account = match account {
            Account::Outside => 0,
            Account::Pool(i) => 1 + i,
            Account::Position(i) => 1 + self.pools + i,
        };
        account * self.tokens + token
    }

    /// Moves `amount` whole tokens; a negative amount moves the other way.
    pub(crate) fn transfer(&mut self, from: Account, to: Account, token: usize, amount: &Lanes<L>) {
        let (from, to) = (self.index(from, token), self.index(to, token));
        for l in 0..L {
            self.balances[from][l] -= amount[l];
            self.balances[to][l] += amount[l];
            self.scale[token][l] = self.scale[token][l].max(self.balances[to][l].abs()).max(self.balances[from][l].abs());
        }
    }

    /// The first lane whose booked balance is not what the world `holds`, with the booked balance.
    pub(crate) fn mismatch(&self, account: Account, token: usize, holds: &Lanes<L>) -> Option<(usize, f64)> {
        let booked = &self.balances[self.index(account, token)];
        let scale = &self.scale[token];
        // Relative to the largest balance, because a pool can be almost emptied of a token.
        (0..L).find(|&l| !((booked[l] - holds[l]).abs() <= TOLERANCE * scale[l])).map(|l| (l, booked[l]))
    }
}

/// Relative; rounding stays a thousand times below.
const TOLERANCE: f64 = 1e-9;
