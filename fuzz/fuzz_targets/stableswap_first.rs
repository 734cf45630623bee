#![no_main]

use cenote_amm::{Exact, Fast};
use cenote_fuzz::fungible::drive;
use cenote_fuzz::stableswap::FirstGeneration;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drive::<FirstGeneration<Exact>>(data);
    drive::<FirstGeneration<Fast>>(data);
});
