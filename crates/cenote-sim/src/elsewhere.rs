use cenote_strategy::{BridgeId, ChainId};
use cenote_units::Lanes;

/// Where tokens of a position can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    /// In its wallet on a chain.
    On(ChainId),
    /// On the way between two chains.
    OnTheWay,
}

/// A position's tokens on other chains than its own, and on the way between chains. In a world of one chain there are none.
#[derive(Debug)]
pub(crate) struct Elsewhere<const L: usize> {
    /// By chain and token, and last what is on the way. Of the position's own chain it is empty.
    wallets: Vec<Vec<Lanes<L>>>,
    /// Outside prices at the last settlement.
    marks: Vec<Vec<Lanes<L>>>,
    held: Vec<Vec<bool>>,
    /// What is on the way: entries in which no lane has anything left are used again.
    pub(crate) transfers: Vec<Transfer<L>>,
}

/// A token on its way over a bridge.
#[derive(Clone, Debug)]
pub(crate) struct Transfer<const L: usize> {
    pub(crate) bridge: BridgeId,
    pub(crate) token: usize,
    /// Zero where there is none.
    pub(crate) amount: Lanes<L>,
    /// When it arrives, in nanoseconds.
    pub(crate) due: [u64; L],
    /// Whether it does not.
    pub(crate) lost: [bool; L],
}

impl<const L: usize> Elsewhere<L> {
    pub(crate) fn new(chains: usize, tokens: usize) -> Self {
        let places = if chains > 1 { chains + 1 } else { 0 };
        Self {
            wallets: vec![vec![Lanes::ZERO; tokens]; places],
            marks: vec![vec![Lanes::ZERO; tokens]; places],
            held: vec![vec![false; tokens]; places],
            transfers: Vec::new(),
        }
    }

    pub(crate) fn clear(&mut self) {
        for wallet in self.wallets.iter_mut().chain(&mut self.marks) {
            wallet.fill(Lanes::ZERO);
        }
        for held in &mut self.held {
            held.fill(false);
        }
        self.transfers.clear();
    }

    /// By chain and token, and last what is on the way.
    pub(crate) fn wallets(&self) -> &[Vec<Lanes<L>>] {
        &self.wallets
    }

    /// Everywhere.
    pub(crate) fn places(&self) -> impl Iterator<Item = Where> + use<L> {
        let chains = u16::try_from(self.wallets.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let way = (chains > 0).then_some(Where::OnTheWay);
        (0..chains).map(|c| Where::On(ChainId(c))).chain(way)
    }

    fn index(&self, place: Where) -> usize {
        match place {
            Where::On(chain) => chain.index(),
            Where::OnTheWay => self.wallets.len() - 1,
        }
    }

    pub(crate) fn exchange(&mut self, place: Where, wallet: &mut Vec<Lanes<L>>, marks: &mut Vec<Lanes<L>>, held: &mut Vec<bool>) {
        let k = self.index(place);
        std::mem::swap(&mut self.wallets[k], wallet);
        std::mem::swap(&mut self.marks[k], marks);
        std::mem::swap(&mut self.held[k], held);
    }

    /// Whole tokens of a kind, place by place.
    pub(crate) fn amounts(&self, t: usize) -> impl Iterator<Item = &Lanes<L>> {
        self.wallets.iter().map(move |wallet| &wallet[t])
    }

    /// Adds what all of it is worth.
    pub(crate) fn add_value(&self, prices: &[Lanes<L>], value: &mut Lanes<L>) {
        if !self.wallets.is_empty() {
            for l in 0..L {
                value[l] = self.plus_value(l, prices, value[l]);
            }
        }
    }

    /// The same in one lane.
    pub(crate) fn plus_value(&self, l: usize, prices: &[Lanes<L>], mut value: f64) -> f64 {
        for (wallet, held) in self.wallets.iter().zip(&self.held) {
            for ((amount, held), price) in wallet.iter().zip(held).zip(prices) {
                if *held {
                    value += amount[l] * price[l];
                }
            }
        }
        value
    }
}
