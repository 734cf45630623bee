//! In files every quantity is its spelling, and a bare number is told the right one.

use std::fmt::Debug;

use cenote_units::{
    Fee, Fraction, Frequency, GasPrice, Price, Rate, SimDuration, SimTime, Symbol, TimeUnit, TokenAmount, TokenRate, Volatility,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn is_its_string<T: Serialize + DeserializeOwned + Debug + PartialEq>(text: &str) {
    let json = format!("{text:?}");
    let value: T = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    let owned: T = serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap();
    assert_eq!(owned, value);
}

#[test]
fn quantities_are_strings() {
    is_its_string::<SimTime>("30d");
    is_its_string::<SimDuration>("12s");
    is_its_string::<TimeUnit>("hour");
    is_its_string::<Rate>("5% per year");
    is_its_string::<Frequency>("150 per day");
    is_its_string::<Volatility>("5% per sqrt day");
    is_its_string::<Fraction>("-20%");
    is_its_string::<Fee>("30bp");
    is_its_string::<GasPrice>("20 gwei");
    is_its_string::<Symbol>("USDC");
    is_its_string::<TokenAmount>("10000 USDC");
    is_its_string::<TokenRate>("4000 CAKE per day");
    is_its_string::<Price>("2000 USDC per ETH");
}

#[test]
fn bare_numbers_are_told_the_spelling() {
    for number in ["30", "-30", "0.003"] {
        let error = serde_json::from_str::<Fee>(number).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{number:?} has no unit: ")), "{error}");
        assert!(error.contains(r#"expected a fee with its unit, for example "30bp" or "0.3%""#), "{error}");
    }
    let error = serde_json::from_str::<Symbol>("1").unwrap_err().to_string();
    assert!(error.contains("expected a token symbol"), "{error}");
}

#[test]
fn other_types_are_told_what_was_expected() {
    let error = serde_json::from_str::<TokenAmount>("[1]").unwrap_err().to_string();
    assert!(error.contains(r#"expected an amount with its token, for example "10_000 USDC""#), "{error}");
}

#[test]
fn wrong_text_keeps_its_own_error() {
    let error = serde_json::from_str::<Volatility>(r#""80% per day""#).unwrap_err().to_string();
    assert!(error.contains(r#""per day" in "80% per day" is not a unit of this quantity"#), "{error}");
}
