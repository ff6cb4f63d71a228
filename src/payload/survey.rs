//! The survey: one pass over stored values for what the payload must know of them before anything is sent.

use super::nomographic::Nomographic;
use super::source::SourceError;
use super::stored::{CHUNK, Stored};
use super::{Gram, PARALLEL_VALUES};
use rayon::prelude::*;

/// What one pass over a source finds: device means and inner products of the weighted values.
pub(super) struct Survey {
    pub means: Vec<f64>,
    /// Smallest and largest weighted value of each device.
    pub range: Vec<(f64, f64)>,
    pub gram: Gram,
}

/// Which inner products are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Products {
    /// Those of all pairs, of few enough devices: what theory wants.
    All,
    /// The devices' own, and that of the sum.
    Sums,
}

/// Most devices for which all products are computed.
const FULL_GRAM_DEVICES: usize = 128;

/// How values are surveyed.
pub(super) struct Surveyor<'a> {
    /// The values.
    pub stored: &'a dyn Stored,
    /// Weight of each device.
    pub weights: &'a [f64],
    /// Whether each device's mean is taken off.
    pub center: bool,
    /// Which products are computed.
    pub products: Products,
}

/// What a window of positions adds.
struct Window {
    found: Vec<Found>,
    /// Products of pairs, `[device, earlier device]`; empty where they are not wanted.
    products: Vec<f64>,
    total: f64,
}

/// Memory of one thread.
#[derive(Default)]
struct Scratch {
    rows: Vec<f32>,
    sum: Vec<f64>,
}

impl Surveyor<'_> {
    /// Surveys all values, changed by `map(device, values)` before.
    ///
    /// # Errors
    /// When they cannot be read or are not finite.
    pub(super) fn survey(&self, map: impl Fn(usize, &mut [f32]) + Sync) -> Result<Survey, SourceError> {
        let (devices, length) = (self.stored.devices(), self.stored.length());
        let starts: Vec<usize> = (0..length).step_by(CHUNK).collect();
        let window = |scratch: &mut Scratch, start: &usize| self.window(*start, scratch, &map);
        let windows: Result<Vec<Window>, SourceError> =
            if self.stored.in_memory() && devices * length >= PARALLEL_VALUES {
                starts.par_iter().map_init(Scratch::default, window).collect()
            } else {
                let mut scratch = Scratch::default();
                starts.iter().map(|start| window(&mut scratch, start)).collect()
            };
        Ok(self.sum(&windows?))
    }

    fn full(&self) -> bool {
        self.products == Products::All && self.stored.devices() <= FULL_GRAM_DEVICES
    }

    fn window(
        &self,
        start: usize,
        scratch: &mut Scratch,
        map: &(impl Fn(usize, &mut [f32]) + Sync),
    ) -> Result<Window, SourceError> {
        let (devices, full) = (self.stored.devices(), self.full());
        let count = CHUNK.min(self.stored.length() - start);
        scratch.rows.resize(if full { devices * count } else { count }, 0.0);
        // The sum over one device is that device.
        let summed = if devices > 1 { count } else { 0 };
        scratch.sum.clear();
        scratch.sum.resize(summed, 0.0);
        let mut products = vec![0.0; if full { devices * devices } else { 0 }];
        let mut all = Vec::with_capacity(devices);
        for device in 0..devices {
            let at = if full { device * count } else { 0 };
            let (head, rest) = scratch.rows.split_at_mut(at);
            let row = &mut rest[..count];
            self.stored.read(device, start, row)?;
            map(device, row);
            let found = scan(row, self.weights[device]);
            add_weighted(row, self.weights[device], &mut scratch.sum);
            if !found.finite {
                let i = row.iter().position(|value| !value.is_finite()).unwrap_or(0);
                return Err(self.stored.not_finite(device, start + i, row[i]));
            }
            all.push(found);
            let products = products.iter_mut().skip(device * devices);
            products.zip(head.chunks_exact(count)).for_each(|(product, other)| *product = dot(row, other));
        }
        let total = match &all[..] {
            [one] => one.power,
            _ => scratch.sum.iter().map(|v| v * v).sum(),
        };
        Ok(Window { found: all, products, total })
    }

    /// Adds windows up, in their order.
    fn sum(&self, windows: &[Window]) -> Survey {
        let (devices, n) = (self.stored.devices(), self.stored.length() as f64);
        let over = |of: &dyn Fn(&Window) -> f64| windows.iter().map(of).sum::<f64>();
        let extreme = |of: &dyn Fn(&Window) -> f64, pick: fn(f64, f64) -> f64, first: f64| {
            windows.iter().map(of).fold(first, pick)
        };
        let ends = |k: usize| {
            let low = extreme(&|w| w.found[k].low, f64::min, f64::INFINITY);
            (low, extreme(&|w| w.found[k].high, f64::max, f64::NEG_INFINITY))
        };
        let mean = |k: usize| if self.center { over(&|w| w.found[k].sum) / n } else { 0.0 };
        let means: Vec<f64> = (0..devices).map(mean).collect();
        let power = |k: usize| over(&|w| w.found[k].power) / n - means[k] * means[k];
        let powers: Vec<f64> = (0..devices).map(power).collect();
        let full = self.full().then(|| {
            let mut g = vec![0.0; devices * devices];
            for i in 0..devices {
                g[i * devices + i] = powers[i];
                for j in 0..i {
                    let product = over(&|w| w.products[i * devices + j]);
                    let product = product * self.weights[i] * self.weights[j] / n;
                    g[i * devices + j] = product - means[i] * means[j];
                    g[j * devices + i] = g[i * devices + j];
                }
            }
            g
        });
        let mean_sum: f64 = means.iter().sum();
        let gram = Gram::new(powers, over(&|w| w.total) / n - mean_sum * mean_sum, full);
        Survey { means, range: (0..devices).map(ends).collect(), gram }
    }
}

/// Returns the smallest and the largest value of all devices, which must be in a function's domain.
///
/// # Errors
/// When a value is not finite, or outside the domain.
pub(super) fn extent(stored: &dyn Stored, function: Nomographic) -> Result<(f64, f64), SourceError> {
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    visit(stored, |device, start, row| {
        for (i, value) in row.iter().enumerate() {
            if !value.is_finite() {
                return Err(stored.not_finite(device, start + i, *value));
            }
            if let Some(needed) = function.objection(*value) {
                let (origin, device) = stored.place(device);
                let (index, value) = (start + i, *value);
                return Err(SourceError::OutsideDomain { origin, device, index, value, needed });
            }
            (low, high) = (low.min(*value), high.max(*value));
        }
        Ok(())
    })?;
    Ok((f64::from(low), f64::from(high)))
}

/// Returns each device's mean square.
///
/// # Errors
/// When a value is not finite.
pub(super) fn powers(stored: &dyn Stored) -> Result<Vec<f64>, SourceError> {
    let length = stored.length() as f64;
    let mut power = vec![0.0; stored.devices()];
    visit(stored, |device, start, row| {
        if let Some(i) = row.iter().position(|value| !value.is_finite()) {
            return Err(stored.not_finite(device, start + i, row[i]));
        }
        power[device] += row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / length;
        Ok(())
    })?;
    Ok(power)
}

/// Shows all values, device by device, with their device and first index.
fn visit(
    stored: &dyn Stored,
    mut see: impl FnMut(usize, usize, &[f32]) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let length = stored.length();
    let mut row = vec![0.0f32; CHUNK.min(length)];
    for device in 0..stored.devices() {
        for start in (0..length).step_by(CHUNK) {
            let row = &mut row[..CHUNK.min(length - start)];
            stored.read(device, start, row)?;
            see(device, start, row)?;
        }
    }
    Ok(())
}

/// What a stretch of one device's weighted values adds up to.
#[derive(Clone, Copy)]
struct Found {
    finite: bool,
    low: f64,
    high: f64,
    sum: f64,
    power: f64,
}

/// Adds weighted values to sums.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn add_weighted(values: &[f32], weight: f64, sums: &mut [f64]) {
    sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += f64::from(*x) * weight);
}

/// Scans a stretch of values times a positive weight, in eight lanes summed in a fixed order.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn scan(values: &[f32], weight: f64) -> Found {
    let (mut low, mut high) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
    let (mut sum, mut power, mut bad) = ([0.0f64; 8], [0.0f64; 8], [0u32; 8]);
    let (chunks, rest) = values.as_chunks::<8>();
    let mut add = |l: usize, x: f32| {
        let v = f64::from(x) * weight;
        low[l] = if x < low[l] { x } else { low[l] };
        high[l] = if x > high[l] { x } else { high[l] };
        sum[l] += v;
        power[l] += v * v;
        bad[l] |= u32::from(!x.is_finite());
    };
    for chunk in chunks {
        chunk.iter().enumerate().for_each(|(l, x)| add(l, *x));
    }
    rest.iter().enumerate().for_each(|(l, x)| add(l, *x));
    Found {
        finite: bad.iter().all(|bad| *bad == 0),
        low: f64::from(low.iter().copied().fold(f32::INFINITY, f32::min)) * weight,
        high: f64::from(high.iter().copied().fold(f32::NEG_INFINITY, f32::max)) * weight,
        sum: sum.iter().sum(),
        power: power.iter().sum(),
    }
}

/// Inner product in f64, in eight lanes summed in a fixed order.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut lanes = [0.0f64; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 =
        a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
    for (x, y) in a8.zip(b8) {
        for l in 0..8 {
            lanes[l] += f64::from(x[l]) * f64::from(y[l]);
        }
    }
    lanes.iter().sum::<f64>() + rest
}
