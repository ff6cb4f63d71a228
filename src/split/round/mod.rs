//! The round of split learning: device forward, activations up, server, gradients down, device backward.

mod energy;
mod service;
mod timing;

pub use energy::Energies;
pub use service::Service;
pub use timing::Stages;

use super::link::{Link, LinkError, Pace, Payload, Transfer};
use super::processor::Processor;
use super::workload::{CutCost, Workload};
use serde::Serialize;

/// One device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Device {
    /// What it computes with.
    pub processor: Processor,
    /// Memory for the model, in bytes; none where there is no limit.
    pub memory_bytes: Option<f64>,
}

/// Everything of a round that does not change from round to round.
#[derive(Clone, Debug, PartialEq)]
pub struct RoundPlan {
    /// The model and its samples.
    pub workload: Workload,
    /// The devices.
    pub devices: Vec<Device>,
    /// The server's processor.
    pub server: Processor,
    /// How the server serves.
    pub service: Service,
    /// Share phi of a batch whose gradients at the cut are averaged over the devices and broadcast, from 0 to 1.
    pub phi: f64,
    /// Every how many rounds the devices' trained parameters are averaged; never without.
    pub aggregate_every: Option<u64>,
}

/// Both directions of the link.
pub struct Links {
    /// From devices to server.
    pub up: Link,
    /// From server to devices.
    pub down: Link,
}

impl Links {
    /// Returns what a device's activations and gradients of a round go at.
    ///
    /// # Errors
    /// When a rate cannot be told.
    pub fn paces(&mut self, round: u64, device: usize) -> Result<(Pace, Pace), LinkError> {
        let transfer = |payload| Transfer { round, device, payload };
        let up = self.up.pace(&transfer(Payload::Activations))?;
        Ok((up, self.down.pace(&transfer(Payload::Gradients))?))
    }
}

/// What one device does in a round.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceRound {
    /// Its number.
    pub device: usize,
    /// Blocks on it.
    pub cut: usize,
    /// Rate of its activations, in bit/s.
    pub up_rate_bps: f64,
    /// Rate of its gradients, in bit/s.
    pub down_rate_bps: f64,
    /// Whether both links carried anything; else it took no part, and its stages are empty.
    pub takes_part: bool,
    /// Times of its stages.
    #[serde(flatten)]
    pub stages: Stages,
    /// Energy of its stages.
    #[serde(flatten)]
    pub energies: Energies,
}

/// One round.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Round {
    /// Its number, from 0.
    pub round: u64,
    /// Its length, in seconds.
    pub round_s: f64,
    /// Its energy, in joules; none where a power is not known.
    pub round_j: Option<f64>,
    /// Server's backward pass of averaged gradients, in seconds.
    pub averaged_backward_s: f64,
    /// Broadcast of averaged gradients, in seconds.
    pub broadcast_s: f64,
    /// Averaging of trained parameters: slowest upload, then broadcast, in seconds.
    pub aggregation_s: f64,
    /// Samples that pass backwards through the server.
    pub server_backward_samples: u64,
    /// What each device does.
    pub devices: Vec<DeviceRound>,
}

impl RoundPlan {
    /// Returns how many samples of a batch have averaged gradients: `ceil(phi b)`.
    pub fn averaged_samples(&self) -> u64 {
        ((self.phi * self.workload.batch as f64).ceil() as u64).min(self.workload.batch)
    }

    /// Returns a round at these cuts.
    ///
    /// # Errors
    /// When a rate cannot be told.
    pub fn round(&self, round: u64, cuts: &[usize], links: &mut Links) -> Result<Round, LinkError> {
        let mut devices = Vec::with_capacity(self.devices.len());
        for (device, cut) in cuts.iter().enumerate() {
            let paces = links.paces(round, device)?;
            devices.push(self.device_round((device, *cut), paces, links));
        }
        self.assemble(round, devices, links)
    }

    /// Returns what a device does at a cut over links of these rates and powers, up and down.
    pub fn device_round(
        &self,
        (device, cut): (usize, usize),
        paces: (Pace, Pace),
        links: &Links,
    ) -> DeviceRound {
        let (up_rate_bps, down_rate_bps) = (paces.0.rate_bps, paces.1.rate_bps);
        let cost = self.workload.at(cut);
        let takes_part =
            (up_rate_bps > 0.0 || cost.up_bits == 0.0) && (down_rate_bps > 0.0 || cost.down_bits == 0.0);
        let mut out = DeviceRound {
            device,
            cut,
            up_rate_bps,
            down_rate_bps,
            takes_part,
            stages: Stages::default(),
            energies: Energies::default(),
        };
        if takes_part {
            out.stages = self.stages((device, &cost), (up_rate_bps, down_rate_bps), links);
            out.energies = self.energies(device, &out.stages, paces);
        }
        out
    }

    fn assemble(&self, round: u64, devices: Vec<DeviceRound>, links: &mut Links) -> Result<Round, LinkError> {
        let active: Vec<&DeviceRound> = devices.iter().filter(|d| d.takes_part).collect();
        let averaged = if active.is_empty() { 0 } else { self.averaged_samples() };
        let cost = active.first().map(|d| self.workload.at(d.cut));
        let share = averaged as f64 / self.workload.batch as f64;
        let averaged_flop = cost.map_or(0.0, |c: CutCost| share * c.server_backward_flop);
        let averaged_bits = cost.map_or(0.0, |c: CutCost| share * c.down_bits);
        let averaged_backward_s = self.server.time_s(averaged_flop);
        let rates = active.iter().map(|d| d.down_rate_bps);
        let broadcast_s = links.down.broadcast_s(averaged_bits, rates);
        let stages = active.iter().map(|d| d.stages);
        let served_s = self.service.length_s(stages, averaged_backward_s + broadcast_s);
        let common_j = self.common_energy_j(averaged_backward_s, broadcast_s, links);
        let own_j = active.iter().map(|d| d.energies.total_j()).sum::<Option<f64>>();
        let (aggregation_s, aggregation_j) = self.aggregation(round, &active, links)?;
        Ok(Round {
            round,
            round_s: served_s + aggregation_s,
            round_j: own_j.zip(common_j).zip(aggregation_j).map(|((own, common), more)| own + common + more),
            averaged_backward_s,
            broadcast_s,
            aggregation_s,
            server_backward_samples: averaged + active.len() as u64 * (self.workload.batch - averaged),
            devices,
        })
    }

    /// Returns time and energy of averaging the devices' trained parameters after a round; 0 in most rounds. Devices whose links carry
    /// nothing are left out.
    fn aggregation(
        &self,
        round: u64,
        active: &[&DeviceRound],
        links: &mut Links,
    ) -> Result<(f64, Option<f64>), LinkError> {
        if self.aggregate_every.is_none_or(|every| !(round + 1).is_multiple_of(every)) || active.is_empty() {
            return Ok((0.0, Some(0.0)));
        }
        let (mut up_s, mut up_j, mut largest_bits) = (0.0f64, Some(0.0), 0.0f64);
        let mut rates_bps = Vec::new();
        for DeviceRound { device, cut, .. } in active.iter().copied() {
            let bits = self.workload.at(*cut).adapter_bits;
            let transfer = |payload| Transfer { round, device: *device, payload };
            let up = links.up.pace(&transfer(Payload::AdapterUp))?;
            let down = links.down.pace(&transfer(Payload::AdapterDown))?;
            if !(up.rate_bps > 0.0 && down.rate_bps > 0.0) {
                continue;
            }
            let time_s = links.up.time_s(bits, up.rate_bps);
            up_s = up_s.max(time_s);
            up_j = up_j.zip(up.power_w).map(|(sum, power)| sum + power * time_s);
            rates_bps.push(down.rate_bps);
            largest_bits = largest_bits.max(bits);
        }
        let down_s = links.down.broadcast_s(largest_bits, rates_bps.into_iter());
        let down_j = links.down.broadcast_power_w().map(|power| power * down_s);
        Ok((up_s + down_s, up_j.zip(down_j).map(|(up, down)| up + down)))
    }
}
