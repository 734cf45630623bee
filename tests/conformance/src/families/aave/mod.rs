//! Aave v3's market.

mod deploy;

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

pub(super) use deploy::market;

use super::{Family, text};
use crate::abi::Argument;
use crate::random::{Random, scale};
use crate::stage::{Answer, Call, Stage, Step};

/// Users.
const ACTORS: u32 = 3;
/// Whoever receives the reserve factor's share. It never acts.
const TREASURY: u32 = 98;

/// What a reserve is set up with; rates with 27 decimals.
#[derive(Clone, Copy, Debug)]
struct ReserveSetup {
    decimals: u32,
    price: U256,
    ltv: u64,
    liquidation_threshold: u64,
    liquidation_bonus: u64,
    reserve_factor: u64,
    liquidation_protocol_fee: u64,
    supply_cap: u64,
    borrow_cap: u64,
    optimal: U256,
    base: U256,
    slope1: U256,
    slope2: U256,
}

/// A reserve, and what the next operation depends on.
#[derive(Clone, Debug)]
struct Reserve {
    setup: ReserveSetup,
    asset: Address,
    atoken: Address,
    debt_token: Address,
    price: U256,
    liquidity: U256,
    balances: Vec<U256>,
    debts: Vec<U256>,
}

impl Reserve {
    fn new(setup: ReserveSetup, asset: Address, atoken: Address, debt_token: Address) -> Self {
        let none = vec![U256::ZERO; ACTORS as usize];
        Self { setup, asset, atoken, debt_token, price: setup.price, liquidity: U256::ZERO, balances: none.clone(), debts: none }
    }

    fn unit(&self) -> U256 {
        U256::from(10).pow(U256::from(self.setup.decimals))
    }
}

struct Market {
    stage: Stage,
    pool: Address,
    oracle: Address,
    reserves: Vec<Reserve>,
    /// What each user could borrow, and what his debts are, in the base currency.
    available: Vec<U256>,
    owed: Vec<U256>,
}

/// Who acts, counted from 0, and in which reserve.
#[derive(Clone, Copy)]
struct Place {
    user: usize,
    reserve: usize,
}

impl Place {
    fn actor(self) -> u32 {
        1 + u32::try_from(self.user).unwrap_or(0)
    }
}

impl Market {
    fn new(stage: Stage, pool: Address, oracle: Address, reserves: Vec<Reserve>) -> Self {
        let none = vec![U256::ZERO; ACTORS as usize];
        Self { stage, pool, oracle, reserves, available: none.clone(), owed: none }
    }

    fn place(&self, random: &mut Random) -> Place {
        let index = |count: u64, random: &mut Random| usize::try_from(random.below(count)).unwrap_or(0);
        Place { user: index(ACTORS.into(), random), reserve: index(self.reserves.len() as u64, random) }
    }

    fn step(name: &'static str, place: Place, amount: U256, call: Call, answer: Answer) -> Step {
        let inputs = json!({ "reserve": place.reserve, "amount": text(amount) });
        Step { name, actor: Some(place.actor()), inputs, calls: vec![call], answer }
    }

    fn supply(&self, place: Place, random: &mut Random) -> Step {
        let reserve = &self.reserves[place.reserve];
        let amount = match random.below(24) {
            0 => random.word(200),
            1 => U256::from(random.below(4)),
            2..10 if !reserve.liquidity.is_zero() => random.near(reserve.liquidity, 130),
            _ => scale(reserve.unit(), 1 + random.below(1_000_000_000), 1000),
        };
        let (asset, user) = (reserve.asset, self.stage.address(place.actor()));
        let call = Call::new(
            self.pool,
            "supply(address,uint256,address,uint16)",
            &[asset.into(), amount.into(), user.into(), 0_u32.into()],
        );
        Self::step("supply", place, amount, call, Answer::Nothing)
    }

    /// A part of what there is, all of it by name, or anything.
    fn some(of: U256, random: &mut Random) -> U256 {
        match random.below(16) {
            0 => random.word(130),
            1..4 => U256::MAX,
            _ => random.part(of),
        }
    }

    fn withdraw(&self, place: Place, random: &mut Random) -> Step {
        let reserve = &self.reserves[place.reserve];
        let balance = reserve.balances[place.user];
        // Often what the reserve can just pay.
        let most = if random.one_in(3) { balance.min(reserve.liquidity) } else { balance };
        let amount = Self::some(most, random);
        let user = self.stage.address(place.actor());
        let arguments = [reserve.asset.into(), amount.into(), user.into()];
        let call = Call::new(self.pool, "withdraw(address,uint256,address)", &arguments);
        Self::step("withdraw", place, amount, call, Answer::Words(&["amount"]))
    }

    fn borrow(&self, place: Place, random: &mut Random) -> Step {
        let reserve = &self.reserves[place.reserve];
        let available = self.available[place.user];
        let affordable = available.saturating_mul(reserve.unit()) / reserve.price;
        let most = if random.one_in(4) { affordable } else { affordable.min(reserve.liquidity) };
        let amount = if random.one_in(16) { random.word(200) } else { random.part(most) };
        let user = self.stage.address(place.actor());
        let arguments = [reserve.asset.into(), amount.into(), 2_u32.into(), 0_u32.into(), user.into()];
        let call = Call::new(self.pool, "borrow(address,uint256,uint256,uint16,address)", &arguments);
        Self::step("borrow", place, amount, call, Answer::Nothing)
    }

    fn repay(&self, place: Place, random: &mut Random) -> Step {
        let reserve = &self.reserves[place.reserve];
        let amount = Self::some(reserve.debts[place.user], random);
        let user = self.stage.address(place.actor());
        let arguments = [reserve.asset.into(), amount.into(), 2_u32.into(), user.into()];
        let call = Call::new(self.pool, "repay(address,uint256,uint256,address)", &arguments);
        Self::step("repay", place, amount, call, Answer::Words(&["amount"]))
    }

    fn transfer(&self, place: Place, random: &mut Random) -> Step {
        let reserve = &self.reserves[place.reserve];
        let to = self.place(random).actor();
        let amount = if random.one_in(16) { random.word(140) } else { random.part(reserve.balances[place.user]) };
        let call = Call::new(reserve.atoken, "transfer(address,uint256)", &[self.stage.address(to).into(), amount.into()]);
        let mut step = Self::step("atoken_transfer", place, amount, call, Answer::Nothing);
        step.inputs["to"] = to.into();
        step
    }

    fn set_collateral(&self, place: Place, random: &mut Random) -> Step {
        let on = random.one_in(2);
        let arguments = [self.reserves[place.reserve].asset.into(), on.into()];
        let call = Call::new(self.pool, "setUserUseReserveAsCollateral(address,bool)", &arguments);
        let mut step = Self::step("set_collateral", place, U256::ZERO, call, Answer::Nothing);
        step.inputs["use"] = on.into();
        step
    }

    fn mint_to_treasury(&self, place: Place) -> Step {
        let assets = Argument::from([self.reserves[place.reserve].asset].as_slice());
        let call = Call::new(self.pool, "mintToTreasury(address[])", &[assets]);
        Self::step("mint_to_treasury", place, U256::ZERO, call, Answer::Nothing)
    }

    /// Back to where it began, on average, in steps that liquidate and others that ruin.
    fn set_price(&mut self, place: Place, random: &mut Random) -> Step {
        let reserve = &mut self.reserves[place.reserve];
        let from = if random.one_in(3) { reserve.setup.price } else { reserve.price };
        let moved = scale(from, if random.one_in(5) { 300 + random.below(1400) } else { 850 + random.below(300) }, 1000);
        reserve.price = moved.max(U256::from(1));
        let (asset, price) = (reserve.asset, reserve.price);
        let call = Call::new(self.oracle, "setAssetPrice(address,uint256)", &[asset.into(), price.into()]);
        Self::step("set_price", place, price, call, Answer::Nothing)
    }

    fn liquidate(&self, place: Place, random: &mut Random) -> Step {
        // Whoever has debts, in what he owes, against what he has, more often than not.
        let users: Vec<usize> = (0..self.owed.len()).filter(|user| !self.owed[*user].is_zero()).collect();
        let user = if users.is_empty() || random.one_in(8) { self.place(random).user } else { random.pick(&users) };
        let having = |held: &dyn Fn(&Reserve) -> U256, random: &mut Random| {
            let some: Vec<usize> = (0..self.reserves.len()).filter(|index| !held(&self.reserves[*index]).is_zero()).collect();
            if some.is_empty() || random.one_in(8) { self.place(random).reserve } else { random.pick(&some) }
        };
        let debt = having(&|reserve| reserve.debts[user], random);
        let collateral = having(&|reserve| reserve.balances[user], random);
        let owed = self.reserves[debt].debts[user];
        let amount = if random.one_in(3) { U256::MAX >> 100 } else { random.part(owed) };
        let receive = random.one_in(2);
        let borrower = 1 + u32::try_from(user).unwrap_or(0);
        let arguments = [
            self.reserves[collateral].asset.into(),
            self.reserves[debt].asset.into(),
            self.stage.address(borrower).into(),
            amount.into(),
            receive.into(),
        ];
        let call = Call::new(self.pool, "liquidationCall(address,address,address,uint256,bool)", &arguments);
        let place = Place { reserve: collateral, ..place };
        let mut step = Self::step("liquidate", place, amount, call, Answer::Nothing);
        step.inputs["debt"] = debt.into();
        step.inputs["user"] = borrower.into();
        step.inputs["receive_atoken"] = receive.into();
        step
    }

    fn reserve_state(&mut self, index: usize, users: &[Address], treasury: Address) -> Result<Value> {
        let (stage, pool) = (&mut self.stage, self.pool);
        let Reserve { asset, atoken, debt_token, .. } = self.reserves[index];
        let data = stage.chain.read(pool, "getReserveData(address)", &[asset.into()])?;
        let at = |place: usize| data.get(place).copied().map(text).context("a reserve has fewer words");
        let mut of_pool = |function: &str| stage.chain.word(pool, &format!("{function}(address)"), &[asset.into()]);
        let income = of_pool("getReserveNormalizedIncome")?;
        let debt = of_pool("getReserveNormalizedVariableDebt")?;
        let mut state = json!({
            "liquidity_index": at(1)?,
            "liquidity_rate": at(2)?,
            "variable_borrow_index": at(3)?,
            "variable_borrow_rate": at(4)?,
            "last_update": at(6)?,
            "accrued_to_treasury_scaled": at(12)?,
            "normalized_income": text(income),
            "normalized_variable_debt": text(debt),
        });
        for (name, token, function) in [
            ("a_total_supply", atoken, "totalSupply()"),
            ("a_scaled_total_supply", atoken, "scaledTotalSupply()"),
            ("debt_total_supply", debt_token, "totalSupply()"),
            ("debt_scaled_total_supply", debt_token, "scaledTotalSupply()"),
        ] {
            state[name] = text(stage.chain.word(token, function, &[])?);
        }
        let liquidity = stage.balance(asset, atoken)?;
        state["underlying_balance"] = text(liquidity);
        state["treasury_a_balance"] = text(stage.balance(atoken, treasury)?);
        let (mut balances, mut debts, mut positions) = (Vec::new(), Vec::new(), Vec::new());
        for user in users {
            let mut scaled = |token: Address| stage.chain.word(token, "scaledBalanceOf(address)", &[(*user).into()]);
            let (a_scaled, debt_scaled) = (scaled(atoken)?, scaled(debt_token)?);
            let (balance, debt) = (stage.balance(atoken, *user)?, stage.balance(debt_token, *user)?);
            positions.push(json!({
                "a_balance": text(balance),
                "a_scaled": text(a_scaled),
                "debt": text(debt),
                "debt_scaled": text(debt_scaled),
            }));
            balances.push(balance);
            debts.push(debt);
        }
        state["users"] = Value::Array(positions);
        let reserve = &mut self.reserves[index];
        (reserve.liquidity, reserve.balances, reserve.debts) = (liquidity, balances, debts);
        Ok(state)
    }
}

impl Family for Market {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let reserves: Vec<Value> = self
            .reserves
            .iter()
            .map(|reserve| {
                let setup = &reserve.setup;
                json!({
                    "decimals": setup.decimals,
                    "price": text(setup.price),
                    "ltv": setup.ltv,
                    "liquidation_threshold": setup.liquidation_threshold,
                    "liquidation_bonus": setup.liquidation_bonus,
                    "reserve_factor": setup.reserve_factor,
                    "liquidation_protocol_fee": setup.liquidation_protocol_fee,
                    "supply_cap": setup.supply_cap,
                    "borrow_cap": setup.borrow_cap,
                    "optimal_usage_ratio": text(setup.optimal),
                    "base_variable_borrow_rate": text(setup.base),
                    "variable_rate_slope1": text(setup.slope1),
                    "variable_rate_slope2": text(setup.slope2),
                })
            })
            .collect();
        let header = json!({ "protocol": "aave-v3", "reserves": reserves, "t": self.stage.chain.time() });
        header.as_object().cloned().context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        let place = self.place(random);
        let is_empty = self.reserves[place.reserve].liquidity.is_zero();
        Ok(match random.below(100) {
            0..10 if is_empty => self.supply(place, random),
            0..20 => self.supply(place, random),
            20..35 => self.withdraw(place, random),
            35..58 => self.borrow(place, random),
            58..70 => self.repay(place, random),
            70..75 => self.transfer(place, random),
            75..80 => self.set_collateral(place, random),
            80..82 => self.mint_to_treasury(place),
            82..89 => self.set_price(place, random),
            _ => self.liquidate(place, random),
        })
    }

    fn state(&mut self, _passed: bool) -> Result<Option<Value>> {
        let users: Vec<Address> = (1..=ACTORS).map(|id| self.stage.address(id)).collect();
        let treasury = self.stage.address(TREASURY);
        let reserves =
            (0..self.reserves.len()).map(|index| self.reserve_state(index, &users, treasury)).collect::<Result<Vec<Value>>>()?;
        let mut accounts = Vec::new();
        for (place, user) in users.iter().enumerate() {
            let data = self.stage.chain.read(self.pool, "getUserAccountData(address)", &[(*user).into()])?;
            let at = |index: usize| data.get(index).copied().context("an account has fewer words");
            (self.owed[place], self.available[place]) = (at(1)?, at(2)?);
            accounts.push(json!({
                "collateral": text(at(0)?),
                "debt": text(at(1)?),
                "available_borrows": text(at(2)?),
                "health_factor": text(at(5)?),
            }));
        }
        Ok(Some(json!({ "reserves": reserves, "accounts": accounts })))
    }
}
