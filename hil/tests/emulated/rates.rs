//! Devices whose sample rate and centre frequency are their own.

use super::air::{RATE_HZ, attach, signal};
use super::devices::{FILTERS, amplitude, apart, ether, ideal, read, set, tone, write};
use airloop_baseband::{Complex32, Complex64};
use airloop_hil::Direction::{Receive, Transmit};
use airloop_hil::ether::Attachment;
use std::f64::consts::TAU;

/// Rates as shares of the air's, and centres above the air's in shares of its rate.
const CASES: [(f64, f64); 4] = [(0.5, 0.25), (0.75, -0.1), (0.5, 0.0), (5.0 / 7.0, 0.125)];

/// Sends by a device, and hears by a place without one.
fn heard_bare(
    (share, above): (f64, f64),
    gain_db: f64,
    samples: &[Complex32],
    count: usize,
) -> Vec<Complex32> {
    let ether = ether();
    let mut sender = ideal(&ether, "a", (&[0], &[]));
    let mut listener = attach(&ether, "b", (&[], &[0]));
    set(&mut sender, Transmit, (share, above * RATE_HZ, gain_db));
    assert_eq!(sender.activate(Transmit, Some(0)).unwrap(), 0);
    listener.activate(Receive, Some(0)).unwrap();
    write(&mut sender, 0, samples, samples.len());
    sender.silent_until(samples.len() as u64 + 10_000).unwrap();
    read(&mut listener, count, count)
}

#[test]
fn a_tone_of_a_device_is_a_tone_in_the_air_and_has_no_images() {
    const COUNT: usize = 28_000;
    for (share, above) in CASES {
        for part in [-0.39, 0.1, 0.3] {
            // Whole cycles over the samples looked at, so that images are orthogonal.
            let cycles = (part * share * 1000.0f64).round() / 1000.0 / share;
            let sent = tone(cycles, (0.5, 0.2), 0, 40_000);
            let heard = heard_bare((share, above), 6.0, &sent, 30_000);
            let expected = 0.5 * 10f64.powf(6.0 / 20.0);
            let in_air = cycles * share + above;
            let error = apart(&heard[1000..29_000], &tone(in_air, (expected, 0.2), 1000, COUNT)) / expected;
            assert!(error < FILTERS, "{share} {above} {part}: {error:e}");
            for image in [-2.0, -1.0, 1.0, 2.0] {
                let level = amplitude(&heard[1000..29_000], in_air + image * share) / expected;
                let falls_on_tone = ((image * share) - (image * share).round()).abs() < 1e-9;
                assert!(falls_on_tone || level < 1e-4, "{share} {above} {part} {image}: {level:e}");
            }
            // Control: a twentieth of a sample later.
            let late = tone(in_air, (expected, 0.2 + 0.05 * in_air), 1000, COUNT);
            assert!(in_air.abs() < 0.02 || apart(&heard[1000..29_000], &late) / expected > FILTERS);
        }
    }
}

#[test]
fn a_device_hears_the_tones_of_its_band_and_no_others() {
    for (share, above) in CASES {
        let inside = above + 0.3 * share;
        // A stop band begins where what folds back lies beyond what signals occupy.
        let outside = [above + 0.61 * share, above - 0.8 * share];
        for (cycles, is_heard) in [(inside, true), (outside[0], false), (outside[1], false)] {
            if cycles.abs() > 0.5 {
                continue;
            }
            let ether = ether();
            let mut sender = attach(&ether, "a", (&[0], &[]));
            let mut listener = ideal(&ether, "b", (&[], &[0]));
            set(&mut listener, Receive, (share, above * RATE_HZ, -3.0));
            sender.activate(Transmit, Some(0)).unwrap();
            listener.activate(Receive, Some(0)).unwrap();
            write(&mut sender, 0, &tone(cycles, (0.5, 0.4), 0, 60_000), 60_000);
            sender.silent_until(80_000).unwrap();
            let heard = read(&mut listener, 20_000, 20_000);
            let expected = 0.5 * 10f64.powf(-3.0 / 20.0);
            let own = tone((cycles - above) / share, (expected, 0.4), 1000, 19_000);
            let (error, level) =
                (apart(&heard[1000..], &own), apart(&heard[1000..], &[Complex32::default(); 19_000]));
            if is_heard {
                assert!(error / expected < FILTERS, "{share} {above}: {error:e}");
            } else {
                // One image and its neighbours.
                assert!(level / expected < 2.05e-4, "{share} {above} {cycles}: {level:e}");
            }
        }
    }
}

/// Returns noise of the band that devices keep.
fn noise(count: usize) -> Vec<Complex32> {
    let tones: Vec<Complex32> = signal(3, 200);
    let at = |n: usize| -> Complex64 {
        let part = |(k, z): (usize, &Complex32)| {
            let cycles = 0.0039 * (k as f64 - 99.5);
            Complex64::new(z.re.into(), z.im.into()) * Complex64::cis(TAU * (cycles * n as f64).fract())
        };
        tones.iter().enumerate().map(part).sum::<Complex64>() / 20.0
    };
    (0..count).map(at).map(|z| Complex32::new(z.re as f32, z.im as f32)).collect()
}

#[test]
fn what_leaves_at_an_odd_rate_comes_back_at_that_rate_as_it_was_and_when_it_was() {
    for (share, above) in CASES {
        let ether = ether();
        let (mut sender, mut listener) = (ideal(&ether, "a", (&[0], &[])), ideal(&ether, "b", (&[], &[0])));
        set(&mut sender, Transmit, (share, above * RATE_HZ, 0.0));
        set(&mut listener, Receive, (share, above * RATE_HZ, 0.0));
        sender.activate(Transmit, Some(0)).unwrap();
        listener.activate(Receive, Some(0)).unwrap();
        let sent = noise(12_000);
        write(&mut sender, 0, &sent, 5000);
        sender.silent_until(20_000).unwrap();
        let heard = read(&mut listener, 12_000, 999);
        let power = |samples: &[Complex32]| samples.iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>();
        let (sent, heard) = (&sent[500..11_000], &heard[500..11_000]);
        let error: Vec<Complex32> = sent.iter().zip(heard).map(|(a, b)| a - b).collect();
        let level = (power(&error) / power(sent)).sqrt();
        assert!(level < 2.0 * FILTERS, "{share} {above}: {level:e}");
        // The peak of the correlation, between lags by a parabola.
        let at = |lag: usize| {
            let pairs = sent[100..10_000].iter().zip(&heard[99 + lag..]);
            pairs
                .map(|(a, b)| a.conj() * b)
                .map(|z| Complex64::new(z.re.into(), z.im.into()))
                .sum::<Complex64>()
                .norm()
        };
        let [before, here, after] = [0, 1, 2].map(at);
        let lag = 0.5 * (before - after) / (before - 2.0 * here + after);
        assert!(lag.abs() < 0.01, "{share} {above}: {lag}");
    }
}

/// Closed form: a pulse that is centred at own sample t arrives centred at sample t f_air / f_own.
#[test]
fn a_pulse_at_a_time_of_the_device_arrives_at_that_time() {
    for (share, above) in CASES {
        let width = 6.0;
        let pulse = |n: f64| Complex32::new((-0.5 * ((n - 5001.0) / width).powi(2)).exp() as f32, 0.0);
        let sent: Vec<Complex32> = (4900..5100).map(|n| pulse(f64::from(n))).collect();
        let ether = ether();
        let mut sender = ideal(&ether, "a", (&[0], &[]));
        let mut listener = attach(&ether, "b", (&[], &[0]));
        set(&mut sender, Transmit, (share, above * RATE_HZ, 0.0));
        sender.activate(Transmit, None).unwrap();
        listener.activate(Receive, None).unwrap();
        write(&mut sender, 4900, &sent, 7);
        sender.finish(0).unwrap();
        sender.deactivate(Transmit).unwrap();
        let heard = read(&mut listener, 12_000, 12_000);
        let turn = tone(above, (1.0, 0.0), 0, 12_000);
        let expected: Vec<Complex32> =
            turn.iter().enumerate().map(|(m, turn)| turn * pulse(m as f64 * share)).collect();
        let error = apart(&heard, &expected);
        assert!(error < FILTERS, "{share} {above}: {error:e}");
    }
}
