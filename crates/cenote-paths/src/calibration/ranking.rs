use super::data::Returns;
use super::estimate::{Fit, Parameter, Parameters, Quality, Warning};
use super::garch::{GarchParameters, fit_garch};
use super::gbm::{GbmParameters, fit_gbm};
use super::mean_reversion::{MeanReversionParameters, fit_exp_ou, fit_ou};
use super::merton::{MertonParameters, fit_merton};
use super::regime_switching::{RegimeSwitchingParameters, fit_regime_switching};
use crate::error::PathError;

/// A price process that can be calibrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceProcessKind {
    /// [`Gbm`](crate::Gbm)
    Gbm,
    /// [`Merton`](crate::Merton)
    Merton,
    /// [`Ou`](crate::Ou)
    Ou,
    /// [`ExpOu`](crate::ExpOu)
    ExpOu,
    /// [`Garch`](crate::Garch)
    Garch,
    /// [`RegimeSwitching`](crate::RegimeSwitching)
    RegimeSwitching,
}

/// A fitted price process, whichever it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PriceFit {
    /// `gbm`
    Gbm(Fit<GbmParameters>),
    /// `merton`
    Merton(Fit<MertonParameters>),
    /// `ou`
    Ou(Fit<MeanReversionParameters>),
    /// `exp-ou`
    ExpOu(Fit<MeanReversionParameters>),
    /// `garch`
    Garch(Fit<GarchParameters>),
    /// `regime-switching`
    RegimeSwitching(Fit<RegimeSwitchingParameters>),
}

impl PriceProcessKind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Gbm, Self::Merton, Self::Ou, Self::ExpOu, Self::Garch, Self::RegimeSwitching];

    /// The name in study files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gbm => "gbm",
            Self::Merton => "merton",
            Self::Ou => "ou",
            Self::ExpOu => "exp-ou",
            Self::Garch => "garch",
            Self::RegimeSwitching => "regime-switching",
        }
    }

    /// Its fit to returns.
    ///
    /// # Errors
    /// [`PathError::TooFew`], [`PathError::ConstantReturns`] and [`PathError::UnevenSteps`], as the process has it.
    pub fn fit(self, returns: &Returns) -> Result<PriceFit, PathError> {
        Ok(match self {
            Self::Gbm => PriceFit::Gbm(fit_gbm(returns)?),
            Self::Merton => PriceFit::Merton(fit_merton(returns)?),
            Self::Ou => PriceFit::Ou(fit_ou(returns)?),
            Self::ExpOu => PriceFit::ExpOu(fit_exp_ou(returns)?),
            Self::Garch => PriceFit::Garch(fit_garch(returns)?),
            Self::RegimeSwitching => PriceFit::RegimeSwitching(fit_regime_switching(returns)?),
        })
    }
}

impl PriceFit {
    /// Which process it is.
    pub const fn kind(&self) -> PriceProcessKind {
        match self {
            Self::Gbm(_) => PriceProcessKind::Gbm,
            Self::Merton(_) => PriceProcessKind::Merton,
            Self::Ou(_) => PriceProcessKind::Ou,
            Self::ExpOu(_) => PriceProcessKind::ExpOu,
            Self::Garch(_) => PriceProcessKind::Garch,
            Self::RegimeSwitching(_) => PriceProcessKind::RegimeSwitching,
        }
    }

    /// How well it describes the observations.
    pub const fn quality(&self) -> &Quality {
        match self {
            Self::Gbm(fit) => &fit.quality,
            Self::Merton(fit) => &fit.quality,
            Self::Ou(fit) | Self::ExpOu(fit) => &fit.quality,
            Self::Garch(fit) => &fit.quality,
            Self::RegimeSwitching(fit) => &fit.quality,
        }
    }

    /// What to know before using it.
    pub fn warnings(&self) -> &[Warning] {
        match self {
            Self::Gbm(fit) => &fit.warnings,
            Self::Merton(fit) => &fit.warnings,
            Self::Ou(fit) | Self::ExpOu(fit) => &fit.warnings,
            Self::Garch(fit) => &fit.warnings,
            Self::RegimeSwitching(fit) => &fit.warnings,
        }
    }

    /// Its parameters, by name.
    pub fn parameters(&self) -> Vec<Parameter> {
        match self {
            Self::Gbm(fit) => fit.parameters.list(),
            Self::Merton(fit) => fit.parameters.list(),
            Self::Ou(fit) | Self::ExpOu(fit) => fit.parameters.list(),
            Self::Garch(fit) => fit.parameters.list(),
            Self::RegimeSwitching(fit) => fit.parameters.list(),
        }
    }
}
