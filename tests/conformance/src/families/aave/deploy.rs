//! How a market comes to be: libraries, proxies, reserves.

use anyhow::{Context, Result, ensure};
use revm::primitives::{Address, U256};

use super::{ACTORS, Market, ReserveSetup, TREASURY};
use crate::abi::{self, Argument};
use crate::artifacts::Artifacts;
use crate::evm::{Chain, Outcome, SENDER};
use crate::families::Family;
use crate::random::Random;
use crate::stage::{Call, Stage};

const FOLDER: &str = "@aave/core-v3/artifacts/contracts";
const RAY: u64 = 1_000_000_000;

/// A number with 27 decimals, of billionths.
fn ray(billionths: u64) -> U256 {
    U256::from(billionths) * U256::from(RAY) * U256::from(RAY)
}

impl ReserveSetup {
    /// Parameters by chance: ordinary ones mostly.
    fn random(random: &mut Random) -> Self {
        let percent = |low: u64, high: u64, random: &mut Random| (low + random.below(high - low + 1)) * 10_000_000;
        let threshold = 5_000 + random.below(4_000);
        let is_collateral = !random.one_in(6);
        let bonus = 10_000 + (1 + random.below(1_500)).min(100_000_000 / threshold - 10_000);
        let cap = |random: &mut Random| if random.one_in(5) { 1 + random.below(1 << 30) } else { 0 };
        Self {
            decimals: random.pick(&[6, 8, 18, 18]),
            price: U256::from(1 + random.below(500_000_000_000)),
            ltv: if random.one_in(10) { 0 } else { threshold - random.below(1_000) },
            liquidation_threshold: if is_collateral { threshold } else { 0 },
            liquidation_bonus: bonus,
            reserve_factor: random.pick(&[0, 0, 1_000, 2_000, 3_333, 10_000]),
            liquidation_protocol_fee: random.pick(&[0, 0, 1_000, 5_000, 10_000]),
            supply_cap: cap(random),
            borrow_cap: cap(random),
            optimal: ray(percent(1, 100, random)),
            base: ray(percent(0, 5, random)),
            slope1: ray(percent(0, 20, random)),
            slope2: ray(percent(0, 400, random)),
        }
    }
}

/// The contract of this file under the folder of artifacts, with its libraries linked.
fn deploy(
    chain: &mut Chain,
    artifacts: &Artifacts,
    file: &str,
    libraries: &[(&str, Address)],
    arguments: &[Argument],
) -> Result<Address> {
    let code = artifacts.linked(&format!("{FOLDER}/{file}"), libraries)?;
    chain.deploy(&code, arguments).with_context(|| file.to_owned())
}

fn library(chain: &mut Chain, artifacts: &Artifacts, name: &str, libraries: &[(&str, Address)]) -> Result<Address> {
    deploy(chain, artifacts, &format!("protocol/libraries/logic/{name}.sol/{name}.json"), libraries, &[])
}

pub(in crate::families) fn market(artifacts: &Artifacts, random: &mut Random) -> Result<Box<dyn Family>> {
    let actor = artifacts.compiled("Actor")?;
    let count = 2 + usize::from(random.one_in(3));
    let mut stage = Stage::new(Chain::new(1_700_000_000), artifacts, (&actor, &[]), (count, ACTORS))?;
    let chain = &mut stage.chain;

    let text = |text: &str| Argument::Bytes(text.as_bytes().to_vec());
    let configuration = "protocol/configuration";
    let file = format!("{configuration}/PoolAddressesProvider.sol/PoolAddressesProvider.json");
    let provider = deploy(chain, artifacts, &file, &[], &[text("market"), SENDER.into()])?;
    stage.prepare(provider, "setACLAdmin(address)", &[SENDER.into()])?;
    let file = format!("{configuration}/ACLManager.sol/ACLManager.json");
    let manager = deploy(&mut stage.chain, artifacts, &file, &[], &[provider.into()])?;
    stage.prepare(provider, "setACLManager(address)", &[manager.into()])?;
    stage.prepare(manager, "addPoolAdmin(address)", &[SENDER.into()])?;
    let oracle = deploy(&mut stage.chain, artifacts, "mocks/oracle/PriceOracle.sol/PriceOracle.json", &[], &[])?;
    stage.prepare(provider, "setPriceOracle(address)", &[oracle.into()])?;

    let chain = &mut stage.chain;
    let borrow = library(chain, artifacts, "BorrowLogic", &[])?;
    let mut libraries = vec![("BorrowLogic", borrow)];
    libraries.push(("FlashLoanLogic", library(chain, artifacts, "FlashLoanLogic", &libraries)?));
    for name in ["SupplyLogic", "LiquidationLogic", "EModeLogic", "BridgeLogic", "PoolLogic", "ConfiguratorLogic"] {
        libraries.push((name, library(chain, artifacts, name, &[])?));
    }
    let implementation = deploy(chain, artifacts, "protocol/pool/Pool.sol/Pool.json", &libraries, &[provider.into()])?;
    stage.prepare(provider, "setPoolImpl(address)", &[implementation.into()])?;
    let pool = address(&mut stage, provider, "getPool()")?;
    let file = "protocol/pool/PoolConfigurator.sol/PoolConfigurator.json";
    let implementation = deploy(&mut stage.chain, artifacts, file, &libraries, &[])?;
    stage.prepare(provider, "setPoolConfiguratorImpl(address)", &[implementation.into()])?;
    let configurator = address(&mut stage, provider, "getPoolConfigurator()")?;

    let mut tokens = Vec::new();
    for name in ["AToken", "StableDebtToken", "VariableDebtToken"] {
        let file = format!("protocol/tokenization/{name}.sol/{name}.json");
        tokens.push(deploy(&mut stage.chain, artifacts, &file, &[], &[pool.into()])?);
    }
    let treasury = stage.address(TREASURY);
    let mut reserves = Vec::new();
    for asset in stage.tokens.clone() {
        let setup = ReserveSetup::random(random);
        let zero = || Argument::from(0_u32);
        let file = "protocol/pool/DefaultReserveInterestRateStrategy.sol/DefaultReserveInterestRateStrategy.json";
        let rates = [setup.optimal, setup.base, setup.slope1, setup.slope2].map(Argument::from);
        let stable = [zero(), zero(), zero(), zero(), ray(200_000_000).into()];
        let arguments: Vec<Argument> = [Argument::from(provider)].into_iter().chain(rates).chain(stable).collect();
        let strategy = deploy(&mut stage.chain, artifacts, file, &[], &arguments)?;
        let [atoken, stable_debt, variable_debt] = [tokens[0], tokens[1], tokens[2]].map(Argument::from);
        let fields = [
            vec![atoken, stable_debt, variable_debt, setup.decimals.into(), strategy.into(), asset.into(), treasury.into(), zero()],
            ["a", "a", "v", "v", "s", "s", ""].map(text).to_vec(),
        ]
        .concat();
        // A list of one struct that is not of words alone: a length, a reference, and its fields.
        let one = [32_u32, 1, 32].map(|word| U256::from(word).to_be_bytes::<32>()).concat();
        let signature = "initReserves((address,address,address,uint8,address,address,address,address,\
                         string,string,string,string,string,string,bytes)[])";
        let data = [abi::selector(signature).to_vec(), one, abi::sequence(&fields)].concat();
        let outcome = stage.chain.send(configurator, data)?;
        ensure!(matches!(outcome, Outcome::Returned(_)), "a reserve cannot be set up: {outcome:?}");

        if setup.liquidation_threshold != 0 {
            let weights = [setup.ltv, setup.liquidation_threshold, setup.liquidation_bonus].map(Argument::from);
            let arguments: Vec<Argument> = [Argument::from(asset)].into_iter().chain(weights).collect();
            stage.prepare(configurator, "configureReserveAsCollateral(address,uint256,uint256,uint256)", &arguments)?;
        }
        stage.prepare(configurator, "setReserveBorrowing(address,bool)", &[asset.into(), true.into()])?;
        for (function, value) in [
            ("setReserveFactor", setup.reserve_factor),
            ("setLiquidationProtocolFee", setup.liquidation_protocol_fee),
            ("setSupplyCap", setup.supply_cap),
            ("setBorrowCap", setup.borrow_cap),
        ] {
            stage.prepare(configurator, &format!("{function}(address,uint256)"), &[asset.into(), value.into()])?;
        }
        stage.prepare(oracle, "setAssetPrice(address,uint256)", &[asset.into(), setup.price.into()])?;
        for actor in 1..=ACTORS {
            stage.prepare_as(actor, Call::new(asset, "approve(address,uint256)", &[pool.into(), U256::MAX.into()]))?;
        }
        let data = stage.chain.read(pool, "getReserveData(address)", &[asset.into()])?;
        let at = |index: usize| -> Result<Address> {
            Ok(Address::from_word((*data.get(index).context("a reserve has fewer words")?).into()))
        };
        reserves.push(super::Reserve::new(setup, asset, at(8)?, at(10)?));
    }
    Ok(Box::new(Market::new(stage, pool, oracle, reserves)))
}

fn address(stage: &mut Stage, of: Address, function: &str) -> Result<Address> {
    Ok(Address::from_word(stage.chain.word(of, function, &[])?.into()))
}
