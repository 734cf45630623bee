#![no_main]

use cenote_amm::{Exact, Fast};
use cenote_fuzz::fungible::drive;
use cenote_fuzz::stableswap::Ng;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drive::<Ng<Exact>>(data);
    drive::<Ng<Fast>>(data);
});
