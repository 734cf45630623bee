//! The contracts' bytecode, as their packages or the compilers here deliver it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result};
use revm::primitives::Address;
use serde_json::Value;

/// Bytecode by file, read once.
#[derive(Debug)]
pub struct Artifacts {
    folder: PathBuf,
    read: RefCell<BTreeMap<String, Rc<[u8]>>>,
}

impl Artifacts {
    /// Those under `folder`, which holds `node_modules` and `build`.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), read: RefCell::default() }
    }

    /// What creates the contract of a file in `node_modules`.
    pub fn package(&self, file: &str) -> Result<Rc<[u8]>> {
        self.bytecode(&format!("node_modules/{file}"))
    }

    /// What creates a contract that was compiled here.
    pub fn compiled(&self, name: &str) -> Result<Rc<[u8]>> {
        self.bytecode(&format!("build/{name}.json"))
    }

    /// What creates the contract of a file in `node_modules` that refers to libraries, with their addresses filled in.
    pub fn linked(&self, file: &str, libraries: &[(&str, Address)]) -> Result<Vec<u8>> {
        let path = self.folder.join("node_modules").join(file);
        let artifact = read(&path)?;
        let text =
            artifact.pointer("/bytecode").and_then(Value::as_str).with_context(|| format!("{} has no bytecode", path.display()))?;
        let mut text = text.strip_prefix("0x").unwrap_or(text).to_owned();
        let references = artifact.pointer("/linkReferences").and_then(Value::as_object);
        for (name, places) in references.into_iter().flat_map(|files| files.values()).filter_map(Value::as_object).flatten() {
            let (_, address) =
                libraries.iter().find(|(library, _)| library == name).with_context(|| format!("{file} needs {name}"))?;
            let address = format!("{address:x}");
            for place in places.as_array().into_iter().flatten() {
                let start =
                    place["start"].as_u64().and_then(|start| usize::try_from(start).ok()).context("a reference without start")?;
                text.replace_range(2 * start..2 * start + 40, &address);
            }
        }
        decode(&text).with_context(|| format!("{} is not linked", path.display()))
    }

    fn bytecode(&self, file: &str) -> Result<Rc<[u8]>> {
        if let Some(bytecode) = self.read.borrow().get(file) {
            return Ok(Rc::clone(bytecode));
        }
        let path = self.folder.join(file);
        let artifact = read(&path)?;
        // Each compiler and framework has its own place for it.
        let places = ["/bytecode/object", "/bytecode", "/evm/bytecode/object"];
        let text = places.iter().find_map(|place| artifact.pointer(place)?.as_str());
        let bytecode = text.and_then(|text| decode(text.strip_prefix("0x").unwrap_or(text)));
        let bytecode: Rc<[u8]> = bytecode.with_context(|| format!("{} has no bytecode", path.display()))?.into();
        self.read.borrow_mut().insert(file.to_owned(), Rc::clone(&bytecode));
        Ok(bytecode)
    }
}

fn read(path: &Path) -> Result<Value> {
    let missing = || format!("{} is not there: start with the script `tests/conformance/run`", path.display());
    Ok(serde_json::from_str(&fs::read_to_string(path).with_context(missing)?)?)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    digits.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect()
}
