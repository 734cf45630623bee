//! Pairs of Uniswap v2 and of `PancakeSwap` v1 and v2.

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

use super::{Family, text};
use crate::artifacts::Artifacts;
use crate::evm::{Chain, SENDER};
use crate::random::{Random, scale};
use crate::stage::{Answer, Call, GOVERNOR, Stage, Step};

/// Traders.
const TRADERS: u32 = 3;
/// Whoever receives the protocol's LP tokens.
const FEE_TO: u32 = 4;

struct Pair {
    protocol: &'static str,
    /// Numerator and denominator.
    fee: [u64; 2],
    stage: Stage,
    factory: Address,
    contract: Address,
    /// Has the formulas that the pair leaves to its periphery, where there is one.
    router: Option<Address>,
    seen: Seen,
}

/// What the next operation depends on.
#[derive(Clone, Copy, Default)]
struct Seen {
    reserves: [U256; 2],
    balances: [U256; 2],
    supply: U256,
    fee_on: bool,
}

pub(super) fn uniswap(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let factory = artifacts.package("@uniswap/v2-core/build/UniswapV2Factory.json")?;
    let mut pair = deploy("v2", [3, 1000], &factory, artifacts, random)?;
    let router = artifacts.package("@uniswap/v2-periphery/build/UniswapV2Router02.json")?;
    pair.router = Some(pair.stage.chain.deploy(&router, &[pair.factory.into(), SENDER.into()])?);
    Ok(Box::new(pair))
}

pub(super) fn pancake_v1(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let factory = artifacts.package("@pancakeswap-libs/pancake-swap-core/build/PancakeFactory.json")?;
    Ok(Box::new(deploy("pancake-v1", [2, 1000], &factory, artifacts, random)?))
}

pub(super) fn pancake_v2(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let factory = artifacts.compiled("PancakeV2Factory")?;
    Ok(Box::new(deploy("pancake-v2", [25, 10_000], &factory, artifacts, random)?))
}

fn deploy(protocol: &'static str, fee: [u64; 2], factory: &[u8], artifacts: &Artifacts, random: &mut Random) -> Result<Pair> {
    // Now and then the contract's 32-bit clock turns over.
    let start = if random.one_in(4) { (1 << 32) - 100_000 } else { 1_700_000_000 };
    let actor = artifacts.compiled("Actor")?;
    let mut stage = Stage::new(Chain::new(start), artifacts, (&actor, &[]), (2, TRADERS))?;
    let governor = stage.address(GOVERNOR);
    let factory = stage.chain.deploy(factory, &[governor.into()])?;
    let [token0, token1] = [stage.tokens[0], stage.tokens[1]];
    let created = stage.prepare(factory, "createPair(address,address)", &[token0.into(), token1.into()])?;
    let pair = Address::from_word((*created.first().context("no pair was created")?).into());
    Ok(Pair { protocol, fee, stage, factory, contract: pair, router: None, seen: Seen::default() })
}

impl Pair {
    fn trader(random: &mut Random) -> u32 {
        1 + u32::try_from(random.below(TRADERS.into())).unwrap_or(0)
    }

    /// Payments of an actor to the pair, none of them above what he has.
    fn pay(&mut self, actor: u32, amounts: &mut [U256; 2]) -> Result<Vec<Call>> {
        let payer = self.stage.address(actor);
        let mut calls = Vec::new();
        for side in 0..2 {
            let token = self.stage.tokens[side];
            amounts[side] = amounts[side].min(self.stage.balance(token, payer)?);
            if !amounts[side].is_zero() {
                calls.push(Call::new(token, "transfer(address,uint256)", &[self.contract.into(), amounts[side].into()]));
            }
        }
        Ok(calls)
    }

    fn mint(&mut self, random: &mut Random) -> Result<Step> {
        let (actor, to) = (Self::trader(random), Self::trader(random));
        let reserves = self.seen.reserves;
        let mut amounts = if self.seen.supply.is_zero() || random.one_in(12) {
            [random.word(115), random.word(115)]
        } else {
            let first = random.near(reserves[0], 250);
            let fair = first.checked_mul(reserves[1]).and_then(|product| product.checked_div(reserves[0]));
            let fair = fair.unwrap_or(first);
            [first, if random.one_in(3) { random.near(reserves[1], 250) } else { fair.saturating_add(random.word(1)) }]
        };
        let mut calls = self.pay(actor, &mut amounts)?;
        calls.push(Call::new(self.contract, "mint(address)", &[self.stage.address(to).into()]));
        Ok(Step {
            name: "mint",
            actor: Some(actor),
            inputs: json!({ "to": to, "amount0": text(amounts[0]), "amount1": text(amounts[1]) }),
            calls,
            answer: Answer::Words(&["liquidity"]),
        })
    }

    fn burn(&mut self, random: &mut Random) -> Result<Step> {
        let (actor, to) = (Self::trader(random), Self::trader(random));
        let owner = self.stage.address(actor);
        let owned = self.stage.balance(self.contract, owner)?;
        let liquidity = if random.one_in(12) { random.word(255) } else { random.part(owned) };
        let calls = vec![
            Call::new(self.contract, "transfer(address,uint256)", &[self.contract.into(), liquidity.into()]),
            Call::new(self.contract, "burn(address)", &[self.stage.address(to).into()]),
        ];
        Ok(Step {
            name: "burn",
            actor: Some(actor),
            inputs: json!({ "to": to, "liquidity": text(liquidity) }),
            calls,
            answer: Answer::Words(&["amount0", "amount1"]),
        })
    }

    /// What the whole input buys, if anything: the most that the pair should let go.
    fn most(&self, amount_in: U256, side: usize) -> Option<U256> {
        let [fee, whole] = self.fee.map(U256::from);
        let charged = amount_in.checked_mul(whole - fee)?;
        let [reserve_in, reserve_out] = [self.seen.reserves[side], self.seen.reserves[1 - side]];
        charged.checked_mul(reserve_out)?.checked_div(reserve_in.checked_mul(whole)?.checked_add(charged)?)
    }

    fn swap(&mut self, random: &mut Random) -> Result<Step> {
        let (actor, to) = (Self::trader(random), Self::trader(random));
        let side = usize::from(random.one_in(2));
        let (mut paid, mut taken) = ([U256::ZERO; 2], [U256::ZERO; 2]);
        paid[side] = random.near(self.seen.reserves[side], 250);
        if random.one_in(8) {
            paid[1 - side] = random.near(self.seen.reserves[1 - side], 120);
        }
        let mut calls = self.pay(actor, &mut paid)?;
        // What lies above the reserves counts as paid.
        let counted = paid[side].saturating_add(self.seen.balances[side].saturating_sub(self.seen.reserves[side]));
        let most = self.most(counted, side).unwrap_or(self.seen.reserves[1 - side]);
        taken[1 - side] = match random.below(16) {
            0 => most.saturating_add(U256::from(1)),
            1 => random.near(self.seen.reserves[1 - side], 250),
            2 => random.part(most),
            3 => most.saturating_sub(U256::from(1)),
            4 => scale(most, random.below(1001), 1000),
            _ => most,
        };
        if random.one_in(12) {
            taken[side] = random.part(paid[side]);
        }
        let arguments = [taken[0].into(), taken[1].into(), self.stage.address(to).into(), crate::abi::Argument::Bytes(Vec::new())];
        calls.push(Call::new(self.contract, "swap(uint256,uint256,address,bytes)", &arguments));
        Ok(Step {
            name: "swap",
            actor: Some(actor),
            inputs: json!({
                "to": to,
                "amount0_in": text(paid[0]), "amount1_in": text(paid[1]),
                "amount0_out": text(taken[0]), "amount1_out": text(taken[1]),
            }),
            calls,
            answer: Answer::Nothing,
        })
    }

    fn donate(&mut self, random: &mut Random) -> Result<Step> {
        let actor = Self::trader(random);
        let mut amounts = [U256::ZERO; 2];
        for side in 0..2 {
            if random.one_in(2) {
                amounts[side] = if random.one_in(6) { random.word(200) } else { random.part(self.seen.reserves[side]) };
            }
        }
        let calls = self.pay(actor, &mut amounts)?;
        let inputs = json!({ "amount0": text(amounts[0]), "amount1": text(amounts[1]) });
        Ok(Step { name: "donate", actor: Some(actor), inputs, calls, answer: Answer::Nothing })
    }

    /// The formulas of the periphery, for reserves that need not be the pair's.
    fn library(&mut self, router: Address, random: &mut Random) -> Step {
        let (name, signature) = random.pick(&[
            ("get_amount_out", "getAmountOut(uint256,uint256,uint256)"),
            ("get_amount_in", "getAmountIn(uint256,uint256,uint256)"),
            ("quote", "quote(uint256,uint256,uint256)"),
        ]);
        let [reserve_in, reserve_out] = if random.one_in(3) { [random.word(112), random.word(112)] } else { self.seen.reserves };
        let amount = random.near(if name == "get_amount_in" { reserve_out } else { reserve_in }, 256);
        Step {
            name,
            actor: Some(1),
            inputs: json!({ "amount": text(amount), "reserve_in": text(reserve_in), "reserve_out": text(reserve_out) }),
            calls: vec![Call::new(router, signature, &[amount.into(), reserve_in.into(), reserve_out.into()])],
            answer: Answer::Words(&["amount"]),
        }
    }

    fn transfer_lp(&mut self, random: &mut Random) -> Result<Step> {
        let (actor, to) = (Self::trader(random), Self::trader(random));
        let owner = self.stage.address(actor);
        let value = random.part(self.stage.balance(self.contract, owner)?);
        Ok(Step {
            name: "lp_transfer",
            actor: Some(actor),
            inputs: json!({ "to": to, "value": text(value) }),
            calls: vec![Call::new(self.contract, "transfer(address,uint256)", &[self.stage.address(to).into(), value.into()])],
            answer: Answer::Nothing,
        })
    }

    fn set_fee_to(&mut self, random: &mut Random) -> Step {
        let on = if self.seen.fee_on { random.one_in(3) } else { !random.one_in(3) };
        self.seen.fee_on = on;
        let receiver = if on { self.stage.address(FEE_TO) } else { Address::ZERO };
        Step {
            name: "set_fee_to",
            actor: Some(GOVERNOR),
            inputs: json!({ "on": on }),
            calls: vec![Call::new(self.factory, "setFeeTo(address)", &[receiver.into()])],
            answer: Answer::Nothing,
        }
    }
}

impl Family for Pair {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let [numerator, denominator] = self.fee;
        let header = json!({ "protocol": self.protocol, "fee_num": numerator, "fee_den": denominator });
        header.as_object().cloned().context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        // A pair with too many tokens in it is stuck until somebody skims it.
        let stuck = self.seen.balances.iter().any(|balance| balance.bit_len() > 112);
        if stuck && random.one_in(4) {
            return Ok(self.skim(random));
        }
        match random.below(100) {
            0..45 => self.swap(random),
            45..62 => self.mint(random),
            62..78 => self.burn(random),
            78..83 => self.donate(random),
            83..86 => Ok(self.skim(random)),
            86..89 => {
                let calls = vec![Call::new(self.contract, "sync()", &[])];
                Ok(Step { name: "sync", actor: Some(Self::trader(random)), inputs: json!({}), calls, answer: Answer::Nothing })
            }
            89..92 => self.transfer_lp(random),
            92..95 => Ok(self.set_fee_to(random)),
            _ => match self.router {
                Some(router) => Ok(self.library(router, random)),
                None => self.swap(random),
            },
        }
    }

    fn state(&mut self, _passed: bool) -> Result<Option<Value>> {
        let (stage, pair) = (&mut self.stage, self.contract);
        let reserves = stage.chain.read(pair, "getReserves()", &[])?;
        let balances = stage.balances(pair)?;
        let supply = stage.chain.word(pair, "totalSupply()", &[])?;
        let owners: Vec<Address> = (0..=FEE_TO).map(|id| stage.address(id)).collect();
        let lp = owners.into_iter().map(|owner| Ok(text(stage.balance(pair, owner)?))).collect::<Result<Vec<Value>>>()?;
        (self.seen.reserves, self.seen.balances, self.seen.supply) =
            ([reserves[0], reserves[1]], [balances[0], balances[1]], supply);
        Ok(Some(json!({
            "reserve0": text(reserves[0]),
            "reserve1": text(reserves[1]),
            "block_timestamp_last": text(reserves[2]),
            "balance0": text(balances[0]),
            "balance1": text(balances[1]),
            "price0_cumulative": text(stage.chain.word(pair, "price0CumulativeLast()", &[])?),
            "price1_cumulative": text(stage.chain.word(pair, "price1CumulativeLast()", &[])?),
            "k_last": text(stage.chain.word(pair, "kLast()", &[])?),
            "total_supply": text(supply),
            "lp": lp,
            "pair_lp": text(stage.balance(pair, pair)?),
        })))
    }
}

impl Pair {
    fn skim(&mut self, random: &mut Random) -> Step {
        let to = Self::trader(random);
        Step {
            name: "skim",
            actor: Some(Self::trader(random)),
            inputs: json!({ "to": to }),
            calls: vec![Call::new(self.contract, "skim(address)", &[self.stage.address(to).into()])],
            answer: Answer::Nothing,
        }
    }
}
