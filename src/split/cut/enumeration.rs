//! Every choice, one after another: what the fast way is held against.

use super::{CutChoice, CutProblem};

/// Tries every choice and returns the first of the cheapest; none where a device has no candidate. Takes L^N steps.
pub fn by_enumeration(problem: &CutProblem) -> Option<CutChoice> {
    let counts: Vec<usize> = problem.candidates.iter().map(Vec::len).collect();
    if counts.contains(&0) {
        return None;
    }
    let mut picks = vec![0; counts.len()];
    let mut best = CutChoice { value_j: problem.value_j(&picks), picks: picks.clone() };
    while next(&mut picks, &counts) {
        let value_j = problem.value_j(&picks);
        if value_j < best.value_j {
            best = CutChoice { value_j, picks: picks.clone() };
        }
    }
    Some(best)
}

/// Goes on to the next choice; false after the last.
fn next(picks: &mut [usize], counts: &[usize]) -> bool {
    for (pick, count) in picks.iter_mut().zip(counts) {
        *pick += 1;
        if *pick < *count {
            return true;
        }
        *pick = 0;
    }
    false
}
