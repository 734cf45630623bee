use cenote_units::SimTime;

/// Why a path could not be simulated. It says which path and when: enough to replay that path alone.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("path {path} at {time}: {source}")]
pub struct SimError {
    /// The path's index.
    pub path: u32,
    /// Simulated time.
    pub time: SimTime,
    /// What went wrong.
    pub source: SimErrorKind,
}

/// What can go wrong on a path.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimErrorKind {
    /// A token was created or lost.
    #[error("the ledger has {booked} {token} in {account}, which holds {found}: a token was created or lost")]
    Ledger {
        /// Whose books.
        account: String,
        /// The token's symbol.
        token: String,
        /// Sum of all booked flows, in whole tokens.
        booked: f64,
        /// What is there, in whole tokens.
        found: f64,
    },
    /// The attribution of a position does not add up to its result.
    #[error("the attribution of position {position:?} misses its result by {residual:e} of the deposit")]
    Attribution {
        /// The position's name.
        position: String,
        /// Fraction of the deposit.
        residual: f64,
    },
    /// Somebody who does not stop acting.
    #[error("{who} acted {count} times in one block: return None when there is nothing more to do")]
    Endless {
        /// Who.
        who: String,
        /// How often.
        count: u32,
    },
    /// Somebody asked for it.
    #[error("interrupted")]
    Interrupted,
    /// A value that is not a finite number.
    #[error("the value of position {position:?} is {value}: a price or an amount left the range of floating point")]
    NotFinite {
        /// The position's name.
        position: String,
        /// The value.
        value: f64,
    },
}

/// Why a scenario cannot be simulated at all.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// A range in a pool whose liquidity has none.
    #[error("{what} wants a range of prices in pool {pool:?}, whose liquidity has none: use a pool with ticks, such as uniswap-v3")]
    NoRanges {
        /// Who.
        what: String,
        /// The pool's name.
        pool: String,
    },
    /// A token, pool or position that is not there.
    #[error("{what} refers to {kind} number {index}, but there are {count}")]
    Unknown {
        /// Who refers.
        what: String,
        /// To what.
        kind: &'static str,
        /// By which number.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A token without a value where one is needed.
    #[error("{what} needs a price of {token}, which has none: give it a price process")]
    Unpriced {
        /// Who needs it.
        what: String,
        /// The token's symbol.
        token: String,
    },
    /// Prices that are in one another, and in the end in nothing.
    #[error("prices that never come to the numeraire: {}", cycle(.tokens))]
    PriceCycle {
        /// Symbols of the tokens, each priced in the next, and the last in the first.
        tokens: Vec<String>,
    },
    /// A correlation of a price that does not diffuse.
    #[error(
        "a correlation is one of diffusions, and the price of {token} has no diffusion: take it out, or give it a process that has one"
    )]
    NoDiffusion {
        /// The token's symbol.
        token: String,
    },
    /// A correlation of normals that do not come one by one.
    #[error("the normals of {} and {} do not belong to the same steps: correlate processes of blocks, or of equal intervals", tokens[0], tokens[1])]
    UnlikeDiffusions {
        /// The tokens' symbols.
        tokens: [String; 2],
    },
    /// Correlations that no matrix has.
    #[error("correlations: {reason}")]
    Correlations {
        /// Why.
        reason: String,
    },
    /// Several chains without a common order of phases that begins with prices.
    #[error("chain {chain:?} has an order of its own: several chains have one order, in which prices move first")]
    Order {
        /// The chain's name.
        chain: String,
    },
    /// A farm that takes LP tokens of a pool which is elsewhere.
    #[error("farm {farm:?} takes LP tokens of pool {pool:?}, which is on another chain: put both on one")]
    OtherChain {
        /// The farm's name.
        farm: String,
        /// The pool's name.
        pool: String,
    },
    /// A farm whose model has other rewards.
    #[error("farm {farm:?} has {count} reward tokens, its emissions are {expected}: as many of each, at most 8")]
    Rewards {
        /// The farm's name.
        farm: String,
        /// Tokens.
        count: usize,
        /// Emissions.
        expected: usize,
    },
    /// A farm or a lending market that cannot be built.
    #[error("{what} cannot be built: {reason}")]
    Venue {
        /// Which.
        what: String,
        /// Why.
        reason: String,
    },
    /// A risk whose kind cannot happen to one of its targets.
    #[error(
        "risk {risk:?} cannot happen to its target: exploits hit pools, farms and lending markets, rug pulls pools, depegs tokens, halts farms, freezes farms and lending markets, oracles lending markets"
    )]
    RiskTarget {
        /// The risk's name.
        risk: String,
    },
    /// A pool that cannot be built.
    #[error("pool {pool:?} cannot be built: {reason}")]
    Pool {
        /// The pool's name.
        pool: String,
        /// Why.
        reason: String,
    },
    /// A number out of its range.
    #[error("{what} is {value}: expected {expected}")]
    Value {
        /// What the number is.
        what: String,
        /// The number.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
}

/// `A is priced in B, B in A`
fn cycle(tokens: &[String]) -> String {
    let next = tokens.iter().cycle().skip(1);
    let links = tokens.iter().zip(next).enumerate();
    let link = |(at, (token, next)): (usize, (&String, &String))| {
        let priced = if at == 0 { " is priced" } else { "" };
        format!("{token}{priced} in {next}")
    };
    links.map(link).collect::<Vec<_>>().join(", ")
}
