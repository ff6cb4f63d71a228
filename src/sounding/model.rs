//! Knowledge prepared for an experiment: estimators, airtime of pilots and feedback, statistics.

use super::config::{Estimator, KnowledgeConfig, KnowledgeSource, Pilots, Sounding};
use super::least_squares::LeastSquares;
use super::mismatch::Mismatch;
use super::mmse::{Mmse, PathMemory};
use super::statistics::{KnownElement, KnownStatistics};
use crate::beamforming::Antennas;
use crate::medium::{ChannelModel, Timeline};
use crate::ofdm::{Numerology, Segments};
use airloop_baseband::Complex64;
use airloop_channels::{Fading, PathKind};
use std::sync::Arc;

/// Devices for which lags are worked out, when they sound in turn.
const MOST_LAG_DEVICES: usize = 8;

/// What turns pilot observations into knowledge.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// No pilots.
    Nothing,
    /// Least squares.
    LeastSquares(LeastSquares),
    /// Wiener filter.
    Mmse(Box<Mmse>),
    /// Each element on its own, scaled by the factor given.
    PerElement(f64),
}

/// Knowledge of an experiment's channels, as configured and prepared.
#[derive(Clone, Debug)]
pub struct KnowledgeModel {
    /// As configured.
    pub config: KnowledgeConfig,
    channel: ChannelModel,
    numerology: Arc<Numerology>,
    devices: usize,
    antennas: Antennas,
    prepared: Prepared,
}

impl KnowledgeModel {
    /// Prepares knowledge of these channels.
    pub fn new(
        config: KnowledgeConfig,
        channel: &ChannelModel,
        numerology: &Arc<Numerology>,
        (devices, antennas): (usize, Antennas),
    ) -> Self {
        let mut model = Self {
            config,
            channel: channel.clone(),
            numerology: Arc::clone(numerology),
            devices,
            antennas,
            prepared: Prepared::Nothing,
        };
        if let KnowledgeSource::Estimated(pilots) = &config.source {
            model.prepared = model.prepare(pilots);
        }
        model
    }

    fn prepare(&self, pilots: &Pilots) -> Prepared {
        let frequencies = self.numerology.frequencies_hz();
        let noise = self.observation_noise(pilots);
        let ChannelModel::Taps { fading, .. } = &self.channel else {
            let v = noise / pilots.symbols as f64;
            let shrink = if pilots.estimator == Estimator::Mmse { 1.0 / (1.0 + v) } else { 1.0 };
            return Prepared::PerElement(shrink);
        };
        let at_pilots: Vec<f64> = frequencies.iter().copied().step_by(pilots.spacing_subcarriers).collect();
        if pilots.estimator == Estimator::Mmse {
            let instants = self.pilot_instants_s(pilots);
            let mmse = Mmse::new(fading, &at_pilots, pilots.spacing_subcarriers, &instants, noise);
            if let Some(mmse) = mmse {
                return Prepared::Mmse(Box::new(mmse));
            }
        }
        Prepared::LeastSquares(LeastSquares::new(&frequencies, pilots.spacing_subcarriers))
    }

    /// Returns the noise of one pilot observation, quantisation included.
    fn observation_noise(&self, pilots: &Pilots) -> f64 {
        pilots.noise + self.config.quantisation_variance(1.0 + pilots.noise)
    }

    /// Returns the centres of a sounding's pilot symbols after the first one's.
    fn pilot_instants_s(&self, pilots: &Pilots) -> Vec<f64> {
        let centre = |s: usize| self.numerology.symbol_centre_s(s);
        (0..pilots.symbols).map(|s| centre(s) - centre(0)).collect()
    }

    /// Returns what turns observations into knowledge.
    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// Returns the number of links: of devices times pairs of antennas.
    pub fn links(&self) -> usize {
        self.devices * self.antennas.links()
    }

    /// Returns the device that a link belongs to.
    pub fn device_of(&self, link: usize) -> usize {
        link / self.antennas.links()
    }

    /// Returns the OFDM symbols that one sounding takes: pilots, and feedback of quantised observations.
    ///
    /// ```text
    /// downlink: N S;   uplink: K A S + ceil(K A N S pilots 2 bits / (bits per element)) elements in whole symbols
    /// ```
    ///
    /// `N` antennas of the server, or `A` of each of the `K` devices, send their pilots one after the other.
    pub fn sounding_symbols(&self) -> usize {
        let Some(pilots) = self.config.pilots() else { return 0 };
        match pilots.sounding {
            Sounding::Downlink => self.antennas.receive * pilots.symbols,
            Sounding::Uplink => {
                let sent = self.devices * self.antennas.device * pilots.symbols;
                let observations = sent
                    * self.antennas.receive
                    * self.numerology.used().div_ceil(pilots.spacing_subcarriers);
                let bits = (observations * 2) as f64 * f64::from(self.config.bits.unwrap_or(0));
                let elements = (bits / pilots.feedback_bits_per_element).ceil();
                sent + (elements / self.numerology.used() as f64).ceil() as usize
            }
        }
    }

    /// Returns the first pilot symbol of a link within a sounding.
    pub fn pilot_symbol(&self, link: usize) -> usize {
        let (device, antenna) = (self.device_of(link), link % self.antennas.device);
        match self.config.pilots() {
            Some(Pilots { sounding: Sounding::Uplink, symbols, .. }) => {
                (device * self.antennas.device + antenna) * symbols
            }
            Some(Pilots { symbols, .. }) => link % self.antennas.links() / self.antennas.device * symbols,
            None => 0,
        }
    }

    /// Returns the lags from a link's first pilot symbol to the uses of its channel in a round, with their weights,
    /// averaged over devices and antennas.
    pub fn lags_s(&self, segments: &Segments) -> Vec<(f64, f64)> {
        let moving =
            matches!(&self.channel, ChannelModel::Taps { fading, .. } if fading.max_doppler_hz() > 0.0);
        let Some(pilots) = self.config.pilots().filter(|_| moving) else { return vec![(0.0, 1.0)] };
        let mut timeline = Timeline::new(0, 0, self.sounding_symbols(), pilots.period_symbols);
        let (mut symbol, mut sounded_at, mut lags) = (0, 0, Vec::new());
        // Devices that sound in turn differ in lag, a few of them stand for all; and so do the antennas that send.
        let Antennas { receive, device: transmit } = self.antennas;
        let (devices, senders) = match pilots.sounding {
            Sounding::Uplink => (self.devices, 0..transmit),
            Sounding::Downlink => (1, 0..receive),
        };
        let step = devices.div_ceil(MOST_LAG_DEVICES);
        let link =
            |antenna: usize| if pilots.sounding == Sounding::Uplink { antenna } else { antenna * transmit };
        while let Some(segment) = segments.at(symbol) {
            let (shape, sounded) = timeline.place(segment.shape.symbols);
            sounded_at = sounded.unwrap_or(sounded_at);
            let first = (0..devices).step_by(step).map(|device| device * self.antennas.links());
            for first in first.flat_map(|first| senders.clone().map(move |antenna| first + link(antenna))) {
                let first_s = self.numerology.symbol_centre_s(sounded_at + self.pilot_symbol(first));
                for s in 0..shape.symbols {
                    let use_s = self.numerology.symbol_centre_s(shape.first_symbol + s);
                    lags.push((use_s - first_s, 1.0));
                }
            }
            symbol += segment.shape.symbols;
        }
        merged(lags)
    }

    /// Returns the statistics of knowledge at given lags (seconds from a device's first pilot symbol to the use) with
    /// their weights; knowledge without pilots has no lag but its age.
    pub fn statistics(&self, lags_s: &[(f64, f64)]) -> KnownStatistics {
        let marginal = self.channel.marginal();
        let gaussian = marginal.is_rayleigh()
            && self.config.reciprocity_error_db == 0.0
            && self.config.reciprocity_error_rad == 0.0
            && self.config.bits.is_none();
        let los = marginal.line_of_sight_share();
        let one = |power: f64, line_of_sight: f64, cross: Complex64, sight: Complex64| {
            vec![KnownElement { weight: 1.0, power, line_of_sight, sight, cross }]
        };
        let elements = match (&self.config.source, &self.prepared, &self.channel) {
            (KnowledgeSource::Imperfect { error }, ..) => {
                let aged = self.aged(self.config.age_s);
                // The estimate is orthogonal to its error; ageing shrinks both parts alike.
                let kept = if los < 1.0 { 1.0 - error / (1.0 - los) } else { 1.0 };
                let power = 1.0 - error + self.config.quantisation_variance(1.0);
                one(power, los, aged.0 * kept + aged.1, part(aged.1, los))
            }
            (KnowledgeSource::Estimated(p), Prepared::PerElement(shrink), _) => {
                let power = (1.0 + self.observation_noise(p) / p.symbols as f64) * shrink * shrink;
                one(power, los * shrink * shrink, Complex64::from(*shrink), Complex64::from(los.sqrt()))
            }
            (
                KnowledgeSource::Estimated(p),
                Prepared::LeastSquares(ls),
                ChannelModel::Taps { fading, .. },
            ) => self.of_least_squares(p, ls, fading, lags_s),
            (KnowledgeSource::Estimated(_), Prepared::Mmse(mmse), ChannelModel::Taps { fading, .. }) => {
                self.of_mmse(mmse, fading, lags_s)
            }
            _ => {
                let aged = self.aged(self.config.age_s);
                let power = 1.0 + self.config.quantisation_variance(1.0);
                one(power, los, aged.0 + aged.1, part(aged.1, los))
            }
        };
        let mismatch = Mismatch::new(self.config.reciprocity_error_db, self.config.reciprocity_error_rad);
        KnownStatistics::mismatched(elements, gaussian, mismatch)
    }

    /// Returns the least share of a static channel's power that least squares explains without noise, over subcarriers: what
    /// interpolation between pilots leaves. `None` for other knowledge.
    pub fn interpolated_share(&self) -> Option<f64> {
        let (Prepared::LeastSquares(ls), ChannelModel::Taps { fading, .. }, Some(pilots)) =
            (&self.prepared, &self.channel, self.config.pilots())
        else {
            return None;
        };
        let frequencies = self.numerology.frequencies_hz();
        let paths = fading.profile().paths();
        let explained = |index: usize| {
            let (mut power, mut cross) = (0.0, 0.0);
            for (path, seen) in paths.iter().zip(interpolated(fading, &frequencies, (ls, index), pilots)) {
                power += path.power * seen.norm_sqr();
                cross += path.power * seen.re;
            }
            if power > 0.0 { cross * cross / power } else { 0.0 }
        };
        (0..frequencies.len()).map(explained).reduce(f64::min)
    }

    /// Returns `E[h(t) h(t - age)^*]` of the scattered part and of the line of sight.
    fn aged(&self, age_s: f64) -> (Complex64, Complex64) {
        let ChannelModel::Taps { fading, .. } = &self.channel else {
            let los = self.channel.marginal().line_of_sight_share();
            return (Complex64::from(1.0 - los), Complex64::from(los));
        };
        let mut sums = (Complex64::default(), Complex64::default());
        for (memory, path) in PathMemory::of(fading).iter().zip(fading.profile().paths()) {
            let part = memory.correlation(age_s);
            match path.kind {
                PathKind::Rayleigh => sums.0 += part,
                PathKind::LineOfSight => sums.1 += part,
            }
        }
        sums
    }

    fn of_least_squares(
        &self,
        pilots: &Pilots,
        estimator: &LeastSquares,
        fading: &Fading,
        lags_s: &[(f64, f64)],
    ) -> Vec<KnownElement> {
        let frequencies = self.numerology.frequencies_hz();
        let memory = PathMemory::of(fading);
        let paths = fading.profile().paths();
        let instants = self.pilot_instants_s(pilots);
        let share = 1.0 / instants.len() as f64;
        // Averages over pilot symbols, path by path: of the known channel's power, and of its product with the channel.
        let power: Vec<f64> = memory
            .iter()
            .map(|m| {
                instants
                    .iter()
                    .flat_map(|s| instants.iter().map(move |t| m.correlation(s - t).re))
                    .sum::<f64>()
            })
            .map(|sum| sum * share * share)
            .collect();
        let crosses: Vec<Vec<Complex64>> = lags_s
            .iter()
            .map(|(lag, _)| {
                let of = |m: &PathMemory| {
                    instants.iter().map(|s| m.correlation(lag + self.config.age_s - s) * share).sum()
                };
                memory.iter().map(of).collect()
            })
            .collect();
        let noise = self.observation_noise(pilots) * share;
        let mut elements = Vec::new();
        for (index, place) in estimator.places().iter().enumerate() {
            let seen = interpolated(fading, &frequencies, (estimator, index), pilots);
            let own_noise = if place.before == place.after {
                noise
            } else {
                noise * ((1.0 - place.weight).powi(2) + place.weight.powi(2))
            };
            let sight = paths.iter().position(|p| p.kind == PathKind::LineOfSight);
            let of = |l: usize| seen[l].norm_sqr() * power[l];
            let known: f64 = (0..paths.len()).map(of).sum();
            let line_of_sight = sight.map_or(0.0, of);
            for (crosses, (_, weight)) in crosses.iter().zip(lags_s) {
                elements.push(KnownElement {
                    weight: *weight,
                    power: known + own_noise,
                    line_of_sight,
                    sight: sight.map_or(Complex64::default(), |l| {
                        // Where nothing is seen of the path, only its power counts.
                        let unseen = line_of_sight <= f64::MIN_POSITIVE;
                        if unseen {
                            paths[l].power.sqrt().into()
                        } else {
                            part(crosses[l] * seen[l].conj(), line_of_sight)
                        }
                    }),
                    cross: crosses.iter().zip(&seen).map(|(c, s)| c * s.conj()).sum(),
                });
            }
        }
        elements
    }

    fn of_mmse(&self, mmse: &Mmse, fading: &Fading, lags_s: &[(f64, f64)]) -> Vec<KnownElement> {
        let delays: Vec<f64> = fading.profile().paths().iter().map(|p| p.delay_s).collect();
        let path = fading.profile().paths().iter().position(|p| p.kind == PathKind::LineOfSight);
        let memory = PathMemory::of(fading);
        let mut elements = Vec::new();
        let phases: Vec<Vec<Complex64>> = self
            .numerology
            .frequencies_hz()
            .iter()
            .map(|f| delays.iter().map(|d| Complex64::cis(-std::f64::consts::TAU * f * d)).collect())
            .collect();
        for (lag, weight) in lags_s {
            let covariance = mmse.covariance(lag + self.config.age_s);
            let sight = mmse.line_of_sight(lag + self.config.age_s);
            for phase in &phases {
                let mut power = 0.0;
                for (l, a) in phase.iter().enumerate() {
                    for (m, b) in phase.iter().enumerate() {
                        power += (a * covariance.at(l, m) * b.conj()).re;
                    }
                }
                let (mut line_of_sight, mut own) = (0.0, Complex64::default());
                if let (Some(gains), Some(path)) = (&sight, path) {
                    let known: Complex64 = phase.iter().zip(gains).map(|(e, a)| e * a).sum();
                    // The path as it is, for the same phase 0 at the first pilot.
                    let amplitude = memory[path].power().sqrt();
                    let is = phase[path] * memory[path].correlation(lag + self.config.age_s) / amplitude;
                    line_of_sight = known.norm_sqr();
                    let turn = if known.norm() > 0.0 { known.conj() / known.norm() } else { 1.0.into() };
                    own = is * turn;
                }
                let cross = Complex64::from(power);
                elements.push(KnownElement { weight: *weight, power, line_of_sight, sight: own, cross });
            }
        }
        elements
    }
}

/// Returns lags in rising order, equal ones as one of the sum of their weights: long rounds repeat those between two soundings.
fn merged(mut lags_s: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    // Far below a sample, and far above the rounding of instants.
    const EQUAL_S: f64 = 1e-12;
    lags_s.sort_by(|a, b| a.0.total_cmp(&b.0));
    lags_s.dedup_by(|next, kept| {
        let equal = next.0 - kept.0 < EQUAL_S;
        if equal {
            kept.1 += next.1;
        }
        equal
    });
    lags_s
}

/// Returns the constant part of a channel from its product with that of what is known, of the power given.
fn part(product: Complex64, power: f64) -> Complex64 {
    if power > 0.0 { product / power.sqrt() } else { Complex64::default() }
}

/// Returns the interpolated phasor of each path relative to its own at a subcarrier.
fn interpolated(
    fading: &Fading,
    frequencies_hz: &[f64],
    (estimator, index): (&LeastSquares, usize),
    pilots: &Pilots,
) -> Vec<Complex64> {
    let (place, spacing) = (&estimator.places()[index], pilots.spacing_subcarriers);
    let lag = |pilot: usize| frequencies_hz[pilot * spacing] - frequencies_hz[index];
    let (before, after) = (lag(place.before), lag(place.after));
    let one = |delay_s: f64| {
        let phase = |lag: f64| Complex64::cis(-std::f64::consts::TAU * lag * delay_s);
        phase(before) * (1.0 - place.weight) + phase(after) * place.weight
    };
    fading.profile().paths().iter().map(|p| one(p.delay_s)).collect()
}
