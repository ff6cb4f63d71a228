//! The digital baseline: dithered quantisation, own elements for each device, rates of ideal codes.
//!
//! ```text
//! quantiser:  Delta_k = 2 max|g_k| / (2^b - 1);  levels -max + i Delta_k; the nearest to u + d is sent, and d,
//!             uniform in +-Delta_k/2 and known to both ends, is taken off again:
//!             error uniform in +-Delta_k/2 whatever the value: mean square Delta_k^2 / 12 (subtractive dither)
//! link:       device k owns every K-th element and puts K P on it: log2(1 + K P |h|^2 / s2) bits an element
//! ```
//!
//! Votes lie on levels and arrive as they are: of them the dither is not taken off, so that an abstention, between two levels,
//! arrives as either of them. A device sends `b` bits a value and its largest magnitude as 32 bits of side information. Source of the quantiser:
//! Gray, Stockham, "Dithered quantizers", IEEE Trans. Information Theory 39(3), 1993. Rates assume ideal codes over the
//! device's own elements; nothing is put on the air.

use super::{Account, LinkBudget, Outcome, Received, Round};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::{Payload, SourceError};
pub use crate::quantisation::MAX_BITS;
use crate::quantisation::{self, DitheredQuantiser, step};
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::sync::Arc;

/// Bits of side information a device: its largest magnitude as a 32-bit float.
pub const SIDE_BITS: f64 = quantisation::SIDE_BITS as f64;

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
    gains: Vec<f32>,
    values: Vec<f32>,
    dither: Vec<f32>,
}

/// Returns the bits that a device needs for `values` values of `bits` bits.
pub fn bits_needed(values: usize, bits: u32) -> f64 {
    values as f64 * f64::from(bits) + SIDE_BITS
}

impl DigitalRound {
    /// Begins a round.
    pub fn new(plan: DigitalPlan, trial: u64) -> Self {
        let bits = vec![0.0; plan.budget.devices()];
        let (gains, values, dither) = (Vec::new(), Vec::new(), Vec::new());
        Self { plan, trial, symbol: 0, bits, shape: None, done_symbols: None, gains, values, dither }
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
    fn aggregate(
        &mut self,
        device: usize,
        truth: &mut [f32],
        estimate: &mut [f32],
    ) -> Result<usize, SourceError> {
        let length = self.plan.payload.length();
        self.values.resize(length, 0.0);
        self.dither.resize(length, 0.0);
        self.plan.payload.read(self.trial, device, 0, &mut self.values)?;
        truth.iter_mut().zip(&self.values).for_each(|(t, v)| *t += v);
        let (bits, sent) = self.resolution(device);
        let largest = self.values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        if sent == 0 || largest == 0.0 {
            return Ok(sent);
        }
        let seeds = &self.plan.seeds;
        seeds.stream(Purpose::Quantiser, self.trial, device as u64).fill_uniform(0, &mut self.dither);
        let largest = f64::from(largest);
        let quantiser = DitheredQuantiser {
            largest,
            step: step(largest, bits),
            weight: length as f64 / sent as f64,
            taken_off: f64::from(!self.plan.payload.is_majority()),
        };
        if sent == length {
            quantiser.add_arrived(&self.values, &self.dither, estimate);
        } else {
            let stream = seeds.stream(Purpose::Subset, self.trial, device as u64);
            for i in &stream.permutation(length)[..sent] {
                let i = *i as usize;
                estimate[i] += quantiser.apply(self.values[i], self.dither[i]);
            }
        }
        Ok(sent)
    }
}

/// Factors multiplied before the exponent is taken off: each is below 2^120, so the product stays finite.
const FACTORS: usize = 8;

/// Returns `sum log2(1 + snr g)`, the bits of ideal codes over elements of these gains.
///
/// The factors are multiplied in eight lanes; exponents are summed as integers, so one logarithm of the product of
/// mantissas is left, accurate to 1e-13 an element.
pub fn ideal_bits(snr: f64, gains: &[f32]) -> f64 {
    let mut mantissa = [1.0f64; LANES];
    let mut exponent = 0i64;
    for group in gains.chunks(FACTORS * LANES) {
        for part in group.chunks(LANES) {
            for (m, g) in mantissa.iter_mut().zip(part) {
                *m *= 1.0 + snr * f64::from(*g);
            }
        }
        for m in &mut mantissa {
            let bits = m.to_bits();
            exponent += (bits >> 52) as i64 - 1023;
            *m = f64::from_bits(bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000);
        }
    }
    exponent as f64 + mantissa.iter().product::<f64>().log2()
}

/// Gains worked on at once.
const LANES: usize = 8;

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
            let bits = &mut self.bits[device];
            let mut finished = (*bits >= needed).then_some(0);
            for symbol in 0..shape.symbols {
                if finished.is_some() {
                    break;
                }
                known.own_gains(device, shape.first_symbol, symbol, &mut self.gains);
                *bits += ideal_bits(snr, &self.gains);
                finished = (*bits >= needed).then_some(shape.first_symbol + symbol + 1);
            }
            last = last.max(finished.unwrap_or(usize::MAX));
        }
        if last < usize::MAX {
            self.done_symbols = Some(last);
        }
    }

    fn fill(&mut self, _: usize, _: LinkState<'_>, _: &mut [Complex32]) -> Result<(), SourceError> {
        Ok(())
    }

    fn restart(&mut self, index: u64) {
        *self = Self::new(self.plan.clone(), index);
    }

    fn take(&mut self, _: Received<'_>) {
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
            bits: Some(self.bits.iter().sum()),
            recovered: None,
        };
        Ok(Outcome { estimate, truth, account })
    }
}
