//! Powers and pace of recorded gains.

use super::error::RecordingError;
use super::grid::{GridConfig, Kernel, Normalisation};
use super::powers::{Band, Products};
use super::responses::{Extent, ImpulseResponses};
use airloop_baseband::Complex32;

/// Largest gain that is taken as it was recorded, as mean power, and the inverse of the smallest.
const MOST_POWER: f64 = 1e20;

/// What is averaged over a recording on its grid.
pub(super) struct Moments {
    /// Mean power of every tap over drops, devices, links and instants.
    pub tap_powers: Vec<f64>,
    /// Of the fastest device.
    pub max_doppler_hz: f64,
}

/// Scales gains so that mean powers over links, instants and the used frequencies are as configured; returns what is averaged.
///
/// ```text
/// power of a device = mean over drops, links, instants, frequencies of |sum_p a_p exp(-j 2 pi f tau_p)|^2
/// ```
pub(super) fn normalise(
    responses: &mut ImpulseResponses,
    (kernels, taps): (&[Kernel], usize),
    config: &GridConfig<'_>,
) -> Result<Moments, RecordingError> {
    let extent = responses.extent;
    let Extent { drops, devices, paths, times, .. } = extent;
    let each = extent.links() * paths * times;
    let (mut powers, mut tap_powers) = (vec![0.0; devices], vec![0.0; devices * taps]);
    let mut paces = vec![Pace::default(); devices];
    let mut band: Option<Band> = None;
    for (place, gains) in responses.gains.chunks_exact(each).enumerate() {
        let (device, own) = (place % devices, place * paths..(place + 1) * paths);
        let delays_s = &responses.delays_s[own.clone()];
        let of = match band.take() {
            Some(band) if band.is_of(delays_s) => band,
            _ => Band::new(delays_s, config.frequencies_hz),
        };
        let products = Products::of(gains, &extent);
        powers[device] += products.over_band(&of) / drops as f64;
        products.on_taps(&kernels[own], &mut tap_powers[device * taps..(device + 1) * taps]);
        gains.chunks_exact(times).for_each(|path| paces[device].see(path));
        band = Some(of);
    }
    if let Some(device) = powers.iter().position(|power| *power <= 0.0) {
        return Err(RecordingError::NoPower { device });
    }
    let mean = powers.iter().sum::<f64>() / devices as f64;
    let factor = |device: usize| match config.normalisation {
        Normalisation::Device => 1.0 / powers[device].sqrt(),
        Normalisation::All => 1.0 / mean.sqrt(),
        Normalisation::None => 1.0,
    };
    let kept = |power: &f64| {
        config.normalisation != Normalisation::None || (1.0 / MOST_POWER..=MOST_POWER).contains(power)
    };
    if let Some(device) = powers.iter().position(|power| !kept(power)) {
        return Err(RecordingError::FarFromUnit { device, power: powers[device] });
    }
    for (place, gains) in responses.gains.chunks_exact_mut(each).enumerate() {
        let factor = factor(place % devices);
        for a in gains {
            *a = Complex32::new((f64::from(a.re) * factor) as f32, (f64::from(a.im) * factor) as f32);
        }
    }
    let mut sums = vec![0.0; taps];
    for (device, own) in tap_powers.chunks_exact(taps).enumerate() {
        sums.iter_mut().zip(own).for_each(|(sum, power)| *sum += power * factor(device).powi(2));
    }
    let max_doppler_hz = paces.iter().map(|pace| pace.doppler_hz(responses.step_s)).fold(0.0, f64::max);
    Ok(Moments { tap_powers: sums, max_doppler_hz })
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
