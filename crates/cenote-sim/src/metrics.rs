//! What can be measured: the names of all metrics, each with its definition.
//!
//! Values are in the numeraire at the outside price; returns are fractions of `deposit_value`.

use std::fmt;

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
    /// A time in days.
    Days,
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
        Fees "fees" Money "earned swap fees at the horizon: V (1 - k0 / k) where the pool reinvests them, k being its invariant per LP token and V the value of the LP tokens; owed and collected tokens at their price where it does not",
        ImpermanentLoss "impermanent_loss" Fraction "value of the principal at the horizon over that of the amounts first put in - 1",
        LossVersusRebalancing "loss_versus_rebalancing" Money "sum over all swaps of value out - value in net of fee at the outside price of that moment, times the position's share of the liquidity used",
        Rewards "rewards" Money "farm rewards, when earned",
        Interest "interest" Money "lending interest, when earned",
        Gas "gas" Money "gas of the position's own transactions",
        TradingCosts "trading_costs" Money "fee and slippage against the outside price on the position's own swaps",
        Hedge "hedge" Money "profit of the hedge, its funding, interest and fees taken off",
        LostToExploit "lost_to_exploit" Money "value just before an exploit times its severity",
        Apr "apr" Fraction "(fees + rewards + interest) / deposit value / years, before costs",
        Apy "apy" Fraction "(1 + (fees + rewards + interest - gas - trading costs) / deposit value)^(1 / years) - 1",
        FeeApr "fee_apr" Fraction "fees / deposit value / years",
        RewardApr "reward_apr" Fraction "rewards / deposit value / years",
        InterestApr "interest_apr" Fraction "interest / deposit value / years",
        AdvertisedApy "advertised_apy" Fraction "what its farms and lending markets showed when it had entered, compounded daily",
        RewardsSold "rewards_sold" Money "received for reward tokens, when sold",
        BreakEvenRewardPrice "break_even_reward_price" Money "what a reward token would have had to be worth, when earned, for the position to do as well as holding",
        GasPaybackDays "gas_payback_days" Days "days of its income that its gas takes; all there are where there is no income",
        Liquidations "liquidations" Count "loans of the position that were liquidated",
        MaxDrawdown "max_drawdown" Fraction "largest 1 - value / running maximum over block ends",
        TimeInRange "time_in_range" Fraction "share of time with the price inside the range; 1 for full range, 0 after leaving",
        Rebalances "rebalances" Count "blocks, after the first, in which it put liquidity somewhere or swapped tokens of its own; a last sale on the way out does not count",
        Exited "exited" Count "1 if the position left before the horizon, otherwise 0",
        RefusedActions "refused_actions" Count "what its strategy asked for and could not be done",
        Price "price" Money "the price term of the attribution: holdings before each move of the price times the move, summed",
        FeesBooked "fees_booked" Money "swap fees at the outside price of the moment when each was earned: the fee term of the attribution",
        Divergence "divergence" Money "what became of the principal against holding: final - hold = divergence + fees + rewards + interest + hedge - gas - trading costs - lost to exploit",
        AttributionResidual "attribution_residual" Fraction "by what part of the deposit the two sums of the attribution miss the result: rounding, and nothing else",
    }
}

metrics! {
    /// Metrics of a position by what can go wrong: one column for each risk that it applies to ([`RiskKind::has`](crate::RiskKind::has)),
    /// named `lost_to.NAME`. Bridges are `bridges.NAME`.
    RiskMetric {
        LostTo "lost_to" Money "what it took: value just before times severity. Those of all risks and bridges are the parts of what was lost to exploits",
        PaidBack "paid_back" Money "what cover paid for that; premiums are not in it",
        HitBy "hit_by" Count "events that hit a place where the position had something",
        CostOf "cost_of" Money "what it cost without taking anything, counted in other terms or in none: rewards that the stake would have earned while a farm was halted; the fall of a token's price on what the position had of it; the cost of loans liquidated at a false price",
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
        ExtractedValue "extracted_value" Money "what those made who react to the swaps of others (liquidity just in time, sandwiches): value out - value in at the outside price of the moment, after gas",
        VolumeRate "volume_rate" PerDay "volume per day, each term over the pool's value just before the swap",
        FeesRate "fees_rate" PerDay "fees per day, each term over the pool's value just before the swap",
        ArbitrageProfitRate "arbitrage_profit_rate" PerDay "arbitrage profit per day, each term over the pool's value just before the swap",
        LossVersusRebalancingRate "loss_versus_rebalancing_rate" PerDay "loss versus rebalancing per day, each term over the pool's value just before the swap",
    }
}

impl PoolMetric {
    /// Whether it needs sums over trades, beyond what the attribution of positions needs anyway.
    pub(crate) fn is_flow(self) -> bool {
        matches!(
            self,
            Self::Volume
                | Self::Trades
                | Self::ArbitrageTrades
                | Self::ArbitrageTradeRate
                | Self::ArbitrageProfit
                | Self::ArbitrageGas
        ) || self.is_rate()
    }

    /// Whether it needs the pool's value at every swap.
    pub(crate) fn is_rate(self) -> bool {
        matches!(self, Self::VolumeRate | Self::FeesRate | Self::ArbitrageProfitRate | Self::LossVersusRebalancingRate)
    }
}
