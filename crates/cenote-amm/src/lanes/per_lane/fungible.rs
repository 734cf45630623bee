use core::fmt::Debug;

use cenote_units::Lanes;

use super::{Copies, others, positions};
use crate::error::LiquidityError;
use crate::lane::Lane;
use crate::lanes::{AnyPool, BuildPool, FlowLanes, FungibleLanes, PoolLanes, PoolModel, PoolStart};
use crate::pool::{FungibleLiquidity, TokenIndex};

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

    fn reserve(&self, token: TokenIndex) -> &Lanes<L> {
        &self.reserves[token.get()]
    }

    fn balance(&self, token: TokenIndex, out: &mut Lanes<L>) {
        let (reserve, taken) = (&self.reserves[token.get()], &self.taken[token.get()]);
        for l in 0..L {
            out[l] = reserve[l] + taken[l];
        }
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex, out: &mut Lanes<L>) {
        self.copies.spot_price(base, quote, out);
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, token_out: TokenIndex, amount_in: f64) -> f64 {
        self.copies.quote(lane, token_in, token_out, amount_in)
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
