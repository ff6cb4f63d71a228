//! Folders and recordings that the tests share.

use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_hil::recording::Finished;
use airloop_hil::{Recorder, RecorderConfig, RecordingError};
use std::path::{Path, PathBuf};

/// Sample rate, in hertz.
pub const RATE_HZ: f64 = 1e6;

/// A folder of one test, empty at first and gone at the end.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder of a test.
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("recordings-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns the path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Returns a file's bytes.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Returns a file's text.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Returns the names of all files, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Returns Gaussian samples of a power, one list a channel.
pub fn signals(channels: usize, count: usize, power: f32) -> Vec<Vec<Complex32>> {
    let signal = |channel| {
        let mut samples = vec![Complex32::default(); count];
        Seeds::new(5).stream(Purpose::Payload, 0, channel as u64).fill_complex_gaussian(
            0,
            power,
            &mut samples,
        );
        samples
    };
    (0..channels).map(signal).collect()
}

/// Records samples from an index on, in pieces.
pub fn push(recorder: &mut Recorder, start: u64, signals: &[Vec<Complex32>], piece: usize) {
    let mut at = 0;
    while at < signals[0].len() {
        let end = (at + piece).min(signals[0].len());
        let slices: Vec<&[Complex32]> = signals.iter().map(|samples| &samples[at..end]).collect();
        recorder.push(start + at as u64, &slices).unwrap();
        at = end;
    }
}

/// Writes a recording with a gap: 3000 samples from index 100 on, 500 lost and 200 left out, 2000 more; something is said of some.
pub fn gapped(folder: &Folder, name: &str, config: RecorderConfig, piece: usize) -> Finished {
    let signals = signals(config.channels, 5000, 0.1);
    let part = |range: std::ops::Range<usize>| -> Vec<Vec<Complex32>> {
        signals.iter().map(|samples| samples[range.clone()].to_vec()).collect()
    };
    let mut recorder = Recorder::create(folder.path(name), config).unwrap();
    push(&mut recorder, 100, &part(0..3000), piece);
    recorder.lose(3100, 500).unwrap();
    push(&mut recorder, 3800, &part(3000..5000), piece);
    recorder.annotate(4000, 10, "burst").unwrap();
    recorder.mark_overflow(200, 50).unwrap();
    recorder.finish().unwrap()
}

/// Checks that something is refused with certain words.
pub fn says<T>(result: Result<T, RecordingError>, words: &[&str]) {
    let message = result.err().expect("it is refused").to_string();
    words.iter().for_each(|word| assert!(message.contains(word), "{message:?} does not say {word:?}"));
}
