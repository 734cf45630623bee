//! Parameters of processes from what was observed: maximum likelihood, with standard errors.
//!
//! ```
//! use cenote_paths::calibration::{Returns, fit_gbm};
//! use cenote_paths::PriceHistory;
//! # let mut file = String::from("timestamp,close\n");
//! # for hour in 0..200_u32 { file += &format!("{},{}\n", hour * 3600, 100 + (hour * 7919) % 13); }
//! let history = PriceHistory::read_csv(file.as_bytes(), None)?;
//! let fit = fit_gbm(&Returns::new(&history)?)?;
//! let volatility = fit.parameters.volatility; // per square root of a year
//! println!("{:.3} ± {:.3}, BIC {:.1}", volatility.value, volatility.standard_error, fit.quality.bic());
//! println!("{}", fit.quality.goodness); // Kolmogorov-Smirnov
//! # assert!(volatility.standard_error < 0.1 * volatility.value);
//! # Ok::<(), cenote_paths::PathError>(())
//! ```
//!
//! # What is fitted to what
//!
//! | process | observations | likelihood |
//! |---|---|---|
//! | [`fit_gbm`] | all log returns, each over its own time | exact, in closed form |
//! | [`fit_merton`] | the same | exact: a Poisson mixture of normals |
//! | [`fit_ou`], [`fit_exp_ou`] | the same, as prices or as log prices | exact transitions |
//! | [`fit_garch`] | the same; steps must be whole intervals | that of the process; over a gap, normal with the variance expected of it |
//! | [`fit_regime_switching`] | the same | Hamilton's filter in continuous time, at most two switches in a step |
//! | [`fit_hawkes`] | times of events | exact |
//!
//! All price processes are fitted to the same observations: their likelihoods, densities of log prices, can be compared
//! ([`Quality::aic`], [`Quality::bic`]).
//!
//! **Gaps.** Nothing is filled in. A return over three hours counts as what it is, a return over three hours.
//!
//! **Standard errors** are those of the observed information (the inverse of the second derivatives of the log likelihood, by
//! differences), brought to the reported parameters by the delta method. They hold for long histories and for a process that is
//! the right one. A parameter at a bound has none, and a [`Warning`].
//!
//! **Goodness of fit** is the distance of Kolmogorov and Smirnov between the probability integral transforms of the
//! observations and the uniform distribution. The p-value is that of a law known beforehand: after parameters were fitted to the
//! same observations, true p-values are smaller. So a small one condemns, and a large one does not acquit.
//!
//! **Search.** Nelder and Mead's simplex, here, from several starting points: a hundred lines that give the same bits
//! everywhere, for at most five parameters. Libraries of optimisers bring gradients, linear algebra and observers along that
//! nothing here needs.

mod data;
mod estimate;
mod events;
mod garch;
mod gbm;
pub(crate) mod goodness;
mod hawkes;
mod information;
mod mean_reversion;
mod merton;
mod normal;
mod ranking;
mod regime_switching;
mod search;

pub use data::Returns;
pub use estimate::{Estimate, Fit, Parameter, Parameters, Quality, Unit, Warning};
pub use events::EventTimes;
pub use garch::{GarchParameters, fit_garch};
pub use gbm::{GbmParameters, fit_gbm};
pub use goodness::GoodnessOfFit;
pub use hawkes::{HawkesParameters, fit_hawkes, fit_poisson};
pub use mean_reversion::{MeanReversionParameters, fit_exp_ou, fit_ou};
pub use merton::{MertonParameters, fit_merton};
pub use ranking::{PriceFit, PriceProcessKind};
pub use regime_switching::{RegimeParameters, RegimeSwitchingParameters, fit_regime_switching};
