//! Approximate message passing with soft thresholds.

use super::projection::Projection;
use super::top_k::SparseVector;

/// An effective noise this many times that of the zero estimate is divergence.
const DIVERGED: f64 = 4.0;
/// Near this share of its first value the effective noise is rounding of single precision: sums of 10^5 entries are off by
/// 6e-6 of themselves.
const ROUNDING: f64 = 1e-5;

/// How message passing runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AmpSettings {
    /// Threshold in units of the effective noise, such as [`minimax_threshold`](super::minimax_threshold).
    pub alpha: f64,
    /// The most iterations.
    pub iterations: usize,
    /// Relative change of the effective noise below which it ends; 0 for all iterations.
    pub tolerance: f64,
}

/// How message passing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The effective noise changed less than the tolerance, large as it may be, or is below 1e-5 of its first value.
    Converged,
    /// All iterations were used.
    IterationsSpent,
    /// The effective noise is 4 times that of the zero estimate, or not finite; the estimate is worthless.
    Diverged,
}

/// What message passing found.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// The vector found.
    pub estimate: Vec<f32>,
    /// Standard deviation of the effective noise: of the zero estimate, then after each iteration.
    pub tau: Vec<f64>,
    /// How it ended.
    pub ending: Ending,
}

/// Finds a sparse vector from its noisy projection.
///
/// ```text
/// x = 0, r = y;  then again and again, with tau = |r|/sqrt(rows):
/// x' = soft(x + A^T r; alpha tau),   r' = y - A x' + r |x'|_0/rows
/// ```
///
/// `soft(v; t) = sign(v) max(|v| - t, 0)`; `|x|_0` counts nonzero entries. The error of large systems is that of
/// [`StateEvolution`](super::StateEvolution); vectors beyond [`sparsity_limit`](super::sparsity_limit) are not found.
/// Source: D. Donoho, A. Maleki, A. Montanari, "Message-passing algorithms for compressed sensing", PNAS 106 (2009).
///
/// # Panics
///
/// Panics if `y` has not one entry for each row.
pub fn recover(projection: &Projection, y: &[f32], settings: &AmpSettings) -> Recovery {
    let rows = projection.rows();
    assert_eq!(y.len(), rows, "lengths must fit the projection");
    let mut estimate = vec![0.0; projection.columns()];
    let mut correlation = estimate.clone();
    let mut nonzeros = SparseVector::default();
    let mut residual = y.to_vec();
    let mut image = vec![0.0; rows];
    let first = root_mean_square(&residual);
    let mut tau = vec![first];
    let mut last = first;
    let ending = loop {
        if !(last <= DIVERGED * first && last.is_finite()) {
            break Ending::Diverged;
        }
        let before = tau.len().checked_sub(2).map(|index| tau[index]);
        let settled = before.is_some_and(|before| (last - before).abs() < settings.tolerance * before);
        if settled || last <= ROUNDING * first {
            break Ending::Converged;
        }
        if tau.len() > settings.iterations {
            break Ending::IterationsSpent;
        }
        projection.adjoint(&residual, &mut correlation);
        let threshold = (settings.alpha * last) as f32;
        for (x, correlation) in estimate.iter_mut().zip(&correlation) {
            let value = *x + correlation;
            *x = (value.abs() - threshold).max(0.0).copysign(value);
        }
        nonzeros.assign_nonzeros(&estimate);
        projection.forward_sparse(&nonzeros, &mut image);
        let memory = nonzeros.indices().len() as f32 / rows as f32;
        for ((residual, y), image) in residual.iter_mut().zip(y).zip(&image) {
            *residual = y - image + memory * *residual;
        }
        last = root_mean_square(&residual);
        tau.push(last);
    };
    Recovery { estimate, tau, ending }
}

/// Returns the root of the mean square; not empty.
fn root_mean_square(values: &[f32]) -> f64 {
    let sum: f64 = values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
    (sum / values.len() as f64).sqrt()
}
