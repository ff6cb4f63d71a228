//! `[device]` and `[server]`.

use super::Draws;
use crate::config::{Bound, ConfigError, TableReader};
use crate::split::processor::Processor;
use crate::split::round::Device;

/// Reads the devices.
///
/// # Errors
/// When a key is missing or out of range.
pub fn devices(reader: &TableReader<'_>, draws: &Draws) -> Result<Vec<Device>, ConfigError> {
    let processors = processors(reader, draws)?;
    let memory = draws.optional(reader, "memory_bytes", Bound::positive())?;
    let memory_of = |device: usize| memory.as_ref().map(|memory| memory[device]);
    let device = |(device, processor)| Device { processor, memory_bytes: memory_of(device) };
    Ok(processors.into_iter().enumerate().map(device).collect())
}

/// Reads the server.
///
/// # Errors
/// When a key is missing or out of range.
pub fn server(reader: &TableReader<'_>) -> Result<Processor, ConfigError> {
    let one = Draws { seeds: airloop_baseband::seeds::Seeds::new(0), devices: 1 };
    Ok(processors(reader, &one)?[0])
}

/// Reads a rate with a power, or a clock with what goes with it; one processor a device.
fn processors(reader: &TableReader<'_>, draws: &Draws) -> Result<Vec<Processor>, ConfigError> {
    if reader.has("clock_hz") {
        let why = "clock_hz and flop_per_cycle say the rate";
        reader.require_absent("rate_flop_s", why)?;
        reader.require_absent("power_w", "belongs to rate_flop_s; beside clock_hz it is switching_w_s3")?;
        let clock_hz = draws.needed(reader, "clock_hz", Bound::positive())?;
        let flop = draws.needed(reader, "flop_per_cycle", Bound::positive())?;
        let switching = draws.optional(reader, "switching_w_s3", Bound::non_negative())?;
        let of = |i: usize| Processor::of_clock(clock_hz[i], flop[i], switching.as_ref().map(|g| g[i]));
        return Ok((0..draws.devices).map(of).collect());
    }
    reader.require_absent("flop_per_cycle", "belongs to clock_hz")?;
    reader.require_absent("switching_w_s3", "belongs to clock_hz")?;
    let rate = draws.needed(reader, "rate_flop_s", Bound::positive())?;
    let power = draws.optional(reader, "power_w", Bound::non_negative())?;
    let of = |i: usize| Processor { rate_flop_s: rate[i], power_w: power.as_ref().map(|p| p[i]) };
    Ok((0..draws.devices).map(of).collect())
}
