//! Where money can be: `"farms.main"`, `"lending.usdt"`, or the bare name of a token or a pool.

use super::{FarmSpec, LendingSpec, PoolSpec, StudySpec, TokenSpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{listed, suggestion};

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// `"ETH"` or `"tokens.ETH"`.
    Token(&'a TokenSpec),
    /// `"main"` or `"pools.main"`.
    Pool(&'a PoolSpec),
    /// `"farms.main"`.
    Farm(&'a FarmSpec),
    /// `"lending.usdt"`.
    Lending(&'a LendingSpec),
}

impl<'a> Place<'a> {
    /// The table that it is in.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Token(_) => "tokens",
            Self::Pool(_) => "pools",
            Self::Farm(_) => "farms",
            Self::Lending(_) => "lending",
        }
    }

    /// The chain that it is on; a token is on every chain.
    pub(crate) fn chain(self, study: &'a StudySpec) -> Option<&'a str> {
        match self {
            Self::Token(_) => None,
            Self::Pool(pool) => Some(&pool.chain),
            Self::Farm(farm) => farm.chain(study),
            Self::Lending(lending) => Some(&lending.chain),
        }
    }
}

impl StudySpec {
    /// What a name stands for; a token where a pool has the same bare name.
    pub(crate) fn place(&self, name: &str) -> Option<Place<'_>> {
        let token = |name: &str| self.tokens.iter().find(|token| token.symbol.as_str() == name).map(Place::Token);
        let pool = |name: &str| self.pools.iter().find(|pool| pool.name == name).map(Place::Pool);
        let dotted = name.split_once('.').and_then(|(table, name)| match table {
            "tokens" => token(name),
            "pools" => pool(name),
            "farms" => self.farms.iter().find(|farm| farm.name == name).map(Place::Farm),
            "lending" => self.lending.iter().find(|lending| lending.name == name).map(Place::Lending),
            _ => None,
        });
        dotted.or_else(|| token(name)).or_else(|| pool(name))
    }

    /// What a name stands for, if it is in one of these tables. Bare names are those of tokens and pools where these are among them.
    pub(super) fn require_place(&self, name: &str, path: &KeyPath, tables: &[&str]) -> Checked<Place<'_>> {
        let place = self.place(name).filter(|place| tables.contains(&place.table()));
        place.ok_or_else(|| {
            let known = self.names_in(tables);
            let known = || known.iter().map(String::as_str);
            let words: Vec<&str> = tables.iter().map(|table| singular(table)).collect();
            let what = match &*words {
                [] => String::new(),
                [only] => (*only).to_owned(),
                [first @ .., last] => format!("{} or {last}", first.join(", ")),
            };
            let problem = Problem::new(path.clone(), format!("there is no {what} `{name}`"))
                .with_found(format!("{name:?}"))
                .with_expected(listed(known()))
                .with_example(format!("{:?}", known().next().unwrap_or("farms.main")));
            match suggestion(name, known()) {
                Some(help) => problem.with_help(help),
                None => problem,
            }
        })
    }

    /// All names in these tables, those of tokens and pools bare.
    fn names_in(&self, tables: &[&str]) -> Vec<String> {
        let mut names = Vec::new();
        for &table in tables {
            match table {
                "tokens" => names.extend(self.tokens.iter().map(|token| token.symbol.to_string())),
                "pools" => names.extend(self.pools.iter().map(|pool| pool.name.clone())),
                "farms" => names.extend(self.farms.iter().map(|farm| format!("farms.{}", farm.name))),
                "lending" => names.extend(self.lending.iter().map(|lending| format!("lending.{}", lending.name))),
                _ => {}
            }
        }
        names
    }
}

/// What one entry of a table is.
fn singular(table: &str) -> &str {
    match table {
        "tokens" => "token",
        "pools" => "pool",
        "farms" => "farm",
        "lending" => "lending market",
        "vaults" => "vault",
        other => other,
    }
}
