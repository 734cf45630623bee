#![no_main]

use cenote_amm::{Exact, Fast};
use cenote_fuzz::ranged::drive;
use cenote_fuzz::uniswap_v4::UniswapV4;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drive::<UniswapV4<Exact>>(data);
    drive::<UniswapV4<Fast>>(data);
});
