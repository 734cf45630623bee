//! A world made by hand, for tests: constant-product pools (of LP tokens or of the full range), farms, lending markets and vaults.

use cenote_amm::PriceRange;
use cenote_units::{SimDuration, SimTime};

use crate::market::{Bridge, BridgeId, ChainId, Market, PoolId, TokenId};
use crate::refusal::Refusal;
use crate::strategy::{Action, Entry, Position, RangeId, RangePosition, Strategy};
use crate::venue::{Farm, FarmId, FarmPosition, Lending, LendingId, LendingPosition, MAX_REWARDS, Stake, Vault, VaultId};

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) tokens: Vec<TokenId>,
    pub(crate) reserves: Vec<f64>,
    pub(crate) supply: f64,
    pub(crate) fee: f64,
    pub(crate) ranged: bool,
    pub(crate) chain: ChainId,
}

#[derive(Clone, Debug)]
pub(crate) struct HandFarm {
    pub(crate) chain: ChainId,
    pub(crate) stake: Stake,
    pub(crate) rewards: Vec<TokenId>,
    pub(crate) apr: f64,
    pub(crate) open: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) time: SimTime,
    pub(crate) prices: Vec<f64>,
    pub(crate) pools: Vec<Pool>,
    pub(crate) farms: Vec<HandFarm>,
    pub(crate) lending: Vec<Lending>,
    pub(crate) vaults: Vec<Vault>,
    pub(crate) bridges: Vec<Bridge>,
    /// Of a unit, in the numeraire.
    pub(crate) gas: f64,
    pub(crate) deposit: f64,
    pub(crate) wallet: Vec<f64>,
    pub(crate) elsewhere: Vec<Vec<f64>>,
    pub(crate) lp: Vec<f64>,
    pub(crate) staked: Vec<FarmPosition>,
    pub(crate) lent: Vec<LendingPosition>,
    pub(crate) shares: Vec<f64>,
    pub(crate) refused: Option<Refusal>,
    /// Everything is refused, for this.
    pub(crate) refuses: Option<Refusal>,
    pub(crate) home: ChainId,
    /// On bridges: when, where, which token, how much.
    pub(crate) transit: Vec<(SimTime, ChainId, TokenId, f64)>,
}

/// A pool of these reserves, with a fee of 0.3%.
pub(crate) fn pool(tokens: [u16; 2], reserves: [f64; 2]) -> Pool {
    let supply = (reserves[0] * reserves[1]).sqrt();
    let tokens = tokens.map(TokenId).to_vec();
    Pool { tokens, reserves: reserves.to_vec(), supply, fee: 0.003, ranged: false, chain: ChainId(0) }
}

pub(crate) fn farm(stake: Stake, rewards: &[u16]) -> HandFarm {
    let rewards = rewards.iter().copied().map(TokenId).collect();
    HandFarm { chain: ChainId(0), stake, rewards, apr: 0.3, open: true }
}

pub(crate) fn lending(token: u16, supply_rate: f64) -> Lending {
    let (liquidity, loan_to_value) = (1e9, 0.8);
    Lending { chain: ChainId(0), token: TokenId(token), supply_rate, borrow_rate: 0.05, liquidity, loan_to_value }
}

pub(crate) fn days(days: u64) -> SimDuration {
    SimDuration::from_nanos(days * 86_400_000_000_000)
}

impl World {
    pub(crate) fn new(prices: &[f64], pools: Vec<Pool>) -> Self {
        Self {
            time: SimTime::ZERO,
            prices: prices.to_vec(),
            lp: vec![0.0; pools.len()],
            pools,
            farms: Vec::new(),
            lending: Vec::new(),
            vaults: Vec::new(),
            bridges: Vec::new(),
            gas: 0.0,
            deposit: 0.0,
            wallet: vec![0.0; prices.len()],
            elsewhere: Vec::new(),
            staked: Vec::new(),
            lent: Vec::new(),
            shares: Vec::new(),
            refused: None,
            refuses: None,
            home: ChainId(0),
            transit: Vec::new(),
        }
    }

    pub(crate) fn with_farms(mut self, farms: Vec<HandFarm>) -> Self {
        self.staked = vec![FarmPosition::default(); farms.len()];
        self.farms = farms;
        self
    }

    pub(crate) fn with_lending(mut self, lending: Vec<Lending>) -> Self {
        self.lent = vec![LendingPosition::default(); lending.len()];
        self.lending = lending;
        self
    }

    pub(crate) fn with_vaults(mut self, farms: &[u16]) -> Self {
        let vault = |&farm| Vault { farm: FarmId(farm), performance_fee: 0.1, management_fee: 0.0 };
        self.vaults = farms.iter().map(vault).collect();
        self.shares = vec![0.0; farms.len()];
        self
    }

    /// Hands over a deposit.
    pub(crate) fn enter(&mut self, entry: &Entry, value: f64) {
        match entry {
            Entry::Pool(pool) => {
                let pool = &self.pools[pool.index()];
                let all: f64 = pool.tokens.iter().zip(&pool.reserves).map(|(t, r)| r * self.prices[t.index()]).sum();
                for (t, r) in pool.tokens.iter().zip(&pool.reserves) {
                    self.wallet[t.index()] += r * value / all;
                }
            }
            Entry::Tokens(tokens) => {
                for (t, weight) in tokens {
                    self.wallet[t.index()] += weight * value / self.prices[t.index()];
                }
            }
            Entry::Mix(parts) => {
                for (entry, weight) in parts.clone() {
                    self.enter(&entry, weight * value);
                }
                return;
            }
            Entry::Range(..) => panic!("the world has no ranges but the full one"),
        }
        self.deposit += value;
    }

    /// A reward is earned.
    pub(crate) fn earn(&mut self, farm: usize, reward: usize, amount: f64) {
        self.staked[farm].pending[reward] += amount;
    }

    pub(crate) fn wait(&mut self, pause: SimDuration) {
        self.time = self.time.checked_add(pause).unwrap();
        for (at, chain, token, amount) in std::mem::take(&mut self.transit) {
            if at > self.time {
                self.transit.push((at, chain, token, amount));
            } else {
                let wallet = if chain == self.home { &mut self.wallet } else { &mut self.elsewhere[chain.index()] };
                wallet[token.index()] += amount;
            }
        }
    }

    /// The chain that an action is done on.
    fn chain_of(&self, action: &Action) -> ChainId {
        match *action {
            Action::Mint { pool, .. } | Action::Burn { pool, .. } | Action::BurnRange { pool, .. } | Action::Swap { pool, .. } => {
                self.pools[pool.index()].chain
            }
            Action::Stake { farm, .. } | Action::Unstake { farm, .. } | Action::Claim { farm } => self.farms[farm.index()].chain,
            Action::Supply { lending, .. } | Action::Withdraw { lending, .. } => self.lending[lending.index()].chain,
            Action::Bridge { bridge, .. } => self.bridges[bridge.index()].from,
            _ => self.home,
        }
    }

    /// Asks until there is nothing more to do, and does it.
    pub(crate) fn run<S: Strategy>(&mut self, strategy: &mut S) -> Vec<Action> {
        let mut done = Vec::new();
        loop {
            let ranges = self.ranges();
            let position = self.position(&ranges);
            let Some(action) = strategy.act(self, &position) else { return done };
            done.push(action);
            assert!(done.len() < 100, "it goes on: {done:#?}");
            let before = self.clone();
            let chain = self.chain_of(&action);
            self.change_wallet(chain);
            let result = self.refuses.map_or_else(|| self.execute(action), Err);
            self.change_wallet(chain);
            if let Err(refusal) = result {
                *self = before;
                self.refused = Some(refusal);
            } else {
                self.refused = None;
            }
        }
    }

    /// The same, and nothing may be refused.
    pub(crate) fn run_well<S: Strategy>(&mut self, strategy: &mut S) -> Vec<Action> {
        let done = self.run(strategy);
        assert_eq!(self.refused, None, "{done:#?}");
        done
    }

    pub(crate) fn wake<S: Strategy>(&self, strategy: &S) -> crate::Wake {
        let ranges = self.ranges();
        strategy.wake(self, &self.position(&ranges))
    }

    pub(crate) fn ranges(&self) -> Vec<RangePosition> {
        let ranged = (0_u16..).zip(&self.pools).filter(|(_, pool)| pool.ranged);
        let of = |(p, pool): (u16, &Pool)| {
            let liquidity = self.lp[usize::from(p)];
            let amounts = [0, 1].map(|k| liquidity * pool.reserves[k] / pool.supply);
            RangePosition {
                pool: PoolId(p),
                id: RangeId(0),
                range: PriceRange::FULL,
                liquidity,
                amounts,
                owed: [0.0; 2],
                inside: true,
            }
        };
        ranged.map(of).collect()
    }

    /// LP tokens by pool; none in pools of ranges.
    pub(crate) fn position<'a>(&'a self, ranges: &'a [RangePosition]) -> Position<'a> {
        let lp = if ranges.is_empty() { &*self.lp } else { &NO_LP[..self.lp.len()] };
        Position {
            deposit_value: self.deposit,
            value: self.worth(),
            home: self.home,
            wallet: &self.wallet,
            elsewhere: &self.elsewhere,
            lp,
            farms: &self.staked,
            lending: &self.lent,
            vaults: &self.shares,
            ranges,
            hedge: &[],
            refused: self.refused,
        }
    }

    fn worth_of_lp(&self, pool: PoolId) -> f64 {
        let pool = &self.pools[pool.index()];
        pool.tokens.iter().zip(&pool.reserves).map(|(t, r)| r * self.prices[t.index()]).sum::<f64>() / pool.supply
    }

    /// Everything at outside prices, pending rewards included.
    pub(crate) fn worth(&self) -> f64 {
        let of = |stake: Stake, amount: f64| match stake {
            Stake::Token(token) => amount * self.prices[token.index()],
            Stake::Pool(pool) => amount * self.worth_of_lp(pool),
        };
        let tokens = self.wallet.iter().zip(&self.prices).map(|(x, price)| x * price).sum::<f64>();
        let mut worth = tokens + (0_u16..).zip(&self.lp).map(|(p, lp)| lp * self.worth_of_lp(PoolId(p))).sum::<f64>();
        for (farm, own) in self.farms.iter().zip(&self.staked) {
            if let Stake::Token(_) = farm.stake {
                worth += of(farm.stake, own.staked);
            }
            worth += farm.rewards.iter().zip(own.pending).map(|(t, x)| x * self.prices[t.index()]).sum::<f64>();
        }
        for (vault, share) in self.vaults.iter().zip(&self.shares) {
            worth += of(self.farms[vault.farm.index()].stake, *share);
        }
        for (terms, own) in self.lending.iter().zip(&self.lent) {
            worth += (own.supplied - own.owed) * self.prices[terms.token.index()];
        }
        worth += self.transit.iter().map(|(_, _, token, amount)| amount * self.prices[token.index()]).sum::<f64>();
        worth + self.elsewhere.iter().flat_map(|wallet| wallet.iter().zip(&self.prices)).map(|(x, p)| x * p).sum::<f64>()
    }

    fn free(&self, pool: PoolId) -> f64 {
        let here = self.farms.iter().zip(&self.staked).filter(|(farm, _)| farm.stake == Stake::Pool(pool));
        let staked: f64 = here.map(|(_, own)| own.staked).sum();
        if self.pools[pool.index()].ranged {
            if staked > 0.0 { 0.0 } else { self.lp[pool.index()] }
        } else {
            self.lp[pool.index()] - staked
        }
    }

    /// The wallet of a chain takes the place of that at home, or back.
    fn change_wallet(&mut self, chain: ChainId) {
        if chain != self.home {
            std::mem::swap(&mut self.wallet, &mut self.elsewhere[chain.index()]);
        }
    }

    fn pay_rewards(&mut self, farm: FarmId) {
        let own = &mut self.staked[farm.index()];
        for (token, pending) in self.farms[farm.index()].rewards.iter().zip(&mut own.pending) {
            self.wallet[token.index()] += *pending;
        }
        own.pending = [0.0; MAX_REWARDS];
    }

    /// Value that may still be borrowed.
    fn headroom(&self) -> f64 {
        let of = |(terms, own): (&Lending, &LendingPosition)| {
            (own.supplied * terms.loan_to_value - own.owed) * self.prices[terms.token.index()]
        };
        self.lending.iter().zip(&self.lent).map(of).sum()
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each action")]
    fn execute(&mut self, action: Action) -> Result<(), Refusal> {
        let positive = |amount: f64| if amount > 0.0 { Ok(()) } else { Err(Refusal::NotPositive { amount }) };
        let take = |have: &mut f64, wanted: f64| {
            if wanted > *have * (1.0 + 1e-12) {
                return Err(Refusal::MoreThanThere { wanted, there: *have });
            }
            *have = (*have - wanted).max(0.0);
            Ok(())
        };
        let part = |fraction: f64| {
            positive(fraction)?;
            if fraction > 1.0 { Err(Refusal::MoreThanThere { wanted: fraction, there: 1.0 }) } else { Ok(()) }
        };
        match action {
            Action::Mint { pool, fraction } => {
                part(fraction)?;
                let at = &mut self.pools[pool.index()];
                if at.ranged
                    && self.lp[pool.index()] > 0.0
                    && self.farms.iter().zip(&self.staked).any(|(f, own)| f.stake == Stake::Pool(pool) && own.staked > 0.0)
                {
                    return Err(Refusal::Pool { pool });
                }
                let most =
                    at.tokens.iter().zip(&at.reserves).map(|(t, r)| self.wallet[t.index()] / r).fold(f64::INFINITY, f64::min);
                if most <= 0.0 {
                    return Err(Refusal::Pool { pool });
                }
                let share = most * fraction;
                for (t, r) in at.tokens.iter().zip(&mut at.reserves) {
                    self.wallet[t.index()] = (self.wallet[t.index()] - share * *r).max(0.0);
                    *r *= 1.0 + share;
                }
                self.lp[pool.index()] += share * at.supply;
                at.supply *= 1.0 + share;
            }
            Action::Burn { pool, fraction } | Action::BurnRange { pool, fraction, .. } => {
                part(fraction)?;
                let burned = self.free(pool) * fraction;
                if burned <= 0.0 {
                    return Err(Refusal::Pool { pool });
                }
                let at = &mut self.pools[pool.index()];
                let share = burned / at.supply;
                for (t, r) in at.tokens.iter().zip(&mut at.reserves) {
                    self.wallet[t.index()] += share * *r;
                    *r *= 1.0 - share;
                }
                at.supply -= burned;
                self.lp[pool.index()] -= burned;
            }
            Action::Swap { pool, token_in, token_out, amount_in } => {
                positive(amount_in)?;
                let amount_out = self.quote(pool, token_in, token_out, amount_in);
                if amount_out.is_nan() {
                    return Err(Refusal::UnknownPair { pool, token_in, token_out });
                }
                take(&mut self.wallet[token_in.index()], amount_in)?;
                self.wallet[token_out.index()] += amount_out;
                let at = &mut self.pools[pool.index()];
                for (t, r) in at.tokens.iter().zip(&mut at.reserves) {
                    *r += if *t == token_in {
                        amount_in
                    } else if *t == token_out {
                        -amount_out
                    } else {
                        0.0
                    };
                }
            }
            Action::Stake { farm, fraction } => {
                part(fraction)?;
                let amount = match self.farms[farm.index()].stake {
                    Stake::Token(token) => {
                        let amount = fraction * self.wallet[token.index()];
                        self.wallet[token.index()] -= amount;
                        amount
                    }
                    Stake::Pool(pool) if self.pools[pool.index()].ranged => f64::from(u8::from(self.free(pool) > 0.0)),
                    Stake::Pool(pool) => fraction * self.free(pool),
                };
                if amount <= 0.0 {
                    return Err(Refusal::Nothing);
                }
                // As MasterChef does it.
                self.pay_rewards(farm);
                self.staked[farm.index()].staked += amount;
            }
            Action::Unstake { farm, fraction } => {
                part(fraction)?;
                if !self.farms[farm.index()].open {
                    return Err(Refusal::Frozen);
                }
                let amount = fraction * self.staked[farm.index()].staked;
                if amount <= 0.0 {
                    return Err(Refusal::Nothing);
                }
                self.pay_rewards(farm);
                self.staked[farm.index()].staked -= amount;
                if let Stake::Token(token) = self.farms[farm.index()].stake {
                    self.wallet[token.index()] += amount;
                }
            }
            Action::Claim { farm } => {
                if !self.farms[farm.index()].open {
                    return Err(Refusal::Frozen);
                }
                if self.staked[farm.index()].pending.iter().all(|&pending| pending == 0.0) {
                    return Err(Refusal::Nothing);
                }
                self.pay_rewards(farm);
            }
            Action::Supply { lending, amount } => {
                positive(amount)?;
                take(&mut self.wallet[self.lending[lending.index()].token.index()], amount)?;
                self.lent[lending.index()].supplied += amount;
            }
            Action::Withdraw { lending, amount } => {
                positive(amount)?;
                let terms = self.lending[lending.index()];
                if amount > terms.liquidity {
                    return Err(Refusal::LentOut { lending, wanted: amount, there: terms.liquidity });
                }
                take(&mut self.lent[lending.index()].supplied, amount)?;
                self.wallet[terms.token.index()] += amount;
                if self.headroom() < -1e-9 {
                    return Err(Refusal::TooLittleCollateral { wanted: amount, allowed: 0.0 });
                }
            }
            Action::Borrow { lending, amount } => {
                positive(amount)?;
                self.lent[lending.index()].owed += amount;
                self.wallet[self.lending[lending.index()].token.index()] += amount;
                if self.headroom() < -1e-9 {
                    return Err(Refusal::TooLittleCollateral { wanted: amount, allowed: 0.0 });
                }
            }
            Action::Repay { lending, amount } => {
                positive(amount)?;
                take(&mut self.wallet[self.lending[lending.index()].token.index()], amount)?;
                take(&mut self.lent[lending.index()].owed, amount)?;
            }
            Action::Deposit { vault, fraction } => {
                part(fraction)?;
                let amount = match self.farms[self.vaults[vault.index()].farm.index()].stake {
                    Stake::Token(token) => {
                        let amount = fraction * self.wallet[token.index()];
                        self.wallet[token.index()] -= amount;
                        amount
                    }
                    Stake::Pool(pool) => {
                        let amount = fraction * self.free(pool);
                        self.lp[pool.index()] -= amount;
                        amount
                    }
                };
                if amount <= 0.0 {
                    return Err(Refusal::Nothing);
                }
                self.shares[vault.index()] += amount;
            }
            Action::Redeem { vault, fraction } => {
                part(fraction)?;
                let farm = &self.farms[self.vaults[vault.index()].farm.index()];
                if !farm.open {
                    return Err(Refusal::Frozen);
                }
                let amount = fraction * self.shares[vault.index()];
                if amount <= 0.0 {
                    return Err(Refusal::Nothing);
                }
                self.shares[vault.index()] -= amount;
                match farm.stake {
                    Stake::Token(token) => self.wallet[token.index()] += amount,
                    Stake::Pool(pool) => self.lp[pool.index()] += amount,
                }
            }
            Action::Bridge { bridge, token, amount } => {
                positive(amount)?;
                take(&mut self.wallet[token.index()], amount)?;
                let Bridge { to, fraction, fixed, delay, .. } = self.bridges[bridge.index()];
                let arrives = amount * (1.0 - fraction) - fixed / self.prices[token.index()];
                if arrives <= 0.0 {
                    return Err(Refusal::KeptByBridge { bridge, amount });
                }
                self.transit.push((self.time.checked_add(delay).unwrap(), to, token, arrives));
            }
            other => panic!("the world cannot do {other:?}"),
        }
        Ok(())
    }
}

static NO_LP: [f64; 16] = [0.0; 16];

impl Market for World {
    fn time(&self) -> SimTime {
        self.time
    }

    fn block(&self) -> u32 {
        0
    }

    fn price(&self, token: TokenId) -> f64 {
        self.prices.get(token.index()).copied().unwrap_or(f64::NAN)
    }

    fn pool_tokens(&self, pool: PoolId) -> &[TokenId] {
        self.pools.get(pool.index()).map_or(&[], |pool| &pool.tokens)
    }

    fn reserve(&self, pool: PoolId, token: TokenId) -> f64 {
        let pool = &self.pools[pool.index()];
        pool.tokens.iter().zip(&pool.reserves).find(|(t, _)| **t == token).map_or(0.0, |(_, r)| *r)
    }

    fn spot_price(&self, pool: PoolId, base: TokenId, quote: TokenId) -> f64 {
        self.reserve(pool, quote) / self.reserve(pool, base)
    }

    fn quote(&self, pool: PoolId, token_in: TokenId, token_out: TokenId, amount_in: f64) -> f64 {
        let [i, o] = [token_in, token_out].map(|token| self.reserve(pool, token));
        let net = (1.0 - self.pools[pool.index()].fee) * amount_in;
        if i > 0.0 && o > 0.0 { o * net / (i + net) } else { f64::NAN }
    }

    fn lp_value(&self, pool: PoolId) -> f64 {
        if self.pools[pool.index()].ranged { f64::NAN } else { self.worth_of_lp(pool) }
    }

    fn invariant_per_lp(&self, pool: PoolId) -> f64 {
        let pool = &self.pools[pool.index()];
        if pool.ranged { f64::NAN } else { (pool.reserves[0] * pool.reserves[1]).sqrt() / pool.supply }
    }

    fn proportions(&self, pool: PoolId, range: PriceRange) -> Option<([f64; 2], PriceRange)> {
        let pool = self.pools.get(pool.index())?;
        let root = (pool.reserves[1] / pool.reserves[0]).sqrt();
        pool.ranged.then_some(([1.0 / root, root], range))
    }

    fn bridge(&self, bridge: BridgeId) -> Option<Bridge> {
        self.bridges.get(bridge.index()).copied()
    }

    fn farm(&self, farm: FarmId) -> Option<Farm<'_>> {
        let HandFarm { chain, stake, rewards, apr, open } = self.farms.get(farm.index())?;
        Some(Farm { chain: *chain, stake: *stake, rewards, apr: *apr, is_open: *open })
    }

    fn lending(&self, lending: LendingId) -> Option<Lending> {
        self.lending.get(lending.index()).copied()
    }

    fn vault(&self, vault: VaultId) -> Option<Vault> {
        self.vaults.get(vault.index()).copied()
    }

    fn chain(&self, pool: PoolId) -> ChainId {
        self.pools[pool.index()].chain
    }

    fn gas_cost(&self, _: ChainId, units: f64) -> f64 {
        units * self.gas
    }
}
