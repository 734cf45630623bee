//! One value per coin, without allocation.

use core::fmt;
use core::ops::{Deref, DerefMut};

/// The most coins a pool can have, as in the contracts' factory.
pub const MAX_COINS: usize = 8;

/// One value per coin of a pool; a slice in a fixed place.
#[derive(Clone, Copy)]
pub(super) struct Coins<T> {
    values: [T; MAX_COINS],
    count: usize,
}

impl<T: Copy + Default> Coins<T> {
    /// `value` for each of `count` coins, at most [`MAX_COINS`] of them.
    pub(super) fn filled(value: T, count: usize) -> Self {
        let mut coins = Self { values: [T::default(); MAX_COINS], count: count.min(MAX_COINS) };
        coins.fill(value);
        coins
    }

    /// The values of a slice, at most [`MAX_COINS`] of them.
    pub(super) fn from_slice(values: &[T]) -> Self {
        let mut coins = Self::filled(T::default(), values.len());
        for (coin, value) in coins.iter_mut().zip(values) {
            *coin = *value;
        }
        coins
    }

    /// One value per coin by its index, or the first failure.
    pub(super) fn try_from_fn<E>(count: usize, mut value: impl FnMut(usize) -> Result<T, E>) -> Result<Self, E> {
        let mut coins = Self::filled(T::default(), count);
        for (index, coin) in coins.iter_mut().enumerate() {
            *coin = value(index)?;
        }
        Ok(coins)
    }
}

impl<T> Deref for Coins<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.values[..self.count]
    }
}

impl<T> DerefMut for Coins<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[..self.count]
    }
}

impl<T: PartialEq> PartialEq for Coins<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: fmt::Debug> fmt::Debug for Coins<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
