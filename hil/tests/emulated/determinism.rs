//! What is heard depends neither on how streams are cut, nor on who is first.

use super::air::{Parts, attach, signal};
use airloop_baseband::Complex32;
use airloop_channels::StreamedAir;
use airloop_hil::ether::Attachment;
use airloop_hil::{Direction, EtherConfig, LocalAttachment};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

const AIR: Parts = Parts { transmit: 3, receive: 2, fades: true, noise_power: 0.1, seed: 8 };
const TOTAL: usize = 200_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// How a run is cut and in which order its radios come.
#[derive(Clone, Copy)]
struct Cut {
    write: usize,
    read: usize,
    block: usize,
    delays_ms: [u64; 4],
}

/// Sends two bursts, in pieces.
fn speak(mut radio: LocalAttachment<StreamedAir>, number: u64, cut: Cut) -> JoinHandle<()> {
    spawn(move || {
        sleep(Duration::from_millis(cut.delays_ms[number as usize]));
        radio.activate(Direction::Transmit, Some(0)).unwrap();
        for (start, count) in [(1000 * (1 + number), 60_000), (90_000 + 777 * number, 70_001)] {
            let samples = signal(2 * number + start % 2, count);
            let mut sent = 0;
            while sent < count {
                let end = (sent + cut.write).min(count);
                let at = (sent == 0).then_some(start);
                let piece = (at, &samples[sent..end], end == count);
                sent += radio.write(0, piece, PATIENCE).unwrap();
            }
        }
    })
}

/// Hears everything at one port.
fn listen(mut radio: LocalAttachment<StreamedAir>, cut: Cut) -> JoinHandle<Vec<Complex32>> {
    spawn(move || {
        sleep(Duration::from_millis(cut.delays_ms[3]));
        radio.activate(Direction::Receive, Some(0)).unwrap();
        let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); cut.read]);
        while heard.len() < TOTAL {
            let count = cut.read.min(TOTAL - heard.len());
            let read = radio.read(0, &mut out[..count], PATIENCE).unwrap();
            assert_eq!((read.start, read.lost), (heard.len() as u64, 0));
            heard.extend_from_slice(&out[..read.count]);
        }
        heard
    })
}

fn run(air: Parts, cut: Cut) -> Vec<Vec<Complex32>> {
    let config = EtherConfig { radios: 5, block_samples: cut.block, unheard_samples: 30_000, ..air.config() };
    let ether = air.ether(EtherConfig { ahead_samples: 20_000, ..config });
    let speakers = (0..3).map(|port| attach(&ether, &format!("speaker {port}"), (&[port], &[])));
    let speakers: Vec<LocalAttachment<StreamedAir>> = speakers.collect();
    let ears = (0..2).map(|port| listen(attach(&ether, &format!("ear {port}"), (&[], &[port])), cut));
    let ears: Vec<JoinHandle<Vec<Complex32>>> = ears.collect();
    let speakers = speakers.into_iter().enumerate().map(|(number, radio)| speak(radio, number as u64, cut));
    let speakers: Vec<JoinHandle<()>> = speakers.collect();
    speakers.into_iter().for_each(|thread| thread.join().unwrap());
    ears.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn neither_cuts_nor_order_change_a_byte() {
    let first = Cut { write: 1024, read: 4096, block: 1024, delays_ms: [0; 4] };
    let whole = run(AIR, first);
    let others = [
        Cut { write: 333, read: 1, block: 1024, delays_ms: [30, 0, 10, 20] },
        Cut { write: 70_000, read: 10_007, block: 4096, delays_ms: [0, 20, 0, 40] },
        Cut { write: 5000, read: 997, block: 100, delays_ms: [10, 30, 40, 0] },
    ];
    for cut in others {
        assert!(
            run(AIR, cut) == whole,
            "written in {}, read in {}, blocks of {}",
            cut.write,
            cut.read,
            cut.block
        );
    }
    assert!(whole[0] != whole[1]);
    // Control: another seed is another run.
    assert!(run(Parts { seed: 9, ..AIR }, first) != whole);
}

/// Each of two radios says what it has heard from the other, a turnaround later.
fn echoes(cut: usize) -> Vec<Complex32> {
    let air = Parts { transmit: 2, receive: 2, fades: false, noise_power: 1e-3, seed: 3 };
    let ether = air.ether(EtherConfig { radios: 2, ..air.config() });
    let turnaround = 3000u64;
    let run = |number: usize| {
        let mut radio = attach(&ether, &format!("radio {number}"), (&[number], &[number]));
        spawn(move || {
            radio.activate(Direction::Transmit, Some(0)).unwrap();
            radio.activate(Direction::Receive, Some(0)).unwrap();
            let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); cut]);
            while heard.len() < 60_000 {
                let read = radio.read(0, &mut out, PATIENCE).unwrap();
                let answer: Vec<Complex32> =
                    out[..read.count].iter().map(|x| x * 0.3 + Complex32::new(0.1, 0.0)).collect();
                radio.write(0, (Some(read.start + turnaround), &answer, false), PATIENCE).unwrap();
                heard.extend_from_slice(&out[..read.count]);
            }
            heard.truncate(60_000);
            heard
        })
    };
    let threads = [run(0), run(1)];
    threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn radios_that_answer_each_other_are_repeatable() {
    let first = echoes(500);
    assert!(first.iter().any(|x| x.re > 0.1));
    assert!(echoes(500) == first && echoes(64) == first && echoes(2048) == first);
}
