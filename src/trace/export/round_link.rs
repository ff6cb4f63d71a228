//! `round_link.csv`: rates and losses of both directions, a line a round and device.

use super::{Exporter, Out};
use crate::trace::error::TraceError;
use crate::trace::leg::Direction;
use crate::trace::row::TraceRow;
use std::collections::BTreeMap;
use std::path::Path;

/// The columns.
const HEADER: &str = "round,device,ul_bps,dl_bps,ul_loss,dl_loss\n";

/// Writes a line a round and device.
///
/// ```text
/// bps   bits that arrived over the time of all the device's legs of that direction in the round
/// loss  1 - bytes that arrived / bytes offered;   empty cells where the direction has no leg
/// ```
pub struct RoundLink {
    out: Out,
    round: u64,
    devices: BTreeMap<u32, [Sums; 2]>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    bits: f64,
    seconds: f64,
    delivered: f64,
    offered: f64,
}

impl RoundLink {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path) -> Result<Self, TraceError> {
        let mut out = Out::create(path)?;
        out.write(HEADER)?;
        Ok(Self { out, round: 0, devices: BTreeMap::new() })
    }

    fn write_round(&mut self) -> Result<(), TraceError> {
        for (device, sums) in std::mem::take(&mut self.devices) {
            let rate =
                |s: &Sums| if s.seconds > 0.0 { (s.bits / s.seconds).to_string() } else { String::new() };
            let loss = |s: &Sums| {
                if s.offered > 0.0 { (1.0 - s.delivered / s.offered).to_string() } else { String::new() }
            };
            let [up, down] = &sums;
            let cells = [rate(up), rate(down), loss(up), loss(down)].join(",");
            self.out.write(&format!("{},{device},{cells}\n", self.round))?;
        }
        Ok(())
    }
}

impl Exporter for RoundLink {
    fn take(&mut self, row: &TraceRow) -> Result<(), TraceError> {
        if row.round != self.round {
            self.write_round()?;
            self.round = row.round;
        }
        let side = match row.direction {
            Direction::Up => 0,
            Direction::Down => 1,
            _ => return Ok(()),
        };
        let sums = &mut self.devices.entry(row.device).or_default()[side];
        sums.bits += row.rate_bps * row.latency_s;
        sums.seconds += row.latency_s;
        sums.delivered += row.bytes_delivered as f64;
        sums.offered += row.bytes_offered as f64;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TraceError> {
        self.write_round()?;
        self.out.flush()
    }
}
