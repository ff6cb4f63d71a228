//! Closed forms of what causes add alone, for devices that invert their channels and send one sum.
//!
//! ```text
//! devices that send: share zeta, mean inverse gain I, receive factor c (1 for plain scaling)
//! scheme c^2 zeta - 2 c zeta + 1;   noise c^2 v;   a factor p that multiplies what a device sends:
//! c^2 zeta (E|p|^2 - 1) - 2 c zeta (Re E p - 1), of which |c zeta E p - 1|^2 - (c zeta - 1)^2 is common to all devices;
//! what adds to what a device sends, and is independent of it, c^2 I E|e|^2;   a factor on all that the server hears is common to
//! all devices, whatever its mean
//! ```
//!
//! Weighed for payloads that are not independent as in `plan::weights`. There is none where a formula does not hold: other schemes
//! over fading channels, unequal devices, several antennas.

use super::cause::{Cause, max_doppler_hz};
use crate::beamforming::Antennas;
use crate::experiment::Experiment;
use crate::medium::spectra::inter_carrier_interference;
use crate::ofdm::Numerology;
use crate::plan::Weights;
use crate::plan::noise::{Inversion, Reach};
use crate::sounding::KnowledgeSource;
use crate::theory::floors::Floor;
use crate::theory::{Formula, ReceiveScale};
use airloop_baseband::Complex64;
use airloop_baseband::special::bessel_j0;
use airloop_baseband::units::db_from_power;
use airloop_channels::impairment::{Distortion, OccupiedBand, PowerControl, QuantiserConfig};
use phases::characteristic;
use std::f64::consts::{LN_10, TAU};

mod phases;

/// Weights that differ by less are alike.
const ALIKE: f64 = 0.05;

/// What floors of an experiment are made of.
struct Setting<'a> {
    experiment: &'a Experiment,
    weights: Weights,
    inversion: Inversion,
    k_factor: f64,
    devices_snr: f64,
    reach: Reach,
}

/// Returns what the scheme leaves: of an experiment with all else off.
pub(super) fn of_scheme(bare: &Experiment) -> Option<f64> {
    let setting = Setting::of(bare)?;
    Some(setting.of_reach(&setting.reach, 0.0))
}

/// Returns what a cause adds alone: the experiment with this cause only, over that with all off but the scheme.
pub(super) fn of_cause(cause: Cause, (experiment, bare): (&Experiment, &Experiment)) -> Option<f64> {
    let setting = Setting::of(experiment)?;
    let (impairments, radio) = (&experiment.impairments, &experiment.impairments.radio);
    let band = || band(&experiment.numerology);
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
        Cause::PhaseNoise => {
            let carrier_hz = experiment.channel_section.carrier_hz;
            let devices = radio.same_phase_noise(carrier_hz).ok()??;
            Some(setting.of_phase_noise(&devices, &experiment.receiver.phase_noise(carrier_hz).ok()?))
        }
        Cause::PowerControl => {
            let control = radio.same_power_control()?;
            Some(setting.multiplied(moment(control, 1.0).into(), moment(control, 2.0)))
        }
        Cause::IqImage => {
            let (device, server) = (radio.same_imbalance()?, experiment.receiver.imbalance());
            if setting.is_constant() {
                return Some(setting.mirrored(device.then(server).in_band(&band()), true));
            }
            // Over fading that differs between subcarriers what is mirrored arrives unlike what was meant; over any fading the
            // images of devices arrive at phases of their own.
            let [device, server] = [device, server].map(|image| image.in_band(&band()));
            let floor = setting.mirrored(device, false) + setting.mirrored(server, true);
            experiment.setting().flat.then_some(floor)
        }
        Cause::DcOffset => {
            // The server's is over all that it hears, with its noise; their phases are drawn.
            let server = experiment.receiver.leakage().in_band(&band()) * experiment.received_sample_power();
            let device = radio.same_leakage()?.in_band(&band());
            Some(setting.added_constant(device + server / setting.sent_power()))
        }
        // Over fading the power that is sent varies about the nominal one, and so does what is clipped.
        Cause::Amplifier if setting.is_driven_nominally() => {
            Some(setting.distorted(&radio.same_amplifier()?.distortion()?))
        }
        Cause::Dac if setting.is_driven_nominally() => {
            Some(setting.distorted(&radio.same_converter()?.distortion()))
        }
        Cause::Adc => setting.of_adc(),
        Cause::ChannelKnowledge => Some(setting.of_knowledge()? - of_scheme(bare)?),
        Cause::Ageing => Some(setting.of_ageing()? - of_scheme(bare)?),
        Cause::InterCarrierInterference => {
            let useful_s = 1.0 / experiment.numerology.subcarrier_spacing_hz();
            let lost = inter_carrier_interference(max_doppler_hz(experiment), useful_s);
            // The mean of a channel over a symbol lacks as much, and is known but for half of that.
            let known = 1.0 - 0.5 * lost;
            Some(setting.multiplied(known.into(), known * known) + setting.added(lost))
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

    /// Returns what a factor on what devices send adds, drawn for each: by its mean and its mean square.
    fn multiplied(&self, mean: Complex64, square: f64) -> f64 {
        let Reach { share, c, .. } = self.reach;
        let reach = c * share;
        let shorter = -2.0 * reach * (mean.re - 1.0);
        self.weights.nmse(Floor {
            mean_square: c * reach * (square - 1.0) + shorter,
            squared_mean: reach * reach * (mean.norm_sqr() - 1.0) + shorter,
        })
    }

    /// Returns what phasors add that are drawn for each device, and for all that the server hears, by their means.
    fn turned_alike(&self, devices: f64, server: f64) -> f64 {
        let Reach { share, c, .. } = self.reach;
        let reach = c * share;
        let shorter = -2.0 * reach * (devices * server - 1.0);
        let squared_mean = reach * reach * (devices * devices - 1.0) + shorter;
        self.weights.nmse(Floor { mean_square: shorter, squared_mean })
    }

    /// Returns what an image of this power adds: of each device by itself, or of the sum of all.
    fn mirrored(&self, image: f64, of_sum: bool) -> f64 {
        let Reach { share, c, .. } = self.reach;
        let squared_mean = if of_sum { c * c * share * share * image } else { 0.0 };
        self.weights.nmse(Floor { mean_square: c * c * share * image, squared_mean })
    }

    /// Returns what devices' distortion adds whose samples have the nominal power: its gain, and the rest of it in the band.
    fn distorted(&self, distortion: &Distortion) -> f64 {
        let power = distortion.power * distortion.in_band_share(&band(&self.experiment.numerology));
        self.multiplied(distortion.gain, distortion.gain.norm_sqr()) + self.added_constant(power)
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

    /// Returns whether samples are independent between devices and have the nominal power, over channels that leave them so.
    fn is_driven_nominally(&self) -> bool {
        let Weights { independent, common, noise } = self.weights;
        let alike = |weight: f64| (weight / independent - 1.0).abs() < ALIKE;
        self.is_constant() && alike(common) && alike(noise)
    }

    fn is_constant(&self) -> bool {
        self.experiment.channel.marginal().is_constant()
    }

    /// Returns the nominal mean power of what all devices send, per sample.
    fn sent_power(&self) -> f64 {
        let e = self.experiment;
        (0..e.payload.devices()).map(|device| e.device_sample_power(device)).sum()
    }

    /// Returns the floor of the server's converter, where its gain is set for what arrives.
    fn of_adc(&self) -> Option<f64> {
        let e = self.experiment;
        if !self.is_driven_nominally() {
            return None;
        }
        let converter = e.receiver.settled_converter()?;
        // Its level is that of signals with noise, which is switched off.
        let headroom_db =
            converter.headroom_db + db_from_power(e.received_sample_power() / self.sent_power());
        Some(self.distorted(&QuantiserConfig { headroom_db, ..converter }.distortion()))
    }

    /// Returns the error that an inversion of imperfect knowledge leaves without noise.
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
        Some(self.of_reach(&reach, error * reach.inverse))
    }

    /// Returns the error that inverting a Rayleigh channel of `csi_age_s` ago leaves without noise.
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
        Some(self.weights.nmse(Floor { mean_square, squared_mean: (1.0 - r * share).powi(2) }))
    }
}

/// Returns the mean of a power of the gain by which power control misses.
///
/// ```text
/// E gain^n = sinh(s step/2)/(s step/2) exp(s^2 error^2 / 2),   s = n ln(10)/20
/// ```
fn moment(control: PowerControl, n: f64) -> f64 {
    let s = n * LN_10 / 20.0;
    let half = 0.5 * s * control.step_db;
    let steps = if half.abs() < 1e-8 { 1.0 } else { half.sinh() / half };
    steps * (0.5 * (s * control.error_db).powi(2)).exp()
}

/// Returns the band of a numerology's used subcarriers.
fn band(numerology: &Numerology) -> OccupiedBand {
    let used: Vec<i64> = numerology.offsets().iter().map(|k| i64::from(*k)).collect();
    OccupiedBand::new(numerology.fft_size(), &used)
}
