//! Misaligned frames against closed forms, a dense oracle, and the air.

mod errors;
mod figures;
mod joint;
mod oracle;
mod pairing;
mod phases;
mod statistics;

use super::{DeviceCovariance, MisalignedPlan, Receiver, Setting};
use crate::payload::{
    Function, Normalisation, Payload, Preparation, Source, Synthetic, source::Distribution,
};
use crate::scheme::LinkBudget;
use airloop_baseband::{Complex64, Seeds};
use std::sync::Arc;

/// All receivers.
const RECEIVERS: [Receiver; 4] =
    [Receiver::AlignedSample, Receiver::MaximumLikelihood, Receiver::Lmmse, Receiver::FullSymbol];

/// Returns a setting of independent devices with gains of magnitude 1.
fn setting(delays: &[f64], phases: &[f64], noise_power: f64, symbols: usize) -> Setting {
    Setting {
        delays_symbols: delays.to_vec(),
        gains: phases.iter().map(|phase| Complex64::from_polar(1.0, *phase)).collect(),
        covariance: Arc::new(DeviceCovariance::independent(delays.len())),
        noise_power,
        symbols,
    }
}

/// Returns a plan that sends values drawn anew in every trial, frames of 64 symbols, power 1 a device.
fn plan(
    (delays, phases): (&[f64], &[f64]),
    noise_power: f64,
    length: usize,
    receiver: Receiver,
) -> MisalignedPlan {
    let devices = delays.len();
    let synthetic = Synthetic {
        distribution: Distribution::Gaussian,
        devices,
        length,
        correlation: 0.0,
        decay: 1.0,
        rounds: 1,
    };
    let preparation = Preparation {
        function: Function::Sum,
        normalisation: Normalisation::GlobalMax,
        center: false,
        interleave: false,
    };
    let payload = Payload::new(Source::Synthetic(synthetic), &preparation, Seeds::new(5)).unwrap();
    MisalignedPlan {
        covariance: Arc::new(DeviceCovariance::of_gram(payload.gram())),
        payload: Arc::new(payload),
        budget: LinkBudget { noise_power, power: vec![1.0; devices], weight: vec![1.0; devices] },
        delays_symbols: delays.to_vec(),
        phases_rad: phases.to_vec(),
        receiver,
        symbols_per_frame: 64,
        oversampling: 8,
    }
}
