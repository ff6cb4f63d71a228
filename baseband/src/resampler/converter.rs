//! Conversion between sample rates whose ratio is a fraction of whole numbers.

mod low_pass;

use crate::samples::SampleIndex;
use low_pass::LowPass;
use multiversion::multiversion;
use num_complex::Complex32;
use std::ops::Range;

/// Most phases of a converter, and most coefficients of all phases together.
const MAX_PHASES: i64 = 4096;
const MAX_COEFFICIENTS: usize = 1 << 22;

/// Largest ratio of the rates, either way.
const MAX_RATIO: f64 = 256.0;

/// Products summed side by side.
const LANES: usize = 16;

/// Inputs within which the outputs of a tile begin.
const TILE: usize = 512;

/// What can be wrong with a conversion.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConverterError {
    /// A parameter outside its range.
    #[error("{name} = {value} is out of range: {expected}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
    /// Rates whose ratio is no fraction of small numbers.
    #[error(
        "{rate_out_hz} Hz over {rate_in_hz} Hz is no fraction L/M with L up to 4096: choose rates that have one, or resample \
         by positions"
    )]
    Irrational {
        /// Rate of the inputs.
        rate_in_hz: f64,
        /// Rate of the outputs.
        rate_out_hz: f64,
    },
    /// A low-pass too steep for so fine a ratio.
    #[error(
        "converting by {up}/{down} takes {coefficients} coefficients, {most} at most: leave a wider transition by a smaller \
         occupied_share, ask for a weaker stop_band_db (nearer to 0 dB), or choose rates with a simpler ratio"
    )]
    TooLong {
        /// Outputs of a period.
        up: i64,
        /// Inputs of a period.
        down: i64,
        /// Coefficients of all phases that the stop band takes.
        coefficients: usize,
        /// The most there may be.
        most: usize,
    },
}

/// Converts samples from one rate to another by a polyphase low-pass.
///
/// ```text
/// y[n] = sum over m of x[m] h(n M/L - m),   L/M = rate_out_hz / rate_in_hz in lowest terms
/// h(t) = s sinc(s t) I0(beta sqrt(1 - (2 t/N)^2)) / I0(beta) within |t| < N/2,   s = min(1, L/M)
/// pass band |f| <= occupied_share s/2,   stop band |f| >= s (1 - occupied_share/2),   f in shares of rate_in_hz
/// ```
///
/// Output 0 lies at input 0. Each image and alias that falls into the occupied band is below [`Converter::stop_band_db`], and so
/// is the ripple of the pass band; between both edges, where an occupied band leaves nothing, the response falls through -6 dB.
/// The length is the shortest that reaches the stop band asked for; an output depends on absolute indices and on its inputs
/// alone.
/// Source: Kaiser and Schafer, IEEE Trans. ASSP 28(1), 1980.
#[derive(Clone, Debug)]
pub struct Converter {
    up: i64,
    down: i64,
    /// Inputs of an output, half of them after its position.
    length: usize,
    /// Coefficients by phase, each row filled up to a multiple of [`LANES`].
    table: Vec<f32>,
    row: usize,
    stop_band_db: f64,
}

impl Converter {
    /// Designs the low-pass for a signal that occupies a share of the lower of the two rates, with a stop band in decibels.
    ///
    /// # Errors
    /// [`ConverterError::OutOfRange`] for rates that are not above 0 or further apart than 256, a share outside 0.05 to 0.98, a
    /// stop band outside -120 to -20 dB; [`ConverterError::Irrational`] for a ratio that is no fraction of small numbers;
    /// [`ConverterError::TooLong`] where the stop band takes more than 2^22 coefficients.
    pub fn new(
        (rate_in_hz, rate_out_hz): (f64, f64),
        occupied_share: f64,
        stop_band_db: f64,
    ) -> Result<Self, ConverterError> {
        let beyond = |name, value, expected| Err(ConverterError::OutOfRange { name, value, expected });
        for (name, value) in [("rate_in_hz", rate_in_hz), ("rate_out_hz", rate_out_hz)] {
            let valid = value > 0.0 && value.is_finite();
            if !valid {
                return beyond(name, value, "finite, above 0");
            }
        }
        let ratio = rate_out_hz / rate_in_hz;
        if !(1.0 / MAX_RATIO..=MAX_RATIO).contains(&ratio) {
            return beyond("rate_out_hz / rate_in_hz", ratio, "1/256 to 256");
        }
        if !(0.05..=0.98).contains(&occupied_share) {
            return beyond("occupied_share", occupied_share, "0.05 to 0.98");
        }
        if !(-120.0..=-20.0).contains(&stop_band_db) {
            return beyond("stop_band_db", stop_band_db, "-120 to -20 dB");
        }
        let (up, down) = fraction(ratio).ok_or(ConverterError::Irrational { rate_in_hz, rate_out_hz })?;
        let (filter, reached_db) = LowPass::design(ratio.min(1.0), occupied_share, stop_band_db);
        let row = filter.length.next_multiple_of(LANES);
        let coefficients = row * up as usize;
        if coefficients > MAX_COEFFICIENTS {
            return Err(ConverterError::TooLong { up, down, coefficients, most: MAX_COEFFICIENTS });
        }
        let mut table = vec![0.0; coefficients];
        for (phase, coefficients) in table.chunks_exact_mut(row).enumerate() {
            let fraction = phase as f64 / up as f64;
            for (j, coefficient) in coefficients[..filter.length].iter_mut().enumerate() {
                *coefficient = filter.at(fraction + filter.length as f64 / 2.0 - 1.0 - j as f64) as f32;
            }
        }
        Ok(Self { up, down, length: filter.length, table, row, stop_band_db: reached_db })
    }

    /// Returns outputs and inputs of a period, `(L, M)`.
    pub fn ratio(&self) -> (i64, i64) {
        (self.up, self.down)
    }

    /// Returns the number of inputs behind an output.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Returns the largest response over the stop band, in decibels of the pass band.
    pub fn stop_band_db(&self) -> f64 {
        self.stop_band_db
    }

    /// Returns the outputs that a range of inputs reaches.
    pub fn outputs(&self, inputs: Range<i64>) -> Range<i64> {
        if inputs.is_empty() {
            return inputs;
        }
        let half = self.length as i64 / 2;
        let first = ((inputs.start - half) * self.up).div_euclid(self.down) + 1;
        let end = -(-(inputs.end - 1 + half) * self.up).div_euclid(self.down);
        first..end
    }

    /// Returns the inputs that a range of outputs needs.
    pub fn inputs(&self, outputs: Range<i64>) -> Range<i64> {
        if outputs.is_empty() {
            return outputs;
        }
        let half = self.length as i64 / 2;
        self.place(outputs.start).0 - half + 1..self.place(outputs.end - 1).0 + half + 1
    }

    /// Returns the whole input before an output's position, and its phase.
    fn place(&self, output: i64) -> (i64, usize) {
        let position = output * self.down;
        (position.div_euclid(self.up), position.rem_euclid(self.up) as usize)
    }

    /// Computes the outputs that begin at the absolute index `first`, from inputs that begin at `start` and are zero elsewhere.
    pub fn apply(&self, start: SampleIndex, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
        convert(self, start as i64, samples, first, out);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn convert(converter: &Converter, start: i64, samples: &[Complex32], first: i64, mut out: &mut [Complex32]) {
    let (row, up, half) = (converter.row, converter.up as usize, converter.length as i64 / 2);
    let (whole_step, phase_step) = (converter.down / converter.up, (converter.down % converter.up) as usize);
    // The inputs of a tile, real and imaginary parts apart, zero where there are none.
    let (mut re, mut im) = (vec![0.0f32; TILE + row], vec![0.0f32; TILE + row]);
    let (mut whole, mut phase) = converter.place(first);
    while !out.is_empty() {
        let begin = whole - half + 1;
        load(start - begin, samples, &mut re, |x| x.re);
        load(start - begin, samples, &mut im, |x| x.im);
        let mut done = 0;
        for y in out.iter_mut() {
            let offset = (whole - half + 1 - begin) as usize;
            if offset >= TILE {
                break;
            }
            let coefficients = &converter.table[phase * row..(phase + 1) * row];
            *y = Complex32::new(
                dot(coefficients, &re[offset..offset + row]),
                dot(coefficients, &im[offset..offset + row]),
            );
            done += 1;
            phase += phase_step;
            whole += whole_step;
            if phase >= up {
                (phase, whole) = (phase - up, whole + 1);
            }
        }
        out = &mut out[done..];
    }
}

/// Lays a part of samples out, the first of them at a place of the row or before it.
#[inline(always)]
fn load(place: i64, samples: &[Complex32], row: &mut [f32], part: impl Fn(&Complex32) -> f32) {
    let limit = |index: i64| index.clamp(0, row.len() as i64) as usize;
    let (begin, end) = (limit(place), limit(place + samples.len() as i64));
    row[..begin].fill(0.0);
    row[end..].fill(0.0);
    let from = (begin as i64 - place).clamp(0, samples.len() as i64) as usize;
    for (value, x) in row[begin..end].iter_mut().zip(&samples[from..]) {
        *value = part(x);
    }
}

/// Returns the sum of products, [`LANES`] side by side and then by halves.
#[inline(always)]
fn dot(coefficients: &[f32], values: &[f32]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let pairs = coefficients.as_chunks::<LANES>().0.iter().zip(values.as_chunks::<LANES>().0);
    for (c, x) in pairs {
        for l in 0..LANES {
            sums[l] += c[l] * x[l];
        }
    }
    let mut width = LANES / 2;
    while width > 0 {
        for l in 0..width {
            sums[l] += sums[l + width];
        }
        width /= 2;
    }
    sums[0]
}

/// Returns the fraction of small numbers that a ratio is, to 1e-12, by its continued fraction.
fn fraction(ratio: f64) -> Option<(i64, i64)> {
    let (mut before, mut here) = ((0i64, 1i64), (1i64, 0i64));
    let mut rest = ratio;
    loop {
        let whole = rest.floor();
        let next = (whole as i64 * here.0 + before.0, whole as i64 * here.1 + before.1);
        if next.0 > MAX_PHASES || next.1 > (MAX_RATIO as i64) * MAX_PHASES {
            return None;
        }
        (before, here) = (here, next);
        if (here.0 as f64 / here.1 as f64 / ratio - 1.0).abs() < 1e-12 {
            return Some(here);
        }
        rest = 1.0 / (rest - whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;
    use std::f64::consts::TAU;

    /// Converts a tone and returns the largest error against the tone at the other rate, and the largest output.
    fn tone(converter: &Converter, cycles: f64, delay: f64) -> (f64, f64) {
        let (up, down) = converter.ratio();
        let (first, mut out) = (1_000_003, vec![Complex32::default(); 700]);
        let inputs = converter.inputs(first..first + 700);
        let at = |t: f64| Complex64::cis(TAU * (cycles * t).fract());
        let samples: Vec<Complex32> =
            inputs.clone().map(|m| at(m as f64)).map(|z| Complex32::new(z.re as f32, z.im as f32)).collect();
        converter.apply(inputs.start as u64, &samples, first, &mut out);
        let (mut error, mut largest) = (0.0f64, 0.0f64);
        for (n, y) in (first..).zip(&out) {
            let y = Complex64::new(y.re.into(), y.im.into());
            // The position in whole inputs and a rest, so that large indices keep their phase.
            let (whole, phase) = converter.place(n);
            let expected =
                at(whole as f64) * Complex64::cis(TAU * cycles * (phase as f64 / up as f64 - delay));
            error = error.max((y - expected).norm());
            largest = largest.max(y.norm());
        }
        assert!(up > 0 && down > 0);
        (error, largest)
    }

    const RATES: [(f64, f64); 6] =
        [(30.72e6, 20e6), (20e6, 30.72e6), (1e6, 1e6), (48e3, 8e3), (5e6, 20e6), (200e6, 7.68e6)];

    #[test]
    fn tones_of_the_occupied_band_are_tones_at_the_other_rate() {
        for rates in RATES {
            for (share, db) in [(0.6, -60.0), (0.8, -80.0)] {
                let converter = Converter::new(rates, share, db).unwrap();
                let (up, down) = converter.ratio();
                assert!((up as f64 / down as f64 / (rates.1 / rates.0) - 1.0).abs() < 1e-12);
                assert!(
                    converter.stop_band_db() <= db && converter.stop_band_db() > db - 12.0,
                    "{converter:?}"
                );
                let edge = 0.5 * share * (rates.1 / rates.0).min(1.0);
                for part in [-1.0, -0.37, 0.0, 0.5, 0.999] {
                    let (error, _) = tone(&converter, part * edge, 0.0);
                    // Ripple, and the images that phases do not cancel: each of the size of the stop band.
                    let bound = 4.0 * 10f64.powf(0.05 * db) + 2e-6;
                    assert!(error < bound, "{rates:?} {share} {part}: {error:e} of {bound:e}");
                }
                let (late, _) = tone(&converter, 0.5 * edge, 0.05 / edge);
                assert!(late > 0.05, "a control passes: {late}");
            }
        }
    }

    #[test]
    fn tones_beyond_the_lower_rate_do_not_come_back() {
        for rates in [(30.72e6, 20e6), (48e3, 8e3), (200e6, 7.68e6)] {
            let converter = Converter::new(rates, 0.7, -70.0).unwrap();
            let edge = (1.0 - 0.35) * rates.1 / rates.0;
            for cycles in [edge, -1.01 * edge, 0.5 * (edge + 0.5), 0.5] {
                let (_, largest) = tone(&converter, cycles.clamp(-0.5, 0.5), 0.0);
                assert!(
                    largest < 2.05 * 10f64.powf(0.05 * converter.stop_band_db()) + 2e-6,
                    "{rates:?} {cycles}: {largest:e}"
                );
            }
            let (_, kept) = tone(&converter, 0.35 * rates.1 / rates.0, 0.0);
            assert!(kept > 0.99, "a control passes: {kept}");
        }
    }

    #[test]
    fn pieces_add_up_and_keep_their_bytes_inside() {
        let converter = Converter::new((30.72e6, 20e6), 0.8, -80.0).unwrap();
        let mut samples = vec![Complex32::default(); 5000];
        crate::Seeds::new(7).stream(crate::Purpose::Noise, 0, 0).fill_complex_gaussian(0, 1.0, &mut samples);
        let apply = |start: u64, part: &[Complex32]| {
            let outputs = converter.outputs(start as i64..start as i64 + part.len() as i64);
            let mut out = vec![Complex32::default(); (outputs.end - outputs.start) as usize];
            converter.apply(start, part, outputs.start, &mut out);
            (outputs.start, out)
        };
        let (first, whole) = apply(9000, &samples);
        for piece in [1, 61, 997] {
            let mut sum = vec![Complex32::default(); whole.len()];
            for (index, part) in samples.chunks(piece).enumerate() {
                let (begin, out) = apply(9000 + (index * piece) as u64, part);
                sum[(begin - first) as usize..].iter_mut().zip(&out).for_each(|(sum, y)| *sum += y);
            }
            let worst = sum.iter().zip(&whole).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max);
            assert!(worst < 1e-5, "{piece}: {worst}");
        }
        // Cut outputs are the same outputs; one more on either side is empty.
        let mut part = vec![Complex32::default(); 100];
        converter.apply(9000, &samples, first + 517, &mut part);
        assert!(part == whole[517..617]);
        let mut around = vec![Complex32::default(); whole.len() + 2];
        converter.apply(9000, &samples, first - 1, &mut around);
        assert!(around[0] == Complex32::default() && around[1..=whole.len()] == whole);
        assert!(around[whole.len() + 1] == Complex32::default());
    }

    #[test]
    fn rates_without_a_fraction_and_values_beyond_their_limits_are_refused() {
        let new = |rates| Converter::new(rates, 0.8, -60.0);
        assert!(matches!(new((1.0, std::f64::consts::SQRT_2)), Err(ConverterError::Irrational { .. })));
        for rates in [(0.0, 1.0), (1.0, f64::NAN), (1.0, 300.0), (f64::INFINITY, 1.0)] {
            assert!(matches!(new(rates), Err(ConverterError::OutOfRange { .. })), "{rates:?}");
        }
        assert!(
            Converter::new((1.0, 2.0), 0.99, -60.0).is_err()
                && Converter::new((1.0, 2.0), 0.5, -130.0).is_err()
        );
        assert_eq!(new((30.72e6, 20e6)).unwrap().ratio(), (125, 192));
    }

    #[test]
    fn a_low_pass_too_steep_for_a_fine_ratio_is_refused_for_that() {
        let new = |share, db| Converter::new((16e3, 2001.0), share, db);
        let long = new(0.98, -120.0).unwrap_err();
        let ConverterError::TooLong { up: 2001, down: 16_000, coefficients, most: MAX_COEFFICIENTS } = long
        else {
            panic!("{long:?}")
        };
        assert!(coefficients > MAX_COEFFICIENTS && coefficients % 2001 == 0);
        assert!(long.to_string().contains("a smaller occupied_share"), "{long}");
        // Both ways out that it names.
        assert!(new(0.9, -120.0).is_ok() && new(0.98, -50.0).is_ok());
    }
}
