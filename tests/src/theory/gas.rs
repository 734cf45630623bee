//! Arbitrage that pays for gas a fixed part c of the pool's value per trade: an agent of one's own, in Poisson blocks.
//!
//! A trade pays once it finds an overshoot o with e^{γ/2}(cosh(o/2) − 1) > c, that is beyond `o_g` = 2 arcosh(1 + c e^{−γ/2}); it then goes to
//! the edge γ. With k = √2/`σ_b`, P = 1/(1 + kγ + k²γ `o_g` + k `o_g` + k² `o_g`²/2), and overshoots are `o_g` plus an exponential of rate k.
//!
//! Source: the model of Milionis, Moallemi, Roughgarden (2305.14604), section 6.

use std::sync::Arc;

use cenote_amm::concentrated::FeeTier;
use cenote_amm::{ConcentratedModel, RangeRule, TokenIndex};
use cenote_paths::StreamKey;
use cenote_sim::{AgentLanes, AgentModel, AgentSetup, BuildAgent, OrderKind, OrderLanes, Phase, PoolMetric, Scenario};
use cenote_strategy::MarketLanes;
use cenote_study::stats::Estimate;
use cenote_units::SimDuration;

use super::{Case, Check, Effort, published, scaled};
use crate::scenes::{MAIN, driftless_log, poisson, scene};
use crate::statistics::mean_over_exponential;
use crate::table::run;

pub(super) const GAS: Case = Case { ids: &["gas-poisson-a"], in_tests: true, run: gas };

/// Trades to the edge of the band where that brings more than a part of the pool's value, at the outside price.
#[derive(Clone, Debug)]
struct Paying {
    part: f64,
}

impl AgentModel for Paying {
    fn phase(&self) -> Phase {
        Phase::Arbitrage
    }
}

impl<const L: usize> BuildAgent<L> for Paying {
    fn build(&self, _: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(self.clone())
    }
}

impl<const L: usize> AgentLanes<L> for Paying {
    fn start(&mut self, _: [u32; L]) {}

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let (pool, tokens) = (&market.pools[MAIN.index()], &market.pool_tokens[MAIN.index()]);
        let price = &market.prices[tokens[0].index()];
        order.kind = OrderKind::Arbitrage;
        order.pool = MAIN;
        (order.flow.base, order.flow.quote) = (TokenIndex::ZERO, TokenIndex::ONE);
        order.gas = 0.0;
        order.target = *price;
        for l in 0..L {
            order.min_profit[l] = self.part * (pool.reserve(TokenIndex::ZERO, l) * price[l] + pool.reserve(TokenIndex::ONE, l));
        }
        round == 0
    }
}

struct Model {
    gamma: f64,
    /// Of the log price over a mean block.
    deviation: f64,
    /// c.
    part: f64,
    interval_in_days: f64,
}

impl Model {
    fn tail(&self) -> f64 {
        std::f64::consts::SQRT_2 / self.deviation
    }

    fn threshold(&self) -> f64 {
        2.0 * (1.0 + self.part * (-0.5 * self.gamma).exp()).acosh()
    }

    fn trade_rate(&self) -> f64 {
        let (k, o) = (self.tail(), self.threshold());
        1.0 / (1.0 + k * self.gamma + k * k * self.gamma * o + k * o + 0.5 * k * k * o * o)
    }

    /// Mean over the trades of what each is worth, per block.
    fn per_block(&self, of_overshoot: impl Fn(f64) -> f64) -> f64 {
        self.trade_rate() * mean_over_exponential(|e| of_overshoot(self.threshold() + e / self.tail()))
    }

    fn profit(&self) -> f64 {
        // cosh(o/2) − 1 without cancellation.
        self.per_block(|o| (0.5 * self.gamma).exp() * 2.0 * (0.25 * o).sinh().powi(2))
    }

    fn gas(&self) -> f64 {
        self.part * self.trade_rate()
    }

    fn fees(&self) -> f64 {
        self.per_block(|o| (0.5 * self.gamma).sinh() * -(-0.5 * o).exp_m1())
    }
}

fn gas(effort: Effort) -> Vec<Check> {
    const ID: &str = "gas-poisson-a";
    const PIPS: u32 = 500;
    let case = published(ID);
    let (volatility, interval) = (case.input("sigma_per_day"), case.input("mean_block_time_s"));
    let per_day = 86_400.0 / interval;
    let model = |gamma: f64| Model {
        gamma,
        deviation: volatility / per_day.sqrt(),
        part: case.input("gas_over_V"),
        interval_in_days: 1.0 / per_day,
    };
    let theirs = model(case.input("gamma"));
    case.confirms("trade_threshold_overshoot", theirs.threshold(), 1e-6);
    let ours = model(-(-f64::from(PIPS) * 1e-6).ln_1p());

    let blocks = |blocks: f64| (blocks * interval).round().to_string() + "s";
    let pool = ConcentratedModel::uniswap_v3(FeeTier::new(PIPS, 1).expect("a tier"), vec![(RangeRule::Full, 1.0)]);
    let scenario = Scenario {
        agents: vec![AgentSetup::new("agents.paying", Arc::new(Paying { part: ours.part }))],
        warm_up: blocks(200.0).parse::<SimDuration>().expect("a duration"),
        pool_metrics: vec![PoolMetric::ArbitrageTradeRate, PoolMetric::ArbitrageProfitRate, PoolMetric::FeesRate],
        ..scene(
            poisson(&blocks(1.0)),
            driftless_log(volatility * 365.0_f64.sqrt()),
            Arc::new(pool),
            &blocks(effort.pick(2000.0, 40_000.0)),
        )
    };
    let table = run(&scenario, effort.seed(2305), 1024);
    let estimate = |metric| Estimate::of(table.pool(0, metric));
    let rate = estimate(PoolMetric::ArbitrageTradeRate);
    let profit = table.pool(0, PoolMetric::ArbitrageProfitRate);
    let trades = table.pool(0, PoolMetric::ArbitrageTradeRate);
    let net: Vec<f64> = profit.iter().zip(trades).map(|(profit, trades)| profit - ours.part * trades * per_day).collect();
    [
        ("p_trade", rate, (|model| model.trade_rate() * model.interval_in_days) as fn(&Model) -> f64),
        ("arb_gross_rate_over_V", estimate(PoolMetric::ArbitrageProfitRate), Model::profit),
        ("gas_rate_over_V", scaled(rate, ours.part * per_day), Model::gas),
        ("arb_net_rate_over_V", Estimate::of(&net), |model| model.profit() - model.gas()),
        ("fee_rate_over_V", estimate(PoolMetric::FeesRate), Model::fees),
    ]
    .map(|(name, estimate, formula)| {
        let value = case.confirms(name, formula(&theirs) * per_day, 1e-6);
        Check::new(ID, name, estimate, formula(&ours) * per_day).published(value)
    })
    .into()
}
