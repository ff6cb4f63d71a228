//! The search against a slow correlator.

use crate::signals::{noise, noisy, on_bins, received};
use airloop_baseband::synchronisation::{Combining, Peak, Preamble, PreambleSearch};
use airloop_baseband::{Complex32, Complex64};

const BOTH: [Combining; 2] = [Combining::Coherent, Combining::NonCoherent];

fn wide(sample: &Complex32) -> Complex64 {
    Complex64::new(sample.re.into(), sample.im.into())
}

/// The statistic at one place, by its definition.
fn oracle(preamble: &Preamble, combining: Combining, samples: &[Complex32], n: usize) -> f64 {
    let (known, periods, first) = match combining {
        Combining::Coherent => (preamble.samples(), 1, n),
        Combining::NonCoherent => (preamble.period(), preamble.repetitions(), n + preamble.prefix_samples()),
    };
    let window = &samples[first..first + periods * known.len()];
    let energy = |x: &[Complex32]| x.iter().map(|s| wide(s).norm_sqr()).sum::<f64>();
    let correlation = |part: &[Complex32]| {
        part.iter().zip(known).map(|(x, s)| wide(x) * wide(s).conj()).sum::<Complex64>().norm_sqr()
    };
    window.chunks(known.len()).map(correlation).sum::<f64>() / (energy(known) * energy(window))
}

#[test]
fn statistics_equal_the_definition() {
    for (fft_size, repetitions, prefix) in [(32, 1, 0), (64, 3, 10), (128, 4, 128)] {
        let preamble = on_bins(30, fft_size, repetitions, prefix);
        let length = preamble.samples().len();
        let samples = noisy(&received(&preamble, 1234.0, 2e-4, Complex64::ONE, 3000), 1.0, 1);
        for combining in BOTH {
            let statistics = PreambleSearch::new(&preamble, combining).statistics(&samples);
            assert_eq!(statistics.len(), 3000 - length + 1);
            for (n, statistic) in statistics.iter().enumerate() {
                let expected = oracle(&preamble, combining, &samples, n);
                assert!((f64::from(*statistic) - expected).abs() < 2e-6, "{combining:?} at {n}");
            }
        }
    }
}

#[test]
fn a_window_may_be_cut_anywhere() {
    let preamble = on_bins(40, 64, 4, 5);
    let samples = noisy(&received(&preamble, 3210.0, 1e-4, Complex64::ONE, 6000), 0.7, 2);
    for combining in BOTH {
        let search = PreambleSearch::new(&preamble, combining);
        let whole = search.statistics(&samples);
        let peak = search.strongest(&samples).unwrap();
        assert_eq!(peak.start_samples, 3210);
        assert_eq!(peak.statistic, whole.iter().copied().fold(0.0, f32::max));
        for (from, to) in [(0, 3471), (1, 6000), (3210, 3471), (2999, 3999), (777, 5432)] {
            let part = search.statistics(&samples[from..to]);
            assert_eq!(part.len(), search.lags(to - from));
            let off = |(a, b): (&f32, &f32)| (a - b).abs();
            assert!(part.iter().zip(&whole[from..]).map(off).fold(0.0, f32::max) < 2e-6);
            let found = search.strongest(&samples[from..to]).unwrap();
            assert_eq!(found.start_samples, 3210 - from);
        }
    }
}

#[test]
fn gain_does_not_matter() {
    let preamble = on_bins(40, 64, 2, 0);
    let samples = noise(3, 2000);
    let search = PreambleSearch::new(&preamble, Combining::Coherent);
    let plain = search.statistics(&samples);
    for gain in [1e-12f32, 1e12] {
        let scaled: Vec<Complex32> = samples.iter().map(|s| s * gain).collect();
        for (a, b) in plain.iter().zip(search.statistics(&scaled)) {
            assert!((a - b).abs() < 2e-6);
        }
    }
}

#[test]
fn silence_shows_nothing_even_beside_a_loud_burst() {
    let preamble = on_bins(40, 64, 2, 0);
    let mut samples = vec![Complex32::default(); 4000];
    for combining in BOTH {
        assert_eq!(PreambleSearch::new(&preamble, combining).strongest(&samples), None);
    }
    for (sample, loud) in samples[1000..1400].iter_mut().zip(noise(4, 400)) {
        *sample = loud * 1e6;
    }
    let expected = samples.clone();
    for combining in BOTH {
        let statistics = PreambleSearch::new(&preamble, combining).statistics(&samples);
        for (n, statistic) in statistics.iter().enumerate() {
            let silent = expected[n..n + 128].iter().all(|s| s.norm_sqr() == 0.0);
            assert!(!silent || *statistic == 0.0, "{combining:?} at {n}: {statistic}");
        }
    }
}

#[test]
fn a_weak_preamble_is_found_60_db_below_a_burst() {
    let preamble = on_bins(40, 64, 4, 0);
    let mut samples = received(&preamble, 700.0, 0.0, Complex64::ONE, 1200);
    for (sample, loud) in samples[..300].iter_mut().zip(noise(5, 300)) {
        *sample = loud * 1e3;
    }
    let Peak { start_samples, statistic } =
        PreambleSearch::new(&preamble, Combining::Coherent).strongest(&samples).unwrap();
    assert!(start_samples == 700 && statistic > 0.999, "{start_samples}, {statistic}");
}

#[test]
fn windows_too_short_or_not_finite_hold_nothing() {
    let preamble = on_bins(40, 64, 4, 6);
    for combining in BOTH {
        let search = PreambleSearch::new(&preamble, combining);
        assert_eq!(search.strongest(&[]), None);
        assert_eq!(search.strongest(&noise(6, 261)), None);
        assert!(search.strongest(&noise(6, 262)).is_some());
        assert_eq!(search.strongest(&vec![Complex32::new(f32::NAN, 0.0); 400]), None);
        assert_eq!(search.strongest(&vec![Complex32::new(f32::INFINITY, 0.0); 400]), None);
    }
}
