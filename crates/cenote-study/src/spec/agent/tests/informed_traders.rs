//! Informed traders.

use super::*;

fn informed(text: &str) -> InformedTradersSpec {
    let AgentKind::InformedTraders(traders) =
        agent(&format!("kind = \"informed-traders\"\npools = [\"main\", \"cake\"]\n{text}")).kind
    else {
        panic!("{text}")
    };
    traders
}

#[test]
fn both_ways_of_trading_are_read() {
    let pair = Some(["ETH", "USDC"].map(|token| token.parse().unwrap()));
    let arrivals: cenote_units::Frequency = "20 per day".parse().unwrap();
    let size = || SizeSpec::Constant("10_000 USDC".parse().unwrap());
    let of = |text: &str, expected: InformedTradersSpec| {
        assert_eq!(informed(text), InformedTradersSpec { pair: pair.clone(), ..expected }, "{text}");
    };
    let fraction = |text: &str| text.parse().unwrap();
    of(
        "arrivals = \"20 per day\"\nsize = \"10_000 USDC\"\naccuracy = \"80%\"",
        InformedTradersSpec::flow(arrivals, size(), fraction("80%")),
    );
    of("arrivals = \"20 per day\"\nsize = \"10_000 USDC\"", InformedTradersSpec::flow(arrivals, size(), fraction("100%")));
    of("to_edge = \"50%\"\nshare = \"20%\"", InformedTradersSpec::edge(fraction("50%"), fraction("20%")));
    of("to_edge = \"100%\"", InformedTradersSpec::edge(fraction("100%"), fraction("100%")));
}

#[test]
fn informed_traders_that_cannot_be_say_where_and_what() {
    let refuse = |text: &str, place: (usize, usize), says: &[&str]| {
        refused(&format!("kind = \"informed-traders\"\npools = [\"main\"]\n{text}"), place, says);
    };
    let flow = "arrivals = \"20 per day\"\nsize = \"10_000 USDC\"";
    refuse("", (0, 1), &["missing key `arrivals`"]);
    refuse("arrivals = \"20 per day\"", (0, 1), &["missing key `size`"]);
    refuse(&format!("{flow}\naccuracy = \"120%\""), (5, 12), &["from 0% to 100%"]);
    refuse(&format!("{flow}\nto_edge = \"50%\""), (3, 1), &["`arrivals` says nothing beside `to_edge`"]);
    refuse(&format!("{flow}\nshare = \"50%\""), (5, 1), &["`share` says nothing beside `arrivals`"]);
    refuse("to_edge = \"0%\"", (3, 11), &["above 0%, at most 100%"]);
    refuse("to_edge = \"50%\"\nshare = \"101%\"", (4, 9), &["from 0% to 100%"]);
    refused(
        "kind = \"informed-traders\"\npools = [\"cross\", \"bitcoin\"]\npair = [\"ETH\", \"USDC\"]\nto_edge = \"50%\"",
        (4, 11),
        &["has no edge of its own"],
    );
}
