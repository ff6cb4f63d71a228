//! Split training of the digits: activations go up over a link, gradients come down over another, and airtime adds up.
//!
//! ```sh
//! cargo run -p airloop-candle --release --example split_training             # five seeds
//! cargo run -p airloop-candle --release --example split_training -- --quick  # one seed, few rounds
//! ```

mod data;
mod links;
mod network;
mod training;

use airloop::baseband::{Accumulator, Estimate};
use links::{Cut, DOWNLINK_SNR_DB, UPLINK_SNR_DB};
use std::error::Error;
use training::{BATCH, Run};

/// Level of the intervals.
const LEVEL: f64 = 0.95;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (seeds, epochs) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => (1..=5, 20),
        ["--quick"] => (1..=1, 3),
        _ => return Err("usage: split_training [--quick]".into()),
    };
    println!(
        "{BATCH} x {} values a round each way; {UPLINK_SNR_DB} dB up, {DOWNLINK_SNR_DB} dB down; {} seeds (95 %)",
        network::HIDDEN,
        seeds.clone().count()
    );
    println!("{:29}{:24}{:24}ms a round: up    down   both", "", "accuracy", "over the link");
    for cut in Cut::ALL {
        let runs =
            seeds.clone().map(|seed| training::train(cut, seed, epochs)).collect::<Result<Vec<_>, _>>()?;
        println!("{}", row(cut, &runs));
    }
    Ok(())
}

/// Returns what the runs of several seeds gave.
fn row(cut: Cut, runs: &[Run]) -> String {
    let rounds: usize = runs.iter().map(|run| run.rounds).sum();
    let mean_ms = |of: fn(&Run) -> f64| 1e3 * runs.iter().map(of).sum::<f64>() / rounds as f64;
    let (up_ms, down_ms) = (mean_ms(|run| run.up_s), mean_ms(|run| run.down_s));
    let accuracy = over_seeds(runs, |run| run.accuracy);
    let over_link = over_seeds(runs, |run| run.accuracy_over_link);
    let both_ms = up_ms + down_ms;
    format!("{:29}{accuracy:24}{over_link:24}{up_ms:14.2}{down_ms:8.2}{both_ms:7.2}", cut.label())
}

/// Returns a mean over seeds with the interval of Student's t.
fn over_seeds(runs: &[Run], of: fn(&Run) -> f64) -> String {
    let mut accumulator = Accumulator::new(LEVEL);
    runs.iter().for_each(|run| accumulator.push(of(run)));
    let Estimate { mean, low, high, .. } = accumulator.estimate();
    match (mean, low, high) {
        (Some(mean), Some(low), Some(high)) => format!("{mean:.3} ({low:.3} to {high:.3})"),
        (Some(mean), ..) => format!("{mean:.3}"),
        _ => "-".into(),
    }
}
