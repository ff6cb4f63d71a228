//! False alarms and detections at the rates of their formulas.

use crate::signals::{assert_disagrees, chips, noise, noisy, received};
use airloop_baseband::Complex64;
use airloop_baseband::checks::{CheckSpec, check_distribution, check_rate};
use airloop_baseband::special::regularised_beta;
use airloop_baseband::synchronisation::{
    Combining, Preamble, PreambleSearch, cfo_loss, known_noise_detection_probability,
};

const SPEC: CheckSpec = CheckSpec { alpha: 1e-6, detects: 0.02 };

/// Statistics of preambles of power `snr`, each alone in a frame of twice its length.
fn statistics_of_frames(
    preamble: &Preamble,
    combining: Combining,
    snr: f64,
    frequency: f64,
    frames: usize,
) -> Vec<f64> {
    let frame = 2 * preamble.samples().len();
    let one = received(preamble, 0.0, frequency, Complex64::ONE, frame);
    let signal = one.repeat(frames);
    let samples = noisy(&signal, snr.sqrt() as f32, 11);
    let statistics = PreambleSearch::new(preamble, combining).statistics(&samples);
    statistics.into_iter().step_by(frame).map(f64::from).collect()
}

#[test]
fn noise_alone_follows_the_beta_law() {
    for (combining, repetitions) in [(Combining::Coherent, 4), (Combining::NonCoherent, 4)] {
        let preamble = chips(5, 17, repetitions);
        let law = PreambleSearch::new(&preamble, combining).law();
        let mut statistics = statistics_of_frames(&preamble, combining, 0.0, 0.0, 50_000);
        let (samples, dimensions) = (law.samples() as f64, law.dimensions() as f64);
        assert_eq!((samples, dimensions), (68.0, if combining == Combining::Coherent { 1.0 } else { 4.0 }));
        let distribution = |t| regularised_beta(dimensions, samples - dimensions, t);
        check_distribution(&mut statistics, distribution, SPEC).unwrap();
        // Control: a window shorter by a tenth.
        let wrong = |t| regularised_beta(dimensions, 0.9 * samples - dimensions, t);
        assert_disagrees(check_distribution(&mut statistics, wrong, SPEC));
        for rate in [0.5, 0.01] {
            let threshold = law.threshold(rate, 1);
            let alarms = statistics.iter().filter(|t| **t > threshold).count() as u64;
            check_rate(alarms, 50_000, rate, SPEC).unwrap();
        }
    }
}

#[test]
fn thresholds_invert_the_false_alarm_rate() {
    for combining in [Combining::Coherent, Combining::NonCoherent] {
        let law = PreambleSearch::new(&chips(5, 61, 4), combining).law();
        for (rate, lags) in [(0.5, 1), (1e-3, 307_200), (1e-12, 1000)] {
            let per_lag = law.false_alarm_rate(law.threshold(rate, lags));
            let whole = -(lags as f64 * (-per_lag).ln_1p()).exp_m1();
            assert!((whole / rate - 1.0).abs() < 1e-6, "{combining:?}, {rate}, {lags}: {whole}");
        }
        assert!(law.threshold(0.0, 5).is_nan() && law.threshold(1e-3, 0).is_nan());
        assert!(
            law.detection_probability(-1.0, 0.5).is_nan() && law.detection_probability(1.0, 1.5).is_nan()
        );
    }
}

#[test]
fn a_search_alarms_at_its_rate() {
    let preamble = chips(5, 61, 2);
    let (windows, lags, rate) = (4000, 250, 0.2);
    for combining in [Combining::Coherent, Combining::NonCoherent] {
        let search = PreambleSearch::new(&preamble, combining);
        let count = lags + preamble.samples().len() - 1;
        assert_eq!(search.lags(count), lags);
        let threshold = search.law().threshold(rate, lags);
        let alarm = |trial| search.strongest(&noise(trial, count)).unwrap().statistic as f64 > threshold;
        let alarms = (0..windows).filter(|trial| alarm(*trial)).count() as u64;
        // Chips over the whole band make the lags nearly independent.
        let spec = CheckSpec { detects: 0.06, ..SPEC };
        check_rate(alarms, windows, rate, spec).unwrap();
        let wrong = -(2.0 * (-rate).ln_1p()).exp_m1();
        assert_disagrees(check_rate(alarms, windows, wrong, spec));
    }
}

#[test]
fn preambles_are_detected_at_the_rate_of_the_formula() {
    let preamble = chips(5, 31, 2);
    for (combining, snr) in
        [(Combining::Coherent, 0.12), (Combining::Coherent, 0.2), (Combining::NonCoherent, 0.15)]
    {
        let law = PreambleSearch::new(&preamble, combining).law();
        let threshold = law.threshold(1e-3, 1);
        let statistics = statistics_of_frames(&preamble, combining, snr, 0.0, 50_000);
        let detected = statistics.iter().filter(|t| **t > threshold).count() as u64;
        let expected = law.detection_probability(snr, threshold);
        assert!((0.3..0.95).contains(&expected), "{expected}");
        check_rate(detected, 50_000, expected, SPEC).unwrap();
        let half_a_db_off = law.detection_probability(snr * 0.89, threshold);
        assert_disagrees(check_rate(detected, 50_000, half_a_db_off, SPEC));
    }
}

#[test]
fn a_carrier_offset_costs_what_its_loss_says() {
    let preamble = chips(5, 61, 4);
    let (length, frequency, snr) = (244, 0.7 / 244.0, 0.09);
    let mut rates = Vec::new();
    for (combining, coherent) in [(Combining::Coherent, length), (Combining::NonCoherent, 61)] {
        let law = PreambleSearch::new(&preamble, combining).law();
        let threshold = law.threshold(1e-3, 1);
        let statistics = statistics_of_frames(&preamble, combining, snr, frequency, 20_000);
        let detected = statistics.iter().filter(|t| **t > threshold).count() as u64;
        let expected =
            law.detection_probability_with_loss(snr, cfo_loss(frequency, coherent, 1.0), threshold);
        check_rate(detected, 20_000, expected, CheckSpec { detects: 0.03, ..SPEC }).unwrap();
        rates.push(expected);
    }
    assert!(rates[0] < 0.2 && rates[1] > 0.9, "{rates:?}");
}

#[test]
fn long_windows_reach_the_known_noise_power() {
    // The limit of the noncentral beta law is the Marcum Q function; the loss falls as 1/L.
    for energy in [2.0, 8.0, 15.0] {
        let known = known_noise_detection_probability(energy, 1e-4);
        let off = |periods: usize| {
            let law = PreambleSearch::new(&chips(5, 1021, periods), Combining::Coherent).law();
            let snr = energy / law.samples() as f64;
            known - law.detection_probability(snr, law.threshold(1e-4, 1))
        };
        let (short, long) = (off(1), off(16));
        assert!(long > 0.0 && long < 2e-3, "{energy}: {long:e}");
        assert!((short / long - 16.0).abs() < 1.0, "{energy}: {short:e} to {long:e}");
    }
    assert_eq!(cfo_loss(0.0, 100, 1e6), 1.0);
    assert!(cfo_loss(1e4, 100, 1e6) < 1e-20);
}
