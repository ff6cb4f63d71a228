//! Bit interleaving (3GPP TS 38.212 clause 5.4.2.2) together with the moves from and to the circular buffer.
//!
//! ```text
//! sent(i + j Q) = selected(i points + j),   i = 0 .. Q-1,   j = 0 .. points-1
//! ```

use std::ops::Range;

/// Calls `piece` with each piece of runs that stays within one bit of the points: place in the word, bit, first point.
#[inline(always)]
fn pieces(
    runs: impl Iterator<Item = Range<usize>>,
    points: usize,
    mut piece: impl FnMut(Range<usize>, usize, usize),
) {
    let (mut bit, mut point) = (0, 0);
    for mut run in runs {
        while !run.is_empty() {
            let length = run.len().min(points - point);
            piece(run.start..run.start + length, bit, point);
            run.start += length;
            point += length;
            if point == points {
                (bit, point) = (bit + 1, 0);
            }
        }
    }
}

/// Writes selected bits of a word in the order in which they are sent.
pub(super) fn spread(word: &[u8], runs: impl Iterator<Item = Range<usize>>, order: usize, sent: &mut [u8]) {
    pieces(runs, sent.len() / order, |place, bit, point| {
        if order == 1 {
            sent[point..point + place.len()].copy_from_slice(&word[place]);
            return;
        }
        let targets = sent[point * order + bit..].iter_mut().step_by(order);
        for (target, source) in targets.zip(&word[place]) {
            *target = *source;
        }
    });
}

/// Adds received values to the places of a word from which their bits were selected.
pub(super) fn gather(
    received: &[f32],
    runs: impl Iterator<Item = Range<usize>>,
    order: usize,
    soft: &mut [f32],
) {
    let add = match order {
        1 => add_every::<1>,
        2 => add_every::<2>,
        4 => add_every::<4>,
        6 => add_every::<6>,
        8 => add_every::<8>,
        _ => add_every::<10>,
    };
    pieces(runs, received.len() / order, |place, bit, point| {
        add(&received[point * order..], bit, &mut soft[place]);
    });
}

/// Adds value `bit` of each group of `ORDER`.
fn add_every<const ORDER: usize>(received: &[f32], bit: usize, soft: &mut [f32]) {
    let (groups, _) = received.as_chunks::<ORDER>();
    for (sum, group) in soft.iter_mut().zip(groups) {
        *sum += group[bit % ORDER];
    }
}
