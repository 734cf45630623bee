//! The checks that a study passes before it runs. The first thing that is wrong is reported, in the order of the tables.

use cenote_units::{Symbol, TokenAmount};

use super::{ChainSpec, PoolSpec, StudySpec, TokenSpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{listed, suggestion};

impl StudySpec {
    /// Check the whole description; files are not looked at.
    pub(crate) fn check(&self) -> Checked<()> {
        self.check_settings()?;
        self.check_names()?;
        self.require_token(&self.numeraire, &KeyPath::root().key("study").key("numeraire"))?;
        for events in &self.events {
            events.check()?;
        }
        for token in &self.tokens {
            token.check(&self.numeraire)?;
        }
        self.check_quotes()?;
        self.check_correlations()?;
        self.check_control_variates()?;
        for chain in &self.chains {
            chain.check(self)?;
        }
        for bridge in &self.bridges {
            bridge.check(self)?;
        }
        for pool in &self.pools {
            pool.check(self)?;
        }
        for token in &self.tokens {
            token.check_formed(self)?;
        }
        for farm in &self.farms {
            farm.check(self)?;
        }
        for lending in &self.lending {
            lending.check(self)?;
        }
        for vault in &self.vaults {
            vault.check(self)?;
        }
        for risk in &self.risks {
            risk.check(self)?;
        }
        for (i, agent) in self.agents.iter().enumerate() {
            agent.check(&KeyPath::root().key("agents").index(i), self)?;
        }
        for (i, position) in self.positions.iter().enumerate() {
            position.check(&KeyPath::root().key("positions").index(i), self)?;
        }
        self.check_contents()
    }

    fn check_settings(&self) -> Checked<()> {
        let study = KeyPath::root().key("study");
        if self.paths == 0 {
            return Err(Problem::new(study.key("paths"), "a study of no paths")
                .with_found("0")
                .with_expected(format!("a whole number from 1 to {}", u32::MAX))
                .with_example("paths = 10_000"));
        }
        if i64::try_from(self.seed).is_err() {
            return Err(Problem::new(study.key("seed"), "a seed that TOML cannot hold")
                .with_found(self.seed.to_string())
                .with_expected(format!("a whole number from 0 to {}", i64::MAX))
                .with_example("seed = 42"));
        }
        let total = self.horizon.checked_add(self.warm_up);
        if self.horizon.is_zero() || total.is_none() {
            return Err(Problem::new(study.key("horizon"), "a horizon that cannot be run")
                .with_found(self.horizon.to_string())
                .with_expected("a duration above zero; with the warm-up at most 584 years")
                .with_example("horizon = \"365d\""));
        }
        self.check_sampling()
    }

    /// Names are unique in their table. In a file only lists can break this: the keys of tables are unique in TOML.
    fn check_names(&self) -> Checked<()> {
        let table = |table: &str| KeyPath::root().key(table);
        unique(self.chains.iter().map(|chain| (chain.name.as_str(), table("chains").key(&chain.name))))?;
        unique(self.events.iter().map(|events| (events.name.as_str(), events.path())))?;
        unique(self.tokens.iter().map(|token| (token.symbol.as_str(), token.path())))?;
        unique(self.pools.iter().map(|pool| (pool.name.as_str(), table("pools").key(&pool.name))))?;
        unique(self.farms.iter().map(|farm| (farm.name.as_str(), farm.path())))?;
        unique(self.lending.iter().map(|lending| (lending.name.as_str(), lending.path())))?;
        unique(self.vaults.iter().map(|vault| (vault.name.as_str(), vault.path())))?;
        unique(self.risks.iter().map(|risk| (risk.name.as_str(), risk.path())))?;
        let agents = self.agents.iter().enumerate();
        unique(agents.filter_map(|(i, agent)| Some((agent.name.as_deref()?, table("agents").index(i).key("name")))))?;
        let positions = self.positions.iter().enumerate();
        unique(positions.map(|(i, position)| (position.name.as_str(), table("positions").index(i).key("name"))))
    }

    fn check_contents(&self) -> Checked<()> {
        if self.chains.is_empty() {
            return Err(Problem::new(KeyPath::root().key("chains"), "a study without a chain has no blocks")
                .with_expected("at least one table `chains.NAME`")
                .with_example("[chains.ethereum]"));
        }
        if self.pools.is_empty() && self.positions.is_empty() {
            return Err(Problem::new(KeyPath::root().key("positions"), "a study without positions and pools asks nothing")
                .with_expected("at least one table `[[positions]]` or `pools.NAME`")
                .with_example("[[positions]]"));
        }
        Ok(())
    }

    pub(super) fn require_chain(&self, name: &str, path: &KeyPath) -> Checked<&ChainSpec> {
        let chain = self.chains.iter().find(|chain| chain.name == name);
        chain.ok_or_else(|| unknown("chain", name, path, self.chains.iter().map(|chain| chain.name.as_str())))
    }

    pub(super) fn require_pool(&self, name: &str, path: &KeyPath) -> Checked<&PoolSpec> {
        let pool = self.pools.iter().find(|pool| pool.name == name);
        pool.ok_or_else(|| unknown("pool", name, path, self.pools.iter().map(|pool| pool.name.as_str())))
    }

    pub(super) fn require_token(&self, symbol: &Symbol, path: &KeyPath) -> Checked<&TokenSpec> {
        let token = self.tokens.iter().find(|token| token.symbol == *symbol);
        token.ok_or_else(|| unknown("token", symbol.as_str(), path, self.tokens.iter().map(|token| token.symbol.as_str())))
    }

    /// A token whose price is needed, and why.
    pub(super) fn require_price(&self, symbol: &Symbol, path: &KeyPath, why: &str) -> Checked<&TokenSpec> {
        let token = self.require_token(symbol, path)?;
        if token.price.is_some() || *symbol == self.numeraire {
            return Ok(token);
        }
        Err(Problem::new(path.clone(), format!("{symbol} has no price, but {why}"))
            .with_found(format!("\"{symbol}\""))
            .with_expected(format!("a `price` in [tokens.{symbol}], or a token that has one"))
            .with_example(format!("price = {{ process = \"constant\", initial = \"1 {}\" }}", self.numeraire)))
    }

    /// An amount above zero of a token with a price.
    pub(super) fn require_value(&self, amount: &TokenAmount, path: &KeyPath, what: &str, example: &str) -> Checked<()> {
        if amount.is_zero() {
            return Err(Problem::new(path.clone(), format!("{what} of zero"))
                .with_found(amount.to_string())
                .with_expected("an amount above zero")
                .with_example(example));
        }
        self.require_price(amount.symbol(), path, "something is worth an amount of it").map(|_| ())
    }
}

pub(super) fn unknown<'a>(what: &str, name: &str, path: &KeyPath, known: impl Iterator<Item = &'a str> + Clone) -> Box<Problem> {
    let problem = Problem::new(path.clone(), format!("there is no {what} `{name}`")).with_found(format!("{name:?}")).with_expected(
        match known.clone().next() {
            Some(_) => listed(known.clone()),
            None => format!("a {what} of this study, which has none"),
        },
    );
    let problem = match known.clone().next() {
        Some(first) => problem.with_example(format!("\"{first}\"")),
        None => problem.with_example(format!("[{what}s.NAME]")),
    };
    match suggestion(name, known) {
        Some(help) => problem.with_help(help),
        None => problem,
    }
}

fn unique<'a>(names: impl Iterator<Item = (&'a str, KeyPath)>) -> Checked<()> {
    let mut seen = std::collections::BTreeSet::new();
    for (name, path) in names {
        if !seen.insert(name) {
            return Err(Problem::new(path, format!("the name `{name}` is taken"))
                .with_found(format!("{name:?}"))
                .with_expected("a name of its own")
                .with_example(format!("name = {:?}", format!("{name} 2"))));
        }
    }
    Ok(())
}
