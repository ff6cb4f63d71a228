//! 5G-LENA: the tab-separated `RxPacketTrace` of what receivers took.

use super::{Exporter, Out};
use crate::trace::error::TraceError;
use crate::trace::leg::Direction;
use crate::trace::row::TraceRow;
use std::path::Path;

/// The columns, in order.
const COLUMNS: [&str; 18] = [
    "Time",
    "direction",
    "frame",
    "subF",
    "slot",
    "1stSym",
    "nSymbol",
    "cellId",
    "bwpId",
    "rnti",
    "tbSize",
    "mcs",
    "rank",
    "rv",
    "SINR(dB)",
    "CQI",
    "corrupt",
    "TBler",
];

/// Frames after which numbers begin anew.
const FRAMES: u64 = 1024;

/// Symbols of a slot.
const SLOT_SYMBOLS: f64 = 14.0;

/// Writes a line for each row of an uplink or downlink, as if its leg were one packet.
///
/// ```text
/// Time      when the device is done, in seconds;   frame, subF, slot   where that lies at the subcarrier spacing
/// 1stSym    0;   nSymbol  symbols on the air;      cellId 1, bwpId 0, rnti device + 1
/// tbSize    bytes offered;   mcs   mean index, rounded;   rank   layers;   rv, CQI   0: a trace does not hold them
/// SINR(dB)  effective SINR (SNR where there is none, nan without both);   corrupt   1 where bytes were lost;   TBler   tbler, or 0
/// ```
///
/// A row of a trace sums over the blocks of its leg, so that this has fewer and larger packets than a simulator's own file.
pub struct RxPacketTrace {
    out: Out,
    slots_per_subframe: u64,
}

impl RxPacketTrace {
    /// Begins a file; slots are those of a subcarrier spacing of 15 kHz times a power of two.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path, subcarrier_spacing_hz: f64) -> Result<Self, TraceError> {
        let mut out = Out::create(path)?;
        out.write(&(COLUMNS.join("\t") + "\n"))?;
        Ok(Self { out, slots_per_subframe: (subcarrier_spacing_hz / 15e3).round().max(1.0) as u64 })
    }
}

impl Exporter for RxPacketTrace {
    fn take(&mut self, row: &TraceRow) -> Result<(), TraceError> {
        let direction = match row.direction {
            Direction::Up => "UL",
            Direction::Down => "DL",
            _ => return Ok(()),
        };
        let end_s = row.t_start_s + row.latency_s;
        let slots_a_second = self.slots_per_subframe as f64 * 1e3;
        // A time that is a whole number of slots but for rounding lies at that slot.
        let slot = (end_s * slots_a_second + 1e-6) as u64;
        let subframe = slot / self.slots_per_subframe;
        let symbols = (row.airtime_s * slots_a_second * SLOT_SYMBOLS).round() as u64;
        let sinr = row.sinr_eff_db.or(row.snr_db).map_or("nan".into(), |db| db.to_string());
        let line = [
            end_s.to_string(),
            direction.into(),
            (subframe / 10 % FRAMES).to_string(),
            (subframe % 10).to_string(),
            (slot % self.slots_per_subframe).to_string(),
            "0".into(),
            symbols.to_string(),
            "1".into(),
            "0".into(),
            (u64::from(row.device) + 1).to_string(),
            row.bytes_offered.to_string(),
            row.mcs.unwrap_or(0.0).round().to_string(),
            row.rank.unwrap_or(1).to_string(),
            "0".into(),
            sinr,
            "0".into(),
            u8::from(row.bytes_delivered < row.bytes_offered).to_string(),
            row.tbler.unwrap_or(0.0).to_string(),
        ];
        self.out.write(&(line.join("\t") + "\n"))
    }

    fn finish(&mut self) -> Result<(), TraceError> {
        self.out.flush()
    }
}
