//! The digital baseline: quantisation error by formula, symbols from the rates of the realised channels.
//!
//! ```text
//! error of the sum per value = sum_k Delta_k^2 / 12,   Delta_k = 2 M_k / (2^b - 1),   M_k = max_n |u_k[n]|
//! E[M^2]: Gaussian: integral of 2 t (1 - erf(t/sqrt 2)^N) dt;   uniform: 3 N / (N + 2)
//! ```

use super::ensemble::Ensemble;
use super::error::{FIRST_ORDER, Misalignment};
use super::{Prediction, Setting, votes};
use crate::medium::Knowledge;
use crate::ofdm::SlotShape;
use crate::payload::source::Distribution;
use crate::payload::sparse_gaussian::share_beyond;
use crate::report::Errors;
use airloop_baseband::special::{erf, integrate_to_infinity};

/// Bits of side information a device.
const SIDE_BITS: f64 = 32.0;

/// Longest round, in OFDM symbols: devices that are not done by then are lost.
pub const MAX_SYMBOLS: usize = 1 << 16;

/// Most bits a value.
const MAX_BITS: f64 = 24.0;

/// Factors `1 + snr |h|^2` multiplied before a logarithm: each is below 2^120, so the product stays finite.
const FACTORS: usize = 8;

/// Returns `E[M_k^2]` of a device's largest magnitude.
fn mean_square_largest(setting: &Setting<'_>, device: usize) -> f64 {
    if let Some(largest) = setting.payload.largest(device) {
        return largest * largest;
    }
    let synthetic = setting.payload.synthetic().expect("payloads are stored or synthetic");
    let n = synthetic.length as f64;
    let scale = setting.payload.gram().power(device);
    scale
        * match synthetic.distribution {
            Distribution::Sign(_) => 1.0,
            // Only mapped values are of this distribution, and they have no formula here.
            Distribution::Lognormal => f64::NAN,
            Distribution::Uniform => 3.0 * n / (n + 2.0),
            Distribution::Gaussian => integrate_to_infinity(
                |t| 2.0 * t * (1.0 - erf(t / std::f64::consts::SQRT_2).powf(n)),
                0.0,
                1e-10,
            ),
            Distribution::SparseGaussian { density } => integrate_to_infinity(
                |t| 2.0 * t * (1.0 - (1.0 - share_beyond(density, t)).powf(n)),
                0.0,
                1e-10,
            ),
        }
}

/// What one device achieved: bits a value, and the share of its values that were sent (0: lost).
type Resolution = (f64, f64);

/// Returns the errors of given resolutions.
///
/// ```text
/// whole payload sent: Delta^2/12;   random share f: G_kk (1/f - 1) + Delta^2/(12 f);   lost: weight -1
/// ```
fn errors(setting: &Setting<'_>, resolutions: &[Resolution]) -> Misalignment {
    let gram = setting.payload.gram();
    let mut noise = 0.0;
    let mut lost = vec![0.0; resolutions.len()];
    for (device, (bits, share)) in resolutions.iter().enumerate() {
        if *share == 0.0 {
            lost[device] = -1.0;
            continue;
        }
        let step2 = 4.0 * mean_square_largest(setting, device) / (2f64.powf(*bits) - 1.0).powi(2);
        noise += step2 / (12.0 * share) + gram.power(device) * (1.0 / share - 1.0);
    }
    let cross: f64 = super::error::row_sums(gram).iter().zip(&lost).map(|(c, e)| c * e).sum();
    Misalignment { quadratic: gram.quadratic(&lost), projected: cross * cross, cross, noise }
}

/// Returns bits a value and share sent when a device has `available` bits and may choose.
fn choose(available: f64, length: usize) -> Resolution {
    let rest = (available - SIDE_BITS).max(0.0);
    let bits = (rest / length as f64).floor();
    if bits >= 1.0 { (bits.min(MAX_BITS), 1.0) } else { (1.0, rest.floor() / length as f64) }
}

fn device_snr(setting: &Setting<'_>, device: usize) -> f64 {
    let nominal = setting.power[device] * setting.payload.budget_power(device);
    setting.power.len() as f64 * nominal / setting.noise_power
}

fn outcome(setting: &Setting<'_>, symbols: usize, resolutions: &[Resolution]) -> Prediction {
    let devices = setting.power.len() as f64;
    let errors = if setting.payload.is_majority() {
        votes::delivered(setting, resolutions.iter().map(|r| r.1))
    } else {
        let errors = errors(setting, resolutions);
        Errors { nmse: nmse(setting, &errors), ..errors.errors(setting.payload) }
    };
    Prediction {
        errors,
        symbols: Some(symbols),
        active_fraction: 1.0 / devices,
        power_used_mean: 1.0,
        sent_share: resolutions.iter().map(|r| r.1).sum::<f64>() / devices,
        ..Prediction::default()
    }
}

/// Returns the NMSE; a drawn payload's largest magnitude and its energy are taken as independent, to first order in 1/N.
fn nmse(setting: &Setting<'_>, errors: &Misalignment) -> Option<f64> {
    let short = setting.payload.is_synthetic() && setting.payload.length() < FIRST_ORDER;
    if short { None } else { errors.nmse(setting.payload) }
}

/// Fixed bits over a constant channel: the airtime follows in closed form.
pub fn ensemble_bits(setting: &Setting<'_>, bits: u32) -> Option<Ensemble> {
    if !setting.marginal.is_constant() {
        return None;
    }
    let devices = setting.power.len();
    let needed = setting.payload.length() as f64 * f64::from(bits) + SIDE_BITS;
    let last_symbol = |device: usize| {
        let elements = (needed / (1.0 + device_snr(setting, device)).log2()).ceil() as usize;
        ((elements - 1) * devices + device) / setting.used + 1
    };
    let symbols = (0..devices).map(last_symbol).max().unwrap_or(0);
    if symbols > MAX_SYMBOLS {
        return None;
    }
    Some(Ensemble::of(outcome(setting, symbols, &vec![(f64::from(bits), 1.0); devices])))
}

/// Fixed airtime over a constant channel: the bits follow in closed form.
pub fn ensemble_symbols(setting: &Setting<'_>, symbols: usize) -> Option<Ensemble> {
    if !setting.marginal.is_constant() {
        return None;
    }
    let (devices, elements) = (setting.power.len(), symbols * setting.used);
    let resolution = |device: usize| {
        let own = elements.saturating_sub(device).div_ceil(devices);
        choose(own as f64 * (1.0 + device_snr(setting, device)).log2(), setting.payload.length())
    };
    let resolutions: Vec<Resolution> = (0..devices).map(resolution).collect();
    Some(Ensemble::of(outcome(setting, symbols, &resolutions)))
}

/// Counts the bits of one trial's channels, slot by slot.
pub struct Rates<'a> {
    setting: &'a Setting<'a>,
    /// Bits a device needs; infinite when the airtime is fixed.
    needed: f64,
    bits: Vec<f64>,
    done: Vec<Option<usize>>,
}

impl<'a> Rates<'a> {
    /// Begins a trial with fixed bits a value, or with a fixed airtime.
    pub fn new(setting: &'a Setting<'a>, bits: Option<u32>) -> Self {
        let needed =
            bits.map_or(f64::INFINITY, |b| setting.payload.length() as f64 * f64::from(b) + SIDE_BITS);
        let devices = setting.power.len();
        Self { setting, needed, bits: vec![0.0; devices], done: vec![None; devices] }
    }

    /// Adds a slot: each device's rates over its own elements.
    pub fn add(&mut self, shape: SlotShape, known: &Knowledge<'_>) {
        let mut gains = Vec::new();
        for device in 0..self.bits.len() {
            let snr = device_snr(self.setting, device);
            for symbol in 0..shape.symbols {
                if self.bits[device] >= self.needed {
                    break;
                }
                known.own_gains(device, shape.first_symbol, symbol, &mut gains);
                // One logarithm of the product of a few factors is the sum of theirs.
                let factor = |g: &f32| 1.0 + snr * f64::from(*g);
                let bits = |part: &[f32]| part.iter().map(factor).product::<f64>().log2();
                self.bits[device] += gains.chunks(FACTORS).map(bits).sum::<f64>();
                if self.bits[device] >= self.needed {
                    self.done[device] = Some(shape.first_symbol + symbol + 1);
                }
            }
        }
    }

    /// Returns the bits of all devices so far.
    pub fn total_bits(&self) -> f64 {
        self.bits.iter().sum()
    }

    /// Returns whether all devices have sent what they need.
    pub fn complete(&self) -> bool {
        self.done.iter().all(Option::is_some)
    }

    /// Ends the trial after `symbols` symbols.
    pub fn finish(&self, bits: Option<u32>, symbols: usize) -> Prediction {
        let length = self.setting.payload.length();
        let resolution = |device: usize| match bits {
            Some(bits) => (f64::from(bits), f64::from(u8::from(self.done[device].is_some()))),
            None => choose(self.bits[device], length),
        };
        let resolutions: Vec<Resolution> = (0..self.bits.len()).map(resolution).collect();
        let last = self.done.iter().copied().max().flatten().filter(|_| self.complete());
        outcome(self.setting, last.unwrap_or(symbols), &resolutions)
    }
}
