use std::sync::Arc;

use cenote_amm::TokenIndex;
use cenote_paths::StreamKey;
use cenote_paths::history::{PoolActivity, price_at};
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::{Lanes, mask};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};

/// Makes a pool of ranges live through what was recorded of another: its liquidity, what traders paid in, its price.
///
/// Every row of the record happens in the first block at or after the row's end. Others' liquidity is scaled so that as much of it is
/// in range as the row has; what was paid in of both tokens is traded, with the pool's fee, first the token that leads away from the
/// row's closing tick; then the price is driven, free of any fee, to the nearest price of the closing tick, unless it is there already.
/// So fees are those of the recorded amounts, and the price ends every row at the recorded tick, whatever the positions of the world
/// add to the pool. They dilute: of a fee, a position in range gets its part of the liquidity, recorded and its own together.
#[derive(Clone, Debug)]
pub struct ReplayedPool {
    pool: PoolId,
    rows: Arc<[Row]>,
}

/// A row in whole tokens.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// Nanoseconds from the start to its end.
    end: u64,
    amounts: [f64; 2],
    liquidity: f64,
    /// From where to where prices belong to its closing tick, token 1 per token 0, and well inside.
    prices: [f64; 2],
}

/// How far inside a tick its first and its last price are taken: rounding is a millionth of that.
const INSIDE: f64 = 1e-3;

impl ReplayedPool {
    /// This pool lives through this record, of a pool of the same tokens in the same order, which have these decimals.
    pub fn new(pool: PoolId, activity: &PoolActivity, decimals: [u8; 2]) -> Self {
        let scale = decimals.map(|decimals| cenote_units::math::exp(f64::from(decimals) * cenote_units::math::ln(10.0)).round());
        let whole = |raw: u128, scale: f64| {
            #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
            let raw = raw as f64;
            raw / scale
        };
        let rows = activity.rows().iter().map(|row| {
            let tick = f64::from(row.close_tick);
            Row {
                end: activity.end_of(row).as_nanos(),
                amounts: [0, 1].map(|i| whole(row.amounts_in[i], scale[i])),
                liquidity: whole(row.liquidity, scale[0].sqrt() * scale[1].sqrt()),
                prices: [price_at(tick + INSIDE, decimals), price_at(tick + 1.0 - INSIDE, decimals)],
            }
        });
        Self { pool, rows: rows.collect() }
    }
}

impl AgentModel for ReplayedPool {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn home(&self) -> PoolId {
        self.pool
    }
}

impl<const L: usize> BuildAgent<L> for ReplayedPool {
    fn build(&self, _: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(ReplayLanes::<L> {
            pool: self.pool,
            rows: Arc::clone(&self.rows),
            next: [0; L],
            now: [None; L],
            spot: Lanes::ZERO,
        })
    }
}

#[derive(Debug)]
struct ReplayLanes<const L: usize> {
    pool: PoolId,
    rows: Arc<[Row]>,
    /// The row that comes next, lane by lane.
    next: [usize; L],
    /// The row that happens.
    now: [Option<Row>; L],
    spot: Lanes<L>,
}

impl<const L: usize> ReplayLanes<L> {
    /// Takes up the next row in the lanes where its time has come, and says whether there is one.
    fn take_up(&mut self, market: &MarketLanes<'_, L>) -> bool {
        for l in 0..L {
            let row = self.rows.get(self.next[l]).filter(|row| market.active[l] != 0.0 && row.end <= market.time[l]);
            self.now[l] = row.copied();
            self.next[l] += usize::from(row.is_some());
        }
        self.now.iter().any(Option::is_some)
    }

    /// Where the price stands, token 1 per token 0.
    fn look(&mut self, market: &MarketLanes<'_, L>) {
        market.pools[self.pool.index()].spot_prices(TokenIndex::ZERO, TokenIndex::ONE, &mut self.spot);
    }
}

/// What is done with a row, one order after the other.
const STEPS: u32 = 4;

impl<const L: usize> AgentLanes<L> for ReplayLanes<L> {
    fn start(&mut self, _: [u32; L]) {
        self.next = [0; L];
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let step = round % STEPS;
        if step == 0 && !self.take_up(market) {
            return false;
        }
        order.pool = self.pool;
        order.gas = 0.0;
        (order.flow.base, order.flow.quote) = (TokenIndex::ZERO, TokenIndex::ONE);
        match step {
            0 => {
                order.kind = OrderKind::ScaleOthers;
                let mut others = Lanes::ZERO;
                if let Some(pool) = market.pools[self.pool.index()].ranged() {
                    pool.others(&mut others);
                }
                for l in 0..L {
                    order.target[l] = self.now[l].map_or(1.0, |row| row.liquidity / others[l]);
                }
            }
            1 | 2 => {
                order.kind = OrderKind::Swap;
                if step == 1 {
                    self.look(market);
                }
                for l in 0..L {
                    let row = self.now[l];
                    // Where the price is to fall, token 1 comes first: it leads up.
                    let falls = row.is_some_and(|row| self.spot[l] > row.prices[1]);
                    let pays_zero = (step == 1) != falls;
                    order.flow.base_in[l] = mask(pays_zero);
                    order.flow.amount_in[l] = row.map_or(0.0, |row| row.amounts[usize::from(!pays_zero)]);
                }
            }
            _ => {
                order.kind = OrderKind::MovePrice;
                self.look(market);
                for l in 0..L {
                    let Some(Row { prices: [low, high], .. }) = self.now[l] else {
                        order.target[l] = 0.0;
                        continue;
                    };
                    let nearest = self.spot[l].clamp(low, high);
                    order.target[l] = if nearest == self.spot[l] { 0.0 } else { nearest };
                }
            }
        }
        true
    }
}
