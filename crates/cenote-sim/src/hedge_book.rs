use cenote_units::{LaneList, Lanes};

use crate::error::ScenarioError;

/// On which terms a position can buy and sell tokens outside with borrowed money or tokens. Margin is outside too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HedgeTerms {
    /// With what.
    pub instrument: HedgeInstrument,
    /// Paid on the value of every trade, as a fraction.
    pub fee: f64,
}

/// What a hedge is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HedgeInstrument {
    /// A perpetual future at the outside price: who has bought pays `funding` per year on the value to who has sold; a negative one goes
    /// the other way.
    Perpetual {
        /// Per year, simple.
        funding: f64,
    },
    /// Tokens borrowed and sold at the outside price; what is owed grows by `interest`. It cannot buy.
    Loan {
        /// Per year, compounded at every block.
        interest: f64,
    },
}

impl HedgeTerms {
    pub(crate) fn check(&self, position: &str) -> Result<(), ScenarioError> {
        let (what, rate) = match self.instrument {
            HedgeInstrument::Perpetual { funding } => ("funding", funding),
            HedgeInstrument::Loan { interest } => ("interest", interest),
        };
        if !rate.is_finite() {
            let what = format!("{what} of the hedge of {position:?}");
            return Err(ScenarioError::Value { what, value: rate, expected: "a finite rate" });
        }
        if !(self.fee >= 0.0 && self.fee < 1.0) {
            let what = format!("fee of the hedge of {position:?}");
            return Err(ScenarioError::Value { what, value: self.fee, expected: "a fraction below one, not negative" });
        }
        Ok(())
    }
}

/// A position's account outside.
///
/// It is kept twice: as cash and tokens, which are worth what they are worth, and as a profit that is added up from price moves,
/// funding and fees as they come. The attribution compares the two.
#[derive(Debug)]
pub(crate) struct HedgeBook<const L: usize> {
    terms: Option<HedgeTerms>,
    /// Whether anything was ever bought or sold on these paths.
    used: bool,
    /// Whole tokens bought, by token; negative ones are sold.
    units: Vec<Lanes<L>>,
    /// Tokens that were ever traded.
    traded: Vec<bool>,
    cash: Lanes<L>,
    profit: Lanes<L>,
}

impl<const L: usize> HedgeBook<L> {
    pub(crate) fn new(terms: Option<HedgeTerms>, tokens: usize) -> Self {
        let (units, traded) = (vec![Lanes::ZERO; tokens], vec![false; tokens]);
        Self { terms, used: false, units, traded, cash: Lanes::ZERO, profit: Lanes::ZERO }
    }

    pub(crate) fn clear(&mut self) {
        self.used = false;
        self.units.fill(Lanes::ZERO);
        self.traded.fill(false);
        (self.cash, self.profit) = (Lanes::ZERO, Lanes::ZERO);
    }

    /// Whole tokens bought, by token.
    pub(crate) fn units(&self) -> &[Lanes<L>] {
        &self.units
    }

    /// What it has come to, in the numeraire.
    pub(crate) fn profit(&self, l: usize) -> f64 {
        self.profit[l]
    }

    /// Whether it can hold so much of a token.
    pub(crate) fn offers(&self, target: f64) -> bool {
        match self.terms {
            None => false,
            Some(HedgeTerms { instrument: HedgeInstrument::Loan { .. }, .. }) => target.is_finite() && target <= 0.0,
            Some(_) => target.is_finite(),
        }
    }

    /// What the step did that led to these prices: `years` long, lane by lane. A lane whose time stands still has no years and no move.
    pub(crate) fn accrue(&mut self, before: &[Lanes<L>], after: &[Lanes<L>], years: &Lanes<L>) {
        let Some(terms) = self.terms.filter(|_| self.used) else { return };
        for (t, units) in self.units.iter_mut().enumerate().filter(|(t, _)| self.traded[*t]) {
            for l in 0..L {
                self.profit[l] += units[l] * (after[t][l] - before[t][l]);
                match terms.instrument {
                    HedgeInstrument::Perpetual { funding } => {
                        let paid = units[l] * before[t][l] * (funding * years[l]);
                        self.cash[l] -= paid;
                        self.profit[l] -= paid;
                    }
                    HedgeInstrument::Loan { interest } => {
                        let grown = units[l] * (interest * years[l]);
                        units[l] += grown;
                        self.profit[l] += grown * after[t][l];
                    }
                }
            }
        }
    }

    /// Buys or sells until `target` is there, in these lanes.
    pub(crate) fn trade(&mut self, t: usize, target: &Lanes<L>, lanes: &LaneList<L>, price: &Lanes<L>) {
        let Some(terms) = self.terms else { return };
        (self.used, self.traded[t]) = (true, true);
        for l in lanes.iter() {
            let bought = target[l] - self.units[t][l];
            let fee = (bought * price[l]).abs() * terms.fee;
            self.cash[l] -= bought * price[l] + fee;
            self.profit[l] -= fee;
            self.units[t][l] = target[l];
        }
    }

    /// Adds what the account is worth.
    pub(crate) fn add_value(&self, prices: &[Lanes<L>], value: &mut Lanes<L>) {
        if !self.used {
            return;
        }
        for l in 0..L {
            value[l] = self.plus_value(l, prices, value[l]);
        }
    }

    /// The same in one lane.
    pub(crate) fn plus_value(&self, l: usize, prices: &[Lanes<L>], value: f64) -> f64 {
        if !self.used {
            return value;
        }
        let held = self.units.iter().enumerate().filter(|(t, _)| self.traded[*t]);
        held.fold(value + self.cash[l], |value, (t, units)| value + units[l] * prices[t][l])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(instrument: HedgeInstrument, fee: f64) -> HedgeBook<1> {
        HedgeBook::new(Some(HedgeTerms { instrument, fee }), 1)
    }

    fn value(book: &HedgeBook<1>, price: f64) -> f64 {
        let mut value = Lanes::ZERO;
        book.add_value(&[Lanes([price])], &mut value);
        value[0]
    }

    /// Sold 2 at 100 with 1% fee, half a year at 10% funding, bought back at 90: 20 − 3.8 + 10.
    #[test]
    fn a_perpetual_by_hand() {
        let mut book = book(HedgeInstrument::Perpetual { funding: 0.1 }, 0.01);
        book.trade(0, &Lanes([-2.0]), &LaneList::all(), &Lanes([100.0]));
        assert!((value(&book, 100.0) + 2.0).abs() < 1e-12);
        book.accrue(&[Lanes([100.0])], &[Lanes([90.0])], &Lanes([0.5]));
        assert!((value(&book, 90.0) - (20.0 - 2.0 + 10.0)).abs() < 1e-12);
        assert!((book.profit(0) - value(&book, 90.0)).abs() < 1e-12);
        book.trade(0, &Lanes([0.0]), &LaneList::all(), &Lanes([90.0]));
        assert!((value(&book, 12.0) - 26.2).abs() < 1e-12);
        assert!((book.profit(0) - 26.2).abs() < 1e-12);
    }

    /// 2 borrowed and sold at 100; a year at 5% later 2.1 are owed, at 110.
    #[test]
    fn a_loan_by_hand() {
        let mut book = book(HedgeInstrument::Loan { interest: 0.05 }, 0.0);
        assert!(book.offers(-2.0) && !book.offers(2.0) && !book.offers(f64::NAN));
        book.trade(0, &Lanes([-2.0]), &LaneList::all(), &Lanes([100.0]));
        book.accrue(&[Lanes([100.0])], &[Lanes([110.0])], &Lanes([1.0]));
        assert!((book.units()[0][0] + 2.1).abs() < 1e-15);
        assert!((value(&book, 110.0) - (200.0 - 231.0)).abs() < 1e-12);
        assert!((book.profit(0) + 31.0).abs() < 1e-12);
    }

    #[test]
    fn nobody_trades_without_terms() {
        assert!(!HedgeBook::<1>::new(None, 1).offers(-1.0));
        let mut used = book(HedgeInstrument::Perpetual { funding: 0.0 }, 0.0);
        used.trade(0, &Lanes([5.0]), &LaneList::all(), &Lanes([1.0]));
        used.clear();
        assert_eq!((value(&used, 7.0), used.profit(0), used.units()[0][0]), (0.0, 0.0, 0.0));
    }
}
