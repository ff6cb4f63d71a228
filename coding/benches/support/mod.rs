//! Timing that all benches share.

use std::time::{Duration, Instant};

/// Returns the shortest time of one call, in seconds, over as many calls as `patience` allows.
pub fn shortest(patience: Duration, mut work: impl FnMut()) -> f64 {
    work();
    let (begin, mut best) = (Instant::now(), f64::INFINITY);
    while begin.elapsed() < patience {
        let now = Instant::now();
        work();
        best = best.min(now.elapsed().as_secs_f64());
    }
    best
}
