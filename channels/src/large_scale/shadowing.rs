//! Shadowing that near devices share: TR 38.901, clause 7.4.4.

use crate::error::ChannelError;
use airloop_baseband::Stream;

/// Most devices whose shadowing is drawn jointly: the work grows with the cube, the memory with the square of their number.
pub const MAX_SHADOWED_DEVICES: usize = 4096;

/// Share of a device's own variance below which it is taken to stand where others stand.
const SAME_PLACE: f64 = 1e-12;

/// Draws the shadowing of devices, in decibels of loss, jointly and exactly Gaussian.
///
/// ```text
/// s = diag(sd) L z,   L L^T = R,   R_ij = exp(-|p_i - p_j| / correlation_distance_m),   z standard normal
/// ```
///
/// `positions` are in metres, `sd_db` holds each device's standard deviation, and `z` of a device is the stream's draw at its
/// `index`, so that a device changes nothing for those before it. Devices in one place have one shadowing. Devices in line of
/// sight and others are separate processes: they are drawn by separate calls. Source: equation 7.4-5.
///
/// # Errors
/// When there are more than [`MAX_SHADOWED_DEVICES`].
pub fn shadowing_db(
    positions: &[[f64; 2]],
    sd_db: &[f64],
    correlation_distance_m: f64,
    draws: (&Stream, &[u64]),
) -> Result<Vec<f64>, ChannelError> {
    let (stream, indices) = draws;
    let count = positions.len();
    if count > MAX_SHADOWED_DEVICES {
        return Err(ChannelError::OutOfRange {
            name: "devices under correlated shadowing",
            value: count as f64,
            expected: "at most 4096 are drawn jointly: fewer devices, or shadowing = false",
        });
    }
    let correlation = |i: usize, j: usize| {
        let (a, b) = (positions[i], positions[j]);
        (-(a[0] - b[0]).hypot(a[1] - b[1]) / correlation_distance_m).exp()
    };
    let factor = cholesky(count, correlation);
    let normal: Vec<f64> = indices.iter().map(|index| stream.gaussian(*index)).collect();
    let row = |i: usize| &factor[i * (i + 1) / 2..(i + 1) * (i + 2) / 2];
    Ok((0..count).map(|i| sd_db[i] * dot(row(i), &normal[..=i])).collect())
}

/// Returns the lower Cholesky factor of a correlation matrix, row after row, `i + 1` entries in row `i`.
///
/// A column whose own variance is spent is zero: what is left of a positive semidefinite matrix there is zero too.
fn cholesky(count: usize, correlation: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let mut factor: Vec<f64> = Vec::with_capacity(count * (count + 1) / 2);
    for i in 0..count {
        let begin = factor.len();
        for j in 0..=i {
            let row_j = j * (j + 1) / 2;
            let (done, current) = factor.split_at(begin);
            let other = if i == j { &current[..j] } else { &done[row_j..row_j + j] };
            let rest = correlation(i, j) - dot(&current[..j], other);
            let entry = if i == j {
                if rest > SAME_PLACE { rest.sqrt() } else { 0.0 }
            } else {
                let pivot = done[row_j + j];
                if pivot > 0.0 { rest / pivot } else { 0.0 }
            };
            factor.push(entry);
        }
    }
    factor
}

/// Returns the inner product, in eight partial sums of a fixed order.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (chunks_a, chunks_b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = chunks_a.remainder().iter().zip(chunks_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in chunks_a.zip(chunks_b) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}
