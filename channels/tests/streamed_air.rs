//! The air for streams: the same as the air for rounds, however it is cut.

mod air_support;
mod support;

use air_support::{NOISE_POWER, RATE_HZ, air, bursts, streamed_air};
use airloop_baseband::{Burst, Complex32, Transport, Window};
use airloop_channels::ChannelError;

const TOTAL: u64 = 131_072;

/// Bursts in order of their start and port: those of a port that overlap are one.
fn streams() -> Vec<(usize, Burst)> {
    let mut joined: Vec<(usize, Burst)> = Vec::new();
    for (port, burst) in bursts() {
        assert!(joined.iter().all(|(other, before)| *other != port || before.end() <= burst.start));
        joined.push((port, burst));
    }
    joined
}

/// Returns what both ports hear with bursts cut into pieces and windows of other lengths, each piece handed over as late as may be.
fn run(
    mut air: impl Transport<Error = ChannelError>,
    ahead: u64,
    (piece, window): (usize, usize),
) -> [Vec<Complex32>; 2] {
    let cut = |(port, burst): (usize, Burst)| {
        let start = burst.start;
        let pieces: Vec<(usize, Burst)> = burst
            .samples
            .chunks(piece)
            .enumerate()
            .map(|(i, samples)| {
                (port, Burst { start: start + (i * piece) as u64, samples: samples.to_vec() })
            })
            .collect();
        pieces
    };
    let mut pieces: Vec<(usize, Burst)> = streams().into_iter().flat_map(cut).collect();
    pieces.sort_by_key(|(port, piece)| (piece.start, *port));
    let mut pieces = pieces.into_iter().peekable();
    let (mut heard, mut start) = ([Vec::new(), Vec::new()], 0);
    while start < TOTAL {
        let window = Window { start, length_samples: window.min((TOTAL - start) as usize) };
        while let Some((port, piece)) = pieces.next_if(|(_, piece)| piece.start < window.end() + ahead) {
            air.transmit(port, &piece).unwrap();
        }
        for (port, heard) in heard.iter_mut().enumerate() {
            heard.extend(air.receive(port, window).unwrap().samples);
        }
        start = window.end();
    }
    heard
}

fn largest_difference(a: &[Complex32], b: &[Complex32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max)
}

#[test]
fn streams_are_heard_alike_however_they_are_cut() {
    let ahead = streamed_air(2).precursor_samples() as u64;
    assert!(ahead > 0);
    let whole = run(streamed_air(2), ahead, (usize::MAX, TOTAL as usize));
    for cut in [(1, 4096), (997, 997), (4096, 1), (70_000, 333), (10, 65_536)] {
        assert!(run(streamed_air(2), ahead, cut) == whole, "pieces and windows of {cut:?}");
    }
    // Control: the air that adds bursts up as they come rounds otherwise where they are cut.
    assert!(run(air(2), ahead, (997, 997)) != run(air(2), ahead, (usize::MAX, 997)));
}

#[test]
fn both_airs_are_one() {
    let ahead = streamed_air(2).precursor_samples() as u64;
    let (streamed, emulated) =
        (run(streamed_air(2), ahead, (997, 333)), run(air(2), ahead, (usize::MAX, 997)));
    // Three links of unit power and noise: sums of at most 30 terms in single precision.
    let bound = 30.0 * f32::EPSILON * 10.0;
    for (streamed, emulated) in streamed.iter().zip(&emulated) {
        let difference = largest_difference(streamed, emulated);
        assert!(difference < bound, "{difference}");
        // Control: a sample later is another signal.
        assert!(largest_difference(&streamed[1..], emulated) > 1.0);
    }
    // Where one burst is on the air, both do the very same sums.
    let alone = 10_000..60_000;
    assert!(streamed[1][alone.clone()] == emulated[1][alone]);
}

#[test]
fn noise_is_measured() {
    let mut air = streamed_air(2);
    air.skip(1, 500).unwrap();
    air.receive(1, Window { start: 500, length_samples: 100_000 }).unwrap();
    let (energy, count) = air.noise_added(1).unwrap();
    assert_eq!((count, air.noise_added(0).unwrap().1), (100_000, 0));
    assert!((energy / count as f64 / NOISE_POWER - 1.0).abs() < 0.02, "{energy}");
    assert_eq!(air.sample_rate_hz(), RATE_HZ);
}

#[test]
fn what_cannot_be_heard_in_order_is_refused() {
    let mut air = streamed_air(2);
    let ahead = air.precursor_samples() as u64;
    let burst = |start| Burst { start, samples: vec![Complex32::new(1.0, 0.0); 10] };
    let window = |start, length_samples| Window { start, length_samples };
    assert!(matches!(air.transmit(3, &burst(500)), Err(ChannelError::NoSuchPort { port: 3, .. })));
    assert!(matches!(air.receive(2, window(0, 10)), Err(ChannelError::NoSuchPort { port: 2, .. })));
    assert!(matches!(air.receive(0, window(1, 10)), Err(ChannelError::WindowGap { start: 1, .. })));
    air.receive(0, window(0, 200)).unwrap();
    let late = air.transmit(1, &burst(200 + ahead - 1));
    assert!(
        matches!(late, Err(ChannelError::LateBurst { received: 200, missing_samples: 1, .. })),
        "{late:?}"
    );
    air.transmit(1, &burst(200 + ahead)).unwrap();
    let overlap = air.transmit(1, &burst(209 + ahead));
    assert!(matches!(overlap, Err(ChannelError::OverlappingBurst { port: 1, .. })), "{overlap:?}");
    air.transmit(1, &burst(210 + ahead)).unwrap();
}
