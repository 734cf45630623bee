//! ERC-4626 vaults: deposits, redemptions, conversions and donations.

use cenote_amm::{Exact, Owner, U256};
use cenote_yield::vault::{Vault, VaultError};
use serde_json::{Map, Value, json};

use super::{Fault, Operation, Outcome, Replayer};

/// Actors whose shares the state lists.
const ACTORS: [u32; 3] = [1, 2, 3];

struct VaultReplayer {
    vault: Vault<Exact>,
}

/// A vault as the header describes it.
pub(super) fn new(header: &Map<String, Value>) -> Result<Box<dyn Replayer>, Fault> {
    let offset = header.get("decimals_offset").and_then(Value::as_u64).and_then(|offset| offset.try_into().ok());
    let offset = offset.ok_or_else(|| Fault::Malformed("the header lacks `decimals_offset`".to_owned()))?;
    let vault = Vault::new(18, offset).map_err(|error| Fault::Malformed(error.to_string()))?;
    Ok(Box::new(VaultReplayer { vault }))
}

impl VaultReplayer {
    fn execute(&mut self, operation: &Operation<'_>) -> Result<Result<Option<U256>, VaultError>, Fault> {
        let actor = operation.actor.ok_or_else(|| Fault::Malformed("the line lacks `actor`".to_owned()))?;
        let actor = u32::try_from(actor).map(Owner::new).map_err(|_| Fault::Malformed(format!("actor {actor} is too large")))?;
        operation.expect_inputs(if operation.name == "share_transfer" { &["amount", "to"] } else { &["amount"] })?;
        let (vault, amount) = (&mut self.vault, operation.amount("amount")?);
        Ok(match operation.name {
            "deposit" => vault.deposit(actor, amount),
            "mint" => vault.mint(actor, amount),
            "withdraw" => vault.withdraw(actor, amount),
            "redeem" => vault.redeem(actor, amount),
            "convert_to_shares" => vault.convert_to_shares(amount),
            "convert_to_assets" => vault.convert_to_assets(amount),
            "preview_deposit" => vault.preview_deposit(amount),
            "preview_mint" => vault.preview_mint(amount),
            "preview_withdraw" => vault.preview_withdraw(amount),
            "preview_redeem" => vault.preview_redeem(amount),
            "share_transfer" => {
                let to = operation.number("to")?;
                let to = u32::try_from(to).map(Owner::new).map_err(|_| Fault::Malformed(format!("actor {to} is too large")))?;
                return Ok(vault.transfer(actor, to, amount).map(|()| None));
            }
            "donate" => return Ok(vault.donate(amount).map(|()| None)),
            _ => return Err(operation.unknown()),
        }
        .map(Some))
    }
}

impl Replayer for VaultReplayer {
    fn run(&mut self, operation: &Operation<'_>) -> Result<Outcome, Fault> {
        match self.execute(operation)? {
            Ok(Some(amount)) => Ok(Outcome::Passed(Map::from_iter([("amount".to_owned(), json!(amount.to_string()))]))),
            Ok(None) => Ok(Outcome::Passed(Map::new())),
            Err(error) => match error.revert_reason() {
                Some(reason) => Ok(Outcome::Reverted(reason.to_owned())),
                None => Err(Fault::Malformed(error.to_string())),
            },
        }
    }

    fn state(&self) -> Option<Value> {
        let shares: Vec<String> = ACTORS.iter().map(|id| self.vault.balance_of(Owner::new(*id)).to_string()).collect();
        Some(json!({
            "total_assets": self.vault.total_assets().to_string(),
            "total_supply": self.vault.total_supply().to_string(),
            "shares": shares,
        }))
    }
}
