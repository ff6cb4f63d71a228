//! The random projection, recovery and choice of the largest entries, against a memory fill.

mod support;

use airloop::baseband::{Purpose, Seeds};
use airloop::sparse::{AmpSettings, Prior, Projection, StateEvolution, recover, take_largest};
use std::hint::black_box;
use support::{Row, print, shortest};

const ROWS: usize = 5_000;
const COLUMNS: usize = 10_000;
const ITERATIONS: usize = 30;
const DENSITY: f64 = 0.1;

fn main() {
    let seeds = Seeds::new(1);
    let projection = Projection::new(ROWS, COLUMNS, seeds.stream(Purpose::Projection, 0, 0));
    let mut dense = vec![0.0; COLUMNS];
    seeds.stream(Purpose::Payload, 0, 0).fill_gaussian(0, &mut dense);
    let sparse = take_largest(&mut dense.clone(), (DENSITY * COLUMNS as f64) as usize);
    let mut y = vec![0.0; ROWS];
    let mut noise = y.clone();
    seeds.stream(Purpose::Noise, 0, 0).fill_gaussian(0, &mut noise);

    let mut values = vec![0.0f32; 1 << 16];
    let fill = (1 << 16) as f64 / shortest(|| black_box(&mut values).fill(black_box(1.0)));
    let adjoint = shortest(|| projection.adjoint(black_box(&noise), black_box(&mut dense)));
    let forward = shortest(|| projection.forward(black_box(&dense), black_box(&mut y)));
    let forward_sparse = shortest(|| projection.forward_sparse(black_box(&sparse), black_box(&mut y)));

    let power = y.iter().map(|y| f64::from(y * y)).sum::<f64>() / ROWS as f64;
    let noise_variance = 0.01 * power;
    y.iter_mut().zip(&noise).for_each(|(y, noise)| *y += noise_variance.sqrt() as f32 * noise);
    let prior = Prior::BernoulliGaussian { density: DENSITY, variance: power * 0.5 / DENSITY };
    let alpha = StateEvolution { prior, delta: 0.5, noise_variance }.best_alpha();
    let settings = AmpSettings { alpha, iterations: ITERATIONS, tolerance: 0.0 };
    let recovery = shortest(|| {
        black_box(recover(&projection, black_box(&y), &settings));
    });
    let million: Vec<f32> = dense.iter().copied().cycle().take(1_000_000).collect();
    let largest = shortest(|| {
        black_box(take_largest(&mut million.clone(), 10_000));
    });

    let entries = (ROWS * COLUMNS) as f64;
    let row = |name: &str, count: f64, seconds: f64, unit| Row {
        name: name.into(),
        rate: count / seconds,
        unit,
        ceiling: ("memory fill, values", fill),
    };
    print(
        &format!("sparse: {ROWS} by {COLUMNS}; recovery of {ITERATIONS} iterations in {recovery:.3} s"),
        &[
            row("adjoint", entries, adjoint, "matrix entries"),
            row("forward, dense", entries, forward, "matrix entries"),
            row("forward, a tenth", entries, forward_sparse, "matrix entries"),
            row("recovery", 2.0 * ITERATIONS as f64 * entries, recovery, "matrix entries"),
            row("the largest 1 % of 10^6", 1e6, largest, "values"),
        ],
    );
}
