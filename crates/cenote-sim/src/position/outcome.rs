use cenote_amm::{AnyPool, TokenIndex};
use cenote_strategy::TokenId;
use cenote_units::{Lanes, math};

use super::books::{Books, Terms};
use super::{PositionState, nanos};
use crate::account::PoolAccount;
use crate::ledger::UNITS;
use crate::metrics::PositionMetric;
use crate::venue_book::VenueSums;

impl<const L: usize> PositionState<L> {
    /// The result of one lane. Everything is settled.
    pub(crate) fn outcome(&self, l: usize, end: &End<'_, L>) -> Outcome {
        let Terms { price, loss_versus_rebalancing, fees: fees_booked, rewards, gas, trading_costs } = self.terms(l);
        let lost = self.risks.lost(l);
        // Cover is a hedge too.
        let hedge = self.hedge.profit(l) + self.cover[l];
        let VenueSums { interest, unsold, .. } = &self.venues.sums;
        let interest = interest[l];
        let hold: f64 = self.endowment.iter().zip(end.prices).map(|(amount, price)| amount[l] * price[l]).sum();
        let fees_taken = self.books.fees_taken[l];
        let mut fees = fees_taken + self.shared[l].fees;
        // What was put in, without what fees added to it.
        let others =
            trading_costs + lost - fees_taken - self.shared[l].fees + self.shared[l].gas - rewards - interest - self.cover[l];
        let mut principal = self.venues.plus_value(l, end.prices, self.elsewhere.plus_value(l, end.prices, others));
        for ((wallet, held), price) in self.wallet.iter().zip(&self.held).zip(end.prices) {
            if *held {
                principal += wallet[l] * price[l];
            }
        }
        let mut in_range = self.books.time_in_range[l] + self.books.time_in_ranges[l];
        let mut inside = false;
        for range in &self.ranges {
            if let Some(pool) = end.pools[range.pool].ranged().filter(|_| range.used) {
                let lanes = pool.position(range.number);
                inside |= lanes.liquidity[l] > 0.0;
                for (i, token) in end.tokens[range.pool].iter().enumerate() {
                    principal += lanes.amounts[i][l] * end.prices[token.index()][l];
                    fees += lanes.owed[i][l] * end.prices[token.index()][l];
                }
            }
        }
        // Fees in the wallet are at the horizon's price, like those that wait.
        for (collected, price) in self.collected.iter().zip(end.prices) {
            principal -= collected[l] * price[l];
            fees += collected[l] * price[l];
        }
        for (p, stake) in self.stakes.iter().enumerate() {
            let lp = self.lp[p][l];
            if lp > 0.0 {
                inside = true;
                in_range += nanos(end.time[l] - stake.since[l]);
                let account = &end.accounts[p];
                let value = account.value[l] * account.inverse_supply[l];
                let at_entry = value * (stake.principal[l] / end.invariant_per_lp[p][l]);
                principal += at_entry;
                fees += value * lp - at_entry;
            }
        }
        let result = self.value[l] - self.deposit - self.inflow[l];
        let earned = rewards + interest + hedge;
        let explained = price - loss_versus_rebalancing + fees_booked + earned - gas - trading_costs - lost;
        let divergence = principal - hold;
        let against_hold = self.value[l] - hold - (divergence + fees + earned - gas - trading_costs - lost);
        let residual = (result - explained).abs().max(against_hold.abs()) / self.deposit;
        // Terms may be many times the deposit; rounding is relative to them.
        let scale = self.deposit
            + [
                price,
                rewards,
                interest,
                lost,
                self.inflow[l],
                loss_versus_rebalancing,
                fees_booked,
                gas,
                trading_costs,
                hold,
                hedge,
            ]
            .iter()
            .map(|x| x.abs())
            .sum::<f64>();
        Outcome {
            deposit: self.deposit,
            value: self.value[l],
            hold,
            fees,
            divergence,
            unsold: unsold[l],
            rewards,
            reward_tokens: self.venues.sums.reward_tokens[l],
            rewards_sold: self.venues.sums.rewards_sold[l],
            interest,
            liquidations: self.books.liquidations[l],
            advertised: self.books.advertised[l],
            price,
            loss_versus_rebalancing,
            fees_booked,
            gas,
            trading_costs,
            lost,
            max_drawdown: self.drawdown[l],
            time_in_range: in_range / end.nanos,
            hedge,
            rebalances: self.rebalances(l, inside),
            exited: f64::from(u8::from(self.books.provided[l] && !inside)),
            refused_actions: self.books.refused[l],
            years: end.years,
            residual,
            adds_up: residual * self.deposit <= 1e-9 * scale + self.dust(l, end),
        }
    }

    /// What contracts may have rounded away whenever it moved; zero in floats.
    fn dust(&self, l: usize, end: &End<'_, L>) -> f64 {
        let units = end.pools.iter().zip(end.tokens).flat_map(|(pool, tokens)| {
            (0..).map(TokenIndex).zip(tokens).map(|(i, token)| pool.unit(i) * end.prices[token.index()][l])
        });
        units.sum::<f64>() * UNITS * (1.0 + self.books.moves[l])
    }

    /// Moves after the first, but for the sale of everything on the way out.
    fn rebalances(&self, l: usize, inside: bool) -> f64 {
        let Books { moves, last_move, provided, .. } = &self.books;
        let sold_out = provided[l] && !inside && !last_move[l].1;
        (moves[l] - if sold_out { 2.0 } else { 1.0 }).max(0.0)
    }
}

/// What is known at the horizon.
#[derive(Debug)]
pub(crate) struct End<'a, const L: usize> {
    pub(crate) prices: &'a [Lanes<L>],
    pub(crate) accounts: &'a [PoolAccount<L>],
    pub(crate) pools: &'a [AnyPool<L>],
    pub(crate) tokens: &'a [Vec<TokenId>],
    pub(crate) invariant_per_lp: &'a [Lanes<L>],
    pub(crate) time: &'a [u64; L],
    /// Measured time.
    pub(crate) years: f64,
    pub(crate) nanos: f64,
}

/// The result of a position on one path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    deposit: f64,
    pub(crate) value: f64,
    hold: f64,
    fees: f64,
    divergence: f64,
    /// The part of it that is price moves of rewards not claimed yet.
    unsold: f64,
    rewards: f64,
    reward_tokens: f64,
    rewards_sold: f64,
    interest: f64,
    liquidations: f64,
    advertised: f64,
    price: f64,
    loss_versus_rebalancing: f64,
    fees_booked: f64,
    gas: f64,
    trading_costs: f64,
    lost: f64,
    hedge: f64,
    refused_actions: f64,
    max_drawdown: f64,
    time_in_range: f64,
    rebalances: f64,
    exited: f64,
    years: f64,
    pub(crate) residual: f64,
    pub(crate) adds_up: bool,
}

impl Outcome {
    /// Fees, rewards and interest.
    fn income(&self) -> f64 {
        self.fees + self.rewards + self.interest
    }

    /// What a gain comes to in a year.
    fn apy(&self, gain: f64) -> f64 {
        let growth = gain / self.deposit;
        if growth > -1.0 { math::exp_m1(math::ln_1p(growth) / self.years) } else { -1.0 }
    }

    /// What a reward token would have had to be worth when it was earned for the position to do as well as holding; zero if it would
    /// have without any, or has earned none.
    fn break_even_reward_price(&self) -> f64 {
        if self.reward_tokens <= 0.0 {
            return 0.0;
        }
        ((self.rewards - (self.value - self.hold)) / self.reward_tokens).max(0.0)
    }

    /// How many days of its income its gas takes, at most all there are.
    fn gas_payback_days(&self) -> f64 {
        let (days, income) = (self.years * 365.0, self.income());
        if income > 0.0 {
            (self.gas / income * days).min(days)
        } else if self.gas > 0.0 {
            days
        } else {
            0.0
        }
    }

    pub(crate) fn metric(&self, metric: PositionMetric) -> f64 {
        match metric {
            PositionMetric::DepositValue => self.deposit,
            PositionMetric::FinalValue => self.value,
            PositionMetric::NetReturn => self.value / self.deposit - 1.0,
            PositionMetric::HoldValue => self.hold,
            PositionMetric::HoldReturn => self.hold / self.deposit - 1.0,
            PositionMetric::ExcessReturn => (self.value - self.hold) / self.deposit,
            PositionMetric::Fees => self.fees,
            PositionMetric::ImpermanentLoss => (self.divergence - self.unsold) / self.hold,
            PositionMetric::LossVersusRebalancing => self.loss_versus_rebalancing,
            PositionMetric::Gas => self.gas,
            PositionMetric::TradingCosts => self.trading_costs,
            PositionMetric::Rewards => self.rewards,
            PositionMetric::Interest => self.interest,
            PositionMetric::LostToExploit => self.lost,
            PositionMetric::Hedge => self.hedge,
            PositionMetric::Apr => self.income() / self.deposit / self.years,
            PositionMetric::Apy => self.apy(self.income() - self.gas - self.trading_costs),
            PositionMetric::FeeApr => self.fees / self.deposit / self.years,
            PositionMetric::RewardApr => self.rewards / self.deposit / self.years,
            PositionMetric::InterestApr => self.interest / self.deposit / self.years,
            PositionMetric::AdvertisedApy => math::exp_m1(365.0 * math::ln_1p(self.advertised / 365.0)),
            PositionMetric::RewardsSold => self.rewards_sold,
            PositionMetric::BreakEvenRewardPrice => self.break_even_reward_price(),
            PositionMetric::GasPaybackDays => self.gas_payback_days(),
            PositionMetric::Liquidations => self.liquidations,
            PositionMetric::MaxDrawdown => self.max_drawdown,
            PositionMetric::TimeInRange => self.time_in_range,
            PositionMetric::Rebalances => self.rebalances,
            PositionMetric::Exited => self.exited,
            PositionMetric::RefusedActions => self.refused_actions,
            PositionMetric::Price => self.price,
            PositionMetric::FeesBooked => self.fees_booked,
            PositionMetric::Divergence => self.divergence,
            PositionMetric::AttributionResidual => self.residual,
        }
    }
}
