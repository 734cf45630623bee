//! Arbitrageurs: where they leave the pool, what they know, and how often they come.

use cenote_strategy::TokenId;
use cenote_study::Study;
use cenote_tests::statistics::assert_agrees;

use crate::scene::{MOVING, Swap, agent, assert_metric, history, pool, study};

const ETH: TokenId = TokenId(1);
const FEE: f64 = 0.003;

/// One full range, whose fees stay outside: the price after a trade is the edge of the band.
const RANGE: &str = "[pools.main]\nkind = \"uniswap-v3\"\nchain = \"ethereum\"\ntokens = [\"ETH\", \"USDC\"]\nfee = \"30bp\"\ntvl = \"10_000_000 USDC\"\n";

fn with(settings: &str, keys: &str) -> Study {
    study(settings, &[MOVING, RANGE, &agent("arbitrageur", &format!("pools = [\"main\"]\n{keys}"))].concat())
}

/// The trader's marginal price after a trade, fee included, by the way he went.
fn edge(swap: &Swap) -> f64 {
    if swap.token_in == ETH { swap.spot_price * (1.0 - FEE) } else { swap.spot_price / (1.0 - FEE) }
}

#[test]
fn what_dealing_outside_costs_widens_the_band() {
    for fee in [0.0, 0.0005, 0.01] {
        let (swaps, prices) = history(&with("paths = 1", &format!("outside_fee = \"{}bp\"", 1e4 * fee)), 0, 0);
        assert!(swaps.len() > 30, "{}", swaps.len());
        for swap in &swaps {
            let price = prices.iter().find(|(time, _)| *time == swap.time).unwrap().1;
            let outside = if swap.token_in == ETH { price * (1.0 + fee) } else { price * (1.0 - fee) };
            assert!((edge(swap) / outside - 1.0).abs() < 1e-9, "{fee}: {} {outside}", edge(swap));
        }
    }
}

#[test]
fn who_is_late_acts_on_the_price_of_then() {
    let hour = 3_600_000_000_000;
    for (latency, blocks) in [("1 block", 1), ("2 blocks", 2), ("2h", 2), ("90min", 2), ("0s", 0)] {
        let (swaps, prices) = history(&with("paths = 1", &format!("latency = \"{latency}\"")), 0, 0);
        assert!(swaps.len() > 30 && swaps[0].time >= (1 + blocks) * hour);
        for swap in &swaps {
            let known = prices.iter().find(|(time, _)| *time + blocks * hour == swap.time).unwrap().1;
            assert!((edge(swap) / known - 1.0).abs() < 1e-9, "{latency}: {} {known}", edge(swap));
        }
    }
    // On a random clock the price is that of the last block so long ago.
    let random = |latency: &str| {
        let text = with("paths = 1", &format!("latency = \"{latency}\"")).to_toml().unwrap();
        Study::parse(&text, "random.toml", &["chains.ethereum.block_time={ poisson = \"1h\" }"]).unwrap()
    };
    let (swaps, prices) = history(&random("90min"), 0, 0);
    assert!(swaps.len() > 30);
    for swap in &swaps {
        let known = prices.iter().rfind(|(time, _)| *time + 3 * hour / 2 <= swap.time).unwrap().1;
        assert!((edge(swap) / known - 1.0).abs() < 1e-9);
    }
    let (swaps, prices) = history(&random("3 blocks"), 0, 0);
    for swap in &swaps {
        let now = prices.iter().position(|(time, _)| *time == swap.time).unwrap();
        assert!((edge(swap) / prices[now - 3].1 - 1.0).abs() < 1e-9);
    }
}

/// The price of then is what the price of now is in the mean: an arbitrageur who is late and alone makes as much. One who comes behind
/// another, who is not late, only undoes his work.
#[test]
fn who_is_late_and_alone_loses_nothing_and_who_is_late_and_second_does() {
    let profits = |latency: &str| {
        let result = with("paths = 512\nwarm_up = \"1d\"", &format!("latency = \"{latency}\"")).run().unwrap();
        result.column(cenote_study::Subject::Pool, "main", "arbitrage_profit").unwrap()
    };
    let prompt = profits("0s");
    for latency in ["1 block", "12 blocks"] {
        let differences: Vec<f64> = profits(latency).iter().zip(&prompt).map(|(late, prompt)| late - prompt).collect();
        assert_agrees(&format!("profit at a latency of {latency}"), &differences, 0.0);
    }
    let agents =
        ["pools = [\"main\"]", "pools = [\"main\"]\nlatency = \"1 block\""].map(|keys| agent("arbitrageur", keys)).concat();
    let study = study("paths = 40", &[MOVING, RANGE, &agents].concat());
    let made = |path: u32, agent: usize| -> f64 {
        let (swaps, prices) = history(&study, path, agent);
        let gain = |swap: &Swap| {
            let price = prices.iter().find(|(time, _)| *time == swap.time).unwrap().1;
            if swap.token_in == ETH { swap.amount_out - swap.amount_in * price } else { swap.amount_out * price - swap.amount_in }
        };
        swaps.iter().map(gain).sum()
    };
    for path in 0..40 {
        assert!(made(path, 0) > 0.0 && made(path, 1) < 0.0, "{path}: {} {}", made(path, 0), made(path, 1));
    }
}

/// Poisson blocks of rate λ, each taken with probability q, are Poisson blocks of rate qλ: the share of those with a trade is
/// 1/(1 + kγ) with k = √(2qλ)/σ (Milionis, Moallemi and Roughgarden, 2305.14604).
#[test]
fn a_share_of_blocks_is_as_good_as_fewer_blocks() {
    let price = "[tokens.ETH]\ndecimals = 18\nprice = { process = \"gbm\", initial = \"2000 USDC\", log_drift = \"0%\", volatility = \"5% per sqrt day\" }\n";
    for share in [1.0_f64, 0.5, 0.1] {
        let keys = format!("pools = [\"main\"]\nshare = \"{}%\"", 100.0 * share);
        let text =
            study("paths = 256\nwarm_up = \"2d\"", &[price, RANGE, &agent("arbitrageur", &keys)].concat()).to_toml().unwrap();
        let overrides = ["chains.ethereum.block_time={ poisson = \"60s\" }", "study.horizon=\"3d\""];
        let result = Study::parse(&text, "share.toml", &overrides).unwrap().run().unwrap();
        let per_day = 1440.0 * share;
        let gamma = -(1.0 - FEE).ln();
        let expected = share / (1.0 + (2.0 * per_day).sqrt() / 0.05 * gamma);
        assert_metric(&result, &["main"], "arbitrage_trade_rate", expected);
    }
}

/// A cycle's profit is in its first token alone, and the books of its pools sum to it.
#[test]
fn the_books_of_a_cycle_sum_to_its_profit() {
    let btc = "[tokens.BTC]\ndecimals = 8\nprice = { process = \"gbm\", initial = \"30000 USDC\", drift = \"0%\", volatility = \"60%\" }\n";
    let pools = [
        pool("a", ["ETH", "USDC"], "30bp", "5_000_000 USDC"),
        pool("b", ["ETH", "BTC"], "5bp", "3_000_000 USDC"),
        pool("c", ["BTC", "USDC"], "5bp", "20_000_000 USDC"),
    ]
    .concat();
    let noise = ["a", "b", "c"]
        .map(|pool| agent("noise-traders", &format!("pools = [\"{pool}\"]\nvolume = \"3_000_000 USDC per day\"")))
        .concat();
    let cyclic = agent("cyclic-arbitrageur", "pools = [\"a\", \"b\", \"c\"]\ngas = 100_000");
    let study = study("paths = 130", &[MOVING, btc, &pools, &cyclic, &noise].concat());
    let path = 77;
    let (swaps, _) = history(&study, path, 0);
    let mut made = [0.0; 3];
    for legs in swaps.chunks_exact(3) {
        let before = made[0];
        for leg in legs {
            made[leg.token_in.index()] -= leg.amount_in;
            made[leg.token_out.index()] += leg.amount_out;
        }
        // Three pools, 2 USDC of gas in each: 100,000 units at 10 gwei of ETH at 2,000, or what that is now.
        assert!(made[0] - before > 2.0 && legs[0].token_in == TokenId(0), "{}", made[0] - before);
        assert!(made[1] == 0.0 && made[2] == 0.0, "{made:?}");
    }
    assert!(swaps.len() > 100 && swaps.len().is_multiple_of(3));
    let result = study.run().unwrap();
    let of = |metric: &str| -> f64 {
        ["a", "b", "c"].map(|pool| result.column(cenote_study::Subject::Pool, pool, metric).unwrap()[path as usize]).iter().sum()
    };
    assert!((of("arbitrage_profit") / made[0] - 1.0).abs() < 1e-9, "{} {}", of("arbitrage_profit"), made[0]);
    assert_eq!(format!("{}", of("arbitrage_trades")), swaps.len().to_string());
    assert!(of("arbitrage_gas") > 0.0 && of("arbitrage_gas") < of("arbitrage_profit"));
}
