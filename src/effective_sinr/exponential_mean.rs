//! Means of exponentials over many elements.

use airloop_coding::constellation::exponential::exponential;

/// Sums that run side by side: the same on every processor.
const LANES: usize = 16;

/// Exponents below this one add nothing.
const LEAST_EXPONENT: f64 = -700.0;

/// Returns the mean of `exp((least - sinr) / beta)`, with weights if there are any.
///
/// Accurate to 1e-8 for `sinr >= least`; not a number for no elements or weights that sum to zero.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub fn exponential_mean(sinrs: &[f32], weights: Option<&[f32]>, least: f64, beta: f64) -> f64 {
    let scale = 1.0 / beta;
    let term = |sinr: f32| exponential(((least - f64::from(sinr)) * scale).max(LEAST_EXPONENT));
    let mut sums = [0.0f64; LANES];
    let (chunks, rest) = sinrs.as_chunks::<LANES>();
    let Some(weights) = weights else {
        for chunk in chunks {
            for l in 0..LANES {
                sums[l] += term(chunk[l]);
            }
        }
        sums.iter_mut().zip(rest).for_each(|(sum, sinr)| *sum += term(*sinr));
        return sums.iter().sum::<f64>() / sinrs.len() as f64;
    };
    let mut totals = [0.0f64; LANES];
    let (weight_chunks, weight_rest) = weights.as_chunks::<LANES>();
    for (chunk, weight) in chunks.iter().zip(weight_chunks) {
        for l in 0..LANES {
            sums[l] += f64::from(weight[l]) * term(chunk[l]);
            totals[l] += f64::from(weight[l]);
        }
    }
    for (l, (sinr, weight)) in rest.iter().zip(weight_rest).enumerate() {
        sums[l] += f64::from(*weight) * term(*sinr);
        totals[l] += f64::from(*weight);
    }
    sums.iter().sum::<f64>() / totals.iter().sum::<f64>()
}
