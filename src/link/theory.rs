//! Closed forms of a link: error rates without a code, capacity, what codes of the block's length can do.

use super::report::{LinkFigures, LinkReport};
use super::{LinkPlan, run};
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::report::{Fidelity, TheoryKind};
use airloop_baseband::Estimate;
use airloop_baseband::units::db_from_power;
use airloop_coding::rates::{
    BitErrorRate, Metric, NormalApproximation, Signal, ergodic_capacity_rayleigh, gaussian_capacity,
    gaussian_capacity_snr, snr_for_block_error_rate,
};

/// What theory can tell of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setting {
    /// A constant gain of 1.
    Constant,
    /// A flat Rayleigh channel, known to the receiver.
    Rayleigh,
    /// None of these.
    Other,
}

impl Setting {
    /// Formulas are of one layer from one antenna that all devices use alike, and a receiver that knows the channel.
    fn of(experiment: &Experiment, plan: &LinkPlan) -> Self {
        let perfect = plan.estimators.is_empty() && plan.config.reception.known_noise;
        let alike = plan.noise.iter().all(|noise| (noise - plan.noise[0]).abs() < 1e-12 * noise);
        let exact = !matches!(&experiment.channel, ChannelModel::Taps { fading, .. } if !fading.is_exact());
        let independent = match &experiment.channel {
            ChannelModel::Taps { fading, .. } => fading.has_independent_links(),
            ChannelModel::PerElement { .. } => true,
        };
        if plan.antennas.device != 1 || !perfect || !alike || !exact {
            return Self::Other;
        }
        let k_factor = experiment.channel.marginal().k_factor();
        match (k_factor.is_infinite(), k_factor == 0.0 && independent) {
            (true, _) => Self::Constant,
            (_, true) => Self::Rayleigh,
            _ => Self::Other,
        }
    }
}

/// Returns the SNR of an element after combining a constant gain over all receive antennas.
fn snr(plan: &LinkPlan) -> f64 {
    plan.antennas.receive as f64 / plan.noise[0]
}

/// Returns the block error rate of the best code of a block's length, by the normal approximation over points of the block's modulation;
/// `None` where the channel is not constant or blocks differ.
pub(super) fn normal_approximation(experiment: &Experiment, plan: &LinkPlan) -> Option<f64> {
    let [block] = plan.blocks.as_slice() else { return None };
    let constant = Setting::of(experiment, plan) == Setting::Constant;
    let coded = !matches!(plan.config.content, super::config::Content::Uncoded { .. });
    (constant && coded).then(|| {
        let symbols = (block.coded_bits() / block.modulation().bits_per_symbol()) as u64;
        let signal = Signal::Constellation(block.modulation(), Metric::Bitwise);
        NormalApproximation::new(signal, snr(plan), symbols).block_error_rate(block.bits() as f64)
    })
}

/// Where formulas expect the waterfall of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ExpectedSnr {
    /// The SNR, as `link.snr_db` counts it.
    pub snr_db: f64,
    /// Whether it is the normal approximation's for the error rate asked for; else capacity is the rate there.
    pub by_approximation: bool,
}

/// Returns the SNR at which the best code of a block's length has an error rate, or, where there is no formula, at which the capacity
/// of a constant channel is the rate; `None` where blocks differ.
pub(crate) fn expected_snr_db(experiment: &Experiment, plan: &LinkPlan, bler: f64) -> Option<ExpectedSnr> {
    let [block] = plan.blocks.as_slice() else { return None };
    let as_configured = |snr: f64| experiment.link.snr_db + db_from_power(snr / self::snr(plan));
    let bits_per_symbol = block.modulation().bits_per_symbol();
    if Setting::of(experiment, plan) == Setting::Constant {
        let symbols = (block.coded_bits() / bits_per_symbol) as u64;
        let signal = Signal::Constellation(block.modulation(), Metric::Bitwise);
        let snr = snr_for_block_error_rate(signal, symbols, block.bits() as f64, bler);
        if snr.is_finite() && snr > 0.0 {
            return Some(ExpectedSnr { snr_db: as_configured(snr), by_approximation: true });
        }
    }
    let snr = gaussian_capacity_snr(block.code_rate() * bits_per_symbol as f64);
    Some(ExpectedSnr { snr_db: as_configured(snr), by_approximation: false })
}

/// Returns the report of the theory rung.
///
/// ```text
/// ber_uncoded   mean over bits of sum Q(distances), in noise; its mean over Rayleigh gains with L-branch combining
/// capacity_bps  log2(1 + snr), or its mean over a Rayleigh gain, times the elements a second (one receive antenna where it fades)
/// bler          of blocks without a code in noise, one bit a dimension: 1 - (1 - ber)^bits
/// ```
pub(super) fn report(experiment: &Experiment, plan: &LinkPlan) -> LinkReport {
    let setting = Setting::of(experiment, plan);
    let mut report = run::blank(experiment, plan, Fidelity::Theory);
    report.stop_reason = "closed-form".into();
    let snr = snr(plan);
    let branches = plan.antennas.receive as u32;
    let elements_per_s = elements_per_s(plan);
    let per_element = match setting {
        Setting::Constant => Some(gaussian_capacity(snr)),
        Setting::Rayleigh if branches == 1 => Some(ergodic_capacity_rayleigh(snr)),
        _ => None,
    };
    report.capacity_bps = per_element.map(|bits| bits * elements_per_s);
    let uncoded = plan.config.content.modulation().map(BitErrorRate::new).and_then(|rate| match setting {
        Setting::Constant => Some(rate.in_noise(snr)),
        Setting::Rayleigh => Some(rate.in_rayleigh(snr / f64::from(branches), branches)),
        Setting::Other => None,
    });
    let coded = !matches!(plan.config.content, super::config::Content::Uncoded { .. });
    report.figures = LinkFigures { ber_uncoded: uncoded.map(Estimate::exact), ..LinkFigures::default() };
    if !coded {
        report.figures.ber = uncoded.map(Estimate::exact);
        let block = &plan.blocks[0];
        let one_a_dimension = block.modulation().bits_per_dimension() == 1;
        if let (Some(ber), true, Setting::Constant) = (uncoded, one_a_dimension, setting) {
            let bler = -(block.bits() as f64 * (-ber).ln_1p()).exp_m1();
            report.figures.bler = Some(Estimate::exact(bler));
        }
    }
    report.theory_kind = (uncoded.is_some() || per_element.is_some()).then_some(TheoryKind::Ensemble);
    if report.theory_kind.is_none() {
        report.stop_reason = "no-formula".into();
    }
    report
}

/// Returns the elements of the devices' parts that pass in a second.
fn elements_per_s(plan: &LinkPlan) -> f64 {
    let symbols = 112;
    let parts = (plan.parts * plan.layout.subcarriers()) as f64;
    symbols as f64 * parts / plan.numerology.duration_s(symbols)
}
