//! Large rounds, which threads carry in parts: the very rounds that one thread carries slot by slot.

use super::{GRID, LINK, MOVING, STATIC, file, relative};
use airloop::live::{Aggregate, Air, RoundOptions};
use airloop::report::Fidelity;

const DEVICES: usize = 4;
/// Values of whole slots (14 symbols of 48 elements), few enough for one thread, and a larger number with a last slot that is not full.
const FEW: usize = 14 * 48 * 2 * 40;
const MANY: usize = 100_001;

const SCHEMES: [&str; 5] = [
    "[scheme]\nkind = \"truncated-inversion\"\nthreshold = 0.2\n",
    "[scheme]\nkind = \"optimal-power\"\n",
    "[scheme]\nkind = \"full-power\"\n",
    "[scheme]\nkind = \"phase-only\"\n",
    "[scheme]\nkind = \"full-inversion\"\n",
];
const IN_ORDER: &str = "[payload]\ninterleave = \"none\"\n";

/// Values of which every prefix of even length has mean square 1.
fn signs(length: usize) -> Vec<f32> {
    let sign = |i: usize| if (i * 7919 + i / 7) % 5 < 2 { -1.0 } else { 1.0 };
    (0..DEVICES).flat_map(|k| (0..length).map(move |i| sign(i + 13 * k))).collect()
}

fn round(text: &str, values: &[f32]) -> Aggregate {
    let mut air = Air::from_toml(text, Fidelity::Symbol).unwrap();
    air.aggregate(DEVICES, &signs(FEW), RoundOptions::default()).unwrap();
    air.aggregate(DEVICES, values, RoundOptions { round: Some(7), weights: None }).unwrap()
}

#[test]
fn parts_are_the_round_slot_by_slot() {
    for channel in [STATIC, MOVING, "[channel]\nmodel = \"rayleigh\"\nfading = \"per-element\"\n"] {
        for scheme in SCHEMES {
            let text = file(&[IN_ORDER, GRID, channel, LINK, scheme]);
            let (few, many) = (round(&text, &signs(FEW)), round(&text, &signs(MANY)));
            assert_eq!(few.start_s, many.start_s);
            assert!(few.estimate == many.estimate[..FEW], "{channel}{scheme}");
        }
    }
}

#[test]
fn the_report_of_parts_is_of_all_values() {
    // Full inversion has no mean error over Rayleigh fading.
    for scheme in &SCHEMES[..4] {
        let given = file(&[GRID, STATIC, LINK, scheme]);
        let values = signs(MANY);
        let (estimate, report) = {
            let mut air = Air::from_toml(&given, Fidelity::Symbol).unwrap();
            let found = air.aggregate(DEVICES, &values, RoundOptions::default()).unwrap();
            (found.estimate, found.report)
        };
        let sum = |i: usize| (0..DEVICES).map(|k| f64::from(values[k * MANY + i])).sum::<f64>();
        let mean: Vec<f64> = (0..MANY).map(|i| sum(i) / DEVICES as f64).collect();
        let nmse = report.metrics.nmse.and_then(|nmse| nmse.mean).unwrap();
        assert!((relative(&estimate, &mean) / nmse - 1.0).abs() < 1e-5, "{scheme}");
        let elements = (MANY as u64).div_ceil(2);
        assert_eq!(report.elements, Some(elements as f64), "{scheme}");
    }
}

#[test]
fn threads_change_no_byte() {
    let text = file(&[GRID, MOVING, LINK, SCHEMES[1]]);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| round(&text, &signs(MANY)));
        (
            found.estimate,
            format!(
                "{:?}",
                (found.report.metrics, found.report.active_fraction, found.report.power_used_mean)
            ),
        )
    };
    let one = on(1);
    assert!(one == on(2) && one == on(5));
}
