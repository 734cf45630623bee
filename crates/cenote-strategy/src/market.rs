use cenote_amm::{AnyPool, PriceRange, TokenIndex};
use cenote_units::{Lanes, SimDuration, SimTime};

use crate::venue::{Farm, FarmId, Lending, LendingId, Vault, VaultId, VenueLanes};

/// A token of the world, by its place in the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub u16);

/// A pool of the world, by its place in the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u16);

/// A chain of the world, by its place in the study.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(pub u16);

impl ChainId {
    /// The index into the world's chains.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A bridge of the world, by its place in the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BridgeId(pub u16);

impl BridgeId {
    /// The index into the world's bridges.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A way for tokens from one chain to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bridge {
    /// Where they are sent.
    pub from: ChainId,
    /// Where they arrive.
    pub to: ChainId,
    /// What it keeps of what is sent, as a fraction.
    pub fraction: f64,
    /// What it keeps besides, in the numeraire.
    pub fixed: f64,
    /// After how long they arrive, with the next block there.
    pub delay: SimDuration,
    /// Probability that what is sent is lost.
    pub failure: f64,
}

impl TokenId {
    /// The index into the world's tokens.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl PoolId {
    /// The index into the world's pools.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What somebody can know about one path's market at a moment: read-only, and nothing of the future.
///
/// The simulator provides it from its world; a test can provide its own.
pub trait Market {
    /// Time since the start of the simulation.
    fn time(&self) -> SimTime;
    /// Index of the current block; `u32::MAX` at the start, before the first.
    fn block(&self) -> u32;
    /// Outside price of `token`, in the numeraire. NaN if there is no such token.
    fn price(&self, token: TokenId) -> f64;
    /// The pool's tokens, in the pool's order; none if there is no such pool.
    fn pool_tokens(&self, pool: PoolId) -> &[TokenId];
    /// The pool's reserve of `token`, in whole tokens; zero if the pool has no such token.
    fn reserve(&self, pool: PoolId, token: TokenId) -> f64;
    /// Marginal price of `base` in `quote` in the pool, before fee. NaN if the pool has no such tokens.
    fn spot_price(&self, pool: PoolId, base: TokenId, quote: TokenId) -> f64;
    /// What `amount_in` of `token_in` would buy in the pool now, in whole tokens. NaN if the pool has no such tokens.
    fn quote(&self, pool: PoolId, token_in: TokenId, token_out: TokenId, amount_in: f64) -> f64;
    /// Value of one whole LP token at outside prices, in the numeraire. NaN if there is no such pool, or it has no LP tokens.
    fn lp_value(&self, pool: PoolId) -> f64;
    /// The pool's invariant per LP token: it grows with fees and nothing else, so that its growth over a time is what they paid in it.
    /// NaN if there is no such pool, or it has no LP tokens.
    fn invariant_per_lp(&self, pool: PoolId) -> f64 {
        let _ = pool;
        f64::NAN
    }
    /// What a unit of a pool's full-range liquidity has earned in fees so far, in whole tokens of both. None if the pool has no ranges, or
    /// does not know.
    fn fee_growth(&self, pool: PoolId) -> Option<[f64; 2]> {
        let _ = pool;
        None
    }
    /// What one unit of liquidity in `range` takes of the pool's two tokens now, and the range that it really gets, at ticks that the
    /// pool can use. None if the pool has no ranges.
    fn proportions(&self, pool: PoolId, range: PriceRange) -> Option<([f64; 2], PriceRange)>;
    /// A bridge; none if there is no such.
    fn bridge(&self, bridge: BridgeId) -> Option<Bridge>;
    /// A farm; none if there is no such.
    fn farm(&self, farm: FarmId) -> Option<Farm<'_>> {
        let _ = farm;
        None
    }
    /// A lending market; none if there is no such.
    fn lending(&self, lending: LendingId) -> Option<Lending> {
        let _ = lending;
        None
    }
    /// A vault; none if there is no such.
    fn vault(&self, vault: VaultId) -> Option<Vault> {
        let _ = vault;
        None
    }
    /// The chain that the pool is on.
    fn chain(&self, pool: PoolId) -> ChainId;
    /// What a transaction of so many `units` of gas costs on a chain now, in the numeraire: nothing where it burns none.
    fn gas_cost(&self, chain: ChainId, units: f64) -> f64;
}

/// What a transaction costs on a chain now, `L` paths wide.
#[derive(Clone, Debug)]
pub struct GasLanes<const L: usize> {
    /// The token that gas is paid in; none where gas is free.
    pub native: Option<TokenId>,
    /// Price of a unit of gas, in the native token.
    pub price: Lanes<L>,
    /// What every transaction pays besides its own gas, in the native token: publishing its data on another chain.
    pub data: Lanes<L>,
}

impl<const L: usize> GasLanes<L> {
    /// Free.
    pub const FREE: Self = Self { native: None, price: Lanes::ZERO, data: Lanes::ZERO };

    /// What a transaction of so many `units` of gas costs in a lane, in the numeraire, with a priority fee of `tip` a unit in the native
    /// token.
    pub fn cost(&self, units: f64, tip: f64, lane: usize, prices: &[Lanes<L>]) -> f64 {
        match self.native {
            Some(native) if units > 0.0 => (units * (self.price[lane] + tip) + self.data[lane]) * prices[native.index()][lane],
            _ => 0.0,
        }
    }
}

/// The same market, `L` paths wide.
#[derive(Clone, Copy, Debug)]
pub struct MarketLanes<'a, const L: usize> {
    /// The chain whose block this is: of several, the others may have none now.
    pub chain: ChainId,
    /// Index of the current block; of several chains, they are counted together.
    pub block: u32,
    /// Time since the start, in nanoseconds, lane by lane.
    pub time: &'a [u64; L],
    /// Years since the chain's block before.
    pub years: &'a Lanes<L>,
    /// The same in all lanes, if it is.
    pub shared_years: Option<f64>,
    /// 1 where the chain has a block now, 0 where it has none: the lane's horizon is past, or it is another chain's turn.
    pub active: &'a Lanes<L>,
    /// Outside price of each token in the numeraire.
    pub prices: &'a [Lanes<L>],
    /// The prices that this block is about to bring: for those who trade on knowing them, and for nobody else.
    pub upcoming: Option<&'a [Lanes<L>]>,
    /// The pools.
    pub pools: &'a [AnyPool<L>],
    /// The tokens of each pool, in the pool's order.
    pub pool_tokens: &'a [Vec<TokenId>],
    /// The chain of each pool.
    pub pool_chains: &'a [ChainId],
    /// The bridges.
    pub bridges: &'a [Bridge],
    /// Farms, lending markets and vaults.
    pub venues: &'a VenueLanes<L>,
    /// The token that values are counted in; its price is one.
    pub numeraire: TokenId,
    /// What transactions cost on each chain.
    pub gas: &'a [GasLanes<L>],
    /// What who is asked pays for a unit of gas beyond its price, in the native token.
    pub priority_fee: f64,
}

impl<const L: usize> MarketLanes<'_, L> {
    /// One lane of it.
    pub fn lane(&self, lane: usize) -> LaneMarket<'_, L> {
        LaneMarket { market: self, lane }
    }

    /// The place of `token` in the pool, if it is there.
    pub fn token_index(&self, pool: PoolId, token: TokenId) -> Option<TokenIndex> {
        token_index(self.pool_tokens.get(pool.index())?, token)
    }

    /// What a transaction of so many `units` of gas costs on a chain now, in the numeraire.
    pub fn gas_cost(&self, chain: ChainId, units: f64) -> Lanes<L> {
        let gas = &self.gas[chain.index()];
        let mut cost = Lanes::ZERO;
        for l in 0..L {
            cost[l] = gas.cost(units, self.priority_fee, l, self.prices);
        }
        cost
    }

    /// The chain that a pool is on.
    pub fn chain_of(&self, pool: PoolId) -> ChainId {
        self.pool_chains.get(pool.index()).copied().unwrap_or_default()
    }
}

/// The place of `token` among a pool's tokens.
pub fn token_index(tokens: &[TokenId], token: TokenId) -> Option<TokenIndex> {
    tokens.iter().position(|&t| t == token).and_then(|i| u8::try_from(i).ok()).map(TokenIndex)
}

/// One lane of a [`MarketLanes`]: what a one-path agent or strategy sees.
#[derive(Clone, Copy, Debug)]
pub struct LaneMarket<'a, const L: usize> {
    market: &'a MarketLanes<'a, L>,
    lane: usize,
}

impl<const L: usize> Market for LaneMarket<'_, L> {
    fn time(&self) -> SimTime {
        SimTime::from_nanos(self.market.time[self.lane])
    }

    fn block(&self) -> u32 {
        self.market.block
    }

    fn price(&self, token: TokenId) -> f64 {
        self.market.prices.get(token.index()).map_or(f64::NAN, |price| price[self.lane])
    }

    fn pool_tokens(&self, pool: PoolId) -> &[TokenId] {
        self.market.pool_tokens.get(pool.index()).map_or(&[], Vec::as_slice)
    }

    fn reserve(&self, pool: PoolId, token: TokenId) -> f64 {
        self.market.token_index(pool, token).map_or(0.0, |i| self.market.pools[pool.index()].reserve(i, self.lane))
    }

    fn spot_price(&self, pool: PoolId, base: TokenId, quote: TokenId) -> f64 {
        let (Some(base), Some(quote)) = (self.market.token_index(pool, base), self.market.token_index(pool, quote)) else {
            return f64::NAN;
        };
        self.market.pools[pool.index()].spot_price(base, quote, self.lane)
    }

    fn quote(&self, pool: PoolId, token_in: TokenId, token_out: TokenId, amount_in: f64) -> f64 {
        let (Some(i), Some(j)) = (self.market.token_index(pool, token_in), self.market.token_index(pool, token_out)) else {
            return f64::NAN;
        };
        self.market.pools[pool.index()].quote(self.lane, i, j, amount_in)
    }

    fn lp_value(&self, pool: PoolId) -> f64 {
        let value: f64 = self.pool_tokens(pool).iter().map(|&t| self.reserve(pool, t) * self.price(t)).sum();
        let lanes = self.market.pools.get(pool.index()).and_then(AnyPool::fungible);
        lanes.map_or(f64::NAN, |pool| value / pool.supply()[self.lane])
    }

    fn invariant_per_lp(&self, pool: PoolId) -> f64 {
        let lanes = self.market.pools.get(pool.index()).and_then(AnyPool::fungible);
        lanes.map_or(f64::NAN, |pool| {
            let mut invariant = Lanes::ZERO;
            pool.invariant(&mut invariant);
            invariant[self.lane] / pool.supply()[self.lane]
        })
    }

    fn farm(&self, farm: FarmId) -> Option<Farm<'_>> {
        let terms = self.market.venues.farms.get(farm.index())?;
        let (apr, is_open) = (terms.apr[self.lane], terms.open[self.lane] != 0.0);
        Some(Farm { chain: terms.chain, stake: terms.stake, rewards: &terms.rewards, apr, is_open })
    }

    fn lending(&self, lending: LendingId) -> Option<Lending> {
        let terms = self.market.venues.lending.get(lending.index())?;
        Some(Lending {
            chain: terms.chain,
            token: terms.token,
            supply_rate: terms.supply_rate[self.lane],
            borrow_rate: terms.borrow_rate[self.lane],
            liquidity: terms.liquidity[self.lane],
            loan_to_value: terms.loan_to_value,
        })
    }

    fn vault(&self, vault: VaultId) -> Option<Vault> {
        self.market.venues.vaults.get(vault.index()).copied()
    }

    fn proportions(&self, pool: PoolId, range: PriceRange) -> Option<([f64; 2], PriceRange)> {
        Some(self.market.pools.get(pool.index())?.ranged()?.proportions(self.lane, range))
    }

    fn fee_growth(&self, pool: PoolId) -> Option<[f64; 2]> {
        self.market.pools.get(pool.index())?.ranged()?.fee_growth(self.lane)
    }

    fn bridge(&self, bridge: BridgeId) -> Option<Bridge> {
        self.market.bridges.get(bridge.index()).copied()
    }

    fn chain(&self, pool: PoolId) -> ChainId {
        self.market.chain_of(pool)
    }

    fn gas_cost(&self, chain: ChainId, units: f64) -> f64 {
        self.market
            .gas
            .get(chain.index())
            .map_or(0.0, |gas| gas.cost(units, self.market.priority_fee, self.lane, self.market.prices))
    }
}
