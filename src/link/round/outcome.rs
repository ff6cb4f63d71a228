//! What came of a slot: each transmission received and decoded, or looked up, and counted.

use super::{Allocation, LinkRound};
use crate::link::appraisal::{Appraisal, Sent};
use crate::link::channel_estimation::Responses;
use crate::link::process::Attempt;
use crate::link::receiver::Arrival;
use crate::link::traffic::Traffic;
use crate::scheme::Received;
use airloop_baseband::units::db_from_power;
use std::sync::Arc;

impl<T: Traffic> LinkRound<T> {
    /// Takes what arrived of one allocation.
    pub(super) fn decode(&mut self, at: usize, received: Received<'_>) {
        let appraisal = self.appraisal.clone();
        let (attempt, failure) = match appraisal.filter(|appraisal| appraisal.decides()) {
            Some(appraisal) => self.look_up(at, &appraisal),
            None => self.listen(at, received),
        };
        self.count(at, attempt, failure);
    }

    /// Lets a table say what arrived of one allocation; returns its error rate too.
    fn look_up(&mut self, at: usize, appraisal: &Appraisal) -> (Attempt, f64) {
        let plan = Arc::clone(&self.plan);
        let Allocation { device, process, sinr, .. } = self.allocations[at];
        let process = &mut self.processes[device][process];
        let sent = Sent {
            block: &plan.blocks[process.block],
            index: process.block,
            sinr,
            harq: &plan.config.harq,
            round: self.index,
            device,
            id: process.content.id,
            transmission: process.transmissions,
        };
        let (accepted, rate) = appraisal.fate(&sent, &mut process.evidence);
        (process.take_fate(&plan, accepted, self.slot), rate)
    }

    /// Receives what arrived of one allocation; returns 1 for a failure too.
    fn listen(&mut self, at: usize, received: Received<'_>) -> (Attempt, f64) {
        let plan = Arc::clone(&self.plan);
        let Allocation { device, part, process, precoder, channel, .. } = &self.allocations[at];
        let (device, part, process) = (*device, *part, *process);
        let (receive, transmit) = (plan.antennas.receive, plan.antennas.device);
        let channel = Responses::new(channel, receive, transmit, plan.layout.subcarriers());
        let arrival =
            Arrival { device, part, grids: received.grids, channel, precoder, signals: &self.signals };
        self.receiver.listen(&plan, arrival);
        let (error, power) = self.receiver.estimation_error(&arrival);
        let sent = &mut self.processes[device][process];
        let block = &plan.blocks[sent.block];
        let llrs = self.receiver.soft_bits(&plan, block.modulation(), block.coded_bits());
        let llrs = llrs.expect("blocks fit their slots");
        let wrong_coded = self.transmitter.wrong_bits(part, llrs);
        let attempt = sent.take(&plan, llrs, self.slot, &mut self.decoder).expect("blocks fit their slots");
        let (tally, own) = (&mut self.tally, (error, power));
        for sums in [&mut tally.estimation, &mut tally.devices[device].estimation] {
            *sums = (sums.0 + own.0, sums.1 + own.1);
        }
        tally.coded_bits += block.coded_bits() as u64;
        tally.coded_errors += wrong_coded as u64;
        tally.iterations += attempt.iterations.0 as u64;
        tally.decoded_blocks += attempt.iterations.1 as u64;
        let right = attempt.accepted && attempt.wrong_bits == 0;
        (attempt, if right { 0.0 } else { 1.0 })
    }

    /// Counts a transmission, and its block where it is over.
    fn count(&mut self, at: usize, attempt: Attempt, failure: f64) {
        let plan = Arc::clone(&self.plan);
        let Allocation { device, process, sinr, .. } = self.allocations[at];
        let sent = &self.processes[device][process];
        let block = &plan.blocks[sent.block];
        let right = attempt.accepted && attempt.wrong_bits == 0;
        let mcs = block.mcs.map_or(0, |mcs| u64::from(mcs.index));
        let tally = &mut self.tally;
        let own = &mut tally.devices[device];
        tally.transmissions += 1;
        tally.mcs += mcs;
        own.transmissions += 1;
        own.mcs += mcs;
        own.failures += failure;
        own.slots += 1;
        own.end_slot = self.slot + 1;
        if self.appraisal.is_some() {
            own.sinr_db += db_from_power(sinr);
        }
        let elements = (plan.layout.data_elements() as u64, plan.layout.elements() as u64);
        tally.elements = (tally.elements.0 + elements.0, tally.elements.1 + elements.1);
        if sent.transmissions == 1 {
            tally.first_transmissions += 1;
            tally.first_failures += u64::from(!right);
            let known = self.slot + plan.config.harq.round_trip_slots as u64;
            self.adapters.get_mut(device).into_iter().for_each(|a| a.acknowledge(known, attempt.accepted));
        }
        if !sent.over {
            return;
        }
        let bits = block.bits() as u64;
        tally.blocks += 1;
        tally.block_errors += u64::from(!right);
        own.blocks += 1;
        own.block_errors += u64::from(!right);
        tally.bits += bits;
        tally.bit_errors += attempt.wrong_bits as u64;
        if right {
            tally.delivered_bits += bits;
            tally.delivered_by_device[device] += bits;
            let slots = self.slot - sent.first_slot + 1;
            let latency_s = slots as f64 * self.slot_s();
            self.tally.latencies_s.push(latency_s);
        }
        let ended = &self.processes[device][process];
        self.traffic.end_block(device, ended.content.id, ended.decided(), attempt.accepted);
    }
}
