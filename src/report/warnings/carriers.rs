//! Doubts about carriers that are far off.

use super::Warning;
use crate::experiment::Experiment;

/// Offset over the subcarrier spacing above which subcarriers hear each other more than a little: -15 dB.
const FAR: f64 = 0.1;

/// Returns the doubt about carrier offsets that nothing corrects, at the waveform rung.
pub(super) fn of_waveform(experiment: &Experiment) -> Option<Warning> {
    let clocks = &experiment.impairments;
    let from_clock_hz = 1e-6 * clocks.oscillator_ppm.rms() * experiment.channel_section.carrier_hz;
    let offset_hz = clocks.cfo_hz.rms().hypot(from_clock_hz);
    let spacings = offset_hz / experiment.numerology.subcarrier_spacing_hz();
    (experiment.sync.is_none() && spacings > FAR).then(|| {
        let message = format!(
            "carriers are {offset_hz:.4e} Hz off (root mean square), {spacings:.2} of the subcarrier spacing, and nothing corrects \
             them: values do not add up; smaller impairments.oscillator_ppm or impairments.cfo_hz (radios on one reference), or \
             sync.mode = \"preamble\""
        );
        Warning::new("carriers-far-off", message)
    })
}
