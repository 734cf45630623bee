use cenote_units::Lanes;

use super::PoolLanes;
use crate::pool::TokenIndex;

/// How much a pool trades at which price, near its present state, one way in each lane: paying a gives
///
/// rate · a / (1 + impact · a)
///
/// of the other token, the fee taken off. A constant product trades like that to any amount, liquidity in a range up to the range's
/// end, every other pool to second order in a. Hyperbolas through zero follow each other to a hyperbola and are maximised, inverted
/// and split in closed form: that is what routes and cycles over several pools are computed with.
#[derive(Clone, Debug)]
pub struct DepthLanes<const L: usize> {
    /// What a first unit paid in gives; zero where the pool trades nothing.
    pub rate: Lanes<L>,
    /// By which part of itself the price of a unit paid in gets worse, per unit: one over an amount, above zero.
    pub impact: Lanes<L>,
    /// The amount paid in up to which this is the trade, to rounding; beyond it is an estimate.
    pub exact_to: Lanes<L>,
}

/// The part of a reserve that is quoted to see how the price gives way: small enough to be local, large enough for what is lost to
/// cancellation not to matter.
const PROBE: f64 = 1e-4;
/// Least impact of a pool, over its reserve: that of a stable pool with an amplification of a million.
const LEAST_IMPACT: f64 = 1e-6;

impl<const L: usize> DepthLanes<L> {
    /// No trade in any lane.
    pub const ZERO: Self = Self { rate: Lanes::ZERO, impact: Lanes::ZERO, exact_to: Lanes::ZERO };

    /// The hyperbola through two quotes of any pool: of where `wanted` is above zero.
    pub fn by_quotes(
        &mut self,
        pool: &(impl PoolLanes<L> + ?Sized),
        [base, quote]: [TokenIndex; 2],
        base_in: &[u64; L],
        wanted: &Lanes<L>,
    ) {
        self.exact_to = Lanes::ZERO;
        for l in 0..L {
            (self.rate[l], self.impact[l]) = (0.0, 0.0);
            if wanted[l] <= 0.0 {
                continue;
            }
            let (token_in, token_out) = if base_in[l] != 0 { (base, quote) } else { (quote, base) };
            let probe = PROBE * pool.reserve(token_in, l);
            let [one, two] = [probe, 2.0 * probe].map(|amount| pool.quote(l, token_in, token_out, amount));
            if one > 0.0 && two > one {
                // r h/(1 + c h) and 2 r h/(1 + 2 c h): twice the first over the second is 1 + ch/(1 + ch).
                let bend = (2.0 * one / two - 1.0).clamp(LEAST_IMPACT * PROBE, 0.5);
                let bend = bend / (1.0 - bend);
                self.rate[l] = one * (1.0 + bend) / probe;
                self.impact[l] = bend / probe;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use cenote_units::mask;

    use super::*;
    use crate::concentrated::FeeTier;
    use crate::constant_product::SwapFee;
    use crate::lanes::{AnyPool, BuildPool, FlowLanes, PoolModel, PoolStart, RangeRule};
    use crate::stableswap::PoolFee;
    use crate::{ConcentratedModel, ConstantProductModel, StableSwapModel};

    const PAIR: [TokenIndex; 2] = [TokenIndex::ZERO, TokenIndex::ONE];

    /// A million's worth of tokens at a price of 2, after somebody has paid `moved` of the second token for the first.
    fn pool(model: &dyn PoolModel, moved: f64) -> AnyPool<1> {
        let mut pool = BuildPool::<1>::build(model, &PoolStart { value: 1e6, prices: &[2.0, 1.0], decimals: &[18, 6] }).unwrap();
        let mut flow = FlowLanes { amount_in: Lanes([moved]), ..FlowLanes::default() };
        pool.swap(&mut flow);
        pool
    }

    /// Each way: the hyperbola, and by how much a quote of so many tokens misses it, as a fraction.
    fn errors(pool: &AnyPool<1>, amount: impl Fn(&DepthLanes<1>) -> f64) -> Vec<(DepthLanes<1>, f64)> {
        let miss = |base_in: bool| {
            let (mut depth, base_in) = (DepthLanes::ZERO, mask(base_in));
            pool.depth(PAIR, &[base_in], &Lanes([1.0]), &mut depth);
            let amount = amount(&depth);
            let told = depth.rate[0] * amount / (1.0 + depth.impact[0] * amount);
            let [token_in, token_out] = if base_in == 0 { [PAIR[1], PAIR[0]] } else { PAIR };
            let quoted = pool.quote(0, token_in, token_out, amount);
            (depth, (told / quoted - 1.0).abs())
        };
        vec![miss(true), miss(false)]
    }

    #[test]
    fn a_constant_product_is_one_hyperbola() {
        let model = ConstantProductModel::new(SwapFee::UNISWAP_V2, None);
        for moved in [0.0, 50_000.0] {
            for (depth, error) in errors(&pool(&model, moved), |_| 300_000.0) {
                assert!(depth.exact_to[0] == f64::INFINITY && error < 1e-14, "{moved} {error:e}");
            }
        }
    }

    #[test]
    fn a_range_is_one_up_to_its_end() {
        let rules = vec![(RangeRule::Full, 1.0), (RangeRule::Relative { lower: -0.05, upper: 0.05 }, 3.0)];
        let model = ConcentratedModel::uniswap_v3(FeeTier::BP_30, rules);
        for moved in [0.0, 5_000.0] {
            let pool = pool(&model, moved);
            for (depth, error) in errors(&pool, |depth| depth.exact_to[0]) {
                assert!(depth.exact_to[0] > 1_000.0 && error < 1e-11, "{moved} {error:e}");
            }
            // Past it there is less liquidity than the hyperbola says.
            for (_, error) in errors(&pool, |depth| 1.2 * depth.exact_to[0]) {
                assert!(error > 1e-5, "{moved} {error:e}");
            }
        }
    }

    #[test]
    fn any_other_pool_is_close_to_one() {
        let fee = PoolFee::from_parts(4_000_000).unwrap();
        let model = StableSwapModel::first_generation(&[18, 6], 200, fee, PoolFee::from_parts(0).unwrap()).unwrap();
        for moved in [0.0, 100_000.0] {
            for (part, most) in [(1e-4, 1e-8), (1e-2, 1e-4)] {
                for (depth, error) in errors(&pool(&model, moved), |_| part * 250_000.0) {
                    assert!(depth.exact_to[0] == 0.0 && error < most, "{moved} {part} {error:e}");
                }
            }
        }
        // Of the constant product, whose quotes are hyperbolas, the quotes give the same one.
        let pool = pool(&ConstantProductModel::new(SwapFee::UNISWAP_V2, None), 50_000.0);
        let (mut told, mut quoted) = (DepthLanes::ZERO, DepthLanes::ZERO);
        pool.depth(PAIR, &[0], &Lanes([1.0]), &mut told);
        quoted.by_quotes(&*pool, PAIR, &[0], &Lanes([1.0]));
        assert!((quoted.rate[0] / told.rate[0] - 1.0).abs() < 1e-9 && (quoted.impact[0] / told.impact[0] - 1.0).abs() < 1e-7);
        // Where nobody asks there is no answer.
        quoted.by_quotes(&*pool, PAIR, &[0], &Lanes([0.0]));
        assert_eq!(quoted.rate[0], 0.0);
    }
}
