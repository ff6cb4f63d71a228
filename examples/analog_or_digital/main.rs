//! Analog against digital aggregation of real gradients: error against airtime and against energy, for 1 to 100 devices, and where
//! digital overtakes.
//!
//! ```sh
//! cargo run --release --example analog_or_digital         # 1 to 100 devices: some twelve minutes on two cores
//! cargo run --release --example analog_or_digital -- 2 5  # so many
//! ```
//!
//! Both sides have the same channel, band, noise and power; pilots, control, feedback, packet headers and retransmissions take
//! airtime and energy. Each side has the best of its candidates at every cost: analog repeats its sum, digital chooses quantiser,
//! modulation and code, and whether a device in its turn has the power of its silence.

mod candidates;
mod front;
mod table;

use airloop::experiment::Loader;
use airloop::report::Fidelity;
use airloop::run::{RunOptions, run};
use airloop_plots::{Figure, Table, render};
use candidates::{Candidate, POWERS, Side};
use front::{Cost, Crossing, Front};
use std::error::Error;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Numbers of devices.
const DEVICES: [usize; 7] = [1, 2, 5, 10, 20, 50, 100];

/// The share of the analog error from which on more passes are not tried.
const FAR_BETTER: f64 = 0.1;

const AIRTIME: Cost = |point| point.airtime_s;
const ENERGY: Cost = |point| point.energy_j;

type Failure = Box<dyn Error + Send + Sync>;

/// What one candidate costs and gives.
#[derive(Clone, Debug)]
pub struct Point {
    side: Side,
    devices: usize,
    trials: u64,
    airtime_s: f64,
    energy_j: f64,
    nmse: f64,
    interval: (Option<f64>, Option<f64>),
    choice: String,
}

fn main() -> Result<(), Failure> {
    let asked: Vec<usize> = std::env::args()
        .skip(1)
        .map(|word| match word.parse() {
            Ok(devices) if (1..=1000).contains(&devices) => Ok(devices),
            _ => Err(format!("{word}: numbers of devices from 1 to 1000 are expected, for example 2 5")),
        })
        .collect::<Result<_, _>>()?;
    let devices = if asked.is_empty() { DEVICES.to_vec() } else { asked };
    let loader = Loader::default();
    let mut points = Vec::new();
    for devices in devices.iter().copied() {
        let found = of_devices(&loader, devices)?;
        eprintln!("{devices} devices: {} ways measured", found.len());
        points.extend(found);
    }
    write(&points, &devices)
}

/// Measures the candidates of both sides. More passes of the analog sum are tried until bits are far better at the same airtime.
fn of_devices(loader: &Loader, devices: usize) -> Result<Vec<Point>, Failure> {
    let mut points = Vec::new();
    for power in POWERS {
        let index = candidates::fastest(power, |candidate| measure(loader, candidate, devices))?;
        for candidate in candidates::digital(power, index) {
            points.extend(measure(loader, &candidate, devices)?);
        }
    }
    let digital = points.clone();
    let digital = Front::new(digital.iter(), AIRTIME);
    for passes in candidates::analog() {
        for candidate in passes {
            let Some(point) = measure(loader, &candidate, devices)? else { continue };
            let lost = digital.nmse(point.airtime_s) < FAR_BETTER * point.nmse;
            points.push(point);
            if lost {
                break;
            }
        }
    }
    Ok(points)
}

/// Runs a candidate; `None` where its airtime holds no whole pass.
fn measure(loader: &Loader, candidate: &Candidate, devices: usize) -> Result<Option<Point>, Failure> {
    let options = RunOptions { progress: &|_, _| {}, interrupted: &AtomicBool::new(false) };
    let experiment = match loader.load(&candidate.tree(devices)?) {
        Ok(experiment) => experiment,
        // The shortest airtimes do not hold one pass with its pilots.
        Err(error) if error.to_string().contains("budget.airtime_s") => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let report = run(&experiment, Fidelity::Symbol, &options)?;
    let nmse = report.metrics.nmse.ok_or("no nmse")?;
    Ok(Some(Point {
        side: candidate.side,
        devices,
        trials: report.trials,
        airtime_s: report.airtime_s.ok_or("no airtime")?,
        energy_j: report.energy_j.ok_or("no energy")?,
        nmse: nmse.mean.ok_or("no mean")?,
        interval: (nmse.low, nmse.high),
        choice: candidate.choice.clone(),
    }))
}

fn write(points: &[Point], devices: &[usize]) -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("results/analog-or-digital");
    std::fs::create_dir_all(&folder)?;
    let front = |side: Side, devices: usize, cost: Cost| {
        Front::new(points.iter().filter(move |p| p.side == side && p.devices == devices), cost)
    };
    let crossing = |devices: usize, cost: Cost| {
        front(Side::Analog, devices, cost).crossing(&front(Side::Digital, devices, cost))
    };
    for (name, cost) in [("airtime", AIRTIME), ("energy", ENERGY)] {
        let sides = [Side::Analog, Side::Digital];
        let fronts: Vec<_> = sides
            .iter()
            .flat_map(|side| devices.iter().map(move |k| (*side, *k)))
            .map(|(side, k)| front(side, k, cost))
            .collect();
        std::fs::write(folder.join(format!("{name}.csv")), table::fronts(&fronts))?;
    }
    let crossings: Vec<_> =
        devices.iter().map(|k| (*k, crossing(*k, AIRTIME), crossing(*k, ENERGY))).collect();
    std::fs::write(folder.join("crossings.csv"), table::crossings(&crossings))?;
    let names: &[&str] =
        if devices.len() > 1 { &["airtime", "energy", "crossings"] } else { &["airtime", "energy"] };
    for name in names {
        let mut figure = Figure::from_file(root.join(format!("figures/analog-or-digital-{name}.toml")))?;
        if *devices != DEVICES {
            // The figure files choose among all numbers of devices.
            figure.filter.clear();
        }
        let table = Table::read(folder.join(format!("{name}.csv")))?;
        for ending in ["svg", "png"] {
            render(&figure, &table, &folder.join(format!("{name}.{ending}")))?;
        }
    }
    println!("results/analog-or-digital: {}, each as .csv, .svg and .png", names.join(", "));
    println!("devices   digital overtakes from airtime (NMSE)    from energy (NMSE)");
    for (devices, airtime, energy) in crossings {
        println!("{devices:7}   {:32}   {}", words(airtime, 1e3, "ms"), words(energy, 1e3, "mJ"));
    }
    Ok(())
}

fn words(crossing: Crossing, scale: f64, unit: &str) -> String {
    match crossing {
        Crossing::At { cost, nmse } => format!("{:.3} {unit} ({:.1} dB)", cost * scale, 10.0 * nmse.log10()),
        Crossing::Always => "its first candidate".into(),
        Crossing::Never => "nowhere".into(),
    }
}
