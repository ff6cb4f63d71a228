//! Cells: SNRs from geometry as reckoned by hand, and the devices that take part.

use crate::agreement::*;
use crate::setup::*;
use airloop::channels::cdl::ServerAzimuth;
use airloop::experiment::sections::Rule;
use airloop::experiment::{Experiment, Loader};
use airloop::medium::ChannelModel;
use airloop::report::Fidelity;
use std::time::Instant;

const SCHEME: &str = "scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain";

/// Three devices of a street at 50, 150 and 400 m, in line of sight and unshadowed.
const STREET: &str = "cell.scenario=umi; cell.shape=positions; cell.positions=[[50, 0], [0, -150], [-240, 320]]; \
    cell.line_of_sight=always; cell.shadowing=false; cell.transmit_power_dbm=-17; cell.noise_figure_db=7; \
    cell.server_antenna_gain_dbi=8";

/// Their SNRs by hand: -17 - 10 lg 48 + 8 - loss + 129.203974647 - 7, losses of 79.089649, 88.993897 and 103.238761 dB.
const BY_HAND_DB: [f64; 3] = [17.301_913, 7.397_665, -6.847_199];

fn street(settings: &[&str]) -> Experiment {
    load(&[&[&gaussian(3, 960), AWGN, SCHEME, STREET], settings].concat())
}

#[test]
fn snrs_of_a_cell_are_those_reckoned_by_hand() {
    let experiment = street(&[]);
    let cell = experiment.cell.as_ref().unwrap();
    for (device, expected_db) in cell.devices.iter().zip(BY_HAND_DB) {
        assert!((device.snr_db - expected_db).abs() < 2e-6, "{device:?} {expected_db}");
    }
    let mean_db = BY_HAND_DB.iter().sum::<f64>() / 3.0;
    assert!((experiment.link.snr_db - mean_db).abs() < 2e-6);
    let listed = load(&[
        &gaussian(3, 960),
        AWGN,
        SCHEME,
        &format!("link.snr_db_per_device=[{}, {}, {}]", BY_HAND_DB[0], BY_HAND_DB[1], BY_HAND_DB[2]),
    ]);
    assert!((experiment.budget.noise_power / listed.budget.noise_power - 1.0).abs() < 1e-5);
    for (a, b) in experiment.budget.power.iter().zip(&listed.budget.power) {
        assert!((a / b - 1.0).abs() < 1e-5);
    }
    assert!((experiment.link.transmit_power_w.unwrap() / 1.995_262_3e-5 - 1.0).abs() < 1e-7);
    assert!(experiment.warnings.is_empty(), "{:?}", experiment.warnings);
    // Every part of the budget counts: 3 dB of each moves all SNRs by 3 dB.
    for (setting, by_db) in [
        ("cell.transmit_power_dbm=-14", 3.0),
        ("cell.noise_figure_db=10", -3.0),
        ("cell.device_antenna_gain_dbi=3", 3.0),
        ("cell.temperature_k=580", -3.010_299_957),
        ("cell.transmit_power_dbm=[-14, -14, -14]", 3.0),
    ] {
        assert!((street(&[setting]).link.snr_db - mean_db - by_db).abs() < 2e-6, "{setting}");
    }
    let powers = street(&["cell.transmit_power_dbm=[-17, -7, 3]"]);
    let apart = powers.cell.unwrap().devices[1].snr_db - BY_HAND_DB[1];
    assert!((apart - 10.0).abs() < 2e-6, "{apart}");
}

#[test]
fn a_round_measures_the_snr_of_its_cell() {
    let since = Instant::now();
    let mut experiment = street(&[]);
    experiment.stop.rule = Rule::Trials(200);
    let report = report(&experiment, Fidelity::Symbol);
    let mean = BY_HAND_DB.iter().map(|db| ratio(*db)).sum::<f64>() / 3.0;
    let (measured, expected) = (report.snr_measured_db.unwrap(), 10.0 * mean.log10());
    // 200 x 480 elements of noise: standard error .014 dB; five of them.
    println!("{measured:.4} against {expected:.4} dB, 96000 samples, {:.2} s", since.elapsed().as_secs_f64());
    assert!((measured - expected).abs() < 0.07, "{measured} {expected}");
    assert!((measured - report.snr_db).abs() > 1.0, "the mean of powers is not that of decibels");
    assert!(report.energy_j.unwrap() > 0.0);
}

#[test]
fn drops_are_functions_of_seed_and_index() {
    let disc = "cell.scenario=uma; cell.radius_m=500; cell.transmit_power_dbm=23";
    let snrs = |settings: &str| {
        let experiment = load(&[&gaussian(6, 96), AWGN, SCHEME, disc, settings]);
        experiment.cell.unwrap().devices.iter().map(|d| d.snr_db).collect::<Vec<f64>>()
    };
    let first = snrs("");
    assert_eq!(first, snrs("cell.drop=0"));
    assert_ne!(first, snrs("cell.drop=1"));
    assert_ne!(first, snrs("seed=2"));
    assert_eq!(first, snrs("link.csi_error=0.0; link.csi=imperfect; channel.model=rayleigh"));
    assert!(first.iter().all(|db| db.is_finite()) && first.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn the_devices_of_a_selection_are_the_payload() {
    let points: Vec<String> = (0..20).map(|k| format!("[{}, 0]", 20 + 10 * k)).collect();
    let row = format!(
        "cell.scenario=umi; cell.shape=positions; cell.positions=[{}]; cell.transmit_power_dbm=10; cell.line_of_sight=never; \
         cell.shadowing=false; payload.interleave=none",
        points.join(", ")
    );
    let gradients = raw_gradients();
    let made = |rule: &str| load_with(&Loader::default(), &[GRID, &shipped(), &row, AWGN, SCHEME, rule]);
    // Device k stands at 20 + 10 k m, so that every rule takes the first ones.
    let nearest = made("cell.selection.rule=all");
    let at_100_m = nearest.cell.as_ref().unwrap().devices[8].snr_db;
    let rules = [
        ("cell.selection.rule=distance; cell.selection.distance_m=100".to_string(), 9),
        ("cell.selection.rule=best; cell.selection.count=9".to_string(), 9),
        (format!("cell.selection.rule=snr; cell.selection.snr_db={}", at_100_m - 1e-6), 9),
        (format!("cell.selection.rule=snr; cell.selection.snr_db={}", at_100_m + 1e-6), 8),
        (format!("cell.selection.rule=joint; cell.selection.target_mse_db={}", 1e-6 - at_100_m), 9),
        (format!("cell.selection.rule=joint; cell.selection.target_mse_db={}", -1e-3 - at_100_m), 8),
        ("cell.selection.rule=all".to_string(), 20),
    ];
    for (rule, count) in rules {
        let experiment = made(&rule);
        assert_eq!(experiment.payload.devices(), count, "{rule}");
        assert_eq!(experiment.budget.power.len(), count);
        let mut sums = vec![0.0f32; 9610];
        let mut values = vec![0.0f32; 9610];
        for device in 0..count {
            experiment.payload.read(0, device, 0, &mut values).unwrap();
            sums.iter_mut().zip(&values).for_each(|(s, v)| *s += v);
        }
        let targets = experiment.payload.targets(0, &sums).unwrap();
        let error_of = |rows: &[Vec<f64>]| {
            let sum = sum_of(rows);
            let off = |(t, s): (&f64, &f64)| (t - s / rows.len() as f64).powi(2);
            targets.iter().zip(&sum).map(off).sum::<f64>() / sum.iter().map(|s| s * s).sum::<f64>()
        };
        assert!(error_of(&gradients[..count]) < 1e-10, "{rule}: {}", error_of(&gradients[..count]));
        assert!(error_of(&gradients[20 - count..]) > 1e-4 || count == 20, "a control passes: {rule}");
        let left = experiment.warnings.iter().filter(|w| w.code == "devices-not-selected");
        let words: Vec<&str> = left.map(|w| &w.message[..]).collect();
        match count {
            20 => assert!(words.is_empty()),
            _ => assert!(words[0].contains(&format!("{} of 20 devices", 20 - count)), "{words:?}"),
        }
    }
}

#[test]
fn lists_of_devices_follow_the_selection() {
    let rule =
        "cell.selection.rule=best; cell.selection.count=2; cell.positions=[[400, 0], [50, 0], [150, 0]]";
    let lists =
        "impairments.phase_rad=[0.1, 0.2, 0.3]; payload.function=weighted-mean; payload.weights=[1, 2, 4]";
    let experiment = street(&[rule, lists]);
    assert_eq!(experiment.cell.as_ref().unwrap().part(), Some(vec![1, 2]));
    let phase = |k: usize| experiment.impairments.front_end(&experiment.seeds, 0, k, 3.5e9).phase_rad;
    assert_eq!([phase(0), phase(1)], [0.2, 0.3]);
    // (2 a + 4 b) / 6, each drawn value of unit power: a mean square of 20/36.
    assert!((experiment.payload.target_power() - 20.0 / 36.0).abs() < 1e-12);
    assert!((experiment.link.snr_db_per_device.as_ref().unwrap()[0] - BY_HAND_DB[0]).abs() < 2e-6);
}

#[test]
fn a_cell_beyond_the_ranges_of_the_table_is_doubted() {
    let far = street(&[
        "cell.positions=[[5100, 0], [50, 0], [5, 0]]",
        "cell.min_distance_m=0",
        "cell.server_height_m=12",
    ]);
    let words: Vec<&str> =
        far.warnings.iter().filter(|w| w.code == "path-loss-extrapolated").map(|w| &w.message[..]).collect();
    assert_eq!(words.len(), 2, "{words:?}");
    assert!(words[0].contains("cell.server_height_m = 12") && words[1].starts_with("2 devices"), "{words:?}");
}

#[test]
fn clustered_models_see_devices_where_they_stand() {
    let azimuths = |settings: &[&str]| {
        let clustered = "channel.model=cdl-a; channel.delay_spread_s=1e-7";
        let experiment = load(&[&[&gaussian(3, 960), clustered, SCHEME, STREET], settings].concat());
        let ChannelModel::Taps { fading, .. } = experiment.channel else {
            panic!("clustered models have taps")
        };
        fading.clusters().unwrap().config().server_azimuth.clone()
    };
    let near = |found: ServerAzimuth, expected: &[f64]| {
        let ServerAzimuth::Each(found) = found else { panic!("{found:?}") };
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?} {expected:?}");
    };
    // The angle of a triangle of 3, 4 and 5 at the server.
    let far = 180.0 - (4.0f64 / 3.0).atan().to_degrees();
    near(azimuths(&[]), &[0.0, -90.0, far]);
    near(azimuths(&["cell.selection.rule=distance; cell.selection.distance_m=200"]), &[0.0, -90.0]);
    near(azimuths(&["channel.server_azimuth_deg=[1, 2, 3]"]), &[1.0, 2.0, 3.0]);
}
