//! Pools: from the family's parameters to its model, in either lane.

use std::sync::Arc;

use cenote_amm::concentrated::FeeTier;
use cenote_amm::constant_product::{ProtocolFee, SwapFee};
use cenote_amm::dynamic_fee::{DynamicFee, FeeHook, HookedModel};
use cenote_amm::stableswap::PoolFee;
use cenote_amm::weighted::Weights;
use cenote_amm::{
    AmmError, ConcentratedModel, ConstantProductModel, Exact, Fast, Lifted, PoolModel, RangeRule, StableSwapModel, Weighted,
};
use cenote_sim::{PoolSetup, ScenarioError};
use cenote_units::Fraction;

use super::{PoolLane, chain_id, token_id};
use crate::error::StudyError;
use crate::key_path::KeyPath;
use crate::spec::{ConcentratedSpec, ConstantProductSpec, PoolFamily, PoolSpec, StableSwapSpec, WeightedSpec};
use crate::study::Study;

type Model = Arc<dyn PoolModel>;

impl Study {
    pub(super) fn pool(&self, pool: &PoolSpec, lane: PoolLane) -> Result<PoolSetup, StudyError> {
        let spec = self.spec();
        let tokens: Vec<_> = pool.tokens.iter().map(|token| token_id(spec, token)).collect();
        let decimals: Vec<u8> = tokens.iter().map(|token| spec.tokens[token.index()].decimals).collect();
        let model = match &pool.family {
            PoolFamily::UniswapV2(family) => constant_product(family, ProtocolFee::UNISWAP_V2, &decimals, lane),
            PoolFamily::PancakeswapV2(family) => constant_product(family, ProtocolFee::PANCAKESWAP_V2, &decimals, lane),
            PoolFamily::UniswapV3(family) => self.concentrated(family, ConcentratedModel::uniswap_v3, &decimals, lane),
            PoolFamily::PancakeswapV3(family) => self.concentrated(family, ConcentratedModel::pancakeswap_v3, &decimals, lane),
            PoolFamily::UniswapV4(family @ ConcentratedSpec { dynamic_fee: Some(rule), .. }) => {
                let path = KeyPath::root().key("pools").key(&pool.name).key("dynamic_fee");
                self.hooked(family, rule.model(family.fee, &path)?, lane)
            }
            PoolFamily::UniswapV4(family) => self.concentrated(family, ConcentratedModel::uniswap_v4, &decimals, lane),
            PoolFamily::StableSwap(family) => stableswap(family, false, &decimals, lane),
            PoolFamily::StableSwapNg(family) => stableswap(family, true, &decimals, lane),
            PoolFamily::BalancerWeighted(family) => weighted(family, &decimals, lane),
            PoolFamily::Custom(family) => Ok(Arc::clone(family.pool.model())),
        };
        let refused = |error: AmmError| ScenarioError::Pool { pool: pool.name.clone(), reason: error.to_string() };
        Ok(PoolSetup {
            name: pool.name.clone(),
            chain: chain_id(self.spec(), &pool.chain),
            tokens,
            model: model.map_err(refused)?,
            value: pool.family.liquidity().into_iter().map(|amount| self.value(amount)).sum(),
        })
    }

    fn concentrated(
        &self,
        family: &ConcentratedSpec,
        new: fn(FeeTier, Vec<(RangeRule, f64)>) -> ConcentratedModel,
        decimals: &[u8],
        lane: PoolLane,
    ) -> Result<Model, AmmError> {
        let tier = FeeTier::new(family.fee.pips().unwrap_or(u32::MAX), tick_spacing(family))?;
        let model = new(tier, self.liquidity(family)).protocol_fee(family.protocol_fee);
        Ok(match lane {
            PoolLane::Fast => model.into(),
            PoolLane::Exact => Arc::from(model.exact([decimals[0], decimals[1]])?),
        })
    }

    /// A Uniswap v4 pool whose fee follows a rule.
    fn hooked(&self, family: &ConcentratedSpec, rule: DynamicFee, lane: PoolLane) -> Result<Model, AmmError> {
        let model = HookedModel::new(FeeHook::new(rule), tick_spacing(family), self.liquidity(family))?;
        Ok(match lane {
            PoolLane::Fast => model.into(),
            PoolLane::Exact => model.exact().into(),
        })
    }

    /// Where others' liquidity lies, and what each part is worth.
    fn liquidity(&self, family: &ConcentratedSpec) -> Vec<(RangeRule, f64)> {
        family.liquidity.iter().map(|part| (part.range.rule(), self.value(&part.value))).collect()
    }
}

fn tick_spacing(family: &ConcentratedSpec) -> i32 {
    i32::try_from(family.tick_spacing).unwrap_or(i32::MAX)
}

fn constant_product(
    family: &ConstantProductSpec,
    protocol_fee: ProtocolFee,
    decimals: &[u8],
    lane: PoolLane,
) -> Result<Model, AmmError> {
    let model = ConstantProductModel::new(SwapFee::try_from(family.fee)?, family.protocol_fee.then_some(protocol_fee));
    Ok(match lane {
        PoolLane::Fast => model.into(),
        PoolLane::Exact => Lifted::new(model.exact([decimals[0], decimals[1]]), 2).into(),
    })
}

fn stableswap(family: &StableSwapSpec, ng: bool, decimals: &[u8], lane: PoolLane) -> Result<Model, AmmError> {
    let (a, fee) = (family.amplification, PoolFee::from_parts(ten_billionths(family.fee.fraction()))?);
    let model = if ng {
        StableSwapModel::ng(decimals, a, fee, ten_billionths(family.offpeg_fee_multiplier))?
    } else {
        StableSwapModel::first_generation(decimals, a, fee, PoolFee::from_parts(ten_billionths(family.admin_fee.get()))?)?
    };
    Ok(match lane {
        PoolLane::Fast => model.into(),
        PoolLane::Exact => model.exact().into(),
    })
}

fn weighted(family: &WeightedSpec, decimals: &[u8], lane: PoolLane) -> Result<Model, AmmError> {
    let shares: Vec<f64> = if family.weights.is_empty() {
        equal(decimals)
    } else {
        family.weights.iter().map(|weight| Fraction::get(*weight)).collect()
    };
    let weights = if family.weights.is_empty() { Weights::equal(decimals.len())? } else { Weights::new(&wads(&shares))? };
    Ok(match lane {
        PoolLane::Fast => {
            Lifted::weighted(Weighted::<Fast>::balancer_v3(&weights, family.fee).with_decimals(decimals)?, &shares).into()
        }
        PoolLane::Exact => {
            Lifted::weighted(Weighted::<Exact>::balancer_v3(&weights, family.fee).with_decimals(decimals)?, &shares).into()
        }
    })
}

fn equal(decimals: &[u8]) -> Vec<f64> {
    vec![1.0; decimals.len()]
}

/// Curve's unit of fees.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small and not negative")]
fn ten_billionths(x: f64) -> u64 {
    (x * 1e10).round() as u64
}

/// Balancer's unit of weights; what rounding leaves goes to the last, because they must sum to one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be between 0 and 1")]
fn wads(shares: &[f64]) -> Vec<u64> {
    const ONE: u64 = 1_000_000_000_000_000_000;
    let mut wads: Vec<u64> = shares.iter().map(|share| (share * 1e12).round() as u64 * 1_000_000).collect();
    let all_but_last: u64 = wads.iter().rev().skip(1).sum();
    if let Some(last) = wads.last_mut() {
        *last = ONE.saturating_sub(all_but_last);
    }
    wads
}
