//! Whales.

use super::*;

fn whales(text: &str) -> WhalesSpec {
    let AgentKind::Whales(whales) = agent(&format!("kind = \"whales\"\npools = [\"main\"]\narrivals = \"2 per day\"\n{text}")).kind
    else {
        panic!("{text}")
    };
    whales
}

#[test]
fn every_key_has_a_default_and_is_read() {
    let arrivals: cenote_units::Frequency = "2 per day".parse().unwrap();
    let pair = Some(["ETH", "USDC"].map(|token| token.parse().unwrap()));
    let value = WhaleSize::Value(SizeSpec::Constant("500_000 USDC".parse().unwrap()));
    assert_eq!(whales("size = \"500_000 USDC\""), WhalesSpec { pair: pair.clone(), ..WhalesSpec::new(arrivals, value) });
    let told =
        whales("pool_share = \"2%\"\nslices = 12\ndirection = \"momentum\"\nlookback = \"3 blocks\"\nbuy_probability = \"60%\"");
    let expected = WhalesSpec {
        pair,
        slices: 12,
        direction: WhaleDirection::Momentum,
        lookback: LatencySpec::Blocks(3),
        buy_probability: "60%".parse().unwrap(),
        ..WhalesSpec::new(arrivals, WhaleSize::PoolShare("2%".parse().unwrap()))
    };
    assert_eq!(told, expected);
    let reverting = whales("size = { distribution = \"pareto\", minimum = \"100 ETH\", tail = 2 }\ndirection = \"mean-reverting\"");
    assert_eq!(
        (reverting.direction, reverting.lookback),
        (WhaleDirection::MeanReverting, LatencySpec::Time("1d".parse().unwrap()))
    );
}

#[test]
fn whales_that_cannot_be_say_where_and_what() {
    let refuse = |text: &str, place: (usize, usize), says: &[&str]| {
        refused(&format!("kind = \"whales\"\npools = [\"main\"]\narrivals = \"2 per day\"\n{text}"), place, says);
    };
    refuse("", (0, 1), &["missing key `size` or `pool_share`"]);
    refuse("size = \"1 ETH\"\npool_share = \"2%\"", (5, 1), &["exclude each other"]);
    refuse("pool_share = \"0%\"", (4, 14), &["whales of no size"]);
    refuse("size = \"0 ETH\"", (4, 8), &["size of zero"]);
    refuse("pool_share = \"2%\"\nslices = 0", (5, 10), &["from 1 to 10000"]);
    refuse("pool_share = \"2%\"\nslices = 20_000", (5, 10), &["in too many"]);
    refuse("pool_share = \"2%\"\ndirection = \"up\"", (5, 13), &["one of random, momentum, mean-reverting"]);
    refuse("pool_share = \"2%\"\ndirection = \"momentum\"\nlookback = \"0s\"", (6, 12), &["look back to now"]);
    refuse("pool_share = \"2%\"\nbuy_probability = \"-1%\"", (5, 19), &["from 0% to 100%"]);
    refuse("pool_share = \"2%\"\nslice = 3", (5, 1), &["did you mean `slices`?"]);
}
