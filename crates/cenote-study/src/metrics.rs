//! What a study can measure: the names of all metrics, each with its definition.
//!
//! Values are in the numeraire at the outside price; returns are fractions of `deposit_value`.

use std::fmt;

use serde::{Serialize, Serializer};

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricUnit {
    /// An amount of money, in the numeraire.
    Money,
    /// A fraction: 0.01 is 1%.
    Fraction,
    /// A fraction per day.
    PerDay,
    /// How many times something happened.
    Count,
}

macro_rules! metrics {
    ($(#[$meta:meta])* $group:ident { $($variant:ident $name:literal $unit:ident $definition:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $group {
            $(#[doc = $definition] $variant,)*
        }

        impl $group {
            /// All of them, in the order of results.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in study files and results.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it is, in a line.
            pub const fn definition(self) -> &'static str {
                match self { $(Self::$variant => $definition),* }
            }

            /// What kind of number it is.
            pub const fn unit(self) -> MetricUnit {
                match self { $(Self::$variant => MetricUnit::$unit),* }
            }

            /// The metric of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|metric| metric.name() == name)
            }
        }

        impl fmt::Display for $group {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

metrics! {
    /// Metrics of a position.
    PositionMetric {
        DepositValue "deposit_value" Money "handed over at the start, before entry costs",
        FinalValue "final_value" Money "what leaving now would be worth at outside prices, owed fees and unsold rewards included, exit costs not",
        NetReturn "net_return" Fraction "final value / deposit value - 1",
        HoldValue "hold_value" Money "the token amounts first put in, kept",
        HoldReturn "hold_return" Fraction "hold value / deposit value - 1",
        ExcessReturn "excess_return" Fraction "net return - hold return",
        Fees "fees" Money "earned swap fees at the horizon: V_T (1 - k_0 / k_T) where the pool reinvests them, owed and collected tokens at their price where it does not",
        ImpermanentLoss "impermanent_loss" Fraction "value of the principal at the horizon over that of the amounts first put in - 1",
        LossVersusRebalancing "loss_versus_rebalancing" Money "sum over all swaps of value out - value in net of fee at the outside price of that moment, times the position's share of the liquidity used",
        Rewards "rewards" Money "farm rewards, when earned",
        Interest "interest" Money "lending interest, when earned",
        Gas "gas" Money "gas of the position's own transactions",
        TradingCosts "trading_costs" Money "fee and slippage against the outside price on the position's own swaps",
        Hedge "hedge" Money "profit of the hedge",
        LostToExploit "lost_to_exploit" Money "value just before an exploit times its severity",
        Apr "apr" Fraction "(fees + rewards + interest) / deposit value / years, before costs",
        Apy "apy" Fraction "(1 + (fees + rewards + interest - gas - trading costs) / deposit value)^(1 / years) - 1",
        MaxDrawdown "max_drawdown" Fraction "largest 1 - value / running maximum over block ends",
        TimeInRange "time_in_range" Fraction "share of time with the price inside the range; 1 for full range, 0 after leaving",
        Rebalances "rebalances" Count "how often the position was moved",
        Exited "exited" Count "1 if the position left before the horizon, otherwise 0",
        Price "price" Money "the price term of the attribution: holdings before each move of the price times the move, summed",
        FeesBooked "fees_booked" Money "swap fees at the outside price of the moment when each was earned: the fee term of the attribution",
        Divergence "divergence" Money "price term - loss versus rebalancing - (hold value - deposit value): what the position lost to holding, fees and costs aside",
        AttributionResidual "attribution_residual" Money "final value - deposit value less all terms of the attribution: rounding, and nothing else",
    }
}

metrics! {
    /// Metrics of a pool.
    PoolMetric {
        Volume "volume" Money "value of all swaps' input at the outside price",
        Trades "trades" Count "swaps",
        ArbitrageTrades "arbitrage_trades" Count "swaps by arbitrageurs",
        ArbitrageTradeRate "arbitrage_trade_rate" Fraction "share of the chain's blocks with at least one arbitrage trade in this pool",
        ArbitrageProfit "arbitrage_profit" Money "arbitrageurs' value out - value in, fee included, before gas",
        ArbitrageGas "arbitrage_gas" Money "gas that arbitrageurs paid",
        Fees "fees" Money "swap fees to liquidity providers, at the outside price of the moment",
        ProtocolFees "protocol_fees" Money "swap fees to the protocol",
        LossVersusRebalancing "loss_versus_rebalancing" Money "sum over all swaps of value out - value in net of fee at the outside price of that moment",
        Tvl "tvl" Money "value of the pool's reserves at the horizon",
        VolumeRate "volume_rate" PerDay "volume per day, each term over the pool's value just before the swap",
        FeesRate "fees_rate" PerDay "fees per day, each term over the pool's value just before the swap",
        ArbitrageProfitRate "arbitrage_profit_rate" PerDay "arbitrage profit per day, each term over the pool's value just before the swap",
        LossVersusRebalancingRate "loss_versus_rebalancing_rate" PerDay "loss versus rebalancing per day, each term over the pool's value just before the swap",
    }
}

/// Which metrics a study computes. `metrics = [...]` in `[study]`; all of them unless it says otherwise.
///
/// A name that positions and pools both have (`fees`, `loss_versus_rebalancing`) selects it for both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricSelection {
    positions: Vec<PositionMetric>,
    pools: Vec<PoolMetric>,
}

impl MetricSelection {
    /// Everything there is.
    pub fn all() -> Self {
        Self { positions: PositionMetric::ALL.to_vec(), pools: PoolMetric::ALL.to_vec() }
    }

    /// These metrics, in the order of results whatever the order given.
    pub fn of(positions: &[PositionMetric], pools: &[PoolMetric]) -> Self {
        Self {
            positions: PositionMetric::ALL.iter().copied().filter(|metric| positions.contains(metric)).collect(),
            pools: PoolMetric::ALL.iter().copied().filter(|metric| pools.contains(metric)).collect(),
        }
    }

    /// The metrics of these names; `Err` with the first name that is none.
    pub(crate) fn of_names<S: AsRef<str>>(names: &[S]) -> Result<Self, usize> {
        let known = metric_names();
        match names.iter().position(|name| !known.contains(&name.as_ref())) {
            Some(unknown) => Err(unknown),
            None => {
                let named = |metric: &str| names.iter().any(|name| name.as_ref() == metric);
                Ok(Self {
                    positions: PositionMetric::ALL.iter().copied().filter(|metric| named(metric.name())).collect(),
                    pools: PoolMetric::ALL.iter().copied().filter(|metric| named(metric.name())).collect(),
                })
            }
        }
    }

    /// Metrics of every position, in the order of results.
    pub fn positions(&self) -> &[PositionMetric] {
        &self.positions
    }

    /// Metrics of every pool, in the order of results.
    pub fn pools(&self) -> &[PoolMetric] {
        &self.pools
    }

    /// Names of all that are selected, each once.
    pub fn names(&self) -> Vec<&'static str> {
        let positions = self.positions.iter().map(|metric| metric.name());
        let mut names: Vec<&str> = positions.collect();
        for metric in &self.pools {
            if !names.contains(&metric.name()) {
                names.push(metric.name());
            }
        }
        names
    }
}

impl Default for MetricSelection {
    fn default() -> Self {
        Self::all()
    }
}

impl Serialize for MetricSelection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

/// Names of all metrics, each once.
pub(crate) fn metric_names() -> Vec<&'static str> {
    MetricSelection::all().names()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_in_their_group_and_lead_back() {
        for (i, metric) in PositionMetric::ALL.iter().enumerate() {
            assert_eq!(PositionMetric::from_name(metric.name()), Some(*metric));
            assert!(PositionMetric::ALL[..i].iter().all(|other| other.name() != metric.name()));
            assert!(!metric.definition().is_empty());
        }
        for metric in PoolMetric::ALL {
            assert_eq!(PoolMetric::from_name(metric.name()), Some(*metric));
        }
        assert_eq!((PositionMetric::ALL.len(), PoolMetric::ALL.len()), (25, 14));
    }

    #[test]
    fn a_shared_name_selects_for_both_groups() {
        let selection = MetricSelection::of_names(&["tvl", "fees", "net_return"]).unwrap();
        assert_eq!(selection.positions(), [PositionMetric::NetReturn, PositionMetric::Fees]);
        assert_eq!(selection.pools(), [PoolMetric::Fees, PoolMetric::Tvl]);
        assert_eq!(selection.names(), ["net_return", "fees", "tvl"]);
        assert_eq!(MetricSelection::of_names(&["fees", "fes"]), Err(1));
        assert_eq!(MetricSelection::of_names(&MetricSelection::all().names()), Ok(MetricSelection::all()));
    }
}
