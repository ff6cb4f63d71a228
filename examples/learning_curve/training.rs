//! Federated SGD over one link: every round's gradients go through the air, and the airtime adds up.

use crate::data::{self, Samples};
use crate::network::{Network, PARAMETERS};
use airloop::baseband::Seeds;
use airloop::live::{Air, RoundOptions};
use airloop::report::Fidelity;
use airloop::run::RunError;

/// Devices of the federation.
pub const DEVICES: usize = 20;
/// Power budget over noise per resource element.
pub const SNR_DB: f64 = 10.0;
/// Channel bandwidth.
pub const BANDWIDTH_HZ: f64 = 5e6;
/// Airtime of a round, the same for every scheme: 17 OFDM symbols, as many as the coherent mean takes for all values.
/// Votes and the digital baseline send a random part of their values in it.
const ROUND_S: f64 = 1.25e-3;
/// How the air is emulated.
pub const FIDELITY: Fidelity = Fidelity::Symbol;

/// One way of training.
#[derive(Clone, Copy, Debug)]
pub struct Curve {
    /// Its name in the table.
    pub label: &'static str,
    /// The scheme of its link.
    pub scheme: &'static str,
    /// Tables beside the scheme's.
    pub settings: &'static str,
    /// Step against the estimate.
    pub step: f64,
    /// Whether the server gets the exact mean, and the link is only asked for the airtime.
    pub exact: bool,
}

/// The model after a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Airtime of all rounds until then.
    pub airtime_s: f64,
    /// Share of held-out digits that are recognised.
    pub accuracy: f64,
}

fn link(curve: &Curve, seed: u64) -> String {
    format!(
        "seed = {seed}\n\
         ofdm = {{ bandwidth_hz = {BANDWIDTH_HZ:e}, subcarrier_spacing_hz = 15e3 }}\n\
         channel = {{ model = \"tdl-c\", delay_spread_s = 100e-9 }}\n\
         link = {{ snr_db = {SNR_DB:?} }}\n\
         budget = {{ airtime_s = {ROUND_S:e} }}\n{}",
        curve.tables()
    )
}

/// Trains until no further round fits into the airtime; the first point is the model before any round.
///
/// The seed decides which digits are held out, who has which of the others, the first weights, and the channels and
/// noise of every round.
pub fn train(curve: &Curve, digits: &Samples, seed: u64, airtime_s: f64) -> Result<Vec<Point>, RunError> {
    let seeds = Seeds::new(seed).branch(0);
    let split = data::split(digits, DEVICES, &seeds);
    let mut network = Network::new(&seeds);
    let mut air = Air::from_toml(&link(curve, seed), FIDELITY)?;
    let mut points = vec![Point { airtime_s: 0.0, accuracy: network.accuracy(&split.held_out) }];
    let mut gradients = vec![0.0f32; DEVICES * PARAMETERS];
    let mut round_s = None;
    for round in 0.. {
        for (own, gradient) in split.devices.iter().zip(gradients.chunks_exact_mut(PARAMETERS)) {
            network.gradient(own, gradient);
        }
        let direction = match round_s.filter(|_| curve.exact) {
            Some(_) => mean(&gradients),
            None => {
                let aggregate =
                    air.aggregate(DEVICES, &gradients, RoundOptions { round: Some(round), weights: None })?;
                round_s = aggregate.report.airtime_s;
                if curve.exact { mean(&gradients) } else { aggregate.estimate }
            }
        };
        let now_s = (round + 1) as f64 * round_s.unwrap_or(f64::INFINITY);
        if now_s > airtime_s {
            break;
        }
        network.descend(curve.step, &direction);
        points.push(Point { airtime_s: now_s, accuracy: network.accuracy(&split.held_out) });
    }
    Ok(points)
}

fn mean(rows: &[f32]) -> Vec<f64> {
    let mut mean = vec![0.0; PARAMETERS];
    for row in rows.chunks_exact(PARAMETERS) {
        mean.iter_mut().zip(row).for_each(|(m, v)| *m += f64::from(*v) / DEVICES as f64);
    }
    mean
}
