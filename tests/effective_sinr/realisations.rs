//! Gains of realisations against sums over paths, and what is refused.

use super::setup::{SPACING_HZ, config};
use airloop::baseband::{Complex32, Complex64, Seeds};
use airloop::channels::{Antennas, Fading, Profile, TimeGrid};
use airloop::effective_sinr::{EffectiveSinrConfig, Ensemble, ThresholdSearch};

fn two_antennas() -> EffectiveSinrConfig {
    EffectiveSinrConfig {
        profiles: vec!["tdl-b".into(), "eva".into(), "exponential".into()],
        delay_spreads_s: vec![200e-9, 0.0],
        receive_antennas: 2,
        subcarriers: 25,
        ..config(1, 0.1)
    }
}

#[test]
fn gains_are_sums_over_paths_and_antennas() {
    let (ensemble, seeds) = (Ensemble::new(&two_antennas()).unwrap(), Seeds::new(4));
    let exponential = |spread_s| Profile::exponential(spread_s).unwrap();
    let profiles = [
        Profile::tdl("tdl-b", 200e-9).unwrap(),
        Profile::tdl("tdl-b", 0.0).unwrap(),
        Profile::fixed("eva").unwrap(),
        exponential(200e-9),
        Profile::flat(0.0),
    ];
    // Profiles take turns.
    for index in 0..10u64 {
        let profile = profiles[index as usize % 5].clone();
        let fading = Fading::new(profile, 1e9, 0.0).with_antennas(Antennas { receive: 2, device: 1 });
        let realisation = ensemble.draw(&seeds, index);
        let links = fading.draw(&seeds, index, 0..2);
        for (k, gain) in realisation.gains.iter().enumerate() {
            let frequency_hz = (k as f64 - 12.0) * SPACING_HZ;
            let power = links.iter().map(|taps| {
                let mut paths = vec![Complex32::default(); taps.paths()];
                taps.gains(TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 }, &mut paths);
                let turned = paths.iter().zip(taps.delays_s()).map(|(path, delay_s)| {
                    let turn = Complex64::cis(-std::f64::consts::TAU * frequency_hz * delay_s);
                    turn * Complex64::new(path.re.into(), path.im.into())
                });
                turned.sum::<Complex64>().norm_sqr()
            });
            let direct: f64 = power.sum();
            assert!((f64::from(*gain) - direct).abs() < 1e-4 * (1.0 + direct), "{index} {k} {gain} {direct}");
        }
        let sinrs = realisation.sinrs(10.0, 60);
        assert_eq!(
            (sinrs.len(), sinrs[3], sinrs[55]),
            (60, 10.0 * realisation.gains[3], 10.0 * realisation.gains[5])
        );
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    let usual = two_antennas;
    let search = usual().search;
    let wrong = [
        ("receive_antennas", EffectiveSinrConfig { receive_antennas: 0, ..usual() }),
        ("subcarriers", EffectiveSinrConfig { subcarriers: 0, ..usual() }),
        ("profiles", EffectiveSinrConfig { profiles: vec![], ..usual() }),
        (
            "delay_spreads_s",
            EffectiveSinrConfig { profiles: vec!["tdl-a".into()], delay_spreads_s: vec![], ..usual() },
        ),
        ("subcarrier_spacing_hz", EffectiveSinrConfig { subcarrier_spacing_hz: f64::NAN, ..usual() }),
        (
            "target_bler",
            EffectiveSinrConfig { search: ThresholdSearch { target_bler: 1.0, ..search }, ..usual() },
        ),
        (
            "accuracy_db",
            EffectiveSinrConfig { search: ThresholdSearch { accuracy_db: 0.0, ..search }, ..usual() },
        ),
        (
            "most_blocks",
            EffectiveSinrConfig { search: ThresholdSearch { most_blocks: 9, ..search }, ..usual() },
        ),
        ("profile \"tdl-q\"", EffectiveSinrConfig { profiles: vec!["tdl-q".into()], ..usual() }),
        ("path delay", EffectiveSinrConfig { delay_spreads_s: vec![-1e-9], ..usual() }),
    ];
    assert!(Ensemble::new(&usual()).is_ok());
    for (part, config) in wrong {
        let refusal = Ensemble::new(&config).unwrap_err().to_string();
        assert!(refusal.contains(part) && refusal.len() > 30, "{part}: {refusal}");
    }
}
