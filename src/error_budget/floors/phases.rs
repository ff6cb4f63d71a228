//! What phases leave that turn in time and over the band.

use super::Setting;
use crate::experiment::PerDevice;
use airloop_baseband::Complex64;
use airloop_channels::impairment::PhaseNoiseConfig;

/// Instants within a symbol, symbols of a round and subcarriers over which a turning phase is averaged, at most.
const POINTS: (usize, usize, usize) = (8, 32, 16);

impl Setting<'_> {
    /// Averages what phases leave that turn in time and over the band: by the mean of their phasor at a time and a frequency.
    pub fn turned(&self, phasor: impl Fn(f64, f64) -> Complex64) -> f64 {
        let frequencies = thinned(&self.experiment.numerology.frequencies_hz(), POINTS.2);
        let (mut sum, mut total) = (0.0, 0.0);
        for (begin_s, end_s, weight) in self.windows() {
            for i in 0..POINTS.0 {
                let t = begin_s + (end_s - begin_s) * (i as f64 + 0.5) / POINTS.0 as f64;
                for f in &frequencies {
                    sum += weight * self.multiplied(phasor(t, *f), 1.0);
                    total += weight;
                }
            }
        }
        sum / total
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

    /// Returns what phase noise of devices and of the server leaves that begins at 0: a mean phasor is shorter by half the power of
    /// its error.
    pub fn of_phase_noise(&self, devices: &PhaseNoiseConfig, server: &PhaseNoiseConfig) -> f64 {
        let rate_hz = self.experiment.numerology.sample_rate_hz();
        let windows = thinned(&self.windows(), POINTS.2);
        let total = windows.iter().map(|window| window.2).sum::<f64>();
        let [devices, server] = [devices, server].map(|config| {
            let of = |(begin_s, end_s, weight): &(f64, f64, f64)| {
                weight * config.error_vector_power((*begin_s, *end_s), rate_hz)
            };
            1.0 - 0.5 * windows.iter().map(of).sum::<f64>() / total
        });
        self.turned_alike(devices, server)
    }
}

/// Returns the mean of `exp(j rate X)` over devices.
pub fn characteristic(of: &PerDevice, rate: f64) -> Complex64 {
    match of {
        PerDevice::Same(value) => Complex64::cis(rate * value),
        PerDevice::Each(values) => {
            values.iter().map(|value| Complex64::cis(rate * value)).sum::<Complex64>() / values.len() as f64
        }
        PerDevice::Normal { standard_deviation } => {
            Complex64::from((-0.5 * (rate * standard_deviation).powi(2)).exp())
        }
        PerDevice::Uniform { low, high } => uniform(rate, (*low, *high)),
        PerDevice::Ranges(ends) => {
            ends.iter().map(|ends| uniform(rate, *ends)).sum::<Complex64>() / ends.len() as f64
        }
    }
}

/// Returns the mean of `exp(j rate X)` for uniform `X`.
fn uniform(rate: f64, (low, high): (f64, f64)) -> Complex64 {
    let half = 0.5 * rate * (high - low);
    let shrunk = if half.abs() < 1e-8 { 1.0 } else { half.sin() / half };
    Complex64::cis(0.5 * rate * (low + high)) * shrunk
}

/// Returns at most so many values, evenly spread over all.
fn thinned<T: Copy>(values: &[T], most: usize) -> Vec<T> {
    if values.len() <= most {
        return values.to_vec();
    }
    let place = |i: usize| ((i as f64 + 0.5) * values.len() as f64 / most as f64) as usize;
    (0..most).map(|i| values[place(i)]).collect()
}
