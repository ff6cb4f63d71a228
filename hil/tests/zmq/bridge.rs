//! Samples pass from node to node, as late as is said.

use super::air::{Way, air, everyone, signal, start, taps};
use super::peer::{Node, framed};
use airloop_baseband::{Burst, Complex32, Transport, Window};
use airloop_channels::TimeGrid;
use std::io::Write;
use std::thread;

/// Lets every node exchange a signal of its own, in pieces of its own; returns what each heard.
fn exchange(nodes: Vec<Node>, count: usize, pieces: &[usize], late: bool) -> Vec<Vec<Complex32>> {
    let threads: Vec<_> = nodes
        .into_iter()
        .enumerate()
        .map(|(i, mut node)| {
            let (samples, piece) = (signal(i as u64, count), pieces[i]);
            thread::spawn(move || {
                let heard = match late {
                    true => node.exchange_late(&samples, piece),
                    false => node.exchange(&samples, piece),
                };
                (node, heard)
            })
        })
        .collect();
    // Nodes stay until all are done.
    let done: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    done.into_iter().map(|(_, heard)| heard).collect()
}

/// Returns samples as they are heard so much later.
fn later(samples: &[Complex32], delay: usize) -> Vec<Complex32> {
    let mut heard = vec![Complex32::default(); delay];
    heard.extend_from_slice(samples);
    heard.truncate(samples.len());
    heard
}

#[test]
fn samples_pass_unit_links_as_they_are_whatever_they_are_cut_into() {
    let count = 200_000;
    for (pieces, most_samples) in [([1000, 730], 333), ([11_520, 23_040], 1 << 16), ([1, 1], 1 << 16)] {
        let count = if pieces[0] == 1 { 2000 } else { count };
        let (broker, nodes) = start(&everyone(2), 2, |config| config.most_samples = most_samples);
        assert_eq!(broker.delay_samples(), 0);
        let heard = exchange(nodes, count, &pieces, false);
        assert!(heard[0] == signal(1, count) && heard[1] == signal(0, count), "{pieces:?}");
        let report = broker.stop();
        assert!(report.nodes.iter().all(|node| node.delivered_samples == count as u64), "{report:?}");
        assert!(report.is_clean(), "{report:?}");
    }
}

#[test]
fn nodes_that_receive_first_need_a_turnaround() {
    let (broker, nodes) = start(&everyone(2), 2, |config| config.turnaround_samples = 500);
    assert_eq!(broker.delay_samples(), 500);
    let heard = exchange(nodes, 100_000, &[500, 300], true);
    for (i, heard) in heard.into_iter().enumerate() {
        assert!(heard == later(&signal(1 - i as u64, 100_000), 500), "{i}");
    }
    assert!(broker.stop().is_clean());
}

#[test]
fn without_a_turnaround_they_begin_after_the_time_outs() {
    let (broker, nodes) = start(&everyone(2), 2, |config| {
        (config.timeout_s, config.start_timeout_s) = (0.5, 0.5);
    });
    exchange(nodes, 20_000, &[1000, 1000], true);
    let report = broker.stop();
    assert!(report.nodes.iter().all(|node| node.timeouts > 0 && node.substituted_samples > 0), "{report:?}");
    assert!(report.nodes.iter().all(|node| node.delivered_samples == 20_000), "{report:?}");
}

#[test]
fn a_link_delays_and_scales() {
    let way = |ends, delay_samples, fades| Way { ends, delay_samples, fades };
    let ways = [way((0, 1), 13.0, true), way((1, 0), 40.0, false)];
    let mut gain = [Complex32::default()];
    taps(0, &ways[0]).gains(TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 }, &mut gain);
    assert!((gain[0] - Complex32::new(1.0, 0.0)).norm() > 0.1, "a gain that is seen: {}", gain[0]);
    let (broker, nodes) = start(&ways, 2, |config| config.turnaround_samples = 7);
    let heard = exchange(nodes, 50_000, &[640, 1920], false);
    assert!(heard[0] == later(&signal(1, 50_000), 47));
    for (heard, sent) in heard[1].iter().zip(later(&signal(0, 50_000), 20)) {
        assert!((heard - gain[0] * sent).norm() <= 1e-6 * (1.0 + sent.norm()));
    }
    assert!(broker.stop().is_clean());
}

#[test]
fn air_that_answers_ahead_delays_by_its_lead() {
    let ways: Vec<Way> =
        everyone(2).into_iter().map(|way| Way { delay_samples: 3.4, fades: true, ..way }).collect();
    let mut whole = air(2, &ways);
    let lead = whole.precursor_samples();
    assert!(lead > 0);
    let (broker, nodes) = start(&ways, 2, |_| {});
    assert_eq!(broker.delay_samples(), lead);
    let heard = exchange(nodes, 50_000, &[1000, 777], false);
    // The air's own sums, without an ether.
    for port in 0..2 {
        whole.transmit(port, &Burst { start: 0, samples: signal(port as u64, 50_000) }).unwrap();
    }
    for (port, heard) in heard.iter().enumerate() {
        let truth = whole.receive(port, Window { start: 0, length_samples: 50_000 }).unwrap();
        assert!(*heard == later(&truth.samples, lead), "{port}");
    }
    assert!(broker.stop().is_clean());
}

#[test]
fn three_nodes_hear_the_sum_of_the_others() {
    let count = 100_000;
    let (broker, nodes) = start(&everyone(3), 3, |_| {});
    let heard = exchange(nodes, count, &[1000, 1300, 700], false);
    for (i, heard) in heard.iter().enumerate() {
        let others: Vec<Vec<Complex32>> =
            (0..3).filter(|j| *j != i).map(|j| signal(j as u64, count)).collect();
        let sum = others[0].iter().zip(&others[1]).map(|(a, b)| a + b);
        assert!(sum.eq(heard.iter().copied()), "{i}");
    }
    assert!(broker.stop().is_clean());
}

#[test]
fn messages_of_several_frames_are_one_and_heartbeats_are_answered() {
    let (broker, mut nodes) = start(&everyone(2), 2, |_| {});
    let samples = signal(0, 300);
    let whole = super::peer::bytes(&samples);
    // Frames that end within a sample, an empty one, a long one.
    let cuts: Vec<Vec<u8>> =
        [&whole[..3], &whole[3..3], &whole[3..1000], &whole[1000..]].iter().map(|cut| cut.to_vec()).collect();
    nodes[0].transmitter.answer(&cuts);
    nodes[1].transmitter.send(&signal(1, 300));
    let stream = nodes[1].receiver.stream();
    // A PING with a time to live of 10 s and a context, then one without.
    stream.write_all(&framed(4, b"\x04PING\x00\x64beat")).unwrap();
    stream.write_all(&framed(4, b"\x04PING\x00\x00")).unwrap();
    assert_eq!(super::peer::frame(stream), (4, b"\x04PONGbeat".to_vec()));
    assert_eq!(super::peer::frame(stream), (4, b"\x04PONG".to_vec()));
    assert!(nodes[1].receiver.fetch(300) == samples);
    assert!(nodes[0].receiver.fetch(300) == signal(1, 300));
    // Also while a question is open.
    let stream = nodes[1].receiver.stream();
    stream.write_all(&[1, 0, 0, 1, 0xFF]).unwrap();
    stream.write_all(&framed(4, b"\x04PING\x00\x00open")).unwrap();
    assert_eq!(super::peer::frame(stream), (4, b"\x04PONGopen".to_vec()));
    nodes.iter_mut().for_each(|node| node.transmitter.send(&samples));
    assert_eq!(super::peer::frame(nodes[1].receiver.stream()), (1, vec![]));
    assert_eq!(super::peer::frame(nodes[1].receiver.stream()), (2, whole));
    assert!(broker.stop().is_clean());
}
