//! Fading models: they draw taps, and know the marginal distribution of the channel gain.

use crate::SPEED_OF_LIGHT_M_S;
use crate::cdl::{ClusteredModel, RayAmplitudes};
use crate::correlation::Correlation;
use crate::marginal::Marginal;
use crate::profile::{PathKind, Profile};
use crate::recorded::{Recording, Replay, TrialSpan};
use crate::rotor::unit_phasor;
use crate::taps::Taps;
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::ops::Range;
use std::sync::Arc;

/// Sinusoids of a moving Rayleigh path. The Gaussian amplitudes make the fading exactly Rayleigh for any number; this many
/// keep the time correlation of each single draw close to the Bessel function for many periods.
const SINUSOIDS: usize = 16;

/// Doppler shift of the line-of-sight path over the maximum Doppler shift (3GPP TR 38.901, clause 7.7.2).
pub const LINE_OF_SIGHT_DOPPLER_SHARE: f64 = 0.7;

/// Antennas at both ends of the links of a device.
///
/// ```text
/// link = (device * receive + r) * Antennas::device + t,   receive antenna r, device antenna t
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Antennas {
    /// Antennas of the receiver, at least 1.
    pub receive: usize,
    /// Antennas of each device, at least 1.
    pub device: usize,
}

impl Antennas {
    /// One antenna at each end.
    pub const SINGLE: Self = Self { receive: 1, device: 1 };

    /// Returns the links of one device; they lie side by side.
    pub const fn links(self) -> usize {
        self.receive * self.device
    }
}

/// A fading model, which draws taps from one of three sources: a power delay profile, clustered rays
/// ([`Fading::clustered`]) or a recording ([`Fading::recorded`]).
///
/// The Rayleigh paths of a profile move with the Jakes spectrum:
///
/// ```text
/// a_p(t) = sqrt(P_p / n) sum_i g_i exp(j 2 pi f_D cos(theta_i) t),   g_i ~ CN(0, 1),
/// theta_i = pi (i + u) / n,  u uniform in (0, 1), drawn for each path
/// ```
///
/// Averaged over `u` the autocorrelation is exactly `P_p J0(2 pi f_D tau)`; at any instant `a_p` is exactly CN(0, P_p).
/// A line-of-sight path is `sqrt(P_p) exp(j (phi + 2 pi 0.7 f_D t))` with uniform `phi` (no phase when alone and static).
/// Clustered rays move as [`ClusteredModel`] says, recordings as they were recorded; both know a profile of mean powers too.
///
/// Links of a profile are independent unless antennas are correlated ([`Fading::with_correlation`]). Then the links of a device
/// share `u` and `phi` (the line of sight comes from broadside), and with `h` the gains of one Rayleigh path over all of them
///
/// ```text
/// g = (L_receive (x) L_device) w,  w ~ CN(0, I):   E[h(t + tau) h(t)^H] = P_p J0(2 pi f_D tau) (R_receive (x) R_device)
/// ```
#[derive(Clone, Debug)]
pub struct Fading {
    profile: Profile,
    delays_s: Arc<[f64]>,
    max_doppler_hz: f64,
    receive: Arc<Correlation>,
    device: Arc<Correlation>,
    correlated: bool,
    source: Source,
}

/// Where taps come from.
#[derive(Clone, Debug)]
enum Source {
    /// Drawn by the profile, Rayleigh path by Rayleigh path.
    Profile,
    /// From clustered rays.
    Clusters(Arc<Clustered>),
    /// From what was recorded.
    Recording(Arc<Recording>, Replay),
}

/// A clustered model and the factor on its amplitudes that gives links unit mean power.
#[derive(Debug)]
struct Clustered {
    model: ClusteredModel,
    scale: f64,
}

impl Fading {
    /// Makes a model from a profile, a carrier frequency in hertz and a speed in metres a second (0: static).
    pub fn new(profile: Profile, carrier_hz: f64, speed_m_s: f64) -> Self {
        Self::with_max_doppler(profile, speed_m_s * carrier_hz / SPEED_OF_LIGHT_M_S)
    }

    /// Makes a model from a profile and its maximum Doppler shift in hertz (0: static).
    pub fn with_max_doppler(profile: Profile, max_doppler_hz: f64) -> Self {
        let delays_s = profile.paths().iter().map(|p| p.delay_s).collect();
        let single = Arc::new(Correlation::identity(1));
        Self {
            profile,
            delays_s,
            max_doppler_hz,
            receive: Arc::clone(&single),
            device: single,
            correlated: false,
            source: Source::Profile,
        }
    }

    /// Makes a model of clustered rays between arrays, scaled to unit mean power over the links of a device in the direction of
    /// the tables; devices elsewhere are as much stronger or weaker as the arrays' patterns make them.
    pub fn clustered(model: ClusteredModel) -> Self {
        let powers = model.mean_powers(0.0);
        let mean = powers.iter().sum::<f64>() / model.links() as f64;
        let antennas = Antennas {
            receive: model.config().receive_array.elements(),
            device: model.config().device_array.elements(),
        };
        let fading = Self::with_max_doppler(model.profile().clone(), model.max_doppler_hz());
        let source = Source::Clusters(Arc::new(Clustered { scale: 1.0 / mean.sqrt(), model }));
        Self { source, ..fading.with_antennas(antennas) }
    }

    /// Returns the clustered model behind the links, if there is one.
    pub fn clusters(&self) -> Option<&ClusteredModel> {
        match &self.source {
            Source::Clusters(clustered) => Some(&clustered.model),
            _ => None,
        }
    }

    /// Makes a model that replays recorded channels.
    pub fn recorded(recording: Arc<Recording>, replay: Replay) -> Self {
        let extent = recording.extent();
        let antennas = Antennas { receive: extent.receive, device: extent.device_antennas };
        let max_doppler_hz = recording.max_doppler_hz() * replay.speed;
        let fading = Self::with_max_doppler(recording.profile().clone(), max_doppler_hz);
        Self { source: Source::Recording(recording, replay), ..fading.with_antennas(antennas) }
    }

    /// Returns the recording behind the links and how it is replayed, if there is one.
    pub fn recording(&self) -> Option<(&Recording, &Replay)> {
        match &self.source {
            Source::Recording(recording, replay) => Some((recording, replay)),
            _ => None,
        }
    }

    /// Says what a trial needs of the recording, if there is one.
    pub fn set_trial_span(&mut self, span: TrialSpan) {
        if let Source::Recording(_, replay) = &mut self.source {
            replay.span = span;
        }
    }

    /// Returns whether scattered paths move with the Jakes spectrum.
    pub fn has_jakes_spectrum(&self) -> bool {
        matches!(self.source, Source::Profile)
    }

    /// Returns whether links are independent of each other.
    pub fn has_independent_links(&self) -> bool {
        !self.correlated && (self.has_jakes_spectrum() || self.antennas() == Antennas::SINGLE)
    }

    /// Returns whether [`Fading::marginal`] is exact for every link, and time is correlated as by the Jakes spectrum: not for
    /// recordings, which have the distribution of their data, and not for clustered rays, whose links differ with their antennas,
    /// unless they are Gaussian and static between single vertical elements.
    pub fn is_exact(&self) -> bool {
        let model = match &self.source {
            Source::Profile => return true,
            Source::Clusters(clustered) => &clustered.model,
            Source::Recording(..) => return false,
        };
        let single = self.antennas() == Antennas::SINGLE && self.max_doppler_hz == 0.0;
        let powers = model.mean_powers(0.0);
        let equal = powers.iter().zip(self.profile.paths()).all(|(m, p)| (m - p.power).abs() < 1e-9);
        single && equal && model.config().rays == RayAmplitudes::Gaussian
    }

    /// Returns the model with several antennas, all of them uncorrelated.
    #[must_use]
    pub fn with_antennas(self, antennas: Antennas) -> Self {
        self.with_correlation(Correlation::identity(antennas.receive), Correlation::identity(antennas.device))
    }

    /// Returns the model with correlated antennas, as many at the receiver and at each device as their matrices have rows.
    #[must_use]
    pub fn with_correlation(mut self, receive: Correlation, device: Correlation) -> Self {
        self.correlated = !(receive.is_identity() && device.is_identity());
        (self.receive, self.device) = (Arc::new(receive), Arc::new(device));
        self
    }

    /// Returns how many antennas the receiver and each device have.
    pub fn antennas(&self) -> Antennas {
        Antennas { receive: self.receive.antennas(), device: self.device.antennas() }
    }

    /// Returns the correlation between the receiver's antennas, for the links from one antenna of a device.
    pub fn receive_correlation(&self) -> &Correlation {
        &self.receive
    }

    /// Returns the correlation between a device's antennas, for the links to one antenna of the receiver.
    pub fn device_correlation(&self) -> &Correlation {
        &self.device
    }

    /// Returns whether the links of a device depend on each other.
    pub fn is_correlated(&self) -> bool {
        self.correlated
    }

    /// Returns the profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Returns the maximum Doppler shift in hertz: `v f_c / c` at speed `v`.
    pub fn max_doppler_hz(&self) -> f64 {
        self.max_doppler_hz
    }

    /// Returns the distribution of `|H|^2` at any one instant and frequency, by the K factor of the profile.
    ///
    /// It is that of every link where [`Fading::is_exact`] says so: always of a profile, of clusters between single elements at
    /// most, never of a recording.
    pub fn marginal(&self) -> Marginal {
        Marginal::rician(self.profile.k_factor())
    }

    /// Draws the taps of a range of links in one trial. The draw of a link does not depend on the range.
    pub fn draw(&self, seeds: &Seeds, trial: u64, links: Range<usize>) -> Vec<Taps> {
        match &self.source {
            Source::Profile => {}
            Source::Clusters(clustered) => return clustered.draw((seeds, trial), links),
            Source::Recording(recording, replay) => return replay.draw(recording, (seeds, trial), links),
        }
        let moving = self.max_doppler_hz > 0.0;
        let sinusoids = if moving { SINUSOIDS } else { 1 };
        let paths = self.profile.paths().len();
        let stride = paths * sinusoids;
        // Correlated links of a device are drawn together, whichever of them are asked for.
        let together = if self.correlated { self.antennas().links() } else { 1 };
        let drawn = links.start / together * together..links.end.next_multiple_of(together);
        let mut gaussians = vec![Complex32::default(); stride * drawn.len()];
        let stream = seeds.stream(Purpose::Fading, trial, 0);
        stream.fill_complex_gaussian((drawn.start * stride) as u64, 1.0, &mut gaussians);
        if self.correlated {
            let devices = gaussians.chunks_exact_mut(stride * together);
            devices.for_each(|device| correlate(device, stride, (&self.receive, &self.device)));
        }
        let angles = seeds.stream(Purpose::Fading, trial, 1);
        let asked = gaussians[(links.start - drawn.start) * stride..].chunks_exact(stride);
        let draws = links.zip(asked).map(|(link, g)| (link / together * together, g));
        draws.map(|(first, g)| self.link(g, |path| angles.uniform((first * paths + path) as u64))).collect()
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

impl Clustered {
    /// Draws a range of links; those of a device are drawn together, whichever of them are asked for.
    fn draw(&self, (seeds, trial): (&Seeds, u64), links: Range<usize>) -> Vec<Taps> {
        let each = self.model.links();
        let devices = links.start / each..links.end.div_ceil(each);
        let mut taps = self.model.draw(seeds, trial, devices.clone());
        taps.truncate(links.end - devices.start * each);
        taps.drain(..links.start - devices.start * each);
        taps.iter_mut().for_each(|taps| taps.scale(self.scale));
        taps
    }
}

/// Mixes the independent amplitudes of a device's links, `stride` a link, in place: `(L_receive (x) L_device)` times them.
fn correlate(amplitudes: &mut [Complex32], stride: usize, (receive, device): (&Correlation, &Correlation)) {
    let row = device.antennas() * stride;
    mix(amplitudes, row, receive);
    amplitudes.chunks_exact_mut(row).for_each(|links| mix(links, stride, device));
}

/// Replaces row `i` of `amplitudes`, `width` values each, by the sum over `j <= i` of `L_ij` times row `j`.
fn mix(amplitudes: &mut [Complex32], width: usize, correlation: &Correlation) {
    let Some(factor) = correlation.factor() else { return };
    // From the last row up, so that the rows above are still those that were drawn.
    for (i, weights) in factor.chunks_exact(correlation.antennas()).enumerate().rev() {
        let (above, below) = amplitudes.split_at_mut(i * width);
        let row = &mut below[..width];
        let own = weights[i].re as f32;
        row.iter_mut().for_each(|a| *a *= own);
        for (weight, other) in weights.iter().zip(above.chunks_exact(width)) {
            let weight = Complex32::new(weight.re as f32, weight.im as f32);
            row.iter_mut().zip(other).for_each(|(a, w)| *a += weight * w);
        }
    }
}
