//! Affine changes of time and phase, which form a group.

use airloop_baseband::SampleIndex;

/// The receiver's clock, on which all samples are counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleClock {
    /// Sample rate, in hertz.
    pub sample_rate_hz: f64,
    /// Absolute index at time 0: slips and phases count from there.
    pub origin: SampleIndex,
}

/// A change of time and phase that is affine in time; `u` counts samples from the clock's origin.
///
/// ```text
/// y(u) = x(u + offset_samples + rate_offset u)  exp(j 2 pi (phase_turns + turns_per_sample u))
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Warp {
    /// Advance at the origin, in samples; a delay is negative.
    pub offset_samples: f64,
    /// Growth of the advance, in samples a sample.
    pub rate_offset: f64,
    /// Phase at the origin, in turns.
    pub phase_turns: f64,
    /// Frequency offset, in turns a sample.
    pub turns_per_sample: f64,
}

impl Warp {
    /// Returns this change followed by another.
    ///
    /// ```text
    /// z(u) = y(v) exp(j 2 pi theta2(u)) = x(T1(v)) exp(j 2 pi (theta1(v) + theta2(u))),   v = T2(u)
    /// ```
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        Self {
            offset_samples: self.offset_samples + (1.0 + self.rate_offset) * next.offset_samples,
            rate_offset: self.rate_offset + next.rate_offset + self.rate_offset * next.rate_offset,
            phase_turns: self.phase_turns + self.turns_per_sample * next.offset_samples + next.phase_turns,
            turns_per_sample: self.turns_per_sample * (1.0 + next.rate_offset) + next.turns_per_sample,
        }
    }

    /// Returns the change that undoes this one, before or after it.
    #[must_use]
    pub fn inverse(self) -> Self {
        let rate = 1.0 + self.rate_offset;
        let offset_samples = -self.offset_samples / rate;
        Self {
            offset_samples,
            rate_offset: -self.rate_offset / rate,
            phase_turns: -self.phase_turns - self.turns_per_sample * offset_samples,
            turns_per_sample: -self.turns_per_sample / rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns time and phase at the origin and far from it.
    fn at(warp: Warp, u: f64) -> (f64, f64) {
        let time = u + warp.offset_samples + warp.rate_offset * u;
        (time, warp.phase_turns + warp.turns_per_sample * u)
    }

    const A: Warp =
        Warp { offset_samples: 3.25, rate_offset: 2e-4, phase_turns: 0.125, turns_per_sample: 1e-3 };
    const B: Warp =
        Warp { offset_samples: -7.5, rate_offset: -5e-4, phase_turns: -0.375, turns_per_sample: 3e-2 };

    #[test]
    fn chains_are_maps_applied_one_after_the_other() {
        for u in [0.0, 1.0, 1e5] {
            let (v, second) = at(B, u);
            let (time, first) = at(A, v);
            let (chained, phase) = at(A.then(B), u);
            assert!((chained - time).abs() < 1e-9 && (phase - first - second).abs() < 1e-9, "{u}");
        }
        assert!((A.then(B).phase_turns - B.then(A).phase_turns).abs() > 1e-2, "order does not matter");
    }

    #[test]
    fn an_inverse_undoes_from_both_sides() {
        for warp in [A.then(A.inverse()), A.inverse().then(A), B.inverse().then(B)] {
            for (time, phase) in [at(warp, 0.0), at(warp, 1e5)].map(|(t, p)| (t.rem_euclid(1e5), p)) {
                assert!(time.min(1e5 - time) < 1e-8 && phase.abs() < 1e-8, "{warp:?}");
            }
        }
        assert!(at(A.then(A), 0.0).0 > 6.0, "a control passes");
    }
}
