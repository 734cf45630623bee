//! Curve's `StableSwap` pools: the sUSD pool of the first generation, and NG pools of 2 to 8 coins.

mod deploy;

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

use crate::abi::{self, Argument};
use crate::evm::Outcome;
use crate::families::{Family, text};
use crate::random::{Random, scale};
use crate::stage::{Answer, Call, GOVERNOR, Stage, Step};

pub(super) use deploy::{first, ng};

/// Those who own LP tokens.
const TRADERS: u32 = 3;
/// One, of fees.
const WHOLE: u64 = 10_000_000_000;
/// The greatest amplification.
const MOST_A: u64 = 1_000_000;
const NOTHING: U256 = U256::ZERO;
/// Operations after which a pool is given up whose amounts have outgrown the contract's arithmetic.
const PATIENCE: u32 = 12;

struct Pool {
    ng: bool,
    decimals: Vec<u8>,
    amplification: u64,
    fee: u64,
    offpeg_fee_multiplier: u64,
    stage: Stage,
    contract: Address,
    lp: Address,
    /// Balances at the last look.
    balances: Vec<U256>,
    supply: U256,
    /// For how many operations the pool has not known its own worth.
    lost: u32,
}

fn fee(random: &mut Random) -> u64 {
    random.pick(&[0, 1_000_000, 4_000_000, 40_000_000, 1_000_000_000, WHOLE / 2])
}

fn amplification(random: &mut Random) -> u64 {
    match random.below(6) {
        0 => 1,
        1 => MOST_A,
        2 => 1 + random.below(MOST_A),
        _ => 1 + random.below(3000),
    }
}

/// An amount of the size of a balance, rarely of any size at all.
fn sized(balance: U256, random: &mut Random) -> U256 {
    let bits = if random.one_in(4) { 250 } else { 60 };
    random.near(balance, bits)
}

fn ten_to(exponent: u8) -> U256 {
    U256::from(10).pow(U256::from(exponent))
}

impl Pool {
    fn trader(random: &mut Random) -> u32 {
        1 + u32::try_from(random.below(TRADERS.into())).unwrap_or(0)
    }

    fn coins(&self) -> usize {
        self.decimals.len()
    }

    /// The index of a coin, rarely of one that is not there.
    fn coin(&self, random: &mut Random) -> u64 {
        let beyond = u64::from(random.one_in(30));
        random.below(self.coins() as u64 + beyond)
    }

    fn balance(&self, coin: u64) -> U256 {
        usize::try_from(coin).ok().and_then(|coin| self.balances.get(coin)).copied().unwrap_or_default()
    }

    /// Amounts as a call has them: the first generation's lists are of fixed length.
    fn list(&self, amounts: &[U256]) -> Vec<Argument> {
        if self.ng { vec![amounts.into()] } else { amounts.iter().map(|amount| Argument::from(*amount)).collect() }
    }

    fn list_type(&self) -> &'static str {
        if self.ng { "uint256[]" } else { "uint256[4]" }
    }

    fn call(&self, signature: &str, arguments: &[Argument]) -> Vec<Call> {
        vec![Call::new(self.contract, signature, arguments)]
    }

    /// A floor or a ceiling that is rarely felt.
    fn bound(random: &mut Random, free: U256, about: U256) -> U256 {
        if random.one_in(12) { random.near(about, 250) } else { free }
    }

    /// What an actor can pay of an amount.
    fn affordable(&mut self, actor: u32, coin: usize, amount: U256) -> Result<U256> {
        let (token, actor) = (self.stage.tokens[coin], self.stage.address(actor));
        Ok(amount.min(self.stage.balance(token, actor)?))
    }

    fn exchange(&mut self, random: &mut Random) -> Result<Step> {
        let actor = Self::trader(random);
        let (i, j) = (self.coin(random), self.coin(random));
        let j = if i == j && !random.one_in(20) { (i + 1) % self.coins() as u64 } else { j };
        let mut dx = sized(self.balance(i), random);
        if let Some(coin) = usize::try_from(i).ok().filter(|coin| *coin < self.coins()) {
            dx = self.affordable(actor, coin, dx)?;
        }
        let minimum = Self::bound(random, NOTHING, self.balance(j));
        let bought = usize::try_from(j).ok().and_then(|coin| self.stage.tokens.get(coin)).copied();
        Ok(Step {
            name: "exchange",
            actor: Some(actor),
            inputs: json!({ "i": i, "j": j, "dx": text(dx), "min_dy": text(minimum) }),
            calls: self.call("exchange(int128,int128,uint256,uint256)", &[i.into(), j.into(), dx.into(), minimum.into()]),
            answer: Answer::Change { name: "dy", tokens: bought.into_iter().collect(), lost: false, list: false },
        })
    }

    fn get_dy(&self, random: &mut Random) -> Step {
        let (i, j) = (self.coin(random), self.coin(random));
        let dx = sized(self.balance(i), random);
        Step {
            name: "get_dy",
            actor: Some(Self::trader(random)),
            inputs: json!({ "i": i, "j": j, "dx": text(dx) }),
            calls: self.call("get_dy(int128,int128,uint256)", &[i.into(), j.into(), dx.into()]),
            answer: Answer::Words(&["amount"]),
        }
    }

    /// Amounts of all coins: in proportion or not, of some coins or of all.
    fn amounts(&self, random: &mut Random) -> Vec<U256> {
        let part = random.below(1 << 20);
        let shape = random.below(4);
        let only = self.coin(random);
        self.balances
            .iter()
            .zip(&self.decimals)
            .zip(0..)
            .map(|((balance, decimals), coin)| match shape {
                _ if self.supply.is_zero() => {
                    let empty = random.one_in(40);
                    if empty { NOTHING } else { scale(ten_to(*decimals), 1 + part * (1 + random.below(3)), 1) }
                }
                0 => scale(*balance, part, 1 << 20),
                1 if coin != only => NOTHING,
                2 if random.one_in(2) => NOTHING,
                _ => sized(*balance, random),
            })
            .collect()
    }

    fn add_liquidity(&mut self, random: &mut Random) -> Result<Step> {
        let actor = Self::trader(random);
        let mut amounts = self.amounts(random);
        for (coin, amount) in amounts.iter_mut().enumerate() {
            *amount = self.affordable(actor, coin, *amount)?;
        }
        let minimum = Self::bound(random, NOTHING, self.supply);
        Ok(Step {
            name: "add_liquidity",
            actor: Some(actor),
            inputs: json!({ "amounts": texts(&amounts), "min_mint_amount": text(minimum) }),
            calls: self.call(
                &format!("add_liquidity({},uint256)", self.list_type()),
                &[self.list(&amounts), vec![minimum.into()]].concat(),
            ),
            answer: Answer::Change { name: "minted", tokens: vec![self.lp], lost: false, list: false },
        })
    }

    /// An owner and a part of his LP tokens, rarely more than he has.
    fn burnt(&mut self, random: &mut Random) -> Result<(u32, U256)> {
        let actor = Self::trader(random);
        let (lp, owner) = (self.lp, self.stage.address(actor));
        let owned = self.stage.balance(lp, owner)?;
        Ok((actor, if random.one_in(25) { random.word(250) } else { random.part(owned) }))
    }

    fn remove_liquidity(&mut self, random: &mut Random) -> Result<Step> {
        let (actor, amount) = self.burnt(random)?;
        let minimums: Vec<U256> =
            self.balances.iter().map(|balance| if random.one_in(60) { random.near(*balance, 200) } else { NOTHING }).collect();
        Ok(Step {
            name: "remove_liquidity",
            actor: Some(actor),
            inputs: json!({ "amount": text(amount), "min_amounts": texts(&minimums) }),
            calls: self.call(
                &format!("remove_liquidity(uint256,{})", self.list_type()),
                &[vec![amount.into()], self.list(&minimums)].concat(),
            ),
            answer: Answer::Change { name: "amounts", tokens: self.stage.tokens.clone(), lost: false, list: true },
        })
    }

    fn remove_liquidity_imbalance(&mut self, random: &mut Random) -> Step {
        let mut amounts = self.amounts(random);
        if !random.one_in(6) {
            // Owners have a part of the pool each.
            for amount in &mut amounts {
                *amount >>= 2;
            }
        }
        let maximum = Self::bound(random, U256::MAX, self.supply);
        Step {
            name: "remove_liquidity_imbalance",
            actor: Some(Self::trader(random)),
            inputs: json!({ "amounts": texts(&amounts), "max_burn_amount": text(maximum) }),
            calls: self.call(
                &format!("remove_liquidity_imbalance({},uint256)", self.list_type()),
                &[self.list(&amounts), vec![maximum.into()]].concat(),
            ),
            answer: Answer::Change { name: "burned", tokens: vec![self.lp], lost: true, list: false },
        }
    }

    fn one_coin(&mut self, random: &mut Random) -> Result<Step> {
        let (actor, amount) = self.burnt(random)?;
        let i = self.coin(random);
        if random.one_in(3) {
            return Ok(Step {
                name: "calc_withdraw_one_coin",
                actor: Some(actor),
                inputs: json!({ "burn_amount": text(amount), "i": i }),
                calls: self.call("calc_withdraw_one_coin(uint256,int128)", &[amount.into(), i.into()]),
                answer: Answer::Words(&["amount"]),
            });
        }
        let minimum = Self::bound(random, NOTHING, self.balance(i));
        let paid = usize::try_from(i).ok().and_then(|coin| self.stage.tokens.get(coin)).copied();
        Ok(Step {
            name: "remove_liquidity_one_coin",
            actor: Some(actor),
            inputs: json!({ "burn_amount": text(amount), "i": i, "min_received": text(minimum) }),
            calls: self.call("remove_liquidity_one_coin(uint256,int128,uint256)", &[amount.into(), i.into(), minimum.into()]),
            answer: Answer::Change { name: "dy", tokens: paid.into_iter().collect(), lost: false, list: false },
        })
    }

    fn calc_token_amount(&self, random: &mut Random) -> Step {
        let (amounts, deposit) = (self.amounts(random), random.one_in(2));
        Step {
            name: "calc_token_amount",
            actor: Some(Self::trader(random)),
            inputs: json!({ "amounts": texts(&amounts), "deposit": deposit }),
            calls: self.call("calc_token_amount(uint256[4],bool)", &[self.list(&amounts), vec![deposit.into()]].concat()),
            answer: Answer::Words(&["amount"]),
        }
    }

    fn govern(&self, name: &'static str, inputs: Value, types: &str, arguments: &[Argument]) -> Step {
        let calls = self.call(&format!("{name}({types})"), arguments);
        Step { name, actor: Some(GOVERNOR), inputs, calls, answer: Answer::Nothing }
    }

    fn ramp(&self, random: &mut Random) -> Step {
        if random.one_in(3) {
            return self.govern("stop_ramp_A", json!({}), "", &[]);
        }
        let stored = self.amplification;
        let future = match random.below(8) {
            0 => random.below(MOST_A + 2),
            1 => stored * 10,
            2 => stored / 10,
            _ => 1 + scale(U256::from(stored), 100 + random.below(4000), 1000).as_limbs()[0],
        };
        let end =
            self.stage.chain.time() + if random.one_in(8) { random.below(86_400) } else { 86_400 + random.below(20 * 86_400) };
        let inputs = json!({ "future_A": future, "future_time": end });
        self.govern("ramp_A", inputs, "uint256,uint256", &[future.into(), end.into()])
    }

    fn commit(&self, random: &mut Random) -> Step {
        let amplification = if random.one_in(12) { random.below(MOST_A * 2) } else { amplification(random) };
        let (new_fee, admin_fee) = (fee(random) + random.below(2), fee(random));
        let inputs = json!({ "A": amplification, "fee": text(new_fee), "admin_fee": text(admin_fee) });
        let arguments = [amplification.into(), new_fee.into(), admin_fee.into()];
        self.govern("commit_new_parameters", inputs, "uint256,uint256,uint256", &arguments)
    }
}

fn texts(amounts: &[U256]) -> Value {
    amounts.iter().map(text).collect()
}

impl Family for Pool {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let header = json!({
            "protocol": if self.ng { "curve-ng2" } else { "curve-susd" },
            "n_coins": self.coins(),
            "decimals": self.decimals,
            "precision_mul": self.decimals.iter().map(|decimals| text(ten_to(18 - decimals))).collect::<Value>(),
            "A": self.amplification,
            "fee": text(self.fee),
            "offpeg_fee_multiplier": text(self.offpeg_fee_multiplier),
            "admin_fee": text(if self.ng { WHOLE / 2 } else { 0 }),
            "fee_denominator": text(WHOLE),
        });
        header.as_object().cloned().context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        if self.supply.is_zero() && random.one_in(2) {
            return self.add_liquidity(random);
        }
        Ok(match random.below(100) {
            0..42 => self.exchange(random)?,
            42..58 => self.add_liquidity(random)?,
            58..66 => self.remove_liquidity(random)?,
            66..78 => self.remove_liquidity_imbalance(random),
            78..90 if self.ng => self.one_coin(random)?,
            78..84 => self.calc_token_amount(random),
            84..90 => self.get_dy(random),
            90..92 => self.govern("withdraw_admin_fees", json!({}), "", &[]),
            92..100 if self.ng => self.ramp(random),
            92..96 => self.commit(random),
            _ => self.govern("apply_new_parameters", json!({}), "", &[]),
        })
    }

    fn is_stuck(&self) -> bool {
        self.lost > PATIENCE
    }

    /// Pools of this kind pay out before they count what is left.
    fn reason(&self, reason: String) -> String {
        if reason == "ds-math-sub-underflow" { String::new() } else { reason }
    }

    fn state(&mut self, _passed: bool) -> Result<Option<Value>> {
        let (stage, pool, lp) = (&mut self.stage, self.contract, self.lp);
        let index = if self.ng { "uint256" } else { "int128" };
        let per_coin = |name: &str, stage: &mut Stage| -> Result<Vec<U256>> {
            let signature = format!("{name}({index})");
            (0..self.decimals.len() as u64).map(|coin| stage.chain.word(pool, &signature, &[coin.into()])).collect()
        };
        self.balances = per_coin("balances", stage)?;
        self.supply = stage.chain.word(lp, "totalSupply()", &[])?;
        let virtual_price = match stage.chain.ask(pool, abi::call("get_virtual_price()", &[]))? {
            Outcome::Returned(answer) => {
                self.lost = 0;
                text(abi::words(&answer)?.first().copied().unwrap_or_default())
            }
            Outcome::Reverted(_) => {
                self.lost += u32::from(!self.supply.is_zero());
                "revert".into()
            }
        };
        let owners: Vec<Address> = (1..=TRADERS).map(|id| stage.address(id)).collect();
        let held = owners.into_iter().map(|owner| stage.balance(lp, owner)).collect::<Result<Vec<U256>>>()?;
        let mut state = json!({
            "balances": texts(&self.balances),
            "coin_balances": texts(&stage.balances(pool)?),
            "total_supply": text(self.supply),
            "virtual_price": virtual_price,
            "lp": texts(&held),
            "fee": text(stage.chain.word(pool, "fee()", &[])?),
        });
        if self.ng {
            let stored = stage.chain.word(pool, "A_precise()", &[])?;
            self.amplification = u64::try_from(stored)? / 100;
            state["A_precise"] = text(stored);
            state["admin_balances"] = texts(&per_coin("admin_balances", stage)?);
        } else {
            state["A"] = text(stage.chain.word(pool, "A()", &[])?);
            state["admin_fee"] = text(stage.chain.word(pool, "admin_fee()", &[])?);
        }
        Ok(Some(state))
    }
}
