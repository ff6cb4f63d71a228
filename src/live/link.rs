//! Transmission as a call: an array in, what arrives of it and a report out.

use super::air::{Air, Precision, Reception, RoundOptions};
use super::clock::ClockError;
use crate::config::{ConfigError, Node};
use crate::experiment::ExperimentError;
use crate::report::{Fidelity, Report};
use crate::run::RunError;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// First label of the branches of the seed that links of devices are drawn from.
const DEVICE: u64 = 0x6c69_6e6b_0000;

/// The links of devices to a server (or of the server to devices), each a channel of its own by the same experiment.
///
/// An analog scheme sends values as amplitudes, two on an element, scaled to the power budget; `scheme.kind = "digital"` sends
/// them quantised, in blocks of the tables `[mcs]` and `[harq]` where there are any: whole, or with what is lost missing, as
/// `scheme.on_loss` says. Device 0 has the experiment's seed, the others branches of it.
pub struct Link {
    tree: Node,
    fidelity: Fidelity,
    interval_s: Option<f64>,
    interrupted: Arc<AtomicBool>,
    airs: BTreeMap<u64, Air>,
}

/// What arrived.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// As many values as were sent, in their order and units.
    pub received: Vec<f64>,
    /// Error, airtime, energy and doubts.
    pub report: Report,
    /// Number of the transmission.
    pub round: u64,
    /// When it began, in seconds.
    pub start_s: f64,
}

impl Link {
    /// Makes links from an experiment as TOML; `[payload]` needs no source.
    ///
    /// # Errors
    /// When the text is no TOML.
    pub fn from_toml(text: &str, fidelity: Fidelity) -> Result<Self, RunError> {
        let wrap = |e: ConfigError| RunError::Experiment(ExperimentError::from(e));
        Ok(Self::from_tree(Node::parse_toml(text, Path::new("experiment")).map_err(wrap)?, fidelity))
    }

    /// Makes links from an experiment's tree; its sweep, curves and number of rounds are left aside.
    pub fn from_tree(tree: Node, fidelity: Fidelity) -> Self {
        let interrupted = Arc::new(AtomicBool::new(false));
        Self { tree, fidelity, interval_s: None, interrupted, airs: BTreeMap::new() }
    }

    /// Ends a transmission between its slots when a flag is set; it is then as if it had not been.
    #[must_use]
    pub fn interrupted_by(self, interrupted: Arc<AtomicBool>) -> Self {
        Self { interrupted, ..self }
    }

    /// Lets transmissions of a device begin so far apart (or at the end of the one before, if that is later).
    ///
    /// # Errors
    /// When the interval is not positive and finite.
    pub fn every_s(self, interval_s: f64) -> Result<Self, ClockError> {
        super::Clock::new(Some(interval_s))?;
        Ok(Self { interval_s: Some(interval_s), ..self })
    }

    /// Sends an array over the link of a device.
    ///
    /// # Errors
    /// When the array is empty or not finite, the round is over, or the experiment is wrong.
    pub fn send(&mut self, device: u64, values: &[f32], round: Option<u64>) -> Result<Delivery, RunError> {
        let mut received = vec![0.0; values.len()];
        let Reception { report, round, start_s } = self.send_into((device, round), values, &mut received)?;
        Ok(Delivery { received, report, round, start_s })
    }

    /// Sends as [`Link::send`] does, for a device and the number of a round or the next one, and writes what arrives where it is
    /// wanted, in the precision that is wanted.
    ///
    /// # Errors
    /// As [`Link::send`], and when `out` has another length than `values`.
    pub fn send_into<T: Precision>(
        &mut self,
        (device, round): (u64, Option<u64>),
        values: &[f32],
        out: &mut [T],
    ) -> Result<Reception, RunError> {
        self.air(device)?.aggregate_into(1, values, RoundOptions { round, weights: None }, out)
    }

    /// Sends one array to the devices `0..devices`, each of which hears it over its own link, all at once.
    ///
    /// # Errors
    /// As [`Link::send`].
    pub fn broadcast(
        &mut self,
        devices: u64,
        values: &[f32],
        round: Option<u64>,
    ) -> Result<Vec<Delivery>, RunError> {
        (0..devices).map(|device| self.send(device, values, round)).collect()
    }

    /// Carries other values over the channel of a device's last transmission, without its noise: see [`Air::retrace_into`].
    ///
    /// # Errors
    /// When nothing has been sent, or as [`Link::send_into`].
    pub fn retrace_into<T: Precision>(
        &mut self,
        device: u64,
        values: &[f32],
        out: &mut [T],
    ) -> Result<(), RunError> {
        self.air(device)?.retrace_into(1, values, out)
    }

    /// Lets time pass on the link of a device.
    ///
    /// # Errors
    /// When the time is negative or not finite.
    pub fn wait(&mut self, device: u64, wait_s: f64) -> Result<(), RunError> {
        Ok(self.air(device)?.wait(wait_s)?)
    }

    /// Returns the capacities of the links of the devices `0..devices`, in bit/s, as each channel is when its next transmission
    /// begins: see [`Air::capacity_bps`].
    ///
    /// # Errors
    /// When the experiment is wrong.
    pub fn capacities_bps(&mut self, devices: u64) -> Result<Vec<f64>, RunError> {
        (0..devices).map(|device| self.air(device)?.capacity_bps()).collect()
    }

    fn air(&mut self, device: u64) -> Result<&mut Air, RunError> {
        let (tree, fidelity, interval_s) = (&self.tree, self.fidelity, self.interval_s);
        if let Entry::Vacant(place) = self.airs.entry(device) {
            let air = Air::from_tree(tree.clone(), fidelity).interrupted_by(Arc::clone(&self.interrupted));
            let air = if device > 0 { air.branched(DEVICE + device) } else { air };
            place.insert(match interval_s {
                Some(interval_s) => air.every_s(interval_s)?,
                None => air,
            });
        }
        Ok(self.airs.get_mut(&device).expect("it was put there above"))
    }
}
