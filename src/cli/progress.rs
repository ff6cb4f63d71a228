//! Progress on the standard error: a bar on a terminal, a line every few seconds elsewhere.

use super::output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};

/// Time between lines when the standard error is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Catches Ctrl-C: the first sets the flag returned here, the second ends the program at once.
pub fn catch_interrupt() -> &'static AtomicBool {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let set = || {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(super::failure::INTERRUPTED));
            }
            output::note("\nstopping as soon as what is under way is done (Ctrl-C again ends at once)");
        };
        // Without a handler Ctrl-C ends the program at once, and finished points are safe all the same.
        let _ = ctrlc::set_handler(set);
    });
    &INTERRUPTED
}

/// Progress of a known number of steps.
pub struct Bar {
    bar: ProgressBar,
    plain: Option<Mutex<Plain>>,
    /// What is counted.
    unit: &'static str,
}

struct Plain {
    begun: Instant,
    said: Instant,
    first: Option<u64>,
    what: String,
}

impl Bar {
    /// Begins to show progress of what `what` says, counted in trials.
    pub fn new(what: &str) -> Self {
        Self::begin(what, "trials")
    }

    /// Begins to show progress that is counted in such units.
    pub fn of(unit: &'static str) -> Self {
        Self::begin("", unit)
    }

    fn begin(what: &str, unit: &'static str) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(
            None,
            if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
        );
        let style = format!("{{bar:30}} {{pos}}/{{len}} {unit}, {{per_sec}}, {{eta}} left  {{msg}}");
        bar.set_style(ProgressStyle::with_template(&style).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what.to_string());
        let now = Instant::now();
        let plain = Plain { begun: now, said: now, first: None, what: what.into() };
        Self { bar, plain: (!terminal).then(|| Mutex::new(plain)), unit }
    }

    /// Sets the steps done and to do.
    pub fn set(&self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.bar.set_position(done);
        let Some(plain) = &self.plain else { return };
        let mut plain = plain.lock().expect("progress is printed without panics");
        let first = *plain.first.get_or_insert(done);
        if plain.said.elapsed() >= LINE_EVERY {
            plain.said = Instant::now();
            let passed = (done - first.min(done), plain.begun.elapsed());
            output::note(format!("{}  {}", said((done, all), passed, self.unit), plain.what).trim_end());
        }
    }

    /// Says what is being done.
    pub fn say(&self, what: &str) {
        self.bar.set_message(what.to_string());
        if let Some(plain) = &self.plain {
            plain.lock().expect("progress is printed without panics").what = what.into();
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// Returns a line on `done` of `all` units, of which `ran` took `elapsed` since the first was counted.
fn said((done, all): (u64, u64), (ran, elapsed): (u64, Duration), unit: &str) -> String {
    let counted = format!("{done}/{all} {unit}");
    let rate = ran as f64 / elapsed.as_secs_f64();
    if done >= all || !(rate > 0.0 && rate.is_finite()) {
        return counted;
    }
    let digits = if rate < 10.0 { 2 } else { 0 };
    format!("{counted}, {rate:.digits$}/s, {:.0} s left", (all - done) as f64 / rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_only_what_is_known() {
        let s = Duration::from_secs;
        assert_eq!(said((30, 90), (30, s(6)), "trials"), "30/90 trials, 5.00/s, 12 s left");
        assert_eq!(said((600, 800), (500, s(5)), "rounds"), "600/800 rounds, 100/s, 2 s left");
        // The first to be counted tell no rate, and nothing is left after the last.
        assert_eq!(said((32, 64), (0, s(7)), "trials"), "32/64 trials");
        assert_eq!(said((64, 64), (32, s(7)), "trials"), "64/64 trials");
    }
}
