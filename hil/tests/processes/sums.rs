//! Several processes send, one hears the sum.

use super::air::{Parts, UNIT};
use super::children::bursts;
use super::peer::{Path, Player, place};
use airloop_baseband::Complex32;
use airloop_hil::ether::Attachment;
use airloop_hil::{Direction, EtherConfig, EtherServer, RemoteAttachment};
use std::time::Duration;

const TOTAL: usize = 110_000;
const PATIENCE: Duration = Duration::from_secs(30);

/// How a run is cut, and who comes when.
struct Cut {
    write: u64,
    read: usize,
    block: usize,
    order: [u64; 3],
}

fn run(air: Parts, cut: &Cut) -> Vec<Complex32> {
    let air = Parts { transmit: 3, receive: 1, ..air };
    let config = EtherConfig { radios: 4, block_samples: cut.block, unheard_samples: 30_000, ..air.config() };
    let ether = air.ether(EtherConfig { ahead_samples: 20_000, ..config });
    let path = Path::new();
    let _server = EtherServer::bind(&path, ether).unwrap();
    let start = |port: &u64| Player::start("bursts", &path, &[*port, cut.write]);
    let mut players: Vec<Player> = cut.order.iter().map(start).collect();
    let mut ear = RemoteAttachment::connect(&path, place("ear", &[], &[0])).unwrap();
    ear.activate(Direction::Receive, Some(0)).unwrap();
    let (mut heard, mut out) = (Vec::new(), vec![Complex32::default(); cut.read]);
    while heard.len() < TOTAL {
        let count = cut.read.min(TOTAL - heard.len());
        let read = ear.read(0, &mut out[..count], PATIENCE).unwrap();
        assert_eq!((read.start, read.lost, read.count > 0), (heard.len() as u64, 0, true));
        heard.extend_from_slice(&out[..read.count]);
    }
    players.iter_mut().for_each(Player::end);
    heard
}

const FIRST: Cut = Cut { write: 1024, read: 4096, block: 1024, order: [0, 1, 2] };

#[test]
fn a_process_hears_the_exact_sum_of_what_others_send() {
    let mut sum = vec![Complex32::default(); TOTAL];
    for (start, samples) in (0..3).flat_map(bursts) {
        sum[start as usize..][..samples.len()].iter_mut().zip(samples).for_each(|(sum, x)| *sum += x);
    }
    assert!(run(UNIT, &FIRST) == sum);
}

#[test]
fn neither_cuts_nor_the_order_of_processes_change_a_byte() {
    let air = Parts { fades: true, noise_power: 0.1, seed: 8, ..UNIT };
    let whole = run(air, &FIRST);
    let other = Cut { write: 70_000, read: 997, block: 300, order: [2, 0, 1] };
    assert!(run(air, &other) == whole);
    // Control: another seed is another run.
    assert!(run(Parts { seed: 9, ..air }, &FIRST) != whole);
}
