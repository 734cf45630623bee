/// Declares an enum of metrics with their names and definitions in one place.
macro_rules! metrics {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $text:literal: $doc:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = $doc] $variant,)*
        }

        impl $name {
            /// All of them, in the order of tables.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in study files and results.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// One line that defines it.
            pub const fn definition(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// The metric of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

metrics! {
    /// What a position's path comes to. Values are money in the numeraire at outside prices, returns fractions of the deposit.
    PositionMetric {
        DepositValue = "deposit_value": "Handed over at the start, before entry costs.",
        FinalValue = "final_value": "What leaving now would be worth at outside prices, costs paid so far taken off.",
        NetReturn = "net_return": "final_value / deposit_value − 1.",
        HoldValue = "hold_value": "The token amounts first put in, kept.",
        HoldReturn = "hold_return": "hold_value / deposit_value − 1.",
        ExcessReturn = "excess_return": "net_return − hold_return; beating hold is its probability_positive.",
        Fees = "fees": "Swap fees: V (1 − κ₀/κ), κ the pool's invariant per LP token, V the value of the LP tokens.",
        ImpermanentLoss = "impermanent_loss": "divergence / hold_value; for a passive position V (κ₀/κ) / hold_value − 1.",
        LossVersusRebalancing = "loss_versus_rebalancing": "Over all swaps, value out − value in net of fee at the outside price, times the share.",
        Rewards = "rewards": "Reward tokens, at their value when earned.",
        Interest = "interest": "Interest, when earned.",
        Gas = "gas": "Gas paid, when paid.",
        TradingCosts = "trading_costs": "Fee and slippage against the outside price on the position's own swaps.",
        Hedge = "hedge": "Result of hedges.",
        LostToExploit = "lost_to_exploit": "Value just before an exploit times its severity.",
        Apr = "apr": "(fees + rewards + interest) / deposit_value / years, before costs.",
        Apy = "apy": "(1 + (fees + rewards + interest − gas − trading_costs) / deposit_value)^(1/years) − 1.",
        MaxDrawdown = "max_drawdown": "Largest 1 − value / running maximum over block ends.",
        TimeInRange = "time_in_range": "Share of time with liquidity provided and the price inside its range.",
        Rebalances = "rebalances": "Times liquidity was provided after the first.",
        Exited = "exited": "1 if it provided liquidity once and does no longer.",
        Price = "price": "Attribution: holdings before each move of outside prices times the move.",
        FeesBooked = "fees_booked": "Attribution: swap fees at the outside price when they were paid.",
        Divergence = "divergence": "Attribution: final − hold = divergence + fees + rewards + interest + hedge − gas − trading_costs − lost_to_exploit.",
        AttributionResidual = "attribution_residual": "By what fraction of the deposit the attribution misses the result: rounding.",
    }
}

metrics! {
    /// What a pool's path comes to. Values are in the numeraire at the outside price of the moment.
    PoolMetric {
        Volume = "volume": "Value paid in by traders.",
        Trades = "trades": "Swaps.",
        ArbitrageTrades = "arbitrage_trades": "Swaps by arbitrageurs.",
        ArbitrageTradeRate = "arbitrage_trade_rate": "Share of the chain's blocks with at least one arbitrage trade in the pool.",
        ArbitrageProfit = "arbitrage_profit": "Arbitrageurs' value out − value in, fee included, before gas.",
        ArbitrageGas = "arbitrage_gas": "Gas that arbitrageurs paid.",
        Fees = "fees": "Liquidity providers' part of swap fees.",
        ProtocolFees = "protocol_fees": "The protocol's part.",
        LossVersusRebalancing = "loss_versus_rebalancing": "Over all swaps, value out − value in net of fee.",
        Tvl = "tvl": "Value of the reserves at the horizon.",
        VolumeRate = "volume_rate": "Volume per day, each term over the pool's value just before the swap.",
        FeesRate = "fees_rate": "Fees per day, each term over the pool's value just before the swap.",
        ArbitrageProfitRate = "arbitrage_profit_rate": "Arbitrage profit per day, each term over the pool's value just before the swap.",
        LossVersusRebalancingRate = "loss_versus_rebalancing_rate": "Loss-versus-rebalancing per day, each term over the pool's value just before the swap.",
    }
}

impl PoolMetric {
    /// Whether it needs the pool's value at every swap.
    pub(crate) fn is_rate(self) -> bool {
        matches!(self, Self::VolumeRate | Self::FeesRate | Self::ArbitrageProfitRate | Self::LossVersusRebalancingRate)
    }
}
