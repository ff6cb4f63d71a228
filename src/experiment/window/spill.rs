//! What of a symbol's signal falls outside of the receive window, and what of its neighbours falls inside.

/// What a path makes of one sample: filter taps around the nominal time.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Mean power of the path.
    pub power: f64,
    /// Index of the first tap, in samples after the input.
    pub first: i64,
    /// The taps.
    pub taps: Vec<f64>,
}

/// Power of the ends of responses, for a signal that fills a band evenly.
///
/// ```text
/// late(m) = sum_p power_p E|sum_(t >= m) g_p[t] x[n - t]|^2,   early(m) the same over t <= m,
/// E[x[n] conj(x[n - k])] = sinc(share k)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Spill {
    first: i64,
    late: Vec<f64>,
    early: Vec<f64>,
}

impl Spill {
    /// Adds up the ends of responses; `occupied_share` is the band over the sample rate.
    pub fn new(responses: &[Response], occupied_share: f64) -> Self {
        let first = responses.iter().map(|r| r.first).min().unwrap_or(0);
        let end = responses.iter().map(|r| r.first + r.taps.len() as i64).max().unwrap_or(0);
        let length = (end - first) as usize;
        let longest = responses.iter().map(|r| r.taps.len()).max().unwrap_or(0);
        let correlation: Vec<f64> = (0..longest).map(|k| sinc(occupied_share * k as f64)).collect();
        let (mut late, mut early) = (vec![0.0; length], vec![0.0; length]);
        for Response { power, first: begin, taps } in responses {
            let at = (begin - first) as usize;
            for (i, tap) in taps.iter().enumerate() {
                // What a tap adds to the end that begins with it.
                let with = |others: &mut dyn Iterator<Item = &f64>| -> f64 {
                    let cross: f64 = others.zip(&correlation[1..]).map(|(other, c)| other * c).sum();
                    power * tap * (tap + 2.0 * cross)
                };
                late[at + i] += with(&mut taps[i + 1..].iter());
                early[at + i] += with(&mut taps[..i].iter().rev());
            }
        }
        for i in 1..length {
            early[i] += early[i - 1];
            late[length - 1 - i] += late[length - i];
        }
        Self { first, late, early }
    }

    /// Returns the power of interference in a window that opens `advance` samples ahead of the useful part, relative to the
    /// signal's.
    ///
    /// ```text
    /// sum_n w_n (late(prefix - advance + 1 + n) + early(-advance - 1 - n)),   w_n = (2 (N - n) - 1)/N^2,   n < N
    /// ```
    ///
    /// The ends of a window miss as much of the symbol as they hold of its neighbours. A single path that comes `u` samples
    /// after the prefix keeps `(1 - u/N)^2` of its power as signal, and the rest is interference.
    pub fn interference(&self, prefix: usize, advance: usize, size: usize) -> f64 {
        let (prefix, advance) = (prefix as i64, advance as i64);
        let weight = |n: usize| (2.0 * (size - n) as f64 - 1.0) / (size * size) as f64;
        let (mut sum, length) = (0.0, self.late.len() as i64);
        for n in 0..size {
            let late = prefix - advance + 1 + n as i64 - self.first;
            let early = -advance - 1 - n as i64 - self.first;
            if late >= length && early < 0 {
                break;
            }
            let after = self.late.get(late.max(0) as usize).copied().unwrap_or(0.0);
            let before =
                if early < 0 || length == 0 { 0.0 } else { self.early[early.min(length - 1) as usize] };
            sum += weight(n) * (after + before);
        }
        // Ends that nearly cancel may round below 0.
        sum.max(0.0)
    }
}

fn sinc(x: f64) -> f64 {
    let y = std::f64::consts::PI * x;
    if y.abs() < 1e-12 { 1.0 } else { y.sin() / y }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn single(first: i64) -> Spill {
        Spill::new(&[Response { power: 1.0, first, taps: vec![1.0] }], 0.75)
    }

    #[test]
    fn a_path_beyond_the_prefix_loses_the_square_of_what_is_left_of_it() {
        for (delay, expected) in [(6, 0.0), (7, 1.0 / 64.0), (16, 10.0 / 64.0), (70, 1.0)] {
            let found = single(delay).interference(16, 10, 64);
            assert!((found - (1.0 - (1.0f64 - expected).powi(2))).abs() < 1e-12, "{delay}: {found}");
        }
        // Early ones alike, from the advance on.
        assert_eq!(single(-10).interference(16, 10, 64), 0.0);
        assert!((single(-12).interference(16, 10, 64) - (1.0 - (62.0f64 / 64.0).powi(2))).abs() < 1e-12);
    }

    #[test]
    fn ends_count_as_the_band_sees_them() {
        // Two taps that cancel at the middle of a narrow band, and add up there.
        let of = |second: f64| {
            let response = Response { power: 0.5, first: 20, taps: vec![1.0, second] };
            Spill::new(&[response], 0.01).interference(16, 0, 64)
        };
        let lone = Spill::new(&[Response { power: 0.5, first: 20, taps: vec![1.0] }], 0.01);
        assert!(of(-1.0) < 0.3 * lone.interference(16, 0, 64));
        assert!((of(1.0) / lone.interference(16, 0, 64) - 4.0).abs() < 1.0);
    }
}
