//! Interpolated information against the integral.

use super::linear;
use airloop_coding::Modulation;
use airloop_coding::rates::{InformationTable, Metric, Signal};

/// Asserts the stated error, growth and inverse of a table.
fn check(modulation: Modulation, metric: Metric) {
    let (table, signal) =
        (InformationTable::of(modulation, metric), Signal::Constellation(modulation, metric));
    let mut worst: f64 = 0.0;
    for step in 0..150 {
        // Steps that no interval shares.
        let snr = linear(-70.0 + 0.859 * f64::from(step));
        worst = worst.max((table.bits(snr) - signal.information(snr).bits).abs());
    }
    assert!(worst < 1e-6, "{modulation} {metric:?}: {worst:e}");
    let mut last = -1.0;
    for step in 0..30_000 {
        let snr = linear(-75.0 + 0.004 * f64::from(step));
        let bits = table.bits(snr);
        assert!(bits >= last - 1e-14, "{modulation} {metric:?} falls at {snr}");
        last = bits;
        if step % 61 == 0 && bits < signal.most_bits() - 1e-6 {
            let back = table.bits(table.snr(bits));
            assert!(
                (back - bits).abs() < 1e-12 * bits.max(1e-3),
                "{modulation} {metric:?}: {bits} comes back as {back}"
            );
            assert!((table.snr(bits) / snr - 1.0).abs() < 1e-6, "{modulation} {metric:?} at {snr}");
        }
    }
    assert!(last <= signal.most_bits() && last > signal.most_bits() - 1e-12);
}

#[test]
fn tables_are_near_and_rise() {
    for modulation in Modulation::ALL {
        for metric in [Metric::Symbolwise, Metric::Bitwise] {
            check(modulation, metric);
        }
    }
}

#[test]
fn means_and_limits() {
    let table = InformationTable::of(Modulation::Qam16, Metric::Bitwise);
    let snrs = [0.5f32, 3.0, 12.0, 400.0, 0.0];
    let mean = snrs.iter().map(|&snr| table.bits(f64::from(snr))).sum::<f64>() / 5.0;
    assert!((table.mean_bits(&snrs) - mean).abs() < 1e-14 && mean > 1.0);
    assert!(table.mean_bits(&[]).is_nan());
    assert_eq!((table.bits(0.0), table.bits(-3.0)), (0.0, 0.0));
    assert_eq!((table.bits(f64::INFINITY), table.bits(1e30)), (4.0, 4.0));
    assert!(table.bits(f64::NAN).is_nan() && table.snr(f64::NAN).is_nan() && table.snr(-1.0).is_nan());
    assert_eq!((table.snr(0.0), table.snr(4.0)), (0.0, f64::INFINITY));
    assert!(table.snr(4.0f64.next_down()).is_finite());
}
