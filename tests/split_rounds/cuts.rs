//! The exact choice of cuts against every choice there is.

use super::setup::{BASE, close, read, report};
use airloop::baseband::seeds::{Purpose, Seeds, Stream};
use airloop::split::cut::{Candidate, CutProblem, Objective, by_enumeration, by_thresholds};
use airloop::split::round::Links;

/// A random number between powers of ten, log-uniform.
fn between(stream: &Stream, index: &mut u64, low: f64, high: f64) -> f64 {
    *index += 1;
    10f64.powf(low + (high - low) * stream.uniform(*index))
}

/// Instances with times and costs of no order at all, ties among them.
#[test]
fn thresholds_equal_enumeration_on_random_tables() {
    let seeds = Seeds::new(17);
    for instance in 0..200 {
        let stream = seeds.stream(Purpose::Placement, instance, 0);
        let mut at = 0;
        let (devices, cuts) = (1 + (instance % 4) as usize, 1 + (instance / 4 % 6) as usize);
        let mut number = |coarse: bool| {
            let x = between(&stream, &mut at, -2.0, 1.0);
            if coarse { (4.0 * x).round() / 4.0 } else { x }
        };
        let mut candidate = |cut| Candidate {
            cut,
            first_s: number(instance % 3 == 0),
            second_s: number(instance % 3 == 0),
            cost_j: number(instance % 5 == 0),
        };
        let candidates = (0..devices).map(|_| (1..=cuts).map(&mut candidate).collect()).collect();
        let time_weight_w = [0.0, 0.3, 1.0, 30.0][(instance / 50) as usize];
        let problem = CutProblem { time_weight_w, candidates };
        let (fast, all) = (by_thresholds(&problem).unwrap(), by_enumeration(&problem).unwrap());
        assert_eq!(fast.value_j, all.value_j, "instance {instance}: {problem:?}");
        assert_eq!(problem.value_j(&fast.picks), fast.value_j, "instance {instance}");
    }
}

/// Instances as files: up to four devices, up to six blocks of one's own, clocks, powers and rates over decades, all three services.
#[test]
fn the_best_cuts_of_files_equal_enumeration_of_whole_rounds() {
    let seeds = Seeds::new(23);
    let mut inner = 0;
    for instance in 0..200u64 {
        let stream = seeds.stream(Purpose::Placement, instance, 0);
        let mut at = 0;
        let (devices, cuts) = (2 + (instance % 3) as usize, 2 + (instance % 5) as usize);
        let mut list = |low, high| {
            let numbers: Vec<String> =
                (0..devices).map(|_| format!("{:e}", between(&stream, &mut at, low, high))).collect();
            format!("[{}]", numbers.join(", "))
        };
        let service = ["sequential", "parallel", "in-turn"][(instance % 3) as usize];
        let keys = [
            ("device.rate_flop_s", 9.0, 12.0),
            ("uplink.rate_bps", 5.0, 8.0),
            ("downlink.rate_bps", 5.0, 8.0),
        ];
        let mut settings = format!(
            "device.count={devices}; split.cut=\"best\"; split.service=\"{service}\"; split.objective=\"cost\"; \
             split.time_weight_w={}; split.model=none",
            [1.0, 100.0][(instance / 100) as usize]
        );
        for (key, low, high) in keys {
            settings += &format!("; {key}={}", list(low, high));
        }
        let layers: String = (0..=cuts)
            .map(|layer| {
                let flop = between(&stream, &mut at, 6.0, 9.0);
                let values = between(&stream, &mut at, 2.0, 5.0) as u64;
                format!("[[layer]]\nname = \"{layer}\"\nforward_flop = {flop:e}\nvalues = {values}\n")
            })
            .collect();
        let config = read(&format!("{BASE}{layers}"), &settings).unwrap();
        let found = airloop::split::run(&config, &mut |_, _| Ok(())).unwrap();
        let mut links = Links { up: config.uplink.open().unwrap(), down: config.downlink.open().unwrap() };
        let Objective::Cost { time_weight_w } = config.objective else { panic!() };
        let mut value = |cuts: &[usize]| {
            let round = config.plan.round(0, cuts, &mut links).unwrap();
            time_weight_w * round.round_s + round.round_j.unwrap()
        };
        let mut least = f64::INFINITY;
        let mut best = Vec::new();
        for code in 0..cuts.pow(devices as u32) {
            let picks: Vec<usize> =
                (0..devices).map(|device| 1 + code / cuts.pow(device as u32) % cuts).collect();
            let cost = value(&picks);
            if cost < least {
                (least, best) = (cost, picks);
            }
        }
        close(value(&found.cuts), least, 1e-13);
        inner += usize::from(best.iter().any(|cut| *cut != best[0]));
    }
    assert!(inner > 50, "devices cut at different places in {inner} instances only: too easy");
}

#[test]
fn a_memory_limit_keeps_cuts_small_and_time_alone_needs_no_powers() {
    let best = |settings: &str| report(BASE, &format!("split.cut=\"best\"; {settings}")).cuts;
    let free = best("device.rate_flop_s=1e14; server.power_w=none");
    assert_eq!(free, [5, 5]);
    // Stem and first two stages: 675392 parameters of 4 bytes, and 8 samples of 65536 + 65536 + 32768 values of 4 bytes.
    let needed = 4.0 * 675_392.0 + 4.0 * 8.0 * 163_840.0;
    let limited = best(&format!("device.rate_flop_s=1e14; device.memory_bytes=[{needed:.1}, 1e9]"));
    assert_eq!(limited, [3, 5]);
    assert_eq!(best("device.rate_flop_s=1e14; split.max_cut=2"), [2, 2]);
    let config = read(BASE, "split.cut=\"best\"; device.memory_bytes=1000.0").unwrap();
    let error = airloop::split::run(&config, &mut |_, _| Ok(())).unwrap_err().to_string();
    assert!(error.contains("device 0 has no cut: its memory"), "{error}");
}

#[test]
fn twenty_devices_with_a_transformer_take_no_time() {
    let text = include_str!("../../experiments/split/wei-chen.toml");
    let report = report(text, "split.model=\"llama-7b\"; split.batch=1; device.count=40");
    assert_eq!(report.cuts.len(), 40);
}
