//! Which radio sends for which device.
//!
//! A device has a radio of its name, or another radio carries it: what the device sends passes its emulated channel of the experiment
//! and is added to what that radio sends. So a lab of few radios carries a round of many devices, and with one radio that carries all
//! of them the sum is formed before it is sent:
//!
//! ```text
//! x_r(n) = x_own(n) + sum over carried k of (h_k * x_k)(n)
//! ```
//!
//! Pilots take the same way, so that what is measured of a carried device is its emulated channel and the radio's real one together.

use super::{Bench, LabConfig, LabError};
use crate::run::TrialContext;
use crate::run::seats::device_name;
use airloop_baseband::{Burst, Purpose, SampleIndex, Transport, Window};
use airloop_channels::{AirConfig, EmulatedAir, Link};
use std::sync::Arc;

/// Who sends for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Carrier {
    /// Place among the radios that send.
    sender: usize,
    /// Whether an emulated channel comes before.
    emulated: bool,
}

/// The radios that send in a round, and what they send for devices.
pub struct Carriers {
    /// Numbers of the radios that send, each once.
    pub senders: Vec<usize>,
    /// By device.
    of: Vec<Carrier>,
    /// From devices that are carried to places of radios; without noise.
    air: EmulatedAir,
    precursor_samples: u64,
    tail_samples: u64,
}

impl Carriers {
    /// Finds a radio for each device of an experiment.
    ///
    /// # Errors
    /// When a device has none.
    pub fn new(context: &TrialContext<'_>, config: &LabConfig, bench: &Bench) -> Result<Self, LabError> {
        let devices = context.experiment.payload.devices();
        let mut senders: Vec<usize> = Vec::new();
        let mut of = Vec::with_capacity(devices);
        for name in (0..devices).map(device_name) {
            let by = config.radios.iter().find(|radio| radio.carries.contains(&name));
            let radio =
                bench.find(by.map_or(&name, |radio| &radio.name)).ok_or_else(|| LabError::Missing {
                    name: name.clone(),
                    needed: format!(
                        "server and device-0 to device-{}, or radios that carry them",
                        devices - 1
                    ),
                    there: (0..bench.radios()).map(|radio| bench.name(radio)).collect::<Vec<_>>().join(", "),
                })?;
            let sender = senders.iter().position(|sender| *sender == radio).unwrap_or(senders.len());
            if sender == senders.len() {
                senders.push(radio);
            }
            of.push(Carrier { sender, emulated: by.is_some() });
        }
        Ok(Self::over(context, senders, of))
    }

    fn over(context: &TrialContext<'_>, senders: Vec<usize>, of: Vec<Carrier>) -> Self {
        let (taps, filter) = context.links(0);
        let config = AirConfig {
            sample_rate_hz: context.experiment.numerology.sample_rate_hz(),
            noise_power: 0.0,
            origin: 0,
            receive_ports: senders.len(),
        };
        let links = taps.into_iter().zip(&of).enumerate();
        let links = links.filter(|(_, (_, carrier))| carrier.emulated);
        let links = links.map(|(device, (taps, carrier))| Link {
            transmit: device,
            receive: carrier.sender,
            taps,
            filter: Arc::clone(&filter),
        });
        let links: Vec<Link> = links.collect();
        let some = u64::from(!links.is_empty());
        let noise = context.experiment.seeds.stream(Purpose::Noise, 0, 0);
        Self {
            precursor_samples: some * filter.precursor_samples() as u64,
            tail_samples: some * filter.tail_samples() as u64,
            air: EmulatedAir::new(config, links, noise),
            senders,
            of,
        }
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.of.len()
    }

    /// Returns by how much what a radio sends may be longer than what devices do, in samples.
    pub fn spread_samples(&self) -> u64 {
        self.precursor_samples + self.tail_samples
    }

    /// Returns what radios send for bursts of devices, by place among those that send; emulated channels begin at an index.
    ///
    /// # Errors
    /// When a burst begins before the emulated channels can answer it.
    pub fn sent(
        &self,
        bursts: &[(usize, Burst)],
        origin: SampleIndex,
    ) -> Result<Vec<Option<Burst>>, LabError> {
        let (mut air, mut sent) = (self.air.clone(), vec![None; self.senders.len()]);
        let first = bursts.iter().map(|(_, burst)| burst.start).min().unwrap_or(origin);
        let last = bursts.iter().map(|(_, burst)| burst.end()).max().unwrap_or(origin);
        // Channels count their own time, so that it stays small whatever the server's count.
        let own = |index: SampleIndex| index - origin + self.precursor_samples;
        let window = Window {
            start: own(first) - self.precursor_samples,
            length_samples: (last - first + self.spread_samples()) as usize,
        };
        (0..sent.len()).try_for_each(|sender| air.skip(sender, window.start))?;
        for (device, burst) in bursts {
            let Carrier { sender, emulated } = self.of[*device];
            if emulated {
                let samples = burst.samples.clone();
                air.transmit(*device, &Burst { start: own(burst.start), samples })?;
                sent[sender].get_or_insert_with(Burst::default);
            }
        }
        for (sender, sent) in sent.iter_mut().enumerate() {
            if let Some(sum) = sent {
                *sum = Burst {
                    start: first - self.precursor_samples,
                    samples: air.receive(sender, window)?.samples,
                };
            }
        }
        for (device, burst) in bursts {
            let Carrier { sender, emulated } = self.of[*device];
            match &mut sent[sender] {
                _ if emulated => {}
                Some(sum) => {
                    let at = (burst.start - sum.start) as usize;
                    let under = &mut sum.samples[at..at + burst.samples.len()];
                    under.iter_mut().zip(&burst.samples).for_each(|(sum, x)| *sum += x);
                }
                none => *none = Some(burst.clone()),
            }
        }
        Ok(sent)
    }
}
