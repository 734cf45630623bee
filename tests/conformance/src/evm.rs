//! A chain of one block in memory: contracts are deployed, called and read.

use std::collections::HashMap;
use std::fmt;

use anyhow::{Context as _, Result, bail};
use revm::context::result::{ExecutionResult, Output};
use revm::context::{BlockEnv, Context, TxEnv};
use revm::database::{CacheDB, EmptyDB, InMemoryDB};
use revm::handler::{MainnetContext, MainnetEvm};
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, TxKind, U256};
use revm::{ExecuteCommitEvm, ExecuteEvm, MainBuilder, MainContext};

use crate::abi::{self, Argument};

/// Who sends every transaction and owns what has just been deployed.
pub const SENDER: Address = Address::repeat_byte(0xce);

/// More than any call here can use.
const GAS: u64 = 1 << 40;

/// What a call did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passed and returned these bytes.
    Returned(Vec<u8>),
    /// It reverted for this reason: the text of a `require`, `Panic(n)`, the name of an error, nothing, or `halt:` and what stopped it.
    Reverted(String),
}

/// The chain.
pub struct Chain {
    evm: MainnetEvm<MainnetContext<InMemoryDB>>,
    time: u64,
    errors: HashMap<[u8; 4], &'static str>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("time", &self.time).finish_non_exhaustive()
    }
}

impl Chain {
    /// A chain without contracts, at this time in Unix seconds. Gas costs nothing.
    pub fn new(time: u64) -> Self {
        let context = Context::mainnet().with_db(CacheDB::new(EmptyDB::new())).modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SpecId::CANCUN);
            cfg.disable_nonce_check = true;
            cfg.limit_contract_initcode_size = Some(usize::MAX);
        });
        let mut chain = Self { evm: context.build_mainnet(), time, errors: HashMap::new() };
        chain.set_time(time);
        chain
    }

    /// Unix seconds of the block in which calls run now.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// Moves to a block at this time.
    pub fn set_time(&mut self, time: u64) {
        self.time = time;
        self.evm.set_block(BlockEnv {
            number: U256::from(time / 12),
            timestamp: U256::from(time),
            gas_limit: GAS,
            basefee: 0,
            ..BlockEnv::default()
        });
    }

    /// Lets errors with these signatures be told by their names.
    pub fn name_errors(&mut self, signatures: &[&'static str]) {
        for signature in signatures {
            let name = signature.split('(').next().unwrap_or(signature);
            self.errors.insert(abi::selector(signature), name);
        }
    }

    fn transaction(kind: TxKind, data: Vec<u8>) -> TxEnv {
        TxEnv { caller: SENDER, gas_limit: GAS, kind, data: Bytes::from(data), ..TxEnv::default() }
    }

    /// Creates a contract from its bytecode and the arguments of its constructor.
    pub fn deploy(&mut self, bytecode: &[u8], arguments: &[Argument]) -> Result<Address> {
        let code = [bytecode, &abi::sequence(arguments)].concat();
        match self.evm.transact_commit(Self::transaction(TxKind::Create, code))? {
            ExecutionResult::Success { output: Output::Create(_, Some(address)), .. } => Ok(address),
            other => bail!("a contract cannot be deployed: {other:?}"),
        }
    }

    /// Sends a transaction; what it does remains.
    pub fn send(&mut self, to: Address, data: Vec<u8>) -> Result<Outcome> {
        let result = self.evm.transact_commit(Self::transaction(TxKind::Call(to), data))?;
        Ok(self.outcome(result))
    }

    /// Calls without leaving a trace.
    pub fn ask(&mut self, to: Address, data: Vec<u8>) -> Result<Outcome> {
        let result = self.evm.transact(Self::transaction(TxKind::Call(to), data))?.result;
        Ok(self.outcome(result))
    }

    /// The words that a function without side effects returns.
    ///
    /// # Errors
    /// It reverts.
    pub fn read(&mut self, to: Address, signature: &str, arguments: &[Argument]) -> Result<Vec<U256>> {
        match self.ask(to, abi::call(signature, arguments))? {
            Outcome::Returned(answer) => abi::words(&answer),
            Outcome::Reverted(reason) => bail!("`{signature}` reverts with `{reason}`: it should only read"),
        }
    }

    /// The first word that a function without side effects returns.
    ///
    /// # Errors
    /// It reverts, or returns nothing.
    pub fn word(&mut self, to: Address, signature: &str, arguments: &[Argument]) -> Result<U256> {
        let words = self.read(to, signature, arguments)?;
        words.first().copied().with_context(|| format!("`{signature}` returns nothing"))
    }

    fn outcome(&self, result: ExecutionResult) -> Outcome {
        match result {
            ExecutionResult::Success { output, .. } => Outcome::Returned(output.into_data().to_vec()),
            ExecutionResult::Revert { output, .. } => Outcome::Reverted(self.reason(&output)),
            ExecutionResult::Halt { reason, .. } => Outcome::Reverted(format!("halt:{reason:?}")),
        }
    }

    /// What the data of a revert says.
    fn reason(&self, data: &[u8]) -> String {
        let Some((selector, rest)) = data.split_first_chunk::<4>() else {
            return String::from_utf8_lossy(data).into_owned();
        };
        let words: Vec<U256> = rest.chunks_exact(32).map(U256::from_be_slice).collect();
        if *selector == abi::selector("Error(string)") {
            let length = words.get(1).and_then(|word| usize::try_from(*word).ok()).unwrap_or(0);
            let text = rest.get(64..64_usize.saturating_add(length)).unwrap_or_default();
            String::from_utf8_lossy(text).into_owned()
        } else if *selector == abi::selector("Panic(uint256)") {
            format!("Panic({})", words.first().copied().unwrap_or_default())
        } else {
            self.errors.get(selector).map_or_else(|| format!("error {data:02x?}"), |name| (*name).to_owned())
        }
    }
}
