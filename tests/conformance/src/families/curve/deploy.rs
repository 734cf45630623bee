//! How pools come to be.

use anyhow::{Context, Result};
use revm::primitives::{Address, U256};

use super::{NOTHING, Pool, TRADERS, WHOLE, amplification, fee, ten_to};
use crate::abi::{self, Argument};
use crate::artifacts::Artifacts;
use crate::evm::Chain;
use crate::families::Family;
use crate::random::Random;
use crate::stage::{Call, GOVERNOR, Stage};

fn stage(artifacts: &Artifacts, coins: usize) -> Result<Stage> {
    let actor = artifacts.compiled("Actor")?;
    Stage::new(Chain::new(1_700_000_000), artifacts, (&actor, &[]), (coins, TRADERS))
}

pub(in crate::families) fn first(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let mut stage = stage(artifacts, 4)?;
    let (amplification, fee) = (amplification(random), fee(random));
    let folder = "@setprotocol/set-protocol-v2/external/abi/curve";
    let token = artifacts.package(&format!("{folder}/CurvePoolERC20.json"))?;
    let name = || Argument::Bytes(b"LP".to_vec());
    let lp = stage.chain.deploy(&token, &[name(), name(), 18_u32.into(), 0_u32.into()])?;
    let code = artifacts.package(&format!("{folder}/Stableswap.json"))?;
    let coins: Vec<Argument> = stage.tokens.iter().map(|token| Argument::from(*token)).collect();
    let rest = vec![lp.into(), amplification.into(), fee.into()];
    let pool = stage.chain.deploy(&code, &[coins.clone(), coins, rest].concat())?;
    stage.prepare(lp, "set_minter(address)", &[pool.into()])?;
    // Ownership is handed over after three days.
    let governor = stage.address(GOVERNOR);
    stage.prepare(pool, "commit_transfer_ownership(address)", &[governor.into()])?;
    stage.chain.set_time(stage.chain.time() + 3 * 86_400);
    stage.prepare(pool, "apply_transfer_ownership()", &[])?;
    let decimals = vec![18, 6, 6, 18];
    Pool {
        ng: false,
        decimals,
        amplification,
        fee,
        offpeg_fee_multiplier: 0,
        stage,
        contract: pool,
        lp,
        balances: vec![],
        supply: NOTHING,
        lost: 0,
    }
    .approved()
}

pub(in crate::families) fn ng(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let coins = 2 + usize::try_from(random.weighted(&[(4, 0_u64), (3, 1), (1, 2), (1, 3), (1, 6)])).unwrap_or(0);
    let decimals: Vec<u8> = (0..coins).map(|_| random.pick(&[18, 18, 6, 6, 8, 0])).collect();
    let (amplification, fee) = (amplification(random), fee(random));
    let most = (WHOLE / 2).saturating_mul(WHOLE).checked_div(fee).unwrap_or(20 * WHOLE).min(20 * WHOLE);
    let offpeg_fee_multiplier = random.pick(&[0, WHOLE, 2 * WHOLE, 5 * WHOLE, 20 * WHOLE]).min(most);
    let mut stage = stage(artifacts, coins)?;
    let factory = stage.chain.deploy(&artifacts.compiled("CurveFactory")?, &[])?;
    let rates: Vec<U256> = decimals.iter().map(|decimals| ten_to(36 - decimals)).collect();
    let (text, zeros) = (|| Argument::Bytes(b"LP".to_vec()), vec![NOTHING; coins]);
    let arguments = [
        text(),
        text(),
        amplification.into(),
        fee.into(),
        offpeg_fee_multiplier.into(),
        866_u32.into(),
        stage.tokens.as_slice().into(),
        rates.as_slice().into(),
        zeros.as_slice().into(),
        zeros.as_slice().into(),
        zeros.as_slice().into(),
    ];
    let code = [&artifacts.compiled("CurveStableSwapNG")?, abi::sequence(&arguments).as_slice()].concat();
    let created = stage.prepare_as(GOVERNOR, Call::new(factory, "deploy(bytes)", &[Argument::Bytes(code)]))?;
    let pool = Address::from_word((*created.first().context("no pool was created")?).into());
    Pool {
        ng: true,
        decimals,
        amplification,
        fee,
        offpeg_fee_multiplier,
        stage,
        contract: pool,
        lp: pool,
        balances: vec![],
        supply: NOTHING,
        lost: 0,
    }
    .approved()
}

impl Pool {
    /// Lets the pool take what traders pay.
    fn approved(mut self) -> Result<Box<dyn Family>> {
        for trader in 1..=TRADERS {
            for token in self.stage.tokens.clone() {
                let approve = Call::new(token, "approve(address,uint256)", &[self.contract.into(), U256::MAX.into()]);
                self.stage.prepare_as(trader, approve)?;
            }
        }
        self.balances = vec![NOTHING; self.decimals.len()];
        Ok(Box::new(self))
    }
}
