//! Mahimahi: the instants at which a link takes packets.

use super::{Exporter, Out};
use crate::trace::error::TraceError;
use crate::trace::leg::Direction;
use crate::trace::row::TraceRow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Bytes that an opportunity carries.
pub const PACKET_BYTES: f64 = 1500.0;

/// Writes a packet delivery trace for each device and direction, `device-0-ul.trace` and so on, as `mm-link` reads it.
///
/// ```text
/// a line a packet: the millisecond, from the start, at which the link has carried another 1500 bytes, rounded up; lines never descend
/// the rate of a row holds until the next row of the same device and direction; that of the last as long as the row before it,
/// or as long as its leg where it is alone
/// ```
///
/// `mm-link` begins anew after the last line. Rows on the air are no link of packets, and are left out. Source: the manual page of mm-link,
/// and how it reads a trace (Netravali et al., "Mahimahi: accurate record-and-replay for HTTP", USENIX ATC 2015).
pub struct Mahimahi {
    dir: PathBuf,
    links: BTreeMap<(u32, Direction), Link>,
}

struct Link {
    out: Out,
    /// The last row: its start, its rate in bytes a second, and how long its leg took.
    at: (f64, f64, f64),
    /// From the start of the row before the last to that of the last.
    step_s: Option<f64>,
    /// Bytes since the last opportunity.
    carried: f64,
    opportunities: u64,
}

impl Link {
    /// Writes the opportunities of the last row until a time.
    fn write_until(&mut self, end_s: f64) -> Result<(), TraceError> {
        let (start_s, rate, _) = self.at;
        if rate <= 0.0 || end_s <= start_s {
            return Ok(());
        }
        let bytes = self.carried + rate * (end_s - start_s);
        let packets = ((bytes / PACKET_BYTES) * (1.0 + 1e-12)) as u64;
        for packet in 1..=packets {
            let at_s = start_s + (packet as f64 * PACKET_BYTES - self.carried) / rate;
            let millisecond = (at_s * 1e3 - 1e-6).ceil().max(1.0) as u64;
            self.out.write(&format!("{millisecond}\n"))?;
        }
        self.opportunities += packets;
        self.carried = (bytes - packets as f64 * PACKET_BYTES).max(0.0);
        Ok(())
    }
}

impl Mahimahi {
    /// Begins a folder of traces.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(dir: &Path) -> Result<Self, TraceError> {
        let io = |source| TraceError::Io { path: dir.into(), action: "make the folder", source };
        std::fs::create_dir_all(dir).map_err(io)?;
        Ok(Self { dir: dir.into(), links: BTreeMap::new() })
    }
}

impl Exporter for Mahimahi {
    fn take(&mut self, row: &TraceRow) -> Result<(), TraceError> {
        if row.direction == Direction::Air {
            return Ok(());
        }
        let at = (row.t_start_s, row.rate_bps / 8.0, row.latency_s);
        let Some(link) = self.links.get_mut(&(row.device, row.direction)) else {
            let name = format!("device-{}-{}.trace", row.device, row.direction);
            let out = Out::create(&self.dir.join(name))?;
            let link = Link { out, at, step_s: None, carried: 0.0, opportunities: 0 };
            self.links.insert((row.device, row.direction), link);
            return Ok(());
        };
        if row.t_start_s < link.at.0 {
            let what = format!(
                "round {}, device {}: t_start_s = {} lies before the row above of the same direction; rows in the order of time are expected",
                row.round, row.device, row.t_start_s
            );
            return Err(TraceError::Rows { what });
        }
        link.write_until(row.t_start_s)?;
        (link.step_s, link.at) = (Some(row.t_start_s - link.at.0), at);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TraceError> {
        for ((device, direction), link) in &mut self.links {
            let hold_s = link.step_s.filter(|step_s| *step_s > 0.0).unwrap_or(link.at.2);
            link.write_until(link.at.0 + hold_s)?;
            link.out.flush()?;
            if link.opportunities == 0 {
                let what = format!(
                    "device {device}, direction {direction}: the link carries less than one packet of {PACKET_BYTES} bytes in all, and \
                     mm-link refuses a trace without a line; more rounds or larger legs have one"
                );
                return Err(TraceError::Rows { what });
            }
        }
        Ok(())
    }
}
