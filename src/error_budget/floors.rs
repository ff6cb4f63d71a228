//! Closed forms of what causes add alone, for devices that invert their channels and send one sum.
//!
//! ```text
//! devices that send: share zeta, mean inverse gain I, receive factor c (1 for plain scaling, and over constant channels)
//! scheme c^2 zeta - 2 c zeta + 1;   noise c^2 v;   an error e of a device's factor c^2 zeta E|e|^2;
//! an error that adds to what a device sends c^2 I E|e|^2
//! ```
//!
//! Weighed for payloads that are not independent as in `plan::weights`. There is none where a formula does not hold: other schemes
//! over fading channels, unequal devices, several antennas.

use super::cause::{Cause, max_doppler_hz};
use crate::beamforming::Antennas;
use crate::experiment::sections::RadioPart;
use crate::experiment::{Experiment, PerDevice};
use crate::medium::spectra::inter_carrier_interference;
use crate::ofdm::Numerology;
use crate::plan::Weights;
use crate::plan::noise::{Inversion, Reach};
use crate::sounding::KnowledgeSource;
use crate::theory::floors::Floor;
use crate::theory::{Formula, ReceiveScale};
use airloop_baseband::Complex64;
use airloop_baseband::special::bessel_j0;
use airloop_channels::impairment::{OccupiedBand, PhaseNoiseConfig};
use std::f64::consts::TAU;

/// Instants within a symbol, symbols of a round and subcarriers over which a turning phase is averaged, at most.
const POINTS: (usize, usize, usize) = (8, 32, 16);

/// What floors of an experiment are made of.
struct Setting<'a> {
    experiment: &'a Experiment,
    weights: Weights,
    inversion: Inversion,
    k_factor: f64,
    devices_snr: f64,
    reach: Reach,
}

/// Returns what the scheme leaves with all else off.
pub(super) fn of_scheme(experiment: &Experiment) -> Option<f64> {
    let setting = Setting::of(experiment)?;
    Some(setting.of_reach(&setting.reach, 0.0))
}

/// Returns what a cause adds alone.
pub(super) fn of_cause(cause: Cause, experiment: &Experiment) -> Option<f64> {
    let setting = Setting::of(experiment)?;
    let (impairments, radio) = (&experiment.impairments, &experiment.impairments.radio);
    let band = || band(&experiment.numerology);
    let server = |part| experiment.receiver.has(part);
    match cause {
        Cause::Noise => {
            let Reach { c, noise, .. } = setting.reach;
            Some(setting.weights.noise * c * c * noise)
        }
        Cause::Timing => Some(setting.turned(|_, f| characteristic(&impairments.timing_offset_s, TAU * f))),
        Cause::Phase => Some(setting.turned(|_, _| characteristic(&impairments.phase_rad, 1.0))),
        Cause::CarrierOffset => {
            let carrier_hz = experiment.channel_section.carrier_hz;
            Some(setting.turned(|t, f| {
                characteristic(&impairments.cfo_hz, TAU * t)
                    * characteristic(&impairments.oscillator_ppm, 1e-6 * TAU * t * (carrier_hz + f))
                    * characteristic(&impairments.sample_clock_ppm, 1e-6 * TAU * t * f)
            }))
        }
        Cause::PhaseNoise if !server(RadioPart::PhaseNoise) => {
            let config = radio.same_phase_noise(experiment.channel_section.carrier_hz).ok()??;
            Some(setting.multiplied(setting.of_phase_noise(&config)))
        }
        Cause::PowerControl => Some(setting.multiplied(radio.same_power_control()?.error_vector_power())),
        Cause::IqImage => {
            let images = [radio.same_imbalance()?, experiment.receiver.imbalance()];
            // Over fading that differs between subcarriers what is mirrored arrives unlike what was meant.
            (setting.is_constant() || experiment.setting().flat)
                .then(|| images.iter().map(|image| setting.multiplied(image.in_band(&band()))).sum())
        }
        Cause::DcOffset if !server(RadioPart::Leakage) => {
            Some(setting.added_constant(radio.same_leakage()?.in_band(&band())))
        }
        // Over fading the power that is sent varies about the nominal one, and so does what is clipped.
        Cause::Amplifier if setting.is_constant() => {
            let distortion = radio.same_amplifier()?.distortion()?;
            Some(setting.added_constant(distortion.in_band(&band())))
        }
        Cause::Dac if setting.is_constant() => {
            Some(setting.added_constant(radio.same_converter()?.distortion().in_band(&band())))
        }
        Cause::Adc => setting.of_adc(),
        Cause::ChannelKnowledge => setting.of_knowledge(),
        Cause::Ageing => setting.of_ageing(),
        Cause::InterCarrierInterference => {
            let useful_s = 1.0 / experiment.numerology.subcarrier_spacing_hz();
            Some(setting.added(inter_carrier_interference(max_doppler_hz(experiment), useful_s)))
        }
        _ => None,
    }
}

impl<'a> Setting<'a> {
    fn of(experiment: &'a Experiment) -> Option<Self> {
        let plain = Inversion { threshold: 0.0, average_power: true, scale: ReceiveScale::Plain };
        let constant = experiment.channel.marginal().is_constant();
        let inversion = match experiment.scheme.kind.formula() {
            Formula::TruncatedInversion { threshold, average_power, scale } => {
                Inversion { threshold, average_power, scale }
            }
            Formula::FullInversion if constant => plain,
            _ => return None,
        };
        let (payload, setting) = (&experiment.payload, experiment.setting());
        let sums = !payload.is_majority() && payload.mapping().is_none();
        let whole = setting.repetitions == 1 && setting.sent_share == 1.0 && setting.exact_marginal;
        if !sums || !whole || experiment.link.antennas() != Antennas::SINGLE {
            return None;
        }
        let k_factor = experiment.channel.marginal().k_factor();
        let devices_snr = payload.devices() as f64 * setting.weakest() / setting.noise_power;
        let reach = inversion.reach(0.0, k_factor, devices_snr);
        Some(Self { experiment, weights: Weights::of(payload), inversion, k_factor, devices_snr, reach })
    }

    /// Returns the error of an inversion whose receive sum, where devices send, has the mean square `extra` beyond its mean.
    fn of_reach(&self, reach: &Reach, extra: f64) -> f64 {
        let Reach { share, c, .. } = *reach;
        let mean_square = c * c * (share + extra) - 2.0 * c * share + 1.0;
        self.weights.nmse(Floor { mean_square, squared_mean: (1.0 - c * share).powi(2) })
    }

    /// Returns what an independent error of the devices' factors adds.
    fn multiplied(&self, error: f64) -> f64 {
        let Reach { share, c, .. } = self.reach;
        self.weights.independent * c * c * share * error
    }

    /// Returns what an error that adds to what devices send, in proportion to it, adds.
    fn added(&self, error: f64) -> f64 {
        let Reach { inverse, c, .. } = self.reach;
        self.weights.noise * c * c * inverse * error
    }

    /// Returns what an error over the nominal power of what devices send adds: by the power that a device is given.
    fn added_constant(&self, error: f64) -> f64 {
        let Reach { noise, c, .. } = self.reach;
        // noise is that power's inverse over aligned power, over K SNR.
        self.weights.noise * c * c * noise * self.devices_snr * error
    }

    fn is_constant(&self) -> bool {
        self.experiment.channel.marginal().is_constant()
    }

    /// Averages what phases leave that turn in time and over the band: by the mean of their phasor at a time and a frequency.
    fn turned(&self, phasor: impl Fn(f64, f64) -> Complex64) -> f64 {
        let frequencies = thinned(&self.experiment.numerology.frequencies_hz(), POINTS.2);
        let (mut mean_square, mut squared_mean, mut total) = (0.0, 0.0, 0.0);
        for (begin_s, end_s, weight) in self.windows() {
            for i in 0..POINTS.0 {
                let t = begin_s + (end_s - begin_s) * (i as f64 + 0.5) / POINTS.0 as f64;
                for f in &frequencies {
                    let mean = phasor(t, *f) - 1.0;
                    mean_square += -2.0 * weight * mean.re;
                    squared_mean += weight * mean.norm_sqr();
                    total += weight;
                }
            }
        }
        let Reach { share, c, .. } = self.reach;
        self.weights.nmse(Floor {
            mean_square: c * c * share * mean_square / total,
            squared_mean: (c * share).powi(2) * squared_mean / total,
        })
    }

    /// Returns where the receive windows of payload symbols begin and end, since the round began, and their shares of the payload.
    fn windows(&self) -> Vec<(f64, f64, f64)> {
        let (e, numerology) = (self.experiment, &self.experiment.numerology);
        let (mut timeline, segments, mut symbol, mut all) = (e.timeline(0), e.segments(), 0, Vec::new());
        let early_s = e.advance_samples().unwrap_or(0) as f64 / numerology.sample_rate_hz();
        let useful_s = 1.0 / numerology.subcarrier_spacing_hz();
        while let Some(segment) = segments.at(symbol) {
            let (shape, _) = timeline.place(segment.shape.symbols);
            for s in 0..shape.symbols {
                let begin_s = numerology.symbol_centre_s(shape.first_symbol + s) - 0.5 * useful_s - early_s;
                let elements =
                    segment.elements().saturating_sub(s * numerology.used()).min(numerology.used());
                all.push((begin_s, begin_s + useful_s, elements as f64));
            }
            symbol += segment.shape.symbols;
        }
        thinned(&all, POINTS.1)
    }

    fn of_phase_noise(&self, config: &PhaseNoiseConfig) -> f64 {
        let rate_hz = self.experiment.numerology.sample_rate_hz();
        let windows = thinned(&self.windows(), POINTS.2);
        let of = |(begin_s, end_s, weight): &(f64, f64, f64)| {
            weight * config.error_vector_power((*begin_s, *end_s), rate_hz)
        };
        windows.iter().map(of).sum::<f64>() / windows.iter().map(|window| window.2).sum::<f64>()
    }

    /// Returns the floor of the server's converter, where its gain is set for what arrives.
    fn of_adc(&self) -> Option<f64> {
        let e = self.experiment;
        if !self.is_constant() {
            return None;
        }
        let error = e.receiver.settled_converter()?.distortion().in_band(&band(&e.numerology));
        let sent: f64 = (0..e.payload.devices()).map(|device| e.device_sample_power(device)).sum();
        Some(self.weights.noise * error * e.received_sample_power() / sent)
    }

    /// Returns the floor of the error of imperfect knowledge.
    fn of_knowledge(&self) -> Option<f64> {
        let config = &self.experiment.knowledge.config;
        let alike = config.bits.is_none()
            && config.age_s == 0.0
            && config.reciprocity_error_db == 0.0
            && config.reciprocity_error_rad == 0.0;
        let KnowledgeSource::Imperfect { error } = config.source else { return None };
        if !alike {
            return None;
        }
        let reach = self.inversion.reach(error, self.k_factor, self.devices_snr);
        Some(self.of_reach(&reach, error * reach.inverse) - self.of_reach(&self.reach, 0.0))
    }

    /// Returns the floor of inverting a Rayleigh channel of `csi_age_s` ago.
    ///
    /// ```text
    /// h/h_hat = r + e/h_hat, r = J0(2 pi f_D age), E|e|^2 = 1 - r^2:   (1 - r)^2 zeta + (1 - r^2) I   for plain scaling
    /// ```
    fn of_ageing(&self) -> Option<f64> {
        let config = &self.experiment.knowledge.config;
        let plain = self.inversion.scale == ReceiveScale::Plain && self.k_factor == 0.0;
        let alone = config.source == KnowledgeSource::True && config.bits.is_none();
        if !plain || !alone {
            return None;
        }
        let r = bessel_j0(TAU * max_doppler_hz(self.experiment) * config.age_s);
        let Reach { share, inverse, .. } = self.reach;
        let mean_square = r * r * share + (1.0 - r * r) * inverse - 2.0 * r * share + 1.0;
        let aged = self.weights.nmse(Floor { mean_square, squared_mean: (1.0 - r * share).powi(2) });
        Some(aged - self.of_reach(&self.reach, 0.0))
    }
}

/// Returns the mean of `exp(j rate X)` over devices.
fn characteristic(of: &PerDevice, rate: f64) -> Complex64 {
    match of {
        PerDevice::Same(value) => Complex64::cis(rate * value),
        PerDevice::Each(values) => {
            values.iter().map(|value| Complex64::cis(rate * value)).sum::<Complex64>() / values.len() as f64
        }
        PerDevice::Normal { standard_deviation } => {
            Complex64::from((-0.5 * (rate * standard_deviation).powi(2)).exp())
        }
        PerDevice::Uniform { low, high } => {
            let half = 0.5 * rate * (high - low);
            let shrunk = if half.abs() < 1e-8 { 1.0 } else { half.sin() / half };
            Complex64::cis(0.5 * rate * (low + high)) * shrunk
        }
    }
}

/// Returns at most so many values, evenly spread over all.
fn thinned<T: Copy>(values: &[T], most: usize) -> Vec<T> {
    if values.len() <= most {
        return values.to_vec();
    }
    let place = |i: usize| ((i as f64 + 0.5) * values.len() as f64 / most as f64) as usize;
    (0..most).map(|i| values[place(i)]).collect()
}

/// Returns the band of a numerology's used subcarriers.
fn band(numerology: &Numerology) -> OccupiedBand {
    let used: Vec<i64> = numerology.offsets().iter().map(|k| i64::from(*k)).collect();
    OccupiedBand::new(numerology.fft_size(), &used)
}
