//! Liquidity-pool simulator: exact to the wei, Monte Carlo fast
