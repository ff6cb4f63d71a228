//! Inversion through aggregation beams.
//!
//! ```text
//! e_k = [A^H H_k B_k]_ll - 1 on beam l,   noise s2 eta,   B_k the inverse of what is known of A^H H_k
//! ```
//!
//! With exact knowledge nothing but noise is left; else the formula holds for one beam, for several hear each other's values.

use super::Setting;
use super::conditional::Element;
use crate::beamforming::slot::wide;
use crate::beamforming::{AggregationBeamformer, SlotBeams};
use crate::medium::Knowledge;
use airloop_baseband::Complex64;

/// What the formula keeps from element to element.
#[derive(Clone, Debug)]
pub(super) struct Beams {
    beams: SlotBeams,
    channel: Vec<Complex64>,
    precoder: Vec<Complex64>,
}

impl Beams {
    pub fn new(design: AggregationBeamformer) -> Self {
        Self { beams: SlotBeams::new(design), channel: Vec::new(), precoder: Vec::new() }
    }

    /// Prepares the beams of a slot.
    pub fn update(&mut self, setting: &Setting<'_>, known: &Knowledge<'_>) {
        self.beams.update(known, setting.power);
    }

    /// Writes the weights of one element, given by its symbol, subcarrier and beam, and returns what it gives.
    pub fn weigh(
        &mut self,
        setting: &Setting<'_>,
        (known, truth): (&Knowledge<'_>, &Knowledge<'_>),
        (symbol, subcarrier, stream): (usize, usize, usize),
        weights: &mut [Complex64],
    ) -> Element {
        let place = (symbol, subcarrier);
        let noise_factor = self.beams.at(place).noise_factor;
        if noise_factor.is_infinite() {
            weights.fill(Complex64::from(-1.0));
            return Element::default();
        }
        let (antennas, streams) = (self.beams.antennas(), self.beams.streams());
        let (links, devices) = (antennas.links(), weights.len());
        let mut spent = 0.0;
        for (device, weight) in weights.iter_mut().enumerate() {
            let at = |of: &Knowledge<'_>, link: usize| {
                wide(of.link(device * links + link).row(symbol)[subcarrier])
            };
            self.channel.clear();
            self.channel.extend((0..links).map(|link| at(known, link)));
            let power = self.beams.precoder(&self.channel, place, &mut self.precoder);
            let payload = setting.payload;
            spent +=
                power / setting.power[device] * payload.gram().power(device) / payload.budget_power(device);
            let beam =
                &self.beams.at(place).beams[stream * antennas.receive..(stream + 1) * antennas.receive];
            let mut arrives = Complex64::default();
            for (r, f) in beam.iter().enumerate() {
                for t in 0..antennas.device {
                    let h = at(truth, r * antennas.device + t);
                    arrives += f.conj() * h * self.precoder[t * streams + stream];
                }
            }
            *weight = arrives * noise_factor.sqrt() - 1.0;
        }
        Element {
            noise: setting.noise_power * noise_factor,
            active: 1.0,
            power: spent / devices as f64,
            aligned: 1.0 / (noise_factor * setting.noise_power),
        }
    }
}
