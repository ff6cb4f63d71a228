//! A local oscillator in whole numbers, and what it does to samples.

use airloop_baseband::Complex32;
use std::f64::consts::TAU;

/// Samples that share a phasor computed in double precision, at absolute multiples of their number.
const BLOCK: usize = 64;

/// Phases of a turn.
const TURN: f64 = 18_446_744_073_709_551_616.0;

/// What an oscillator does: it turns samples by their absolute index, or lets none pass.
///
/// ```text
/// y[n] = x[n] exp(j 2 pi (n step + phase) / 2^64)
/// ```
///
/// Phases are whole numbers modulo 2^64, so that no count of samples is too large for them and none depends on where a stream is cut.
/// The frequency is the one asked for to 2^-64 of the sample rate: after 10^12 samples the phase is off by less than 10^-7 turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oscillation {
    step: u64,
    phase: u64,
    muted: bool,
}

impl Oscillation {
    /// Lets nothing pass.
    pub const SILENT: Self = Self { step: 0, phase: 0, muted: true };

    /// Makes an oscillator of a frequency at a sample rate, with its phase at index 0 in turns.
    pub fn new(frequency_hz: f64, sample_rate_hz: f64, phase_turns: f64) -> Self {
        let phase = (phase_turns.rem_euclid(1.0) * TURN) as u64;
        Self { step: step(frequency_hz, sample_rate_hz), phase, muted: false }
    }

    /// Returns what undoes it.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self { step: self.step.wrapping_neg(), phase: self.phase.wrapping_neg(), ..self }
    }

    /// Returns what it does to every sample alike, where it does.
    pub fn factor(&self) -> Option<Complex32> {
        match self {
            Self { muted: true, .. } => Some(Complex32::default()),
            Self { step: 0, .. } => Some(self.phasor(0)),
            _ => None,
        }
    }

    fn phasor(&self, index: i64) -> Complex32 {
        let phase = self.step.wrapping_mul(index as u64).wrapping_add(self.phase);
        if phase == 0 {
            return Complex32::new(1.0, 0.0);
        }
        let (sin, cos) = (TAU * (phase as f64 / TURN)).sin_cos();
        Complex32::new(cos as f32, sin as f32)
    }

    fn is_identity(&self) -> bool {
        *self == Self::default()
    }
}

/// Returns a frequency over a sample rate in shares of 2^64, by a long division that is exact in double precision.
fn step(frequency_hz: f64, sample_rate_hz: f64) -> u64 {
    let mut rest = frequency_hz.abs() % sample_rate_hz;
    let mut quotient = 0u64;
    for _ in 0..64 {
        rest *= 2.0;
        quotient <<= 1;
        if rest >= sample_rate_hz {
            rest -= sample_rate_hz;
            quotient |= 1;
        }
    }
    if frequency_hz < 0.0 { quotient.wrapping_neg() } else { quotient }
}

/// An oscillator that is set anew at instants.
#[derive(Clone, Debug)]
pub struct Mixer {
    /// In order of time, the first one since ever.
    settings: Vec<Setting>,
}

#[derive(Clone, Debug)]
struct Setting {
    from: i64,
    oscillation: Oscillation,
    /// What it does within a block.
    steps: Box<[Complex32; BLOCK]>,
}

impl Setting {
    fn new(from: i64, oscillation: Oscillation) -> Self {
        let bare = Oscillation { phase: 0, ..oscillation };
        Self { from, oscillation, steps: Box::new(std::array::from_fn(|i| bare.phasor(i as i64))) }
    }

    fn turn(&self, first: i64, mut samples: &mut [Complex32]) {
        if self.oscillation.is_identity() {
            return;
        }
        if self.oscillation.muted {
            return samples.fill(Complex32::default());
        }
        let mut n = first;
        while !samples.is_empty() {
            let skipped = n.rem_euclid(BLOCK as i64);
            let start = self.oscillation.phasor(n - skipped);
            let steps = &self.steps[skipped as usize..];
            let (block, rest) = samples.split_at_mut(steps.len().min(samples.len()));
            for (x, step) in block.iter_mut().zip(steps) {
                let re = start.re * step.re - start.im * step.im;
                let im = start.re * step.im + start.im * step.re;
                *x = Complex32::new(x.re * re - x.im * im, x.re * im + x.im * re);
            }
            n += block.len() as i64;
            samples = rest;
        }
    }
}

impl Mixer {
    /// Makes a mixer that is never set anew.
    pub fn new(oscillation: Oscillation) -> Self {
        Self { settings: vec![Setting::new(i64::MIN, oscillation)] }
    }

    /// Sets the oscillator anew from an index on; nothing before another index is asked for any more.
    pub fn set(&mut self, from: i64, oscillation: Oscillation, needed: i64) {
        self.settings.retain(|setting| setting.from < from || setting.from == i64::MIN);
        self.settings.push(Setting::new(from, oscillation));
        let over = self.settings.iter().skip(1).take_while(|setting| setting.from <= needed).count();
        self.settings.drain(..over);
        self.settings[0].from = i64::MIN;
    }

    /// Turns samples, the first of which has the absolute index `first`.
    pub fn turn(&self, first: i64, samples: &mut [Complex32]) {
        let place = |index: i64| index.saturating_sub(first).clamp(0, samples.len() as i64) as usize;
        let ends = self.settings.iter().skip(1).map(|setting| setting.from).chain([i64::MAX]);
        let parts: Vec<(usize, usize)> =
            self.settings.iter().zip(ends).map(|(setting, end)| (place(setting.from), place(end))).collect();
        for (setting, (begin, end)) in self.settings.iter().zip(parts) {
            setting.turn(first + begin as i64, &mut samples[begin..end]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_are_exact_shares_of_the_rate() {
        // A third and two sevenths in binary: floor(2^64 / 3), floor(2^65 / 7); minus a quarter.
        assert_eq!(step(1e6, 3e6), u64::MAX / 3);
        assert_eq!(step(2e6, 7e6), ((1u128 << 65) / 7) as u64);
        assert_eq!(step(-0.25e6, 1e6), 3 << 62);
        assert_eq!((step(5e6, 1e6), step(0.0, 1e6)), (0, 0));
    }

    #[test]
    fn phases_are_true_after_a_million_million_samples_and_do_not_depend_on_cuts() {
        // 0.3 of the rate: the phase after 10^12 + i samples is that after i, for 3 10^11 is whole.
        let mixer = Mixer::new(Oscillation::new(0.3e6, 1e6, 0.125));
        let (first, count) = (1_000_000_000_007i64, 1000);
        let mut whole = vec![Complex32::new(1.0, 0.0); count];
        mixer.turn(first, &mut whole);
        for (i, x) in whole.iter().enumerate() {
            let turns = (0.3 * (i + 7) as f64).fract() + 0.125;
            let (sin, cos) = (TAU * turns).sin_cos();
            let apart = (f64::from(x.re) - cos).hypot(f64::from(x.im) - sin);
            assert!(apart < 1e-6, "{i}: {apart:e}");
        }
        for cut in [1, 63, 64, 65, 333] {
            let mut pieces = vec![Complex32::new(1.0, 0.0); count];
            for (i, piece) in pieces.chunks_mut(cut).enumerate() {
                mixer.turn(first + (i * cut) as i64, piece);
            }
            assert!(pieces == whole, "{cut}");
        }
        // Control: a sine computed from the product in double precision is off by then.
        let naive = TAU * 0.3f64 * (first as f64);
        assert!((naive.sin() - f64::from(whole[0].im)).abs() > 1e-5 || naive.fract() == 0.0);
    }

    #[test]
    fn what_is_set_anew_counts_from_there_on_and_keeps_what_was_before() {
        let (before, after) = (Oscillation::new(0.0, 1.0, 0.25), Oscillation::SILENT);
        let mut mixer = Mixer::new(before);
        mixer.set(10, after, 0);
        mixer.set(20, before.inverse(), 15);
        let mut samples = vec![Complex32::new(1.0, 0.0); 30];
        mixer.turn(0, &mut samples);
        let near = |x: &Complex32, re: f32, im: f32| (x - Complex32::new(re, im)).norm() < 1e-6;
        // Nothing before 15 was wanted any more: the first setting is gone.
        assert!(samples[..20].iter().all(|x| near(x, 0.0, 0.0)));
        assert!(samples[20..].iter().all(|x| near(x, 0.0, -1.0)));
        let mut samples = vec![Complex32::new(1.0, 0.0); 2];
        let mut mixer = Mixer::new(before);
        mixer.set(1, after, 0);
        mixer.turn(0, &mut samples);
        assert!(near(&samples[0], 0.0, 1.0) && near(&samples[1], 0.0, 0.0));
    }
}
