//! Accuracy on the held-out digits against airtime: 20 devices train one network over the air, three ways, ten times.
//!
//! ```sh
//! cargo run --release --example learning_curve            # the table and its figure
//! cargo run --release --example learning_curve -- --tune  # how steps were chosen
//! ```

mod curves;
mod data;
mod network;
mod table;
mod training;

use airloop_plots::{Figure, Table, render};
use rayon::prelude::*;
use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use training::{Curve, Point};

/// The seeds of the runs; [`TUNING_SEED`] is none of them.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=10;
/// The seed that steps were chosen on.
const TUNING_SEED: u64 = 0;
/// Airtime of a whole training, the same for every scheme.
const AIRTIME_S: f64 = 0.4;
/// Where the curves begin: after one round.
const FIRST_S: f64 = 1.25e-3;
/// Points of a curve.
const POINTS: usize = 40;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => draw(),
        ["--tune"] => tune(),
        _ => Err("usage: learning_curve [--tune]".into()),
    }
}

/// Runs every curve at every seed, and leaves the table and the figure in `results/learning-curve`.
fn draw() -> Result<(), Failure> {
    let digits = data::digits()?;
    let jobs: Vec<(Curve, u64)> = curves::CURVES.iter().flat_map(|c| SEEDS.map(|s| (*c, s))).collect();
    let done = AtomicUsize::new(0);
    let run = |(curve, seed): &(Curve, u64)| -> Result<Vec<Point>, Failure> {
        let points = training::train(curve, &digits, *seed, AIRTIME_S)?;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        let accuracy = points[points.len() - 1].accuracy;
        eprintln!("{done:2} of {}: {}, seed {seed}: {accuracy:.3}", jobs.len(), curve.label);
        Ok(points)
    };
    let runs = jobs.par_iter().map(run).collect::<Result<Vec<_>, _>>()?;
    let of = |(curve, runs): (&Curve, &[Vec<Point>])| (*curve, runs.to_vec());
    let curves: Vec<_> = curves::CURVES.iter().zip(runs.chunks(SEEDS.count())).map(of).collect();
    let text = table::table(&curves, &table::airtimes_s(FIRST_S, AIRTIME_S, POINTS));

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("results/learning-curve");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("table.csv"), text)?;
    let figure = Figure::from_file(root.join("figures/learning-curve.toml"))?;
    let table = Table::read(&folder)?;
    for name in ["learning-curve.svg", "learning-curve.png"] {
        render(&figure, &table, &folder.join(name))?;
    }
    println!("results/learning-curve: table.csv, learning-curve.svg, learning-curve.png");
    println!("accuracy after {AIRTIME_S} s of airtime, mean of {} seeds (95 %):", SEEDS.count());
    for (curve, runs) in &curves {
        let rounds = runs[0].len() - 1;
        let last = table::accuracy(runs, AIRTIME_S);
        if let (Some(mean), Some(low), Some(high)) = (last.mean, last.low, last.high) {
            println!("  {}: {mean:.3} ({low:.3} to {high:.3}), {rounds} rounds", curve.label);
        }
    }
    Ok(())
}

/// Prints, for settings and steps around each curve's own, the mean accuracy over the whole airtime at the tuning seed,
/// by which they were chosen, and that over its last fifth.
fn tune() -> Result<(), Failure> {
    let digits = data::digits()?;
    let candidates: Vec<Curve> = curves::CURVES.into_iter().flat_map(Curve::candidates).collect();
    let tried: Vec<String> = candidates
        .par_iter()
        .map(|curve| {
            let found = match training::train(curve, &digits, TUNING_SEED, AIRTIME_S) {
                Ok(run) => {
                    format!("{:.3} {:.3}", mean(&run), mean(&run[run.len() - run.len().div_ceil(5)..]))
                }
                Err(error) => format!("no result, {error}"),
            };
            format!("{found}  {}, step {}  {}", curve.label, curve.step, curve.settings.replace('\n', ", "))
        })
        .collect();
    println!("{}", tried.join("\n"));
    Ok(())
}

/// Returns the mean accuracy over rounds, which all take the same airtime.
fn mean(points: &[Point]) -> f64 {
    points.iter().map(|p| p.accuracy).sum::<f64>() / points.len() as f64
}
