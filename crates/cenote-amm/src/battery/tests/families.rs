//! Cenote's own pools.

use crate::battery::families::{concentrated_pools, concentrated_v4_pools, constant_products, stableswaps, weighted_pools};
use crate::battery::{Battery, BatteryLane, Checker, Deposits, Slack};
use crate::lane::{Exact, Fast, Lane};
use crate::pool::TokenIndex;
use crate::stableswap::Generation;
use crate::weighted::Version;
use crate::{Concentrated, ConcentratedV4, Pool, StableSwap, Weighted};

mod constant_product {
    use super::*;

    crate::proptest_pool!(exact in constant_products::<Exact>());
    crate::proptest_pool!(fast in constant_products::<Fast>());
}

mod concentrated {
    use super::*;

    /// Each step of a swap rounds in the pool's favour, and there is a step for each tick that it crosses and for each word of the
    /// ticks' bitmap: thousands from one end of the prices to the other. The price itself has 96 bits behind the point.
    fn steps<P: Pool>(battery: Battery<P>) -> Battery<P>
    where
        P::Lane: BatteryLane,
    {
        let slack = if P::Lane::IS_EXACT { Slack::units(20_000.0).and_relative(1e-15) } else { return battery };
        battery.slack(Checker::SplitTrade, slack).slack(Checker::PricesConvex, slack).slack(Checker::SwapTo, slack)
    }

    fn v3<L: BatteryLane>() -> Battery<Concentrated<L>> {
        steps(Battery::new().decimals(&[18, 6]).holdings(|pool, token| pool.v3().balances()[token.get()]))
    }

    fn v4<L: BatteryLane>() -> Battery<ConcentratedV4<L>> {
        steps(Battery::new().decimals(&[18, 6]).holdings(|pool, token| pool.v4().balances()[token.get()]))
    }

    crate::proptest_pool!(ranged v3_exact in concentrated_pools::<Exact>([18, 6]), v3());
    crate::proptest_pool!(ranged v3_fast in concentrated_pools::<Fast>([18, 6]), v3());
    crate::proptest_pool!(ranged v4_exact in concentrated_v4_pools::<Exact>([18, 6]), v4());
    crate::proptest_pool!(ranged v4_fast in concentrated_v4_pools::<Fast>([18, 6]), v4());
}

mod weighted {
    use super::*;

    /// Powers are rounded in the pool's favour by a hundred-trillionth.
    fn battery<L: BatteryLane>() -> Battery<Weighted<L>> {
        let battery = Battery::new().decimals(&[18, 6, 18]);
        let slack = if L::IS_EXACT { Slack::units(2.0).and_relative(1e-13) } else { return battery };
        [Checker::SplitTrade, Checker::PricesConvex, Checker::OrderOfLiquidity, Checker::SwapTo]
            .into_iter()
            .fold(battery, |battery, checker| battery.slack(checker, slack))
    }

    crate::proptest_pool!(v2_exact in weighted_pools::<Exact>(Version::V2, &[18, 6, 18]), battery());
    crate::proptest_pool!(v2_fast in weighted_pools::<Fast>(Version::V2, &[18, 6, 18]), battery());
    crate::proptest_pool!(v3_exact in weighted_pools::<Exact>(Version::V3, &[18, 6, 18]), battery());
    crate::proptest_pool!(v3_fast in weighted_pools::<Fast>(Version::V3, &[18, 6, 18]), battery());
}

mod stableswap {
    use super::*;

    const DECIMALS: [u8; 3] = [18, 6, 18];
    /// The contracts of the first generation drop a unit of what is left of a coin at every swap. Of six decimals that is so much that a
    /// pool of a few tokens can be drained to its last unit, and D breaks down.
    const FINE: [u8; 3] = [18, 18, 18];
    /// Up to one per cent.
    const FEES: core::ops::RangeInclusive<u64> = 0..=100_000_000;
    const NO_FEE: core::ops::RangeInclusive<u64> = 0..=0;

    fn all_told<L: Lane>(pool: &StableSwap<L>, token: TokenIndex) -> L::Amount {
        let contract = pool.contract();
        L::checked_add(contract.balances()[token.get()], contract.admin_balances()[token.get()]).unwrap_or(L::ZERO)
    }

    /// Near the peg, where these pools live. The contract's D and balances are known to a unit or two either way.
    fn battery<L: BatteryLane>(decimals: &[u8]) -> Battery<StableSwap<L>> {
        let battery = Battery::new().deposits(Deposits::new(decimals).skew(1).ordinary()).holdings(all_told::<L>);
        let slack = if L::IS_EXACT { Slack::units(4.0).and_relative(4e-14) } else { Slack::relative(1e-12) };
        [
            Checker::InvariantInSwap,
            Checker::InvariantPerLpToken,
            Checker::RoundTrip,
            Checker::RoundingFavoursPool,
            Checker::SplitTrade,
            Checker::PricesConvex,
            Checker::OutcomeHonoursRequest,
            Checker::MintBurn,
            Checker::OrderOfLiquidity,
            Checker::SwapTo,
        ]
        .into_iter()
        .fold(battery, |battery, checker| battery.slack(checker, slack))
    }

    /// Near the peg the balances hardly say where on the curve a pool is: floats of them know an amount to A · n · ε, which only a fee hides.
    fn no_fee<L: BatteryLane>() -> Battery<StableSwap<L>> {
        let battery = battery(&FINE);
        if L::IS_EXACT {
            // Drained to a thousand units of a coin, the contract's integers hardly know D. A fee covers that too.
            return battery.without(Checker::PricesConvex);
        }
        let slack = Slack::relative(2e-9);
        [Checker::RoundTrip, Checker::RoundingFavoursPool, Checker::SplitTrade]
            .into_iter()
            .fold(battery, |battery, checker| battery.slack(checker, slack))
    }

    /// The contracts of the first generation pay out a unit for nothing now and then: they do not take one off for rounding.
    fn first<L: BatteryLane>(battery: Battery<StableSwap<L>>) -> Battery<StableSwap<L>> {
        if L::IS_EXACT { battery.without(Checker::RoundingFavoursPool) } else { battery }
    }

    /// The fee is on the output and stays in the reserves, or depends on the state.
    fn with_fee<L: BatteryLane>(decimals: &[u8]) -> Battery<StableSwap<L>> {
        battery(decimals).without(Checker::SplitTrade)
    }

    /// A burn pays out the protocol's part to the protocol.
    fn ng<L: BatteryLane>() -> Battery<StableSwap<L>> {
        with_fee(&DECIMALS).protocol_takes()
    }

    crate::proptest_pool!(first_exact in stableswaps::<Exact>(Generation::First, &FINE, FEES, false), first(with_fee(&FINE)));
    crate::proptest_pool!(first_fast in stableswaps::<Fast>(Generation::First, &FINE, FEES, false), first(with_fee(&FINE)));
    crate::proptest_pool!(ng_exact in stableswaps::<Exact>(Generation::Ng, &DECIMALS, FEES, false), ng());
    crate::proptest_pool!(ng_fast in stableswaps::<Fast>(Generation::Ng, &DECIMALS, FEES, false), ng());
    crate::proptest_pool!(dynamic_exact in stableswaps::<Exact>(Generation::Ng, &DECIMALS, FEES, true), ng().without(Checker::PricesConvex));
    crate::proptest_pool!(dynamic_fast in stableswaps::<Fast>(Generation::Ng, &DECIMALS, FEES, true), ng().without(Checker::PricesConvex));
    crate::proptest_pool!(no_fee_exact in stableswaps::<Exact>(Generation::First, &FINE, NO_FEE, false), first(no_fee()));
    crate::proptest_pool!(no_fee_fast in stableswaps::<Fast>(Generation::First, &FINE, NO_FEE, false), first(no_fee()));
}
