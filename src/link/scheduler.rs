//! Who sends in a slot.

use super::config::{Policy, SchedulingConfig};

/// What the scheduler remembers of the devices.
#[derive(Clone, Debug)]
pub struct Scheduler {
    config: SchedulingConfig,
    /// The slot in which each was served last, plus 1; 0 for never.
    served: Vec<u64>,
    /// Bits a slot that each has had, averaged.
    average: Vec<f64>,
}

impl Scheduler {
    /// Begins with nobody served.
    pub fn new(config: SchedulingConfig, devices: usize) -> Self {
        Self { config, served: vec![0; devices], average: vec![0.0; devices] }
    }

    /// Chooses up to `parts` of the candidates, who could send `rate` bits each, the most deserving first.
    ///
    /// ```text
    /// round robin:       the one served longest ago
    /// proportional fair: the largest rate / average, average <- (1 - 1/window) average + bits / window in every slot
    /// ```
    ///
    /// Ties go to the device served longest ago, then to the lower index. Source: Viswanath, Tse, Laroia, IEEE Trans. Information
    /// Theory 48(6), 2002.
    pub fn choose(&self, mut candidates: Vec<(usize, f64)>, parts: usize) -> Vec<usize> {
        let merit = |(device, rate): &(usize, f64)| match self.config.policy {
            Policy::RoundRobin => 0.0,
            // Who never had anything comes first.
            Policy::ProportionalFair => rate / self.average[*device].max(f64::MIN_POSITIVE),
        };
        candidates.sort_by(|a, b| {
            let by_merit = merit(b).total_cmp(&merit(a));
            by_merit.then(self.served[a.0].cmp(&self.served[b.0])).then(a.0.cmp(&b.0))
        });
        candidates.truncate(parts);
        candidates.into_iter().map(|(device, _)| device).collect()
    }

    /// Learns what each device sent in a slot, in bits; none of those that were not chosen.
    pub fn learn(&mut self, slot: u64, sent: &[(usize, f64)]) {
        let forget = 1.0 - 1.0 / self.config.window_slots;
        self.average.iter_mut().for_each(|average| *average *= forget);
        for (device, bits) in sent {
            self.served[*device] = slot + 1;
            self.average[*device] += bits / self.config.window_slots;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::config::Access;

    fn config(policy: Policy) -> SchedulingConfig {
        SchedulingConfig {
            access: Access::Time,
            policy,
            slots: Some(100),
            window_slots: 50.0,
            same_energy: false,
        }
    }

    fn shares(policy: Policy, rates: &dyn Fn(u64, usize) -> f64) -> [u64; 3] {
        let (mut scheduler, mut slots) = (Scheduler::new(config(policy), 3), [0; 3]);
        for slot in 0..3000 {
            let candidates = (0..3).map(|d| (d, rates(slot, d))).collect();
            let chosen = scheduler.choose(candidates, 1);
            slots[chosen[0]] += 1;
            scheduler.learn(slot, &[(chosen[0], rates(slot, chosen[0]))]);
        }
        slots
    }

    #[test]
    fn everyone_gets_a_third_of_the_slots_in_turn() {
        assert_eq!(shares(Policy::RoundRobin, &|_, d| [1.0, 5.0, 9.0][d]), [1000; 3]);
    }

    /// With constant rates proportional fairness shares time equally, however different the rates are.
    #[test]
    fn proportional_fairness_shares_time_over_constant_channels() {
        for share in shares(Policy::ProportionalFair, &|_, d| [1.0, 5.0, 9.0][d]) {
            assert!(share.abs_diff(1000) < 30, "{share}");
        }
    }

    /// Over rates that take turns, it serves each device at its peaks; round robin does not.
    #[test]
    fn proportional_fairness_rides_the_peaks() {
        let rates = |slot: u64, d: usize| if (slot / 2) % 3 == d as u64 { 10.0 } else { 1.0 };
        let at_peaks = |policy| {
            let (mut scheduler, mut peaks) = (Scheduler::new(config(policy), 3), 0);
            for slot in 0..3000 {
                let chosen = scheduler.choose((0..3).map(|d| (d, rates(slot, d))).collect(), 1)[0];
                peaks += u64::from(rates(slot, chosen) > 5.0);
                scheduler.learn(slot, &[(chosen, rates(slot, chosen))]);
            }
            peaks
        };
        assert!(at_peaks(Policy::ProportionalFair) > 2900);
        assert!(at_peaks(Policy::RoundRobin) < 1600);
    }
}
