//! Fading models: they draw taps, and know the marginal distribution of the channel gain.

use crate::SPEED_OF_LIGHT_M_S;
use crate::marginal::Marginal;
use crate::profile::{PathKind, Profile};
use crate::rotor::unit_phasor;
use crate::taps::{MAX_SINUSOIDS, Taps};
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::ops::Range;
use std::sync::Arc;

/// Sinusoids of a moving Rayleigh path. The Gaussian amplitudes make the fading exactly Rayleigh for any number; this many
/// keep the time correlation of each single draw close to the Bessel function for many periods.
const SINUSOIDS: usize = MAX_SINUSOIDS;

/// Doppler shift of the line-of-sight path over the maximum Doppler shift (3GPP TR 38.901, clause 7.7.2).
pub const LINE_OF_SIGHT_DOPPLER_SHARE: f64 = 0.7;

/// A fading model: a power delay profile whose Rayleigh paths move with the Jakes spectrum.
///
/// ```text
/// a_p(t) = sqrt(P_p / n) sum_i g_i exp(j 2 pi f_D cos(theta_i) t),   g_i ~ CN(0, 1),
/// theta_i = pi (i + u) / n,  u uniform in (0, 1), drawn for each path
/// ```
///
/// Averaged over `u` the autocorrelation is exactly `P_p J0(2 pi f_D tau)`; at any instant `a_p` is exactly CN(0, P_p).
/// A line-of-sight path is `sqrt(P_p) exp(j (phi + 2 pi 0.7 f_D t))` with uniform `phi` (no phase when alone and static).
#[derive(Clone, Debug)]
pub struct Fading {
    profile: Profile,
    delays_s: Arc<[f64]>,
    max_doppler_hz: f64,
}

impl Fading {
    /// Makes a model from a profile, a carrier frequency in hertz and a speed in metres a second (0: static).
    pub fn new(profile: Profile, carrier_hz: f64, speed_m_s: f64) -> Self {
        let delays_s = profile.paths().iter().map(|p| p.delay_s).collect();
        Self { profile, delays_s, max_doppler_hz: speed_m_s * carrier_hz / SPEED_OF_LIGHT_M_S }
    }

    /// Returns the profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Returns the maximum Doppler shift `v f_c / c` in hertz.
    pub fn max_doppler_hz(&self) -> f64 {
        self.max_doppler_hz
    }

    /// Returns the distribution of `|H|^2` at any one instant and frequency.
    pub fn marginal(&self) -> Marginal {
        Marginal::rician(self.profile.k_factor())
    }

    /// Draws the taps of a range of links in one trial. The draw of a link does not depend on the range.
    pub fn draw(&self, seeds: &Seeds, trial: u64, links: Range<usize>) -> Vec<Taps> {
        let moving = self.max_doppler_hz > 0.0;
        let sinusoids = if moving { SINUSOIDS } else { 1 };
        let paths = self.profile.paths().len();
        let stride = paths * sinusoids;
        let mut gaussians = vec![Complex32::default(); stride * links.len()];
        let stream = seeds.stream(Purpose::Fading, trial, 0);
        stream.fill_complex_gaussian((links.start * stride) as u64, 1.0, &mut gaussians);
        let angles = seeds.stream(Purpose::Fading, trial, 1);
        let draws = links.clone().zip(gaussians.chunks_exact(stride));
        draws.map(|(link, g)| self.link(g, |path| angles.uniform((link * paths + path) as u64))).collect()
    }

    fn link(&self, gaussians: &[Complex32], uniform: impl Fn(usize) -> f64) -> Taps {
        let paths = self.profile.paths();
        let sinusoids = gaussians.len() / paths.len();
        let mut taps = Taps::zero(Arc::clone(&self.delays_s), sinusoids, self.max_doppler_hz);
        let constant = paths.len() == 1 && self.max_doppler_hz == 0.0;
        for (p, path) in paths.iter().enumerate() {
            match path.kind {
                PathKind::LineOfSight => {
                    let phase = if constant { 0.0 } else { std::f64::consts::TAU * uniform(p) };
                    let at = taps.place(p, 0);
                    taps.amplitude_re[at] = path.power.sqrt() * phase.cos();
                    taps.amplitude_im[at] = path.power.sqrt() * phase.sin();
                    taps.doppler_hz[at] = LINE_OF_SIGHT_DOPPLER_SHARE * self.max_doppler_hz;
                }
                PathKind::Rayleigh => {
                    let scale = (path.power / sinusoids as f64).sqrt();
                    let offset = uniform(p);
                    for (i, g) in gaussians[p * sinusoids..(p + 1) * sinusoids].iter().enumerate() {
                        // theta is pi (i + offset) / sinusoids; a turn is 2 pi.
                        let (cos, _) = unit_phasor((i as f64 + offset) / (2 * sinusoids) as f64);
                        let at = taps.place(p, i);
                        taps.amplitude_re[at] = scale * f64::from(g.re);
                        taps.amplitude_im[at] = scale * f64::from(g.im);
                        taps.doppler_hz[at] = self.max_doppler_hz * cos;
                    }
                }
            }
        }
        taps
    }
}
