//! Metadata with random damage.

use super::folder::{Folder, RATE_HZ, gapped};
use airloop_baseband::{Purpose, Seeds, Stream};
use airloop_hil::recording::Check;
use airloop_hil::{RecorderConfig, Recording};

/// Words that are likelier than noise to reach what checks numbers and places.
const WORDS: [&str; 14] = [
    "null",
    "-1",
    "0",
    "1e400",
    "9223372036854775807",
    "18446744073709551615",
    "[]",
    "{}",
    "\"\"",
    "true",
    "[[[[",
    "}",
    "\\u0000",
    "0.5",
];

/// Damages bytes in one to four places.
fn damaged(good: &[u8], random: &Stream) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let draw = |i: u64, below: usize| (random.word(i) % below.max(1) as u64) as usize;
    for round in 0..1 + draw(0, 4) as u64 {
        let at = draw(10 * round + 1, bytes.len());
        let length = draw(10 * round + 2, 20).min(bytes.len() - at);
        match draw(10 * round + 3, 6) {
            0 if !bytes.is_empty() => bytes[at] = random.word(10 * round + 4) as u8,
            1 => drop(bytes.drain(at..at + length)),
            2 => bytes.truncate(at),
            3 => {
                let copy = bytes[at..at + length].to_vec();
                let to = draw(10 * round + 5, bytes.len());
                bytes.splice(to..to, copy);
            }
            // A number, wherever the next one stands, becomes a word.
            _ => {
                let word = WORDS[draw(10 * round + 6, WORDS.len())];
                let number = |i: &usize| bytes[*i].is_ascii_digit() && bytes[i - 1] == b' ';
                let Some(from) = (at.max(1)..bytes.len()).find(number) else { continue };
                let digits = bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                bytes.splice(from..from + digits, word.bytes());
            }
        }
    }
    bytes
}

#[test]
fn damage_is_refused_or_harmless_but_never_a_panic() {
    let folder = Folder::new("mutations");
    gapped(&folder, "a", RecorderConfig::new(RATE_HZ, 1), 5000);
    let good = folder.bytes("a.sigmf-meta");
    let seeds = Seeds::new(77);
    let (mut refused, mut words) = (0, std::collections::BTreeSet::new());
    for trial in 0..4000 {
        // A new file each time: some file systems wait for the disk when one is written over.
        std::fs::remove_file(folder.path("a.sigmf-meta")).unwrap();
        folder.write("a.sigmf-meta", damaged(&good, &seeds.stream(Purpose::Payload, trial, 0)));
        match Recording::open_checked(folder.path("a"), Check::Size) {
            Ok(mut recording) => {
                // What was accepted can be read.
                let mut out = vec![Default::default(); 100];
                let indices = recording.indices();
                assert!(recording.read_window(0, indices.start, &mut out).unwrap() <= 100);
                recording.read(0, recording.samples().saturating_sub(100), &mut out).unwrap();
            }
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains("a.sigmf-"), "{text}");
                refused += 1;
                if let Some((_, rest)) = text.split_once("a.sigmf-meta: ") {
                    words.insert(rest.split(' ').next().unwrap().to_string());
                }
            }
        }
    }
    // The damage reaches checks of every kind, and some of it is harmless.
    assert!((2000..3900).contains(&refused), "{refused}");
    assert!(words.len() > 15, "{words:?}");
}
