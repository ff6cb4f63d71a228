//! Maps of samples between ranges of indices, one after the other.

use super::mixer::Mixer;
use airloop_baseband::resampler::Converter;
use airloop_baseband::{Complex32, SampleIndex};
use airloop_channels::FrontEnd;
use std::ops::Range;
use std::sync::Arc;

/// A map of samples to samples whose outputs depend on absolute indices and on their inputs alone, however they are cut.
pub trait Stage {
    /// Returns the outputs that a range of inputs reaches.
    fn outputs(&self, inputs: Range<i64>) -> Range<i64>;

    /// Returns the inputs that a range of outputs needs.
    fn inputs(&self, outputs: Range<i64>) -> Range<i64>;

    /// Returns whether samples leave as they came, and where they were.
    fn is_identity(&self) -> bool {
        false
    }

    /// Computes the outputs from the index `first` on, of inputs that begin at `start` and are zero elsewhere.
    fn apply(&mut self, start: i64, samples: &[Complex32], first: i64, out: &mut [Complex32]);
}

impl Stage for FrontEnd {
    fn outputs(&self, inputs: Range<i64>) -> Range<i64> {
        self.outputs(inputs)
    }

    fn inputs(&self, outputs: Range<i64>) -> Range<i64> {
        self.inputs(outputs)
    }

    fn apply(&mut self, start: i64, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
        // Between stages indices may lie before time zero: front ends and converters take them modulo 2^64.
        FrontEnd::apply(self, start as SampleIndex, samples, first, out);
    }
}

impl Stage for Arc<Converter> {
    fn outputs(&self, inputs: Range<i64>) -> Range<i64> {
        Converter::outputs(self, inputs)
    }

    fn inputs(&self, outputs: Range<i64>) -> Range<i64> {
        Converter::inputs(self, outputs)
    }

    fn apply(&mut self, start: i64, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
        Converter::apply(self, start as SampleIndex, samples, first, out);
    }
}

/// A stage that may be missing: samples then stay as they are.
impl<S: Stage> Stage for Option<S> {
    fn outputs(&self, inputs: Range<i64>) -> Range<i64> {
        self.as_ref().map_or(inputs.clone(), |stage| stage.outputs(inputs))
    }

    fn inputs(&self, outputs: Range<i64>) -> Range<i64> {
        self.as_ref().map_or(outputs.clone(), |stage| stage.inputs(outputs))
    }

    fn is_identity(&self) -> bool {
        self.as_ref().is_none_or(Stage::is_identity)
    }

    fn apply(&mut self, start: i64, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
        match self {
            Some(stage) => stage.apply(start, samples, first, out),
            None => copy(start, samples, first, out),
        }
    }
}

/// Copies the samples of a range of indices; where there are none is silence.
fn copy(start: i64, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
    let place = |index: i64| (index - first).clamp(0, out.len() as i64) as usize;
    let (begin, end) = (place(start), place(start + samples.len() as i64));
    out[..begin].fill(Complex32::default());
    out[end..].fill(Complex32::default());
    if begin < end {
        let from = (first - start).max(0) as usize;
        out[begin..end].copy_from_slice(&samples[from..from + end - begin]);
    }
}

/// A change of sample rates between indices of which one counts from an origin: the origin is an index at the air's rate.
#[derive(Clone, Debug)]
pub struct Rate {
    converter: Option<Arc<Converter>>,
    /// Added to the outputs' indices, and to the inputs'.
    shift: (i64, i64),
}

impl Rate {
    /// Makes the change from a radio's rate to the air's.
    pub fn to_air(converter: Option<Arc<Converter>>, origin: i64) -> Self {
        Self { converter, shift: (origin, 0) }
    }

    /// Makes the change from the air's rate to a radio's.
    pub fn from_air(converter: Option<Arc<Converter>>, origin: i64) -> Self {
        Self { converter, shift: (0, origin) }
    }

    fn ratio(&self) -> (i64, i64) {
        self.converter.as_ref().map_or((1, 1), |converter| converter.ratio())
    }

    /// Returns the first output that does not lie before an input.
    pub fn output_at(&self, input: i64) -> i64 {
        let (up, down) = self.ratio();
        -(-(input - self.shift.1) * up).div_euclid(down) + self.shift.0
    }

    /// Returns the first input that does not lie before an output.
    pub fn input_at(&self, output: i64) -> i64 {
        let (up, down) = self.ratio();
        -(-(output - self.shift.0) * down).div_euclid(up) + self.shift.1
    }
}

fn moved(range: Range<i64>, by: i64) -> Range<i64> {
    range.start + by..range.end + by
}

impl Stage for Rate {
    fn outputs(&self, inputs: Range<i64>) -> Range<i64> {
        moved(self.converter.outputs(moved(inputs, -self.shift.1)), self.shift.0)
    }

    fn inputs(&self, outputs: Range<i64>) -> Range<i64> {
        moved(self.converter.inputs(moved(outputs, -self.shift.0)), self.shift.1)
    }

    fn is_identity(&self) -> bool {
        self.converter.is_identity() && self.shift == (0, 0)
    }

    fn apply(&mut self, start: i64, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
        self.converter.apply(start - self.shift.1, samples, first - self.shift.0, out);
    }
}

/// A stage whose outputs a mixer turns.
#[derive(Clone, Debug)]
pub struct Mixed<S> {
    /// What comes first.
    pub stage: S,
    /// What turns.
    pub mixer: Mixer,
}

impl<S: Stage> Stage for Mixed<S> {
    fn outputs(&self, inputs: Range<i64>) -> Range<i64> {
        self.stage.outputs(inputs)
    }

    fn inputs(&self, outputs: Range<i64>) -> Range<i64> {
        self.stage.inputs(outputs)
    }

    fn apply(&mut self, start: i64, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
        self.stage.apply(start, samples, first, out);
        self.mixer.turn(first, out);
    }
}

/// Two stages, one after the other.
#[derive(Clone, Debug)]
pub struct Chain<F, S> {
    /// What meets samples first.
    pub first: F,
    /// What meets its outputs.
    pub second: S,
    between: Vec<Complex32>,
}

impl<F: Stage, S: Stage> Chain<F, S> {
    /// Makes a chain.
    pub fn new(first: F, second: S) -> Self {
        Self { first, second, between: Vec::new() }
    }
}

impl<F: Stage, S: Stage> Stage for Chain<F, S> {
    fn outputs(&self, inputs: Range<i64>) -> Range<i64> {
        self.second.outputs(self.first.outputs(inputs))
    }

    fn inputs(&self, outputs: Range<i64>) -> Range<i64> {
        self.first.inputs(self.second.inputs(outputs))
    }

    fn is_identity(&self) -> bool {
        self.first.is_identity() && self.second.is_identity()
    }

    fn apply(&mut self, start: i64, samples: &[Complex32], first: i64, out: &mut [Complex32]) {
        if self.second.is_identity() {
            return self.first.apply(start, samples, first, out);
        }
        let middle = self.second.inputs(first..first + out.len() as i64);
        self.between.resize((middle.end - middle.start).max(0) as usize, Complex32::default());
        self.first.apply(start, samples, middle.start, &mut self.between);
        self.second.apply(middle.start, &self.between, first, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::{Purpose, Resampler, Seeds};
    use airloop_channels::FrontEndConfig;
    use airloop_channels::impairment::SampleClock;

    fn noise(count: usize) -> Vec<Complex32> {
        let mut samples = vec![Complex32::default(); count];
        Seeds::new(1).stream(Purpose::Noise, 0, 0).fill_complex_gaussian(0, 1.0, &mut samples);
        samples
    }

    /// Returns the outputs of samples that begin at an index, from an output on.
    fn outputs(stage: &mut impl Stage, start: i64, samples: &[Complex32], first: i64) -> Vec<Complex32> {
        let mut out = vec![Complex32::default(); 700];
        stage.apply(start, samples, first, &mut out);
        out
    }

    #[test]
    fn indices_before_time_zero_are_indices_like_others() {
        let samples = noise(600);
        let mut converter = Some(Arc::new(Converter::new((1.0, 1.5), 0.8, -80.0).unwrap()));
        // Two inputs are three outputs: 4096 inputs later all is as it was.
        let before = outputs(&mut converter, -500, &samples, -720);
        assert!(before == outputs(&mut converter, 3596, &samples, 6144 - 720));
        let clock = SampleClock { sample_rate_hz: 1e6, origin: 0 };
        let late = FrontEndConfig { timing_offset_s: 0.3e-6, ..FrontEndConfig::default() };
        let mut late = FrontEnd::new(&late, clock, Arc::new(Resampler::new(0.8, -80.0))).unwrap();
        let before = outputs(&mut late, -500, &samples, -450);
        assert!(before == outputs(&mut late, 3596, &samples, 3646) && before[0] != samples[50]);
        // Without a stage, and moved by an origin.
        let mut none: Option<FrontEnd> = None;
        let bare = outputs(&mut none, -500, &samples, -450);
        assert!(bare[..550] == samples[50..] && bare[550..].iter().all(|x| *x == Complex32::default()));
        let mut moved = Rate::to_air(None, 1000);
        assert!(outputs(&mut moved, -500, &samples, 550) == bare && moved.outputs(3..5) == (1003..1005));
        assert!(moved.output_at(-500) == 500 && moved.input_at(500) == -500);
    }

    #[test]
    fn chains_compute_what_their_stages_compute_one_after_the_other() {
        let samples = noise(2000);
        let converter = Arc::new(Converter::new((1.0, 2.0), 0.8, -80.0).unwrap());
        let clock = SampleClock { sample_rate_hz: 1e6, origin: 100 };
        let config = FrontEndConfig { oscillator_ppm: 100.0, carrier_hz: 1e8, ..FrontEndConfig::default() };
        let front_end = FrontEnd::new(&config, clock, Arc::new(Resampler::new(0.5, -80.0))).unwrap();
        let mut chain = Chain::new(Rate::to_air(Some(converter.clone()), 7), Some(front_end.clone()));
        let mut middle = vec![Complex32::default(); 6000];
        Converter::apply(&converter, 1000, &samples, 1000 - 7, &mut middle);
        let mut expected = vec![Complex32::default(); 700];
        FrontEnd::apply(&front_end, 1000, &middle, 3000, &mut expected);
        assert!(outputs(&mut chain, 1000, &samples, 3000) == expected);
        let inputs = chain.inputs(3000..3700);
        let reached = chain.outputs(inputs.clone());
        assert!(reached.start <= 3000 && reached.end >= 3700 && (inputs.end - inputs.start) < 500);
    }
}
