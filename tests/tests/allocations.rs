//! A block allocates nothing: ten times the blocks, not one allocation more.

use cenote_paths::PACK;
use cenote_sim::{AgentSetup, PoolMetric, PositionMetric, Scenario, World};
use cenote_tests::scenes::{a_year, arbitrageur, duration, noise, passive, poisson};

/// Allocations of a run of one pack, the world being built.
fn allocations(scenario: &Scenario, horizon: &str) -> u64 {
    let scenario = Scenario { horizon: duration(horizon), ..scenario.clone() };
    let mut world = World::<PACK>::new(&scenario, 1).unwrap();
    let mut results = vec![0.0; scenario.columns().count() * PACK];
    let paths = std::array::from_fn(|lane| u32::try_from(lane).unwrap());
    let mut blocks = 0;
    // The first run fills tables and buffers that later ones reuse.
    world.run(paths, PACK, &mut results).unwrap();
    let counted = allocation_counter::measure(|| blocks = world.run(paths, PACK, &mut results).unwrap());
    assert!(blocks > 0 && results.iter().all(|x| x.is_finite()));
    counted.count_total
}

fn assert_none_per_block(what: &str, scenario: &Scenario) {
    let (short, long) = (allocations(scenario, "30d"), allocations(scenario, "300d"));
    println!("{what}: {short} allocations a run");
    assert_eq!(short, long, "{what}: 30 and 300 days");
}

/// Arbitrage only, one passive position; with noise; each with one metric and with all; and on a random clock.
#[test]
fn blocks_do_not_allocate() {
    let agents = |noisy: bool| -> Vec<AgentSetup> { if noisy { vec![arbitrageur(0.0), noise()] } else { vec![arbitrageur(0.0)] } };
    for noisy in [false, true] {
        let all = Scenario { agents: agents(noisy), positions: vec![passive()], ..a_year() };
        assert_none_per_block(&format!("all metrics, noise {noisy}"), &all);
        let one = Scenario { position_metrics: vec![PositionMetric::NetReturn], pool_metrics: vec![], ..all.clone() };
        assert_none_per_block(&format!("net return, noise {noisy}"), &one);
        let mut random = Scenario { pool_metrics: PoolMetric::ALL.to_vec(), ..all };
        random.chains[0].clock = poisson("1h");
        assert_none_per_block(&format!("Poisson blocks, noise {noisy}"), &random);
    }
}

/// The counter counts: a run that allocates in every block is seen.
#[test]
fn allocations_are_seen() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![0_u8; 100])));
    assert_eq!(counted.count_total, 1);
}
