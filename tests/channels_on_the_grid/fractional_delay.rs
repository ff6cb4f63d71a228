//! Fractional delays at every used subcarrier of every numerology of the standard.

use airloop::experiment::sections::DELAY_ACCURACY_DB;
use airloop::ofdm::Numerology;
use airloop_baseband::Complex64;
use airloop_channels::FractionalDelay;
use std::f64::consts::TAU;

/// Largest error of a delay over the used subcarriers, in decibels of the signal; kernels in f32 as in filters.
fn worst_error_db(numerology: &Numerology, design: &FractionalDelay, delay: f64, shift: i64) -> f64 {
    let (first, kernel) = design.kernel(delay);
    let error = |k: &i32| {
        let turns = f64::from(*k) / numerology.fft_size() as f64;
        let step = Complex64::from_polar(1.0, -TAU * turns);
        let mut phase = Complex64::from_polar(1.0, -TAU * turns * (first + shift) as f64);
        let mut sum = -Complex64::from_polar(1.0, -TAU * turns * delay);
        for tap in &kernel {
            sum += phase * f64::from(*tap as f32);
            phase *= step;
        }
        sum.norm_sqr()
    };
    10.0 * numerology.offsets().iter().map(error).fold(1e-30, f64::max).log10()
}

#[test]
fn errors_are_at_most_minus_60_db_at_every_used_subcarrier_of_every_nr_numerology() {
    let table = include_str!("../../src/ofdm/data/nr_resource_blocks.csv");
    let mut worst = (f64::NEG_INFINITY, String::new());
    let mut numerologies = 0;
    for row in table.lines().filter(|line| line.starts_with("FR")) {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().unwrap();
        let carrier_hz = if cells[0] == "FR2" { 28e9 } else { 3.5e9 };
        let n = Numerology::nr(number(2) * 1e6, number(1) * 1e3, carrier_hz).unwrap();
        assert_eq!(n.used(), 12 * number(3) as usize);
        let design = FractionalDelay::new(n.occupied_share(), DELAY_ACCURACY_DB);
        for delay in [0.5, 0.001, 0.1, 0.25, 0.37, 0.62, 0.8, 0.999, 12.5, 33.4] {
            let error_db = worst_error_db(&n, &design, delay, 0);
            assert!(error_db <= -60.0, "{row}: {error_db:.1} dB at {delay}");
            if error_db > worst.0 {
                worst = (error_db, format!("{row} at {delay} samples, {} taps", design.length()));
            }
        }
        assert!(worst_error_db(&n, &design, 0.5, 1) > -20.0, "{row}: a kernel shifted by a sample passes");
        numerologies += 1;
    }
    assert_eq!(numerologies, 46);
    println!("{numerologies} numerologies, worst {:.1} dB: {}", worst.0, worst.1);
}

#[test]
fn a_design_for_half_the_band_misses_at_the_used_edge() {
    let n = Numerology::nr(20e6, 30e3, 3.5e9).unwrap();
    let narrow = FractionalDelay::new(0.5 * n.occupied_share(), DELAY_ACCURACY_DB);
    assert!(worst_error_db(&n, &narrow, 0.5, 0) > -60.0);
}
