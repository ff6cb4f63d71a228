//! What was measured, with the truth beside it.

use super::coherence::Correlation;
use super::estimates::{Estimator, Scalar};
use super::groups::Group;
use super::jackknife::{Measured, jackknife};
use super::plan::DopplerPlan;
use super::warnings::warnings;
use super::{SoundConfig, SoundingPlan, Truth, statistics};
use crate::experiment::Experiment;
use serde::Serialize;

/// Share of the Doppler shifts looked at below which a mean is a rounding error.
const ROUNDING: f64 = 1e-9;

/// A number that was measured; what is `None` does not exist.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoundFigure {
    /// Its name, with the unit.
    pub name: &'static str,
    /// From all draws.
    pub measured: Option<f64>,
    /// Lower end of the 95 % interval over draws.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// What the configured profile says; `None` where it says nothing or the figure is infinite.
    pub truth: Option<f64>,
    /// Whether that is infinite.
    pub truth_is_infinite: bool,
    /// The same through the band and the windows of the measurement.
    pub truth_windowed: Option<f64>,
    /// The largest value that could have been measured, where there is such and noise leaves the figure to be told.
    pub reach: Option<f64>,
}

/// A function that was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoundCurve {
    /// What it is.
    pub kind: &'static str,
    /// Name of its argument, with the unit.
    pub argument: &'static str,
    /// Name of its values, with the unit.
    pub value: &'static str,
    /// Its arguments.
    pub x: Vec<f64>,
    /// From all draws.
    pub measured: Vec<f64>,
    /// Lower ends of the 95 % intervals over draws; empty for a single draw.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
    /// What the configured profile says, through the band and the windows of the measurement.
    pub truth: Vec<f64>,
}

/// A sounded link.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SoundReport {
    /// Name of the experiment by content.
    pub experiment_id: String,
    /// Channel model.
    pub model: String,
    /// Symbol or waveform.
    pub fidelity: &'static str,
    /// The device.
    pub device: usize,
    /// Independent draws of the channel.
    pub draws: usize,
    /// Soundings of a draw.
    pub soundings: usize,
    /// From one to the next.
    pub sounding_interval_s: f64,
    /// Sounding power over noise per element at unit gain.
    pub snr_db: f64,
    /// Whether the channel stands still.
    pub is_static: bool,
    /// The band that was sounded.
    pub bandwidth_hz: f64,
    /// Its delay resolution.
    pub delay_resolution_s: f64,
    /// The Doppler resolution of a draw.
    pub doppler_resolution_hz: Option<f64>,
    /// Delays and mean powers of the configured paths.
    pub paths: Vec<SoundPath>,
    /// The numbers.
    pub figures: Vec<SoundFigure>,
    /// The functions.
    pub curves: Vec<SoundCurve>,
    /// Doubts, in words.
    pub warnings: Vec<String>,
}

/// A path of the configured profile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SoundPath {
    /// Its delay.
    pub delay_s: f64,
    /// Its mean power.
    pub power: f64,
}

/// What was asked.
pub(super) struct Given {
    pub config: SoundConfig,
    pub draws: usize,
    pub snr_db: f64,
}

impl SoundReport {
    /// Puts what draws gave beside the truth.
    pub(super) fn new(
        experiment: &Experiment,
        plan: &SoundingPlan,
        (truth, windowed): (&Truth, &[Group]),
        sums: &[Group],
        given: Given,
    ) -> Self {
        let estimator = Estimator::new(plan);
        let writer = Writer {
            plan,
            truth,
            estimator: &estimator,
            sums,
            measured: jackknife(sums, |sums| estimator.of(sums)),
            windowed: jackknife(windowed, |sums| estimator.of(sums)),
        };
        let path = |path: &airloop_channels::PathSpec| SoundPath { delay_s: path.delay_s, power: path.power };
        // Taps of a recording's grid are no paths.
        let paths = if truth.mean_power().is_nan() { &[] } else { truth.paths() };
        let noise_power = 10f64.powf(-given.snr_db / 10.0);
        let figures = writer.figures(noise_power);
        let warnings = warnings(experiment, given.config.fidelity, (plan, truth, &figures));
        Self {
            experiment_id: experiment.id.to_string(),
            model: experiment.channel_section.model.clone(),
            fidelity: given.config.fidelity.word(),
            device: given.config.device,
            draws: given.draws,
            soundings: plan.soundings,
            sounding_interval_s: plan.step_s,
            snr_db: given.snr_db,
            is_static: plan.doppler.is_none(),
            bandwidth_hz: plan.bandwidth_hz(),
            delay_resolution_s: plan.delay_resolution_s(),
            doppler_resolution_hz: plan.doppler_resolution_hz(),
            paths: paths.iter().map(path).collect(),
            figures,
            curves: writer.curves(),
            warnings,
        }
    }
}

/// Writes figures and curves.
struct Writer<'a> {
    plan: &'a SoundingPlan,
    truth: &'a Truth,
    estimator: &'a Estimator<'a>,
    sums: &'a [Group],
    measured: Vec<Measured>,
    windowed: Vec<Measured>,
}

impl Writer<'_> {
    fn figures(&self, noise_power: f64) -> Vec<SoundFigure> {
        let (truth, plan) = (self.truth, self.plan);
        let root = |x: f64| x.max(0.0).sqrt();
        let plain = |x: f64| x;
        let mut figures = vec![
            self.figure("mean_power", Scalar::MeanPower, truth.mean_power(), plain),
            self.figure("noise_power", Scalar::NoisePower, noise_power, plain),
            self.k_factor(),
            self.figure("mean_delay_s", Scalar::MeanDelay, truth.mean_delay_s(), plain),
            self.figure("rms_delay_spread_s", Scalar::DelayVariance, truth.rms_delay_spread_s(), root),
        ];
        figures[1].truth_windowed = Some(noise_power);
        figures.extend(self.coherence_bandwidths());
        let Some(doppler) = &plan.doppler else { return figures };
        figures.extend(self.coherence_times(doppler));
        let spread_hz = truth.rms_doppler_spread_hz();
        let reach_hz = doppler.reach as f64 * doppler.step_hz();
        let mut mean = self.figure("mean_doppler_hz", Scalar::MeanDoppler, truth.mean_doppler_hz(), plain);
        // Both sides of the spectrum cancel but for rounding.
        mean.truth_windowed =
            mean.truth_windowed.map(|hz| if hz.abs() < ROUNDING * reach_hz { 0.0 } else { hz });
        figures.push(mean);
        figures.push(self.figure("rms_doppler_spread_hz", Scalar::DopplerVariance, spread_hz, root));
        figures.push(SoundFigure {
            reach: Some(reach_hz),
            // An end is read off single bins, whose scatter no mean over draws describes.
            low: None,
            high: None,
            measured: finite(self.measured[Scalar::MaxDoppler as usize].value),
            ..self.figure("max_doppler_hz", Scalar::MaxDoppler, truth.max_doppler_hz(), plain)
        });
        figures
    }

    fn coherence_bandwidths(&self) -> [SoundFigure; 2] {
        let (truth, delays) = (self.truth, &self.plan.delays);
        let rows = self.plan.soundings.div_ceil(delays.every) as f64;
        let products: Vec<f64> = statistics::pairs(delays).iter().map(|pairs| rows * pairs).collect();
        let correlation = Correlation { place: &self.estimator.layout.frequency, products: &products };
        let spacing_hz = self.plan.numerology.subcarrier_spacing_hz();
        [
            ("coherence_bandwidth_90_hz", Scalar::CoherenceBandwidth90, 0.9),
            ("coherence_bandwidth_50_hz", Scalar::CoherenceBandwidth50, 0.5),
        ]
        .map(|(name, scalar, level)| {
            let figure = self.figure(name, scalar, truth.coherence_bandwidth_hz(level), |x| x);
            self.crossing((figure, scalar), (correlation, level), spacing_hz)
        })
    }

    fn coherence_times(&self, doppler: &DopplerPlan) -> [SoundFigure; 2] {
        let columns = doppler.columns.len() as f64;
        let pairs = |lag: usize| columns * (self.plan.soundings - lag) as f64;
        let products: Vec<f64> = (0..doppler.lags).map(pairs).collect();
        let correlation = Correlation { place: &self.estimator.layout.time, products: &products };
        [
            ("coherence_time_90_s", Scalar::CoherenceTime90, 0.9),
            ("coherence_time_50_s", Scalar::CoherenceTime50, 0.5),
        ]
        .map(|(name, scalar, level)| {
            let figure = self.figure(name, scalar, self.truth.coherence_time_s(level), |x| x);
            self.crossing((figure, scalar), (correlation, level), 1.0 / doppler.rate_hz)
        })
    }

    /// Returns a figure with what a correlation's crossing of a level says of it.
    fn crossing(
        &self,
        (figure, scalar): (SoundFigure, Scalar),
        (correlation, level): (Correlation<'_>, f64),
        a_lag: f64,
    ) -> SoundFigure {
        let crossing = correlation.crossing(self.sums, level);
        let scaled = |place: Option<f64>| place.map(|place| place * a_lag);
        let reach = (correlation.products.len() - 1) as f64 * a_lag;
        SoundFigure {
            measured: scaled(crossing.place),
            low: scaled(crossing.low),
            high: scaled(crossing.high),
            reach: (!crossing.is_lost).then_some(reach),
            // A first crossing has no bias of first order that a jackknife would know.
            truth_windowed: finite(self.windowed[scalar as usize].value),
            ..figure
        }
    }

    /// Returns the Rician factor, whose interval comes from that of Nakagami's `m`; from `1/m` where `m` may be infinite.
    fn k_factor(&self) -> SoundFigure {
        let scalar = Scalar::SteadyShareSquared;
        let figure = self.figure("k_factor", scalar, self.truth.k_factor(), k_factor);
        let by_m = |from: &[Measured]| {
            let (share, steadiness) = (&from[scalar as usize], &from[Scalar::Steadiness as usize]);
            let is_bounded = share.doubt().is_some_and(|doubt| share.value + doubt < 1.0);
            let doubt = steadiness.doubt().filter(|_| is_bounded)?;
            // No model of the kind has m below 1: what lies there is read as 1, in the same doubt.
            let m = steadiness.interval().0.max(1.0);
            Some([m, m - doubt, m + doubt].map(|m| finite(k_factor(1.0 - 1.0 / m.max(1.0)))))
        };
        let truth_windowed = by_m(&self.windowed).map_or(figure.truth_windowed, |[k, ..]| k);
        match by_m(&self.measured) {
            Some([measured, low, high]) => SoundFigure { measured, low, high, truth_windowed, ..figure },
            None => SoundFigure { truth_windowed, ..figure },
        }
    }

    fn figure(&self, name: &'static str, scalar: Scalar, truth: f64, shown: fn(f64) -> f64) -> SoundFigure {
        let (measured, interval) = self.measured[scalar as usize].interval();
        SoundFigure {
            name,
            measured: finite(shown(measured)),
            low: interval.and_then(|(low, _)| finite(shown(low))),
            high: interval.and_then(|(_, high)| finite(shown(high))),
            truth: finite(truth),
            truth_is_infinite: truth.is_infinite(),
            truth_windowed: finite(shown(self.windowed[scalar as usize].interval().0)),
            reach: None,
        }
    }

    fn curves(&self) -> Vec<SoundCurve> {
        let (plan, places) = (self.plan, &self.estimator.places);
        let spacing_hz = plan.numerology.subcarrier_spacing_hz();
        let delay = |bin: usize| plan.delays.delay_s(bin);
        let mut curves = vec![
            self.curve(("delay-profile", "delay_s", "power"), &places.profile, delay),
            self.curve(
                ("frequency-correlation", "frequency_spacing_hz", "magnitude"),
                &places.frequency,
                |lag| lag as f64 * spacing_hz,
            ),
        ];
        let Some(doppler) = &plan.doppler else { return curves };
        let lag = |lag: usize| lag as f64 / doppler.rate_hz;
        let shift = |bin: usize| doppler.shift_hz(bin);
        curves.extend([
            self.curve(("time-correlation", "time_lag_s", "real_part"), &places.time, lag),
            self.curve(
                ("time-correlation-magnitude", "time_lag_s", "magnitude"),
                &places.time_magnitude,
                lag,
            ),
            self.curve(
                ("doppler-spectrum", "doppler_shift_hz", "power_density_per_hz"),
                &places.doppler,
                shift,
            ),
        ]);
        curves
    }

    fn curve(
        &self,
        (kind, argument, value): (&'static str, &'static str, &'static str),
        places: &std::ops::Range<usize>,
        x: impl Fn(usize) -> f64,
    ) -> SoundCurve {
        let measured = &self.measured[places.clone()];
        let least = if value == "magnitude" { 0.0 } else { f64::NEG_INFINITY };
        let end = |side: f64| -> Vec<f64> {
            let of = |m: &Measured| m.doubt().map(|doubt| (m.value + side * doubt).max(least));
            measured.iter().filter_map(of).collect()
        };
        SoundCurve {
            kind,
            argument,
            value,
            x: (0..places.len()).map(x).collect(),
            measured: measured.iter().map(|m| m.value).collect(),
            low: end(-1.0),
            high: end(1.0),
            truth: self.windowed[places.clone()].iter().map(|m| m.value).collect(),
        }
    }
}

pub(super) fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

/// Returns the Rician factor of the square of the share of power that does not fade.
fn k_factor(squared: f64) -> f64 {
    let share = squared.clamp(0.0, 1.0).sqrt();
    share / (1.0 - share)
}
