//! What the statistical tests of this folder share.
#![allow(dead_code)]

use airloop_baseband::checks::{CheckFailure, CheckPass, CheckSpec};
use airloop_baseband::statistics::Moments;
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{Fading, Profile, Taps, TimeGrid};
use std::time::Instant;

/// Every profile whose delays scale with a delay spread.
pub const PROFILES: [&str; 6] = ["tdl-a", "tdl-b", "tdl-c", "tdl-d", "tdl-e", "exponential"];

/// Carrier frequency of all tests, in hertz.
pub const CARRIER_HZ: f64 = 3.5e9;

/// Links drawn in one trial; many draws take many trials too.
const LINKS: usize = 500;

/// Specifies a check that fails by chance once in a million.
pub fn spec(detects: f64) -> CheckSpec {
    CheckSpec { alpha: 1e-6, detects }
}

/// Asserts that a deliberately wrong model is refused, and not for want of samples.
#[track_caller]
pub fn assert_disagrees(outcome: Result<CheckPass, CheckFailure>) {
    assert!(matches!(outcome, Err(CheckFailure::Disagrees(_))), "a control passes: {outcome:?}");
}

/// Returns the profile of a name, with the given rms delay spread where its delays scale.
pub fn profile(name: &str, delay_spread_s: f64) -> Profile {
    match name {
        "exponential" => Profile::exponential(delay_spread_s).unwrap(),
        name if PROFILES.contains(&name) => Profile::tdl(name, delay_spread_s).unwrap(),
        name => Profile::fixed(name).unwrap(),
    }
}

/// Returns whether the environment asks for the long statistical tests: `AIRLOOP_FULL=1`.
pub fn full() -> bool {
    std::env::var("AIRLOOP_FULL").is_ok_and(|value| value == "1")
}

/// Calls `visit` with independent draws of a model and, for each, an absolute time within 1000 s.
pub fn for_each_draw(fading: &Fading, seed: u64, draws: usize, mut visit: impl FnMut(&Taps, f64)) {
    let seeds = Seeds::new(seed);
    for trial in 0..draws.div_ceil(LINKS) as u64 {
        let times = seeds.stream(Purpose::Placement, trial, 0);
        let links = 0..LINKS.min(draws - trial as usize * LINKS);
        for (link, taps) in fading.draw(&seeds, trial, links).iter().enumerate() {
            visit(taps, 1e3 * times.uniform(link as u64));
        }
    }
}

/// Returns the gains of all paths at one instant.
pub fn gains_at(taps: &Taps, time_s: f64) -> Vec<Complex32> {
    let mut gains = vec![Complex32::default(); taps.paths()];
    taps.gains(TimeGrid { start_s: time_s, step_s: 0.0, count: 1 }, &mut gains);
    gains
}

/// Returns `|z|^2` in double precision.
pub fn power(z: Complex32) -> f64 {
    f64::from(z.re).powi(2) + f64::from(z.im).powi(2)
}

/// Sums of values near one and of their squares: moments without storing a million values a path.
#[derive(Clone, Copy, Default)]
pub struct Sums {
    count: u64,
    sum: f64,
    squares: f64,
}

impl Sums {
    /// Adds a value.
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
    }

    /// Returns the moments of the values so far.
    pub fn moments(&self) -> Moments {
        let n = self.count as f64;
        let mean = self.sum / n;
        Moments { count: self.count, mean, variance: (self.squares - n * mean * mean) / (n - 1.0) }
    }
}

/// Prints how many samples a test took and how long.
pub struct Clock {
    name: String,
    start: Instant,
}

impl Clock {
    /// Starts.
    pub fn start(name: &str) -> Self {
        Self { name: name.into(), start: Instant::now() }
    }

    /// Prints the samples, the seconds and a finding.
    pub fn print(&self, samples: usize, finding: &str) {
        println!("{}: {samples} samples, {:.2} s; {finding}", self.name, self.start.elapsed().as_secs_f64());
    }
}
