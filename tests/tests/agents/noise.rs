//! Noise traders: as much as they say, at the price they say, the way they say.

use cenote_strategy::{PoolId, TokenId};

use crate::scene::{MOVING, STILL, Swap, agent, assert_metric, pool, study, swaps};

const ETH: TokenId = TokenId(1);

/// One pool so deep that trades do not move it.
fn deep() -> String {
    pool("main", ["ETH", "USDC"], "30bp", "1_000_000_000_000 USDC")
}

fn noise(keys: &str) -> String {
    agent("noise-traders", keys)
}

#[test]
fn a_volume_is_what_comes() {
    let days = 14.0;
    for keys in [
        "volume = \"5_000_000 USDC per day\"",
        "volume = \"5_000_000 USDC per day\"\nsize = { distribution = \"pareto\", minimum = \"5_000 USDC\", tail = 3 }",
        "volume = \"2_500 ETH per day\"\narrivals = { process = \"hawkes\", rate = \"400 per day\", branching = \"50%\", half_life = \"10min\" }",
    ] {
        let tables = [STILL.to_owned(), deep(), noise(&format!("pools = [\"main\"]\n{keys}"))].concat();
        let result = study("paths = 400", &tables).run().unwrap();
        assert_metric(&result, &["main"], "volume", 5e6 * days);
    }
    // Over three pools it is the same volume.
    let pools: String = ["a", "b", "c"].map(|name| pool(name, ["ETH", "USDC"], "30bp", "1_000_000_000_000 USDC")).concat();
    let traders = noise("pools = [\"a\", \"b\", \"c\"]\nvolume = \"5_000_000 USDC per day\"\nsize = \"20_000 USDC\"");
    let result = study("paths = 400", &[STILL.to_owned(), pools, traders].concat()).run().unwrap();
    assert_metric(&result, &["a", "b", "c"], "volume", 5e6 * days);
}

#[test]
fn demand_falls_with_what_a_trade_costs() {
    let arrivals = 400.0 * 14.0;
    for (elasticity, gas, cost) in [
        (0.0_f64, 0, 0.003),
        (100.0, 0, 0.003),
        (400.0, 0, 0.003),
        // 100,000 units are 0.001 ETH: 2 USDC of 500.
        (100.0, 100_000, 0.003 + 2.0 / 500.0),
    ] {
        let keys =
            format!("pools = [\"main\"]\narrivals = \"400 per day\"\nsize = \"500 USDC\"\nelasticity = {elasticity}\ngas = {gas}");
        let result = study("paths = 400", &[STILL.to_owned(), deep(), noise(&keys)].concat()).run().unwrap();
        assert_metric(&result, &["main"], "trades", arrivals * (-elasticity * cost).exp());
    }
    // A trade of a hundredth of a shallow pool's reserve loses another hundredth; the next one back gains it.
    let shallow = pool("main", ["ETH", "USDC"], "30bp", "1_000_000 USDC");
    let keys = "pools = [\"main\"]\narrivals = \"20 per day\"\nsize = \"5_000 USDC\"\nelasticity = 100";
    let arbitrageur = agent("arbitrageur", "pools = [\"main\"]");
    let study = study("paths = 40", &[STILL.to_owned(), shallow, noise(keys), arbitrageur].concat());
    let trades: usize = (0..40).map(|path| swaps(&study, path, 0).len()).sum();
    let expected = 40.0 * 14.0 * 20.0;
    // From a pool anywhere inside its band (of 0.3% either way) a trade loses from 1% to 1.6%, or less after one the other way.
    let share = f64::from(u32::try_from(trades).unwrap()) / expected;
    assert!(share > (-1.6_f64).exp() && share < (-0.9_f64).exp(), "{share}");
}

/// 1 where ETH is bought, −1 where it is sold.
fn signs(swaps: &[Swap]) -> Vec<f64> {
    swaps.iter().map(|swap| if swap.token_out == ETH { 1.0 } else { -1.0 }).collect()
}

#[test]
fn directions_follow_each_other_as_much_as_they_say() {
    for (buys, persistence) in [(0.5, 0.0), (0.5, 0.6), (0.7, 0.0), (0.3, 0.8)] {
        let keys = format!(
            "pools = [\"main\"]\narrivals = \"5000 per day\"\nsize = \"500 USDC\"\nbuy_probability = \"{}%\"\ndirection_persistence = \"{}%\"",
            100.0 * buys,
            100.0 * persistence
        );
        let study = study("paths = 1", &[STILL.to_owned(), deep(), noise(&keys)].concat());
        let signs = signs(&swaps(&study, 0, 0));
        let n = f64::from(u32::try_from(signs.len()).unwrap());
        assert!(n > 60_000.0);
        let mean = 2.0 * buys - 1.0;
        let variance = 1.0 - mean * mean;
        // Of a chain with this autocorrelation, the mean's variance is (1 + ρ)/(1 − ρ) times that of independent signs.
        let error = (variance * (1.0 + persistence) / (1.0 - persistence) / n).sqrt();
        let average = signs.iter().sum::<f64>() / n;
        assert!((average - mean).abs() < 4.0 * error, "{buys} {persistence}: {average} {mean}");
        let mut expected = 1.0;
        for lag in 1..4 {
            expected *= persistence;
            let products = signs.iter().zip(&signs[lag..]).map(|(a, b)| (a - mean) * (b - mean));
            let autocorrelation = products.sum::<f64>() / n / variance;
            // Products of signs two apart are correlated in turn; four standard errors with room for that.
            let error = (1.0 + 2.0 * persistence / (1.0 - persistence)).sqrt() / (variance * n).sqrt();
            assert!((autocorrelation - expected).abs() < 4.0 * error, "{buys} {persistence} {lag}: {autocorrelation} {expected}");
        }
    }
}

/// What traders are told beside arrivals and sizes changes nothing about those.
#[test]
fn arrivals_sizes_and_fair_coins_stay() {
    let main = pool("main", ["ETH", "USDC"], "30bp", "10_000_000 USDC");
    let flow = "pools = [\"main\"]\narrivals = \"300 per day\"\nsize = { distribution = \"lognormal\", median = \"1_500 USDC\", sigma = 1.2 }";
    let of = |keys: &str| {
        swaps(&study("paths = 9", &[MOVING.to_owned(), main.clone(), noise(&format!("{flow}\n{keys}"))].concat()), 5, 0)
    };
    let plain = of("");
    assert!(plain.len() > 3_000);
    // Nobody is put off by a cost times next to nothing.
    assert_eq!(plain, of("elasticity = 1e-9"));
    // Those who come at a price are some of those who would at any.
    let choosy = of("elasticity = 150");
    assert!(choosy.len() > 1_000 && choosy.len() < plain.len(), "{}", choosy.len());
    let amounts =
        |swaps: &[Swap]| swaps.iter().map(|swap| (swap.time, swap.token_in, swap.amount_in.to_bits())).collect::<Vec<_>>();
    let all = amounts(&plain);
    let mut rest = all.iter();
    assert!(amounts(&choosy).iter().all(|trade| rest.any(|other| other == trade)));
    let directed = of("direction_persistence = \"50%\"");
    assert_eq!(directed.len(), plain.len());
    assert!(directed.iter().zip(&plain).all(|(a, b)| a.time == b.time) && amounts(&directed) != all);
}

#[test]
fn a_trade_over_a_third_token_leaves_none_of_it_behind() {
    let btc = "[tokens.BTC]\ndecimals = 8\nprice = { process = \"constant\", initial = \"30000 USDC\" }\n".to_owned();
    let pools = [
        pool("main", ["ETH", "USDC"], "30bp", "5_000_000 USDC"),
        pool("cross", ["BTC", "ETH"], "5bp", "20_000_000 USDC"),
        pool("bitcoin", ["BTC", "USDC"], "5bp", "20_000_000 USDC"),
    ]
    .concat();
    let keys = "pools = [\"main\", \"cross\", \"bitcoin\"]\npair = [\"ETH\", \"USDC\"]\narrivals = \"100 per day\"\nsize = \"40_000 USDC\"";
    let study = study(
        "paths = 130",
        &[MOVING.to_owned(), btc, pools, noise(keys), agent("arbitrageur", "pools = [\"main\", \"cross\", \"bitcoin\"]")].concat(),
    );
    let swaps = swaps(&study, 3, 0);
    let mut bitcoin = 0.0;
    let mut through = 0;
    for swap in &swaps {
        // Tokens in the order of their tables: USDC, ETH, BTC.
        bitcoin += if swap.token_in == TokenId(2) { -swap.amount_in } else { 0.0 };
        bitcoin += if swap.token_out == TokenId(2) { swap.amount_out } else { 0.0 };
        through += usize::from(swap.token_out == TokenId(2));
        // What the first pool pays out is paid into the second at once.
        assert!(swap.token_out == TokenId(2) || bitcoin == 0.0, "{bitcoin}");
    }
    let direct = swaps.iter().filter(|swap| swap.pool == PoolId(0)).count();
    assert!(bitcoin == 0.0 && through > 500 && direct > 500, "{through} {direct}");
}
