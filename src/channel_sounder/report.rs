//! What was measured, with the truth beside it.

use super::estimates::{Estimator, Scalar};
use super::groups::Group;
use super::jackknife::{Measured, jackknife};
use super::{SoundConfig, SoundingPlan, Truth};
use crate::experiment::Experiment;
use crate::report::Fidelity;
use airloop_baseband::units::db_from_power;
use serde::Serialize;

/// Soundings a period of the Doppler shift below which times are read off coarsely.
const FINE_SOUNDINGS: f64 = 16.0;

/// Power that shows as noise, over the noise itself, from which on it is warned of.
const LEAST_LEAKAGE: f64 = 0.01;

/// Spread in resolutions below which the window's own cannot be told from a lone path's.
const LEAST_SPREAD: f64 = 0.05;

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
    /// The largest value that could have been measured, where there is such.
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
    /// How far apart delays are that it tells from each other.
    pub delay_resolution_s: f64,
    /// The same of Doppler shifts.
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
            curves: writer.curves(&estimator),
            warnings,
        }
    }
}

/// Writes figures and curves.
struct Writer<'a> {
    plan: &'a SoundingPlan,
    truth: &'a Truth,
    measured: Vec<Measured>,
    windowed: Vec<Measured>,
}

impl Writer<'_> {
    fn figures(&self, noise_power: f64) -> Vec<SoundFigure> {
        let (truth, plan) = (self.truth, self.plan);
        let band_hz = (plan.delays.lags - 1) as f64 * plan.numerology.subcarrier_spacing_hz();
        let root = |x: f64| x.max(0.0).sqrt();
        let plain = |x: f64| x;
        let mut figures = vec![
            self.figure("mean_power", Scalar::MeanPower, truth.mean_power(), plain),
            self.figure("noise_power", Scalar::NoisePower, noise_power, plain),
            self.figure("k_factor", Scalar::SteadyShareSquared, truth.k_factor(), k_factor),
            self.figure("mean_delay_s", Scalar::MeanDelay, truth.mean_delay_s(), plain),
            self.figure("rms_delay_spread_s", Scalar::DelayVariance, truth.rms_delay_spread_s(), root),
        ];
        let bandwidths = [
            ("coherence_bandwidth_90_hz", Scalar::CoherenceBandwidth90, 0.9),
            ("coherence_bandwidth_50_hz", Scalar::CoherenceBandwidth50, 0.5),
        ];
        figures.extend(bandwidths.map(|(name, scalar, level)| SoundFigure {
            reach: Some(band_hz),
            ..self.figure(name, scalar, truth.coherence_bandwidth_hz(level), plain)
        }));
        figures[1].truth_windowed = Some(noise_power);
        let Some(doppler) = &plan.doppler else { return figures };
        let longest_s = (doppler.lags - 1) as f64 / doppler.rate_hz;
        let times = [
            ("coherence_time_90_s", Scalar::CoherenceTime90, 0.9),
            ("coherence_time_50_s", Scalar::CoherenceTime50, 0.5),
        ];
        figures.extend(times.map(|(name, scalar, level)| SoundFigure {
            reach: Some(longest_s),
            ..self.figure(name, scalar, truth.coherence_time_s(level), plain)
        }));
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

    fn curves(&self, estimator: &Estimator<'_>) -> Vec<SoundCurve> {
        let (plan, places) = (self.plan, &estimator.places);
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

fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

/// Returns the Rician factor of the square of the share of power that does not fade.
fn k_factor(squared: f64) -> f64 {
    let share = squared.clamp(0.0, 1.0).sqrt();
    share / (1.0 - share)
}

fn warnings(
    experiment: &Experiment,
    fidelity: Fidelity,
    (plan, truth, figures): (&SoundingPlan, &Truth, &[SoundFigure]),
) -> Vec<String> {
    let mut warnings = Vec::new();
    let prefix_s = plan.numerology.shortest_prefix_samples() as f64 / plan.numerology.sample_rate_hz();
    let late = truth.paths().iter().filter(|path| path.delay_s > prefix_s);
    let late: f64 = late.map(|path| path.power).sum();
    if fidelity == Fidelity::Waveform && late > 0.0 {
        warnings.push(format!(
            "{:.2} dB of the power arrives after the cyclic prefix of {:.4} ns: of such paths a symbol's window misses a \
             part, which weakens them and disturbs other subcarriers",
            db_from_power(late),
            1e9 * prefix_s
        ));
    }
    let figure = |name: &str| figures.iter().find(|figure| figure.name == name);
    let expected = |name: &str| figure(name).and_then(|figure| figure.truth.or(figure.truth_windowed));
    let (power, noise_power) = (expected("mean_power"), expected("noise_power"));
    let shown = power.map_or(0.0, |power| power * plan.delays.quiet.leakage());
    if noise_power.is_some_and(|noise_power| shown > LEAST_LEAKAGE * noise_power) {
        warnings.push(format!(
            "paths up to the last delay leave so little of a symbol free that {:.2} dB of their power shows as noise: \
             noise_power, and what has noise taken off, are biased (a narrower subcarrier spacing or more subcarriers would \
             help)",
            db_from_power(plan.delays.quiet.leakage())
        ));
    }
    let resolution_s = plan.delay_resolution_s();
    let is_seen = |spread_s: &f64| *spread_s > LEAST_SPREAD * resolution_s;
    let shown_s = figure("rms_delay_spread_s").and_then(|figure| figure.truth_windowed).filter(is_seen);
    let spread_s = finite(truth.rms_delay_spread_s()).or(shown_s).unwrap_or(0.0);
    if spread_s > 0.0 && spread_s < resolution_s {
        warnings.push(format!(
            "the band of {:.4} MHz tells delays apart that differ by {:.4} ns; the channel's rms spread is {:.4} ns: its delay \
             profile shows the window rather than the paths (more subcarriers would help; rms spread and correlations have the \
             window's own width taken off)",
            1e-6 * plan.bandwidth_hz(),
            1e9 * resolution_s,
            1e9 * spread_s
        ));
    }
    if let Some(doppler) = &plan.doppler {
        let (max_hz, rate_hz) = (truth.max_doppler_hz(), doppler.rate_hz);
        if max_hz > 0.5 * rate_hz {
            warnings.push(format!(
                "a sounding every symbol is {rate_hz:.4e} a second, less than twice the maximum Doppler shift of \
                 {max_hz:.4e} Hz: shifts beyond half the rate appear at others, and the Doppler spectrum is not the channel's"
            ));
        } else if max_hz * FINE_SOUNDINGS > rate_hz {
            warnings.push(format!(
                "a sounding every symbol is {:.3} a period of the maximum Doppler shift: coherence times are read off lines \
                 between them",
                rate_hz / max_hz
            ));
        }
    }
    if !experiment.impairments.is_ideal() || !experiment.receiver.is_ideal() {
        warnings.push(
            "[impairments] and [receiver] are left out: the sounder's own radio is ideal, so that what it shows is the channel's"
                .into(),
        );
    }
    warnings
}
