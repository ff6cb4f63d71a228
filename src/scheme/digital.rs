//! The digital baseline: dithered quantisation, own elements for each device, rates of ideal codes.
//!
//! ```text
//! quantiser:  Delta_k = 2 max|g_k| / (2^b - 1);  levels -max + i Delta_k; the nearest to u + d is sent, and d,
//!             uniform in +-Delta_k/2 and known to both ends, is taken off again:
//!             error uniform in +-Delta_k/2 whatever the value: mean square Delta_k^2 / 12 (subtractive dither)
//! link:       device k owns every K-th element and puts K P on it: log2(1 + K P |h|^2 / s2) bits an element
//! ```
//!
//! A device sends `b` bits a value and its largest magnitude as 32 bits of side information. Source of the quantiser:
//! Gray, Stockham, "Dithered quantizers", IEEE Trans. Information Theory 39(3), 1993. Rates assume ideal codes over the
//! device's own elements; nothing is put on the air.

use super::{Account, LinkBudget, Outcome, Round};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::{Payload, SourceError};
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::sync::Arc;

/// Bits of side information a device: its largest magnitude as a 32-bit float.
pub const SIDE_BITS: f64 = 32.0;

/// Most bits a value: beyond, single precision holds no more.
pub const MAX_BITS: u32 = 24;

/// How much a digital round may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitalMode {
    /// So many bits a value; the airtime follows.
    Bits(u32),
    /// So many OFDM symbols; the bits follow.
    Symbols(usize),
}

/// What a digital round is made of.
#[derive(Clone)]
pub struct DigitalPlan {
    /// The payload.
    pub payload: Arc<Payload>,
    /// The power budget.
    pub budget: LinkBudget,
    /// Fixed bits or fixed airtime.
    pub mode: DigitalMode,
    /// Used subcarriers of a symbol.
    pub used: usize,
    /// Symbols of a slot.
    pub slot_symbols: usize,
    /// Most symbols a round may take; devices that are not done by then are lost.
    pub max_symbols: usize,
    /// Source of dither and subsets.
    pub seeds: Seeds,
}

/// One digital aggregation round.
pub struct DigitalRound {
    plan: DigitalPlan,
    trial: u64,
    symbol: usize,
    bits: Vec<f64>,
    shape: Option<SlotShape>,
    done_symbols: Option<usize>,
}

/// Returns the bits that a device needs for `values` values of `bits` bits.
pub fn bits_needed(values: usize, bits: u32) -> f64 {
    values as f64 * f64::from(bits) + SIDE_BITS
}

/// Returns the quantiser's step for values up to `largest`.
pub fn step(largest: f64, bits: u32) -> f64 {
    2.0 * largest / (2f64.powi(bits as i32) - 1.0)
}

impl DigitalRound {
    /// Begins a round.
    pub fn new(plan: DigitalPlan, trial: u64) -> Self {
        let bits = vec![0.0; plan.budget.devices()];
        Self { plan, trial, symbol: 0, bits, shape: None, done_symbols: None }
    }

    fn complete(&self) -> bool {
        match self.plan.mode {
            DigitalMode::Bits(_) => self.done_symbols.is_some() || self.symbol >= self.plan.max_symbols,
            DigitalMode::Symbols(symbols) => self.symbol >= symbols,
        }
    }

    /// Returns bits a value and number of values that a device can send.
    fn resolution(&self, device: usize) -> (u32, usize) {
        let length = self.plan.payload.length();
        match self.plan.mode {
            DigitalMode::Bits(bits) if self.bits[device] >= bits_needed(length, bits) => (bits, length),
            DigitalMode::Bits(bits) => (bits, 0),
            DigitalMode::Symbols(_) => {
                let available = (self.bits[device] - SIDE_BITS).max(0.0);
                let bits = (available / length as f64) as u32;
                if bits >= 1 { (bits.min(MAX_BITS), length) } else { (1, available as usize) }
            }
        }
    }

    /// Adds a device's values to the truth, and what arrives of them to the estimate.
    fn aggregate(&self, device: usize, truth: &mut [f32], estimate: &mut [f32]) -> Result<usize, SourceError> {
        let length = self.plan.payload.length();
        let mut values = vec![0.0; length];
        self.plan.payload.read(self.trial, device, 0, &mut values)?;
        truth.iter_mut().zip(&values).for_each(|(t, v)| *t += v);
        let (bits, sent) = self.resolution(device);
        let largest = values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        if sent == 0 || largest == 0.0 {
            return Ok(sent);
        }
        let mut dither = vec![0.0f32; length];
        self.plan.seeds.stream(Purpose::Quantiser, self.trial, device as u64).fill_uniform(0, &mut dither);
        let step = step(f64::from(largest), bits);
        let weight = length as f64 / sent as f64;
        let quantised = |v: f32, d: f32| {
            // Levels lie at -largest + i step; the dither moves the value by up to half a step and is taken off again.
            let dither = (f64::from(d) - 0.5) * step;
            let level = ((f64::from(v) + dither + f64::from(largest)) / step).round();
            (weight * (level * step - f64::from(largest) - dither)) as f32
        };
        if sent == length {
            for ((e, v), d) in estimate.iter_mut().zip(&values).zip(&dither) {
                *e += quantised(*v, *d);
            }
        } else {
            let stream = self.plan.seeds.stream(Purpose::Subset, self.trial, device as u64);
            for i in &stream.permutation(length)[..sent] {
                let i = *i as usize;
                estimate[i] += quantised(values[i], dither[i]);
            }
        }
        Ok(sent)
    }
}

impl Round for DigitalRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        if self.complete() {
            return None;
        }
        let left = match self.plan.mode {
            DigitalMode::Bits(_) => self.plan.slot_symbols,
            DigitalMode::Symbols(symbols) => self.plan.slot_symbols.min(symbols - self.symbol),
        };
        self.shape = Some(SlotShape { first_symbol: self.symbol, symbols: left });
        self.shape
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        let Some(shape) = self.shape else { return };
        let devices = self.plan.budget.devices();
        let boost = devices as f64 / self.plan.budget.noise_power;
        let needed = match self.plan.mode {
            DigitalMode::Bits(bits) => bits_needed(self.plan.payload.length(), bits),
            DigitalMode::Symbols(_) => f64::INFINITY,
        };
        let mut last = 0;
        for device in 0..devices {
            let snr = boost * self.plan.budget.power[device] * self.plan.payload.budget_power(device);
            let mut element = shape.first_symbol * self.plan.used;
            let mut symbol = shape.first_symbol;
            let bits = &mut self.bits[device];
            let mut finished = (*bits >= needed).then_some(0);
            known.link(device).for_each_row(|row| {
                symbol += 1;
                if finished.is_none() {
                    let first = (device + devices - element % devices) % devices;
                    for h in row.iter().skip(first).step_by(devices) {
                        *bits += (1.0 + snr * f64::from(h.norm_sqr())).log2();
                    }
                    finished = (*bits >= needed).then_some(symbol);
                }
                element += row.len();
            });
            last = last.max(finished.unwrap_or(usize::MAX));
        }
        if last < usize::MAX {
            self.done_symbols = Some(last);
        }
    }

    fn fill(&mut self, _: usize, _: LinkState<'_>, _: &mut [Complex32]) -> Result<(), SourceError> {
        Ok(())
    }

    fn take(&mut self, _: &[Complex32]) {
        self.symbol += self.shape.map_or(0, |s| s.symbols);
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let length = self.plan.payload.length();
        let devices = self.plan.budget.devices();
        let (mut truth, mut estimate) = (vec![0.0; length], vec![0.0; length]);
        let mut sent = 0;
        for device in 0..devices {
            sent += self.aggregate(device, &mut truth, &mut estimate)?;
        }
        let symbols = self.done_symbols.unwrap_or(self.symbol);
        let account = Account {
            elements: (symbols * self.plan.used) as u64,
            symbols,
            active_fraction: 1.0 / devices as f64,
            power_used_mean: 1.0,
            power_peak: devices as f64,
            receive_snr: None,
            sent_share: sent as f64 / (devices * length) as f64,
        };
        Ok(Outcome { estimate, truth, account })
    }
}
