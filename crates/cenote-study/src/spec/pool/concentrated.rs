//! Concentrated liquidity: Uniswap v3 and v4, `PancakeSwap` v3.

use cenote_amm::{PriceRange, RangeRule};
use cenote_units::{Fee, Fraction, TokenAmount};
use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::{DynamicFeeSpec, PoolFamily};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::{PoolSpec, StudySpec};

/// Parameters of a pool whose liquidity lies in ranges of prices.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ConcentratedSpec {
    /// The part of a trade's input that is fee.
    pub fee: Fee,
    /// Ranges begin and end at multiples of it.
    pub tick_spacing: u32,
    /// What others provide at the start, and where. `tvl = "..."` in a file is one full range.
    pub liquidity: Vec<LiquiditySpec>,
    /// Whether the protocol takes the part of the fees that its contract begins with: about a third in `PancakeSwap`'s, nothing in
    /// Uniswap's.
    pub protocol_fee: bool,
    /// What the fee is instead of one and the same; Uniswap v4 only, where it is the pool's hook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynamic_fee: Option<DynamicFeeSpec>,
}

/// `{ range = ["-20%", "+25%"], value = "30_000_000 USDC" }`: liquidity of others.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LiquiditySpec {
    /// Where.
    pub range: RangeSpec,
    /// What it is worth at the start.
    pub value: TokenAmount,
}

/// A range of prices: `"full"`, `["-20%", "+25%"]` around the outside price, or `["1_800 USDC", "2_200 USDC"]`.
#[derive(Debug, Clone, PartialEq)]
pub enum RangeSpec {
    /// Every price.
    Full,
    /// From and to, as fractions of the outside price.
    Relative(Fraction, Fraction),
    /// From and to, as prices of the pool's first token in its second.
    Prices(TokenAmount, TokenAmount),
}

const EXPECTED: &str = "\"full\", or where it begins and ends around the price, or two prices";

pub(super) const KEYS: &[Key] = &[
    Key::new("fee", "\"30bp\""),
    Key::new("tick_spacing", "60"),
    Key::new("liquidity", "[{ range = \"full\", value = \"20_000_000 USDC\" }]"),
    Key::new("tvl", "\"20_000_000 USDC\""),
    Key::new("protocol_fee", "false"),
];
pub(super) const V4_KEYS: &[Key] = &[
    KEYS[0],
    KEYS[1],
    KEYS[2],
    KEYS[3],
    KEYS[4],
    Key::new("dynamic_fee", "{ kind = \"volatility\", slope = \"20bp\", window = \"1d\", initial = \"80%\" }"),
];
const LIQUIDITY_KEYS: &[Key] = &[Key::new("range", "[\"-20%\", \"+25%\"]"), Key::new("value", "\"20_000_000 USDC\"")];

impl ConcentratedSpec {
    /// A pool with this fee and tick spacing, and liquidity of others.
    pub fn new(fee: Fee, tick_spacing: u32, liquidity: Vec<LiquiditySpec>) -> Self {
        Self { fee, tick_spacing, liquidity, protocol_fee: false, dynamic_fee: None }
    }

    /// With a fee that moves: Uniswap v4 only.
    pub fn dynamic_fee(mut self, rule: DynamicFeeSpec) -> Self {
        self.dynamic_fee = Some(rule);
        self
    }

    /// Whether the protocol takes its part of the fees.
    pub fn protocol_fee(mut self, on: bool) -> Self {
        self.protocol_fee = on;
        self
    }

    pub(super) fn read(fields: &Fields<'_>, protocol_fee: bool) -> Checked<Self> {
        let fee: Fee = fields.required("fee")?;
        let tick_spacing = match fields.optional("tick_spacing")? {
            Some(spacing) => spacing,
            None => usual_spacing(fee).ok_or_else(|| {
                Problem::new(
                    fields.path().key("tick_spacing"),
                    format!("missing key `tick_spacing`: a fee of {fee} has no usual one"),
                )
                .with_expected("`tick_spacing` in this table")
                .with_example("tick_spacing = 60")
            })?,
        };
        let full = |item: &Item<'_>| Ok(vec![LiquiditySpec { range: RangeSpec::Full, value: item.read()? }]);
        let liquidity = fields.one_of(("liquidity", &LiquiditySpec::read_all), ("tvl", &full))?;
        Ok(Self { fee, tick_spacing, liquidity, protocol_fee: fields.or("protocol_fee", protocol_fee)?, dynamic_fee: None })
    }

    /// The same with the keys that only v4 has.
    pub(super) fn read_v4(fields: &Fields<'_>) -> Checked<Self> {
        let dynamic_fee = fields.optional_with("dynamic_fee", &DynamicFeeSpec::read)?;
        Ok(Self { dynamic_fee, ..Self::read(fields, false)? })
    }

    pub(super) fn check(&self, path: &KeyPath, pool: &PoolSpec, study: &StudySpec) -> Checked<()> {
        if !(1..16_384).contains(&self.tick_spacing) {
            return Err(Problem::new(path.key("tick_spacing"), format!("no contract has a tick spacing of {}", self.tick_spacing))
                .with_found(self.tick_spacing.to_string())
                .with_expected("a whole number from 1 to 16383")
                .with_example("tick_spacing = 60"));
        }
        if self.fee.pips().is_none_or(|pips| pips >= 1_000_000) {
            return Err(Problem::new(path.key("fee"), format!("a fee of {} is none that this contract can have", self.fee))
                .with_found(format!("\"{}\"", self.fee))
                .with_expected("a multiple of a millionth, below 100%")
                .with_example("fee = \"30bp\""));
        }
        if let Some(rule) = &self.dynamic_fee {
            let at = path.key("dynamic_fee");
            if !matches!(pool.family, PoolFamily::UniswapV4(_)) {
                return Err(Problem::of_key(at, "a fee that moves is a hook's, and only Uniswap v4 has hooks")
                    .with_expected("a pool of kind \"uniswap-v4\"")
                    .with_example("kind = \"uniswap-v4\""));
            }
            rule.model(self.fee, &at)?;
        }
        let at = path.key("liquidity");
        if self.liquidity.is_empty() {
            return Err(Problem::new(at, "a pool without liquidity")
                .with_found("[]")
                .with_expected("at least one range")
                .with_example("liquidity = [{ range = \"full\", value = \"20_000_000 USDC\" }]"));
        }
        for (i, liquidity) in self.liquidity.iter().enumerate() {
            let at = at.index(i);
            study.require_value(&liquidity.value, &at.key("value"), "liquidity", "value = \"20_000_000 USDC\"")?;
            liquidity.range.check(&at.key("range"), pool)?;
        }
        Ok(())
    }
}

/// Tick spacings that factories pair with fees.
fn usual_spacing(fee: Fee) -> Option<u32> {
    match fee.pips()? {
        100 => Some(1),
        500 => Some(10),
        2_500 => Some(50),
        3_000 => Some(60),
        10_000 => Some(200),
        _ => None,
    }
}

impl LiquiditySpec {
    /// Liquidity worth so much in a range.
    pub fn new(range: RangeSpec, value: TokenAmount) -> Self {
        Self { range, value }
    }

    fn read_all(item: &Item<'_>) -> Checked<Vec<Self>> {
        item.elements()?.iter().map(Self::read).collect()
    }

    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[LIQUIDITY_KEYS])?;
        Ok(Self { range: fields.with("range", &RangeSpec::read)?, value: fields.required("value")? })
    }
}

impl RangeSpec {
    /// The rule that it is.
    pub fn rule(&self) -> RangeRule {
        match self {
            Self::Full => RangeRule::Full,
            Self::Relative(lower, upper) => RangeRule::Relative { lower: lower.get(), upper: upper.get() },
            Self::Prices(lower, upper) => RangeRule::Fixed(PriceRange::new(lower.to_f64(), upper.to_f64())),
        }
    }

    pub(crate) fn read(item: &Item<'_>) -> Checked<Self> {
        let Ok(elements) = item.elements() else {
            let word: String = item.read().map_err(|_| item.unexpected(EXPECTED))?;
            return if word == "full" { Ok(Self::Full) } else { Err(item.unexpected(EXPECTED)) };
        };
        let [lower, upper] = &*elements else { return Err(item.unexpected(EXPECTED)) };
        // A percentage or a price: what the first is, the second has to be.
        match lower.read::<Fraction>() {
            Ok(from) => Ok(Self::Relative(from, upper.read()?)),
            Err(problem) => match lower.read::<TokenAmount>() {
                Ok(from) => Ok(Self::Prices(from, upper.read()?)),
                Err(_) => Err(problem),
            },
        }
    }

    pub(crate) fn check(&self, path: &KeyPath, pool: &PoolSpec) -> Checked<()> {
        let wrong = |what: &str| {
            Err(Problem::new(path.clone(), what)
                .with_found(self.to_string())
                .with_expected(EXPECTED)
                .with_example("range = [\"-20%\", \"+25%\"]"))
        };
        match self {
            Self::Relative(lower, upper) if lower >= upper => wrong("a range that ends where it begins, or below"),
            Self::Relative(lower, _) if lower.get() < -1.0 => wrong("a range that begins below a price of zero"),
            Self::Full | Self::Relative(..) => Ok(()),
            Self::Prices(lower, upper) => {
                let quote = pool.tokens.get(1);
                if quote != Some(lower.symbol()) || quote != Some(upper.symbol()) {
                    return wrong("prices of a pool are of its first token in its second");
                }
                if lower.to_f64() >= upper.to_f64() { wrong("a range that ends where it begins, or below") } else { Ok(()) }
            }
        }
    }
}

impl std::fmt::Display for RangeSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full => f.write_str("\"full\""),
            Self::Relative(lower, upper) => write!(f, "[\"{lower}\", \"{upper}\"]"),
            Self::Prices(lower, upper) => write!(f, "[\"{lower}\", \"{upper}\"]"),
        }
    }
}

/// As it is written.
impl Serialize for RangeSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn both<S: Serializer, T: Serialize>(serializer: S, lower: &T, upper: &T) -> Result<S::Ok, S::Error> {
            let mut seq = serializer.serialize_seq(Some(2))?;
            seq.serialize_element(lower)?;
            seq.serialize_element(upper)?;
            seq.end()
        }
        match self {
            Self::Full => serializer.serialize_str("full"),
            Self::Relative(lower, upper) => both(serializer, lower, upper),
            Self::Prices(lower, upper) => both(serializer, lower, upper),
        }
    }
}
