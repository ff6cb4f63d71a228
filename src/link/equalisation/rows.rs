//! Equalisation of one symbol's row of subcarriers.

use super::lanes::{ComplexLane, Hermitian, Lane, ZERO, solve};
use crate::link::channel_estimation::planes::{LANES, vectorised};
use airloop_baseband::Complex32;

/// Least noise, so that noiseless links have finite reliabilities.
const LEAST_NOISE: f32 = 1e-12;

/// Least share of a symbol that an estimate of least mean square error keeps before it is scaled to have no bias.
const LEAST_SHARE: f32 = 1e-6;

/// What is known of one symbol: rows of real and imaginary parts with padding for whole lanes, `stride` apart.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// Antennas.
    pub receive: usize,
    /// Received rows, one an antenna.
    pub received: (&'a [f32], &'a [f32]),
    /// Channel rows, `[antenna, layer]`, neighbours `channel_stride` apart.
    pub channel: (&'a [f32], &'a [f32]),
    /// Distance of received rows.
    pub stride: usize,
    /// Distance of channel rows.
    pub channel_stride: usize,
    /// The noise on each subcarrier, with padding.
    pub noise: &'a [f32],
}

/// Where estimates go: layer after layer, `stride` apart, and how many subcarriers count.
pub struct RowOut<'a> {
    /// Symbols without bias.
    pub values: &'a mut [Complex32],
    /// Variances of their noise.
    pub variances: &'a mut [f32],
    /// Distance of layers.
    pub stride: usize,
    /// Subcarriers.
    pub count: usize,
}

/// Equalises a row of `layers` layers.
pub fn equalise_row(layers: usize, zero_forcing: bool, row: Row<'_>, out: RowOut<'_>) {
    match (layers, zero_forcing) {
        // Without other layers all rules are the combiner of maximum ratio.
        (1, _) => equalise::<1, true>(row, out),
        (2, true) => equalise::<2, true>(row, out),
        (2, false) => equalise::<2, false>(row, out),
        (3, true) => equalise::<3, true>(row, out),
        (3, false) => equalise::<3, false>(row, out),
        (_, true) => equalise::<4, true>(row, out),
        (_, false) => equalise::<4, false>(row, out),
    }
}

#[inline(always)]
fn lane((re, im): (&[f32], &[f32]), at: usize) -> ComplexLane {
    ComplexLane {
        re: *re[at..].first_chunk::<LANES>().expect("rows are padded"),
        im: *im[at..].first_chunk::<LANES>().expect("rows are padded"),
    }
}

vectorised! {
    /// Equalises all subcarriers of a row, many at once.
    fn equalise<const L: usize, const ZERO_FORCING: bool>(row: Row<'_>, out: RowOut<'_>) {
        for begin in (0..out.count).step_by(LANES) {
            let mut gram = Hermitian::<L> { diagonal: [[0.0; LANES]; L], below: [[ZERO; L]; L] };
            let mut matched = [ZERO; L];
            for r in 0..row.receive {
                let y = lane(row.received, r * row.stride + begin);
                let mut h = [ZERO; L];
                for (layer, h) in h.iter_mut().enumerate() {
                    *h = lane(row.channel, (r * L + layer) * row.channel_stride + begin);
                }
                for i in 0..L {
                    matched[i].add_conjugate_product(&h[i], &y);
                    for l in 0..LANES {
                        gram.diagonal[i][l] += h[i].re[l] * h[i].re[l] + h[i].im[l] * h[i].im[l];
                    }
                    for j in 0..i {
                        gram.below[i][j].add_conjugate_product(&h[i], &h[j]);
                    }
                }
            }
            let mut noise: Lane = *row.noise[begin..].first_chunk::<LANES>().expect("rows are padded");
            for noise in &mut noise {
                *noise = if *noise > LEAST_NOISE { *noise } else { LEAST_NOISE };
            }
            if !ZERO_FORCING {
                for diagonal in &mut gram.diagonal {
                    for (entry, noise) in diagonal.iter_mut().zip(&noise) {
                        *entry += noise;
                    }
                }
            }
            let inverse = solve(gram, &mut matched);
            for layer in 0..L {
                let (value, inverse) = (&mut matched[layer], &inverse[layer]);
                let mut variance = [0.0f32; LANES];
                for l in 0..LANES {
                    variance[l] = noise[l] * inverse[l];
                }
                if !ZERO_FORCING {
                    let mut unbias = [0.0f32; LANES];
                    for l in 0..LANES {
                        let share = 1.0 - variance[l];
                        let share = if share > LEAST_SHARE { share } else { LEAST_SHARE };
                        unbias[l] = 1.0 / share;
                        variance[l] *= unbias[l];
                    }
                    value.scale(&unbias);
                }
                let at = layer * out.stride + begin;
                let to = (&mut out.values[at..], &mut out.variances[at..]);
                write(value, &variance, to, out.count - begin);
            }
        }
    }
}

/// Writes whole lanes, or what is left of the row.
#[inline(always)]
fn write(
    value: &ComplexLane,
    variance: &Lane,
    (values, variances): (&mut [Complex32], &mut [f32]),
    left: usize,
) {
    if left >= LANES {
        let values = values.first_chunk_mut::<LANES>().expect("as many values are left");
        for (l, to) in values.iter_mut().enumerate() {
            *to = Complex32::new(value.re[l], value.im[l]);
        }
        *variances.first_chunk_mut::<LANES>().expect("as many variances are left") = *variance;
    } else {
        for l in 0..left {
            values[l] = Complex32::new(value.re[l], value.im[l]);
            variances[l] = variance[l];
        }
    }
}
