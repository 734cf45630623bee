#![no_main]

use cenote_amm::{Exact, Fast};
use cenote_fuzz::ranged::drive;
use cenote_fuzz::uniswap_v3::UniswapV3;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drive::<UniswapV3<Exact>>(data);
    drive::<UniswapV3<Fast>>(data);
});
