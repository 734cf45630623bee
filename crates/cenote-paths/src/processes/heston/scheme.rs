//! One part of a step by the quadratic-exponential scheme, phase by phase.

use cenote_units::{Lanes, kernel, mask, math, select};

use crate::processes::growth::grow;

/// In years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parameters {
    /// Of the price, or of the log price.
    pub(super) drift: f64,
    /// Share of the Itô term −v/2: 1 for the drift of the price, 0 for that of the log price.
    pub(super) ito: f64,
    pub(super) initial: f64,
    pub(super) kappa: f64,
    pub(super) theta: f64,
    pub(super) xi: f64,
    pub(super) rho: f64,
}

/// The largest ψ of the quadratic form; Andersen recommends it.
const PSI_LIMIT: f64 = 1.5;

impl Parameters {
    /// In years. With it, the expectation of the martingale correction exists: 2A times the scale of v is below 1.
    pub(super) fn longest_part(&self) -> f64 {
        (1.0 / 365.0_f64).min(0.0625 / self.kappa).min(0.5 / self.xi)
    }
}

/// What depends on the length h of a part.
#[derive(Clone, Debug)]
pub(super) struct Coefficients<const L: usize> {
    /// E[v′ | v] = `mean_from_theta` + `decay` v.
    pub(super) decay: Lanes<L>,
    pub(super) mean_from_theta: Lanes<L>,
    /// Var[v′ | v] = `variance_from_theta` + `variance_from_v` v.
    pub(super) variance_from_v: Lanes<L>,
    pub(super) variance_from_theta: Lanes<L>,
    /// K₂ = (1 + κh/2) ρ/ξ − h/4; without the − h/4, half of the Itô term, for the drift of the log price.
    pub(super) k2: Lanes<L>,
    /// K₃ = K₄ = (1 − ρ²) h/2.
    pub(super) k3: Lanes<L>,
    /// Drift × h.
    pub(super) drift: Lanes<L>,
}

impl<const L: usize> Default for Coefficients<L> {
    fn default() -> Self {
        let [decay, mean_from_theta, variance_from_v, variance_from_theta, k2, k3, drift] = [Lanes::ZERO; 7];
        Self { decay, mean_from_theta, variance_from_v, variance_from_theta, k2, k3, drift }
    }
}

impl<const L: usize> Coefficients<L> {
    /// Conditional mean of the variance, and ψ: its conditional variance over the square of the mean.
    #[inline(always)]
    fn moments(&self, l: usize, v: f64) -> (f64, f64) {
        let mean = self.mean_from_theta[l] + self.decay[l] * v;
        let variance = self.variance_from_theta[l] + self.variance_from_v[l] * v;
        (mean, variance / (mean * mean))
    }

    /// A = K₂ + K₄/2: E[exp(A v′)] is what the log price would grow by.
    #[inline(always)]
    fn exponent(&self, l: usize) -> f64 {
        self.k2[l] + 0.5 * self.k3[l]
    }
}

kernel! {
    pub(super) fn fill<const L: usize>(years: &Lanes<L>, parameters: Parameters, out: &mut Coefficients<L>) {
        let Parameters { drift, ito, kappa, theta, xi, rho, .. } = parameters;
        for l in 0..L {
            let h = years[l];
            let gone = -math::exp_m1(-kappa * h);
            let decay = 1.0 - gone;
            out.decay[l] = decay;
            out.mean_from_theta[l] = theta * gone;
            out.variance_from_v[l] = xi * xi / kappa * (decay * gone);
            out.variance_from_theta[l] = 0.5 * theta * xi * xi / kappa * (gone * gone);
            out.k2[l] = (1.0 + 0.5 * kappa * h) * (rho / xi) - 0.25 * ito * h;
            out.k3[l] = 0.5 * (1.0 - rho * rho) * h;
            out.drift[l] = drift * h;
        }
    }
}

kernel! {
    /// v′ = a (b + Z)² for lanes with ψ up to its limit, and ln E[exp(A v′)] + K₃ v/2. Returns 0 if that is all lanes.
    pub(super) fn quadratic<const L: usize>(
        v: &Lanes<L>, z: &Lanes<L>, lengths: &Lanes<L>, c: &Coefficients<L>, next: &mut Lanes<L>, correction: &mut Lanes<L>,
    ) -> u64 {
        let (mut left, mut psis) = (Lanes::<L>::ZERO, Lanes::<L>::ZERO);
        for l in 0..L {
            let (mean, psi) = c.moments(l, v[l]);
            psis[l] = psi;
            let two = 2.0 / psi;
            let b2 = (two - 1.0) + (two * (two - 1.0)).sqrt();
            let a = mean / (1.0 + b2);
            let root = b2.sqrt() + z[l];
            next[l] = a * (root * root);
            let exponent = c.exponent(l) * a;
            left[l] = 1.0 - 2.0 * exponent;
            correction[l] = exponent * b2 / left[l];
        }
        // Loops of their own: together, they do not vectorise.
        let mut others = 0;
        for l in 0..L {
            correction[l] = (correction[l] - 0.5 * math::ln(left[l])) + 0.5 * c.k3[l] * v[l];
        }
        for l in 0..L {
            others |= mask(psis[l] > PSI_LIMIT) & mask(lengths[l] > 0.0);
        }
        others
    }
}

kernel! {
    /// The same for lanes with ψ beyond it: zero with probability p, else exponential of rate β.
    pub(super) fn exponentials<const L: usize>(
        v: &Lanes<L>, u: &Lanes<L>, c: &Coefficients<L>, next: &mut Lanes<L>, correction: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let (mean, psi) = c.moments(l, v[l]);
            let chosen = mask(psi > PSI_LIMIT);
            let p = (psi - 1.0) / (psi + 1.0);
            let scale = mean / (1.0 - p);
            // 1 where the variance is zero.
            let ratio = (1.0 - p) / (1.0 - u[l]);
            let above = scale * math::ln(if ratio > 1.0 { ratio } else { 1.0 });
            next[l] = select(chosen, above, next[l]);
            // p + (1 − p) β/(β − A), β = 1/scale
            let growth = p + (1.0 - p) / (1.0 - c.exponent(l) * scale);
            correction[l] = select(chosen, math::ln(growth) + 0.5 * c.k3[l] * v[l], correction[l]);
        }
    }
}

kernel! {
    /// For the drift of the log price: K₂ E[v′].
    pub(super) fn centre<const L: usize>(v: &Lanes<L>, c: &Coefficients<L>, correction: &mut Lanes<L>) {
        for l in 0..L {
            correction[l] = c.k2[l] * c.moments(l, v[l]).0;
        }
    }
}

kernel! {
    /// ln S′ − ln S = drift h + K₂ v′ + √(K₃ v + K₄ v′) Z − correction, in lanes that move.
    pub(super) fn finish<const L: usize>(
        z: &Lanes<L>, lengths: &Lanes<L>, c: &Coefficients<L>, next: &Lanes<L>, correction: &Lanes<L>, v: &mut Lanes<L>,
        log_return: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let moves = mask(lengths[l] > 0.0);
            let deviation = (c.k3[l] * (v[l] + next[l])).sqrt();
            let x = (c.drift[l] + (c.k2[l] * next[l] - correction[l])) + deviation * z[l];
            log_return[l] += select(moves, x, 0.0);
            v[l] = select(moves, next[l], v[l]);
        }
    }
}

kernel! {
    /// The normal of the next part, of which `rest` / √n is the normal of a step in n parts: given the sum of the m normals to come,
    /// each is normal of mean sum/m and variance (m − 1)/m. With m = 1 it is what is left, to the bit.
    pub(super) fn next_of_parts<const L: usize>(e: &Lanes<L>, m: &Lanes<L>, rest: &mut Lanes<L>, z: &mut Lanes<L>) {
        for l in 0..L {
            // Lanes that are through do not look at theirs.
            let m = if m[l] > 1.0 { m[l] } else { 1.0 };
            z[l] = rest[l] / m + ((m - 1.0) / m).sqrt() * e[l];
            rest[l] -= z[l];
        }
    }
}

kernel! {
    pub(super) fn multiply<const L: usize>(log_return: &Lanes<L>, price: &mut Lanes<L>) {
        grow(&mut price.0, |l| log_return[l]);
    }
}
