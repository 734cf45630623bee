//! What can be added to a strategy: how the deposit goes in and out, what becomes of fees, and a hedge.

use cenote_units::{Fee, Fraction, Rate, SimDuration, Symbol};
use serde::Serialize;

use super::width::positive;
use super::{GuardSpec, PositionSpec, StrategySpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::StudySpec;

/// `enter_with`, `exit_to`, `part`, `dca`, `compound`, `hedge`: keys of any position whose strategy can do with them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ManagementSpec {
    /// The one token that is handed over. What has to be another one is bought in the strategy's pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enter_with: Option<Symbol>,
    /// What it is sold for when it leaves: the numeraire, or the pool's last token, unless it says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_to: Option<Symbol>,
    /// The part of the deposit that the strategy gets. The rest stays in the wallet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Fraction>,
    /// Little by little.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dca: Option<DcaSpec>,
    /// When fees of ranges are put to work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compound: Option<CompoundSpec>,
    /// A hedge outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<HedgeSpec>,
}

/// `{ in = "30d", out = "30d", from = "60d", parts = 10 }`: in equal parts over a time, and out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DcaSpec {
    /// Over how long it goes in; all at once without it.
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub way_in: Option<SimDuration>,
    /// Over how long it goes out; without it, it stays.
    #[serde(rename = "out", skip_serializing_if = "Option::is_none")]
    pub way_out: Option<SimDuration>,
    /// When the first part goes out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<SimDuration>,
    /// How many.
    pub parts: u32,
}

/// `"optimal"` or `{ every = "1d" }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompoundSpec {
    /// When they are worth the gas.
    Optimal,
    /// On a timer.
    Every(SimDuration),
}

/// `{ token = "ETH", band = "5%", every = "1d", fee = "5bp", funding = "10%" }`: all that the position has of a token, sold outside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HedgeSpec {
    /// Of what.
    pub token: Symbol,
    /// How much of it; all, unless it says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Fraction>,
    /// Rebalanced when it is off by more than this part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<Fraction>,
    /// Rebalanced so long after the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<SimDuration>,
    /// Paid on the value of every trade of it.
    pub fee: Fee,
    /// By a perpetual future: paid to who has sold, per year on the value; by who has sold where it is negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funding: Option<Rate>,
    /// By borrowed tokens: what is owed grows so fast. One of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interest: Option<Rate>,
}

pub(super) const KEYS: &[Key] = &[
    Key::new("enter_with", "\"USDC\""),
    Key::new("exit_to", "\"USDC\""),
    Key::new("part", "\"50%\""),
    Key::new("dca", "{ in = \"30d\", parts = 10 }"),
    Key::new("compound", "\"optimal\""),
    Key::new("hedge", "{ token = \"ETH\", band = \"5%\" }"),
];
const DCA_KEYS: &[Key] =
    &[Key::new("in", "\"30d\""), Key::new("out", "\"30d\""), Key::new("from", "\"60d\""), Key::new("parts", "10")];
const COMPOUND_KEYS: &[Key] = &[Key::new("every", "\"1d\"")];
const HEDGE_KEYS: &[Key] = &[
    Key::new("token", "\"ETH\""),
    Key::new("ratio", "\"100%\""),
    Key::new("band", "\"5%\""),
    Key::new("every", "\"1d\""),
    Key::new("fee", "\"5bp\""),
    Key::new("funding", "\"10%\""),
    Key::new("interest", "\"3%\""),
];

impl ManagementSpec {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            enter_with: fields.optional("enter_with")?,
            exit_to: fields.optional("exit_to")?,
            part: fields.optional("part")?,
            dca: fields.optional_with("dca", &DcaSpec::read)?,
            compound: fields.optional_with("compound", &CompoundSpec::read)?,
            hedge: fields.optional_with("hedge", &HedgeSpec::read)?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath, position: &PositionSpec, study: &StudySpec) -> Checked<()> {
        let strategy = &position.strategy;
        if let Some(token) = &self.enter_with {
            check_entry(token, &path.key("enter_with"), strategy, study)?;
        }
        self.check_exit(path, &position.guard, strategy, study)?;
        if let Some(part) = self.part {
            require_growing(&path.key("part"), strategy)?;
            positive(part, path.key("part"), "no part of the deposit", "part = \"50%\"")?;
            if part.get() > 1.0 {
                return Err(Problem::new(path.key("part"), "more than the deposit")
                    .with_found(format!("\"{part}\""))
                    .with_expected("at most 100%")
                    .with_example("part = \"50%\""));
            }
        }
        if let Some(dca) = &self.dca {
            require_growing(&path.key("dca"), strategy)?;
            dca.check(&path.key("dca"), strategy)?;
        }
        if let Some(compound) = &self.compound {
            compound.check(&path.key("compound"), position, study)?;
        }
        self.hedge.as_ref().map_or(Ok(()), |hedge| hedge.check(&path.key("hedge"), strategy, study))
    }

    fn check_exit(&self, path: &KeyPath, guard: &GuardSpec, strategy: &StrategySpec, study: &StudySpec) -> Checked<()> {
        let Some(token) = &self.exit_to else { return Ok(()) };
        let at = path.key("exit_to");
        if guard.is_empty() && self.dca.is_none_or(|dca| dca.way_out.is_none()) {
            return Err(Problem::of_key(at, "a position that never leaves is sold for nothing")
                .with_expected(
                    "a key that makes it leave, beside it: stop_loss, take_profit, stop_impermanent_loss, leave_after or dca",
                )
                .with_example("leave_after = \"30d\""));
        }
        require_token_of_pool(token, "exit_to", &at, strategy, study)
    }
}

/// A strategy that knows what to do with money that comes later.
fn require_growing(at: &KeyPath, strategy: &StrategySpec) -> Checked<()> {
    match strategy {
        StrategySpec::Passive(_)
        | StrategySpec::Range(_)
        | StrategySpec::Recentre(_)
        | StrategySpec::Portfolio(_)
        | StrategySpec::Farm(_)
        | StrategySpec::SingleStake(_)
        | StrategySpec::Lend(_)
        | StrategySpec::Loop(_)
        | StrategySpec::Vault(_)
        | StrategySpec::BestYield(_) => Ok(()),
        StrategySpec::Hold(_) | StrategySpec::RangeOrder(_) | StrategySpec::Custom(_) => {
            Err(Problem::of_key(at.clone(), "this strategy takes its whole deposit, at once")
                .with_expected("another strategy than hold and range-order")
                .with_example("strategy = \"passive\""))
        }
    }
}

fn check_entry(token: &Symbol, at: &KeyPath, strategy: &StrategySpec, study: &StudySpec) -> Checked<()> {
    require_growing(at, strategy)?;
    // Who has no pool of his own buys what he needs in any.
    if strategy.pool().is_none() {
        study.require_price(token, at, "it is handed over")?;
        if study.is_traded(token, strategy.chain(study)) {
            return Ok(());
        }
        return Err(Problem::new(at.clone(), format!("no pool trades {token} for anything"))
            .with_found(format!("\"{token}\""))
            .with_expected("a token of one of the study's pools")
            .with_example(format!("enter_with = \"{}\"", study.numeraire)));
    }
    require_token_of_pool(token, "enter_with", at, strategy, study)
}

/// A token of the strategy's own pool.
fn require_token_of_pool(token: &Symbol, key: &str, at: &KeyPath, strategy: &StrategySpec, study: &StudySpec) -> Checked<()> {
    study.require_token(token, at)?;
    if strategy.pool().is_none() {
        study.require_price(token, at, "everything is sold for it")?;
        if study.is_traded(token, strategy.chain(study)) {
            return Ok(());
        }
        return Err(Problem::new(at.clone(), format!("no pool trades {token} for anything"))
            .with_found(format!("\"{token}\""))
            .with_expected("a token of one of the study's pools")
            .with_example(format!("{key} = \"{}\"", study.numeraire)));
    }
    let pool = strategy.pool().and_then(|name| study.pools.iter().find(|pool| pool.name == name));
    let Some(pool) = pool.filter(|pool| !pool.tokens.contains(token)) else { return Ok(()) };
    Err(Problem::new(at.clone(), format!("pool `{}` does not trade {token}", pool.name))
        .with_found(format!("\"{token}\""))
        .with_expected(crate::reader::listed(pool.tokens.iter().map(Symbol::as_str)))
        .with_example(format!("{key} = \"{}\"", pool.tokens[0])))
}

impl DcaSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[DCA_KEYS])?;
        Ok(Self {
            way_in: fields.optional("in")?,
            way_out: fields.optional("out")?,
            from: fields.optional("from")?,
            parts: fields.required("parts")?,
        })
    }

    fn check(&self, path: &KeyPath, strategy: &StrategySpec) -> Checked<()> {
        let problem = |at: KeyPath, what: &str, found: Option<SimDuration>, expected: &str| {
            let found = found.map_or_else(|| "nothing".to_owned(), |time| format!("\"{time}\""));
            let example = "dca = { in = \"30d\", out = \"30d\", from = \"60d\", parts = 10 }";
            Err(Problem::new(at, what).with_found(found).with_expected(expected).with_example(example))
        };
        if self.way_in.is_none() && self.way_out.is_none() {
            return problem(path.clone(), "neither in nor out", None, "`in`, `out` or both");
        }
        if self.parts < 2 {
            return Err(Problem::new(path.key("parts"), "little by little takes parts")
                .with_found(self.parts.to_string())
                .with_expected("a whole number from 2 on")
                .with_example("parts = 10"));
        }
        for (key, time) in [("in", self.way_in), ("out", self.way_out)] {
            if time.is_some_and(SimDuration::is_zero) {
                return problem(path.key(key), "little by little takes time", time, "a duration above zero");
            }
        }
        match (self.way_out, self.from) {
            (None, Some(from)) => problem(path.key("from"), "when it leaves, but not how", Some(from), "`out` beside it"),
            (Some(_), None) => problem(path.key("from"), "how it leaves, but not when", None, "`from`, counted from the entry"),
            (Some(_), Some(from)) if self.way_in.is_some_and(|way_in| from < way_in) => {
                problem(path.key("from"), "out before all of it is in", Some(from), "a time not before the end of `in`")
            }
            (Some(_), _) if !strategy.can_leave() => {
                let what = "only a position in a pool, a farm, a vault or a market can leave it";
                problem(path.key("out"), what, self.way_out, "a strategy with a `pool`, `farm`, `vault` or `market`")
            }
            _ => Ok(()),
        }
    }
}

impl CompoundSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        const EXPECTED: &str = "\"optimal\" or { every = \"1d\" }";
        if !item.is_table() {
            let word: String = item.read().map_err(|_| item.unexpected(EXPECTED))?;
            return if word == "optimal" { Ok(Self::Optimal) } else { Err(item.unexpected(EXPECTED)) };
        }
        Ok(Self::Every(item.table()?.fields(&[COMPOUND_KEYS])?.required("every")?))
    }

    fn check(self, at: &KeyPath, position: &PositionSpec, study: &StudySpec) -> Checked<()> {
        let strategy = &position.strategy;
        let pool = match strategy {
            StrategySpec::Passive(_) | StrategySpec::Range(_) | StrategySpec::Recentre(_) => {
                strategy.pool().and_then(|name| study.pools.iter().find(|pool| pool.name == name))
            }
            _ => None,
        };
        if !pool.is_some_and(|pool| pool.family.is_ranged()) {
            return Err(Problem::of_key(at.clone(), "fees that are put to work already, or none")
                .with_expected("strategy passive, range or recentre in a pool of kind uniswap-v3, pancakeswap-v3 or uniswap-v4")
                .with_example("strategy = \"range\""));
        }
        match self {
            Self::Every(interval) if interval.is_zero() => Err(Problem::new(at.key("every"), "a timer that never stops ringing")
                .with_found("\"0s\"")
                .with_expected("a duration above zero")
                .with_example("compound = { every = \"1d\" }")),
            Self::Optimal if Self::gas(position) == 0 || study.chains.iter().all(|chain| chain.gas_price.is_free()) => {
                Err(Problem::new(at.clone(), "where gas is free there is nothing to weigh fees against")
                    .with_found("\"optimal\"")
                    .with_expected("a `gas_price` of the chain and `gas` of the position, or a timer")
                    .with_example("compound = { every = \"1d\" }"))
            }
            _ => Ok(()),
        }
    }

    /// Gas units of one time.
    pub(crate) fn gas(position: &PositionSpec) -> u64 {
        let bins = match &position.strategy {
            StrategySpec::Recentre(recentre) => u64::from(recentre.bins),
            _ => 1,
        };
        bins * (position.gas.collect + position.gas.mint) + position.gas.swap
    }
}

impl HedgeSpec {
    /// All of a token, at every block, free of cost.
    pub fn new(token: Symbol) -> Self {
        Self { token, ratio: None, band: None, every: None, fee: Fee::ZERO, funding: None, interest: None }
    }

    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[HEDGE_KEYS])?;
        Ok(Self {
            token: fields.required("token")?,
            ratio: fields.optional("ratio")?,
            band: fields.optional("band")?,
            every: fields.optional("every")?,
            fee: fields.or("fee", Fee::ZERO)?,
            funding: fields.optional("funding")?,
            interest: fields.optional("interest")?,
        })
    }

    fn check(&self, path: &KeyPath, strategy: &StrategySpec, study: &StudySpec) -> Checked<()> {
        if let StrategySpec::Custom(_) = strategy {
            return Err(Problem::of_key(path.clone(), "a strategy of the program's own does its own hedging")
                .with_expected("Hedged::new around it")
                .with_example("StrategySpec::custom(Hedged::new(strategy, token))"));
        }
        let at = path.key("token");
        study.require_price(&self.token, &at, "it is hedged")?;
        if self.token == study.numeraire {
            let other = study.tokens.iter().find(|token| token.price.is_some());
            return Err(Problem::new(at, format!("{} is what everything is counted in: its price does not move", self.token))
                .with_found(format!("\"{}\"", self.token))
                .with_expected("a token with a price")
                .with_example(format!("token = \"{}\"", other.map_or("ETH", |token| token.symbol.as_str()))));
        }
        if let Some(ratio) = self.ratio {
            positive(ratio, path.key("ratio"), "a hedge of nothing", "ratio = \"100%\"")?;
        }
        if let Some(band) = self.band {
            positive(band, path.key("band"), "a hedge that is always off", "band = \"5%\"")?;
        }
        if self.every.is_some_and(SimDuration::is_zero) {
            return Err(Problem::new(path.key("every"), "a timer that never stops ringing")
                .with_found("\"0s\"")
                .with_expected("a duration above zero; without `every` and `band` it is rebalanced at every block")
                .with_example("every = \"1d\""));
        }
        if self.funding.is_some() && self.interest.is_some() {
            return Err(Problem::of_key(path.key("interest"), "`funding` and `interest` exclude each other")
                .with_expected("`funding` of a perpetual future, or `interest` of borrowed tokens")
                .with_example("funding = \"10%\""));
        }
        Ok(())
    }
}
