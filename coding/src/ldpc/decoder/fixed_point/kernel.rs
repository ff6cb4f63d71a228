//! The loops over a block, compiled for each class of processor.

use super::plan::{Check, Edge, Plan, Row};
use super::row::{RowMemory, row};
use super::{Block, LANES, Memory};
use multiversion::multiversion;

/// Quarters of an LLR from which a bit is certain.
const CERTAIN: f32 = 127.0;

/// Converts a column to quarters of an LLR, to the nearest, and repeats it to the end.
///
/// Adding 1.5 2^23 rounds to a whole number and leaves it in the low bits.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn convert(llrs: &[f32], column: &mut [i8]) {
    for (value, llr) in column.iter_mut().zip(llrs) {
        // Not a number passes neither comparison.
        let quarters = llr * 4.0;
        let above = if quarters > -CERTAIN { quarters } else { -CERTAIN };
        let inside = if above < CERTAIN { above } else { CERTAIN };
        let known = if llr.is_nan() { 0.0 } else { inside };
        *value = (known + 12_582_912.0).to_bits() as i8;
    }
    let mut filled = llrs.len();
    while filled < column.len() {
        let more = filled.min(column.len() - filled);
        column.copy_within(..more, filled);
        filled += more;
    }
}

/// Writes the hard decisions of posteriors.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn bits_of(posteriors: &[i8], bits: &mut [u8]) {
    for (bit, posterior) in bits.iter_mut().zip(posteriors) {
        *bit = posterior.cast_unsigned() >> 7;
    }
}

/// Passes messages over all rows in use, one after the other.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn iterate(plan: &Plan, edges: &[Edge], memory: &mut Memory) {
    for (index, planned) in plan.rows.iter().enumerate() {
        let Row { first, degree, own } = *planned;
        let edges = &edges[first..first + degree];
        let memory = RowMemory {
            z: plan.z,
            posteriors: &mut memory.posteriors,
            answers: &mut memory.answers[first * plan.blocks..][..degree * plan.blocks],
            own_llrs: &memory.own_llrs[index * plan.blocks..][..plan.blocks],
            own_posteriors: &mut memory.own_posteriors[index * plan.blocks..][..plan.blocks],
        };
        match (degree, own.is_some()) {
            (19, false) => row::<19, false>(edges, memory),
            (10, false) => row::<10, false>(edges, memory),
            (8, false) => row::<8, false>(edges, memory),
            (9, true) => row::<9, true>(edges, memory),
            (8, true) => row::<8, true>(edges, memory),
            (7, true) => row::<7, true>(edges, memory),
            (6, true) => row::<6, true>(edges, memory),
            (5, true) => row::<5, true>(edges, memory),
            (4, true) => row::<4, true>(edges, memory),
            (3, true) => row::<3, true>(edges, memory),
            (2, true) => row::<2, true>(edges, memory),
            _ => unreachable!("no row of a base graph shares {degree} columns"),
        }
    }
}

/// Returns whether the signs of the posteriors fulfil every row in use.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn parities_hold(plan: &Plan, checks: &[Check], memory: &Memory) -> bool {
    plan.rows.iter().enumerate().all(|(index, planned)| {
        let checks = &checks[planned.first..planned.first + planned.degree];
        (0..plan.blocks).all(|block| {
            let mut parity: Block = match planned.own {
                Some(_) => memory.own_posteriors[index * plan.blocks + block],
                None => [0; LANES],
            };
            for check in checks {
                let start = check.start + block * LANES;
                let start = if start < plan.z { start } else { start - plan.z };
                let posteriors = &memory.posteriors[check.read + start..][..LANES];
                for (parity, posterior) in parity.iter_mut().zip(posteriors) {
                    *parity ^= posterior;
                }
            }
            parity.iter().fold(0, |any, parity| any | parity) >= 0
        })
    })
}
