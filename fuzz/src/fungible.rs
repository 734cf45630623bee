//! Pools with LP tokens.

use core::fmt::Debug;

use arbitrary::{Result, Unstructured};
use cenote_amm::{FungibleLiquidity, Lane, Owner, Pool, SwapKind, SwapRequest, TokenIndex};

use crate::draw::{FuzzLane, Ledger, trace};

/// Operations per sequence.
const LONGEST: u32 = 40;

/// A family of pools as a target sees it.
pub trait Family: Sized {
    /// In which arithmetic.
    type Lane: FuzzLane;
    /// The pool.
    type Pool: FungibleLiquidity<Lane = Self::Lane> + Clone + Debug + PartialEq;

    /// Whether a swap and its way back together may never gain a unit.
    const NO_FREE_LUNCH: bool;

    /// An empty pool; none if its parameters are refused.
    ///
    /// # Errors
    /// The bytes are used up.
    fn empty(u: &mut Unstructured<'_>) -> Result<Option<Self::Pool>>;

    /// Whether the next swap gets nothing from those before it.
    fn is_settled(_pool: &Self::Pool) -> bool {
        true
    }

    /// All tokens in the pool, the protocol's included.
    fn held(pool: &Self::Pool) -> Vec<Amount<Self>>;

    /// The LP tokens of everybody.
    fn owned(pool: &Self::Pool) -> Vec<Amount<Self>>;

    /// What a burn pays to the protocol too, were it to happen now.
    fn paid_along(pool: &Self::Pool) -> Vec<Amount<Self>> {
        vec![<Self::Lane as Lane>::ZERO; pool.token_count()]
    }

    /// An operation that only this family has. Returns whether it passed.
    ///
    /// # Errors
    /// The bytes are used up.
    fn special(pool: &mut Self::Pool, u: &mut Unstructured<'_>, ledger: &mut Ledger<Self::Lane>) -> Result<bool>;
}

type Amount<F> = <<F as Family>::Lane as Lane>::Amount;

/// Runs what the bytes say.
///
/// # Panics
/// Something did not hold.
pub fn drive<F: Family>(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(Some(pool)) = F::empty(&mut u) else { return };
    let ledger = Ledger::new(pool.token_count());
    let mut run = Run::<F> { pool, ledger };
    for _ in 0..LONGEST {
        if u.is_empty() || run.step(&mut u).is_err() {
            return;
        }
    }
}

struct Run<F: Family> {
    pool: F::Pool,
    ledger: Ledger<F::Lane>,
}

/// An owner, maybe one of those that the contracts treat specially.
pub fn owner(u: &mut Unstructured<'_>) -> Result<Owner> {
    let id = u.arbitrary::<u8>()? % 6;
    Ok(if id == 5 { Owner::POOL } else { Owner::new(id.into()) })
}

impl<F: Family> Run<F> {
    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let before = self.pool.clone();
        let operation = u.int_in_range(0..=11_u8)?;
        trace(|| format!("operation {operation} on {before:?}"));
        let passed = match operation {
            0..=3 => self.swap(u)?,
            4 => self.arbitrage(u)?,
            5 | 6 => self.mint(u)?,
            7 => self.burn(u)?,
            8 => self.transfer(u)?,
            _ => F::special(&mut self.pool, u, &mut self.ledger)?,
        };
        if !passed {
            assert!(self.pool == before, "an operation failed and left\n{:?}\nof\n{before:?}", self.pool);
            return Ok(());
        }
        self.check();
        Ok(())
    }

    fn check(&self) {
        let held = F::held(&self.pool);
        self.ledger.check(&held);
        let zero = <F::Lane as Lane>::ZERO;
        let (mut sum, supply) = (zero, self.pool.total_supply());
        for amount in F::owned(&self.pool) {
            assert!(F::Lane::is_valid(amount), "LP tokens of {amount}");
            sum = F::Lane::posted(sum, amount, true);
        }
        // At the end of the range of floats the order decides whether a sum is finite.
        let counted = !F::Lane::is_valid(sum) || F::Lane::agree(sum, supply, F::Lane::amount_to_f64(supply));
        assert!(counted, "{sum} LP tokens are owned, {supply} are out");
        for base in 0..self.pool.token_count() {
            assert!(F::Lane::is_valid(held[base]), "a balance of {}", held[base]);
            let price = self.pool.spot_price(index(base), index((base + 1) % self.pool.token_count()));
            assert!(price.is_none_or(|price| price >= 0.0), "a price of {price:?} of {:?}", self.pool);
        }
        let _ = (self.pool.invariant(), self.pool.pending_protocol_liquidity());
    }

    fn reserve(&self, token: TokenIndex) -> Amount<F> {
        self.pool.reserve(token).unwrap_or(<F::Lane as Lane>::ZERO)
    }

    /// A token, now and then one that the pool has not.
    fn token(&self, u: &mut Unstructured<'_>) -> Result<TokenIndex> {
        let byte = u.arbitrary::<u8>()?;
        Ok(if byte == 255 { TokenIndex(byte) } else { index(usize::from(byte) % self.pool.token_count()) })
    }

    fn swap(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let tokens = (self.token(u)?, self.token(u)?);
        let request = if u.arbitrary()? {
            SwapRequest::exact_in(tokens, F::Lane::draw(u, self.reserve(tokens.0))?)
        } else {
            SwapRequest::exact_out(tokens, F::Lane::draw(u, self.reserve(tokens.1))?)
        };
        Ok(self.execute(&request))
    }

    fn execute(&mut self, request: &SwapRequest<F::Lane>) -> bool {
        let settled = F::is_settled(&self.pool);
        let (quoted, swapped) = (self.pool.quote(request), self.pool.swap(request));
        // An amount that is no number equals nothing, not even itself in an error.
        trace(|| format!("{request:?} {swapped:?}"));
        assert!(quoted == swapped || format!("{quoted:?}") == format!("{swapped:?}"), "quoted {quoted:?}, swapped {swapped:?}");
        let Ok(outcome) = swapped else { return false };
        let asked = request.amount;
        match request.kind {
            SwapKind::ExactIn => assert!(outcome.amount_in <= asked, "{outcome:?} of {request:?}"),
            SwapKind::ExactOut => {
                let scale = F::Lane::amount_to_f64(self.reserve(request.token_out)) + F::Lane::amount_to_f64(asked);
                let enough = outcome.amount_out >= asked || F::Lane::agree(outcome.amount_out, asked, scale);
                assert!(enough, "{outcome:?} of {request:?}");
            }
        }
        for amount in [outcome.amount_in, outcome.amount_out, outcome.fee] {
            assert!(F::Lane::is_valid(amount), "{outcome:?} of {request:?}");
        }
        assert!(outcome.fee <= outcome.amount_in, "{outcome:?} of {request:?}");
        self.ledger.pay_in(request.token_in.get(), outcome.amount_in);
        self.ledger.pay_out(request.token_out.get(), outcome.amount_out);
        if F::NO_FREE_LUNCH && settled {
            let back = SwapRequest::exact_in((request.token_out, request.token_in), outcome.amount_out);
            if let Ok(returned) = self.pool.quote(&back) {
                let scale = F::Lane::amount_to_f64(self.reserve(request.token_in));
                let fair =
                    returned.amount_out <= outcome.amount_in || F::Lane::agree(returned.amount_out, outcome.amount_in, scale);
                assert!(fair, "{outcome:?} of {request:?} and back {returned:?}");
            }
        }
        true
    }

    fn arbitrage(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let (base, quote) = (self.token(u)?, self.token(u)?);
        let target = if u.arbitrary()? {
            f64::from_bits(u.arbitrary()?)
        } else {
            self.pool.spot_price(base, quote).unwrap_or(1.0) * 1.01_f64.powi(u.arbitrary::<i8>()?.into())
        };
        let Some(request) = self.pool.swap_to(base, quote, target) else { return Ok(false) };
        assert!(self.execute(&request), "{request:?} towards {target} fails: {:?}", self.pool.quote(&request));
        Ok(true)
    }

    fn mint(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let owner = owner(u)?;
        let tokens = self.pool.token_count();
        let first = self.pool.total_supply() == <F::Lane as Lane>::ZERO;
        let mut offered = Vec::with_capacity(tokens);
        for token in 0..tokens {
            offered.push(if first && u.ratio(7, 8)? {
                F::Lane::ordinary(u.arbitrary()?, u.arbitrary::<u8>()? % 32)
            } else {
                F::Lane::draw(u, self.reserve(index(token)))?
            });
        }
        if u.arbitrary::<u8>()? == 255 {
            offered.pop();
        }
        let Ok(outcome) = self.pool.mint(owner, &offered) else { return Ok(false) };
        for (token, (paid, offered)) in outcome.amounts.into_iter().zip(offered).enumerate() {
            assert!(paid <= offered, "{paid} taken of {offered} offered of token {token}");
            self.ledger.pay_in(token, paid);
        }
        Ok(true)
    }

    fn burn(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let owner = owner(u)?;
        let liquidity = if u.ratio(1, 8)? { self.pool.balance_of(owner) } else { F::Lane::draw(u, self.pool.balance_of(owner))? };
        let along = F::paid_along(&self.pool);
        let Ok(outcome) = self.pool.burn(owner, liquidity) else { return Ok(false) };
        for (token, paid) in outcome.amounts.into_iter().enumerate().chain(along.into_iter().enumerate()) {
            self.ledger.pay_out(token, paid);
        }
        Ok(true)
    }

    fn transfer(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let (from, to) = (owner(u)?, owner(u)?);
        let amount = F::Lane::draw(u, self.pool.balance_of(from))?;
        Ok(self.pool.transfer(from, to, amount).is_ok())
    }
}

/// The token of that number.
#[allow(clippy::cast_possible_truncation)]
pub fn index(token: usize) -> TokenIndex {
    TokenIndex(token as u8)
}
