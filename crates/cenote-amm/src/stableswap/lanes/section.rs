//! The curve of a pool of two coins at D = 1.
//!
//! With u and v the balances over D and a = A n: a (u + v) + 1 = a + 1/(4 u v).

use cenote_units::select;

/// A pool's curve: depends on A alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Section {
    a: f64,
}

/// A step of D below this fraction leaves an error of its square.
const SMALL_STEP_OF_D: f64 = 1e-10;
/// As many rounds as contracts allow; four or so are needed.
const MAX_ROUNDS: u32 = 255;

/// Rounds of bisection that leave nothing between 0 and 1 to bisect.
const HALVINGS: u32 = 80;

impl Section {
    /// Of the amplification that the contract of two coins reports.
    pub(super) fn new(amplification: f64) -> Self {
        Self { a: 2.0 * amplification }
    }

    /// The other coin's balance, as a fraction: 4 a u v² + b v − 1 = 0; of the two ways to write its positive root, the one that
    /// subtracts nothing.
    #[inline(always)]
    fn other_as_fraction(self, u: f64) -> (f64, f64) {
        let four_au = 4.0 * self.a * u;
        let b = four_au * u + 4.0 * u - four_au;
        let root = b.abs() + (b * b + 4.0 * four_au).sqrt();
        let negative = u64::from(b < 0.0).wrapping_neg();
        (select(negative, root, 2.0), select(negative, 2.0 * four_au, root))
    }

    /// The other coin's balance.
    #[inline(always)]
    pub(super) fn other(self, u: f64) -> f64 {
        let (top, bottom) = self.other_as_fraction(u);
        top / bottom
    }

    /// Marginal price of the first coin in the second.
    #[inline(always)]
    pub(super) fn price(self, u: f64, v: f64) -> f64 {
        // 1/u and 1/v from one division.
        let inverse = 1.0 / (u * v);
        let k = 0.25 * inverse;
        (self.a + k * (inverse * v)) / (self.a + k * (inverse * u))
    }

    /// One step of Newton's method to the place whose price is `target`, from u.
    #[inline(always)]
    pub(super) fn step(self, u: f64, target: f64) -> f64 {
        // v = n/m, and 1/(u v): both from one division.
        let (n, m) = self.other_as_fraction(u);
        let common = 1.0 / (u * (n * m));
        let (v, inverse) = (n * n * (u * common), m * m * common);
        let (iu, iv, k) = (inverse * v, inverse * u, 0.25 * inverse);
        let (top, bottom) = (self.a + k * iu, self.a + k * iv);
        // (price − target) · bottom, and its derivative along the curve, where v' = −top/bottom, are all that is needed:
        // price' = (top' − price bottom') / bottom; here both times bottom².
        let (up, down) = (iu * bottom, iv * top);
        let slope = k * (down * (up - 2.0 * down) - up * (2.0 * up - down));
        let next = u - (top - target * bottom) * (bottom * bottom) / slope;
        // Newton's method may leave the interval when it starts far away.
        let next = if next > 2.0 * u { 2.0 * u } else { next };
        if next < 0.5 * u { 0.5 * u } else { next }
    }

    /// One step of Newton's method to D of these balances: `get_D`.
    #[inline(always)]
    fn invariant_step(self, x: f64, y: f64, d: f64) -> f64 {
        let (sum, dp) = (self.a * (x + y), d * d * d * (0.25 / (x * y)));
        (sum + 2.0 * dp) * d / ((self.a - 1.0) * d + 3.0 * dp)
    }

    /// D of these balances from one nearby; negative if that was not near enough for a few steps.
    #[inline(always)]
    pub(super) fn invariant_near(self, x: f64, y: f64, guess: f64) -> f64 {
        let before = self.invariant_step(x, y, guess);
        let d = self.invariant_step(x, y, before);
        if (d - before).abs() > SMALL_STEP_OF_D * d { -d } else { d }
    }

    /// D of these balances, from anywhere.
    pub(super) fn invariant(self, x: f64, y: f64, guess: f64) -> f64 {
        let mut d = guess;
        for _ in 0..MAX_ROUNDS {
            let before = d;
            d = self.invariant_step(x, y, d);
            if (d - before).abs() <= SMALL_STEP_OF_D * d {
                break;
            }
        }
        d
    }

    /// Where an arbitrageur takes the pool to, however far: to the edge of the band around `price`; where it is, inside the band.
    pub(super) fn place_in_band(self, u: f64, v: f64, price: f64, keep: f64) -> f64 {
        let now = self.price(u, v);
        let target = if now < price * keep {
            price * keep
        } else if now > price / keep {
            price / keep
        } else {
            return u;
        };
        // The price of the coin that is scarce falls in its balance: bisection between nothing and half of everything.
        let (scarce, aim) = if target > 1.0 { (true, target) } else { (false, 1.0 / target) };
        let (mut low, mut high) = (f64::MIN_POSITIVE, 0.5);
        for _ in 0..HALVINGS {
            let middle = if low < 1e-3 * high { low.sqrt() * high.sqrt() } else { 0.5 * (low + high) };
            if self.price(middle, self.other(middle)) <= aim {
                high = middle;
            } else {
                low = middle;
            }
        }
        let mut at = 0.5 * (low + high);
        for _ in 0..2 {
            at = self.step(at, aim);
        }
        if scarce { at } else { self.other(at) }
    }
}
