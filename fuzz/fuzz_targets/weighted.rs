#![no_main]

use cenote_amm::{Exact, Fast};
use cenote_fuzz::fungible::drive;
use cenote_fuzz::weighted::Weighted;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drive::<Weighted<Exact>>(data);
    drive::<Weighted<Fast>>(data);
});
