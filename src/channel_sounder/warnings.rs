//! Doubts of a measurement, in words.

use super::report::{SoundFigure, finite};
use super::{SoundingPlan, Truth};
use crate::experiment::Experiment;
use crate::report::Fidelity;
use airloop_baseband::units::db_from_power;

/// Soundings a period of the Doppler shift below which times are read off coarsely.
const FINE_SOUNDINGS: f64 = 16.0;

/// Power that shows as noise, over the noise itself, from which on it is warned of.
const LEAST_LEAKAGE: f64 = 0.01;

/// Spread in resolutions below which the window's own cannot be told from a lone path's.
const LEAST_SPREAD: f64 = 0.05;

/// Returns what to doubt of figures, in words.
pub(super) fn warnings(
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
            "the band of {:.4} MHz has a delay resolution of {:.4} ns; the channel's rms spread is {:.4} ns: its delay \
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
    let is_lost = |figure: &&SoundFigure| figure.name.starts_with("coherence_") && figure.reach.is_none();
    let lost: Vec<&str> = figures.iter().filter(is_lost).map(|figure| figure.name).collect();
    if !lost.is_empty() {
        warnings.push(format!(
            "{}: the correlation is in doubt by more than half of what it falls to the level, so that where it does is not told \
             (more draws or a higher --snr-db would help)",
            lost.join(", ")
        ));
    }
    if !experiment.impairments.is_ideal() || !experiment.receiver.is_ideal() {
        warnings.push(
            "[impairments] and [receiver] are left out: the sounder's own radio is ideal, so that what it shows is the channel's"
                .into(),
        );
    }
    warnings
}
