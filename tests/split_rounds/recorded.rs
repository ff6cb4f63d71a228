//! From a shipped trace experiment to split rounds: times and energies against formulas over the same rows, worked out here.

use super::setup::{close, read};
use airloop::config::{Node, Origin};
use airloop::run::RunOptions;
use airloop::split::round::Round;
use airloop::split::run;
use airloop::trace::{TracePlan, TraceWriter, run_trace};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const ROUNDS: u64 = 6;
const DEVICES: usize = 4;

/// Bits of a batch at the cut, as many as a leg of the trace carries.
const BITS: f64 = 32.0 * 128.0 * 8.0;

/// Two layers, of which the first lies on the devices; FLOP rates and powers in round numbers.
const SPLIT: &str = r#"
[split]
cut = 1
batch = 32
bits = 8

[[layer]]
forward_flop = 2e6
values = 128

[[layer]]
forward_flop = 3e6

[device]
count = 4
rate_flop_s = [1e10, 1.1e10, 1.2e10, 1.3e10]
power_w = 5.0

[server]
rate_flop_s = 1e11
power_w = 100.0
"#;

const DEVICE_FLOP_S: [f64; DEVICES] = [1e10, 1.1e10, 1.2e10, 1.3e10];

/// Runs the shipped experiment for a few rounds at an SNR of its uplink, as `airloop trace` does.
fn record(name: &str, snr_db: &str) -> PathBuf {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/traces/split-training.toml");
    let mut tree = Node::read_toml(Path::new(shipped)).unwrap();
    for (key, value) in [("trace.rounds", ROUNDS.to_string().as_str()), ("link.snr_db", snr_db)] {
        tree.set(key, Node::parse_value(value, &Origin::flag("a test")).unwrap()).unwrap();
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("split_rounds");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    let mut writer = TraceWriter::create(&path).unwrap();
    run_trace(&TracePlan::load(&tree).unwrap(), &RunOptions::default(), &mut |rows| {
        rows.iter().try_for_each(|row| writer.write(row))
    })
    .unwrap();
    writer.flush().unwrap();
    path
}

/// What a leg of a device's round gave.
#[derive(Clone, Copy)]
struct Leg {
    rate_bps: f64,
    latency_s: f64,
    tx_energy_j: f64,
}

/// Reads the rows of a CSV by the names in its header, without airloop's reader.
fn legs(path: &Path) -> HashMap<(u64, usize, String), Leg> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let of = |cells: Vec<&str>| {
        let number = |name: &str| cells[place(name)].parse::<f64>().unwrap();
        let leg = Leg {
            rate_bps: number("rate_bps"),
            latency_s: number("latency_s"),
            tx_energy_j: number("tx_energy_j"),
        };
        ((number("round") as u64, number("device") as usize, cells[place("direction")].to_string()), leg)
    };
    lines.map(of).collect()
}

fn rounds(trace: &Path, more: &str) -> Vec<Round> {
    let trace = trace.display();
    let settings =
        format!("uplink.trace=\"{trace}\"; downlink.trace=\"{trace}\"; split.rounds={ROUNDS}; {more}");
    let mut rounds = Vec::new();
    run(&read(SPLIT, &settings).unwrap(), &mut |_, round| {
        rounds.push(round.clone());
        Ok(())
    })
    .unwrap();
    rounds
}

/// ```text
/// T = max_i(F_i / r_i + b / up_i) + sum_i F_s / r_s + max_i(b / down_i + B_i / r_i)
/// ```
#[test]
fn rounds_over_a_recorded_trace_have_the_length_of_their_formula() {
    let path = record("recorded.csv", "0.0");
    let legs = legs(&path);
    assert_eq!(legs.len() as u64, ROUNDS * 2 * DEVICES as u64);
    let rounds = rounds(&path, "");
    assert_eq!(rounds.len() as u64, ROUNDS);
    for round in &rounds {
        let rate_bps = |device: usize, way: &str| legs[&(round.round, device, way.to_string())].rate_bps;
        let before = |i: usize| 32.0 * 2e6 / DEVICE_FLOP_S[i] + BITS / rate_bps(i, "ul");
        let after = |i: usize| BITS / rate_bps(i, "dl") + 32.0 * 4e6 / DEVICE_FLOP_S[i];
        let most = |time: &dyn Fn(usize) -> f64| (0..DEVICES).map(time).fold(0.0, f64::max);
        let server_s = DEVICES as f64 * 32.0 * 9e6 / 1e11;
        close(round.round_s, most(&before) + server_s + most(&after), 1e-12);
    }
    // Control: with blocks lost and sent again, rounds are not all alike.
    assert!(rounds.iter().any(|round| round.round_s != rounds[0].round_s));
}

/// A leg of the trace carries just the bits of a batch, and all of them arrived: sending took the row's energy.
#[test]
fn energy_of_sending_is_that_of_the_rows() {
    let path = record("recorded-energy.csv", "10.0");
    let legs = legs(&path);
    for (bits, share) in [("8", 1.0), ("4", 0.5)] {
        for round in rounds(&path, &format!("split.bits={bits}; split.gradient_bits={bits}")) {
            let mut total_j = 0.0;
            for device in &round.devices {
                let leg = |way: &str| legs[&(round.round, device.device, way.to_string())];
                close(device.energies.up_j.unwrap(), share * leg("ul").tx_energy_j, 1e-9);
                close(device.energies.down_j.unwrap(), share * leg("dl").tx_energy_j, 1e-9);
                let power_w = leg("ul").tx_energy_j / leg("ul").latency_s;
                close(device.energies.up_j.unwrap(), power_w * device.stages.activations_up_s, 1e-12);
                let client_j = 5.0 * 32.0 * 6e6 / DEVICE_FLOP_S[device.device];
                let server_j = 100.0 * 32.0 * 9e6 / 1e11;
                total_j += client_j + server_j + share * (leg("ul").tx_energy_j + leg("dl").tx_energy_j);
            }
            close(round.round_j.unwrap(), total_j, 1e-9);
        }
    }
    // A power that is given comes before the trace's.
    let given = rounds(&path, "uplink.power_dbm=30.0");
    let device = &given[0].devices[2];
    close(device.energies.up_j.unwrap(), device.stages.activations_up_s, 1e-12);
    close(device.energies.down_j.unwrap(), legs[&(0, 2, "dl".to_string())].tx_energy_j, 1e-9);
    // A broadcast has no row, and its energy is not known unless the server's power is given.
    assert_eq!(rounds(&path, "split.phi=0.5")[0].round_j, None);
    assert!(rounds(&path, "split.phi=0.5; downlink.power_dbm=40.0")[0].round_j.is_some());
}
