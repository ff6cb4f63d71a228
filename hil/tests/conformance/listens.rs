//! What every radio that receives keeps to.

use super::pair::{Pair, signal};
use crate::refused;
use airloop_baseband::{Complex32, SampleIndex, Window};
use airloop_hil::{Direction, Radio, RadioError, Tuning};

/// A radio that was not started, what it will hear, the first sample at an index, and nothing else before the end.
pub struct Listening {
    pub radio: Box<dyn Radio>,
    pub from: SampleIndex,
    pub heard: Vec<Complex32>,
    /// Whatever must live as long.
    pub _with: Box<dyn std::any::Any>,
}

/// Makes a listener of a pair that is started and was sent something.
pub fn of_pair(mut pair: Pair) -> Listening {
    let from = pair.start();
    let mut heard = vec![Complex32::default(); 10_000];
    for (at, count) in [(0, 5), (17, 1), (1024, 1000), (2047, 1), (5000, 3000), (9999, 1)] {
        let sent = signal(at as u64, count);
        pair.send(from + at as u64, &sent).unwrap();
        heard[at..at + count].copy_from_slice(&sent);
    }
    pair.sender.silent_until(from + 20_000).unwrap();
    Listening { radio: pair.listener, from, heard, _with: Box::new((pair.sender, pair._air)) }
}

fn window(start: u64, length_samples: usize) -> Window {
    Window { start, length_samples }
}

/// All that holds for a listener that is started.
pub fn listens(make: impl Fn() -> Listening) {
    windows_of_any_length_hold_the_same(&make);
    windows_come_in_order_with_pauses(&make);
    what_is_not_there_is_refused(&make);
    a_tuning_out_of_range_names_the_range(&make);
}

fn windows_of_any_length_hold_the_same(make: &impl Fn() -> Listening) {
    for length in [1, 997, 4096, 10_000] {
        let Listening { mut radio, from, heard, _with } = make();
        // One by one only where that is quick enough.
        let total = if length == 1 { 200 } else { heard.len() };
        for at in (0..total).step_by(length) {
            let length = length.min(total - at);
            let capture = radio.receive(0, window(from + at as u64, length)).unwrap();
            assert_eq!(capture.start, from + at as u64);
            assert!(capture.samples == heard[at..at + length], "{at}, {length}");
            assert!(!capture.overflow && capture.clipped_share == 0.0);
        }
        assert!(radio.status().is_clean(), "{:?}", radio.status());
    }
}

fn windows_come_in_order_with_pauses(make: &impl Fn() -> Listening) {
    let Listening { mut radio, from, heard, _with } = make();
    for (at, length) in [(0, 100), (100, 1), (1100, 0), (1500, 4000), (9000, 1000)] {
        let capture = radio.receive(0, window(from + at as u64, length)).unwrap();
        assert!(capture.samples == heard[at..at + length] && !capture.overflow, "{at}");
    }
    refused!(radio.receive(0, window(from + 9999, 1)), RadioError::WindowGap { .. });
    refused!(radio.receive(0, window(from, 1)), RadioError::WindowGap { .. });
    assert!(radio.status().is_clean());
}

fn what_is_not_there_is_refused(make: &impl Fn() -> Listening) {
    let Listening { mut radio, from, _with, .. } = make();
    refused!(radio.start(Direction::Receive), RadioError::Active { direction: Direction::Receive, .. });
    let channels = radio.capabilities().receive_channels;
    refused!(
        radio.receive(channels, window(from, 1)),
        RadioError::NoSuchChannel { direction: Direction::Receive, .. }
    );
    let transmit = radio.capabilities().transmit_channels;
    let burst = airloop_baseband::Burst { start: from, samples: signal(0, 3) };
    refused!(
        radio.transmit(transmit, &burst),
        RadioError::NoSuchChannel { direction: Direction::Transmit, .. }
    );
    // What was refused has changed nothing.
    radio.receive(0, window(from, 10)).unwrap();
}

fn a_tuning_out_of_range_names_the_range(make: &impl Fn() -> Listening) {
    let Listening { mut radio, _with, .. } = make();
    let abilities = radio.capabilities().clone();
    let right = Tuning {
        centre_hz: abilities.centres_hz[0].least,
        sample_rate_hz: abilities.sample_rates_hz[0].least,
        gain_db: abilities.receive_gain_db.least,
    };
    let most = |spans: &[airloop_hil::Span]| spans.iter().fold(0.0f64, |most, span| most.max(span.most));
    for (wrong, word, range) in [
        (
            Tuning { centre_hz: most(&abilities.centres_hz) * 2.0 + 1.0, ..right },
            "centre_hz",
            right.centre_hz,
        ),
        (
            Tuning { sample_rate_hz: most(&abilities.sample_rates_hz) * 2.0, ..right },
            "sample_rate_hz",
            right.sample_rate_hz,
        ),
        (Tuning { gain_db: abilities.receive_gain_db.most + 1.0, ..right }, "gain_db", right.gain_db),
        (Tuning { gain_db: f64::NAN, ..right }, "gain_db = NaN", right.gain_db),
    ] {
        let said = radio.tune(Direction::Receive, 0, &wrong).unwrap_err().to_string();
        let names = said.contains(word) && said.contains(&range.to_string());
        assert!(names && said.contains(&abilities.name), "{said}");
    }
    let channels = abilities.receive_channels;
    refused!(radio.tune(Direction::Receive, channels, &right), RadioError::NoSuchChannel { .. });
}
