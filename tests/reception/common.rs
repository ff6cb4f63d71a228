//! A link in double loops: what the tests send, the channel it crosses and the noise it meets.

use airloop::baseband::{Complex32, Complex64, Purpose, Seeds, Stream};
use airloop::link::channel_estimation::Responses;
use airloop::link::precoding::Precoder;
use airloop::link::reference_signals::{ReferenceSignals, SequenceIdentity};
use airloop::link::slot_layout::{SlotConfig, SlotLayout};
use std::f64::consts::TAU;

/// Makes a layout of 14 symbols.
pub fn layout(
    subcarriers: usize,
    pilot_symbols: usize,
    groups_without_data: usize,
    layers: usize,
) -> SlotLayout {
    let config = SlotConfig { pilot_symbols, groups_without_data, layers, ..SlotConfig::new(subcarriers) };
    SlotLayout::new(config).unwrap()
}

/// Makes the pilots of a layout with an identity like any other.
pub fn signals(layout: &SlotLayout) -> ReferenceSignals {
    let identity = SequenceIdentity { scrambling_identity: 77, second: false };
    ReferenceSignals::new(layout, identity)
}

/// Returns a stream of its own.
pub fn stream(purpose: Purpose, trial: u64) -> Stream {
    Seeds::new(20_261_123).stream(purpose, trial, 0)
}

pub fn wide(x: Complex32) -> Complex64 {
    Complex64::new(x.re.into(), x.im.into())
}

pub fn narrow(x: Complex64) -> Complex32 {
    Complex32::new(x.re as f32, x.im as f32)
}

/// Returns random QPSK symbols of unit power.
pub fn symbols(count: usize, stream: Stream) -> Vec<Complex32> {
    let sign = |word: u64| if word & 1 == 1 { -0.5f32.sqrt() } else { 0.5f32.sqrt() };
    (0..count as u64)
        .map(|i| stream.word(i))
        .map(|word| Complex32::new(sign(word), sign(word >> 1)))
        .collect()
}

/// Returns the grids of the layers of a slot: data and pilots.
pub fn grids(layout: &SlotLayout, signals: &ReferenceSignals, values: &[Complex32]) -> Vec<Complex32> {
    let mut grid = vec![Complex32::default(); layout.layers() * layout.elements()];
    layout.map(values, &mut grid);
    signals.fill(&mut grid);
    grid
}

/// Returns independent complex Gaussian responses of unit power in every element, one row.
pub fn independent(links: usize, subcarriers: usize, trial: u64) -> Vec<Complex32> {
    let stream = stream(Purpose::Fading, trial);
    (0..(links * subcarriers) as u64).map(|i| narrow(stream.complex_gaussian(i))).collect()
}

/// Paths `(delay_s, power)` and a Doppler shift, of Gaussian gains where static.
pub struct Paths {
    pub paths: Vec<(f64, f64)>,
    pub max_doppler_hz: f64,
}

pub const SPACING_HZ: f64 = 30e3;
pub const SYMBOL_S: f64 = 0.5e-3 / 14.0;

impl Paths {
    /// Eight paths up to 1.6 microseconds, total power 1.
    pub fn new(max_doppler_hz: f64) -> Self {
        let raw: Vec<(f64, f64)> =
            (0..8).map(|p| (f64::from(p * p) * 32e-9, (-0.5 * f64::from(p)).exp())).collect();
        let total: f64 = raw.iter().map(|(_, power)| power).sum();
        Self { paths: raw.into_iter().map(|(delay, power)| (delay, power / total)).collect(), max_doppler_hz }
    }

    /// Draws the responses of links over a slot of 14 symbols, a row a symbol, or one where static. Moving paths have one
    /// random
    /// direction each.
    pub fn draw(&self, links: usize, subcarriers: usize, trial: u64) -> Vec<Complex32> {
        let rows = if self.max_doppler_hz > 0.0 { 14 } else { 1 };
        let phases: Vec<Complex64> = (0..subcarriers)
            .flat_map(|k| self.paths.iter().map(move |(delay, _)| -TAU * SPACING_HZ * k as f64 * delay))
            .map(Complex64::cis)
            .collect();
        let mut out = Vec::with_capacity(links * rows * subcarriers);
        for link in 0..links {
            let stream = stream(Purpose::Fading, trial).substream(link as u64);
            let gains: Vec<(Complex64, f64)> = (0..self.paths.len() as u64)
                .map(|p| (stream.complex_gaussian(p), (TAU * stream.uniform(1000 + p)).cos()))
                .collect();
            for symbol in 0..rows {
                let turn = TAU * self.max_doppler_hz * SYMBOL_S * symbol as f64;
                let path = |((g, c), (_, power)): (&(Complex64, f64), &(f64, f64))| {
                    g * power.sqrt() * Complex64::cis(turn * c)
                };
                let moved: Vec<Complex64> = gains.iter().zip(&self.paths).map(path).collect();
                let response = |phases: &[Complex64]| moved.iter().zip(phases).map(|(g, e)| g * e).sum();
                out.extend(phases.chunks_exact(self.paths.len()).map(response).map(narrow));
            }
        }
        out
    }
}

/// Returns what each antenna receives of antennas' grids, with noise of a variance.
pub fn receive(
    channel: &Responses<'_>,
    sent: &[Complex32],
    noise_variance: f32,
    noise: Stream,
) -> Vec<Complex32> {
    let used = channel.subcarriers();
    let elements = sent.len() / channel.transmit();
    let mut received = vec![Complex32::default(); channel.receive() * elements];
    noise.fill_complex_gaussian(0, noise_variance, &mut received);
    for (r, out) in received.chunks_exact_mut(elements).enumerate() {
        for (t, grid) in sent.chunks_exact(elements).enumerate() {
            for (symbol, (out, row)) in out.chunks_exact_mut(used).zip(grid.chunks_exact(used)).enumerate() {
                let h = channel.row(r, t, symbol);
                out.iter_mut().zip(row).zip(h).for_each(|((y, x), h)| *y += h * x);
            }
        }
    }
    received
}

/// Sends random data over a channel: what was sent on the layers, and what was received.
pub fn transmit(
    (layout, signals): (&SlotLayout, &ReferenceSignals),
    (channel, precoder): (&Responses<'_>, &Precoder),
    noise_variance: f32,
    trial: u64,
) -> (Vec<Complex32>, Vec<Complex32>) {
    let values = symbols(layout.layers() * layout.data_elements(), stream(Purpose::Payload, trial));
    let layers = grids(layout, signals, &values);
    let mut sent = vec![Complex32::default(); precoder.antennas() * layout.elements()];
    precoder.apply(&layers, layout.subcarriers(), &mut sent);
    (values, receive(channel, &sent, noise_variance, stream(Purpose::Noise, trial)))
}

/// Returns the inverse of a matrix of size `n` by elimination with pivots.
pub fn inverse(n: usize, matrix: &[Complex64]) -> Vec<Complex64> {
    let mut a: Vec<Vec<Complex64>> = (0..n)
        .map(|i| {
            let unit = (0..n).map(|j| Complex64::from(f64::from(i == j)));
            matrix[i * n..(i + 1) * n].iter().copied().chain(unit).collect()
        })
        .collect();
    for c in 0..n {
        let pivot = (c..n).max_by(|i, j| a[*i][c].norm().total_cmp(&a[*j][c].norm())).unwrap();
        a.swap(c, pivot);
        let scale = a[c][c].inv();
        a[c].iter_mut().for_each(|x| *x *= scale);
        let row = a[c].clone();
        for (i, other) in a.iter_mut().enumerate().filter(|(i, _)| *i != c) {
            let factor = other[c];
            debug_assert!(i != c);
            other.iter_mut().zip(&row).for_each(|(x, y)| *x -= factor * y);
        }
    }
    a.iter().flat_map(|row| row[n..].to_vec()).collect()
}
