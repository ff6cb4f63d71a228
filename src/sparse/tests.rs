//! Message passing against state evolution, and on both sides of its boundary.

use super::*;
use airloop_baseband::checks::{CheckFailure, CheckPass, CheckSpec, check_mean, detects_share};
use airloop_baseband::statistics::Moments;
use airloop_baseband::{Purpose, Seeds};
use std::time::Instant;

const COLUMNS: usize = 3_000;
const ITERATIONS: usize = 12;
const TRIALS: u64 = 80;

/// A law of vectors, a shape and a noise.
struct Case {
    delta: f64,
    density: f64,
    snr_db: f64,
    alpha: f64,
}

impl Case {
    fn rows(&self) -> usize {
        (self.delta * COLUMNS as f64) as usize
    }

    /// SNR is the power of a noiseless measurement over that of its noise.
    fn noise_variance(&self) -> f64 {
        self.density / self.delta * 10f64.powf(-self.snr_db / 10.0)
    }

    fn projection(&self, trial: u64) -> Projection {
        Projection::new(self.rows(), COLUMNS, Seeds::new(5).stream(Purpose::Projection, trial, 0))
    }

    /// Returns entries that are Gaussian of variance 1 with the probability `density`, else 0.
    fn vector(&self, trial: u64) -> Vec<f32> {
        let stream = Seeds::new(5).stream(Purpose::Payload, trial, 0);
        let (mut x, mut choice) = (vec![0.0; COLUMNS], vec![0.0; COLUMNS]);
        stream.fill_gaussian(0, &mut x);
        stream.fill_uniform(0, &mut choice);
        for (x, choice) in x.iter_mut().zip(choice) {
            *x = if f64::from(choice) < self.density { *x } else { 0.0 };
        }
        x
    }

    fn noise(&self, trial: u64) -> Vec<f32> {
        let mut noise = vec![0.0; self.rows()];
        Seeds::new(5).stream(Purpose::Noise, trial, 0).fill_gaussian(0, &mut noise);
        let amplitude = self.noise_variance().sqrt() as f32;
        noise.iter_mut().for_each(|noise| *noise *= amplitude);
        noise
    }
}

fn mean_square(values: impl ExactSizeIterator<Item = f32>) -> f64 {
    let count = values.len() as f64;
    values.map(|value| f64::from(value).powi(2)).sum::<f64>() / count
}

fn error(x: &[f32], estimate: &[f32]) -> f64 {
    mean_square(x.iter().zip(estimate).map(|(x, estimate)| x - estimate))
}

/// What message passing did in one trial.
struct Trial {
    x: Vec<f32>,
    /// Mean square of the noise that was drawn.
    noise_power: f64,
    /// Effective noise powers.
    tau_squared: Vec<f64>,
    /// Error per entry in the end.
    error: f64,
}

fn measure(projection: &Projection, x: &[f32], noise: &[f32]) -> Vec<f32> {
    let mut y = vec![0.0; projection.rows()];
    projection.forward(x, &mut y);
    y.iter_mut().zip(noise).for_each(|(y, noise)| *y += noise);
    y
}

fn run(case: &Case, trial: u64) -> Trial {
    let (projection, x, noise) = (case.projection(trial), case.vector(trial), case.noise(trial));
    let settings = AmpSettings { alpha: case.alpha, iterations: ITERATIONS, tolerance: 0.0 };
    let found = recover(&projection, &measure(&projection, &x, &noise), &settings);
    assert_eq!(found.ending, Ending::IterationsSpent);
    Trial {
        error: error(&x, &found.estimate),
        x,
        noise_power: mean_square(noise.into_iter()),
        tau_squared: found.tau.iter().map(|tau| tau * tau).collect(),
    }
}

/// Returns the effective noise powers of all iterations and the error in the end, over what state evolution gives.
fn ratios(trial: &Trial, evolution: &StateEvolution<'_>, alpha: f64) -> Vec<f64> {
    let mut expected = vec![evolution.start()];
    for iteration in 0..ITERATIONS {
        expected.push(evolution.next(expected[iteration], alpha));
    }
    let mut ratios: Vec<f64> = trial.tau_squared.iter().zip(&expected).map(|(seen, of)| seen / of).collect();
    ratios.push(trial.error / evolution.mse(expected[ITERATIONS - 1], alpha));
    ratios
}

/// Checks the mean of each ratio to be 1.
fn check(ratios: &[Vec<f64>]) -> Vec<Result<CheckPass, CheckFailure>> {
    let spec = CheckSpec { alpha: 1e-6, detects: detects_share(1.0, 0.15) };
    (0..ITERATIONS + 2)
        .map(|place| check_mean(&Moments::of(ratios.iter().map(|ratios| ratios[place])), 1.0, spec))
        .collect()
}

/// Compares each iteration's effective noise and the error in the end with state evolution for the trial's own vector and
/// noise power. Controls: predictions for a lower threshold and for more noise.
#[track_caller]
fn follows_state_evolution(case: &Case) {
    let began = Instant::now();
    let trials: Vec<Trial> = (0..TRIALS).map(|trial| run(case, trial)).collect();
    let predicted = |alpha_factor: f64, noise_factor: f64| {
        let ratios = |trial: &Trial| {
            let prior = Prior::Values(&trial.x);
            let noise_variance = noise_factor * trial.noise_power;
            let evolution = StateEvolution { prior, delta: case.delta, noise_variance };
            ratios(trial, &evolution, alpha_factor * case.alpha)
        };
        check(&trials.iter().map(ratios).collect::<Vec<_>>())
    };
    let of_trials = predicted(1.0, 1.0);
    println!("{} trials, {:.2} s", trials.len(), began.elapsed().as_secs_f64());
    for outcome in &of_trials {
        println!("{}", outcome.as_ref().unwrap_or_else(|failure| panic!("{failure}")));
    }
    for wrong in [predicted(0.8, 1.0), predicted(1.0, 1.4)] {
        for outcome in &wrong[ITERATIONS..] {
            assert!(
                matches!(outcome, Err(CheckFailure::Disagrees(_))),
                "a wrong prediction passed: {outcome:?}"
            );
        }
    }
}

#[test]
fn errors_follow_state_evolution_at_half_the_measurements() {
    follows_state_evolution(&Case { delta: 0.5, density: 0.1, snr_db: 20.0, alpha: 1.18 });
}

#[test]
fn errors_follow_state_evolution_of_very_sparse_vectors() {
    follows_state_evolution(&Case { delta: 0.3, density: 0.04, snr_db: 15.0, alpha: 1.5 });
}

#[test]
fn errors_follow_state_evolution_of_dense_vectors() {
    follows_state_evolution(&Case { delta: 0.7, density: 0.2, snr_db: 25.0, alpha: 0.95 });
}

/// Signs of 1 at random places, without noise: below the boundary they are found to rounding, above it never.
#[test]
fn boundary_parts_found_from_lost() {
    let case = Case { delta: 0.5, density: 0.0, snr_db: 0.0, alpha: minimax_threshold(0.5) };
    let settings = AmpSettings { alpha: case.alpha, iterations: 300, tolerance: 1e-5 };
    let limit = most_nonzeros(case.rows(), COLUMNS);
    let outcome = |share: f64, trial: u64| {
        let nonzeros = (share * limit) as usize;
        let order = Seeds::new(6).stream(Purpose::Subset, trial, 0).permutation(COLUMNS);
        let mut x = vec![0.0; COLUMNS];
        for (number, place) in order[..nonzeros].iter().enumerate() {
            x[*place as usize] = if number % 2 == 0 { 1.0 } else { -1.0 };
        }
        let projection = case.projection(trial);
        let found = recover(&projection, &measure(&projection, &x, &[]), &settings);
        (found.ending, error(&x, &found.estimate) / mean_square(x.into_iter()))
    };
    for trial in 0..3 {
        let (inside, outside) = (outcome(0.7, trial), outcome(1.2, trial));
        println!("{inside:?} {outside:?}");
        assert!(inside.0 == Ending::Converged && inside.1 < 1e-9, "{inside:?}");
        assert!(outside.1 > 0.01, "{outside:?}");
    }
}

#[test]
fn endings() {
    let case = Case { delta: 0.5, density: 0.1, snr_db: 20.0, alpha: 1.18 };
    let (projection, x) = (case.projection(0), case.vector(0));
    let y = measure(&projection, &x, &case.noise(0));
    let run = |alpha, iterations, tolerance| {
        let settings = AmpSettings { alpha, iterations, tolerance };
        let found = recover(&projection, &y, &settings);
        assert_eq!(found, recover(&projection, &y, &settings));
        found
    };
    let converged = run(1.18, 100, 1e-3);
    assert!(converged.ending == Ending::Converged && (5..60).contains(&converged.tau.len()), "{converged:?}");
    let spent = run(1.18, 3, 1e-3);
    assert_eq!((spent.ending, spent.tau.len()), (Ending::IterationsSpent, 4));
    assert_eq!(spent.tau, converged.tau[..4]);
    let diverged = run(0.8 * least_threshold(0.5), 100, 1e-3);
    assert_eq!(diverged.ending, Ending::Diverged);
    assert!(
        diverged.tau.len() < 60 && diverged.tau.last() > Some(&(3.0 * diverged.tau[0])),
        "{:?}",
        diverged.tau
    );

    let settings = AmpSettings { alpha: 1.18, iterations: 5, tolerance: 0.0 };
    let silent = recover(&projection, &vec![0.0; projection.rows()], &settings);
    assert_eq!(silent.ending, Ending::Converged);
    assert!(silent.estimate.iter().all(|x| *x == 0.0));
    let mut broken = y.clone();
    broken[7] = f32::NAN;
    assert_eq!(recover(&projection, &broken, &settings).ending, Ending::Diverged);
}
