//! Split training: every step is a round, whose airtime the reports of its links say.

use crate::data;
use crate::links::Cut;
use crate::network::{Network, accuracy, cross_entropy};
use airloop::baseband::{Purpose, Seeds};
use airloop::report::Report;
use airloop_candle::SplitModel;
use candle_core::{Module, Tensor};
use std::error::Error;

/// Samples of a round.
pub const BATCH: usize = 64;
/// Step of the descent.
const STEP: f64 = 0.5;

/// Transmissions of the held-out digits.
const TRANSMISSIONS: usize = 10;

/// What a training left.
pub struct Run {
    /// Rounds that were trained.
    pub rounds: usize,
    /// Airtime of all activations; none without a link.
    pub up_s: f64,
    /// Airtime of all gradients; none without a downlink.
    pub down_s: f64,
    /// Share of held-out digits that the network recognises.
    pub accuracy: f64,
    /// The same with the link in the cut.
    pub accuracy_over_link: f64,
}

/// Trains by plain gradient descent. The seed decides which digits are held out, the order of the others, the first weights, and
/// channels and noise.
pub fn train(cut: Cut, seed: u64, epochs: u64) -> Result<Run, Box<dyn Error>> {
    let seeds = Seeds::new(seed).branch(0);
    let (trained, held_out) = data::digits(&seeds)?;
    let network = Network::new(&seeds)?;
    let split = network.split(cut.layer(seed)?);
    let model: &dyn Module = if cut == Cut::Whole { &network } else { &split };
    let (mut rounds, mut up_s, mut down_s) = (0, 0.0, 0.0);
    for epoch in 0..epochs {
        let order = seeds.stream(Purpose::Subset, epoch, 1).permutation(trained.count());
        for rows in order.chunks_exact(BATCH) {
            let batch = trained.chosen(rows)?;
            let loss = cross_entropy(&model.forward(&batch.pixels)?, &batch.labels)?;
            descend(&network, &loss)?;
            rounds += 1;
            let (up, down) = reports(&split);
            up_s += airtime_s(up);
            down_s += airtime_s(down);
        }
    }
    let alone = accuracy(&network, &held_out, TRANSMISSIONS)?;
    let accuracy_over_link = accuracy(model, &held_out, TRANSMISSIONS)?;
    Ok(Run { rounds, up_s, down_s, accuracy: alone, accuracy_over_link })
}

/// Takes a step against the gradient of a loss.
fn descend(network: &Network, loss: &Tensor) -> candle_core::Result<()> {
    let gradients = loss.backward()?;
    for variable in network.variables() {
        if let Some(gradient) = gradients.get(variable) {
            variable.set(&(variable.as_tensor() - (gradient * STEP)?)?)?;
        }
    }
    Ok(())
}

/// Returns the last reports, up and down.
fn reports<C, S>(split: &SplitModel<C, S>) -> (Option<Report>, Option<Report>) {
    split.link.as_ref().map_or((None, None), |link| (link.report(), link.downlink_report()))
}

fn airtime_s(report: Option<Report>) -> f64 {
    report.and_then(|report| report.airtime_s).unwrap_or(0.0)
}
