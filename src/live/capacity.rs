//! What the channel of the next round could carry.

use super::air::Air;
use crate::experiment::{Experiment, Handed, Loader};
use crate::medium::{ChannelModel, GridGains};
use crate::ofdm::SlotShape;
use crate::run::RunError;
use std::sync::Arc;

impl Air {
    /// Returns the capacity of a single device's link, in bit/s, as its channel is when the next round begins, with full power on
    /// all elements, one antenna at the device, and maximum-ratio combining at the receiver.
    ///
    /// ```text
    /// R = (1/T) sum_n log2(1 + SNR sum_r |h_r[n]|^2),   T: mean OFDM symbol with its prefix, n: used subcarriers, r: antennas
    /// ```
    ///
    /// # Errors
    /// When the experiment is wrong, or the device has several antennas.
    pub fn capacity_bps(&self) -> Result<f64, RunError> {
        let experiment =
            self.experiment(Loader::with_rows(Handed { devices: 1, values: &[1.0], weights: None }))?;
        let antennas = experiment.link.antennas();
        if antennas.device > 1 {
            let what = "the capacity of a device of several antennas".into();
            return Err(RunError::Unsupported { what, fidelity: self.fidelity() });
        }
        let (round, first_symbol) = self.next(&experiment)?;
        Ok(bits_a_symbol(&experiment, round, first_symbol) / symbol_s(&experiment))
    }
}

fn symbol_s(experiment: &Experiment) -> f64 {
    let numerology = &experiment.numerology;
    numerology.duration_s(numerology.slot_symbols()) / numerology.slot_symbols() as f64
}

fn bits_a_symbol(experiment: &Experiment, round: u64, first_symbol: usize) -> f64 {
    let moving =
        matches!(&experiment.channel, ChannelModel::Taps { fading, .. } if fading.max_doppler_hz() > 0.0);
    let (links, index) = (experiment.link.antennas().links(), if moving { 0 } else { round });
    let numerology = Arc::clone(&experiment.numerology);
    let mut gains = GridGains::draw(&experiment.channel, numerology, &experiment.seeds, index, links);
    let mut power = vec![0.0; experiment.numerology.used()];
    let mut row = Vec::new();
    for link in 0..links {
        gains.respond(link, SlotShape { first_symbol, symbols: 1 }, &mut row);
        power.iter_mut().zip(&row).for_each(|(p, h)| *p += f64::from(h.norm_sqr()));
    }
    let budget = &experiment.budget;
    let snr = budget.power[0] * experiment.payload.budget_power(0) / budget.noise_power;
    power.iter().map(|gain| (1.0 + snr * gain).log2()).sum()
}
