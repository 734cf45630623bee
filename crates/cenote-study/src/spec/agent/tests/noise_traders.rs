//! What noise traders may be told beside arrivals and sizes.

use super::*;
use crate::spec::{HopSpec, ways};

fn traders(text: &str) -> NoiseTradersSpec {
    let AgentKind::NoiseTraders(traders) = agent(&format!("kind = \"noise-traders\"\n{text}")).kind else { panic!("{text}") };
    traders
}

const FLOW: &str = "arrivals = \"150 per day\"\nsize = \"500 USDC\"";

#[test]
fn every_key_has_a_default_and_is_read() {
    let plain = traders(&format!("pools = [\"main\"]\n{FLOW}"));
    let usual = NoiseTradersSpec::new(
        "150 per day".parse::<cenote_units::Frequency>().unwrap(),
        SizeSpec::Constant("500 USDC".parse().unwrap()),
    );
    let pair = Some(["ETH", "USDC"].map(|token| token.parse().unwrap()));
    assert_eq!(plain, NoiseTradersSpec { pair, ..usual.clone() });
    assert_eq!((usual.buy_probability.get(), usual.direction_persistence.get(), usual.elasticity), (0.5, 0.0, 0.0));
    let told = traders(&format!(
        "pools = [\"main\"]\npair = [\"USDC\", \"ETH\"]\nbuy_probability = \"60%\"\ndirection_persistence = \"30%\"\nelasticity = 80\n{FLOW}"
    ));
    let pair = Some(["USDC", "ETH"].map(|token| token.parse().unwrap()));
    let fraction = |text: &str| text.parse().unwrap();
    let expected = NoiseTradersSpec {
        pair,
        buy_probability: fraction("60%"),
        direction_persistence: fraction("30%"),
        elasticity: 80.0,
        ..usual
    };
    assert_eq!(told, expected);
}

#[test]
fn a_volume_says_how_many_trades_come_or_how_large_they_are() {
    // 200 exp(0.32) each in the mean.
    let by_size = traders(
        "pools = [\"main\"]\nvolume = \"2_000 ETH per day\"\nsize = { distribution = \"lognormal\", median = \"200 USDC\", sigma = 0.8 }",
    );
    let rate = by_size.arrivals.as_ref().unwrap().rate().per_day();
    assert!((rate - 4e6 / (200.0 * 0.32_f64.exp())).abs() < 1e-6, "{rate}");
    let of = |traders: &NoiseTradersSpec| match &traders.size {
        Some(SizeSpec::Lognormal { median, sigma }) => (median.to_f64(), *sigma),
        size => panic!("{size:?}"),
    };
    let by_arrivals = traders("pools = [\"main\"]\nvolume = \"3_000_000 USDC per day\"\narrivals = \"150 per day\"");
    let (median, sigma) = of(&by_arrivals);
    assert!(sigma == 1.2 && (median - 20_000.0 / 0.72_f64.exp()).abs() < 1e-6, "{median}");
    let alone = traders("pools = [\"main\"]\nvolume = \"5_000_000 USDC per day\"");
    assert_eq!(alone.arrivals, Some(ArrivalsSpec::Poisson("1_000 per day".parse().unwrap())));
    assert!((of(&alone).0 - 5_000.0 / 0.72_f64.exp()).abs() < 1e-6);
    // Clusters keep their shape.
    let clusters = "{ process = \"hawkes\", rate = \"150 per day\", branching = \"60%\", half_life = \"10min\" }";
    let clustered = traders(&format!("pools = [\"main\"]\nvolume = \"3_000_000 USDC per day\"\narrivals = {clusters}"));
    assert!(matches!(clustered.arrivals, Some(ArrivalsSpec::Hawkes(_))) && of(&clustered) == (median, sigma));
    // All three, as a resolved study has them.
    traders(&format!("pools = [\"main\"]\nvolume = \"75_000 USDC per day\"\n{FLOW}"));
}

fn hops(way: &[HopSpec]) -> String {
    let told: Vec<String> = way.iter().map(|hop| format!("{}>{}>{}", hop.token_in, hop.pool, hop.token_out)).collect();
    told.join(" ")
}

#[test]
fn pools_make_ways_between_the_tokens_of_the_pair() {
    for (pools, pair, expected) in [
        ("\"main\"", "", &["ETH>main>USDC"][..]),
        ("\"cake\"", "", &["USDC>cake>ETH"]),
        ("\"main\", \"cake\"", "", &["ETH>main>USDC", "ETH>cake>USDC"]),
        ("\"bitcoin\", \"cross\", \"main\"", "pair = [\"ETH\", \"USDC\"]", &["ETH>cross>BTC BTC>bitcoin>USDC", "ETH>main>USDC"]),
        ("\"bitcoin\", \"cross\"", "pair = [\"USDC\", \"ETH\"]", &["USDC>bitcoin>BTC BTC>cross>ETH"]),
        ("\"stable\", \"main\"", "pair = [\"DAI\", \"ETH\"]", &["DAI>stable>USDC USDC>main>ETH"]),
    ] {
        let agent = agent(&format!("kind = \"noise-traders\"\npools = [{pools}]\n{pair}\n{FLOW}"));
        let AgentKind::NoiseTraders(traders) = &agent.kind else { panic!() };
        let spec = study(&format!("kind = \"arbitrageur\"\npools = [{pools}]")).unwrap();
        let ways = ways(&agent.pools, traders.pair.as_ref(), spec.spec(), &KeyPath::root()).unwrap();
        assert_eq!(ways.iter().map(|way| hops(way)).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn what_cannot_be_says_where_and_what() {
    let refuse =
        |text: &str, place: (usize, usize), says: &[&str]| refused(&format!("kind = \"noise-traders\"\n{text}"), place, says);
    let with = |text: &str| format!("pools = [\"main\"]\n{text}\n{FLOW}");
    refuse(&with("pair = [\"ETH\"]"), (3, 8), &["expected two tokens"]);
    refuse(&with("pair = [\"ETH\", \"ETH\"]"), (3, 8), &["ETH is traded for itself"]);
    refuse(&with("pair = [\"ETH\", \"USD\"]"), (3, 16), &["there is no token `USD`", "did you mean `USDC`?"]);
    refuse(&with("buy_probability = \"110%\""), (3, 19), &["a probability that cannot be", "from 0% to 100%"]);
    refuse(&with("direction_persistence = \"100%\""), (3, 25), &["less than 100%"]);
    refuse(&with("elasticity = -1"), (3, 14), &["an elasticity that cannot be"]);
    refuse(&with("volume = \"1_000 USDC per day\""), (3, 1), &["takes 2 trades a day of that size, not 150", "the third follows"]);
    refuse("pools = [\"main\"]\nvolume = \"0 USDC per day\"", (3, 10), &["volume of zero"]);
    refuse("pools = [\"main\"]\nvolume = \"5_000 USDC\"", (3, 10), &["is not a unit of this quantity"]);
    refuse("pools = [\"main\"]\nvolume = \"5 XYZ per day\"", (3, 10), &["there is no token `XYZ`"]);
    refuse("pools = [\"main\"]\nsize = \"500 USDC\"", (0, 1), &["missing key `arrivals`"]);
    // Ways that are none.
    let route = |pools: &str, pair: &str| format!("pools = [{pools}]\n{FLOW}\n{pair}");
    refuse(
        &route("\"main\", \"cross\"", ""),
        (2, 18),
        &["no way from ETH to USDC goes through `cross`", "`pair` says which to trade"],
    );
    refuse(
        &route("\"main\", \"stable\"", "pair = [\"ETH\", \"USDC\"]"),
        (2, 18),
        &["no way from ETH to USDC goes through `stable`"],
    );
    refuse(&route("\"main\"", "pair = [\"ETH\", \"BTC\"]"), (2, 10), &["no way from ETH to BTC goes through `main`"]);
    refuse(
        &route("\"main\", \"cake\", \"bitcoin\"", "pair = [\"ETH\", \"BTC\"]"),
        (2, 26),
        &["2 ways from ETH to BTC go through `bitcoin`", "every pool on one way"],
    );
}
