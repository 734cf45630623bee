//! Where money can be: `"farms.main"`, `"lending.usdt"`, or the bare name of a token or a pool.

use cenote_units::Symbol;

use super::{FarmSpec, LendingSpec, PoolSpec, StrategySpec, StudySpec, TokenSpec, VaultSpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{listed, suggestion};
use crate::spec::check::unknown;

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
    /// `"vaults.auto"`.
    Vault(&'a VaultSpec),
}

impl<'a> Place<'a> {
    /// The table that it is in.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Token(_) => "tokens",
            Self::Pool(_) => "pools",
            Self::Farm(_) => "farms",
            Self::Lending(_) => "lending",
            Self::Vault(_) => "vaults",
        }
    }

    /// The chain that it is on; a token is on every chain.
    pub(crate) fn chain(self, study: &'a StudySpec) -> Option<&'a str> {
        match self {
            Self::Token(_) => None,
            Self::Pool(pool) => Some(&pool.chain),
            Self::Farm(farm) => farm.chain(study),
            Self::Lending(lending) => Some(&lending.chain),
            Self::Vault(vault) => vault.farm(study)?.chain(study),
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
            "vaults" => self.vaults.iter().find(|vault| vault.name == name).map(Place::Vault),
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
                "vaults" => names.extend(self.vaults.iter().map(|vault| format!("vaults.{}", vault.name))),
                _ => {}
            }
        }
        names
    }

    pub(super) fn require_farm(&self, name: &str, path: &KeyPath) -> Checked<&FarmSpec> {
        let farm = self.farms.iter().find(|farm| farm.name == name);
        farm.ok_or_else(|| unknown("farm", name, path, self.farms.iter().map(|farm| farm.name.as_str())))
    }

    pub(super) fn require_lending(&self, name: &str, path: &KeyPath) -> Checked<&LendingSpec> {
        let lending = self.lending.iter().find(|lending| lending.name == name);
        lending.ok_or_else(|| unknown("lending market", name, path, self.lending.iter().map(|lending| lending.name.as_str())))
    }

    pub(super) fn require_vault(&self, name: &str, path: &KeyPath) -> Checked<&VaultSpec> {
        let vault = self.vaults.iter().find(|vault| vault.name == name);
        vault.ok_or_else(|| unknown("vault", name, path, self.vaults.iter().map(|vault| vault.name.as_str())))
    }

    /// Whether a pool trades a token, on a chain if one is given.
    pub(super) fn is_traded(&self, token: &Symbol, chain: Option<&str>) -> bool {
        self.pools.iter().any(|pool| pool.tokens.contains(token) && chain.is_none_or(|chain| pool.chain == chain))
    }

    /// What is sold for when a pool is left, unless a position says otherwise: the numeraire, or the pool's last token.
    pub(crate) fn usual_exit<'a>(&'a self, pool: &'a PoolSpec) -> &'a Symbol {
        pool.tokens.iter().find(|token| **token == self.numeraire).or(pool.tokens.last()).unwrap_or(&self.numeraire)
    }

    /// That stakes and loans are on the chain of everything else that a position has.
    pub(super) fn require_one_chain(&self, places: &[(KeyPath, &str, Place<'_>)]) -> Checked<()> {
        if places.iter().all(|(_, _, place)| matches!(place, Place::Token(_) | Place::Pool(_))) {
            return Ok(());
        }
        self.apart(places).map_or(Ok(()), |(at, name, first, chain, other)| {
            Err(Problem::new(at, format!("`{name}` is on chain `{other}`, and `{first}` on `{chain}`"))
                .with_found(format!("{name:?}"))
                .with_expected("places on one chain; strategy \"best-yield\" moves over bridges")
                .with_example("strategy = \"best-yield\""))
        })
    }

    /// That there is a bridge from the chain of every place to that of every other.
    pub(super) fn require_ways(&self, places: &[(KeyPath, &str, Place<'_>)]) -> Checked<()> {
        for (at, name, place) in places {
            for (_, first, other) in places {
                let (Some(here), Some(there)) = (place.chain(self), other.chain(self)) else { continue };
                if here != there && !self.bridges.iter().any(|bridge| bridge.from == there && bridge.to == here) {
                    return Err(Problem::new(
                        at.clone(),
                        format!("`{name}` is on chain `{here}`, and no bridge leads there from that of `{first}`"),
                    )
                    .with_found(format!("{name:?}"))
                    .with_expected(format!("places on one chain, or a bridge from `{there}` to `{here}`"))
                    .with_example(format!("[bridges.NAME] with from = {there:?}, to = {here:?}")));
                }
            }
        }
        Ok(())
    }

    /// The first place on another chain than one before it: where it stands, its name, the other's, and their chains.
    fn apart<'a>(&'a self, places: &'a [(KeyPath, &'a str, Place<'a>)]) -> Option<(KeyPath, &'a str, &'a str, &'a str, &'a str)> {
        let mut on = places.iter().filter_map(|(at, name, place)| Some((at, *name, place.chain(self)?)));
        let (_, first, chain) = on.next()?;
        on.find(|(_, _, other)| *other != chain).map(|(at, name, other)| (at.clone(), name, first, chain, other))
    }
}

impl StrategySpec {
    /// The chain that a position with it is at home on: that of the first place where its money is.
    pub(crate) fn chain<'a>(&'a self, study: &'a StudySpec) -> Option<&'a str> {
        self.places(study).into_iter().find_map(|place| place.chain(study))
    }

    /// Whether it stakes in a farm, or may.
    pub(super) fn stakes_in(&self, farm: &str, study: &StudySpec) -> bool {
        matches!(self, Self::Custom(_))
            || self.places(study).iter().any(|place| matches!(place, Place::Farm(place) if place.name == farm))
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
