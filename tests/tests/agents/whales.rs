//! Whales: how large, in how many slices, which way.

use cenote_strategy::TokenId;

use crate::scene::{MOVING, STILL, Swap, agent, assert_metric, history, pool, study, swaps};

const ETH: TokenId = TokenId(1);
const HOUR: u64 = 3_600_000_000_000;

fn deep() -> String {
    pool("main", ["ETH", "USDC"], "30bp", "1_000_000_000_000 USDC")
}

fn whales(keys: &str) -> String {
    agent("whales", &format!("pools = [\"main\"]\n{keys}"))
}

/// Value paid in, at 2,000 USDC per ETH.
fn value(swap: &Swap) -> f64 {
    swap.amount_in * if swap.token_in == ETH { 2000.0 } else { 1.0 }
}

#[test]
fn as_much_comes_in_slices_as_at_once() {
    let expected = 14.0 * 2.0 * 300_000.0;
    let at_once = study("paths = 400", &[STILL, &deep(), &whales("arrivals = \"2 per day\"\nsize = \"300_000 USDC\"")].concat());
    assert_metric(&at_once.run().unwrap(), &["main"], "volume", expected);
    // What comes in the last slices' time is cut off at the end and there at the beginning: a warm-up fills it.
    let keys = "arrivals = \"2 per day\"\nsize = \"300_000 USDC\"\nslices = 24";
    let sliced = study("paths = 400\nwarm_up = \"2d\"", &[STILL, &deep(), &whales(keys)].concat());
    assert_metric(&sliced.run().unwrap(), &["main"], "volume", expected);
    for swap in swaps(&sliced, 3, 0) {
        // Whales overlap: any number of slices at once.
        let slices = value(&swap) / (300_000.0 / 24.0);
        assert!((slices - slices.round()).abs() < 1e-9, "{slices}");
    }
}

#[test]
fn slices_are_consecutive_blocks() {
    let keys = "arrivals = \"0.1 per day\"\nsize = \"300_000 USDC\"\nslices = 6";
    let study = study("paths = 20", &[STILL, &deep(), &whales(keys)].concat());
    let swaps = (0..20).map(|path| swaps(&study, path, 0)).find(|swaps| swaps.len() == 6).unwrap();
    for pair in swaps.windows(2) {
        assert_eq!((pair[1].time - pair[0].time, pair[1].token_in), (HOUR, pair[0].token_in));
    }
    assert!((swaps.iter().map(value).sum::<f64>() - 300_000.0).abs() < 1e-6);
}

#[test]
fn a_size_can_be_a_part_of_the_pool() {
    let shallow = pool("main", ["ETH", "USDC"], "30bp", "1_000_000 USDC");
    let keys = "arrivals = \"3 per day\"\npool_share = \"2%\"\nbuy_probability = \"50%\"";
    let study = study("paths = 3", &[STILL, &shallow, &whales(keys), &agent("arbitrageur", "pools = [\"main\"]")].concat());
    let swaps = swaps(&study, 1, 0);
    assert!(swaps.len() > 20);
    for swap in swaps {
        // The pool's value wanders by fees and by what is inside the band.
        assert!((value(&swap) / 20_000.0 - 1.0).abs() < 0.05, "{}", value(&swap));
    }
}

#[test]
fn whales_follow_the_price_or_go_against_it() {
    for (direction, sign) in [("momentum", 1.0), ("mean-reverting", -1.0)] {
        let keys = format!("arrivals = \"6 per day\"\nsize = \"1_000 USDC\"\ndirection = \"{direction}\"\nlookback = \"5h\"");
        let study = study("paths = 3", &[MOVING, &deep(), &whales(&keys)].concat());
        let (swaps, prices) = history(&study, 2, 0);
        let mut seen = 0;
        for swap in swaps.iter().filter(|swap| swap.time > 6 * HOUR) {
            let at = |time: u64| prices.iter().find(|(then, _)| *then == time).unwrap().1;
            let rise = at(swap.time) - at(swap.time - 5 * HOUR);
            let bought = if swap.token_out == ETH { 1.0 } else { -1.0 };
            assert!(rise * bought * sign > 0.0, "{direction} {rise} {bought}");
            seen += 1;
        }
        assert!(seen > 40);
    }
}

/// A study whose whales go either way with their own probability.
#[test]
fn whales_buy_as_often_as_they_say() {
    let keys = "arrivals = \"300 per day\"\nsize = \"1_000 USDC\"\nbuy_probability = \"80%\"";
    let study = study("paths = 1", &[STILL, &deep(), &whales(keys)].concat());
    // Whales of a block and a side trade together: count values.
    let swaps = swaps(&study, 0, 0);
    let of =
        |bought: bool| -> f64 { swaps.iter().filter(|swap| (swap.token_out == ETH) == bought).map(value).sum::<f64>() / 1_000.0 };
    let (bought, sold) = (of(true), of(false));
    let error = (0.8 * 0.2 / (bought + sold)).sqrt();
    assert!((bought / (bought + sold) - 0.8).abs() < 4.0 * error, "{bought} {sold}");
}
