use proptest::prelude::*;

use super::*;
use crate::test_support::{decimal, symbol};

fn price(text: &str) -> Price {
    text.parse().unwrap()
}

fn eth() -> Symbol {
    Symbol::new("ETH").unwrap()
}

#[test]
fn reads_the_quote_before_the_base() {
    let price = price("2_000.5 USDC per ETH");
    assert_eq!((price.base().as_str(), price.quote().as_str(), price.to_f64()), ("ETH", "USDC", 2000.5));
    assert_eq!(price.to_string(), "2000.5 USDC per ETH");
}

#[test]
fn a_price_for_a_known_base_may_leave_it_out() {
    assert_eq!(Price::parse_for(&eth(), "2000 USDC"), Ok(price("2000 USDC per ETH")));
    assert_eq!(Price::parse_for(&eth(), "2000 USDC per ETH"), Ok(price("2000 USDC per ETH")));
    assert_eq!(
        Price::parse_for(&eth(), "2000 USDC per BTC"),
        Err(UnitError::WrongToken { expected: eth(), found: Symbol::new("BTC").unwrap() })
    );
    assert!(matches!(Price::parse_for(&eth(), "2000 ETH"), Err(UnitError::SameToken { .. })));
    assert!(matches!(Price::parse_for(&eth(), "0 USDC"), Err(UnitError::OutOfRange { .. })));
    assert!(matches!(Price::parse_for(&eth(), "2000 USDC a piece"), Err(UnitError::UnknownUnit { .. })));
    let error = Price::parse_for(&eth(), "2000").unwrap_err();
    assert_eq!(error.to_string(), r#""2000" has no unit: expected a price in another token, for example "2000 USDC""#);
}

#[test]
fn wrong_spellings_say_the_right_one() {
    for text in ["2000 USDC", "2000 USDC/ETH", "2000 USDC per", "2000 per ETH", "2000USDC per ETH"] {
        let error = text.parse::<Price>().unwrap_err();
        assert!(matches!(error, UnitError::UnknownUnit { .. }), "{text}");
        assert_eq!(error.example(), Some(r#""2000 USDC per ETH""#));
    }
    assert!(matches!("2000".parse::<Price>(), Err(UnitError::MissingUnit { .. })));
    assert!(matches!("0 USDC per ETH".parse::<Price>(), Err(UnitError::OutOfRange { limit: "above 0", .. })));
    assert!(matches!("-1 USDC per ETH".parse::<Price>(), Err(UnitError::OutOfRange { .. })));
    assert!(matches!("1e40 USDC per ETH".parse::<Price>(), Err(UnitError::Overflow { .. })));
    assert!(matches!("1e-40 USDC per ETH".parse::<Price>(), Err(UnitError::Inexact { .. })));
    assert!(matches!("NaN USDC per ETH".parse::<Price>(), Err(UnitError::NotANumber { .. })));
    assert!(matches!("1 A,B per ETH".parse::<Price>(), Err(UnitError::InvalidSymbol { .. })));
    assert_eq!(
        "1 ETH per ETH".parse::<Price>().unwrap_err().to_string(),
        r#""1 ETH per ETH" is the price of ETH in itself: expected a price with both its tokens, for example "2000 USDC per ETH""#
    );
}

#[test]
fn an_inverse_is_exact_or_rounded_on_purpose() {
    assert_eq!(price("2000 USDC per ETH").invert(), Ok(price("0.0005 ETH per USDC")));
    assert!(matches!(price("3 USDC per ETH").invert(), Err(UnitError::Inexact { .. })));
    assert_eq!(price("3 USDC per ETH").invert_rounded(), Ok(price("0.3333333333333333333333333333 ETH per USDC")));
    assert!(matches!(price("79228162514264337593543950335 A per B").invert_rounded(), Err(UnitError::OutOfRange { .. })));
}

#[test]
fn converts_the_base_into_the_quote_and_nothing_else() {
    let price = price("2000.5 USDC per ETH");
    assert_eq!(price.convert(&"2 ETH".parse().unwrap()), Ok("4001 USDC".parse().unwrap()));
    assert_eq!(
        price.convert(&"2 USDC".parse().unwrap()),
        Err(UnitError::WrongToken { expected: eth(), found: Symbol::new("USDC").unwrap() })
    );
    assert!(matches!(price.convert_rounded(&"2 USDC".parse().unwrap()), Err(UnitError::WrongToken { .. })));
}

#[test]
fn a_product_that_would_be_rounded_is_an_error_unless_asked_for() {
    let third = price("0.3333333333333333333333333333 USDC per ETH");
    let amount: TokenAmount = "0.5 ETH".parse().unwrap();
    assert!(matches!(third.convert(&amount), Err(UnitError::Inexact { .. })));
    assert!(third.convert_rounded(&amount).unwrap().to_string().starts_with("0.16666666666666666666666666"));
    let large: TokenAmount = "1e28 ETH".parse().unwrap();
    assert!(matches!(price("10 USDC per ETH").convert(&large), Err(UnitError::Overflow { .. })));
    assert!(matches!(price("10 USDC per ETH").convert_rounded(&large), Err(UnitError::Overflow { .. })));
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(value in decimal(), base in symbol(), quote in symbol()) {
        if let Ok(price) = Price::new(value, base.clone(), quote) {
            prop_assert_eq!(price.to_string().parse(), Ok(price.clone()));
            prop_assert_eq!(Price::parse_for(&base, &price.to_string()), Ok(price));
        }
    }

    #[test]
    fn an_exact_inverse_converts_back(value in decimal(), amount in decimal()) {
        let usdc = Symbol::new("USDC").unwrap();
        let Ok(price) = Price::new(value, eth(), usdc) else { return Ok(()) };
        let amount = TokenAmount::new(amount, eth()).unwrap();
        if let (Ok(inverse), Ok(worth)) = (price.invert(), price.convert(&amount)) {
            prop_assert_eq!(inverse.convert(&worth), Ok(amount));
            prop_assert_eq!(inverse.invert(), Ok(price));
        }
    }

    #[test]
    fn rounding_agrees_with_exact_where_both_exist(value in decimal(), amount in decimal()) {
        let Ok(price) = Price::new(value, eth(), Symbol::new("USDC").unwrap()) else { return Ok(()) };
        let amount = TokenAmount::new(amount, eth()).unwrap();
        if let Ok(exact) = price.convert(&amount) {
            prop_assert_eq!(price.convert_rounded(&amount), Ok(exact));
        }
    }
}
