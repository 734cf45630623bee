//! Informed traders: how often they are right, and what it costs those who trade with them.

use cenote_strategy::TokenId;
use cenote_study::Study;
use cenote_tests::statistics::assert_agrees;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::scene::{MOVING, Swap, agent, history, pool, study};

const ETH: TokenId = TokenId(1);

/// The price of the block and of the next.
fn prices_of(swap: &Swap, prices: &[(u64, f64)]) -> (f64, f64) {
    // They trade in the block whose price comes next, at that of the block before.
    let next = prices.iter().position(|(time, _)| *time == swap.time).unwrap();
    (if next == 0 { 2000.0 } else { prices[next - 1].1 }, prices[next].1)
}

/// What a trader has at the next price, over what he paid in at the present one.
fn markout(swap: &Swap, (now, next): (f64, f64)) -> f64 {
    let gained =
        if swap.token_out == ETH { swap.amount_out * next - swap.amount_in } else { swap.amount_out - swap.amount_in * next };
    gained / (swap.amount_in * if swap.token_in == ETH { now } else { 1.0 })
}

fn flow(accuracy: &str, kind: &str) -> Study {
    let deep = pool("main", ["ETH", "USDC"], "1bp", "1_000_000_000_000 USDC");
    let accuracy = if kind == "informed-traders" { format!("accuracy = \"{accuracy}\"") } else { String::new() };
    let traders = agent(kind, &format!("pools = [\"main\"]\narrivals = \"48 per day\"\nsize = \"1_000 USDC\"\n{accuracy}"));
    study("paths = 60", &[MOVING, &deep, &traders, &agent("arbitrageur", "pools = [\"main\"]\ngas = 0")].concat())
}

#[test]
fn they_are_right_as_often_as_they_say() {
    for (accuracy, probability) in [("100%", 1.0), ("80%", 0.8), ("50%", 0.5), ("0%", 0.0)] {
        let study = flow(accuracy, "informed-traders");
        let (mut right, mut all) = (0.0, 0.0);
        for path in 0..20 {
            let (swaps, prices) = history(&study, path, 0);
            for swap in &swaps {
                let (now, next) = prices_of(swap, &prices);
                all += 1.0;
                right += f64::from(u8::from((next > now) == (swap.token_out == ETH)));
            }
        }
        let error = 4.0 * (probability * (1.0_f64 - probability) / all).sqrt();
        assert!(all > 10_000.0 && (right / all - probability).abs() <= error, "{accuracy}: {} of {all}", right / all);
    }
}

/// Glosten and Milgrom: a trade of value v makes (2q − 1) v E|r| less what it costs, and E|r| of a block is that of its lognormal
/// return.
#[test]
fn what_they_know_is_what_liquidity_loses() {
    let step = 0.8 * (1.0_f64 / 8760.0).sqrt();
    // E|exp(sZ − s²/2) − 1| = 2 (2Φ(s/2) − 1).
    let move_of_block = 2.0 * (2.0 * Normal::standard().cdf(0.5 * step) - 1.0);
    for (accuracy, probability) in [("100%", 1.0), ("80%", 0.8), ("50%", 0.5)] {
        let study = flow(accuracy, "informed-traders");
        // The mean of a path's trades; the pool is anywhere inside its band of 1bp, with as much above as below on average.
        let means: Vec<f64> = (0..60)
            .map(|path| {
                let (swaps, prices) = history(&study, path, 0);
                let marks: Vec<f64> = swaps.iter().map(|swap| markout(swap, prices_of(swap, &prices))).collect();
                marks.iter().sum::<f64>() / f64::from(u32::try_from(marks.len()).unwrap())
            })
            .collect();
        assert_agrees(&format!("markout at {accuracy}"), &means, (2.0 * probability - 1.0) * move_of_block - 1e-4);
    }
    // Noise traders of the same arrivals and sizes lose the fee, whatever comes next.
    let study = flow("", "noise-traders");
    let means: Vec<f64> = (0..60)
        .map(|path| {
            let (swaps, prices) = history(&study, path, 0);
            // They trade behind the move of their block: what is next for them is the block after.
            let after = |swap: &Swap| {
                let now = prices.iter().position(|(time, _)| *time == swap.time).unwrap();
                prices.get(now + 1).map(|(_, next)| markout(swap, (prices[now].1, *next)))
            };
            let marks: Vec<f64> = swaps.iter().filter_map(after).collect();
            marks.iter().sum::<f64>() / f64::from(u32::try_from(marks.len()).unwrap())
        })
        .collect();
    assert_agrees("markout of noise", &means, -1e-4);
}

#[test]
fn who_trades_to_the_edge_leaves_nothing() {
    let range = "[pools.main]\nkind = \"uniswap-v3\"\nchain = \"ethereum\"\ntokens = [\"ETH\", \"USDC\"]\nfee = \"30bp\"\ntvl = \"10_000_000 USDC\"\n";
    for (to_edge, part) in [("100%", 1.0), ("40%", 0.4)] {
        let informed = agent("informed-traders", &format!("pools = [\"main\"]\nto_edge = \"{to_edge}\""));
        let study = study("paths = 2", &[MOVING, range, &informed, &agent("arbitrageur", "pools = [\"main\"]")].concat());
        let (swaps, prices) = history(&study, 1, 0);
        assert!(swaps.len() > 30);
        for swap in &swaps {
            let (now, next) = prices_of(swap, &prices);
            let edge = if swap.token_in == ETH { swap.spot_price * 0.997 } else { swap.spot_price / 0.997 };
            let target = now * (part * (next / now).ln()).exp();
            assert!((edge / target - 1.0).abs() < 1e-9, "{to_edge}: {edge} {target}");
        }
        let (mut left, _) = history(&study, 1, 1);
        left.retain(|swap| swap.amount_in > 1e-6);
        // The whole way: the arbitrageur who comes after the move finds the pool at the edge of its band, or inside, but for rounding.
        assert!(if part == 1.0 { left.is_empty() } else { left.len() > 30 }, "{}", left.len());
    }
    // In a share of blocks.
    let informed = agent("informed-traders", "pools = [\"main\"]\nto_edge = \"100%\"\nshare = \"25%\"");
    let study = study("paths = 30", &[MOVING, range, &informed, &agent("arbitrageur", "pools = [\"main\"]")].concat());
    let (mut informed, mut late) = (0.0, 0.0);
    for path in 0..30 {
        informed += f64::from(u32::try_from(history(&study, path, 0).0.len()).unwrap());
        late += f64::from(u32::try_from(history(&study, path, 1).0.len()).unwrap());
    }
    // Every trade falls to the one or the other, whoever is first.
    let share = informed / (informed + late);
    assert!((share - 0.25).abs() < 4.0 * (0.25 * 0.75 / (informed + late)).sqrt(), "{share}");
}
