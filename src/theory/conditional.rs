//! The formula given the channels: exact expectations over noise and payload for the realised gains of one trial.

use super::error::{Misalignment, row_sums};
use super::receive_combining::Combining;
use super::rule::Rule;
use super::uniform_forcing::Beams;
use super::{Formula, Prediction, Setting, blind_combining, functions, votes};
use crate::beamforming::AggregationBeamformer;
use crate::medium::Knowledge;
use crate::report::Errors;
use airloop_baseband::{Complex32, Complex64};

/// Accumulates the conditional prediction of an analog scheme over the elements of a trial.
pub struct Conditional<'a> {
    setting: &'a Setting<'a>,
    row_sums: Vec<f64>,
    rule: Rule,
    combining: Combining,
    beams: Option<Beams>,
    sums: Misalignment,
    actual: Actual,
    /// Estimates of sums of given values that a function maps back.
    statistics: Vec<functions::Statistic>,
    /// Probabilities that the statistics of given votes are negative.
    below: Vec<f64>,
    /// Mean square of the round's values over that of the first round's.
    round_power: f64,
    /// Elements whose weights are in the sums, and elements of all passes.
    weighed: f64,
    elements: f64,
    active: f64,
    power: f64,
    aligned: f64,
    gains: Vec<f64>,
    weights: Vec<Complex64>,
    amplitudes: Vec<f64>,
    /// Real or imaginary parts of the weights.
    part: Vec<f64>,
    order: Vec<f64>,
    ranks: Vec<usize>,
    /// Weights averaged over passes, device by device for each element of a pass; empty when one pass says it all.
    averaged: Vec<Complex32>,
}

/// A slot of a trial as the formula sees it.
#[derive(Clone, Copy, Debug)]
pub struct Slot<'a> {
    /// What is known of the channels.
    pub known: &'a Knowledge<'a>,
    /// The channels themselves, where knowledge is something else.
    pub truth: Option<&'a Knowledge<'a>>,
    /// Position of the first value.
    pub first_value: usize,
    /// Number of values.
    pub values: usize,
    /// These values of all devices, device after device: then [`Conditional::nmse_of_payload`] knows the error of this
    /// very payload.
    pub payload: Option<&'a [f32]>,
}

/// What one element gives: the weights are left in the caller's buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Element {
    /// `|a|^2 s2`: noise power in the estimate of the sum.
    pub noise: f64,
    /// Share of active devices.
    pub active: f64,
    /// Mean over devices of `|b|^2 E|u|^2` over the budget.
    pub power: f64,
    /// Aligned power over noise power; 0 where nothing is aligned.
    pub aligned: f64,
}

impl<'a> Conditional<'a> {
    /// Begins a trial. Returns `None` for schemes that are not analog or have no formula here.
    pub fn new(setting: &'a Setting<'a>) -> Option<Self> {
        let other = matches!(
            setting.formula,
            Formula::DigitalBits(_)
                | Formula::DigitalSymbols(_)
                | Formula::CodedDigital
                | Formula::Misaligned
                | Formula::SparseAnalog(_)
                | Formula::Energy(_)
                | Formula::DigitalAircomp(_)
                | Formula::FskMajority { .. }
        );
        let mut beams = None;
        if let Formula::UniformForcing { streams, refined, antennas } = setting.formula {
            if streams > 1 && !setting.perfect {
                return None;
            }
            beams = Some(Beams::new(AggregationBeamformer::new(antennas, streams, refined)));
        }
        (!other).then(|| Self {
            row_sums: row_sums(setting.payload.gram()),
            rule: Rule::of(setting),
            combining: Combining::default(),
            beams,
            setting,
            sums: Misalignment::default(),
            actual: Actual::default(),
            statistics: Vec::new(),
            below: Vec::new(),
            round_power: 1.0,
            weighed: 0.0,
            elements: 0.0,
            active: 0.0,
            power: 0.0,
            aligned: 0.0,
            gains: Vec::new(),
            weights: vec![Complex64::default(); setting.power.len()],
            amplitudes: vec![0.0; setting.power.len()],
            part: Vec::new(),
            order: Vec::new(),
            ranks: Vec::new(),
            averaged: Vec::new(),
        })
    }

    /// Says that the values of the round have this mean square relative to those of a trial's first round.
    #[must_use]
    pub fn in_round(mut self, power: f64) -> Self {
        self.round_power = power;
        self
    }

    /// Adds the first `values` values of a slot, two an element.
    ///
    /// ```text
    /// e_k = r_k h_k / h_hat_k - 1,   r_k what the scheme makes of a device whose channel is what it knows
    /// ```
    pub fn add(&mut self, slot: &Slot<'_>) {
        let devices = self.setting.power.len();
        let Slot { known, first_value, values, payload, .. } = *slot;
        if let Some(beams) = &mut self.beams {
            beams.update(self.setting, known);
        }
        for element in 0..values.div_ceil(2) {
            let place = (element / known.subcarriers(), element % known.subcarriers());
            let mut weights = std::mem::take(&mut self.weights);
            let mut of = match self.rule {
                Rule::BlindCombining { antennas } => {
                    blind_combining::weigh(self.setting, antennas, (known, place), &mut weights)
                }
                Rule::Beams => self.weigh_beams(slot, element, &mut weights),
                _ => self.weigh(slot, place, &mut weights),
            };
            if matches!(self.rule, Rule::Cotaf { .. }) {
                // Devices scale with their values, and the noise in the estimate with them.
                of.noise *= self.round_power;
            } else {
                of.power *= self.round_power;
            }
            let share = if 2 * element + 1 < values { 1.0 } else { 0.5 };
            self.spend(of, share);
            if self.averages() {
                self.average(&weights, first_value / 2 + element);
            } else {
                self.accumulate(&weights, share);
            }
            if let Some(payload) = payload {
                let stride = payload.len() / devices;
                let pair = (2 * element, values.min(2 * element + 2));
                self.actual.add(&weights, of.noise, payload, (pair, stride));
                if self.setting.payload.mapping().is_some() {
                    functions::weigh((&weights, of.noise), (payload, stride), pair, &mut self.statistics);
                }
                if self.setting.payload.is_majority() {
                    let noise = of.noise / self.setting.repetitions as f64;
                    let element = votes::Element { weights: &weights, noise, votes: payload, stride };
                    element.decide(pair, &mut self.below);
                }
            }
            self.weights = weights;
        }
    }

    /// Writes the weights of one element heard through beams, and returns what it gives.
    fn weigh_beams(&mut self, slot: &Slot<'_>, element: usize, weights: &mut [Complex64]) -> Element {
        let (known, truth) = (slot.known, slot.truth.unwrap_or(slot.known));
        let used = known.subcarriers();
        match (self.setting.formula, &mut self.beams) {
            (Formula::UniformForcing { streams, .. }, Some(beams)) => {
                let (symbol, inside) = (element / (used * streams), element % (used * streams));
                let place = (symbol, inside % used, inside / used);
                beams.weigh(self.setting, (known, truth), place, weights)
            }
            (Formula::ReceiveCombining { combiner, antennas }, _) => {
                let place = (element / used, element % used);
                self.combining.weigh(self.setting, (combiner, antennas), (known, truth), place, weights)
            }
            _ => Element::default(),
        }
    }

    /// Writes the weights of one element, and returns what it gives.
    fn weigh(
        &mut self,
        slot: &Slot<'_>,
        (symbol, subcarrier): (usize, usize),
        weights: &mut [Complex64],
    ) -> Element {
        self.gains.clear();
        for (device, ratio) in weights.iter_mut().enumerate() {
            let h = slot.known.link(device).row(symbol)[subcarrier];
            self.gains.push(f64::from(h.re).powi(2) + f64::from(h.im).powi(2));
            *ratio = slot.truth.map_or(Complex64::from(1.0), |truth| {
                let actual = truth.link(device).row(symbol)[subcarrier];
                Complex64::new(actual.re.into(), actual.im.into()) / Complex64::new(h.re.into(), h.im.into())
            });
        }
        let order = (&mut self.order, &mut self.ranks);
        let of = self.rule.leaves(self.setting, &self.gains, &mut self.amplitudes, order);
        for (weight, amplitude) in weights.iter_mut().zip(&self.amplitudes) {
            // A device that is silent leaves nothing, whatever its channel.
            *weight = if *amplitude == 0.0 { Complex64::from(-1.0) } else { *weight * *amplitude - 1.0 };
        }
        of
    }

    /// Returns whether passes see different channels, so that weights must be averaged before they are squared.
    pub fn averages(&self) -> bool {
        self.setting.repetitions > 1 && self.setting.memory != super::Memory::Static
    }

    fn average(&mut self, weights: &[Complex64], element: usize) {
        let devices = weights.len();
        let end = (element + 1) * devices;
        if self.averaged.len() < end {
            self.averaged.resize(end, Complex32::default());
        }
        let passes = self.setting.repetitions as f64;
        for (mean, e) in self.averaged[end - devices..end].iter_mut().zip(weights) {
            let part = e / passes;
            *mean += Complex32::new(part.re as f32, part.im as f32);
        }
    }

    fn accumulate(&mut self, weights: &[Complex64], share: f64) {
        let gram = self.setting.payload.gram();
        self.part.clear();
        self.part.extend(weights.iter().map(|e| e.re));
        let projected: Complex64 = weights.iter().zip(&self.row_sums).map(|(e, c)| e * c).sum();
        self.sums.quadratic += share * gram.quadratic(&self.part);
        if weights.iter().any(|e| e.im != 0.0) {
            self.part.clear();
            self.part.extend(weights.iter().map(|e| e.im));
            self.sums.quadratic += share * gram.quadratic(&self.part);
        }
        self.sums.projected += share * projected.norm_sqr();
        self.sums.cross += share * projected.re;
        self.weighed += share;
    }

    fn spend(&mut self, of: Element, share: f64) {
        self.sums.noise += share * of.noise;
        self.active += share * of.active;
        self.power += share * of.power;
        self.aligned += share * of.aligned;
        self.elements += share;
    }

    /// Returns the expected NMSE of the payload that was given, over noise alone.
    pub fn nmse_of_payload(&self) -> f64 {
        let passes = self.setting.repetitions as f64;
        (self.actual.error + self.actual.noise / passes) / self.actual.target
    }

    /// Returns the expected NMSE of a function beyond sum and mean of the payload that was given, over noise alone; `targets`
    /// has its true values.
    pub fn nmse_of_function(&self, targets: &[f64]) -> Option<f64> {
        functions::nmse(self.setting, &self.statistics, targets)
    }

    /// Returns the expected error rates of the votes that were given, over noise alone; `reference` and `truth` have a sign
    /// for each value.
    pub fn vote_errors(&self, reference: &[f32], truth: Option<&[f32]>) -> Errors {
        votes::rates(&self.below, reference, truth)
    }

    /// Ends the trial.
    pub fn finish(&mut self) -> Prediction {
        let averaged = std::mem::take(&mut self.averaged);
        let devices = self.setting.power.len();
        let last = averaged.len() / devices.max(1);
        for (element, weights) in averaged.chunks_exact(devices).enumerate() {
            let weights: Vec<Complex64> =
                weights.iter().map(|e| Complex64::new(e.re.into(), e.im.into())).collect();
            let half = element + 1 == last && self.setting.payload.length() % 2 == 1;
            self.accumulate(&weights, if half { 0.5 } else { 1.0 });
        }
        let (n, weighed) = (self.elements, self.weighed);
        let passes = self.setting.repetitions as f64;
        let sent = self.setting.sent_share;
        // Two votes share an element, and the receive SNR speaks of one.
        let share = if matches!(self.setting.formula, Formula::OneBitMajority { .. }) { 0.5 } else { 1.0 };
        let gram = self.setting.payload.gram();
        let mut errors = Misalignment {
            quadratic: self.sums.quadratic / weighed,
            projected: self.sums.projected / weighed,
            cross: self.sums.cross / weighed,
            noise: self.sums.noise / (n * passes * self.round_power),
        };
        if sent < 1.0 {
            errors = errors.of_subset(gram.total(), sent);
        }
        Prediction {
            errors: errors.errors(self.setting.payload),
            symbols: None,
            active_fraction: self.active / n,
            // The last element of an odd length carries one value, and counts as a whole element.
            power_used_mean: self.power / n * filled(self.setting),
            receive_snr: (self.aligned > 0.0).then(|| share * self.aligned / n),
            sent_share: sent,
        }
    }
}

/// Returns the mean share of an element that carries values.
pub(super) fn filled(setting: &Setting<'_>) -> f64 {
    let sent = (setting.payload.length() as f64 * setting.sent_share).round();
    sent / (2.0 * (sent / 2.0).ceil())
}

/// Sums for a payload that is known value by value.
#[derive(Clone, Copy, Debug, Default)]
struct Actual {
    error: f64,
    noise: f64,
    target: f64,
}

impl Actual {
    /// Adds the values of one element: `pair` of them, of rows of `stride` values a device.
    fn add(
        &mut self,
        weights: &[Complex64],
        noise: f64,
        payload: &[f32],
        (pair, stride): ((usize, usize), usize),
    ) {
        let (mut error, mut sum) = (Complex64::default(), Complex64::default());
        for (k, e) in weights.iter().enumerate() {
            let of = |value: usize| if value < pair.1 { f64::from(payload[k * stride + value]) } else { 0.0 };
            let u = Complex64::new(of(pair.0), of(pair.0 + 1));
            error += e * u;
            sum += u;
        }
        let whole = pair.1 == pair.0 + 2;
        self.error += error.re * error.re + if whole { error.im * error.im } else { 0.0 };
        self.target += sum.norm_sqr();
        self.noise += noise * if whole { 2.0 } else { 1.0 };
    }
}
