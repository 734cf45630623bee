use core::fmt::Debug;

use cenote_units::{Lanes, mask};

use super::{BuildPool, FlowLanes, PoolLanes, PoolModel};
use crate::error::LiquidityError;
use crate::lane::Lane;
use crate::pool::{Amount, FungibleLiquidity, Owner, SwapRequest, TokenIndex};

/// Who owns the liquidity that a world's positions mint: their shares are the world's business.
const POSITIONS: Owner = Owner::new(1);
/// Who owns the liquidity that is there from the start.
const OTHERS: Owner = Owner::new(2);

/// A one-path pool in every lane: any [`FungibleLiquidity`] runs in the lockstep world, in either arithmetic.
///
/// Amounts cross the border as whole tokens. In the exact lane they are rounded toward zero to smallest units, and
/// what the pool then does is the contract's arithmetic.
#[derive(Debug)]
pub struct PerLane<P, const L: usize> {
    fresh: P,
    lanes: Vec<P>,
    /// Lane units per whole token, and per whole LP token.
    scale: Vec<f64>,
    lp_scale: f64,
    /// What the traits hand out by reference: copies, renewed after every change.
    reserves: Vec<Lanes<L>>,
    supply: Lanes<L>,
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
        pool.mint(OTHERS, &raw)?;
        // LP tokens have 18 decimals whatever the pool; only ratios of them are ever used here.
        let lp_scale = P::Lane::scale(18);
        let mut lifted = Self {
            lanes: vec![pool.clone(); L],
            fresh: pool,
            scale,
            lp_scale,
            reserves: vec![Lanes::ZERO; amounts.len()],
            supply: Lanes::ZERO,
        };
        lifted.start();
        Ok(lifted)
    }

    fn refresh(&mut self, l: usize) {
        let pool = &self.lanes[l];
        for (i, reserves) in self.reserves.iter_mut().enumerate() {
            let raw = u8::try_from(i).ok().and_then(|i| pool.reserve(TokenIndex(i))).unwrap_or(P::Lane::ZERO);
            reserves[l] = P::Lane::amount_to_f64(raw) / self.scale[i];
        }
        self.supply[l] = P::Lane::amount_to_f64(pool.total_supply()) / self.lp_scale;
    }

    fn raw(&self, token: TokenIndex, amount: f64) -> Option<Amount<P>> {
        P::Lane::amount_from_f64(amount * self.scale[token.get()]).filter(|&raw| raw > P::Lane::ZERO)
    }

    fn whole(&self, token: TokenIndex, raw: Amount<P>) -> f64 {
        P::Lane::amount_to_f64(raw) / self.scale[token.get()]
    }

    /// Executes a request in one lane and books it in the flow; a refused one is no trade.
    fn execute(&mut self, l: usize, request: &SwapRequest<P::Lane>, flow: &mut FlowLanes<L>) {
        (flow.amount_in[l], flow.amount_out[l], flow.fee[l]) = (0.0, 0.0, 0.0);
        if let Ok(outcome) = self.lanes[l].swap(request) {
            flow.amount_in[l] = self.whole(request.token_in, outcome.amount_in);
            flow.amount_out[l] = self.whole(request.token_out, outcome.amount_out);
            flow.fee[l] = self.whole(request.token_in, outcome.fee);
            self.refresh(l);
        }
    }
}

impl<P: FungibleLiquidity + Clone + Debug, const L: usize> PoolLanes<L> for PerLane<P, L> {
    fn start(&mut self) {
        for l in 0..L {
            self.lanes[l].clone_from(&self.fresh);
            self.refresh(l);
        }
    }

    fn token_count(&self) -> usize {
        self.reserves.len()
    }

    fn reserve(&self, token: TokenIndex) -> &Lanes<L> {
        &self.reserves[token.get()]
    }

    fn supply(&self) -> &Lanes<L> {
        &self.supply
    }

    fn invariant(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = self.lanes[l].invariant();
        }
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex, out: &mut Lanes<L>) {
        let to_whole = self.scale[base.get()] / self.scale[quote.get()];
        for l in 0..L {
            out[l] = self.lanes[l].spot_price(base, quote).map_or(f64::NAN, |price| price * to_whole);
        }
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, token_out: TokenIndex, amount_in: f64) -> f64 {
        self.raw(token_in, amount_in)
            .and_then(|raw| self.lanes[lane].quote(&SwapRequest::exact_in((token_in, token_out), raw)).ok())
            .map_or(0.0, |outcome| self.whole(token_out, outcome.amount_out))
    }

    fn swap(&mut self, flow: &mut FlowLanes<L>) {
        for l in 0..L {
            let tokens = if flow.base_in[l] != 0 { (flow.base, flow.quote) } else { (flow.quote, flow.base) };
            if let Some(raw) = self.raw(tokens.0, flow.amount_in[l]) {
                self.execute(l, &SwapRequest::exact_in(tokens, raw), flow);
            } else {
                (flow.amount_in[l], flow.amount_out[l], flow.fee[l]) = (0.0, 0.0, 0.0);
            }
        }
    }

    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>) {
        let to_raw = self.scale[flow.quote.get()] / self.scale[flow.base.get()];
        for l in 0..L {
            (flow.amount_in[l], flow.amount_out[l], flow.fee[l]) = (0.0, 0.0, 0.0);
            let Some(request) = self.lanes[l].swap_to(flow.base, flow.quote, price[l] * to_raw) else { continue };
            let Ok(outcome) = self.lanes[l].quote(&request) else { continue };
            let paid = self.whole(request.token_in, outcome.amount_in);
            let received = self.whole(request.token_out, outcome.amount_out);
            let sells = request.token_in == flow.base;
            let profit = if sells { received - paid * price[l] } else { received * price[l] - paid };
            if profit > min_profit[l] {
                flow.base_in[l] = mask(sells);
                self.execute(l, &request, flow);
            }
        }
    }

    fn mint(&mut self, amounts: &mut [Lanes<L>], minted: &mut Lanes<L>) {
        for l in 0..L {
            let raw: Vec<_> = self.scale.iter().zip(&*amounts).map(|(&s, a)| P::Lane::amount_from_f64(a[l] * s)).collect();
            let raw: Option<Vec<_>> = raw.into_iter().collect();
            let outcome = raw.and_then(|raw| self.lanes[l].mint(POSITIONS, &raw).ok());
            for (i, amount) in amounts.iter_mut().enumerate() {
                amount[l] = outcome.as_ref().map_or(0.0, |o| P::Lane::amount_to_f64(o.amounts[i]) / self.scale[i]);
            }
            minted[l] = outcome.map_or(0.0, |o| P::Lane::amount_to_f64(o.liquidity) / self.lp_scale);
            self.refresh(l);
        }
    }

    fn burn(&mut self, liquidity: &Lanes<L>, amounts: &mut [Lanes<L>]) {
        for l in 0..L {
            // What a float cannot say of the last units of a balance must not make the contract refuse.
            let owned = self.lanes[l].balance_of(POSITIONS);
            let raw = P::Lane::amount_from_f64(liquidity[l] * self.lp_scale).map(|raw| if raw > owned { owned } else { raw });
            let outcome = raw.filter(|&raw| raw > P::Lane::ZERO).and_then(|raw| self.lanes[l].burn(POSITIONS, raw).ok());
            for (i, amount) in amounts.iter_mut().enumerate() {
                amount[l] = outcome.as_ref().map_or(0.0, |o| P::Lane::amount_to_f64(o.amounts[i]) / self.scale[i]);
            }
            self.refresh(l);
        }
    }

    fn pending_protocol_liquidity(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = P::Lane::amount_to_f64(self.lanes[l].pending_protocol_liquidity()) / self.lp_scale;
        }
    }
}

/// A one-path pool as the model of a world's pool: what a user wraps a pool of their own in.
///
/// ```
/// use cenote_amm::{BuildPool, ConstantProduct, Exact, Lifted};
///
/// let model = Lifted::new(ConstantProduct::<Exact>::uniswap_v2(), 2);
/// let pool = BuildPool::<1>::build(&model, &[1000.0, 2_000_000.0], &[18, 6])?;
/// assert_eq!(pool.token_count(), 2);
/// # Ok::<(), cenote_amm::LiquidityError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lifted<P> {
    empty: P,
    tokens: usize,
}

impl<P> Lifted<P> {
    /// A pool of `tokens` tokens without any liquidity yet.
    pub fn new(empty: P, tokens: usize) -> Self {
        Self { empty, tokens }
    }
}

impl<P: FungibleLiquidity + Clone + Debug + Sync + 'static> PoolModel for Lifted<P> {
    fn token_count(&self) -> usize {
        self.tokens
    }
}

impl<P: FungibleLiquidity + Clone + Debug + Sync + 'static, const L: usize> BuildPool<L> for Lifted<P> {
    fn build(&self, amounts: &[f64], decimals: &[u8]) -> Result<Box<dyn PoolLanes<L>>, LiquidityError> {
        Ok(Box::new(PerLane::<P, L>::new(self.empty.clone(), amounts, decimals)?))
    }
}
