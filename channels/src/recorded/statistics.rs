//! Powers and pace of recorded gains.

use super::error::RecordingError;
use super::grid::{GridConfig, Kernel, Normalisation};
use super::responses::{Extent, ImpulseResponses};
use crate::response::Steering;
use airloop_baseband::Complex32;

/// Most instants of a drop at which powers are looked at.
const INSTANTS: usize = 32;

/// What is averaged over a recording on its grid.
pub(super) struct Moments {
    /// Mean power of every tap over drops, devices, links and instants.
    pub tap_powers: Vec<f64>,
    /// Of the fastest device.
    pub max_doppler_hz: f64,
}

/// Returns evenly spaced instants that stand for all.
fn instants(times: usize) -> impl Iterator<Item = usize> {
    let count = times.min(INSTANTS);
    (0..count).map(move |i| (2 * i + 1) * times / (2 * count))
}

/// Scales gains so that mean powers over links, instants and the given frequencies are as configured.
///
/// ```text
/// mean over links, instants, frequencies of |sum_p a_p exp(-j 2 pi f tau_p)|^2
/// ```
pub(super) fn normalise(
    responses: &mut ImpulseResponses,
    config: &GridConfig<'_>,
) -> Result<(), RecordingError> {
    let Extent { drops, devices, paths, times, .. } = responses.extent;
    let links = responses.extent.links();
    let row = paths * times;
    let (mut sums, mut steering) = (vec![0.0; devices], None);
    for (place, gains) in responses.gains.chunks_exact(links * row).enumerate() {
        let delays = &responses.delays_s[place * paths..(place + 1) * paths];
        // Weak gains are looked at near 1, so that their squares keep their digits.
        let largest = gains.iter().map(|a| a.norm()).fold(0.0f32, f32::max);
        if largest == 0.0 {
            continue;
        }
        let same = |(known, _): &(Vec<f64>, Steering)| {
            known.iter().zip(delays).all(|(a, b)| a.to_bits() == b.to_bits())
        };
        if !steering.as_ref().is_some_and(same) {
            let settled: Vec<f64> = delays.iter().map(|d| if d.is_nan() { 0.0 } else { *d }).collect();
            steering = Some((delays.to_vec(), Steering::new(&settled, config.frequencies_hz)));
        }
        let Some((_, steering)) = &steering else { continue };
        let mut rows = Vec::with_capacity(links * INSTANTS * paths);
        for link in gains.chunks_exact(row) {
            for i in instants(times) {
                rows.extend(link.chunks_exact(times).map(|path| path[i] / largest));
            }
        }
        let count = rows.len() / paths;
        let mut responded = vec![Complex32::default(); count * steering.frequencies()];
        steering.respond(&rows, &mut responded);
        let power: f64 = responded.iter().map(|h| f64::from(h.norm_sqr())).sum();
        sums[place % devices] += power / responded.len() as f64 * f64::from(largest).powi(2) / drops as f64;
    }
    if let Some(device) = sums.iter().position(|power| *power <= 0.0) {
        return Err(RecordingError::NoPower { device });
    }
    let mean = sums.iter().sum::<f64>() / devices as f64;
    for (place, gains) in responses.gains.chunks_exact_mut(links * row).enumerate() {
        let power = match config.normalisation {
            Normalisation::Device => sums[place % devices],
            Normalisation::All => mean,
            Normalisation::None => return Ok(()),
        };
        let factor = 1.0 / power.sqrt();
        for a in gains {
            *a = Complex32::new((f64::from(a.re) * factor) as f32, (f64::from(a.im) * factor) as f32);
        }
    }
    Ok(())
}

/// Returns the mean powers of a grid's taps, and the Doppler shift of the fastest device.
pub(super) fn moments(
    (extent, gains): (&Extent, &[Complex32]),
    kernels: &[Kernel],
    taps: usize,
    step_s: f64,
) -> Moments {
    let row = extent.paths * extent.times;
    let (mut tap_powers, mut on_grid) = (vec![0.0; taps], vec![Complex32::default(); taps]);
    let mut paces = vec![Pace::default(); extent.devices];
    for (place, links) in gains.chunks_exact(extent.links() * row).enumerate() {
        let kernels = &kernels[place * extent.paths..(place + 1) * extent.paths];
        for link in links.chunks_exact(row) {
            for i in instants(extent.times) {
                on_grid.fill(Complex32::default());
                for (path, kernel) in link.chunks_exact(extent.times).zip(kernels) {
                    spread(path[i], kernel, &mut on_grid);
                }
                tap_powers.iter_mut().zip(&on_grid).for_each(|(sum, c)| *sum += f64::from(c.norm_sqr()));
            }
            link.chunks_exact(extent.times).for_each(|path| paces[place % extent.devices].see(path));
        }
    }
    let max_doppler_hz = paces.iter().map(|pace| pace.doppler_hz(step_s)).fold(0.0, f64::max);
    Moments { tap_powers, max_doppler_hz }
}

/// Adds a path's gain to the taps that stand for it.
#[inline]
pub(super) fn spread(gain: Complex32, kernel: &Kernel, out: &mut [Complex32]) {
    let out = &mut out[kernel.first..kernel.first + kernel.taps.len()];
    out.iter_mut().zip(&kernel.taps).for_each(|(c, k)| *c += gain * *k);
}

/// Sums over the gains of a device, and over their first and second differences in time.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    power: f64,
    first: f64,
    second: f64,
}

impl Pace {
    fn see(&mut self, series: &[Complex32]) {
        let norm = |z: Complex32| f64::from(z.re).powi(2) + f64::from(z.im).powi(2);
        // Means over as many terms: each sum counts its terms' share of the instants.
        let share = |terms: usize| 1.0 / terms.max(1) as f64;
        self.power += series.iter().map(|a| norm(*a)).sum::<f64>() * share(series.len());
        let first = series.windows(2).map(|w| norm(w[1] - w[0])).sum::<f64>();
        self.first += first * share(series.len().saturating_sub(1));
        let second = series.windows(3).map(|w| norm(w[2] - w[1] - (w[1] - w[0]))).sum::<f64>();
        self.second += second * share(series.len().saturating_sub(2));
    }

    /// Returns the maximum Doppler shift of the Jakes spectrum with the same second or fourth moment, the larger one.
    ///
    /// ```text
    /// a tone of frequency f changes by 2 sin(pi f step) of itself from one instant to the next
    /// ```
    fn doppler_hz(&self, step_s: f64) -> f64 {
        if self.first == 0.0 || step_s == 0.0 {
            return 0.0;
        }
        let tone = |change: f64| (change / 2.0).min(1.0).asin() / (std::f64::consts::PI * step_s);
        let second = std::f64::consts::SQRT_2 * tone((self.first / self.power).sqrt());
        let fourth = (8.0f64 / 3.0).powf(0.25) * tone((self.second / self.power).powf(0.25));
        second.max(fourth)
    }
}
