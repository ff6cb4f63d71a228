//! Laws: pairs of rungs on the same draws, with a control that must fail.

use super::comparison::{Comparison, Relative, TRIALS, z_of};
use super::control::{CONTROL_DB, Fault};
use super::effect::{Effect, paired_effect};
use crate::experiment::Experiment;
use crate::report::{Fidelity, TheoryKind};
use crate::run::theory::{analog, count_rates, end_of_round, predict};
use crate::run::trial::{Trial, TrialContext};
use crate::run::{RunError, RunOptions, run};
use crate::theory::Formula;
use crate::theory::digital::Rates;
use airloop_baseband::statistics::Moments;
use airloop_baseband::units::{db_from_power, power_from_db};
use rayon::prelude::*;
use std::sync::atomic::AtomicBool;

/// Largest |z| of a law.
pub const Z_LIMIT: f64 = 4.0;

/// Trials whose grids are compared value by value.
const EQUALITY_TRIALS: u64 = 4;

/// A paired comparison in standard errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZScore {
    /// Mean difference over its standard error.
    pub z: f64,
    /// The same for the control.
    pub control: f64,
    /// What is wrong in the control.
    pub fault: Fault,
    /// Mean relative difference.
    pub difference: f64,
    /// Trials.
    pub trials: u64,
}

/// A comparison of received grids, value by value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Equality {
    /// Largest difference over the root mean square of the grid.
    pub difference: f64,
    /// Bound of rounding.
    pub bound: f64,
    /// Largest difference of the control.
    pub control: f64,
    /// Grid values compared.
    pub values: usize,
}

/// What holds between two rungs.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Equal within statistical error.
    ZScore(ZScore),
    /// Equal to rounding.
    Equality(Equality),
    /// Nothing to compare, and why.
    NotApplicable(String),
}

/// What a law's comparison and its control say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The law holds, and its control fails as it must.
    Holds,
    /// Nothing speaks against the law, but its control is not seen to fail either.
    Undecided,
    /// The law does not hold.
    Broken,
}

impl Law {
    /// Returns what the comparison and its control say; a law that does not apply holds.
    pub fn verdict(&self) -> Verdict {
        let (law, control) = match self {
            Self::ZScore(z) => (z.z.abs() < Z_LIMIT, z.control.abs() > Z_LIMIT),
            Self::Equality(e) => (e.difference <= e.bound, e.control > e.bound),
            Self::NotApplicable(_) => (true, true),
        };
        match (law, control) {
            (true, true) => Verdict::Holds,
            (true, false) => Verdict::Undecided,
            (false, _) => Verdict::Broken,
        }
    }

    /// Returns whether the law holds and its control fails.
    pub fn holds(&self) -> bool {
        self.verdict() == Verdict::Holds
    }

    pub(super) fn no_formula() -> Self {
        Self::NotApplicable("there is no formula for this combination".into())
    }
}

/// Holds the symbol rung against theory, trial by trial on the same channels and payload.
///
/// For analog schemes the difference is of the NMSE to the formula for the realised channels and the very payload, where
/// only the noise is left random; for the digital scheme it is of the symbols used (of the
/// bits carried under a budget) and of the NMSE, whichever deviates more.
///
/// # Errors
/// When the experiment cannot be run.
pub fn symbol_against_theory(
    experiment: &Experiment,
    interrupted: &AtomicBool,
) -> Result<(Law, Option<Effect>), RunError> {
    let mapped = experiment.payload.mapping().is_some();
    if experiment.digital_mode().is_some() && !mapped {
        return digital(experiment);
    }
    if experiment.payload.is_majority() {
        return super::votes::votes_against_theory(experiment, interrupted);
    }
    if let Formula::Energy(formula) = experiment.setting().formula
        && !mapped
    {
        return super::energy::energy_against_theory(experiment, formula, interrupted);
    }
    if matches!(experiment.setting().formula, Formula::SparseAnalog(_)) && !mapped {
        let why = "state evolution is exact only as measurements and values grow without bound, so that a small \
                   difference remains";
        return Ok((Law::NotApplicable(why.into()), asymptotic_effect(experiment)?));
    }
    let comparison = Comparison { experiment, predicted, relative: Relative::EachPrediction, interrupted };
    let Some((law, pairs)) = comparison.run()? else { return Ok((Law::no_formula(), None)) };
    Ok((law, symbol_effect(experiment, &pairs)?))
}

/// Returns what the formula predicts for a trial's channels and payload.
fn predicted(context: &TrialContext<'_>, trial: u64) -> Result<Option<f64>, RunError> {
    let experiment = context.experiment;
    let setting = experiment.setting();
    let payload = &experiment.payload;
    if payload.mapping().is_some() || matches!(setting.formula, Formula::DigitalAircomp(_)) {
        return Ok(predict(context, &setting, trial).and_then(|p| p.errors.nmse));
    }
    if let Some(misaligned) = context.misaligned() {
        return misaligned.nmse_of_payload(trial);
    }
    let averages = setting.repetitions > 1 && setting.memory != crate::theory::Memory::Static;
    if setting.sent_share < 1.0 || averages || payload.offset() != 0.0 {
        return Ok(predict(context, &setting, trial).and_then(|p| p.errors.nmse));
    }
    let mut values = vec![0.0f32; payload.devices() * payload.length()];
    let (mut sum, mut first_symbol) = (0.0, 0);
    for index in context.rounds(trial) {
        for (device, row) in values.chunks_exact_mut(payload.length()).enumerate() {
            payload.read(index, device, 0, row)?;
        }
        let Some(round) = analog(context, &setting, (index, first_symbol), Some(&values)) else {
            return Ok(None);
        };
        sum += round.nmse_of_payload();
        first_symbol = end_of_round(context, first_symbol);
    }
    Ok(Some(sum / experiment.rounds as f64))
}

/// Returns the symbol rung's mean over the theory rung's, trial by trial, where theory is exact in large systems only;
/// nothing where there is no formula.
fn asymptotic_effect(experiment: &Experiment) -> Result<Option<Effect>, RunError> {
    let context = TrialContext::new(experiment, Fidelity::Symbol)?;
    let setting = experiment.setting();
    let pair = |trial: u64| -> Result<Option<(f64, f64)>, RunError> {
        let Some(predicted) = predict(&context, &setting, trial) else { return Ok(None) };
        Ok(Some((context.run(trial)?.errors.leading(), predicted.errors.leading())))
    };
    let pairs: Result<Option<Vec<(f64, f64)>>, RunError> = (0..TRIALS.0).into_par_iter().map(pair).collect();
    Ok(pairs?.map(|pairs| paired_effect(&pairs)))
}

/// Returns the symbol rung's mean over the theory rung's, where both means exist.
pub(super) fn symbol_effect(
    experiment: &Experiment,
    pairs: &[(f64, f64)],
) -> Result<Option<Effect>, RunError> {
    if !experiment.mean_exists() {
        return Ok(None);
    }
    let theory = run(experiment, Fidelity::Theory, &RunOptions::default())?;
    let Some(mean) = theory.metrics.leading().and_then(|e| e.mean) else { return Ok(None) };
    if theory.theory_kind == Some(TheoryKind::Conditional) {
        return Ok(Some(paired_effect(pairs)));
    }
    // Against the ensemble there is nothing to pair: the interval is that of the simulated mean.
    Ok(Some(paired_effect(&pairs.iter().map(|(s, _)| (*s, mean)).collect::<Vec<_>>())))
}

fn digital(experiment: &Experiment) -> Result<(Law, Option<Effect>), RunError> {
    let trials = TRIALS.0;
    let elements = |e: &Experiment| -> Result<Vec<Trial>, RunError> {
        let context = TrialContext::new(e, Fidelity::Symbol)?;
        (0..trials).into_par_iter().map(|t| context.run(t)).collect()
    };
    let simulated = elements(experiment)?;
    let setting = experiment.setting();
    let context = TrialContext::new(experiment, Fidelity::Symbol)?;
    let fixed = experiment.budget_symbols;
    let predicted: Vec<(f64, f64)> = (0..trials)
        .map(|trial| {
            let (mut sums, mut first_symbol) = ((0.0, 0.0), 0);
            for index in context.rounds(trial) {
                let bits = fixed.is_none().then(|| bits_of(experiment));
                let mut rates = Rates::new(&setting, bits);
                first_symbol += count_rates(&context, &mut rates, (index, first_symbol), fixed);
                let p = rates.finish(bits, fixed.unwrap_or(usize::MAX));
                sums.0 += if fixed.is_some() { rates.total_bits() } else { p.symbols.unwrap_or(0) as f64 };
                sums.1 += p.errors.nmse.unwrap_or(f64::NAN);
            }
            let rounds = experiment.rounds as f64;
            (sums.0 / rounds, sums.1 / rounds)
        })
        .collect();
    let spent = |trials: &[Trial]| -> Moments {
        let of = |(t, p): (&Trial, &(f64, f64))| {
            let spent =
                if fixed.is_some() { t.account.bits.unwrap_or(0.0) } else { t.account.symbols as f64 };
            spent / p.0 - 1.0
        };
        Moments::of(trials.iter().zip(&predicted).map(of))
    };
    let law = spent(&simulated);
    // Whole symbols do not move with every small change of the noise: it is raised until they do.
    let (mut noise_db, mut control) = (CONTROL_DB, law);
    for off_db in [CONTROL_DB, 1.0, 3.0, 10.0] {
        let mut off = experiment.clone();
        off.budget.noise_power *= power_from_db(off_db);
        (noise_db, control) = (off_db, spent(&elements(&off)?));
        if z_of(&control).abs() > 1.5 * Z_LIMIT {
            break;
        }
    }
    // The error is held against its formula too: the larger of the two deviations stands for the law.
    let errors = Moments::of(simulated.iter().zip(&predicted).map(|(t, p)| t.errors.leading() / p.1 - 1.0));
    let worse = if z_of(&errors).abs() > z_of(&law).abs() { errors } else { law };
    let z = ZScore {
        z: z_of(&worse),
        control: z_of(&control),
        fault: Fault {
            noise_db,
            moves: if fixed.is_some() { "bits" } else { "symbols" },
            moved_db: db_from_power((1.0 + control.mean) / (1.0 + law.mean)),
        },
        difference: worse.mean,
        trials,
    };
    let pairs: Vec<(f64, f64)> =
        simulated.iter().zip(&predicted).map(|(t, p)| (t.errors.leading(), p.1)).collect();
    let exists = pairs.iter().all(|(_, predicted)| *predicted > 0.0);
    Ok((Law::ZScore(z), exists.then(|| paired_effect(&pairs))))
}

fn bits_of(experiment: &Experiment) -> u32 {
    match experiment.digital_mode() {
        Some(crate::scheme::digital::DigitalMode::Bits(bits)) => bits,
        _ => 0,
    }
}

/// Holds the waveform rung against the symbol rung, grid by grid, on the same channels, payload and noise samples.
///
/// The experiment must have the waveform's own physics off. The control sends every burst one sample late.
///
/// # Errors
/// When the experiment cannot be run.
pub fn waveform_against_symbol(experiment: &Experiment) -> Result<Law, RunError> {
    equality(experiment, Fidelity::Symbol, Fidelity::Waveform)
}

/// Holds ideal radios that stand in the emulated air against the waveform rung, grid by grid, on the same draws.
///
/// The radios' own physics is off, that of the waveform is not. The control sends every burst one sample late.
///
/// # Errors
/// When the experiment cannot be run.
pub fn radio_against_waveform(experiment: &Experiment) -> Result<Law, RunError> {
    equality(experiment, Fidelity::Waveform, Fidelity::Radio)
}

fn equality(experiment: &Experiment, below: Fidelity, above: Fidelity) -> Result<Law, RunError> {
    let lower = TrialContext::new(experiment, below)?.paired();
    let upper = TrialContext::new(experiment, above)?.paired();
    let mut late = TrialContext::new(experiment, above)?.paired();
    late.late_samples = 1;
    let mut equality =
        Equality { difference: 0.0, bound: rounding_bound(experiment), control: f64::INFINITY, values: 0 };
    for trial in 0..EQUALITY_TRIALS {
        let grid = |context: &TrialContext<'_>| -> Result<Vec<airloop_baseband::Complex32>, RunError> {
            Ok(context.run_with_vectors(trial)?.1.grids.unwrap_or_default())
        };
        let (a, b, c) = (grid(&lower)?, grid(&upper)?, grid(&late)?);
        let mean: f64 = a.iter().map(|z| f64::from(z.norm_sqr())).sum::<f64>() / a.len() as f64;
        let worst = |other: &[airloop_baseband::Complex32]| {
            let of = |(x, y): (&airloop_baseband::Complex32, &airloop_baseband::Complex32)| {
                f64::from((x - y).norm())
            };
            a.iter().zip(other).map(of).fold(0.0, f64::max) / mean.sqrt()
        };
        equality.difference = equality.difference.max(worst(&b));
        equality.control = equality.control.min(worst(&c));
        equality.values += a.len();
    }
    Ok(Law::Equality(equality))
}

/// Returns the bound of the rounding difference of two received grids, relative to their root mean square.
///
/// ```text
/// eps_f32 * 8 * (2 log2(fft_size) + sqrt(devices) + sqrt(paths)) * peak,   peak = 5 (largest over rms)
/// ```
///
/// Each transform rounds once a stage, each device and path adds one rounding of its own in random walk. A single carrier has
/// no transform: sums over the samples of a symbol stand in its place, `sqrt(oversampling)`.
pub fn rounding_bound(experiment: &Experiment) -> f64 {
    let paths = match &experiment.channel {
        crate::medium::ChannelModel::Taps { fading, .. } => fading.profile().paths().len(),
        crate::medium::ChannelModel::PerElement { .. } => 1,
    };
    let stages = match experiment.misaligned() {
        Some(section) => (section.oversampling as f64).sqrt(),
        None => 2.0 * (experiment.numerology.fft_size() as f64).log2(),
    };
    let walks = (experiment.payload.devices() as f64).sqrt() + (paths as f64).sqrt();
    f64::from(f32::EPSILON) * 8.0 * (stages + walks) * 5.0
}
