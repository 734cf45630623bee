//! `OpenZeppelin`'s ERC-4626 vault with virtual shares.

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};
use serde_json::{Map, Value, json};

use super::{Family, text};
use crate::abi;
use crate::artifacts::Artifacts;
use crate::evm::{Chain, Outcome};
use crate::random::Random;
use crate::stage::{Answer, Call, Stage, Step};

/// Depositors.
const ACTORS: u32 = 3;

struct Vault {
    stage: Stage,
    contract: Address,
    offset: u32,
    assets: U256,
    supply: U256,
    shares: Vec<U256>,
}

pub(super) fn deploy(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let actor = artifacts.compiled("Actor")?;
    let mut stage = Stage::new(Chain::new(1_700_000_000), artifacts, (&actor, &[]), (1, ACTORS))?;
    stage.chain.name_errors(&[
        "ERC4626ExceededMaxDeposit(address,uint256,uint256)",
        "ERC4626ExceededMaxMint(address,uint256,uint256)",
        "ERC4626ExceededMaxWithdraw(address,uint256,uint256)",
        "ERC4626ExceededMaxRedeem(address,uint256,uint256)",
        "ERC20InsufficientBalance(address,uint256,uint256)",
    ]);
    let offset = random.pick(&[0_u32, 0, 1, 3, 6, 12, 18]);
    let asset = stage.tokens[0];
    let code = artifacts.compiled("Vault")?;
    let contract = stage.chain.deploy(&code, &[asset.into(), offset.into()])?;
    for actor in 1..=ACTORS {
        stage.prepare_as(actor, Call::new(asset, "approve(address,uint256)", &[contract.into(), U256::MAX.into()]))?;
    }
    let shares = vec![U256::ZERO; ACTORS as usize];
    Ok(Box::new(Vault { stage, contract, offset, assets: U256::ZERO, supply: U256::ZERO, shares }))
}

impl Vault {
    fn amount_step(&self, name: &'static str, function: &str, actor: u32, amount: U256) -> Step {
        let address = self.stage.address(actor);
        let arguments = match name {
            "deposit" | "mint" => vec![amount.into(), address.into()],
            "withdraw" | "redeem" => vec![amount.into(), address.into(), address.into()],
            _ => vec![amount.into()],
        };
        Step {
            name,
            actor: Some(actor),
            inputs: json!({ "amount": text(amount) }),
            calls: vec![Call::new(self.contract, function, &arguments)],
            answer: Answer::Words(&["amount"]),
        }
    }

    /// An amount near what is there, or one of any size at the start.
    fn size(near: U256, random: &mut Random) -> U256 {
        if near.is_zero() || random.one_in(8) { random.word(110) } else { random.near(near, 256) }
    }

    /// Assets that the actor has: beyond them the token itself would refuse.
    fn affordable(&mut self, actor: u32, amount: U256) -> Result<U256> {
        let (asset, owner) = (self.stage.tokens[0], self.stage.address(actor));
        Ok(amount.min(self.stage.balance(asset, owner)?))
    }

    /// What a view of the vault says of an amount, if it does not revert.
    fn ask(&mut self, function: &str, amount: U256) -> Result<Option<U256>> {
        Ok(match self.stage.chain.ask(self.contract, abi::call(function, &[amount.into()]))? {
            Outcome::Returned(answer) => abi::words(&answer)?.first().copied(),
            Outcome::Reverted(_) => None,
        })
    }

    fn mint(&mut self, actor: u32, random: &mut Random) -> Result<Step> {
        let shares = Self::size(self.supply, random);
        let cost = self.ask("previewMint(uint256)", shares)?.unwrap_or_default();
        let affordable = self.affordable(actor, cost)?;
        // Whoever cannot pay mints what he can pay: rounded down it costs no more.
        let shares = if affordable < cost { self.ask("previewDeposit(uint256)", affordable)?.unwrap_or_default() } else { shares };
        Ok(self.amount_step("mint", "mint(uint256,address)", actor, shares))
    }

    fn view(&self, actor: u32, random: &mut Random) -> Step {
        let (name, function, of_shares) = random.pick(&[
            ("convert_to_shares", "convertToShares(uint256)", false),
            ("convert_to_assets", "convertToAssets(uint256)", true),
            ("preview_deposit", "previewDeposit(uint256)", false),
            ("preview_mint", "previewMint(uint256)", true),
            ("preview_withdraw", "previewWithdraw(uint256)", false),
            ("preview_redeem", "previewRedeem(uint256)", true),
        ]);
        let amount = Self::size(if of_shares { self.supply } else { self.assets }, random);
        self.amount_step(name, function, actor, amount)
    }

    fn transfer(&self, actor: u32, held: U256, random: &mut Random) -> Step {
        let to = 1 + u32::try_from(random.below(ACTORS.into())).unwrap_or(0);
        let shares = random.part(held);
        Step {
            name: "share_transfer",
            actor: Some(actor),
            inputs: json!({ "amount": text(shares), "to": to }),
            calls: vec![Call::new(self.contract, "transfer(address,uint256)", &[self.stage.address(to).into(), shares.into()])],
            answer: Answer::Nothing,
        }
    }

    fn donate(&mut self, actor: u32, random: &mut Random) -> Result<Step> {
        let amount = if random.one_in(6) { random.word(130) } else { random.part(self.assets >> 3) };
        let amount = self.affordable(actor, amount)?;
        Ok(Step {
            name: "donate",
            actor: Some(actor),
            inputs: json!({ "amount": text(amount) }),
            calls: vec![Call::new(self.stage.tokens[0], "transfer(address,uint256)", &[self.contract.into(), amount.into()])],
            answer: Answer::Nothing,
        })
    }
}

impl Family for Vault {
    fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn header(&mut self) -> Result<Map<String, Value>> {
        let header = json!({ "protocol": "erc4626", "decimals_offset": self.offset });
        header.as_object().cloned().context("a header is an object")
    }

    fn next(&mut self, random: &mut Random) -> Result<Step> {
        let index = usize::try_from(random.below(ACTORS.into())).unwrap_or(0);
        let (actor, held) = (1 + u32::try_from(index).unwrap_or(0), self.shares[index]);
        Ok(match random.below(100) {
            0..26 => {
                let amount = Self::size(self.assets, random);
                let amount = self.affordable(actor, amount)?;
                self.amount_step("deposit", "deposit(uint256,address)", actor, amount)
            }
            26..38 => self.mint(actor, random)?,
            38..56 => {
                let worth = self.ask("convertToAssets(uint256)", held)?.unwrap_or(held);
                let assets = if random.one_in(12) { random.word(255) } else { random.part(worth) };
                self.amount_step("withdraw", "withdraw(uint256,address,address)", actor, assets)
            }
            56..74 => {
                let shares = if random.one_in(12) { random.word(255) } else { random.part(held) };
                self.amount_step("redeem", "redeem(uint256,address,address)", actor, shares)
            }
            74..82 => self.donate(actor, random)?,
            82..87 => self.transfer(actor, held, random),
            _ => self.view(actor, random),
        })
    }

    fn state(&mut self, _passed: bool) -> Result<Option<Value>> {
        let (stage, vault) = (&mut self.stage, self.contract);
        self.assets = stage.chain.word(vault, "totalAssets()", &[])?;
        self.supply = stage.chain.word(vault, "totalSupply()", &[])?;
        let owners: Vec<Address> = (1..=ACTORS).map(|id| stage.address(id)).collect();
        self.shares = owners.into_iter().map(|owner| stage.balance(vault, owner)).collect::<Result<Vec<U256>>>()?;
        Ok(Some(json!({
            "total_assets": text(self.assets),
            "total_supply": text(self.supply),
            "shares": self.shares.iter().map(text).collect::<Value>(),
        })))
    }
}
