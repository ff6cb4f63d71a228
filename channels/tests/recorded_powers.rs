//! Mean powers of recordings: over every instant, however gains move, and of taps on the grid.

use airloop_baseband::{Complex32, Complex64, Purpose, Seeds};
use airloop_channels::recorded::{Extent, GridConfig, Normalisation, Start, Timing};
use airloop_channels::{Fading, ImpulseResponses, Recording, RecordingError, Replay, Steering, TimeGrid};
use std::f64::consts::TAU;

/// Used subcarriers, the carrier's left out.
fn frequencies_hz() -> Vec<f64> {
    (-150..=150).filter(|k| *k != 0).map(|k| f64::from(k) * 30e3).collect()
}

fn recording(
    extent: Extent,
    (gains, delays_s): (Vec<Complex32>, Vec<f64>),
    normalisation: Normalisation,
) -> Result<Recording, RecordingError> {
    let frequencies = frequencies_hz();
    let config = GridConfig {
        sample_rate_hz: 15.36e6,
        occupied_share: 301.0 / 512.0,
        accuracy_db: -80.0,
        frequencies_hz: &frequencies,
        rounded: true,
        normalisation,
        timing: Timing::Recorded,
        longest_s: 1.0 / 30e3,
    };
    Recording::new(ImpulseResponses::new(extent, gains, delays_s, Some(1e-4)).unwrap(), &config)
}

fn one_path(times: usize) -> Extent {
    Extent { drops: 1, devices: 1, receive: 1, device_antennas: 1, paths: 1, times }
}

#[test]
fn every_instant_counts_whatever_the_period_of_what_moves() {
    // Two rays that beat with the very period of 32 instants out of 3200: all of them lie in the notch.
    let beat = |times: usize, period: f64| -> Vec<Complex32> {
        let of = |t: usize| Complex64::cis(TAU * t as f64 / period) * 0.98 + 1.0;
        (0..times).map(of).map(|z| Complex32::new(z.re as f32, z.im as f32)).collect()
    };
    for (times, period) in [(3200, 100.0), (3200, 97.0), (40_000, 1250.0)] {
        let gains = beat(times, period);
        let mean = gains.iter().map(|a| f64::from(a.norm_sqr())).sum::<f64>() / times as f64;
        let found = power_taken_off(&gains);
        // Of more than 16,384 instants one in each stretch is taken, at random.
        let bound = if times > 16_384 { 0.02 } else { 1e-5 };
        assert!((found / mean - 1.0).abs() < bound, "{times} {period}: {found} {mean}");
    }
    // Control: some instants do not stand for all.
    let notch: f64 =
        beat(3200, 100.0).iter().skip(50).step_by(100).map(|a| f64::from(a.norm_sqr())).sum::<f64>() / 32.0;
    assert!(notch < 1e-2);
}

/// The power that scaling to unit mean power takes off, from the first gain of a replay.
fn power_taken_off(gains: &[Complex32]) -> f64 {
    let first = |normalisation| {
        let found = recording(one_path(gains.len()), (gains.to_vec(), vec![0.0]), normalisation).unwrap();
        let fading = Fading::recorded(found.into(), Replay::from_start(Start::At(0.0)));
        let link = fading.draw(&Seeds::new(1), 0, 0..1).swap_remove(0);
        let mut gain = vec![Complex32::default(); link.paths()];
        link.gains(TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 }, &mut gain);
        f64::from(gain[0].norm_sqr())
    };
    first(Normalisation::None) / first(Normalisation::Device)
}

#[test]
fn powers_are_those_of_the_response_over_the_band() {
    let extent = Extent { drops: 2, devices: 3, receive: 2, device_antennas: 1, paths: 5, times: 40 };
    let places = extent.drops * extent.devices;
    let mut gains = vec![Complex32::default(); places * extent.links() * extent.paths * extent.times];
    Seeds::new(3).stream(Purpose::Fading, 0, 7).fill_complex_gaussian(0, 1.0, &mut gains);
    // Whole samples, so that a path is one tap.
    let delays_s: Vec<f64> = (0..places * extent.paths).map(|i| (7 * i % 11) as f64 / 15.36e6).collect();
    let frequencies = frequencies_hz();
    let each = extent.links() * extent.paths * extent.times;
    let direct = |gains: &[Complex32], device: usize| -> f64 {
        let mut sum = 0.0;
        for drop in 0..extent.drops {
            let place = drop * extent.devices + device;
            let steering =
                Steering::new(&delays_s[place * extent.paths..(place + 1) * extent.paths], &frequencies);
            for link in gains[place * each..(place + 1) * each].chunks_exact(extent.paths * extent.times) {
                for t in 0..extent.times {
                    let row: Vec<Complex32> = link.chunks_exact(extent.times).map(|path| path[t]).collect();
                    let mut response = vec![Complex32::default(); frequencies.len()];
                    steering.respond(&row, &mut response);
                    sum += response.iter().map(|h| f64::from(h.norm_sqr())).sum::<f64>();
                }
            }
        }
        sum / (extent.drops * extent.links() * extent.times * frequencies.len()) as f64
    };
    let expected: Vec<f64> = (0..extent.devices).map(|device| direct(&gains, device)).collect();
    // Scaled beforehand by what is expected, nothing is left to be scaled.
    let unit: Vec<Complex32> = gains
        .chunks_exact(each)
        .enumerate()
        .flat_map(|(place, gains)| {
            let factor = (1.0 / expected[place % extent.devices].sqrt()) as f32;
            gains.iter().map(move |a| a * factor)
        })
        .collect();
    let tap_powers = |gains: &[Complex32], normalisation| -> Vec<f64> {
        let found = recording(extent, (gains.to_vec(), delays_s.clone()), normalisation).unwrap();
        found.profile().paths().iter().map(|p| p.power).collect()
    };
    let (scaled, kept) = (tap_powers(&gains, Normalisation::Device), tap_powers(&unit, Normalisation::None));
    let raw = tap_powers(&gains, Normalisation::None);
    assert!(scaled.iter().zip(&kept).all(|(a, b)| (a - b).abs() < 1e-5 * (a + b)), "{scaled:?} {kept:?}");
    assert!(scaled.iter().zip(&raw).any(|(a, b)| (a - b).abs() > 1e-3), "a control passes");
}

#[test]
fn gains_beyond_all_links_are_refused_where_they_are_kept() {
    let loud = vec![Complex32::new(3e15, 0.0); 20];
    let error = recording(one_path(20), (loud.clone(), vec![0.0]), Normalisation::None).unwrap_err();
    assert!(error.to_string().contains("mean power of 9.000e30"), "{error}");
    assert!(recording(one_path(20), (loud, vec![0.0]), Normalisation::Device).is_ok());
}
