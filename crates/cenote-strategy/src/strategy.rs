use std::fmt::Debug;

use cenote_amm::{PriceRange, RangeRule};

use crate::market::{BridgeId, ChainId, Market, PoolId, TokenId};
use crate::refusal::Refusal;
use crate::venue::{FarmId, FarmPosition, LendingId, LendingPosition, VaultId};
use crate::wake::Wake;

/// What a position is worth and holds, on one path, now.
#[derive(Clone, Copy, Debug)]
pub struct Position<'a> {
    /// Value handed over at the start, in the numeraire.
    pub deposit_value: f64,
    /// Value of everything it has at outside prices, costs so far paid, in the numeraire.
    pub value: f64,
    /// The chain that it is at home on: that of the pool it enters. It is asked in this chain's blocks.
    pub home: ChainId,
    /// Whole tokens in its wallet there, by [`TokenId`].
    pub wallet: &'a [f64],
    /// Whole tokens in its wallets on other chains, by [`ChainId`] and [`TokenId`]; empty where there is one chain.
    pub elsewhere: &'a [Vec<f64>],
    /// Whole LP tokens it owns, by [`PoolId`], those in farms included and those in vaults not.
    pub lp: &'a [f64],
    /// What it has in farms, by [`FarmId`].
    pub farms: &'a [FarmPosition],
    /// What it has in lending markets, by [`LendingId`].
    pub lending: &'a [LendingPosition],
    /// What its shares of vaults stand for, by [`VaultId`], in units of what the vault's farm takes.
    pub vaults: &'a [f64],
    /// Its liquidity between two prices.
    pub ranges: &'a [RangePosition],
    /// Whole tokens bought (negative: sold) outside as a hedge, by [`TokenId`].
    pub hedge: &'a [f64],
    /// Why its last action was not done; `None` if it was.
    pub refused: Option<Refusal>,
}

impl Position<'_> {
    /// Whole tokens in its wallet on this chain, by [`TokenId`]; none if there is no such chain.
    pub fn wallet_on(&self, chain: ChainId) -> &[f64] {
        if chain == self.home { self.wallet } else { self.elsewhere.get(chain.index()).map_or(&[], Vec::as_slice) }
    }

    /// What it has in this pool under this number.
    pub fn range(&self, pool: PoolId, id: RangeId) -> Option<&RangePosition> {
        self.ranges.iter().find(|range| (range.pool, range.id) == (pool, id))
    }
}

/// Which of a position's ranges in a pool, counted by its strategy: 0, 1, ….
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RangeId(pub u8);

/// Liquidity between two prices, on one path, now. Prices are of the pool's first token in its second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangePosition {
    /// The pool.
    pub pool: PoolId,
    /// The number that the strategy gave it.
    pub id: RangeId,
    /// From where to where, at ticks that the pool can use.
    pub range: PriceRange,
    /// √(token 0 · token 1) in whole tokens; zero where there is nothing.
    pub liquidity: f64,
    /// What the liquidity now is, in whole tokens.
    pub amounts: [f64; 2],
    /// Fees not collected yet, in whole tokens.
    pub owed: [f64; 2],
    /// Whether the pool's price is in the range.
    pub inside: bool,
}

/// In which tokens a deposit is handed over, at outside prices.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// In the pool's own proportions, ready to be minted; those of the full range in a pool of ranges.
    Pool(PoolId),
    /// In the proportions of a range around the outside price.
    Range(PoolId, RangeRule),
    /// Split by value: tokens and weights, which sum to one.
    Tokens(Vec<(TokenId, f64)>),
    /// Several entries side by side, split by value: weights sum to one.
    Mix(Vec<(Entry, f64)>),
}

/// Something a strategy does. Amounts are in whole tokens. What cannot be done is refused as a whole: [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Add liquidity from the wallet, in the pool's proportions: `fraction` of the most that the wallet can add. In a pool of ranges
    /// it is the full range, under number 0.
    Mint {
        /// The pool.
        pool: PoolId,
        /// Of what the wallet can add, from 0 to 1.
        fraction: f64,
    },
    /// Burn LP tokens, or in a pool of ranges the liquidity under number 0, and take the tokens into the wallet.
    Burn {
        /// The pool.
        pool: PoolId,
        /// Of the LP tokens owned that are in no farm, from 0 to 1.
        fraction: f64,
    },
    /// Add liquidity between two prices from the wallet. Where there is some already under this number, it is added to its range.
    MintRange {
        /// The pool.
        pool: PoolId,
        /// The strategy's number for it.
        id: RangeId,
        /// Where; the pool takes the nearest ticks it can use.
        range: PriceRange,
        /// Of what the wallet can add, from 0 to 1.
        fraction: f64,
    },
    /// Take liquidity out, together with all its fees, into the wallet.
    BurnRange {
        /// The pool.
        pool: PoolId,
        /// The strategy's number for it.
        id: RangeId,
        /// Of its liquidity, from 0 to 1.
        fraction: f64,
    },
    /// Take the fees of a range into the wallet.
    Collect {
        /// The pool.
        pool: PoolId,
        /// The strategy's number for it.
        id: RangeId,
    },
    /// Swap in a pool, paying its fee and slippage.
    Swap {
        /// The pool.
        pool: PoolId,
        /// The token paid in, from the wallet.
        token_in: TokenId,
        /// The token taken out.
        token_out: TokenId,
        /// Whole tokens paid in.
        amount_in: f64,
    },
    /// Put LP tokens or tokens of the wallet into a farm; of a pool of ranges, all ranges there, which go on earning fees.
    Stake {
        /// The farm.
        farm: FarmId,
        /// Of what there is to stake, from 0 to 1.
        fraction: f64,
    },
    /// Take a stake out of a farm, and with it all rewards.
    Unstake {
        /// The farm.
        farm: FarmId,
        /// Of what is staked, from 0 to 1.
        fraction: f64,
    },
    /// Take rewards into the wallet.
    Claim {
        /// The farm.
        farm: FarmId,
    },
    /// Supply tokens of the wallet to a lending market.
    Supply {
        /// The market.
        lending: LendingId,
        /// Whole tokens.
        amount: f64,
    },
    /// Withdraw what was supplied.
    Withdraw {
        /// The market.
        lending: LendingId,
        /// Whole tokens, interest included.
        amount: f64,
    },
    /// Borrow against what is supplied, in this market and others.
    Borrow {
        /// The market.
        lending: LendingId,
        /// Whole tokens.
        amount: f64,
    },
    /// Pay back what was borrowed.
    Repay {
        /// The market.
        lending: LendingId,
        /// Whole tokens.
        amount: f64,
    },
    /// Put what a vault's farm takes into the vault, for shares.
    Deposit {
        /// The vault.
        vault: VaultId,
        /// Of what there is to put in, from 0 to 1.
        fraction: f64,
    },
    /// Give shares of a vault back for what they stand for.
    Redeem {
        /// The vault.
        vault: VaultId,
        /// Of the shares, from 0 to 1.
        fraction: f64,
    },
    /// Send tokens over a bridge, from the wallet on its one chain to that on its other. They are worth what they are worth while they are
    /// on the way.
    Bridge {
        /// The bridge.
        bridge: BridgeId,
        /// The token.
        token: TokenId,
        /// Whole tokens sent, what the bridge keeps included.
        amount: f64,
    },
    /// Buy or sell a token outside, with borrowed money or borrowed tokens, until so much of it is bought: a perpetual future or a loan,
    /// whose margin is outside too. It pays that market's fee.
    Hedge {
        /// The token.
        token: TokenId,
        /// Whole tokens bought after it; negative ones are sold.
        target: f64,
    },
}

/// A liquidity provider's behaviour on one path: what a user implements.
///
/// It sees the market and its own position, and returns what to do; only the simulator's loop moves tokens. It is asked at the
/// start, when the deposit is in the wallet, then whenever what it waits for ([`wake`](Self::wake)) happens, and again after each
/// action it returns, until it returns `None`. It may keep state: every path runs its own clone.
///
/// ```
/// use cenote_strategy::{Action, Entry, Market, PoolId, Position, Strategy, Wake};
///
/// /// Provide liquidity, and leave for good when a third of the deposit is gone.
/// #[derive(Clone, Debug)]
/// struct StopLoss {
///     pool: PoolId,
///     entered: bool,
/// }
///
/// impl Strategy for StopLoss {
///     fn entry(&self) -> Entry {
///         Entry::Pool(self.pool)
///     }
///
///     fn act(&mut self, _: &dyn Market, position: &Position<'_>) -> Option<Action> {
///         if !self.entered {
///             self.entered = true;
///             return Some(Action::Mint { pool: self.pool, fraction: 1.0 });
///         }
///         let lost = position.value < position.deposit_value * 2.0 / 3.0;
///         let inside = position.lp[self.pool.index()] > 0.0;
///         (lost && inside).then_some(Action::Burn { pool: self.pool, fraction: 1.0 })
///     }
///
///     /// Optional, and what makes it fast: nothing has to be asked while the value is above two thirds.
///     fn wake(&self, _: &dyn Market, position: &Position<'_>) -> Wake {
///         let inside = position.lp[self.pool.index()] > 0.0;
///         let low = position.deposit_value * 2.0 / 3.0;
///         if inside { Wake::NEVER.or_value_outside(low, f64::INFINITY) } else { Wake::NEVER }
///     }
/// }
/// ```
pub trait Strategy: Clone + Debug + Send + Sync + 'static {
    /// In which tokens the deposit is handed over.
    fn entry(&self) -> Entry;

    /// The next thing to do now, or `None`.
    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action>;

    /// When it wants to be asked again, said each time it has nothing more to do: at every block, unless it says otherwise.
    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let _ = (market, position);
        Wake::EVERY_BLOCK
    }

    /// How many ranges it has in one pool at most, counted by [`RangeId`] from 0.
    fn ranges(&self) -> u8 {
        1
    }

    /// Tokens have come into the wallet, in whatever proportions: the next [`act`](Self::act) puts them where the rest is. Strategies
    /// that enter with one token only, or little by little, are told so. One that does not say how leaves them in the wallet.
    fn funded(&mut self) {}
}
