use core::fmt::Debug;

use cenote_units::Lanes;

use super::{Copies, others, positions};
use crate::error::LiquidityError;
use crate::lane::Lane;
use crate::lanes::{AnyPool, BuildPool, FlowLanes, FungibleLanes, PoolLanes, PoolModel, PoolStart};
use crate::pool::{FungibleLiquidity, LiquidityOutcome, TokenIndex};

/// A one-path pool with LP tokens in every lane.
#[derive(Debug)]
pub struct PerLane<P, const L: usize> {
    copies: Copies<P, L>,
    /// Lane units per whole LP token.
    lp_scale: f64,
    /// What the traits hand out by reference: copies, renewed after every change.
    reserves: Vec<Lanes<L>>,
    supply: Lanes<L>,
    /// What the protocol has taken out of the reserves.
    taken: Vec<Lanes<L>>,
}

impl<P: FungibleLiquidity + Clone + Debug, const L: usize> PerLane<P, L> {
    /// Copies of `pool` in every lane, after `amounts` whole tokens of each token have been minted in it by others.
    ///
    /// # Errors
    /// The pool refused the mint.
    pub fn new(mut pool: P, amounts: &[f64], decimals: &[u8]) -> Result<Self, LiquidityError> {
        let scale: Vec<f64> = decimals.iter().map(|&d| P::Lane::scale(d)).collect();
        let mut raw = Vec::with_capacity(amounts.len());
        for (&amount, &scale) in amounts.iter().zip(&scale) {
            raw.push(P::Lane::amount_from_f64(amount * scale).ok_or(LiquidityError::InvalidAmount { amount })?);
        }
        pool.mint(others(0), &raw)?;
        let mut lifted = Self {
            copies: Copies::new(pool, scale),
            // LP tokens have 18 decimals whatever the pool; only ratios of them are ever used here.
            lp_scale: P::Lane::scale(18),
            reserves: vec![Lanes::ZERO; amounts.len()],
            supply: Lanes::ZERO,
            taken: vec![Lanes::ZERO; amounts.len()],
        };
        lifted.start();
        Ok(lifted)
    }

    /// Others add liquidity in one lane, in the pool's proportions: as much as this many LP tokens stand for.
    fn others_mint(&mut self, l: usize, liquidity: f64) -> Option<LiquidityOutcome<P::Lane>> {
        let pool = &mut self.copies.lanes[l];
        let whole = |raw| P::Lane::amount_to_f64(raw);
        let supply = whole(pool.total_supply()) + whole(pool.pending_protocol_liquidity());
        let share = liquidity * self.lp_scale / supply;
        let tokens = (0..self.reserves.len()).filter_map(|i| u8::try_from(i).ok());
        let amounts: Option<Vec<_>> =
            tokens.map(|i| P::Lane::amount_from_f64(whole(pool.reserve(TokenIndex(i))?) * share)).collect();
        pool.mint(others(0), &amounts?).ok()
    }

    /// Others take liquidity out of one lane: this many LP tokens, or all that are theirs.
    fn others_burn(&mut self, l: usize, liquidity: f64) -> Option<LiquidityOutcome<P::Lane>> {
        let pool = &mut self.copies.lanes[l];
        let owned = pool.balance_of(others(0));
        let raw = P::Lane::amount_from_f64(liquidity * self.lp_scale).map(|raw| if raw > owned { owned } else { raw })?;
        if raw > P::Lane::ZERO { pool.burn(others(0), raw).ok() } else { None }
    }

    fn after_swap(&mut self, l: usize, flow: &FlowLanes<L>) {
        let out = if flow.base_in[l] != 0 { flow.quote } else { flow.base };
        self.taken[out.get()][l] += flow.to_admin(l, self.copies.fresh.admin_share());
        self.refresh(l);
    }

    fn refresh(&mut self, l: usize) {
        let pool = &self.copies.lanes[l];
        for (i, reserves) in self.reserves.iter_mut().enumerate() {
            let raw = u8::try_from(i).ok().and_then(|i| pool.reserve(TokenIndex(i))).unwrap_or(P::Lane::ZERO);
            reserves[l] = P::Lane::amount_to_f64(raw) / self.copies.scale[i];
        }
        self.supply[l] = P::Lane::amount_to_f64(pool.total_supply()) / self.lp_scale;
    }
}

impl<P: FungibleLiquidity + Clone + Debug, const L: usize> PoolLanes<L> for PerLane<P, L> {
    fn start(&mut self) {
        self.copies.start();
        self.taken.fill(Lanes::ZERO);
        for l in 0..L {
            self.refresh(l);
        }
    }

    fn begin_block(&mut self, time: &[u64; L], active: &Lanes<L>) {
        self.copies.begin_block(time, active);
    }

    fn token_count(&self) -> usize {
        self.reserves.len()
    }

    fn reserve(&self, token: TokenIndex, lane: usize) -> f64 {
        self.reserves[token.get()][lane]
    }

    fn reserves<'a>(&'a self, token: TokenIndex, _: &'a mut Lanes<L>) -> &'a Lanes<L> {
        &self.reserves[token.get()]
    }

    fn balance(&self, token: TokenIndex, out: &mut Lanes<L>) {
        let (reserve, taken) = (&self.reserves[token.get()], &self.taken[token.get()]);
        for l in 0..L {
            out[l] = reserve[l] + taken[l];
        }
    }

    fn unit(&self, token: TokenIndex) -> f64 {
        self.copies.unit(token)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex, lane: usize) -> f64 {
        self.copies.spot_price(base, quote, lane)
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, token_out: TokenIndex, amount_in: f64) -> f64 {
        self.copies.quote(lane, token_in, token_out, amount_in)
    }

    fn lane(&self, lane: usize) -> Option<Box<dyn PoolLanes<1> + '_>> {
        let alone = |lanes: &Lanes<L>| Lanes([lanes[lane]]);
        Some(Box::new(PerLane {
            copies: self.copies.alone(lane),
            lp_scale: self.lp_scale,
            reserves: self.reserves.iter().map(alone).collect(),
            supply: alone(&self.supply),
            taken: self.taken.iter().map(alone).collect(),
        }))
    }

    fn swap(&mut self, flow: &mut FlowLanes<L>) {
        for l in 0..L {
            if self.copies.swap(l, flow) {
                self.after_swap(l, flow);
            }
        }
    }

    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>) {
        for l in 0..L {
            if self.copies.arbitrage(l, price[l], min_profit[l], flow) {
                self.after_swap(l, flow);
            }
        }
    }
}

impl<P: FungibleLiquidity + Clone + Debug, const L: usize> FungibleLanes<L> for PerLane<P, L> {
    fn supply(&self) -> &Lanes<L> {
        &self.supply
    }

    fn invariant(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = self.copies.lanes[l].invariant();
        }
    }

    fn mint(&mut self, amounts: &mut [Lanes<L>], minted: &mut Lanes<L>) {
        let scale = &self.copies.scale;
        for l in 0..L {
            let raw: Option<Vec<_>> =
                scale.iter().zip(&*amounts).map(|(&scale, amount)| P::Lane::amount_from_f64(amount[l] * scale)).collect();
            let outcome = raw.and_then(|raw| self.copies.lanes[l].mint(positions(0), &raw).ok());
            for (i, amount) in amounts.iter_mut().enumerate() {
                amount[l] = outcome.as_ref().map_or(0.0, |o| P::Lane::amount_to_f64(o.amounts[i]) / scale[i]);
            }
            minted[l] = outcome.map_or(0.0, |o| P::Lane::amount_to_f64(o.liquidity) / self.lp_scale);
        }
        for l in 0..L {
            self.refresh(l);
        }
    }

    fn burn(&mut self, liquidity: &Lanes<L>, amounts: &mut [Lanes<L>]) {
        for l in 0..L {
            let pool = &mut self.copies.lanes[l];
            // What a float cannot say of the last units of a balance must not make the contract refuse.
            let owned = pool.balance_of(positions(0));
            let raw = P::Lane::amount_from_f64(liquidity[l] * self.lp_scale).map(|raw| if raw > owned { owned } else { raw });
            let outcome = raw.filter(|&raw| raw > P::Lane::ZERO).and_then(|raw| pool.burn(positions(0), raw).ok());
            for (i, amount) in amounts.iter_mut().enumerate() {
                amount[l] = outcome.as_ref().map_or(0.0, |o| P::Lane::amount_to_f64(o.amounts[i]) / self.copies.scale[i]);
            }
            self.refresh(l);
        }
    }

    fn change_others(&mut self, liquidity: &mut Lanes<L>, amounts: &mut [Lanes<L>]) {
        for l in 0..L {
            for amount in amounts.iter_mut() {
                amount[l] = 0.0;
            }
            let wanted = std::mem::replace(&mut liquidity[l], 0.0);
            let outcome = if wanted > 0.0 { self.others_mint(l, wanted) } else { self.others_burn(l, -wanted) };
            if let Some(outcome) = outcome {
                let sign = if wanted > 0.0 { 1.0 } else { -1.0 };
                liquidity[l] = sign * P::Lane::amount_to_f64(outcome.liquidity) / self.lp_scale;
                for ((amount, &raw), scale) in amounts.iter_mut().zip(&outcome.amounts).zip(&self.copies.scale) {
                    amount[l] = sign * P::Lane::amount_to_f64(raw) / scale;
                }
                self.refresh(l);
            }
        }
    }

    fn admin_share(&self) -> f64 {
        self.copies.fresh.admin_share()
    }

    fn pending_protocol_liquidity(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = P::Lane::amount_to_f64(self.copies.lanes[l].pending_protocol_liquidity()) / self.lp_scale;
        }
    }
}

/// A one-path pool with LP tokens as the model of a world's pool: what a user wraps a pool of their own in.
///
/// ```
/// use cenote_amm::{BuildPool, ConstantProduct, Exact, Lifted, PoolStart};
///
/// let model = Lifted::new(ConstantProduct::<Exact>::uniswap_v2(), 2);
/// let start = PoolStart { value: 4_000_000.0, prices: &[2000.0, 1.0], decimals: &[18, 6] };
/// let pool = BuildPool::<1>::build(&model, &start)?;
/// assert_eq!(pool.token_count(), 2);
/// # Ok::<(), cenote_amm::LiquidityError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lifted<P> {
    empty: P,
    weights: Vec<f64>,
}

impl<P> Lifted<P> {
    /// A pool of `tokens` tokens without any liquidity yet, which begins with equal value of each.
    pub fn new(empty: P, tokens: usize) -> Self {
        Self { empty, weights: vec![1.0; tokens] }
    }

    /// A pool that begins with its value split by these weights, one for each token.
    pub fn weighted(empty: P, weights: &[f64]) -> Self {
        Self { empty, weights: weights.to_vec() }
    }
}

impl<P: FungibleLiquidity + Clone + Debug + Sync + 'static> PoolModel for Lifted<P> {
    fn token_count(&self) -> usize {
        self.weights.len()
    }
}

impl<P: FungibleLiquidity + Clone + Debug + Sync + 'static, const L: usize> BuildPool<L> for Lifted<P> {
    fn build(&self, start: &PoolStart<'_>) -> Result<AnyPool<L>, LiquidityError> {
        let amounts = start.split(&self.weights)?;
        Ok(AnyPool::Fungible(Box::new(PerLane::<P, L>::new(self.empty.clone(), &amounts, start.decimals)?)))
    }
}
