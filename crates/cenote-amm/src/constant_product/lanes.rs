use cenote_units::{Lanes, kernel, mask, select};

use crate::error::LiquidityError;
use crate::lane::Exact;
use crate::lanes::{AnyPool, BuildPool, DepthLanes, FlowLanes, FungibleLanes, PoolLanes, PoolModel, PoolStart};
use crate::pool::{Owner, TokenIndex};

use super::{ConstantProduct, ProtocolFee, SwapFee, fast};

/// The constant product x·y = k of [`ConstantProduct<Fast>`](super::ConstantProduct), `L` paths wide.
///
/// Lane by lane the formulas of the one-path twin, to within the last place. There are no donations here: reserves are balances.
#[derive(Clone, Debug)]
pub struct ConstantProductLanes<const L: usize> {
    /// Reserves and supply that it was built with.
    initial: [f64; 3],
    x: Lanes<L>,
    y: Lanes<L>,
    supply: Lanes<L>,
    /// √k after the last mint or burn; the protocol's fee is due on its growth.
    root_k_last: Lanes<L>,
    /// The part of an input that trades: 1 − fee.
    keep: f64,
    fee: f64,
    /// The protocol's part of fee growth, if it takes one.
    protocol_share: Option<f64>,
}

impl<const L: usize> ConstantProductLanes<L> {
    /// A pool with the same reserves in every lane and `supply` LP tokens, owned by others.
    ///
    /// `protocol_share` is the part of the growth of √k that goes to the protocol (1/6 for Uniswap v2, 8/25 for PancakeSwap v2).
    /// Amounts are whole tokens; reserves and supply are to be positive and finite.
    pub fn new(reserves: [f64; 2], supply: f64, fee: SwapFee, protocol_share: Option<f64>) -> Self {
        let mut pool = Self {
            initial: [reserves[0], reserves[1], supply],
            x: Lanes::ZERO,
            y: Lanes::ZERO,
            supply: Lanes::ZERO,
            root_k_last: Lanes::ZERO,
            keep: fee.keep(),
            fee: fee.fraction(),
            protocol_share,
        };
        pool.start();
        pool
    }

    fn sides(&self, base: TokenIndex) -> (&Lanes<L>, &Lanes<L>) {
        if base == TokenIndex::ZERO { (&self.x, &self.y) } else { (&self.y, &self.x) }
    }

    fn sides_mut(&mut self, base: TokenIndex) -> (&mut Lanes<L>, &mut Lanes<L>) {
        if base == TokenIndex::ZERO { (&mut self.x, &mut self.y) } else { (&mut self.y, &mut self.x) }
    }
}

impl<const L: usize> PoolLanes<L> for ConstantProductLanes<L> {
    fn start(&mut self) {
        let [x, y, supply] = self.initial;
        self.x = Lanes::splat(x);
        self.y = Lanes::splat(y);
        self.supply = Lanes::splat(supply);
        root_k(&self.x, &self.y, &mut self.root_k_last);
    }

    fn token_count(&self) -> usize {
        2
    }

    fn reserve(&self, token: TokenIndex, lane: usize) -> f64 {
        self.sides(token).0[lane]
    }

    fn reserves<'a>(&'a self, token: TokenIndex, _: &'a mut Lanes<L>) -> &'a Lanes<L> {
        self.sides(token).0
    }

    fn spot_price(&self, base: TokenIndex, _quote: TokenIndex, lane: usize) -> f64 {
        let (x, y) = self.sides(base);
        y[lane] / x[lane]
    }

    fn spot_prices(&self, base: TokenIndex, _quote: TokenIndex, out: &mut Lanes<L>) {
        let (x, y) = self.sides(base);
        for l in 0..L {
            out[l] = y[l] / x[l];
        }
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, _token_out: TokenIndex, amount_in: f64) -> f64 {
        let (r_in, r_out) = self.sides(token_in);
        fast::amount_out(amount_in, r_in[lane], r_out[lane], self.keep)
    }

    fn depth(&self, [base, _]: [TokenIndex; 2], base_in: &[u64; L], _: &Lanes<L>, depth: &mut DepthLanes<L>) {
        let (x, y) = self.sides(base);
        self::depth(x, y, self.keep, base_in, depth);
    }

    fn lane(&self, lane: usize) -> Option<Box<dyn PoolLanes<1> + '_>> {
        let alone = |lanes: &Lanes<L>| Lanes([lanes[lane]]);
        Some(Box::new(ConstantProductLanes {
            initial: self.initial,
            x: alone(&self.x),
            y: alone(&self.y),
            supply: alone(&self.supply),
            root_k_last: alone(&self.root_k_last),
            keep: self.keep,
            fee: self.fee,
            protocol_share: self.protocol_share,
        }))
    }

    fn swap(&mut self, flow: &mut FlowLanes<L>) {
        let (keep, fee) = (self.keep, self.fee);
        let (x, y) = self.sides_mut(flow.base);
        swap(x, y, keep, fee, &flow.base_in, &flow.amount_in, &mut flow.amount_out, &mut flow.fee);
    }

    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>) {
        let (keep, fee) = (self.keep, self.fee);
        let (x, y) = self.sides_mut(flow.base);
        arbitrage(x, y, keep, fee, price, min_profit, flow);
    }
}

impl<const L: usize> FungibleLanes<L> for ConstantProductLanes<L> {
    fn supply(&self) -> &Lanes<L> {
        &self.supply
    }

    fn invariant(&self, out: &mut Lanes<L>) {
        root_k(&self.x, &self.y, out);
    }

    fn mint(&mut self, amounts: &mut [Lanes<L>], minted: &mut Lanes<L>) {
        let mut due = Lanes::ZERO;
        self.pending_protocol_liquidity(&mut due);
        for l in 0..L {
            // Adding in proportion leaves the price, and so k per LP token, where it was.
            let share = (amounts[0][l] / self.x[l]).min(amounts[1][l] / self.y[l]);
            if !(share > 0.0 && share < f64::INFINITY) {
                (amounts[0][l], amounts[1][l], minted[l]) = (0.0, 0.0, 0.0);
                continue;
            }
            amounts[0][l] = self.x[l] * share;
            amounts[1][l] = self.y[l] * share;
            self.supply[l] += due[l];
            minted[l] = self.supply[l] * share;
            self.x[l] += amounts[0][l];
            self.y[l] += amounts[1][l];
            self.supply[l] += minted[l];
            self.root_k_last[l] = (self.x[l] * self.y[l]).sqrt();
        }
    }

    fn burn(&mut self, liquidity: &Lanes<L>, amounts: &mut [Lanes<L>]) {
        let mut due = Lanes::ZERO;
        self.pending_protocol_liquidity(&mut due);
        for l in 0..L {
            if liquidity[l] <= 0.0 {
                (amounts[0][l], amounts[1][l]) = (0.0, 0.0);
                continue;
            }
            self.supply[l] += due[l];
            let share = liquidity[l] / self.supply[l];
            amounts[0][l] = self.x[l] * share;
            amounts[1][l] = self.y[l] * share;
            self.x[l] -= amounts[0][l];
            self.y[l] -= amounts[1][l];
            self.supply[l] -= liquidity[l];
            self.root_k_last[l] = (self.x[l] * self.y[l]).sqrt();
        }
    }

    fn pending_protocol_liquidity(&self, out: &mut Lanes<L>) {
        *out = Lanes::ZERO;
        let Some(share) = self.protocol_share else { return };
        self.invariant(out);
        for l in 0..L {
            // S (√k − √k_last) / ((1/share − 1) √k + √k_last): the protocol then owns `share` of the growth.
            let growth = out[l] - self.root_k_last[l];
            let due = self.supply[l] * growth / ((1.0 / share - 1.0) * out[l] + self.root_k_last[l]);
            out[l] = if growth > 0.0 { due } else { 0.0 };
        }
    }
}

/// A constant-product pool as a study describes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantProductModel {
    fee: SwapFee,
    protocol_fee: Option<ProtocolFee>,
}

impl ConstantProductModel {
    /// A pool with this swap fee, whose protocol takes its share of fee growth or nothing.
    pub fn new(fee: SwapFee, protocol_fee: Option<ProtocolFee>) -> Self {
        Self { fee, protocol_fee }
    }

    /// The same pool in the exact lane, to be [lifted](crate::Lifted) into a world.
    pub fn exact(&self, decimals: [u8; 2]) -> ConstantProduct<Exact> {
        let mut pool = ConstantProduct::new(self.fee, self.protocol_fee.unwrap_or(ProtocolFee::UNISWAP_V2)).with_decimals(decimals);
        pool.pair_mut().set_fee_to(self.protocol_fee.map(|_| PROTOCOL));
        pool
    }
}

/// Who collects the protocol's LP tokens in a world of one's own.
const PROTOCOL: Owner = Owner::new(u32::MAX - 1);

impl PoolModel for ConstantProductModel {
    fn token_count(&self) -> usize {
        2
    }
}

impl<const L: usize> BuildPool<L> for ConstantProductModel {
    fn build(&self, start: &PoolStart<'_>) -> Result<AnyPool<L>, LiquidityError> {
        let amounts = start.split(&[1.0, 1.0])?;
        let (x, y) = (amounts[0], amounts[1]);
        let share = self.protocol_fee.map(|protocol| protocol.fraction());
        // The first mint gives √k; the minimum liquidity locked in it stays part of the supply.
        let pool = ConstantProductLanes::new([x, y], x.sqrt() * y.sqrt(), self.fee, share);
        Ok(AnyPool::Fungible(Box::new(pool)))
    }
}

kernel! {
    fn root_k<const L: usize>(x: &Lanes<L>, y: &Lanes<L>, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = (x[l] * y[l]).sqrt();
        }
    }
}

kernel! {
    fn depth<const L: usize>(x: &Lanes<L>, y: &Lanes<L>, keep: f64, base_in: &[u64; L], depth: &mut DepthLanes<L>) {
        for l in 0..L {
            let (r_in, r_out) = (select(base_in[l], x[l], y[l]), select(base_in[l], y[l], x[l]));
            let impact = keep / r_in;
            depth.rate[l] = impact * r_out;
            depth.impact[l] = impact;
            depth.exact_to[l] = f64::INFINITY;
        }
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    fn swap<const L: usize>(
        x: &mut Lanes<L>,
        y: &mut Lanes<L>,
        keep: f64,
        fee_rate: f64,
        base_in: &[u64; L],
        amount_in: &Lanes<L>,
        amount_out: &mut Lanes<L>,
        fee: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let (r0, r1, sells) = (x[l], y[l], base_in[l]);
            let (r_in, r_out) = (select(sells, r0, r1), select(sells, r1, r0));
            let out = fast::amount_out(amount_in[l], r_in, r_out, keep);
            let (r_in, r_out) = (r_in + amount_in[l], r_out - out);
            amount_out[l] = out;
            fee[l] = amount_in[l] * fee_rate;
            x[l] = select(sells, r_in, r_out);
            y[l] = select(sells, r_out, r_in);
        }
    }
}

kernel! {
    #[expect(clippy::needless_bitwise_bool, reason = "a branch between the two conditions keeps the loop from vectorising")]
    fn arbitrage<const L: usize>(
        x: &mut Lanes<L>,
        y: &mut Lanes<L>,
        keep: f64,
        fee_rate: f64,
        price: &Lanes<L>,
        min_profit: &Lanes<L>,
        flow: &mut FlowLanes<L>,
    ) {
        let inverse_keep = 1.0 / keep;
        for l in 0..L {
            // Both reserves in quote at the outside price: the side worth less there is the one to pay in.
            let (r0, r1) = (x[l], y[l]);
            let value = price[l] * r0;
            let sells = mask(value < r1);
            let (small, large) = (select(sells, value, r1), select(sells, r1, value));
            // The input reserve grows, fee aside, from `small` to `root` in value when the marginal price arrives at the band's edge.
            let root = (keep * small * large).sqrt();
            let growth = root - small;
            // 1/small and 1/root from one division: divisions are what this loop waits for.
            let inverse = 1.0 / (small * root);
            // In quote: in = small · growth/small / φ, and out is the same times root/small.
            let part_in = growth * (inverse * root) * inverse_keep;
            let part_out = growth * (inverse * small);
            let profit = growth * part_in;
            let trades = mask((growth > 0.0) & (profit > min_profit[l]));
            let (r_in, r_out) = (select(sells, r0, r1), select(sells, r1, r0));
            let amount_in = r_in * select(trades, part_in, 0.0);
            let amount_out = r_out * select(trades, part_out, 0.0);
            let (r_in, r_out) = (r_in + amount_in, r_out - amount_out);
            flow.base_in[l] = sells;
            flow.amount_in[l] = amount_in;
            flow.amount_out[l] = amount_out;
            flow.fee[l] = amount_in * fee_rate;
            x[l] = select(sells, r_in, r_out);
            y[l] = select(sells, r_out, r_in);
        }
    }
}
