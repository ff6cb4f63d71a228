//! What other processes do: the test binary runs itself with a role.

use super::air::{Parts, UNIT, signal};
use super::peer::{ROLE, place};
use airloop_baseband::Complex32;
use airloop_hil::ether::Attachment;
use airloop_hil::{Direction, EtherServer, RemoteAttachment};
use std::io::Write;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// Not a test but every other process; without a role it has nothing to do.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let path = std::env::var("AIRLOOP_TEST_PATH").unwrap();
    let words = std::env::var("AIRLOOP_TEST_WORDS").unwrap();
    let words: Vec<u64> = words.split_whitespace().map(|word| word.parse().unwrap()).collect();
    match role.as_str() {
        "serve" => serve(&path),
        role => speak(role, &path, &words),
    }
}

fn ready() {
    println!("ready");
    std::io::stdout().flush().unwrap();
}

fn serve(path: &str) {
    let air = Parts { transmit: 2, ..UNIT };
    let _server = EtherServer::bind(path, air.ether(air.config())).unwrap();
    ready();
    std::thread::sleep(PATIENCE);
}

/// The two bursts of a radio: where they begin, and their samples.
pub fn bursts(port: u64) -> [(u64, Vec<Complex32>); 2] {
    // Whole numbers, which add up exactly in any order.
    let whole = |x: &Complex32| Complex32::new((x.re * 100.0).round(), (x.im * 100.0).round());
    let samples = |number, count| signal(number, count).iter().map(whole).collect();
    [(1000 * (1 + port), samples(2 * port, 30_000)), (60_000 + 777 * port, samples(2 * port + 1, 40_001))]
}

fn speak(role: &str, path: &str, words: &[u64]) {
    let port = words[0];
    let name = format!("speaker {port}");
    let mut radio = RemoteAttachment::connect(path, place(&name, &[port as usize], &[])).unwrap();
    radio.activate(Direction::Transmit, Some(0)).unwrap();
    match role {
        "bursts" => {
            for (start, samples) in bursts(port) {
                let (mut sent, cut) = (0, words[1] as usize);
                while sent < samples.len() {
                    let end = (sent + cut).min(samples.len());
                    let at = (sent == 0).then_some(start);
                    let piece = (at, &samples[sent..end], end == samples.len());
                    sent += radio.write(0, piece, PATIENCE).unwrap();
                }
            }
        }
        // In the middle of a burst.
        "holds" => {
            radio.write(0, (Some(0), &signal(port, 10_000), false), PATIENCE).unwrap();
            ready();
            std::thread::sleep(PATIENCE);
        }
        // In a write that waits for room.
        "floods" => {
            ready();
            while radio.write(0, (None, &signal(port, 100_000), false), PATIENCE).is_ok() {}
        }
        role => panic!("{role} is no role"),
    }
}
