//! Draws and samples are functions of their place alone: of the device, the instant, the absolute sample index.

mod air_support;
mod support;

use air_support::{NOISE_POWER, air, run};
use airloop_baseband::checks::{check_mean, check_paired};
use airloop_baseband::{Burst, Complex32, Seeds, Transport, Window};
use airloop_channels::{ChannelError, Fading, Taps, TimeGrid};
use support::*;

fn bytes(values: &[Complex32]) -> Vec<u8> {
    values.iter().flat_map(|z| [z.re.to_le_bytes(), z.im.to_le_bytes()]).flatten().collect()
}

/// Returns the gains of a link at some instants, as bytes.
fn drawn(taps: &Taps) -> Vec<u8> {
    let mut gains = vec![Complex32::default(); 5 * taps.paths()];
    taps.gains(TimeGrid { start_s: 0.123, step_s: 1.7e-3, count: 5 }, &mut gains);
    bytes(&gains)
}

#[test]
fn adding_a_device_or_drawing_another_range_changes_no_other_devices_taps() {
    for (name, speed_m_s) in [("tdl-a", 0.0), ("tdl-d", 30.0), ("exponential", 3.0)] {
        let fading = Fading::new(profile(name, 100e-9), CARRIER_HZ, speed_m_s);
        let draw = |trial, links| -> Vec<Vec<u8>> {
            fading.draw(&Seeds::new(5), trial, links).iter().map(drawn).collect()
        };
        let all = draw(7, 0..41);
        assert_eq!(draw(7, 0..40), all[..40], "{name}: one device more");
        assert_eq!(draw(7, 13..29), all[13..29], "{name}: a range");
        let single: Vec<Vec<u8>> = (0..41).rev().flat_map(|k| draw(7, k..k + 1)).collect();
        assert!(single.iter().rev().eq(&all), "{name}: one by one, backwards");
        // Controls: other devices, trials and seeds are other draws.
        assert!((1..41).all(|k| all[k] != all[k - 1]), "{name}");
        assert!(draw(8, 0..41).iter().zip(&all).all(|(a, b)| a != b), "{name}");
        assert_ne!(drawn(&fading.draw(&Seeds::new(6), 7, 0..1)[0]), all[0], "{name}");
    }
}

#[test]
fn gains_at_an_instant_do_not_depend_on_the_grid_they_were_asked_in() {
    const COUNT: usize = 1001;
    let fading = Fading::new(profile("tdl-d", 100e-9), CARRIER_HZ, 30.0);
    for_each_draw(&fading, 41, 40, |taps, start_s| {
        let step_s = 1e-4;
        let mut grid = vec![Complex32::default(); COUNT * taps.paths()];
        taps.gains(TimeGrid { start_s, step_s, count: COUNT }, &mut grid);
        for instant in [0, 1, 17, 500, COUNT - 1] {
            let alone = gains_at(taps, start_s + instant as f64 * step_s);
            let late = gains_at(taps, start_s + (instant + 1) as f64 * step_s);
            let row = &grid[instant * taps.paths()..(instant + 1) * taps.paths()];
            for ((a, b), late) in alone.iter().zip(row).zip(&late) {
                // Rounding to f32, and phases of 1e-11 turns after 1000 steps or at 1000 s.
                let bound = 4.0 * f32::EPSILON * (a.norm() + 1e-2);
                assert!((a - b).norm() <= bound, "{instant}: {a} {b}");
                assert!((late - b).norm() > bound || b.norm() < 1e-3, "a control passes: {late} {b}");
            }
        }
    });
}

#[test]
fn one_run_cut_into_windows_of_1_of_997_and_of_65536_samples_gives_the_same_bytes() {
    let clock = Clock::start("windows");
    let whole = run(air(2), 131_072);
    for window_samples in [65_536, 997, 1] {
        assert!(run(air(2), window_samples) == whole, "windows of {window_samples} samples");
    }
    assert_ne!(whole[0], whole[1]);
    clock.print(4 * 2 * 131_072, "same bytes");
}

#[test]
fn late_bursts_gaps_and_unknown_ports_are_errors() {
    let mut air = air(2);
    let ahead = air.precursor_samples() as u64;
    assert!(ahead > 0);
    let burst = |start| Burst { start, samples: vec![Complex32::new(1.0, 0.0); 10] };
    let window = |start, length_samples| Window { start, length_samples };
    assert!(matches!(air.transmit(3, &burst(500)), Err(ChannelError::NoSuchPort { port: 3, .. })));
    assert!(matches!(air.receive(2, window(0, 10)), Err(ChannelError::NoSuchPort { port: 2, .. })));
    assert!(matches!(
        air.receive(0, window(1, 10)),
        Err(ChannelError::WindowGap { start: 1, port: 0, received: 0 })
    ));
    air.receive(0, window(0, 200)).unwrap();
    assert!(matches!(air.receive(0, window(100, 10)), Err(ChannelError::WindowGap { received: 200, .. })));
    assert!(matches!(air.receive(0, window(201, 10)), Err(ChannelError::WindowGap { received: 200, .. })));
    // The filter answers ahead of its input: a burst must leave room for that.
    assert!(matches!(
        air.transmit(1, &burst(200 + ahead - 1)),
        Err(ChannelError::LateBurst { received: 200, .. })
    ));
    assert!(
        matches!(air.transmit(1, &burst(0)), Err(ChannelError::LateBurst { start, .. }) if start == -(ahead as i64))
    );
    // Controls: in time, in place and at known ports all is well, after the errors too.
    air.transmit(1, &burst(200 + ahead)).unwrap();
    air.receive(0, window(200, 300)).unwrap();
    air.receive(1, window(0, 10)).unwrap();
}

#[test]
fn the_noise_of_a_receive_port_has_the_power_that_was_configured() {
    const SAMPLES: usize = 1_000_000;
    let clock = Clock::start("noise");
    let mut air = air(2);
    let [a, b] =
        [0, 1].map(|port| air.receive(port, Window { start: 0, length_samples: SAMPLES }).unwrap().samples);
    let (mut powers, mut products) = ([Sums::default(); 2], Sums::default());
    for (a, b) in a.iter().zip(&b) {
        powers[0].push(power(*a) / NOISE_POWER);
        powers[1].push(power(*b) / NOISE_POWER);
        products.push(f64::from((a * b.conj()).re) / NOISE_POWER);
    }
    for powers in &powers {
        check_mean(&powers.moments(), 1.0, spec(0.01)).unwrap();
        assert_disagrees(check_mean(&powers.moments(), 1.01, spec(0.01)));
    }
    // Two ports hear independent noise; one port heard twice does not.
    check_paired(&products.moments(), spec(0.01)).unwrap();
    assert_disagrees(check_paired(&powers[0].moments(), spec(0.01)));
    clock.print(SAMPLES, &format!("power {:.5} of 1", powers[0].moments().mean));
}
