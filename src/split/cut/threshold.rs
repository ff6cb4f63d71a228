//! The exact choice by thresholds.
//!
//! The two maxima of the best choice are times of some candidates. So all pairs of such times are tried as thresholds, and within a
//! pair each device takes the cheapest of its candidates that meet both. For one first threshold the candidates enter in order of their
//! second time, so that a device's cheapest is kept up to date: N^2 L^2 entries, each with a sum over N devices at most.

use super::{CutChoice, CutProblem};

/// A candidate by its device and place.
#[derive(Clone, Copy)]
struct Entry {
    device: usize,
    pick: usize,
    first_s: f64,
    second_s: f64,
    cost_j: f64,
}

/// The cheapest candidate of each device so far; infinite where there is none.
struct Cheapest {
    costs_j: Vec<f64>,
    picks: Vec<usize>,
    missing: usize,
}

impl Cheapest {
    fn new(devices: usize) -> Self {
        Self { costs_j: vec![f64::INFINITY; devices], picks: vec![0; devices], missing: devices }
    }

    /// Takes a candidate in; returns whether it is the cheapest of its device.
    fn take(&mut self, entry: &Entry) -> bool {
        let cost_j = &mut self.costs_j[entry.device];
        if entry.cost_j >= *cost_j {
            return false;
        }
        self.missing -= usize::from(cost_j.is_infinite());
        *cost_j = entry.cost_j;
        self.picks[entry.device] = entry.pick;
        true
    }
}

/// Returns a cheapest choice; none where a device has no candidate.
///
/// Its value is that of [`super::by_enumeration`] to the last bit: sums are taken in the same order, and rounding is monotone.
pub fn by_thresholds(problem: &CutProblem) -> Option<CutChoice> {
    let mut entries: Vec<Entry> = Vec::new();
    for (device, candidates) in problem.candidates.iter().enumerate() {
        entries.extend(candidates.iter().enumerate().map(|(pick, c)| Entry {
            device,
            pick,
            first_s: c.first_s,
            second_s: c.second_s,
            cost_j: c.cost_j,
        }));
    }
    let devices = problem.candidates.len();
    let mut least = Cheapest::new(devices);
    entries.iter().for_each(|entry| {
        least.take(entry);
    });
    if least.missing > 0 {
        return None;
    }
    let mut thresholds: Vec<f64> = entries.iter().map(|entry| entry.first_s).collect();
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup();
    entries.sort_by(|a, b| a.second_s.total_cmp(&b.second_s));
    let least_j: f64 = least.costs_j.iter().sum();
    let bound = |first_s: f64, second_s: f64| problem.time_weight_w * (first_s + second_s) + least_j;
    let mut best: Option<CutChoice> = None;
    for first_s in thresholds {
        if best.as_ref().is_some_and(|best| bound(first_s, 0.0) >= best.value_j) {
            break;
        }
        let mut cheapest = Cheapest::new(devices);
        for entry in entries.iter().filter(|entry| entry.first_s <= first_s) {
            if best.as_ref().is_some_and(|best| bound(first_s, entry.second_s) >= best.value_j) {
                break;
            }
            if !cheapest.take(entry) || cheapest.missing > 0 {
                continue;
            }
            let value_j = problem.total(first_s, entry.second_s, cheapest.costs_j.iter().copied());
            if best.as_ref().is_none_or(|best| value_j < best.value_j) {
                best = Some(CutChoice { picks: cheapest.picks.clone(), value_j });
            }
        }
    }
    best.map(|best| CutChoice { value_j: problem.value_j(&best.picks), picks: best.picks })
}
