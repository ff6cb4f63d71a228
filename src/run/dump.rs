//! Dumps: one trial's payload, channels, grids and estimate, so that anyone can recompute the error.

use super::RunError;
use super::trial::{Trial, TrialContext};
use crate::experiment::Experiment;
use crate::ofdm::SlotShape;
use crate::report::{ERRORS, Fidelity};
use crate::tensor::NpzWriter;
use std::path::{Path, PathBuf};

/// Writes `trial-T.npz` into a folder, and returns its path and the trial's result.
///
/// ```text
/// payload [K, N]        unit-power values in sending order, float32
/// target, estimate [N]  what was wanted and what was estimated, own units and order, float64
/// sending_position [N]  where each value of the target stands in sending order, uint64
/// device_power [K]      mean square of each device's payload (1 for synthetic ones), float64
/// unit, offset [1]      target = unit * (sum_k payload)[sending_position] + offset
///                       a function beyond sum and mean maps that sum back: psi of it is the target, but for a maximum,
///                       whose target is the largest value itself
/// gains [K, S, F]       frequency responses at the S symbols and F used subcarriers, complex64; [K, receive antenna, device antenna,
///                       S, F] where either end has several antennas
/// received [S, F]       the received grid, complex64 (analog schemes); slot by slot the grids of all receive antennas
/// noise_power, budget   noise power per element; each device's power for unit-power values, float64
/// delays_symbols, phases_rad [K]   of a misaligned round, whose gains are [K, 1, 1] and whose received is [symbol time, interval]
/// ```
///
/// # Errors
/// When the trial cannot be run or the file not be written.
pub fn dump(
    experiment: &Experiment,
    fidelity: Fidelity,
    trial: u64,
    dir: &Path,
) -> Result<(PathBuf, Trial), RunError> {
    let mut context = TrialContext::new(experiment, fidelity)?;
    context.keep_grids = true;
    let (result, vectors) = context.run_with_vectors(trial)?;
    let payload = &experiment.payload;
    let (devices, length) = (payload.devices(), payload.length());
    let path = dir.join(format!("trial-{trial}.npz"));
    let mut npz = NpzWriter::create(&path)?;
    let mut values = vec![0.0f32; devices * length];
    for (device, row) in values.chunks_exact_mut(length).enumerate() {
        payload.read(trial, device, 0, row)?;
    }
    npz.f32("payload", &[devices, length], &values)?;
    let estimate: Vec<f64> = vectors.estimate.iter().map(|v| payload.aggregate(f64::from(*v))).collect();
    let last_round = (trial + 1) * experiment.rounds as u64 - 1;
    let target = payload.targets(last_round, &vectors.truth)?;
    npz.f64("target", &[length], &payload.restore_order(&target))?;
    npz.f64("estimate", &[length], &payload.restore_order(&estimate))?;
    let places: Vec<f64> = (0..length).map(|i| i as f64).collect();
    let sending: Vec<u64> = payload.restore_order(&places).iter().map(|p| *p as u64).collect();
    npz.u64("sending_position", &[length], &sending)?;
    npz.f64(
        "device_power",
        &[devices],
        &(0..devices).map(|k| payload.gram().power(k)).collect::<Vec<f64>>(),
    )?;
    npz.f64("unit", &[1], &[payload.unit()])?;
    npz.f64("offset", &[1], &[payload.offset()])?;
    npz.f64("noise_power", &[1], &[experiment.budget.noise_power])?;
    npz.f64("budget", &[devices], &experiment.budget.power)?;
    for (name, value) in ERRORS.iter().zip(result.errors.all()) {
        if let Some(value) = value {
            npz.f64(name, &[1], &[value])?;
        }
    }
    if let Some(misaligned) = context.misaligned() {
        misaligned.dump(&mut npz, trial, vectors.grids.as_deref())?;
        npz.finish()?;
        return Ok((path, result));
    }
    let (symbols, used) = (result.account.symbols, experiment.numerology.used());
    let antennas = experiment.link.antennas();
    let gains = gains(&context, trial, symbols);
    if antennas.links() == 1 {
        npz.complex64("gains", &[devices, symbols, used], &gains)?;
    } else {
        npz.complex64("gains", &[devices, antennas.receive, antennas.device, symbols, used], &gains)?;
    }
    if let Some(grids) = vectors.grids.filter(|g| !g.is_empty()) {
        let pairs: Vec<[f32; 2]> = grids.iter().map(|z| [z.re, z.im]).collect();
        npz.complex64("received", &[grids.len() / used, used], &pairs)?;
    }
    npz.finish()?;
    Ok((path, result))
}

fn gains(context: &TrialContext<'_>, trial: u64, symbols: usize) -> Vec<[f32; 2]> {
    let mut realised = context.gains(trial);
    let numerology = &context.experiment.numerology;
    let (devices, used) = (realised.links(), numerology.used());
    let mut all = vec![[0.0f32; 2]; devices * symbols * used];
    let slot = numerology.slot_symbols();
    for first_symbol in (0..symbols).step_by(slot) {
        let shape = SlotShape { first_symbol, symbols: slot.min(symbols - first_symbol) };
        let known = realised.all(shape);
        for device in 0..devices {
            let mut at = (device * symbols + first_symbol) * used;
            known.link(device).for_each_row(|row| {
                for h in row {
                    all[at] = [h.re, h.im];
                    at += 1;
                }
            });
        }
    }
    all
}
