use super::*;
use airloop_baseband::checks::{CheckSpec, check_rate};
use airloop_baseband::special::q_function;
use airloop_baseband::{Complex32, Complex64, Purpose, Seeds};

fn round(amplitudes: &[f64], neighbours: Neighbours) -> PrivacyRound<'_> {
    PrivacyRound { amplitudes, clip_norm: 3.0, noise_power: 0.25, neighbours }
}

#[test]
fn mu_is_what_it_says() {
    // 2 * 3 * a / sqrt(2) over sqrt(0.125).
    let mu = round(&[0.5, 0.0, 2.0], Neighbours::Replace).mu().unwrap();
    assert!((mu[0] - 6.0).abs() < 1e-14 && mu[1] == 0.0 && (mu[2] - 24.0).abs() < 1e-13);
    let half = round(&[0.5, 0.0, 2.0], Neighbours::AddRemove).mu().unwrap();
    assert!((half[0] - 3.0).abs() < 1e-14);
}

/// How often the best test tells two neighbouring updates apart from the elements that arrive.
fn told_apart(seeds: &Seeds, trials: u64, amplitude: f64, noise_power: f64) -> u64 {
    const VALUES: [f64; 8] = [0.3, -0.1, 0.4, 0.2, -0.5, 0.1, 0.6, -0.2];
    let norm = VALUES.iter().map(|u| u * u).sum::<f64>().sqrt();
    let mut noise = [Complex32::default(); 4];
    let mut right = 0;
    for trial in 0..trials {
        seeds.stream(Purpose::Noise, trial, 0).fill_complex_gaussian(0, noise_power as f32, &mut noise);
        let mut score = 0.0;
        for (i, pair) in VALUES.chunks_exact(2).enumerate() {
            // A channel with a phase of its own on every element.
            let gain = Complex64::from_polar(amplitude, 0.7 * i as f64);
            let sent = Complex64::new(pair[0], pair[1]) / (norm * 2f64.sqrt());
            let received = gain * sent + Complex64::new(noise[i].re.into(), noise[i].im.into());
            score += (received * (gain * sent).conj()).re;
        }
        right += u64::from(score > 0.0);
    }
    right
}

#[test]
fn best_test_tells_neighbours_apart_as_often_as_mu_says() {
    // Updates of norm 1 and their opposites: with equal odds the best test is right with the probability Phi(mu/2).
    let (amplitude, noise_power, trials) = (0.6, 0.9, 40_000);
    let amplitudes = [amplitude];
    let round = PrivacyRound {
        amplitudes: &amplitudes,
        clip_norm: 1.0,
        noise_power,
        neighbours: Neighbours::Replace,
    };
    let mu = round.mu().unwrap()[0];
    let right = told_apart(&Seeds::new(5), trials, amplitude, noise_power);
    let spec = CheckSpec { alpha: 1e-6, detects: 0.02 };
    check_rate(right, trials, q_function(-0.5 * mu), spec).unwrap();
    // The noise of both dimensions where that of one belongs must be seen.
    check_rate(right, trials, q_function(-0.5 * mu / 2f64.sqrt()), spec).unwrap_err();
}

#[test]
fn meter_adds_rounds_and_names_the_worst() {
    let mut meter = Meter::new(1e-5, 3).unwrap();
    // mu = 0.5 for the second device, less for the first, nothing for the third.
    let amplitudes = [0.02, 0.5 / 12.0, 0.0];
    let one = meter.add(&round(&amplitudes, Neighbours::Replace)).unwrap();
    assert!((one.worst_epsilon() - 1.993_091_404_415_12).abs() < 1e-9);
    assert_eq!((one.worst_device, one.epsilon[2]), (1, 0.0));
    for _ in 1..10 {
        meter.add(&round(&amplitudes, Neighbours::Replace)).unwrap();
    }
    let total = meter.total();
    assert!((total.worst_epsilon() - 7.511_275_900_744_78).abs() < 1e-9);
    assert!(total.epsilon[0] > 0.0 && total.epsilon[0] < total.epsilon[1] && total.epsilon[2] == 0.0);
    assert_eq!(meter.rounds(), 10);
}

#[test]
fn an_eavesdropper_with_more_noise_learns_less() {
    let (server, far) = (round(&[1.0, 1.0], Neighbours::Replace), [0.4, 0.1]);
    let eavesdropper = PrivacyRound { amplitudes: &far, noise_power: 2.0, ..server };
    let of = |round: &PrivacyRound<'_>| Meter::new(1e-5, 2).unwrap().add(round).unwrap();
    let (server, eavesdropper) = (of(&server), of(&eavesdropper));
    assert_eq!(server.epsilon[0], server.epsilon[1]);
    assert!(eavesdropper.epsilon[1] < eavesdropper.epsilon[0] && eavesdropper.epsilon[0] < server.epsilon[0]);
    assert_eq!(eavesdropper.worst_device, 0);
}

#[test]
fn a_receiver_without_noise_learns_all() {
    let amplitudes = [0.0, 1.0];
    let round = PrivacyRound { noise_power: 0.0, ..round(&amplitudes, Neighbours::AddRemove) };
    let loss = Meter::new(1e-5, 2).unwrap().add(&round).unwrap();
    assert_eq!((loss.epsilon[0], loss.epsilon[1]), (0.0, f64::INFINITY));
}

#[test]
fn bad_numbers_are_named_and_not_counted() {
    let text = |delta, devices| Meter::new(delta, devices).unwrap_err().to_string();
    assert!(text(0.0, 2).contains("delta = 0: a number strictly between 0 and 1"));
    assert!(text(f64::NAN, 2).contains("delta = NaN"));
    assert!(text(0.1, 0).contains("at least one device"));
    let mut meter = Meter::new(1e-5, 2).unwrap();
    let good = round(&[1.0, 1.0], Neighbours::Replace);
    let cases = [
        (PrivacyRound { clip_norm: 0.0, ..good }, "clip_norm = 0"),
        (PrivacyRound { noise_power: f64::INFINITY, ..good }, "noise_power = inf"),
        (PrivacyRound { amplitudes: &[1.0, -1.0], ..good }, "amplitudes[1] = -1"),
        (PrivacyRound { amplitudes: &[f64::NAN, 1.0], ..good }, "amplitudes[0] = NaN"),
        (PrivacyRound { amplitudes: &[1.0], ..good }, "1 amplitudes for 2 devices"),
    ];
    for (round, message) in cases {
        assert!(meter.add(&round).unwrap_err().to_string().contains(message), "{message}");
    }
    assert_eq!((meter.rounds(), meter.total().worst_epsilon()), (0, 0.0));
}
