//! A row of a trace: what one device's link gave in one leg of one round.

use super::leg::{Carriage, Direction, Peer, Source, Stage};
use std::sync::Arc;

/// What one device's link gave in one leg of one round; `None` stands for what is not known or has no meaning.
///
/// The columns of files have the names of the fields, after `schema`; `docs/trace.md` has unit and formula of each.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceRow {
    /// Which run: the same in all rows of one call.
    pub run_id: Arc<str>,
    /// The seed of all that is random.
    pub seed: u64,
    /// The round, from 0.
    pub round: u64,
    /// When the leg begins, from the start of the trace.
    pub t_start_s: f64,
    /// The device, from 0.
    pub device: u32,
    /// The other end.
    pub peer: Peer,
    /// Which way it goes.
    pub direction: Direction,
    /// What is carried.
    pub stage: Stage,
    /// How it is sent.
    pub scheme: Carriage,
    /// Bytes to be carried.
    pub bytes_offered: u64,
    /// Bytes that arrived right, rounded down to whole ones.
    pub bytes_delivered: u64,
    /// Resource elements of the device's parts of slots, pilots and control included.
    pub n_re: u64,
    /// Time in which the device's link was on the air.
    pub airtime_s: f64,
    /// From the start of the leg to the end of the device's last transmission.
    pub latency_s: f64,
    /// Bits that arrived right over `latency_s`.
    pub rate_bps: f64,
    /// Power of an element times the mean channel gain, over noise.
    pub snr_db: Option<f64>,
    /// SINR of a constant channel that carries as much, mean over transmissions.
    pub sinr_eff_db: Option<f64>,
    /// MCS table of TS 38.214.
    pub mcs_table: Option<u8>,
    /// MCS index, mean over transmissions.
    pub mcs: Option<f64>,
    /// Spatial layers.
    pub rank: Option<u8>,
    /// Share of blocks that were lost in the end.
    pub bler: Option<f64>,
    /// Error rate of a single transmission.
    pub tbler: Option<f64>,
    /// Transmissions of all blocks.
    pub harq_tx: Option<u64>,
    /// Whether nothing of the device arrived.
    pub outage: bool,
    /// Share of values that were lost.
    pub elem_loss_p: Option<f64>,
    /// Error of values over their power.
    pub nmse_db: Option<f64>,
    /// Error vector magnitude.
    pub evm_pct: Option<f64>,
    /// Carrier offset.
    pub cfo_hz: Option<f64>,
    /// Error of timing.
    pub timing_err_s: Option<f64>,
    /// Error of channel knowledge over the channel's power.
    pub csi_nmse_db: Option<f64>,
    /// Power while the device's link is on the air.
    pub tx_power_dbm: Option<f64>,
    /// Energy sent.
    pub tx_energy_j: Option<f64>,
    /// Where the figures come from.
    pub source: Source,
    /// Name of the calibration of radios.
    pub calib_id: Option<Arc<str>>,
}

impl TraceRow {
    /// Returns a row of a device's leg of a round in which nothing has been sent yet.
    pub fn empty(
        run_id: &Arc<str>,
        seed: u64,
        round: u64,
        device: u32,
        leg: (Direction, Stage, Carriage),
    ) -> Self {
        Self {
            run_id: Arc::clone(run_id),
            seed,
            round,
            t_start_s: 0.0,
            device,
            peer: Peer::Server,
            direction: leg.0,
            stage: leg.1,
            scheme: leg.2,
            bytes_offered: 0,
            bytes_delivered: 0,
            n_re: 0,
            airtime_s: 0.0,
            latency_s: 0.0,
            rate_bps: 0.0,
            snr_db: None,
            sinr_eff_db: None,
            mcs_table: None,
            mcs: None,
            rank: None,
            bler: None,
            tbler: None,
            harq_tx: None,
            outage: true,
            elem_loss_p: None,
            nmse_db: None,
            evm_pct: None,
            cfo_hz: None,
            timing_err_s: None,
            csi_nmse_db: None,
            tx_power_dbm: None,
            tx_energy_j: None,
            source: Source::Simulated,
            calib_id: None,
        }
    }

    /// Returns what a row is found by: round, device, direction, stage.
    pub fn key(&self) -> Key {
        (self.round, self.device, self.direction, self.stage)
    }
}

/// What a row is found by: round, device, direction, stage.
pub type Key = (u64, u32, Direction, Stage);
