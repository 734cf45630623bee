//! Traders from the study file to what they do to pools: each does what it says, on its own random numbers, and every token stays.

mod arbitrage;
mod informed;
mod noise;
mod scene;
mod together;
mod whales;
