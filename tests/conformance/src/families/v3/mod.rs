//! Pools of Uniswap v3 and `PancakeSwap` v3.

mod state;

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

use crate::abi::{self, Argument};
use crate::artifacts::Artifacts;
use crate::evm::Chain;
use crate::families::concentrated::{first_price, liquidity, price_limit, range, small_part};
use crate::families::{Family, text};
use crate::random::Random;
use crate::stage::{Answer, Call, GOVERNOR, Stage, Step};

/// Traders and owners of positions.
const TRADERS: u32 = 4;
/// More observations than this are never asked for: each of them is compared again and again.
const OBSERVATIONS: u64 = 60;

/// Owner, lower and upper tick.
type Key = (u32, i32, i32);

struct Pool {
    protocol: &'static str,
    fee: u32,
    spacing: i32,
    stage: Stage,
    contract: Address,
    most_per_tick: u128,
    started: u64,
    seen: Seen,
    /// The position that the last operation is about.
    touched: Option<Key>,
    positions: BTreeSet<Key>,
    /// Every tick that ever was the bound of a position.
    ticks: BTreeSet<i32>,
}

/// What the next operation depends on.
#[derive(Clone, Copy, Default)]
struct Seen {
    price: U256,
    tick: i32,
    balances: [U256; 2],
    protocol_fees: [U256; 2],
}

fn tier(tiers: &[(u32, i32)], random: &mut Random) -> (u32, i32) {
    if random.one_in(3) {
        let fee = random.pick(&[0, 1, 77, 3001, 65_536, 999_999]);
        let spacing = 1 + i32::try_from(random.word(14)).unwrap_or(0).min(16_382);
        return (fee, spacing);
    }
    random.pick(tiers)
}

fn stage(artifacts: &Artifacts, random: &mut Random) -> Result<Stage> {
    // Now and then the oracle's 32-bit clock turns over.
    let start = if random.one_in(4) { (1 << 32) - 100_000 } else { 1_700_000_000 };
    let actor = artifacts.compiled("Actor")?;
    Stage::new(Chain::new(start), artifacts, (&actor, &[]), (2, TRADERS))
}

pub(in crate::families) fn uniswap(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let tiers = [(500, 10), (3000, 60), (10_000, 200)];
    let (fee, spacing) = tier(&[tiers.as_slice(), &[(100, 1)]].concat(), random);
    let mut stage = stage(artifacts, random)?;
    let factory = artifacts.package("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json")?;
    let factory = stage.chain.deploy(&factory, &[])?;
    if !tiers.contains(&(fee, spacing)) {
        stage.prepare(factory, "enableFeeAmount(uint24,int24)", &[fee.into(), spacing.into()])?;
    }
    let [token0, token1] = [stage.tokens[0], stage.tokens[1]];
    let created = stage.prepare(factory, "createPool(address,address,uint24)", &[token0.into(), token1.into(), fee.into()])?;
    let governor = stage.address(GOVERNOR);
    stage.prepare(factory, "setOwner(address)", &[governor.into()])?;
    Pool::boxed("v3", (fee, spacing), stage, &created)
}

pub(in crate::families) fn pancake(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let (fee, spacing) = tier(&[(100, 1), (500, 10), (2500, 50), (10_000, 200)], random);
    let mut stage = stage(artifacts, random)?;
    let deployer = stage.chain.deploy(&artifacts.compiled("PancakeV3Deployer")?, &[])?;
    let code = artifacts.package("@pancakeswap/v3-core/artifacts/contracts/PancakeV3Pool.sol/PancakeV3Pool.json")?;
    let [token0, token1] = [stage.tokens[0], stage.tokens[1]];
    let arguments = [token0.into(), token1.into(), fee.into(), spacing.into(), Argument::Bytes(code.to_vec())];
    let call = Call::new(deployer, "deploy(address,address,uint24,int24,bytes)", &arguments);
    let created = stage.prepare_as(GOVERNOR, call)?;
    Pool::boxed("pancake-v3", (fee, spacing), stage, &created)
}

impl Pool {
    fn boxed(protocol: &'static str, (fee, spacing): (u32, i32), mut stage: Stage, created: &[U256]) -> Result<Box<dyn Family>> {
        let contract = Address::from_word((*created.first().context("no pool was created")?).into());
        let most_per_tick = stage.chain.word(contract, "maxLiquidityPerTick()", &[])?.try_into()?;
        let (started, seen) = (stage.chain.time(), Seen::default());
        let (positions, ticks) = (BTreeSet::new(), BTreeSet::new());
        Ok(Box::new(Self {
            protocol,
            fee,
            spacing,
            stage,
            contract,
            most_per_tick,
            started,
            seen,
            touched: None,
            positions,
            ticks,
        }))
    }

    fn trader(random: &mut Random) -> u32 {
        1 + u32::try_from(random.below(TRADERS.into())).unwrap_or(0)
    }

    fn call(&self, signature: &str, arguments: &[Argument]) -> Vec<Call> {
        vec![Call::new(self.contract, signature, arguments)]
    }

    fn initialize(&self, random: &mut Random) -> Step {
        let price = first_price(random);
        Step {
            name: "initialize",
            actor: Some(Self::trader(random)),
            inputs: json!({ "sqrt_price_x96": text(price) }),
            calls: self.call("initialize(uint160)", &[price.into()]),
            answer: Answer::Nothing,
        }
    }

    /// A position that exists, or one that may not.
    fn position(&self, random: &mut Random) -> Key {
        if self.positions.is_empty() || random.one_in(12) {
            let (lower, upper) = range(self.seen.tick, self.spacing, random);
            return (Self::trader(random), lower, upper);
        }
        let index = usize::try_from(random.below(self.positions.len() as u64)).unwrap_or(0);
        self.positions.iter().nth(index).copied().unwrap_or_default()
    }

    fn mint(&mut self, random: &mut Random) -> Step {
        let actor = Self::trader(random);
        let (owner, lower, upper) = if random.one_in(3) {
            self.position(random)
        } else {
            let (lower, upper) = range(self.seen.tick, self.spacing, random);
            (Self::trader(random), lower, upper)
        };
        let liquidity = liquidity(self.most_per_tick, random);
        self.touched = Some((owner, lower, upper));
        let owner_address = self.stage.address(owner);
        let arguments = [owner_address.into(), lower.into(), upper.into(), liquidity.into(), Argument::Bytes(Vec::new())];
        Step {
            name: "mint",
            actor: Some(actor),
            inputs: json!({ "owner": owner, "tick_lower": lower, "tick_upper": upper, "liquidity": text(liquidity) }),
            calls: self.call("mint(address,int24,int24,uint128,bytes)", &arguments),
            answer: Answer::Words(&["amount0", "amount1"]),
        }
    }

    fn burn(&mut self, random: &mut Random) -> Result<Step> {
        let key @ (owner, lower, upper) = self.position(random);
        let held = self.position_words(key)?[0];
        let liquidity = match random.below(8) {
            0 => 0,
            1 => u128::try_from(random.word(128)).unwrap_or(u128::MAX),
            _ => u128::try_from(random.part(held)).unwrap_or(u128::MAX),
        };
        self.touched = Some(key);
        Ok(Step {
            name: "burn",
            actor: Some(owner),
            inputs: json!({ "owner": owner, "tick_lower": lower, "tick_upper": upper, "liquidity": text(liquidity) }),
            calls: self.call("burn(int24,int24,uint128)", &[lower.into(), upper.into(), liquidity.into()]),
            answer: Answer::Words(&["amount0", "amount1"]),
        })
    }

    fn collect(&mut self, random: &mut Random) -> Result<Step> {
        let key @ (owner, lower, upper) = self.position(random);
        let words = self.position_words(key)?;
        let amounts = [small_part(words[3], random), small_part(words[4], random)];
        self.touched = Some(key);
        let to = self.stage.address(owner);
        let arguments = [to.into(), lower.into(), upper.into(), amounts[0].into(), amounts[1].into()];
        Ok(Step {
            name: "collect",
            actor: Some(owner),
            inputs: json!({
                "owner": owner, "tick_lower": lower, "tick_upper": upper,
                "amount0_requested": text(amounts[0]), "amount1_requested": text(amounts[1]),
            }),
            calls: self.call("collect(address,int24,int24,uint128,uint128)", &arguments),
            answer: Answer::Words(&["amount0", "amount1"]),
        })
    }

    fn swap(&self, random: &mut Random) -> Step {
        let actor = Self::trader(random);
        let (zero_for_one, exact_in) = (random.one_in(2), random.one_in(2));
        let side = usize::from(zero_for_one != exact_in);
        let amount = random.near(self.seen.balances[side], 255).min(U256::MAX >> 1);
        let limit = price_limit(self.seen.price, zero_for_one, random);
        let amount = if exact_in { amount } else { amount.wrapping_neg() };
        let to = self.stage.address(actor);
        let arguments = [to.into(), zero_for_one.into(), amount.into(), limit.into(), Argument::Bytes(Vec::new())];
        Step {
            name: "swap",
            actor: Some(actor),
            inputs: json!({
                "zero_for_one": zero_for_one,
                "amount_specified": abi::signed_text(amount),
                "sqrt_price_limit_x96": text(limit),
            }),
            calls: self.call("swap(address,bool,int256,uint160,bytes)", &arguments),
            answer: Answer::Signed(&["amount0", "amount1"]),
        }
    }

    fn flash(&self, random: &mut Random) -> Step {
        let actor = Self::trader(random);
        let mut amounts = [U256::ZERO; 2];
        for side in 0..2 {
            if random.one_in(2) {
                amounts[side] = random.near(self.seen.balances[side], 256);
            }
        }
        let paid = amounts.map(|amount| {
            let fee = amount / U256::from(1_000_000) * U256::from(self.fee);
            let due = amount.saturating_add(fee).min(U256::MAX >> 4);
            if random.one_in(8) { random.part(due) } else { due.saturating_add(random.word(40)) }
        });
        let payment = abi::sequence(&[paid[0].into(), paid[1].into()]);
        let to = self.stage.address(actor);
        let arguments = [to.into(), amounts[0].into(), amounts[1].into(), Argument::Bytes(payment)];
        Step {
            name: "flash",
            actor: Some(actor),
            inputs: json!({
                "amount0": text(amounts[0]), "amount1": text(amounts[1]), "pay0": text(paid[0]), "pay1": text(paid[1]),
            }),
            calls: self.call("flash(address,uint256,uint256,bytes)", &arguments),
            answer: Answer::Nothing,
        }
    }

    fn set_fee_protocol(&self, random: &mut Random) -> Step {
        let (signature, allowed, most) = if self.protocol == "v3" {
            ("setFeeProtocol(uint8,uint8)", [0, 4, 5, 7, 10], 255)
        } else {
            ("setFeeProtocol(uint32,uint32)", [0, 1000, 2345, 3200, 4000], 65_535)
        };
        let mut number =
            || if random.one_in(8) { u32::try_from(random.below(most + 1)).unwrap_or(0) } else { random.pick(&allowed) };
        let numbers = [number(), number()];
        Step {
            name: "set_fee_protocol",
            actor: Some(GOVERNOR),
            inputs: json!({ "fee_protocol0": numbers[0], "fee_protocol1": numbers[1] }),
            calls: self.call(signature, &numbers.map(Argument::from)),
            answer: Answer::Nothing,
        }
    }

    fn collect_protocol(&self, random: &mut Random) -> Step {
        let amounts = self.seen.protocol_fees.map(|owed| small_part(owed, random));
        let to = self.stage.address(GOVERNOR);
        Step {
            name: "collect_protocol",
            actor: Some(GOVERNOR),
            inputs: json!({ "amount0_requested": text(amounts[0]), "amount1_requested": text(amounts[1]) }),
            calls: self.call("collectProtocol(address,uint128,uint128)", &[to.into(), amounts[0].into(), amounts[1].into()]),
            answer: Answer::Words(&["amount0", "amount1"]),
        }
    }

    fn grow_oracle(&self, random: &mut Random) -> Step {
        let next = random.below(OBSERVATIONS + 1);
        Step {
            name: "increase_observation_cardinality_next",
            actor: Some(Self::trader(random)),
            inputs: json!({ "observation_cardinality_next": next }),
            calls: self.call("increaseObservationCardinalityNext(uint16)", &[next.into()]),
            answer: Answer::Nothing,
        }
    }

    fn observe(&self, random: &mut Random) -> Step {
        let age = self.stage.chain.time() - self.started;
        let mut ago = || match random.below(8) {
            0 => 0,
            1 => random.below(1 << 32),
            2..5 => random.below(100),
            _ => random.below(age + 1),
        };
        let agos = [ago(), ago(), ago()];
        Step {
            name: "observe",
            actor: Some(Self::trader(random)),
            inputs: json!({ "seconds_agos": agos }),
            calls: self.call("observe(uint32[])", &[agos.as_slice().into()]),
            answer: Answer::Lists(&[("tick_cumulatives", true), ("seconds_per_liquidity_cumulative_x128s", false)]),
        }
    }

    fn snapshot(&self, random: &mut Random) -> Step {
        let (_, lower, upper) = self.position(random);
        Step {
            name: "snapshot_cumulatives_inside",
            actor: Some(Self::trader(random)),
            inputs: json!({ "tick_lower": lower, "tick_upper": upper }),
            calls: self.call("snapshotCumulativesInside(int24,int24)", &[lower.into(), upper.into()]),
            answer: Answer::Signed(&["tick_cumulative_inside", "seconds_per_liquidity_inside_x128", "seconds_inside"]),
        }
    }
}

impl Family for Pool {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let header = json!({
            "protocol": self.protocol,
            "fee": self.fee,
            "tick_spacing": self.spacing,
            "max_liquidity_per_tick": text(self.most_per_tick),
        });
        header.as_object().cloned().context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        self.touched = None;
        if self.seen.price.is_zero() && random.one_in(2) {
            return Ok(self.initialize(random));
        }
        Ok(match random.below(100) {
            0..42 => self.swap(random),
            42..64 => self.mint(random),
            64..76 => self.burn(random)?,
            76..84 => self.collect(random)?,
            84..88 => self.flash(random),
            88..90 => self.set_fee_protocol(random),
            90..92 => self.collect_protocol(random),
            92 => self.grow_oracle(random),
            93..96 => self.observe(random),
            96..99 => self.snapshot(random),
            _ => self.initialize(random),
        })
    }

    fn state(&mut self, passed: bool) -> Result<Option<Value>> {
        let mut state = self.pool_state()?;
        let touched = self.touched.filter(|_| passed);
        if let (Some(key @ (_, lower, upper)), Some(fields)) = (touched, state.as_object_mut()) {
            let position = self.position_state(key)?;
            if position["liquidity"] != "0" {
                self.positions.insert(key);
            }
            self.ticks.extend([lower, upper]);
            fields.insert("position".to_owned(), position);
            fields.insert("tick_lower".to_owned(), self.tick_state(lower)?);
            fields.insert("tick_upper".to_owned(), self.tick_state(upper)?);
        }
        Ok(Some(state))
    }

    fn dump(&mut self) -> Result<Option<Value>> {
        let state = self.pool_state()?;
        let observations = state["observation_cardinality_next"].as_u64().unwrap_or(0);
        let (positions, ticks) = (self.positions.clone(), self.ticks.clone());
        Ok(Some(json!({
            "t": self.stage.chain.time(),
            "state": state,
            "positions": positions.into_iter().map(|key| self.position_state(key)).collect::<Result<Vec<_>>>()?,
            "ticks": ticks.into_iter().map(|tick| self.tick_state(tick)).collect::<Result<Vec<_>>>()?,
            "observations": (0..observations).map(|index| self.observation(index)).collect::<Result<Vec<_>>>()?,
        })))
    }
}
