//! Pools with positions between ticks.

use core::fmt::Debug;
use std::collections::BTreeMap;

use arbitrary::{Result, Unstructured};
use cenote_amm::concentrated::{ConcentratedError, FeeGrowth, Formulas, SqrtPrice, TickRange, Trade};
use cenote_amm::{
    Concentrated, Direction, Lane, OneForZero, Owner, Pool, RangedLiquidity, SwapKind, SwapRequest, TokenIndex, ZeroForOne,
    concentrated,
};

use crate::draw::{FuzzLane, Ledger, trace};

/// Operations per sequence.
const LONGEST: u32 = 30;

type Amount<F> = <<F as Family>::Lane as Lane>::Amount;
type Subject<F> = Concentrated<<F as Family>::Lane, <F as Family>::Contract>;

/// A lane whose prices can be drawn.
pub trait PricedLane: FuzzLane {
    /// A square root price near that of a tick, or anything at all.
    ///
    /// # Errors
    /// The bytes are used up.
    fn draw_price(u: &mut Unstructured<'_>, tick: i32, decimals: [u8; 2]) -> Result<SqrtPrice<Self>>;

    /// Tokens per liquidity, where that is a float and so is only as exact as it is large.
    fn inexact_growth(growth: FeeGrowth<Self>) -> f64;
}

/// An initialized tick: its number, gross and net liquidity.
pub type Initialized = (i32, u128, i128);

/// A contract as a target sees it.
pub trait Family: Sized {
    /// In which arithmetic.
    type Lane: PricedLane;
    /// The contract below the pool.
    type Contract: concentrated::Contract<Self::Lane>;

    /// A pool without a price; none if its parameters are refused.
    ///
    /// # Errors
    /// The bytes are used up.
    fn empty(u: &mut Unstructured<'_>, decimals: [u8; 2]) -> Result<Option<Subject<Self>>>;

    /// All tokens in the pool, the protocol's included.
    fn held(pool: &Subject<Self>) -> [Amount<Self>; 2];

    /// Fees per liquidity since the beginning.
    fn fee_growth(pool: &Subject<Self>) -> [FeeGrowth<Self::Lane>; 2];

    /// All initialized ticks.
    fn ticks(pool: &Subject<Self>) -> Vec<Initialized>;

    /// All positions: owner, range, salt, liquidity.
    fn positions(pool: &Subject<Self>) -> Vec<(Owner, TickRange, u64, u128)>;

    /// The first price.
    ///
    /// # Errors
    /// The contract refuses.
    fn initialize(pool: &mut Subject<Self>, price: SqrtPrice<Self::Lane>) -> core::result::Result<(), ConcentratedError>;

    /// Swaps at the contract, having seen that a quote says the same. What was paid in and out; none if it failed.
    fn trade(pool: &mut Subject<Self>, trade: &Trade<Self::Lane>) -> Option<[Amount<Self>; 2]>;

    /// An operation that only this contract has. Returns whether it passed.
    ///
    /// # Errors
    /// The bytes are used up.
    fn special(
        pool: &mut Subject<Self>,
        u: &mut Unstructured<'_>,
        context: &Context,
        ledger: &mut Ledger<Self::Lane>,
    ) -> Result<bool>;

    /// The position's owner leaves, with what was paid.
    ///
    /// # Errors
    /// The contract refuses.
    fn leave(
        pool: &mut Subject<Self>,
        position: (Owner, TickRange, u64, u128),
    ) -> core::result::Result<[Amount<Self>; 2], ConcentratedError>;
}

/// Where a pool is, for draws near it.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Its tick, zero before there is one.
    pub tick: i32,
    /// Distance of usable ticks.
    pub spacing: i32,
}

impl Context {
    /// A range: near the price, wide, full, or nonsense.
    ///
    /// # Errors
    /// The bytes are used up.
    pub fn range(&self, u: &mut Unstructured<'_>) -> Result<TickRange> {
        let here = self.tick.div_euclid(self.spacing);
        let at = |steps: i32| here.saturating_add(steps).saturating_mul(self.spacing);
        Ok(match u.int_in_range(0..=7_u8)? {
            0..=3 => {
                let lower = i32::from(u.arbitrary::<i8>()?) / 8;
                TickRange::new(at(lower), at(lower + 1 + i32::from(u.arbitrary::<u8>()? % 32)))
            }
            4 | 5 => {
                let lower = i32::from(u.arbitrary::<i16>()?);
                TickRange::new(at(lower), at(lower + 1 + i32::from(u.arbitrary::<u16>()?)))
            }
            6 => TickRange::full(self.spacing),
            _ => TickRange::new(u.arbitrary()?, u.arbitrary()?),
        })
    }

    /// A trade, maybe with a limit.
    fn trade<L: PricedLane>(&self, u: &mut Unstructured<'_>, decimals: [u8; 2], held: [L::Amount; 2]) -> Result<Trade<L>> {
        let (direction, kind) = (direction(u)?, kind(u)?);
        let fixed = usize::from((direction == OneForZero) == (kind == SwapKind::ExactIn));
        let amount = L::draw(u, held[fixed])?;
        let ahead = i32::from(u.arbitrary::<i16>()?);
        let near = if direction == ZeroForOne { self.tick.saturating_sub(ahead) } else { self.tick.saturating_add(ahead) };
        Ok(Trade { direction, kind, amount, sqrt_price_limit: L::draw_price(u, near, decimals)? })
    }
}

/// Liquidity near `reference`, or anything at all.
///
/// # Errors
/// The bytes are used up.
pub fn liquidity(u: &mut Unstructured<'_>, reference: u128) -> Result<u128> {
    Ok(match u.int_in_range(0..=7_u8)? {
        0..=2 => (reference >> 8).wrapping_mul(u.arbitrary::<u8>()?.into()),
        3 => reference.wrapping_add(u.arbitrary::<u8>()?.into()).wrapping_sub(128),
        4 => u.arbitrary::<u16>()?.into(),
        5 => (1_u128 << (u.arbitrary::<u8>()? % 128)).wrapping_add(u.arbitrary::<u8>()?.into()).wrapping_sub(128),
        6 => u.arbitrary()?,
        _ => reference,
    })
}

/// A direction.
///
/// # Errors
/// The bytes are used up.
pub fn direction(u: &mut Unstructured<'_>) -> Result<Direction> {
    Ok(if u.arbitrary()? { ZeroForOne } else { OneForZero })
}

fn kind(u: &mut Unstructured<'_>) -> Result<SwapKind> {
    Ok(if u.arbitrary()? { SwapKind::ExactIn } else { SwapKind::ExactOut })
}

/// An owner.
///
/// # Errors
/// The bytes are used up.
pub fn owner(u: &mut Unstructured<'_>) -> Result<Owner> {
    Ok(Owner::new(1 + u32::from(u.arbitrary::<u8>()? % 3)))
}

/// Runs what the bytes say.
///
/// # Panics
/// Something did not hold.
pub fn drive<F: Family>(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(Some(mut run)) = Run::<F>::start(&mut u) else { return };
    for _ in 0..LONGEST {
        if u.is_empty() || run.step(&mut u).is_err() {
            break;
        }
    }
    run.finish();
}

struct Run<F: Family> {
    pool: Subject<F>,
    decimals: [u8; 2],
    ledger: Ledger<F::Lane>,
}

impl<F: Family> Run<F> {
    fn start(u: &mut Unstructured<'_>) -> Result<Option<Self>> {
        let decimals = if u.arbitrary()? { [18, 18] } else { [u.arbitrary::<u8>()? % 40, u.arbitrary::<u8>()? % 40] };
        let Some(mut pool) = F::empty(u, decimals)? else { return Ok(None) };
        let tick = if u.arbitrary()? { u.arbitrary::<i16>()?.into() } else { u.arbitrary::<i32>()? % 900_000 };
        // Some pools get no price.
        let _ = F::initialize(&mut pool, F::Lane::draw_price(u, tick, decimals)?);
        let mut run = Self { pool, decimals, ledger: Ledger::new(2) };
        // Most are funded before anything else.
        if u.ratio(7, 8)? {
            run.mint(u)?;
        }
        Ok(Some(run))
    }

    fn context(&self) -> Context {
        Context { tick: self.pool.tick().unwrap_or(0), spacing: self.pool.tick_spacing() }
    }

    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let before = self.pool.clone();
        let operation = u.int_in_range(0..=11_u8)?;
        trace(|| format!("operation {operation} on {before:?}"));
        let passed = match operation {
            0 | 1 => self.trade(u)?,
            2 | 3 => self.swap(u)?,
            4 => self.arbitrage(u)?,
            5 => self.mint(u)?,
            6 => self.burn(u)?,
            7 => self.collect(u)?,
            8 => {
                let price = F::Lane::draw_price(u, 0, self.decimals)?;
                F::initialize(&mut self.pool, price).is_ok()
            }
            _ => {
                let context = self.context();
                F::special(&mut self.pool, u, &context, &mut self.ledger)?
            }
        };
        if passed {
            self.check();
        } else {
            assert!(self.pool == before, "an operation failed and left\n{:?}\nof\n{before:?}", self.pool);
        }
        Ok(())
    }

    /// Rounding errors of floats are parts of virtual reserves, those of ticks that a swap may have passed included.
    fn widen(&mut self) {
        let units = <F::Lane as Lane>::Concentrated::units(self.decimals);
        for (number, gross, _) in F::ticks(&self.pool) {
            let Ok(price) = <F::Lane as Lane>::Concentrated::sqrt_price_at_tick(&units, number) else { continue };
            let root = <F::Lane as Lane>::Concentrated::price(price).sqrt();
            let liquidity = <F::Lane as Lane>::Concentrated::liquidity_to_f64(&units, gross);
            // Fees are differences of fees per liquidity since the beginning: as inexact as these.
            let [growth0, growth1] = F::fee_growth(&self.pool).map(F::Lane::inexact_growth);
            self.ledger.widen(0, liquidity * growth0.max(1.0 / root));
            self.ledger.widen(1, liquidity * growth1.max(root));
        }
        if let Some(price) = self.pool.spot_price(TokenIndex::ZERO, TokenIndex::ONE) {
            let liquidity = <F::Lane as Lane>::Concentrated::liquidity_to_f64(&units, self.pool.liquidity());
            self.ledger.widen(0, liquidity / price.sqrt());
            self.ledger.widen(1, liquidity * price.sqrt());
        }
    }

    fn check(&mut self) {
        self.widen();
        let held = F::held(&self.pool);
        assert!(held.into_iter().all(F::Lane::is_valid), "balances of {held:?}");
        self.ledger.check(&held);
        let Some(tick) = self.pool.tick() else { return };
        let (mut in_range, mut books) = (0_u128, BTreeMap::<i32, (u128, i128)>::new());
        for (owner, range, _, liquidity) in F::positions(&self.pool) {
            let _ = RangedLiquidity::position(&self.pool, owner, range);
            if range.contains(tick) {
                in_range += liquidity;
            }
            if liquidity > 0 {
                let net = i128::try_from(liquidity).expect("no position exceeds 2^127");
                for (number, change) in [(range.lower, net), (range.upper, -net)] {
                    let entry = books.entry(number).or_default();
                    *entry = (entry.0 + liquidity, entry.1 + change);
                }
            }
        }
        assert_eq!(self.pool.liquidity(), in_range, "liquidity in range at tick {tick}");
        let books: Vec<Initialized> = books.into_iter().map(|(number, (gross, net))| (number, gross, net)).collect();
        assert_eq!(F::ticks(&self.pool), books);
    }

    /// A trade at the contract, with a limit.
    fn trade(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let trade = self.context().trade::<F::Lane>(u, self.decimals, F::held(&self.pool))?;
        self.widen();
        let side = usize::from(trade.direction == OneForZero);
        let Some([paid, out]) = F::trade(&mut self.pool, &trade) else { return Ok(false) };
        trace(|| format!("{trade:?}: {paid} in, {out} out"));
        assert!(paid <= trade.amount || trade.kind == SwapKind::ExactOut, "{paid} in of {trade:?}");
        assert!(out <= trade.amount || trade.kind == SwapKind::ExactIn, "{out} out of {trade:?}");
        self.ledger.pay_in(side, paid);
        self.ledger.pay_out(1 - side, out);
        Ok(true)
    }

    fn swap(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let direction = direction(u)?;
        let (side, held) = (usize::from(direction == OneForZero), F::held(&self.pool));
        let request = match kind(u)? {
            SwapKind::ExactIn => SwapRequest::exact_in(direction, F::Lane::draw(u, held[side])?),
            SwapKind::ExactOut => SwapRequest::exact_out(direction, F::Lane::draw(u, held[1 - side])?),
        };
        Ok(self.execute(&request))
    }

    fn execute(&mut self, request: &SwapRequest<F::Lane>) -> bool {
        let (quoted, swapped) = (self.pool.quote(request), self.pool.swap(request));
        trace(|| format!("{request:?}: {swapped:?}"));
        // An amount that is no number equals nothing, not even itself in an error.
        assert!(quoted == swapped || format!("{quoted:?}") == format!("{swapped:?}"), "quoted {quoted:?}, swapped {swapped:?}");
        let Ok(outcome) = swapped else { return false };
        for amount in [outcome.amount_in, outcome.amount_out, outcome.fee] {
            assert!(F::Lane::is_valid(amount), "{outcome:?} of {request:?}");
        }
        match request.kind {
            SwapKind::ExactIn => assert!(outcome.amount_in <= request.amount, "{outcome:?} of {request:?}"),
            SwapKind::ExactOut => assert!(outcome.amount_out == request.amount, "{outcome:?} of {request:?}"),
        }
        let (paid, out) = (request.token_in.get(), request.token_out.get());
        self.ledger.pay_in(paid, outcome.amount_in);
        self.ledger.pay_out(out, outcome.amount_out);
        self.widen();
        let back = SwapRequest::exact_in((request.token_out, request.token_in), outcome.amount_out);
        if let Ok(returned) = self.pool.quote(&back) {
            let fair = returned.amount_out <= outcome.amount_in
                || F::Lane::agree(returned.amount_out, outcome.amount_in, self.ledger.scale(paid));
            assert!(fair, "{outcome:?} of {request:?} and back {returned:?}");
        }
        true
    }

    fn arbitrage(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let (base, quote) = if u.arbitrary()? { (TokenIndex::ZERO, TokenIndex::ONE) } else { (TokenIndex::ONE, TokenIndex::ZERO) };
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
        let (owner, range) = (owner(u)?, self.context().range(u)?);
        let held = F::held(&self.pool);
        let mut offered = [<F::Lane as Lane>::ZERO; 2];
        for side in 0..2 {
            offered[side] = if u.arbitrary()? {
                F::Lane::ordinary(u.arbitrary()?, u.arbitrary::<u8>()? % 32)
            } else {
                F::Lane::draw(u, held[side])?
            };
        }
        let Ok(outcome) = RangedLiquidity::mint(&mut self.pool, owner, range, offered) else { return Ok(false) };
        trace(|| format!("{offered:?} in {range} mint {outcome:?}"));
        for side in 0..2 {
            assert!(outcome.amounts[side] <= offered[side], "{outcome:?} of {offered:?} offered");
            self.ledger.pay_in(side, outcome.amounts[side]);
            self.ledger.pay_out(side, outcome.paid_out[side]);
        }
        Ok(true)
    }

    /// A position, maybe one that nobody has.
    fn position(&self, u: &mut Unstructured<'_>) -> Result<(Owner, TickRange, u128)> {
        let positions = F::positions(&self.pool);
        let place = usize::from(u.arbitrary::<u8>()?);
        Ok(match positions.get(place % (positions.len() + 1)) {
            Some((owner, range, _, liquidity)) => (*owner, *range, *liquidity),
            None => (owner(u)?, self.context().range(u)?, 0),
        })
    }

    fn burn(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let (owner, range, held) = self.position(u)?;
        let liquidity = liquidity(u, held)?;
        let Ok(outcome) = RangedLiquidity::burn(&mut self.pool, owner, range, liquidity) else { return Ok(false) };
        for side in 0..2 {
            self.ledger.pay_out(side, outcome.paid_out[side]);
        }
        Ok(true)
    }

    fn collect(&mut self, u: &mut Unstructured<'_>) -> Result<bool> {
        let (owner, range, _) = self.position(u)?;
        let before = self.pool.clone();
        let Ok(paid) = RangedLiquidity::collect(&mut self.pool, owner, range) else {
            // Two calls of the contract: the first may have passed.
            self.pool = before;
            return Ok(false);
        };
        for side in 0..2 {
            self.ledger.pay_out(side, paid[side]);
        }
        Ok(true)
    }

    /// Everybody leaves: the pool can pay all it owes.
    fn finish(mut self) {
        if self.pool.tick().is_none() {
            return;
        }
        self.widen();
        for position in F::positions(&self.pool) {
            match F::leave(&mut self.pool, position) {
                Ok(paid) => {
                    for side in 0..2 {
                        self.ledger.pay_out(side, paid[side]);
                    }
                }
                Err(error @ ConcentratedError::TransferFailed { .. }) => panic!("{position:?} cannot leave: {error}"),
                // Amounts beyond the contract's integers.
                Err(_) => return,
            }
        }
        self.ledger.check(&F::held(&self.pool));
        assert_eq!((self.pool.liquidity(), F::ticks(&self.pool).len()), (0, 0));
    }
}
