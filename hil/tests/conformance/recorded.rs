//! Recordings, which only listen.

use super::listens::{Listening, listens};
use super::pair::signal;
use airloop_hil::{Direction, Radio, RecordedRadio, Recorder, RecorderConfig, Recording};
use std::path::Path;

#[test]
fn recorded_radios() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance-recorded");
    _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let heard = signal(7, 10_000);
    let config = RecorderConfig { centre_hz: 2e9, ..RecorderConfig::new(1e6, 1) };
    let mut recorder = Recorder::create(folder.join("tape"), config).unwrap();
    recorder.push(3000, &[&heard]).unwrap();
    recorder.finish().unwrap();
    listens(|| {
        let recording = Recording::open(folder.join("tape")).unwrap();
        let mut radio = RecordedRadio::new("tape", recording).unwrap();
        radio.start(Direction::Receive).unwrap();
        Listening { radio: Box::new(radio), from: 3000, heard: heard.clone(), _with: Box::new(()) }
    });
    std::fs::remove_dir_all(folder).unwrap();
}
