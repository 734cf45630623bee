#![no_main]

use cenote_amm::{Exact, Fast};
use cenote_fuzz::constant_product::ConstantProduct;
use cenote_fuzz::fungible::drive;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drive::<ConstantProduct<Exact>>(data);
    drive::<ConstantProduct<Fast>>(data);
});
