//! What trials work with that depends on no payload: filters and transforms, designed once.

use super::RunError;
use crate::experiment::Experiment;
use crate::medium::WaveformPath;
use crate::ofdm::Modem;
use crate::report::Fidelity;
use airloop_channels::{FilterBank, FractionalDelay};
use std::sync::Arc;

/// Filters and transforms of an experiment at a rung.
pub struct Equipment {
    /// How samples are made at the waveform rung.
    pub(super) path: WaveformPath,
    /// Filters of the channels' delays, where channels have taps.
    pub(super) bank: Option<Arc<FilterBank>>,
    /// The filter of a link that changes nothing.
    pub(super) unit: Arc<FilterBank>,
    /// Transforms planned once; trials work on copies.
    pub(super) modem: Modem,
}

impl Equipment {
    /// Designs the filters and plans the transforms.
    ///
    /// # Errors
    /// When the rung cannot make the experiment's samples.
    pub fn new(experiment: &Experiment, fidelity: Fidelity) -> Result<Self, RunError> {
        let path = match fidelity {
            Fidelity::Radio => WaveformPath::PerSample,
            _ => experiment.waveform_path()?,
        };
        let numerology = &experiment.numerology;
        let rate_hz = numerology.sample_rate_hz();
        Ok(Self {
            path,
            bank: experiment.filter_bank().map(|(bank, _)| Arc::new(bank)),
            unit: Arc::new(FilterBank::new(&[0.0], rate_hz, &FractionalDelay::new(0.5, 0.0))),
            modem: Modem::new(Arc::clone(numerology), experiment.advance_samples()?),
        })
    }
}
