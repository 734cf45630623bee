use std::sync::Arc; use std::time::Instant;
use cenote_amm::{ConstantProductModel, constant_product::SwapFee}; use cenote_paths::*; use cenote_sim::*; use cenote_strategy::*;
fn main() {
    let noise: bool = std::env::args().any(|a| a=="noise");
    let audit: bool = std::env::args().any(|a| a=="audit");
    let few: bool = std::env::args().any(|a| a=="few");
    let n: u32 = 640;
    let mut agents = vec![AgentSetup { stream: "agents.arbitrageur@main".into(), model: Arc::new(Arbitrageur::on([PoolId(0)])) }];
    if noise { agents.push(AgentSetup { stream: "agents.noise".into(), model: Arc::new(NoiseTraders::lognormal(PoolId(0), 150.0*365.0, 1500.0, 1.2).unwrap()) }); }
    let s = Scenario {
        chain: ChainSetup { stream: "c".into(), clock: Clock::Fixed("1h".parse().unwrap()), native: None, gas_price: 0.0, order: Phase::ORDER.to_vec() },
        tokens: vec![TokenSetup { symbol: "ETH".into(), decimals: 18, stream: "tokens.ETH.price".into(), price: Some(Arc::new(Gbm::per_year(2000.0, 0.0, 0.8).unwrap())) },
           TokenSetup { symbol: "USDC".into(), decimals: 6, stream: "".into(), price: None }],
        numeraire: TokenId(1),
        pools: vec![PoolSetup { name: "main".into(), tokens: vec![TokenId(0), TokenId(1)], model: Arc::new(ConstantProductModel::new(SwapFee::UNISWAP_V2, None)), value: 1e7 }],
        agents, positions: vec![
          PositionSetup { name: "full".into(), strategy: Arc::new(Passive::new(PoolId(0))), deposit: 1e5, gas: GasUnits::default() },
          PositionSetup { name: "hold".into(), strategy: Arc::new(Hold::equal(&[TokenId(0), TokenId(1)]).unwrap()), deposit: 1e5, gas: GasUnits::default() }],
        warm_up: "0s".parse().unwrap(), horizon: "365d".parse().unwrap(),
        position_metrics: if few {vec![PositionMetric::NetReturn]} else {PositionMetric::ALL.to_vec()}, pool_metrics: if few {vec![PoolMetric::Volume]} else {PoolMetric::ALL.to_vec()}, audit,
    };
    let mut w = World::<64>::new(&s, 42).unwrap();
    let cols: Vec<_> = s.columns().collect();
    let mut out = vec![0.0; cols.len()*64]; let mut sums = vec![0.0; cols.len()];
    let t = Instant::now(); let mut blocks = 0;
    for p in 0..n/64 { blocks += w.run(std::array::from_fn(|l| p*64 + l as u32), 64, &mut out).unwrap();
        for (i, s) in sums.iter_mut().enumerate() { *s += out[i*64..i*64+64].iter().sum::<f64>(); } }
    let e = t.elapsed().as_secs_f64();
    println!("{blocks} blocks, {:.3} ns/block", e*1e9/blocks as f64);
    for (c, s) in cols.iter().zip(&sums) { println!("{c:?} {}", s/n as f64); }
}
