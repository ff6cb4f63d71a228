//! The link budget against sums done by hand, and selection against exact answers.

mod support;

use airloop_baseband::checks::check_mean;
use airloop_baseband::{Complex64, Purpose, Seeds};
use airloop_channels::large_scale::{ElementBudget, select, thermal_noise_dbm};
use airloop_channels::max_min_beam::two_device_gain;
use airloop_channels::{max_min_beam, weakest_gain};
use support::*;

#[test]
fn thermal_noise_is_174_dbm_in_a_hertz() {
    assert!((thermal_noise_dbm(290.0, 1.0) + 173.975_187_194).abs() < 1e-6);
    assert!((thermal_noise_dbm(290.0, 20e6) + 100.964_887_2).abs() < 1e-6);
    assert!((thermal_noise_dbm(300.0, 1.0) + 173.975_187_194).abs() > 0.1);
}

#[test]
fn budgets_are_those_done_by_hand() {
    let budget = ElementBudget {
        subcarrier_spacing_hz: 30e3,
        used_subcarriers: 612,
        antenna_gain_dbi: 8.0,
        noise_figure_db: 5.0,
        temperature_k: 290.0,
    };
    assert!((budget.received_dbm(23.0, 110.0) + 106.867_514_221).abs() < 1e-6);
    assert!((budget.noise_dbm() + 124.203_974_647).abs() < 1e-6);
    assert!((budget.snr_db(23.0, 110.0) - 17.336_460_426).abs() < 1e-6);
    // Ten times the subcarriers share the power; ten times the spacing brings ten times the noise.
    assert!(
        (ElementBudget { used_subcarriers: 6120, ..budget }.snr_db(23.0, 110.0) - 7.336_460_426).abs() < 1e-6
    );
    assert!(
        (ElementBudget { subcarrier_spacing_hz: 300e3, ..budget }.snr_db(23.0, 110.0) - 7.336_460_426).abs()
            < 1e-6
    );
    assert!(
        (ElementBudget { noise_figure_db: 6.0, ..budget }.snr_db(23.0, 110.0) - 16.336_460_426).abs() < 1e-6
    );
    assert!(
        (ElementBudget { temperature_k: 580.0, ..budget }.snr_db(23.0, 110.0) - 14.326_160_469).abs() < 1e-6
    );
}

/// Draws channel vectors of unit mean power an entry.
fn channels(seed: u64, trial: u64, devices: usize, antennas: usize) -> Vec<Vec<Complex64>> {
    let stream = Seeds::new(seed).stream(Purpose::Fading, trial, 0);
    let entry = |at: usize| stream.complex_gaussian(at as u64);
    (0..devices).map(|k| (0..antennas).map(|m| entry(k * antennas + m)).collect()).collect()
}

#[test]
fn one_antenna_selects_all_devices_above_the_threshold() {
    const TRIALS: u64 = 40_000;
    let clock = Clock::start("selection with one antenna");
    let (target, snr) = (0.1, 10.0f64);
    let mut sums = Sums::default();
    for trial in 0..TRIALS {
        let scaled: Vec<Vec<Complex64>> =
            channels(6, trial, 20, 1).iter().map(|h| vec![h[0] * snr.sqrt()]).collect();
        let selection = select(&scaled, target).unwrap();
        let expected: Vec<usize> = (0..20).filter(|k| scaled[*k][0].norm_sqr() >= 1.0 / target).collect();
        assert_eq!(selection.devices, expected);
        sums.push(selection.devices.len() as f64);
    }
    // K exp(-1 / (target SNR)) of K = 20.
    let pass = check_mean(&sums.moments(), 7.357_588_823, spec(0.1)).unwrap();
    assert_disagrees(check_mean(&sums.moments(), 7.5, spec(0.1)));
    clock.print(TRIALS as usize, &format!("{:.3} of 20 devices", pass.observed));
}

#[test]
fn the_beam_for_two_devices_is_exact() {
    let real = |values: &[f64]| values.iter().map(|x| Complex64::new(*x, 0.0)).collect::<Vec<_>>();
    // n = (1, 1), r = 0.7 gives 0.85; orthogonal (1, 10) gives 10/11; a shadowed one is the weak device's own.
    let given = [
        (real(&[1.0, 0.0]), vec![Complex64::new(0.0, 0.7), Complex64::new(0.51f64.sqrt(), 0.0)], 0.85),
        (real(&[1.0, 0.0]), real(&[0.0, 10f64.sqrt()]), 10.0 / 11.0),
        (real(&[1.0, 0.0]), real(&[2.0, 1.0]), 1.0),
    ];
    for (first, second, expected) in given {
        assert!((two_device_gain(&first, &second) - expected).abs() < 1e-12);
        let beam = max_min_beam(&[&first, &second], &first);
        assert!((weakest_gain(&[&first, &second], &beam) - expected).abs() < 1e-6, "{expected}");
    }
    for trial in 0..500 {
        let pair = channels(7, trial, 2, 3);
        let both = [&pair[0][..], &pair[1][..]];
        let exact = two_device_gain(both[0], both[1]);
        let beam = max_min_beam(&both, &pair[0]);
        let found = weakest_gain(&both, &beam);
        assert!(found <= exact * (1.0 + 1e-9) && found >= exact * (1.0 - 1e-5), "{found} {exact}");
        // The sum of matched filters, the obvious other beam, falls short.
        let plain: Vec<Complex64> = pair[0].iter().zip(&pair[1]).map(|(a, b)| a + b).collect();
        assert!(weakest_gain(&both, &plain) < exact * (1.0 + 1e-9));
    }
}

/// Returns the most devices that any beam for two antennas serves, by a fine grid over all of them.
fn most_served_by_a_grid(channels: &[Vec<Complex64>], least: f64) -> usize {
    const STEPS: usize = 120;
    let mut most = 0;
    for tilt in 0..=STEPS {
        let (sin, cos) = (std::f64::consts::FRAC_PI_2 * tilt as f64 / STEPS as f64).sin_cos();
        for turn in 0..4 * STEPS {
            let phase = Complex64::from_polar(sin, std::f64::consts::TAU * turn as f64 / (4 * STEPS) as f64);
            let gain = |h: &Vec<Complex64>| (h[0].conj() * cos + h[1].conj() * phase).norm_sqr();
            most = most.max(channels.iter().filter(|h| gain(h) >= least).count());
        }
    }
    most
}

#[test]
fn no_beam_of_a_grid_serves_more_devices() {
    let clock = Clock::start("selection against a grid of beams");
    let (mut behind, mut alone, cases) = (0, 0, 48);
    for trial in 0..cases {
        let drawn = channels(8, trial, 10, 2);
        let target = [2.0, 1.0, 0.7][trial as usize % 3];
        let selection = select(&drawn, target).unwrap();
        let served: Vec<&[Complex64]> = selection.devices.iter().map(|k| &drawn[*k][..]).collect();
        assert!(weakest_gain(&served, &selection.beamformer) >= (1.0 - 1e-8) / target);
        assert!((weakest_gain(&served, &selection.beamformer) - selection.weakest_gain).abs() < 1e-12);
        let most = most_served_by_a_grid(&drawn, 1.0 / target);
        assert!(selection.devices.len() + 1 >= most, "{} of {most}", selection.devices.len());
        behind += usize::from(selection.devices.len() < most);
        // One antenna alone serves fewer.
        let one: Vec<Vec<Complex64>> = drawn.iter().map(|h| vec![h[0]]).collect();
        alone += usize::from(select(&one, target).unwrap().devices.len() < most);
    }
    assert!(behind * 100 <= cases as usize * 2, "{behind} of {cases} cases fall short");
    assert!(alone * 2 > cases as usize, "a single antenna falls short in {alone} cases only");
    clock.print(cases as usize, &format!("{behind} cases one short"));
}

#[test]
fn no_subset_with_a_beam_found_from_many_starts_is_larger() {
    let clock = Clock::start("selection against all subsets");
    let (mut short, mut cases) = (0, 0);
    for (antennas, target) in [(2, 1.0), (3, 0.5), (4, 0.4)] {
        for trial in 0..20 {
            let drawn = channels(9 + antennas as u64, trial, 8, antennas);
            let found = select(&drawn, target).unwrap().devices.len();
            let starts = channels(90, trial, 6, antennas);
            let pairs_fit = |set: &[&[Complex64]]| {
                let fits = |a: &[Complex64], b: &[Complex64]| two_device_gain(a, b) >= 1.0 / target;
                set.iter().enumerate().all(|(k, a)| set[k + 1..].iter().all(|b| fits(a, b)))
            };
            // Parts of a set that a beam serves are served too: one device more is all there is to look for.
            let larger = (0u32..256).filter(|mask| mask.count_ones() as usize == found + 1).any(|mask| {
                let set: Vec<&[Complex64]> =
                    (0..8).filter(|k| mask >> k & 1 == 1).map(|k| &drawn[k][..]).collect();
                let serves =
                    |start: &Vec<Complex64>| weakest_gain(&set, &max_min_beam(&set, start)) >= 1.0 / target;
                pairs_fit(&set) && starts.iter().any(serves)
            });
            short += usize::from(larger);
            cases += 1;
        }
    }
    assert!(short * 50 <= cases, "{short} of {cases} cases fall short");
    clock.print(cases, &format!("{short} cases short"));
}

#[test]
fn bad_targets_and_channels_are_refused() {
    let ones = vec![vec![Complex64::new(1.0, 0.0); 2]; 3];
    for target in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(select(&ones, target).unwrap_err().to_string().contains("target"), "{target}");
    }
    let mut uneven = ones.clone();
    uneven[1].pop();
    assert!(select(&uneven, 1.0).unwrap_err().to_string().contains("channel vector 1 has 1 entries"));
    let mut broken = ones.clone();
    broken[2][0].re = f64::NAN;
    assert!(select(&broken, 1.0).unwrap_err().to_string().contains("finite"));
    assert_eq!(select(&ones, 0.1).unwrap().devices, [] as [usize; 0]);
    assert_eq!(select(&[], 0.1).unwrap().devices, [] as [usize; 0]);
    assert_eq!(select(&ones, 1.0).unwrap().devices, [0, 1, 2]);
}
