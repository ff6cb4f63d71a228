//! The bank of integrate-and-dump filters: intervals between the symbol boundaries of the devices.

use super::MisalignedError;

/// Delays that differ by less than this share of a symbol count as equal: what they differ by lies 120 dB down.
pub const SAME_DELAY: f64 = 1e-6;

/// One filter of the bank: it integrates over a part of every symbol time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Groups whose new symbol has begun; the others still send the symbol before.
    pub arrived: usize,
    /// Begin after the start of the symbol time, in symbols.
    pub start_symbols: f64,
    /// Length `d_i`, in symbols.
    pub length_symbols: f64,
}

/// Intervals of constant symbols within a symbol time, `0` to `1`, cut at each distinct delay.
///
/// ```text
/// 0 = start_1 < .. < start_I < 1,   length_i = start_{i+1} - start_i,   sum_i length_i = 1
/// ```
///
/// Devices of equal delay form a group; no interval is empty. When the earliest device is late the first interval comes
/// before any boundary (`arrived` 0) and holds symbols of the time before only.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalBank {
    delays: Vec<f64>,
    group: Vec<usize>,
    intervals: Vec<Interval>,
}

impl IntervalBank {
    /// Makes the bank of devices whose symbols begin at `delays_symbols`.
    ///
    /// # Errors
    /// When there is no device, or a delay is not at least 0 and below 1.
    pub fn new(delays_symbols: &[f64]) -> Result<Self, MisalignedError> {
        if let Some(device) = delays_symbols.iter().position(|t| !(0.0..1.0).contains(t)) {
            return Err(MisalignedError::Delay { device, value: delays_symbols[device] });
        }
        let mut order: Vec<usize> = (0..delays_symbols.len()).collect();
        order.sort_by(|a, b| delays_symbols[*a].total_cmp(&delays_symbols[*b]));
        let (mut delays, mut group) = (Vec::new(), vec![0; order.len()]);
        for device in order {
            let t = delays_symbols[device];
            match delays.last() {
                Some(last) if t - last < SAME_DELAY => {}
                None if t < SAME_DELAY => delays.push(0.0),
                _ => delays.push(t),
            }
            group[device] = delays.len() - 1;
        }
        let Some(first) = delays.first() else { return Err(MisalignedError::NoDevices) };
        let early = (*first > 0.0).then_some((0, 0.0));
        let starts: Vec<(usize, f64)> =
            early.into_iter().chain(delays.iter().enumerate().map(|(g, t)| (g + 1, *t))).collect();
        let ends = starts.iter().skip(1).map(|(_, t)| *t).chain([1.0]);
        let intervals = starts
            .iter()
            .zip(ends)
            .map(|((arrived, start), end)| Interval {
                arrived: *arrived,
                start_symbols: *start,
                length_symbols: end - start,
            })
            .collect();
        Ok(Self { delays, group, intervals })
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.group.len()
    }

    /// Returns the distinct delays in ascending order, in symbols: one a group.
    pub fn group_delays_symbols(&self) -> &[f64] {
        &self.delays
    }

    /// Returns the group of a device.
    pub fn group(&self, device: usize) -> usize {
        self.group[device]
    }

    /// Returns the intervals in order of time.
    pub fn intervals(&self) -> &[Interval] {
        &self.intervals
    }

    /// Returns how many symbol times a frame of `symbols` takes: one more when a device is late.
    pub fn symbol_times(&self, symbols: usize) -> usize {
        symbols + usize::from(self.delays.iter().any(|t| *t > 0.0))
    }
}
