//! A recording as a radio.

use super::folder::{Folder, RATE_HZ, gapped, push, signals};
use airloop_baseband::{Burst, Complex32, Transport, Window};
use airloop_hil::{
    Direction, Radio, RadioAir, RadioAirConfig, RadioError, RecordedRadio, Recorder, RecorderConfig,
    Recording, Seat, Tuning,
};

fn says<T>(result: Result<T, RadioError>, words: &[&str]) {
    let message = result.err().expect("it is refused").to_string();
    words.iter().for_each(|word| assert!(message.contains(word), "{message:?} does not say {word:?}"));
}

fn radio(folder: &Folder) -> RecordedRadio {
    RecordedRadio::new("tape", Recording::open(folder.path("a")).unwrap()).unwrap()
}

fn window(start: u64, length_samples: usize) -> Window {
    Window { start, length_samples }
}

#[test]
fn samples_come_at_their_indices_and_gaps_are_silent_and_flagged() {
    let folder = Folder::new("replayed");
    gapped(&folder, "a", RecorderConfig::new(RATE_HZ, 2), 5000);
    let sent = signals(2, 5000, 0.1);
    let mut truth = vec![vec![Complex32::default(); 5800]; 2];
    for (truth, sent) in truth.iter_mut().zip(&sent) {
        truth[100..3100].copy_from_slice(&sent[..3000]);
        truth[3800..].copy_from_slice(&sent[3000..]);
    }
    for piece in [1, 17, 700, 5800] {
        let mut tape = radio(&folder);
        tape.start(Direction::Receive).unwrap();
        let mut at = 0;
        while at < 5800 {
            let length = piece.min(5800 - at);
            for (channel, truth) in truth.iter().enumerate() {
                let capture = tape.receive(channel, window(at as u64, length)).unwrap();
                assert!(capture.start == at as u64 && capture.samples == truth[at..at + length], "{at}");
                // Not recorded, or marked as lost in what was heard.
                let lost = (at..at + length)
                    .any(|i| i < 100 || (3100..3800).contains(&i) || (200..250).contains(&i));
                assert_eq!(capture.overflow, lost, "{at}");
            }
            at += length;
        }
        assert_eq!(tape.status().lost_samples, 2 * 800);
        assert!(tape.status().overflows > 0 && tape.now().unwrap() == 5800);
    }
}

#[test]
fn a_tape_hears_only_what_it_holds_and_does_not_speak() {
    let folder = Folder::new("tape");
    gapped(&folder, "a", RecorderConfig { centre_hz: 2e9, ..RecorderConfig::new(RATE_HZ, 2) }, 5000);
    let mut tape = radio(&folder);
    says(tape.receive(0, window(100, 5)), &["radio tape: its receive stream is not active"]);
    tape.start(Direction::Receive).unwrap();
    says(tape.start(Direction::Receive), &["receive stream is active already"]);
    says(tape.transmit(0, &Burst::default()), &["radio tape has 0 transmit channels"]);
    says(tape.receive(2, window(100, 5)), &["has 2 receive channels", "no channel 2"]);
    tape.receive(0, window(200, 100)).unwrap();
    says(tape.receive(0, window(299, 1)), &["sample 299 does not begin at sample 300"]);
    tape.receive(1, window(100, 1)).unwrap();
    says(tape.receive(0, window(5000, 801)), &["801 samples at 5000 ends past sample 5800"]);
    says(tape.receive(0, window(u64::MAX, 1)), &["ends past sample 5800"]);
    tape.receive(0, window(5000, 800)).unwrap();
    let right = Tuning { centre_hz: 2e9, sample_rate_hz: RATE_HZ, gain_db: 0.0 };
    assert_eq!(tape.tune(Direction::Receive, 0, &right).unwrap(), right);
    says(tape.tune(Direction::Receive, 0, &Tuning { sample_rate_hz: 2e6, ..right }), &["1000000"]);
    says(tape.tune(Direction::Receive, 0, &Tuning { centre_hz: 1e9, ..right }), &["2000000000"]);
    let capabilities = tape.capabilities();
    assert!(capabilities.timestamps && capabilities.hardware.contains("airloop emulated air"));
}

#[test]
fn tapes_are_a_transport() {
    let folder = Folder::new("tapes");
    let sent = signals(1, 4000, 1.0);
    let mut recorder = Recorder::create(folder.path("a"), RecorderConfig::new(RATE_HZ, 1)).unwrap();
    push(&mut recorder, 0, &sent, 4000);
    recorder.mark_clipped(1000, 1000, 250).unwrap();
    recorder.finish().unwrap();
    let seat = |radio| Some(Seat { radio, channel: 0 });
    let config =
        RadioAirConfig { sample_rate_hz: RATE_HZ, receive: vec![seat(0), seat(1)], ..Default::default() };
    let mut air = RadioAir::new(config, vec![Box::new(radio(&folder)), Box::new(radio(&folder))]).unwrap();
    air.skip(1, 500).unwrap();
    for (port, start) in [(0, 0), (1, 500)] {
        let capture = air.receive(port, window(start as u64, 2000)).unwrap();
        assert!(capture.samples == sent[0][start..start + 2000] && !capture.overflow);
        assert_eq!(capture.clipped_share, 0.125);
    }
    assert!(air.status().is_clean());
}
