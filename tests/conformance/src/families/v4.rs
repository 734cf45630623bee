//! Pools of Uniswap v4's `PoolManager` without hooks, with a static fee.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use revm::primitives::{Address, U256, keccak256};
use serde_json::{Map, Value, json};

use super::concentrated::{first_price, liquidity, price_limit, range};
use super::{Family, text};
use crate::abi::{self, Argument};
use crate::artifacts::Artifacts;
use crate::evm::{Chain, Outcome, SENDER};
use crate::random::Random;
use crate::stage::{Answer, Call, GOVERNOR, Stage, Step};

/// Traders and owners of positions.
const TRADERS: u32 = 4;
/// `PoolKey`, as a signature has it.
const POOL: &str = "(address,address,uint24,int24,address)";
/// The manager's errors.
const ERRORS: &[&str] = &[
    "CannotUpdateEmptyPosition()",
    "InvalidFeeForExactOut()",
    "InvalidPrice()",
    "InvalidPriceOrLiquidity()",
    "InvalidSqrtPrice(uint160)",
    "InvalidTick(int24)",
    "LPFeeTooLarge(uint24)",
    "NoLiquidityToReceiveFees()",
    "NotEnoughLiquidity()",
    "PoolAlreadyInitialized()",
    "PoolNotInitialized()",
    "PriceLimitAlreadyExceeded(uint160,uint160)",
    "PriceLimitOutOfBounds(uint160)",
    "PriceOverflow()",
    "ProtocolFeeTooLarge(uint24)",
    "SafeCastOverflow()",
    "SwapAmountCannotBeZero()",
    "TickLiquidityOverflow(int24)",
    "TickLowerOutOfBounds(int24)",
    "TickMisaligned(int24,int24)",
    "TickUpperOutOfBounds(int24)",
    "TicksMisordered(int24,int24)",
];

/// Owner, lower and upper tick, salt.
type Key = (u32, i32, i32, u64);

struct Pool {
    fee: u32,
    spacing: i32,
    first_price: U256,
    stage: Stage,
    manager: Address,
    /// What identifies the pool.
    id: U256,
    seen: Seen,
    touched: Option<Key>,
    positions: BTreeSet<Key>,
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

pub(super) fn deploy(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let mut chain = Chain::new(1_700_000_000);
    chain.name_errors(ERRORS);
    let manager = artifacts.package("@uniswap/v4-core/out/PoolManager.sol/PoolManager.json")?;
    let manager = chain.deploy(&manager, &[SENDER.into()])?;
    let actor = artifacts.compiled("V4Actor")?;
    let mut stage = Stage::new(chain, artifacts, (&actor, &[manager.into()]), (2, TRADERS))?;
    let governor = stage.address(GOVERNOR);
    stage.prepare(manager, "setProtocolFeeController(address)", &[governor.into()])?;
    let (fee, spacing) = if random.one_in(3) {
        let fee = random.pick(&[0, 1, 77, 3001, 65_536, 999_999, 1_000_000]);
        (fee, 1 + i32::try_from(random.word(15)).unwrap_or(0).min(32_766))
    } else {
        random.pick(&[(100, 1), (500, 10), (3000, 60), (10_000, 200)])
    };
    let (positions, ticks, first_price) = (BTreeSet::new(), BTreeSet::new(), U256::ZERO);
    let (id, seen) = (U256::ZERO, Seen::default());
    let mut pool = Pool { fee, spacing, first_price, stage, manager, id, seen, touched: None, positions, ticks };
    pool.id = U256::from_be_bytes(keccak256(abi::sequence(&pool.key())).0);
    pool.initialize(random)?;
    Ok(Box::new(pool))
}

impl Pool {
    fn key(&self) -> Vec<Argument> {
        let [token0, token1] = [self.stage.tokens[0], self.stage.tokens[1]];
        vec![token0.into(), token1.into(), self.fee.into(), self.spacing.into(), Address::ZERO.into()]
    }

    /// Starts the pool at the first price that the manager takes.
    fn initialize(&mut self, random: &mut Random) -> Result<()> {
        loop {
            let price = first_price(random);
            let arguments = [self.key(), vec![price.into()]].concat();
            let call = abi::call(&format!("initialize({POOL},uint160)"), &arguments);
            if let Outcome::Returned(_) = self.stage.chain.send(self.manager, call)? {
                self.first_price = price;
                return Ok(());
            }
        }
    }

    fn trader(random: &mut Random) -> u32 {
        1 + u32::try_from(random.below(TRADERS.into())).unwrap_or(0)
    }

    /// A call that an actor makes while the manager is unlocked.
    fn unlocked(&self, actor: u32, function: &str, types: &str, arguments: Vec<Argument>) -> Vec<Call> {
        let inner = abi::call(&format!("{function}({POOL},{types})"), &[self.key(), arguments].concat());
        vec![Call::new(self.stage.address(actor), "unlocked(bytes)", &[Argument::Bytes(inner)])]
    }

    fn position(&self, random: &mut Random) -> Key {
        if self.positions.is_empty() || random.one_in(12) {
            let (lower, upper) = range(self.seen.tick, self.spacing, random);
            return (Self::trader(random), lower, upper, random.below(3));
        }
        let index = usize::try_from(random.below(self.positions.len() as u64)).unwrap_or(0);
        self.positions.iter().nth(index).copied().unwrap_or_default()
    }

    fn modify(&mut self, random: &mut Random) -> Result<Step> {
        let adds = random.one_in(2);
        let key @ (owner, lower, upper, salt) = if adds && !random.one_in(3) {
            let (lower, upper) = range(self.seen.tick, self.spacing, random);
            (Self::trader(random), lower, upper, random.below(3))
        } else {
            self.position(random)
        };
        let amount = if adds {
            liquidity(u128::MAX >> 7, random)
        } else if random.one_in(8) {
            0
        } else {
            let held = self.position_words(key)?[0];
            u128::try_from(if random.one_in(12) { random.word(128) } else { random.part(held) }).unwrap_or(u128::MAX)
        };
        let delta = if adds { U256::from(amount) } else { U256::from(amount).wrapping_neg() };
        self.touched = Some(key);
        let arguments = vec![lower.into(), upper.into(), delta.into(), salt.into()];
        Ok(Step {
            name: "modify_liquidity",
            actor: Some(owner),
            inputs: json!({
                "tick_lower": lower, "tick_upper": upper, "liquidity_delta": abi::signed_text(delta), "salt": salt,
            }),
            calls: self.unlocked(owner, "modifyLiquidity", "(int24,int24,int256,bytes32)", arguments),
            answer: Answer::Signed(&["amount0", "amount1", "fees_accrued0", "fees_accrued1"]),
        })
    }

    fn swap(&self, random: &mut Random) -> Step {
        let actor = Self::trader(random);
        let (zero_for_one, exact_in) = (random.one_in(2), random.one_in(2));
        let side = usize::from(zero_for_one != exact_in);
        let amount = random.near(self.seen.balances[side], 255).min(U256::MAX >> 1);
        let limit = price_limit(self.seen.price, zero_for_one, random);
        let amount = if exact_in { amount.wrapping_neg() } else { amount };
        Step {
            name: "swap",
            actor: Some(actor),
            inputs: json!({
                "zero_for_one": zero_for_one,
                "amount_specified": abi::signed_text(amount),
                "sqrt_price_limit_x96": text(limit),
            }),
            calls: self.unlocked(actor, "swap", "(bool,int256,uint160)", vec![zero_for_one.into(), amount.into(), limit.into()]),
            answer: Answer::Signed(&["amount0", "amount1"]),
        }
    }

    fn donate(&self, random: &mut Random) -> Step {
        let actor = Self::trader(random);
        let mut amounts = [U256::ZERO; 2];
        for side in 0..2 {
            if random.one_in(2) {
                amounts[side] = if random.one_in(8) { random.word(140) } else { random.part(self.seen.balances[side]) };
            }
        }
        Step {
            name: "donate",
            actor: Some(actor),
            inputs: json!({ "amount0": text(amounts[0]), "amount1": text(amounts[1]) }),
            calls: self.unlocked(actor, "donate", "uint256,uint256", vec![amounts[0].into(), amounts[1].into()]),
            answer: Answer::Signed(&["amount0", "amount1"]),
        }
    }

    fn set_protocol_fee(&self, random: &mut Random) -> Step {
        let mut pips = || if random.one_in(8) { random.below(4096) } else { random.below(1001) };
        let [zero_for_one, one_for_zero] = [pips(), pips()];
        let packed = zero_for_one | (one_for_zero << 12);
        Step {
            name: "set_protocol_fee",
            actor: Some(GOVERNOR),
            inputs: json!({ "protocol_fee": packed, "zero_for_one": zero_for_one, "one_for_zero": one_for_zero }),
            calls: vec![Call::new(
                self.manager,
                &format!("setProtocolFee({POOL},uint24)"),
                &[self.key(), vec![packed.into()]].concat(),
            )],
            answer: Answer::Nothing,
        }
    }

    fn collect_protocol_fees(&self, random: &mut Random) -> Step {
        let side = usize::from(random.one_in(2));
        let amount = random.part(self.seen.protocol_fees[side]);
        let arguments = [self.stage.address(GOVERNOR).into(), self.stage.tokens[side].into(), amount.into()];
        Step {
            name: "collect_protocol_fees",
            actor: Some(GOVERNOR),
            inputs: json!({ "currency": side, "amount": text(amount) }),
            calls: vec![Call::new(self.manager, "collectProtocolFees(address,address,uint256)", &arguments)],
            answer: Answer::Words(&["amount"]),
        }
    }

    /// Reads through an actor, who has the package's library for it.
    fn read(&mut self, function: &str, types: &str, arguments: &[Argument]) -> Result<Vec<U256>> {
        let reader = self.stage.address(GOVERNOR);
        let arguments = [&[self.id.into()], arguments].concat();
        self.stage.chain.read(reader, &format!("{function}(bytes32{types})"), &arguments)
    }

    fn position_words(&mut self, (owner, lower, upper, salt): Key) -> Result<Vec<U256>> {
        let [lower, upper] = [lower, upper].map(i32::to_be_bytes);
        let salt = U256::from(salt).to_be_bytes::<32>();
        let packed = [self.stage.address(owner).as_slice(), &lower[1..], &upper[1..], &salt].concat();
        self.read("position", ",bytes32", &[U256::from_be_bytes(keccak256(packed).0).into()])
    }

    fn position_state(&mut self, key: Key) -> Result<Value> {
        let words = self.position_words(key)?;
        let (owner, lower, upper, salt) = key;
        Ok(json!({
            "owner": owner,
            "tick_lower": lower,
            "tick_upper": upper,
            "salt": salt,
            "liquidity": text(words[0]),
            "fee_growth_inside0_last_x128": text(words[1]),
            "fee_growth_inside1_last_x128": text(words[2]),
        }))
    }

    fn tick_state(&mut self, tick: i32) -> Result<Value> {
        let words = self.read("tick", ",int24", &[tick.into()])?;
        Ok(json!({
            "tick": tick,
            "liquidity_gross": text(words[0]),
            "liquidity_net": abi::signed_text(words[1]),
            "fee_growth_outside0_x128": text(words[2]),
            "fee_growth_outside1_x128": text(words[3]),
        }))
    }

    fn pool_state(&mut self) -> Result<Value> {
        let slot = self.read("slot0", "", &[])?;
        let globals = self.read("globals", "", &[])?;
        let balances = self.stage.balances(self.manager)?;
        let [token0, token1] = [self.stage.tokens[0], self.stage.tokens[1]];
        let mut owed = |token: Address| self.stage.chain.word(self.manager, "protocolFeesAccrued(address)", &[token.into()]);
        let protocol_fees = [owed(token0)?, owed(token1)?];
        let tick = abi::signed(slot[1])?;
        self.seen = Seen { price: slot[0], tick, balances: [balances[0], balances[1]], protocol_fees };
        Ok(json!({
            "sqrt_price_x96": text(slot[0]),
            "tick": tick,
            "protocol_fee": u64::try_from(slot[2])?,
            "lp_fee": u64::try_from(slot[3])?,
            "fee_growth_global0_x128": text(globals[1]),
            "fee_growth_global1_x128": text(globals[2]),
            "liquidity": text(globals[0]),
            "protocol_fees0": text(protocol_fees[0]),
            "protocol_fees1": text(protocol_fees[1]),
            "balance0": text(balances[0]),
            "balance1": text(balances[1]),
        }))
    }
}

impl Family for Pool {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let header = json!({
            "protocol": "v4",
            "fee": self.fee,
            "tick_spacing": self.spacing,
            "initial_sqrt_price_x96": text(self.first_price),
            "state": self.pool_state()?,
        });
        header.as_object().cloned().context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        self.touched = None;
        Ok(match random.below(100) {
            0..48 => self.swap(random),
            48..88 => self.modify(random)?,
            88..94 => self.donate(random),
            94..97 => self.set_protocol_fee(random),
            _ => self.collect_protocol_fees(random),
        })
    }

    fn state(&mut self, passed: bool) -> Result<Option<Value>> {
        let mut state = self.pool_state()?;
        let touched = self.touched.filter(|_| passed);
        if let (Some(key @ (_, lower, upper, _)), Some(fields)) = (touched, state.as_object_mut()) {
            self.positions.insert(key);
            self.ticks.extend([lower, upper]);
            fields.insert("position".to_owned(), self.position_state(key)?);
            fields.insert("tick_lower".to_owned(), self.tick_state(lower)?);
            fields.insert("tick_upper".to_owned(), self.tick_state(upper)?);
        }
        Ok(Some(state))
    }

    /// Ticks without liquidity are none.
    fn dump(&mut self) -> Result<Option<Value>> {
        let (positions, ticks) = (self.positions.clone(), self.ticks.clone());
        let mut states = ticks.into_iter().map(|tick| self.tick_state(tick)).collect::<Result<Vec<_>>>()?;
        states.retain(|tick| tick["liquidity_gross"] != "0");
        Ok(Some(json!({
            "state": self.pool_state()?,
            "positions": positions.into_iter().map(|key| self.position_state(key)).collect::<Result<Vec<_>>>()?,
            "ticks": states,
        })))
    }
}
