//! Vaults in lanes against the vault in floats, alone and in packs.

use cenote_amm::{Fast, Owner};
use cenote_units::Lanes;

use crate::vault::{ManagedVault, Vault, VaultFees, VaultLanes};

const DAY: u64 = 86_400;
const NANOS: u64 = 1_000_000_000;

fn fees() -> VaultFees {
    VaultFees::new("10%".parse().unwrap(), "2%".parse().unwrap()).unwrap()
}

/// A cheap stream of irregular numbers from 0 to 1.
#[allow(clippy::cast_precision_loss)]
fn irregular(seed: u64) -> f64 {
    let x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x >> 11) as f64 / 9_007_199_254_740_992.0
}

#[test]
fn lanes_follow_the_vault() {
    let [others, alice, house] = [1, 2, 3].map(Owner::new);
    let mut vault = ManagedVault::<Fast>::new(Vault::new(18, 0).unwrap(), fees(), house);
    vault.deposit(others, 1000.0, 0).unwrap();
    let mut lanes = VaultLanes::<1>::new(1000.0, fees(), 1);
    for day in 1..400_u64 {
        let (time, amount) = (day * DAY, 50.0 * irregular(day));
        lanes.advance(&[time * NANOS]);
        match day % 5 {
            0 => {
                vault.deposit(alice, amount, time).unwrap();
                lanes.deposit(0, &mut Lanes([amount]));
            }
            1 => {
                let shares = vault.vault().balance_of(alice) * irregular(day + 7);
                let assets = vault.redeem(alice, shares, time).unwrap();
                let mut taken = Lanes::ZERO;
                lanes.balance(0, &mut taken);
                taken[0] = taken[0].min(assets);
                lanes.withdraw(0, &mut taken);
                assert!(assets == 0.0 || taken[0] > 0.0);
            }
            2 => {
                vault.lose(amount * 0.2, time).unwrap();
                lanes.harvest(&Lanes([-amount * 0.2]));
            }
            _ => {
                vault.harvest(amount * 0.3, time).unwrap();
                lanes.harvest(&Lanes([amount * 0.3]));
            }
        }
        let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{day}: {a} {b}");
        let (mut balance, mut collected, mut price) = (Lanes::ZERO, Lanes::ZERO, Lanes::ZERO);
        lanes.balance(0, &mut balance);
        lanes.collected(&mut collected);
        lanes.share_price(&mut price);
        near(balance[0], vault.vault().max_withdraw(alice).unwrap());
        near(collected[0], vault.vault().max_withdraw(house).unwrap());
        near(price[0], vault.vault().share_price());
        near(lanes.total_assets()[0], vault.vault().total_assets());
    }
}

fn history<const L: usize>(first: u64) -> Vec<[u64; L]> {
    let mut vault = VaultLanes::<L>::new(100.0, fees(), 2);
    let mut bits = Vec::new();
    for step in 0..300_u64 {
        let (mut time, mut amount) = ([0; L], Lanes::ZERO);
        for l in 0..L {
            let seed = (first + l as u64) * 1_000 + step;
            time[l] = step * DAY * NANOS + seed % NANOS;
            amount[l] = match seed % 7 {
                0 => 0.0,
                1 => f64::NAN,
                2 => -3.0,
                _ => 10.0 * irregular(seed),
            };
        }
        vault.advance(&time);
        match step % 4 {
            0 => vault.deposit(0, &mut amount),
            1 => vault.withdraw(0, &mut amount),
            2 => vault.deposit(1, &mut amount),
            _ => {
                for l in 0..L {
                    amount[l] = if amount[l].is_nan() { 0.0 } else { amount[l] };
                }
                vault.harvest(&amount);
            }
        }
        let (mut balance, mut price) = (Lanes::ZERO, Lanes::ZERO);
        vault.balance(0, &mut balance);
        vault.share_price(&mut price);
        for lanes in [&amount, &balance, &price, vault.total_assets()] {
            bits.push(lanes.0.map(f64::to_bits));
        }
    }
    bits
}

#[test]
fn a_path_has_the_same_bits_alone_and_in_a_pack() {
    let pack = history::<128>(0);
    for lane in [0, 3, 64, 127_u32] {
        let alone = history::<1>(lane.into());
        for (together, alone) in pack.iter().zip(&alone) {
            assert_eq!(together[lane as usize], alone[0]);
        }
    }
}

#[test]
fn zero_is_an_exact_no_op_and_all_of_it_leaves_nothing() {
    let mut vault = VaultLanes::<1>::new(0.0, fees(), 1);
    let mut price = Lanes::ZERO;
    vault.share_price(&mut price);
    assert_eq!(price[0], 1.0);
    vault.deposit(0, &mut Lanes([3.0]));
    vault.harvest(&Lanes([1.0]));
    let before = format!("{vault:?}");
    for nothing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut amount = Lanes([nothing]);
        vault.deposit(0, &mut amount);
        assert_eq!(amount[0], 0.0);
        amount = Lanes([nothing]);
        vault.withdraw(0, &mut amount);
        assert_eq!(amount[0], 0.0);
    }
    vault.harvest(&Lanes::ZERO);
    vault.advance(&[0]);
    assert_eq!(format!("{vault:?}"), before);
    let mut all = Lanes::ZERO;
    vault.balance(0, &mut all);
    let wanted = all[0];
    vault.withdraw(0, &mut all);
    assert_eq!(all[0], wanted);
    vault.balance(0, &mut all);
    assert_eq!(all[0], 0.0);
    // What the house was minted is left; a vault that lost everything takes no more.
    vault.harvest(&Lanes([-1e9]));
    let mut amount = Lanes([1.0]);
    vault.deposit(0, &mut amount);
    assert_eq!(amount[0], 0.0);
    vault.start();
    assert_eq!(vault.total_assets()[0], 0.0);
}
