//! What a rung says of a digital link: error rates, rates, delays.

use crate::experiment::Experiment;
use crate::report::{Fidelity, TheoryKind, Warning};
use crate::run::{RunError, RunOptions};
use crate::sweep::row::{cell, estimate_cells, estimate_columns};
use crate::sweep::table::number;
use crate::sweep::{Kind, RowReport};
use airloop_baseband::Estimate;
use serde::{Deserialize, Serialize};

/// What one rung says of one digital link. Quantities that are not defined are `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkReport {
    /// Name of the experiment.
    pub experiment_id: String,
    /// Which rung.
    pub fidelity: Fidelity,
    /// Which kind of theory, at that rung.
    pub theory_kind: Option<TheoryKind>,
    /// The code in words: `mcs 9 of table 1`, `k 4224 of n 8448`, `uncoded`, or `adaptive`.
    pub transmission: String,
    /// Name of the modulation; empty where it adapts.
    pub modulation: String,
    /// MCS index, where one is fixed.
    pub mcs: Option<usize>,
    /// SNR of a resource element, all layers together.
    pub snr_db: f64,
    /// Energy of an information bit over the noise density: the SNR over the information bits of a data element.
    pub eb_n0_db: Option<f64>,
    /// Channel bandwidth.
    pub bandwidth_hz: f64,
    /// Devices that share the link.
    pub devices: usize,
    /// Layers of a transmission.
    pub layers: usize,
    /// Information bits of a block, where all are alike.
    pub block_bits: Option<usize>,
    /// Information bits over coded bits of a block's first transmission.
    pub code_rate: Option<f64>,
    /// Trials run.
    pub trials: u64,
    /// Why the run ended: `trials`, `block-errors`, `max-trials`, or `closed-form`.
    pub stop_reason: String,
    /// Rates and delays, with intervals.
    pub figures: LinkFigures,
    /// What the channels that were drawn could carry on the elements of the slots that were used, over the airtime. Retransmissions use
    /// more slots of bad channels: then it is below the mean over all channels.
    pub capacity_bps: Option<f64>,
    /// Block error rate of the best code of the block's length, by the normal approximation.
    pub bler_normal_approximation: Option<f64>,
    /// Blocks that ended, delivered or given up.
    pub blocks: u64,
    /// Blocks that were given up.
    pub block_errors: u64,
    /// Information bits of the blocks that ended.
    pub bits: f64,
    /// Wrong ones among them.
    pub bit_errors: f64,
    /// Mean MCS index over transmissions.
    pub mcs_mean: Option<f64>,
    /// Share of elements that are pilots, control or left empty.
    pub overhead_share: Option<f64>,
    /// Mean square error of channel estimates over the channel's mean power.
    pub channel_nmse: Option<f64>,
    /// Mean channel gain over the noise power that was drawn.
    pub snr_measured_db: Option<f64>,
    /// Mean airtime of a trial.
    pub airtime_s: Option<f64>,
    /// Doubts.
    pub warnings: Vec<Warning>,
}

/// Rates and delays of a link, with intervals.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkFigures {
    /// Share of blocks that were given up.
    pub bler: Option<Estimate>,
    /// Share of first transmissions that failed.
    pub bler_first: Option<Estimate>,
    /// Share of information bits that are wrong after the last transmission.
    pub ber: Option<Estimate>,
    /// Share of coded bits that are wrong before decoding.
    pub ber_uncoded: Option<Estimate>,
    /// Information bits delivered over the airtime.
    pub throughput_bps: Option<Estimate>,
    /// Throughput over the bandwidth.
    pub spectral_efficiency_bps_hz: Option<Estimate>,
    /// From the start of a block's first transmission to the end of the one that delivered it.
    pub latency_s: Option<Estimate>,
    /// Transmissions of a block.
    pub transmissions: Option<Estimate>,
    /// Decoder iterations of a code block.
    pub iterations: Option<Estimate>,
}

/// A figure of a report: its column and where it stands.
pub type LinkFigure = (&'static str, fn(&LinkFigures) -> Option<&Estimate>);

/// The figures with intervals, in the order of the table's columns.
pub const LINK_FIGURES: [LinkFigure; 9] = [
    ("bler", |f| f.bler.as_ref()),
    ("bler_first", |f| f.bler_first.as_ref()),
    ("ber", |f| f.ber.as_ref()),
    ("ber_uncoded", |f| f.ber_uncoded.as_ref()),
    ("throughput_bps", |f| f.throughput_bps.as_ref()),
    ("spectral_efficiency_bps_hz", |f| f.spectral_efficiency_bps_hz.as_ref()),
    ("latency_s", |f| f.latency_s.as_ref()),
    ("transmissions", |f| f.transmissions.as_ref()),
    ("iterations", |f| f.iterations.as_ref()),
];

/// A number of a report: its column and where it stands.
pub type LinkQuantity = (&'static str, fn(&LinkReport) -> Option<f64>);

/// The numbers without intervals, in the order of the table's columns.
pub const LINK_QUANTITIES: [LinkQuantity; 11] = [
    ("capacity_bps", |r| r.capacity_bps),
    ("bler_normal_approximation", |r| r.bler_normal_approximation),
    ("blocks", |r| Some(r.blocks as f64)),
    ("block_errors", |r| Some(r.block_errors as f64)),
    ("bits", |r| Some(r.bits)),
    ("bit_errors", |r| Some(r.bit_errors)),
    ("mcs_mean", |r| r.mcs_mean),
    ("overhead_share", |r| r.overhead_share),
    ("channel_nmse", |r| r.channel_nmse),
    ("snr_measured_db", |r| r.snr_measured_db),
    ("airtime_s", |r| r.airtime_s),
];

impl RowReport for LinkReport {
    const KIND: Kind = Kind::Link;

    const COVERED: &'static [(&'static str, &'static str)] = &[
        ("link.snr_db", "snr_db"),
        ("link.es_n0_db", "snr_db"),
        ("link.eb_n0_db", "eb_n0_db"),
        ("ofdm.bandwidth_hz", "bandwidth_hz"),
        ("payload.devices", "devices"),
        ("mcs.index", "mcs"),
        ("slot.layers", "layers"),
        ("code.modulation", "modulation"),
    ];

    fn check(experiment: &Experiment, fidelity: Fidelity) -> Result<(), RunError> {
        super::run::check(experiment, fidelity)
    }

    fn run(experiment: &Experiment, fidelity: Fidelity, options: &RunOptions<'_>) -> Result<Self, RunError> {
        super::run::run(experiment, fidelity, options)
    }

    fn experiment_id(&self) -> &str {
        &self.experiment_id
    }

    fn fidelity(&self) -> Fidelity {
        self.fidelity
    }

    fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn trials(&self) -> u64 {
        self.trials
    }

    fn given() -> Vec<String> {
        let columns = [
            "theory_kind",
            "transmission",
            "modulation",
            "mcs",
            "snr_db",
            "eb_n0_db",
            "bandwidth_hz",
            "devices",
            "layers",
            "block_bits",
            "code_rate",
            "trials",
            "stop_reason",
        ];
        columns.map(String::from).to_vec()
    }

    fn measured() -> Vec<String> {
        let figures = LINK_FIGURES.iter().flat_map(|figure| estimate_columns(figure.0));
        figures.chain(LINK_QUANTITIES.iter().map(|q| q.0.to_string())).collect()
    }

    fn given_cells(&self) -> Vec<String> {
        let whole = |x: Option<usize>| x.map_or(String::new(), |x| x.to_string());
        vec![
            self.theory_kind.map_or(String::new(), |k| k.word().into()),
            self.transmission.clone(),
            self.modulation.clone(),
            whole(self.mcs),
            number(self.snr_db),
            cell(self.eb_n0_db),
            number(self.bandwidth_hz),
            self.devices.to_string(),
            self.layers.to_string(),
            whole(self.block_bits),
            cell(self.code_rate),
            self.trials.to_string(),
            self.stop_reason.clone(),
        ]
    }

    fn measured_cells(&self) -> Vec<String> {
        let figures = LINK_FIGURES.iter().flat_map(|(_, of)| estimate_cells(of(&self.figures)));
        figures.chain(LINK_QUANTITIES.iter().map(|(_, of)| cell(of(self)))).collect()
    }
}
