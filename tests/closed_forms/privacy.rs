//! The privacy meter in a run: epsilon from amplitudes and noise that were really there.
//!
//! ```text
//! AWGN, full inversion: every device arrives at amplitude sqrt(P);   mu = 2 C sqrt(P) / sqrt(s2)
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::privacy::gaussian;
use airloop::report::Fidelity;

const DELTA: f64 = 1e-5;

fn metered(settings: &[&str]) -> airloop::experiment::Experiment {
    let base = "channel.model=awgn; scheme.kind=full-inversion; privacy.delta=1e-5; stop.trials=4";
    load(&[&[&gaussian(5, 960)[..], base], settings].concat())
}

#[test]
fn epsilon_follows_from_norm_snr_and_the_noise_drawn() {
    for (snr_db, neighbours, factor) in
        [(-20.0, "replace", 2.0), (-35.0, "replace", 2.0), (-25.0, "add-remove", 1.0)]
    {
        let settings = format!("link.snr_db={snr_db}; privacy.neighbours={neighbours}");
        for fidelity in [Fidelity::Symbol, Fidelity::Waveform] {
            let report = report(&metered(&[&settings]), fidelity);
            // The norm of 960 values of unit power; the noise of four trials of 480 elements has mu within 1.1 % (one standard
            // error), so that 7 % is passed by chance once in 10^9.
            let mu = factor * 960f64.sqrt() * ratio(snr_db).sqrt();
            let (low, high) = (gaussian::epsilon(DELTA, 0.93 * mu), gaussian::epsilon(DELTA, 1.07 * mu));
            let epsilon = report.epsilon_round.unwrap();
            assert!(
                (low..high).contains(&epsilon),
                "{settings} {fidelity}: {epsilon} not in {low} to {high}"
            );
            assert_equal("one round is all", report.epsilon_total.unwrap(), epsilon);
        }
    }
}

#[test]
fn measured_noise_gives_the_very_epsilon() {
    // With the noise of the trial itself instead of its mean the figure is exact.
    let experiment = metered(&["link.snr_db=-20; stop.trials=1"]);
    let trial = &trials(&experiment, Fidelity::Symbol, 1)[0];
    let noise = trial.tally.noise / trial.tally.noise_count as f64;
    let mu = 2.0 * 960f64.sqrt() / noise.sqrt();
    let epsilon = trial.privacy.unwrap().round;
    assert!((epsilon / gaussian::epsilon(DELTA, mu) - 1.0).abs() < 1e-6, "{epsilon}");
}

#[test]
fn rounds_compose_and_passes_count_as_rounds() {
    let one = report(&metered(&["link.snr_db=-30; stop.trials=16"]), Fidelity::Symbol);
    let many = report(&metered(&["link.snr_db=-30; rounds=9; stop.trials=16"]), Fidelity::Symbol);
    let mu = 2.0 * 960f64.sqrt() * ratio(-30.0).sqrt();
    let nine = gaussian::epsilon(DELTA, 3.0 * mu);
    assert!((many.epsilon_total.unwrap() / nine - 1.0).abs() < 0.05, "{:?} {nine}", many.epsilon_total);
    assert!((many.epsilon_round.unwrap() / one.epsilon_round.unwrap() - 1.0).abs() < 0.05);
    // Ten symbols a pass: 40 symbols are four passes.
    let passes =
        report(&metered(&["link.snr_db=-30; budget.elements=1920; stop.trials=16"]), Fidelity::Symbol);
    let four = gaussian::epsilon(DELTA, 2.0 * mu);
    assert!((passes.epsilon_total.unwrap() / four - 1.0).abs() < 0.05, "{:?} {four}", passes.epsilon_total);
}

#[test]
fn an_eavesdropper_with_more_noise_learns_less() {
    let settings = "link.snr_db=-25; privacy.eavesdropper_noise_db=6; stop.trials=16";
    let report = report(&metered(&[settings]), Fidelity::Symbol);
    let mu = 2.0 * 960f64.sqrt() * ratio(-25.0).sqrt();
    let expected = gaussian::epsilon(DELTA, mu / ratio(6.0).sqrt());
    let heard = report.epsilon_eavesdropper_round.unwrap();
    assert!((heard / expected - 1.0).abs() < 0.05, "{heard} {expected}");
    assert!(heard < report.epsilon_round.unwrap());
}

#[test]
fn aligned_fading_devices_lose_alike_at_the_server_and_apart_at_an_eavesdropper() {
    let settings = "channel.model=rayleigh; link.snr_db=-20; scheme.kind=truncated-inversion; scheme.threshold=0.1; \
                    privacy.eavesdropper_noise_db=0; stop.trials=32";
    let report = report(&metered(&[settings]), Fidelity::Symbol);
    // Aligned at rho0 = P/E1(g) at the server, whatever the channel, unless all five are silent.
    let mu = 2.0 * 960f64.sqrt() * (ratio(-20.0) / e1(0.1)).sqrt();
    let server = gaussian::epsilon(DELTA, mu);
    assert!(
        (report.epsilon_round.unwrap() / server - 1.0).abs() < 0.05,
        "{:?} {server}",
        report.epsilon_round
    );
    // The eavesdropper hears g/h: the strongest of five such ratios is above 1 nearly always.
    assert!(report.epsilon_eavesdropper_round.unwrap() > 1.2 * server);
}
