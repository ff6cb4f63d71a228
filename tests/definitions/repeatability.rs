//! The same seed gives the same bytes on any number of threads; another seed other draws of the same law.

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::Fidelity;
use std::time::Instant;

const SCHEMES: [&str; 4] = [
    "scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain",
    "scheme.kind=full-inversion",
    "scheme.kind=optimal-power",
    "scheme.kind=digital; scheme.bits=4",
];

fn json(experiment: &Experiment, fidelity: Fidelity, threads: usize) -> String {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    serde_json::to_string(&pool.install(|| report(experiment, fidelity))).unwrap()
}

#[test]
fn one_two_and_five_threads_write_the_same_bytes() {
    for scheme in SCHEMES {
        for stop in ["stop.trials=150", "stop.relative_half_width=0.1; stop.max_trials=300"] {
            if scheme.ends_with("full-inversion") && stop.contains("half_width") {
                continue; // no mean, no interval to watch
            }
            let settings = [&gaussian(5, 300), SELECTIVE, "link.snr_db=8", scheme, stop];
            for fidelity in Fidelity::ALL {
                let one = json(&load(&settings), fidelity, 1);
                assert_eq!(one, json(&load(&settings), fidelity, 2), "{fidelity}, {scheme}");
                assert_eq!(one, json(&load(&settings), fidelity, 5), "{fidelity}, {scheme}");
                assert!(one.len() > 500 && !one.contains("NaN"));
            }
        }
    }
}

#[test]
fn moving_and_stored_payloads_repeat_too() {
    let moving = "channel.model=tdl-a; channel.delay_spread_s=3e-7; channel.speed_m_s=20; stop.trials=70";
    let settings = [&shipped(), moving, "link.snr_db=8", SCHEMES[0]];
    assert_eq!(json(&load(&settings), Fidelity::Symbol, 1), json(&load(&settings), Fidelity::Symbol, 5));
}

#[test]
fn another_seed_draws_otherwise_and_says_the_same() {
    let make = |seed: u64| {
        load(&[&gaussian(10, 960), RAYLEIGH, "link.snr_db=10", SCHEMES[0], &format!("seed={seed}")])
    };
    // 1 - zeta + E1(g)/(K SNR).
    let expected = 1.0 - (-0.1f64).exp() + e1(0.1) / 100.0;
    let mut seen = Vec::new();
    for seed in [0, 1, 2, 77, u64::from(u32::MAX) + 5] {
        let since = Instant::now();
        let found = trials(&make(seed), Fidelity::Symbol, 512);
        assert_error(&format!("seed {seed}"), &found, expected, since);
        seen.push(found[0].mse_per_device());
        assert_ne!(
            report(&make(seed), Fidelity::Theory).experiment_id,
            report(&make(seed + 1), Fidelity::Theory).experiment_id
        );
    }
    seen.sort_by(f64::total_cmp);
    assert!(seen.windows(2).all(|w| w[0] < w[1]), "{seen:?}");
}

#[test]
fn trials_of_one_seed_are_all_different() {
    let experiment = load(&[&gaussian(3, 96), AWGN, "link.snr_db=10", SCHEMES[1]]);
    let mut errors: Vec<f64> =
        trials(&experiment, Fidelity::Symbol, 2000).iter().map(|t| t.mse_per_device()).collect();
    errors.sort_by(f64::total_cmp);
    assert!(errors.windows(2).all(|w| w[0] < w[1]));
}
