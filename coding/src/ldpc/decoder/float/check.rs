//! The answers of a row of checks, `Z` at a time.

use super::rules::{Boxplus, Combine, Minimum};
use crate::ldpc::decoder::config::CheckRule;
use multiversion::multiversion;

/// What a row of checks works on.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    /// What the bits of the checks say: `[circulant, Z]`.
    pub(super) asked: Vec<f32>,
    /// The rule over all circulants up to one: `[circulant, Z]`.
    before: Vec<f32>,
    /// The rule over all circulants behind one: `[Z]`.
    behind: Vec<f32>,
}

impl Scratch {
    pub(super) fn new(degree: usize, z: usize) -> Self {
        Self { asked: vec![0.0; degree * z], before: vec![0.0; degree * z], behind: vec![0.0; z] }
    }
}

/// Answers every bit of a row of checks: `answers` are `[circulant, Z]`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn answer(rule: CheckRule, z: usize, scratch: &mut Scratch, answers: &mut [f32]) {
    match rule {
        CheckRule::NormalisedMinSum { factor } => {
            others(&Minimum, z, scratch, answers);
            answers.iter_mut().for_each(|answer| *answer *= factor);
        }
        CheckRule::OffsetMinSum { offset } => {
            others(&Minimum, z, scratch, answers);
            for answer in answers {
                *answer = (answer.abs() - offset).max(0.0).copysign(*answer);
            }
        }
        CheckRule::MinSum => others(&Minimum, z, scratch, answers),
        CheckRule::Boxplus | CheckRule::FixedPoint => others(&Boxplus, z, scratch, answers),
    }
}

/// Combines for each circulant all others: those before it with those behind it.
#[inline(always)]
fn others(rule: &impl Combine, z: usize, scratch: &mut Scratch, answers: &mut [f32]) {
    let Scratch { asked, before, behind } = scratch;
    let degree = answers.len() / z;
    before[..z].copy_from_slice(&asked[..z]);
    for circulant in 1..degree {
        let (done, next) = before.split_at_mut(circulant * z);
        let (last, asked) = (&done[(circulant - 1) * z..], &asked[circulant * z..][..z]);
        combine(rule, last, asked, next);
    }
    behind.copy_from_slice(&asked[(degree - 1) * z..][..z]);
    answers[(degree - 1) * z..].copy_from_slice(&before[(degree - 2) * z..][..z]);
    for circulant in (1..degree - 1).rev() {
        combine(rule, &before[(circulant - 1) * z..], behind, &mut answers[circulant * z..][..z]);
        for (behind, asked) in behind.iter_mut().zip(&asked[circulant * z..][..z]) {
            *behind = rule.combine(*behind, *asked);
        }
    }
    answers[..z].copy_from_slice(behind);
}

#[inline(always)]
fn combine(rule: &impl Combine, a: &[f32], b: &[f32], out: &mut [f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = rule.combine(*a, *b);
    }
}
