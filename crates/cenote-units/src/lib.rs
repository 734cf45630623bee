//! Quantities that know their unit: time, rates, volatility, fees, tokens, amounts and prices; and the mathematics every lane shares.
//!
//! ```
//! use cenote_units::{Fee, Price, SimDuration, Token, TokenAmount, UnitError, Volatility};
//!
//! fn main() -> Result<(), UnitError> {
//!     let usdc = Token::new("USDC", 6)?;
//!     let deposit: TokenAmount = "10_000 USDC".parse()?;
//!     println!("{deposit} is {} to the contract", deposit.to_raw(usdc.decimals())?);
//!
//!     let price: Price = "2000 USDC per ETH".parse()?;
//!     println!("3 ETH are worth {}", price.convert(&"3 ETH".parse()?)?);
//!
//!     let volatility: Volatility = "5% per sqrt day".parse()?;
//!     println!("the price moves {} per 12 s block", volatility.over("12s".parse()?));
//!
//!     let blocks = "365d".parse::<SimDuration>()?.checked_div("12s".parse()?);
//!     println!("a year has {blocks:?} blocks");
//!     println!("{}", "30".parse::<Fee>().unwrap_err()); // ... expected a fee with its unit, for example "30bp" or "0.3%"
//!     Ok(())
//! }
//! ```
//!
//! # Vocabulary
//!
//! | type | meaning | spelled | held as |
//! |---|---|---|---|
//! | [`SimTime`], [`SimDuration`] | since the start; a length of time | `"12s"` `"1.5h"` `"365d"` | whole nanoseconds |
//! | [`Rate`] | fraction per time: drift, yield, hazard | `"5%"` `"0.1% per day"` | `f64` per year |
//! | [`Frequency`] | events per time | `"150 per day"` | `f64` per year |
//! | [`Volatility`] | deviation of log returns | `"80%"` `"5% per sqrt day"` | `f64` per √year |
//! | [`Fraction`] | part of a whole | `"25%"` `"-20%"` `"30bp"` | `f64` |
//! | [`Fee`] | what a pool keeps of a trade | `"30bp"` `"0.3%"` `"3000 pips"` | whole 10^-18 |
//! | [`GasPrice`] | native token per unit of gas | `"20 gwei"` `"3 wei"` | `f64` |
//! | [`Symbol`], [`Token`] | a token's name; with its decimals | `"USDC"` | text |
//! | [`TokenAmount`], [`TokenRate`] | whole tokens; per time | `"10_000 USDC"` `"4_000 CAKE per day"` | exact decimal |
//! | [`Price`] | quote per base | `"2000 USDC per ETH"` | exact decimal |
//!
//! Every quantity is read from its spelling with [`str::parse`], printed with [`Display`](std::fmt::Display), and is that string in files
//! (serde). What is printed reads back to the same value, to the last bit. Numbers may have `_` between digits and an exponent.
//! A bare number where a unit is due is an error that shows the right spelling ([`UnitError`]).
//! A year is 365 days; there are no months.
//!
//! # What it does not do
//!
//! No calendar, time zones or leap seconds. No currency conversion beyond the one price at hand. No silent rounding: an operation on
//! amounts is exact, or an error, or says `rounded` in its name. No arithmetic for engines: contracts compute in integers and Monte Carlo
//! in `f64`; these types stand at the edges.

mod amount;
mod convert;
mod decimal;
mod duration;
mod error;
mod fee;
mod fraction;
mod frequency;
mod gas_price;
mod number;
mod price;
mod rate;
mod shared;
mod shortest;
mod symbol;
#[cfg(test)]
mod test_support;
mod text;
mod time;
mod time_unit;
mod token;
mod token_rate;
mod volatility;

pub use amount::TokenAmount;
pub use duration::SimDuration;
pub use error::{Expected, UnitError};
pub use fee::Fee;
pub use fraction::Fraction;
pub use frequency::Frequency;
pub use gas_price::GasPrice;
pub use price::Price;
pub use rate::Rate;
pub use symbol::Symbol;
pub use time::SimTime;
pub use time_unit::TimeUnit;
pub use token::Token;
pub use token_rate::TokenRate;
pub use volatility::Volatility;

/// The 256-bit integers contracts count in.
pub use ruint::aliases::U256;
/// The exact decimals of amounts and prices.
pub use rust_decimal::Decimal;

mod lane_list;
mod lanes;
pub mod math;

pub use lane_list::{LaneBits, LaneList};
pub use lanes::{Lanes, PACK, mask, select};

mod kernel;
#[doc(hidden)]
pub use multiversion;
