use cenote_amm::{FewTrades, FlowLanes};
use cenote_units::{Lanes, kernel, mask, select};

/// The books of one pool: what happened in it, valued at the outside price of its moment, in the numeraire.
///
/// What belongs to liquidity providers is kept per LP token (price gains, loss-versus-rebalancing, fees): a position that owned n
/// tokens from one moment to another owns n times the difference. So the cost of keeping books does not grow with positions.
#[derive(Clone, Debug)]
pub(crate) struct PoolAccount<const L: usize> {
    /// Reserves at outside prices, now.
    pub(crate) value: Lanes<L>,
    /// 1 / LP tokens, since they last changed.
    pub(crate) inverse_supply: Lanes<L>,
    /// Sums since LP tokens last changed; [`close`](Self::close) turns them into sums per LP token.
    open: Income<L>,
    /// Sums per LP token.
    pub(crate) per_lp: Income<L>,
    /// Sums over the whole pool.
    pub(crate) total: Income<L>,
    pub(crate) flow: FlowSums<L>,
    pub(crate) arbitrage: ArbitrageSums<L>,
    pub(crate) protocol_fees: Lanes<L>,
    /// The part of swap fees that leaves the reserves at once.
    admin_share: f64,
}

/// How much of what happens is written down: no more than a requested metric needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Nothing at all.
    Nothing,
    /// Blocks with arbitrage, and nothing else.
    Blocks,
    /// What liquidity providers gain and lose: the attribution needs it always.
    Income,
    /// Trades, volume and arbitrage too.
    Flow,
    /// Also each term over the pool's value just before the swap, which costs a division.
    Rates,
}

/// What moves the value of reserves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Income<const L: usize> {
    /// Holdings before each move of outside prices times the move.
    pub(crate) price: Lanes<L>,
    /// Over all swaps: value out − value in net of fee.
    pub(crate) loss_versus_rebalancing: Lanes<L>,
    /// Liquidity providers' part of swap fees.
    pub(crate) fees: Lanes<L>,
}

/// Trading in a pool. Rates divide each term by the pool's value just before the swap.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlowSums<const L: usize> {
    pub(crate) trades: Lanes<L>,
    pub(crate) volume: Lanes<L>,
    pub(crate) volume_rate: Lanes<L>,
    pub(crate) fees_rate: Lanes<L>,
    pub(crate) loss_versus_rebalancing_rate: Lanes<L>,
}

/// Arbitrage in a pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct ArbitrageSums<const L: usize> {
    pub(crate) trades: Lanes<L>,
    /// Blocks with at least one arbitrage trade.
    pub(crate) blocks: Lanes<L>,
    /// The number of the last block that had one.
    seen: Lanes<L>,
    /// The number of the current block, from 1.
    block: f64,
    pub(crate) profit: Lanes<L>,
    pub(crate) profit_rate: Lanes<L>,
    pub(crate) gas: Lanes<L>,
}

impl<const L: usize> PoolAccount<L> {
    /// Of a pool of which the protocol takes this part of swap fees at once.
    pub(crate) fn new(admin_share: f64) -> Self {
        Self {
            admin_share,
            value: Lanes::ZERO,
            inverse_supply: Lanes::ZERO,
            open: Income::default(),
            per_lp: Income::default(),
            total: Income::default(),
            flow: FlowSums::default(),
            arbitrage: ArbitrageSums::default(),
            protocol_fees: Lanes::ZERO,
        }
    }

    /// Closes the sums at the present number of LP tokens where `done` is positive: when liquidity changes there, and before anybody
    /// reads [`per_lp`](Self::per_lp) or [`total`](Self::total). The protocol takes `due` LP tokens, which makes them `supply`.
    ///
    /// Other lanes keep their sums open: where a sum is closed decides its last bits, and those are nobody else's business.
    pub(crate) fn close(&mut self, done: &Lanes<L>, due: &Lanes<L>, supply: &Lanes<L>) {
        self.open.close_into(done, &self.inverse_supply, &mut self.per_lp, &mut self.total);
        for l in 0..L {
            if done[l] > 0.0 {
                // Providers' fees shrink by what the protocol's tokens are worth; all tokens before pay, each its part.
                let taken = self.value[l] * (due[l] / supply[l]);
                self.protocol_fees[l] += taken;
                self.total.fees[l] -= taken;
                self.per_lp.fees[l] -= taken * self.inverse_supply[l];
                self.inverse_supply[l] = 1.0 / supply[l];
            }
        }
    }

    /// LP tokens are now `supply`.
    pub(crate) fn set_supply(&mut self, supply: &Lanes<L>) {
        for l in 0..L {
            self.inverse_supply[l] = 1.0 / supply[l];
        }
    }

    /// The first token's part of a move of outside prices: sets the pool's value.
    pub(crate) fn book_first_price(&mut self, reserve: &Lanes<L>, before: &Lanes<L>, after: &Lanes<L>) {
        book_first_price(reserve, before, after, &mut self.value, &mut self.open.price);
    }

    /// A further token's part.
    pub(crate) fn book_price(&mut self, reserve: &Lanes<L>, before: &Lanes<L>, after: &Lanes<L>) {
        book_price(reserve, before, after, &mut self.value, &mut self.open.price);
    }

    /// The part of the numeraire, whose price is one.
    pub(crate) fn book_numeraire(&mut self, reserve: &Lanes<L>) {
        book_numeraire(reserve, &mut self.value);
    }

    /// A swap, after it happened.
    pub(crate) fn book_swap(&mut self, flow: &FlowLanes<L>, base_price: &Lanes<L>, quote_price: &Lanes<L>, detail: Detail) {
        let kernel = match detail {
            Detail::Nothing | Detail::Blocks => return,
            Detail::Income => book_swap::<L, false, false>,
            Detail::Flow => book_swap::<L, true, false>,
            Detail::Rates => book_swap::<L, true, true>,
        };
        kernel(flow, base_price, quote_price, &mut self.value, &mut self.open, &mut self.flow);
        self.book_admin(flow, base_price, quote_price, detail);
    }

    /// What the protocol took of a swap's fee: providers' fees and the reserves are smaller by it.
    fn book_admin(&mut self, flow: &FlowLanes<L>, base_price: &Lanes<L>, quote_price: &Lanes<L>, detail: Detail) {
        if self.admin_share == 0.0 {
            return;
        }
        for l in 0..L {
            let (price_in, price_out) =
                if flow.base_in[l] != 0 { (base_price[l], quote_price[l]) } else { (quote_price[l], base_price[l]) };
            let taken = flow.to_admin(l, self.admin_share) * price_out;
            let gained = flow.amount_out[l] * price_out - flow.amount_in[l] * price_in;
            self.take_admin(l, taken, gained, detail);
        }
    }

    /// Books what the protocol took in a lane, whose trader has gained so much.
    fn take_admin(&mut self, l: usize, taken: f64, gained: f64, detail: Detail) {
        if detail == Detail::Rates {
            self.flow.fees_rate[l] -= taken / (self.value[l] + gained);
        }
        self.open.fees[l] -= taken;
        self.protocol_fees[l] += taken;
        self.value[l] -= taken;
    }

    /// An arbitrage trade, after it happened: the swap, and what the arbitrageur made.
    pub(crate) fn book_arbitrage(&mut self, flow: &FlowLanes<L>, base_price: &Lanes<L>, quote_price: &Lanes<L>, detail: Detail) {
        let kernel = match detail {
            // Nobody asks for more than what liquidity providers see: an arbitrage is a swap like any other.
            Detail::Nothing | Detail::Income => return self.book_swap(flow, base_price, quote_price, detail),
            Detail::Blocks => return count_blocks(flow, &mut self.arbitrage),
            Detail::Flow => book_arbitrage::<L, false>,
            Detail::Rates => book_arbitrage::<L, true>,
        };
        kernel(flow, base_price, quote_price, &mut self.value, &mut self.open, &mut self.flow, &mut self.arbitrage);
        self.book_admin(flow, base_price, quote_price, detail);
    }

    /// Swaps of a few lanes, which may be an `arbitrage`.
    pub(crate) fn book_few(
        &mut self,
        trades: &FewTrades<L>,
        base_price: &Lanes<L>,
        quote_price: &Lanes<L>,
        detail: Detail,
        arbitrage: bool,
    ) {
        if detail == Detail::Nothing || (detail == Detail::Blocks && !arbitrage) {
            return;
        }
        for (k, l) in trades.iter() {
            let swap = Swap::of(&trades.flow, k);
            if detail == Detail::Blocks {
                self.arbitrage.count(l, swap.amount_in);
                continue;
            }
            let prices = [base_price[l], quote_price[l]];
            let Self { value, open, flow, .. } = self;
            let (gained, inverse) = match detail {
                Detail::Nothing | Detail::Blocks | Detail::Income => {
                    book_lane::<L, false, false>(l, swap, prices, value, open, flow)
                }
                Detail::Flow => book_lane::<L, true, false>(l, swap, prices, value, open, flow),
                Detail::Rates => book_lane::<L, true, true>(l, swap, prices, value, open, flow),
            };
            match detail {
                _ if !arbitrage => {}
                Detail::Nothing | Detail::Blocks | Detail::Income => {}
                Detail::Flow => self.arbitrage.book::<false>(l, swap, gained, inverse),
                Detail::Rates => self.arbitrage.book::<true>(l, swap, gained, inverse),
            }
            if self.admin_share > 0.0 {
                let price_out = if swap.sells != 0 { prices[1] } else { prices[0] };
                self.take_admin(l, trades.flow.to_admin(k, self.admin_share) * price_out, gained, detail);
            }
        }
    }

    /// A new block.
    pub(crate) fn begin_block(&mut self) {
        self.arbitrage.block += 1.0;
    }
}

impl<const L: usize> Income<L> {
    fn close_into(&mut self, done: &Lanes<L>, inverse_supply: &Lanes<L>, per_lp: &mut Self, total: &mut Self) {
        let sums = [
            (&mut self.price, &mut per_lp.price, &mut total.price),
            (&mut self.loss_versus_rebalancing, &mut per_lp.loss_versus_rebalancing, &mut total.loss_versus_rebalancing),
            (&mut self.fees, &mut per_lp.fees, &mut total.fees),
        ];
        for (open, per_lp, total) in sums {
            for l in 0..L {
                if done[l] > 0.0 {
                    per_lp[l] += open[l] * inverse_supply[l];
                    total[l] += open[l];
                    open[l] = 0.0;
                }
            }
        }
    }
}

kernel! {
    fn book_first_price<const L: usize>(
        reserve: &Lanes<L>, before: &Lanes<L>, after: &Lanes<L>, value: &mut Lanes<L>, gain: &mut Lanes<L>,
    ) {
        for l in 0..L {
            value[l] = reserve[l] * after[l];
            gain[l] += reserve[l] * (after[l] - before[l]);
        }
    }
}

kernel! {
    fn book_numeraire<const L: usize>(reserve: &Lanes<L>, value: &mut Lanes<L>) {
        for l in 0..L {
            value[l] += reserve[l];
        }
    }
}

kernel! {
    fn book_price<const L: usize>(
        reserve: &Lanes<L>, before: &Lanes<L>, after: &Lanes<L>, value: &mut Lanes<L>, gain: &mut Lanes<L>,
    ) {
        for l in 0..L {
            value[l] += reserve[l] * after[l];
            gain[l] += reserve[l] * (after[l] - before[l]);
        }
    }
}

/// A swap of one lane.
#[derive(Clone, Copy)]
struct Swap {
    sells: u64,
    amount_in: f64,
    amount_out: f64,
    fee: f64,
}

impl Swap {
    #[inline(always)]
    fn of<const N: usize>(flow: &FlowLanes<N>, k: usize) -> Self {
        Self { sells: flow.base_in[k], amount_in: flow.amount_in[k], amount_out: flow.amount_out[k], fee: flow.fee[k] }
    }
}

impl<const L: usize> ArbitrageSums<L> {
    /// Only the first trade of a block counts it.
    #[inline(always)]
    fn count(&mut self, l: usize, amount_in: f64) {
        let first = mask(amount_in > 0.0) & mask(self.seen[l] != self.block);
        self.blocks[l] += select(first, 1.0, 0.0);
        self.seen[l] = select(first, self.block, self.seen[l]);
    }

    /// Books lane `l` of an arbitrage.
    #[inline(always)]
    fn book<const RATES: bool>(&mut self, l: usize, swap: Swap, profit: f64, inverse: f64) {
        self.profit[l] += profit;
        if RATES {
            self.profit_rate[l] += profit * inverse;
        }
        self.trades[l] += if swap.amount_in > 0.0 { 1.0 } else { 0.0 };
        self.count(l, swap.amount_in);
    }
}

/// Books lane `l` of a swap and returns (what the trader gained, 1 / pool value before).
#[inline(always)]
fn book_lane<const L: usize, const FLOW: bool, const RATES: bool>(
    l: usize,
    swap: Swap,
    [base, quote]: [f64; 2],
    value: &mut Lanes<L>,
    income: &mut Income<L>,
    sums: &mut FlowSums<L>,
) -> (f64, f64) {
    let (price_in, price_out) = (select(swap.sells, base, quote), select(swap.sells, quote, base));
    let value_in = swap.amount_in * price_in;
    let gained = swap.amount_out * price_out - value_in;
    let fee = swap.fee * price_in;
    let loss = gained + fee;
    income.fees[l] += fee;
    income.loss_versus_rebalancing[l] += loss;
    if FLOW {
        sums.volume[l] += value_in;
        sums.trades[l] += if value_in > 0.0 { 1.0 } else { 0.0 };
    }
    let inverse = if RATES { 1.0 / value[l] } else { 0.0 };
    if RATES {
        sums.volume_rate[l] += value_in * inverse;
        sums.fees_rate[l] += fee * inverse;
        sums.loss_versus_rebalancing_rate[l] += loss * inverse;
    }
    value[l] -= gained;
    (gained, inverse)
}

kernel! {
    fn book_swap<const L: usize, const FLOW: bool, const RATES: bool>(
        flow: &FlowLanes<L>,
        base_price: &Lanes<L>,
        quote_price: &Lanes<L>,
        value: &mut Lanes<L>,
        income: &mut Income<L>,
        sums: &mut FlowSums<L>,
    ) {
        for l in 0..L {
            book_lane::<L, FLOW, RATES>(l, Swap::of(flow, l), [base_price[l], quote_price[l]], value, income, sums);
        }
    }
}

kernel! {
    fn book_arbitrage<const L: usize, const RATES: bool>(
        flow: &FlowLanes<L>,
        base_price: &Lanes<L>,
        quote_price: &Lanes<L>,
        value: &mut Lanes<L>,
        income: &mut Income<L>,
        sums: &mut FlowSums<L>,
        arbitrage: &mut ArbitrageSums<L>,
    ) {
        for l in 0..L {
            let swap = Swap::of(flow, l);
            let (profit, inverse) = book_lane::<L, true, RATES>(l, swap, [base_price[l], quote_price[l]], value, income, sums);
            arbitrage.book::<RATES>(l, swap, profit, inverse);
        }
    }
}

kernel! {
    fn count_blocks<const L: usize>(flow: &FlowLanes<L>, arbitrage: &mut ArbitrageSums<L>) {
        for l in 0..L {
            arbitrage.count(l, flow.amount_in[l]);
        }
    }
}
