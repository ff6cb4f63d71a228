//! What a trial of a link counted.

use airloop_baseband::{Accumulator, Ratio};

/// Counts of one device in one trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceTally {
    /// Slots in which the device sent.
    pub slots: u64,
    /// The slot after the last of them.
    pub end_slot: u64,
    /// Blocks that ended.
    pub blocks: u64,
    /// Of these, given up or wrong.
    pub block_errors: u64,
    /// All transmissions.
    pub transmissions: u64,
    /// Of these, failed; where a table decides, the sum of their error rates.
    pub failures: f64,
    /// Sum of the MCS indices of transmissions.
    pub mcs: u64,
    /// Sum of the transmissions' effective SINRs in decibels, where they are appraised.
    pub sinr_db: f64,
    /// Squared error of channel estimates and power of channels.
    pub estimation: (f64, f64),
}

/// Counts of one trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkTally {
    /// Blocks that ended.
    pub blocks: u64,
    /// Of these, given up or wrong.
    pub block_errors: u64,
    /// First transmissions.
    pub first_transmissions: u64,
    /// Of these, failed.
    pub first_failures: u64,
    /// All transmissions.
    pub transmissions: u64,
    /// Information bits of the blocks that ended.
    pub bits: u64,
    /// Wrong ones among them.
    pub bit_errors: u64,
    /// Information bits of the blocks that were delivered.
    pub delivered_bits: u64,
    /// Coded bits received.
    pub coded_bits: u64,
    /// Wrong ones among them before decoding.
    pub coded_errors: u64,
    /// Decoder iterations.
    pub iterations: u64,
    /// Code blocks that they were spent on.
    pub decoded_blocks: u64,
    /// Sum of the MCS indices of transmissions.
    pub mcs: u64,
    /// Time of all delivered blocks from first transmission to delivery, in seconds, one each.
    pub latencies_s: Vec<f64>,
    /// Airtime in seconds.
    pub airtime_s: f64,
    /// Bits that the channel could have carried on all elements of the devices' parts.
    pub capacity_bits: f64,
    /// Data elements, and all elements of the devices' parts.
    pub elements: (u64, u64),
    /// Squared error of channel estimates and power of channels.
    pub estimation: (f64, f64),
    /// Bits delivered of each device.
    pub delivered_by_device: Vec<u64>,
    /// Counts of each device.
    pub devices: Vec<DeviceTally>,
}

/// Sums over trials, in trial order.
#[derive(Clone, Debug)]
pub struct LinkSums {
    /// Trials.
    pub trials: u64,
    /// Sums of all counts; latencies are in their own accumulator.
    pub total: LinkTally,
    /// Wrong over all information bits, block by block of a trial.
    pub ber: Ratio,
    /// Wrong over all coded bits.
    pub ber_uncoded: Ratio,
    /// Failed over all blocks of a trial.
    pub bler: Ratio,
    /// Failed over all first transmissions of a trial.
    pub bler_first: Ratio,
    /// Delivered bits over airtime.
    pub throughput: Ratio,
    /// Transmissions over blocks.
    pub transmissions: Ratio,
    /// Iterations over decoded code blocks.
    pub iterations: Ratio,
    /// Latencies of delivered blocks.
    pub latency: Accumulator,
    /// Most blocks that a trial ended.
    pub most_blocks: u64,
}

impl LinkSums {
    /// Begins with nothing; `level` is that of intervals.
    pub fn new(level: f64) -> Self {
        Self {
            trials: 0,
            total: LinkTally::default(),
            ber: Ratio::default(),
            ber_uncoded: Ratio::default(),
            bler: Ratio::default(),
            bler_first: Ratio::default(),
            throughput: Ratio::default(),
            transmissions: Ratio::default(),
            iterations: Ratio::default(),
            latency: Accumulator::new(level),
            most_blocks: 0,
        }
    }

    /// Adds a trial.
    pub fn push(&mut self, trial: &LinkTally) {
        self.trials += 1;
        self.most_blocks = self.most_blocks.max(trial.blocks);
        let total = &mut self.total;
        for (sum, value) in [
            (&mut total.blocks, trial.blocks),
            (&mut total.block_errors, trial.block_errors),
            (&mut total.first_transmissions, trial.first_transmissions),
            (&mut total.first_failures, trial.first_failures),
            (&mut total.transmissions, trial.transmissions),
            (&mut total.bits, trial.bits),
            (&mut total.bit_errors, trial.bit_errors),
            (&mut total.delivered_bits, trial.delivered_bits),
            (&mut total.coded_bits, trial.coded_bits),
            (&mut total.coded_errors, trial.coded_errors),
            (&mut total.iterations, trial.iterations),
            (&mut total.decoded_blocks, trial.decoded_blocks),
            (&mut total.mcs, trial.mcs),
            (&mut total.elements.0, trial.elements.0),
            (&mut total.elements.1, trial.elements.1),
        ] {
            *sum += value;
        }
        for (sum, value) in [
            (&mut total.airtime_s, trial.airtime_s),
            (&mut total.capacity_bits, trial.capacity_bits),
            (&mut total.estimation.0, trial.estimation.0),
            (&mut total.estimation.1, trial.estimation.1),
        ] {
            *sum += value;
        }
        total.delivered_by_device.resize(trial.delivered_by_device.len(), 0);
        let by_device = total.delivered_by_device.iter_mut().zip(&trial.delivered_by_device);
        by_device.for_each(|(sum, value)| *sum += value);
        self.ber.push(trial.bit_errors as f64, trial.bits as f64);
        self.ber_uncoded.push(trial.coded_errors as f64, trial.coded_bits as f64);
        self.bler.push(trial.block_errors as f64, trial.blocks as f64);
        self.bler_first.push(trial.first_failures as f64, trial.first_transmissions as f64);
        self.throughput.push(trial.delivered_bits as f64, trial.airtime_s);
        self.transmissions.push(trial.transmissions as f64, trial.blocks as f64);
        self.iterations.push(trial.iterations as f64, trial.decoded_blocks as f64);
        trial.latencies_s.iter().for_each(|latency| self.latency.push(*latency));
    }
}
