//! Radios that share an ether are measured, aligned and given a round.

use airloop::config::Node;
use airloop::experiment::{Experiment, Loader};
use airloop::hil::{Clock, Radio, VirtualRadio};
use airloop::lab::{Bench, LabConfig, Log, run};
use airloop::report::Fidelity;
use airloop::run::shared::{ServeConfig, serve};
use airloop::run::{RunOptions, run as run_experiment};
use std::path::Path;

const EXPERIMENT: &str = r#"
seed = 5
[payload]
source = "gaussian"
devices = 4
length = 4000
function = "sum"
[ofdm]
bandwidth_hz = 5e6
subcarrier_spacing_hz = 15e3
[channel]
model = "tdl-a"
delay_spread_s = 100e-9
carrier_hz = 2.45e9
[link]
snr_db = 20.0
csi = "perfect"
[scheme]
kind = "truncated-inversion"
threshold = 0.05
[stop]
trials = 1
"#;

const LAB: &str = r#"
centre_hz = 2.45e9
back_off_db = 12.0
turnaround_s = 1e-3
[[radio]]
name = "server"
ether = "x"
"#;

fn experiment_at(snr_db: f64) -> Experiment {
    let text = EXPERIMENT.replace("20.0", &format!("{snr_db:.1}"));
    let root = Node::parse_toml(&text, Path::new("lab.toml")).unwrap();
    Loader::default().load(&root).unwrap()
}

#[test]
fn ideal_radios_carry_the_round_of_the_waveform_rung() {
    let experiment = experiment_at(20.0);
    let config = LabConfig::of(&Node::parse_toml(LAB, Path::new("lab")).unwrap(), Path::new("")).unwrap();
    let air = experiment_at(32.0);
    let served = serve(&air, &ServeConfig { clock: Clock::Lockstep, radios: None, downlinks: true }).unwrap();
    let radio = |name: &String| -> (String, Box<dyn Radio>) {
        (name.clone(), Box::new(VirtualRadio::new(served.ether.attach_named(name).unwrap())))
    };
    let names: Vec<String> = served.places.iter().map(|place| place.name.clone()).collect();
    let radios = names.iter().map(radio).collect();
    let mut bench = Bench::new(&config, served.sample_rate_hz, radios).unwrap();
    let mut log = Log::default();
    let outcome = run(&experiment, &config, (&mut bench, &mut log));
    for step in &log.0 {
        println!(
            "{:10} {:10} {:24} {:12.6} {:?}",
            step.step, step.radio, step.quantity, step.value, step.limit
        );
    }
    let round = outcome.unwrap();
    assert!(round.status.is_clean());
    let lab = round.report.metrics.nmse.unwrap().mean.unwrap();
    let known = run_experiment(&experiment, Fidelity::Radio, &RunOptions::default()).unwrap();
    let known = known.metrics.nmse.unwrap().mean.unwrap();
    println!("{lab} {known}\n{}", round.calibration.toml());
}
