//! Majority votes: `P(wrong | k+, k-)` for votes that are independently right with probability q, summed over all outcomes.
//!
//! ```text
//! aligned:  a+ of k+ and a- of k- votes are active with probability zeta, then Q((a+ - a-) sqrt(2 rho0/s2))
//! energies: I_x(L, L), x = (k- + 1/SNR)/(k+ + k- + 2/SNR)
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::special::erfc;
use airloop::report::{Fidelity, TheoryKind};
use airloop::run::Trial;
use std::time::Instant;

/// Devices, probability of a right vote, `rho0/s2` in decibels, threshold on the gain.
type Aligned = (u32, f64, f64, f64);

/// Error rates against the sign of the sum of votes, and against the truth.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    pub votes: f64,
    pub truth: f64,
}

fn choose(n: u32, k: u32) -> f64 {
    (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product()
}

pub fn binomial(n: u32, k: u32, p: f64) -> f64 {
    choose(n, k) * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)
}

/// Sums over how many of the votes are right, given the chance of a wrong decision with `right` and `wrong` votes.
pub fn over_votes((devices, q): (u32, f64), below: impl Fn(u32, u32) -> f64) -> Rates {
    let (mut votes, mut truth) = (0.0, 0.0);
    for right in 0..=devices {
        let wrong = devices - right;
        let (chance, p) = (binomial(devices, right, q), below(right, wrong));
        truth += chance * p;
        votes += chance
            * if right > wrong {
                p
            } else if right < wrong {
                1.0 - p
            } else {
                0.5
            };
    }
    Rates { votes, truth }
}

fn aligned((devices, q, snr_db, threshold): Aligned) -> Rates {
    let (zeta, snr) = ((-threshold).exp(), ratio(snr_db));
    over_votes((devices, q), |right, wrong| {
        let mut sum = 0.0;
        for a in 0..=right {
            for b in 0..=wrong {
                let margin = f64::from(a) - f64::from(b);
                // Q(m sqrt(2 snr)) = erfc(m sqrt(snr))/2
                sum += binomial(right, a, zeta) * binomial(wrong, b, zeta) * 0.5 * erfc(margin * snr.sqrt());
            }
        }
        sum
    })
}

/// `I_x(L, L)` as the chance of at least L heads in 2L - 1 throws of a coin that falls so with probability x.
fn beta(copies: u32, x: f64) -> f64 {
    (copies..2 * copies).map(|heads| binomial(2 * copies - 1, heads, x)).sum()
}

fn energies(right: u32, wrong: u32, snr_db: f64, copies: u32) -> f64 {
    let noise = 1.0 / ratio(snr_db);
    beta(copies, (f64::from(wrong) + noise) / (f64::from(right + wrong) + 2.0 * noise))
}

fn votes(devices: u32, q: f64, length: usize) -> String {
    format!("payload.source=sign; payload.devices={devices}; payload.length={length}; payload.agreement={q}")
}

fn margin(devices: u32, positive: u32, length: usize) -> String {
    format!(
        "payload.source=sign; payload.devices={devices}; payload.length={length}; payload.positive_votes={positive}"
    )
}

pub fn one_bit(snr_db: f64, threshold: f64) -> String {
    format!("scheme.kind=one-bit-majority; scheme.threshold={threshold}; link.receive_snr_db={snr_db}")
}

pub fn fsk(snr_db: f64) -> String {
    format!("scheme.kind=fsk-majority; link.snr_db={snr_db}")
}

pub fn of_votes(trial: &Trial) -> f64 {
    trial.errors.vote_error_rate.unwrap()
}

fn of_truth(trial: &Trial) -> f64 {
    trial.errors.vote_error_rate_truth.unwrap()
}

/// Votes of 10 % inactive devices, of all devices, of fewer devices, of an even number.
const ALIGNED: [Aligned; 4] =
    [(11, 0.7, 0.0, 0.105_360_515_657_826_3), (11, 0.7, 0.0, 0.0), (5, 0.8, 3.0, 0.3), (6, 0.6, -3.0, 0.05)];

#[test]
fn the_formulas_give_the_catalogue_s_figures() {
    let close = |value: f64, printed: f64| assert!((value - printed).abs() < 6e-7, "{value} {printed}");
    close(aligned(ALIGNED[1]).truth, 0.084_163_0);
    close(aligned(ALIGNED[0]).truth, 0.098_745_0);
    // Without noise the decision is the vote itself: wrong against the truth, never against the votes.
    let noiseless = aligned((11, 0.7, 60.0, 0.0));
    close(noiseless.truth, 0.078_224_8);
    close(noiseless.votes, 0.0);
    close(energies(12, 8, 0.0, 1), 0.409_091);
    close(energies(14, 6, 10.0, 4), 0.128_618);
    close(over_votes((20, 0.7), |r, w| energies(r, w, 10.0, 1)).truth, 0.301_980);
    close(over_votes((20, 0.7), |r, w| energies(r, w, 10.0, 8)).truth, 0.107_691);
}

#[test]
fn theory_is_the_formula() {
    let rates = |settings: &[&str]| {
        let theory = report(&load(settings), Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble), "{settings:?}");
        assert!(theory.metrics.nmse.is_none() && theory.metrics.mse_per_device.is_none());
        let mean = |e: Option<airloop::baseband::Estimate>| e.unwrap().mean.unwrap();
        Rates {
            votes: mean(theory.metrics.vote_error_rate),
            truth: mean(theory.metrics.vote_error_rate_truth),
        }
    };
    for setting in ALIGNED {
        let (devices, q, snr_db, threshold) = setting;
        let channel = if threshold == 0.0 { AWGN } else { RAYLEIGH };
        let (payload, expected) = (votes(devices, q, 960), aligned(setting));
        let found = rates(&[&payload, &one_bit(snr_db, threshold), channel]);
        assert_equal("against the votes", found.votes, expected.votes);
        assert_equal("against the truth", found.truth, expected.truth);
        // Truncated inversion of the same votes: an element's aligned power is that of two votes.
        let inversion = format!(
            "scheme.kind=truncated-inversion; scheme.threshold={threshold}; link.receive_snr_db={}",
            snr_db + 10.0 * 2f64.log10()
        );
        let found = rates(&[&payload, &inversion, channel]);
        assert_equal("inversion, against the votes", found.votes, expected.votes);
        assert_equal("inversion, against the truth", found.truth, expected.truth);
    }
    for copies in [1, 8] {
        let found = rates(&[&votes(20, 0.7, 960), &fsk(10.0), RAYLEIGH, &format!("scheme.copies={copies}")]);
        let expected = over_votes((20, 0.7), |r, w| energies(r, w, 10.0, copies));
        assert_equal("energies, against the votes", found.votes, expected.votes);
        assert_equal("energies, against the truth", found.truth, expected.truth);
    }
}

#[test]
fn one_bit_votes_hit_their_formula_at_symbol_fidelity() {
    for setting in ALIGNED {
        let (devices, q, snr_db, threshold) = setting;
        let (since, expected) = (Instant::now(), aligned(setting));
        let channel = if threshold == 0.0 { AWGN } else { RAYLEIGH };
        let experiment = load(&[&votes(devices, q, 960), &one_bit(snr_db, threshold), channel]);
        // As many as the rarer of the two errors needs.
        let found = trials(&experiment, Fidelity::Symbol, (80.0 / expected.votes) as u64);
        assert_mean(
            &format!("against the votes, {setting:?}"),
            found.iter().map(of_votes),
            expected.votes,
            since,
        );
        assert_mean(
            &format!("against the truth, {setting:?}"),
            found.iter().map(of_truth),
            expected.truth,
            since,
        );
        // Noise 1 dB off must be seen.
        let wrong = aligned((devices, q, snr_db + 1.0, threshold));
        assert_differs("noise 1 dB off", found.iter().map(of_votes), wrong.votes);
    }
}

#[test]
fn the_receive_snr_sets_the_noise_of_one_vote() {
    // 2 rho0 E1(g) = P, so P/s2 = 2 E1(g) rho0/s2; at peak power 2 rho0 = P g.
    let g = 0.3;
    for (power, factor) in [("average", 2.0 * e1(g)), ("peak", 2.0 / g)] {
        let scheme = format!("{}; scheme.power_constraint={power}", one_bit(4.0, g));
        let experiment = load(&[&votes(5, 0.8, 960), RAYLEIGH, &scheme, "stop.trials=64"]);
        for fidelity in [Fidelity::Theory, Fidelity::Symbol] {
            let found = report(&experiment, fidelity);
            assert!((found.snr_db - 4.0 - 10.0 * factor.log10()).abs() < 1e-9, "{power}: {}", found.snr_db);
            assert!(
                (found.receive_snr_db.unwrap() - 4.0).abs() < 1e-5,
                "{power}: {:?}",
                found.receive_snr_db
            );
        }
        // The same noise by the other key.
        let snr = format!("{}; scheme.power_constraint={power}", one_bit(4.0, g))
            .replace("link.receive_snr_db=4", &format!("link.snr_db={}", 4.0 + 10.0 * factor.log10()));
        let other = load(&[&votes(5, 0.8, 960), RAYLEIGH, &snr]);
        assert!((other.budget.noise_power / experiment.budget.noise_power - 1.0).abs() < 1e-12);
    }
    // For truncated inversion it is the element's aligned power.
    let inversion =
        "scheme.kind=truncated-inversion; scheme.threshold=0.3; link.receive_snr_db=4; scheme.scale=plain";
    let found = report(&load(&[&gaussian(5, 960), RAYLEIGH, inversion, "stop.trials=64"]), Fidelity::Symbol);
    assert!((found.receive_snr_db.unwrap() - 4.0).abs() < 1e-5);
    assert!((found.snr_db - 4.0 - 10.0 * e1(g).log10()).abs() < 1e-9);
}

#[test]
fn one_bit_votes_hit_their_formula_at_waveform_fidelity() {
    let since = Instant::now();
    let setting: Aligned = (11, 0.7, 0.0, 0.105_360_515_657_826_3);
    let experiment = load(&[&votes(11, 0.7, 96), &one_bit(0.0, setting.3), SELECTIVE]);
    let found = trials(&experiment, Fidelity::Waveform, 8000);
    assert_mean("waveform, against the truth", found.iter().map(of_truth), aligned(setting).truth, since);
}

/// Votes for +1, devices, SNR in decibels, copies.
const ENERGIES: [(u32, u32, f64, u32); 3] = [(12, 20, 0.0, 1), (14, 20, 10.0, 4), (7, 9, 3.0, 2)];

#[test]
fn keyed_votes_hit_their_formula_at_symbol_fidelity() {
    for (positive, devices, snr_db, copies) in ENERGIES {
        let since = Instant::now();
        let scheme = format!("{}; scheme.copies={copies}", fsk(snr_db));
        let experiment = load(&[&margin(devices, positive, 960), &scheme, RAYLEIGH]);
        let expected = energies(positive, devices - positive, snr_db, copies);
        let found = trials(&experiment, Fidelity::Symbol, (80.0 / expected) as u64);
        let what = format!("{positive} of {devices} at {snr_db} dB, {copies} copies");
        assert_mean(&what, found.iter().map(of_votes), expected, since);
        // The truth is the majority's side.
        assert!(found.iter().all(|t| of_votes(t) == of_truth(t)));
        let one_more = energies(positive + 1, devices - positive - 1, snr_db, copies);
        assert_differs("one vote changed", found.iter().map(of_votes), one_more);
    }
    let since = Instant::now();
    let found = trials(&load(&[&votes(20, 0.7, 960), &fsk(10.0), RAYLEIGH]), Fidelity::Symbol, 256);
    let expected = over_votes((20, 0.7), |r, w| energies(r, w, 10.0, 1));
    assert_mean("truth", found.iter().map(of_truth), expected.truth, since);
    assert_mean("votes", found.iter().map(of_votes), expected.votes, since);
}

#[test]
fn antennas_are_copies_over_block_fading() {
    // Over one flat gain a device each trial is one draw of the channel: its values share gains, not phases.
    let since = Instant::now();
    let settings = [&margin(9, 6, 12)[..], &fsk(6.0), "channel.model=rayleigh; link.receive_antennas=2"];
    let found = trials(&load(&settings), Fidelity::Symbol, 30_000);
    assert_mean("two antennas", found.iter().map(of_votes), energies(6, 3, 6.0, 2), since);
    // Two copies over the same gains are less than two independent ones, and have no formula.
    let settings = [&margin(9, 6, 32)[..], &fsk(6.0), "channel.model=rayleigh; scheme.copies=2"];
    let copies = load(&settings);
    let found = trials(&copies, Fidelity::Symbol, 10_000);
    assert_differs("copies over one fade", found.iter().map(of_votes), energies(6, 3, 6.0, 2));
    assert!(report(&copies, Fidelity::Theory).metrics.vote_error_rate.is_none());
}

#[test]
fn one_device_over_a_constant_channel_is_textbook_non_coherent_keying() {
    // Binary orthogonal signals of unknown phase: P = exp(-SNR/2)/2.
    for snr_db in [0.0, 3.0, 6.0] {
        let since = Instant::now();
        let experiment = load(&[&votes(1, 1.0, 960), &fsk(snr_db), AWGN]);
        let found = trials(&experiment, Fidelity::Symbol, 1024);
        let expected = 0.5 * (-ratio(snr_db) / 2.0).exp();
        assert_mean(&format!("{snr_db} dB"), found.iter().map(of_votes), expected, since);
    }
}

#[test]
fn keyed_votes_hit_their_formula_at_waveform_fidelity_whatever_the_phases() {
    let phases = "impairments.phase_rad={ uniform = [0.0, 6.283185307179586] }";
    for rest in ["", phases] {
        let since = Instant::now();
        let experiment = load(&[&margin(20, 12, 96), &fsk(0.0), SELECTIVE, rest]);
        let found = trials(&experiment, Fidelity::Waveform, 2000);
        assert_mean(&format!("waveform {rest}"), found.iter().map(of_votes), energies(12, 8, 0.0, 1), since);
    }
    // A scheme that counts on phases only guesses without them.
    let settings = [&margin(20, 17, 96)[..], &one_bit(10.0, 0.1), SELECTIVE];
    let right = trials(&load(&settings), Fidelity::Waveform, 300);
    let guessed = trials(&load(&[&settings[..], &[phases]].concat()), Fidelity::Waveform, 1500);
    let mean = |all: &[Trial]| all.iter().map(of_votes).sum::<f64>() / all.len() as f64;
    assert!(mean(&right) < 1e-3, "{}", mean(&right));
    assert!((mean(&guessed) - 0.5).abs() < 0.05, "{}", mean(&guessed));
}

#[test]
fn a_tie_counts_one_half() {
    for scheme in [one_bit(10.0, 0.1), fsk(10.0)] {
        let found = trials(&load(&[&margin(4, 2, 60), &scheme, RAYLEIGH]), Fidelity::Symbol, 8);
        assert!(found.iter().all(|t| of_votes(t) == 0.5 && of_truth(t) == 0.5));
    }
}

#[test]
fn a_budget_repeats_keyed_votes_or_sends_some() {
    // 48 elements a symbol carry 24 votes: 96 votes take 4 symbols, and 12 symbols hold 3 copies.
    let since = Instant::now();
    let payload = margin(9, 6, 96);
    let more = load(&[&payload, &fsk(3.0), RAYLEIGH, "budget.elements=576"]);
    assert_eq!((more.segments().repetitions(), more.segments().elements()), (3, 576));
    let found = trials(&more, Fidelity::Symbol, 4096);
    assert_mean("three copies", found.iter().map(of_votes), energies(6, 3, 3.0, 3), since);
    // One symbol carries a quarter of the votes; the others are decided by a coin.
    let less = load(&[&payload, &fsk(3.0), RAYLEIGH, "budget.elements=48"]);
    let found = trials(&less, Fidelity::Symbol, 4096);
    let expected = 0.25 * energies(6, 3, 3.0, 1) + 0.75 * 0.5;
    assert_mean("a quarter", found.iter().map(of_votes), expected, since);
    let theory = report(&less, Fidelity::Theory).metrics.vote_error_rate.unwrap().mean.unwrap();
    assert_equal("theory", theory, expected);
}

#[test]
fn votes_that_a_slot_cuts_in_two_arrive_whole() {
    // 47 used subcarriers (the carrier is one of them): every other symbol begins with the second element of a vote.
    let odd = "ofdm.used_subcarriers=47; ofdm.dc=true";
    let settings = [&votes(1, 1.0, 1000)[..], &fsk(60.0), AWGN, odd];
    for rest in ["", "scheme.copies=3", "budget.elements=1500"] {
        let experiment = load(&[&settings[..], &[rest]].concat());
        let sent = experiment.segments().sent() as f64 / 1000.0;
        let (found, vectors) = airloop::run::TrialContext::new(&experiment, Fidelity::Symbol)
            .unwrap()
            .run_with_vectors(0)
            .unwrap();
        assert!((of_votes(&found) - (1.0 - sent) / 2.0).abs() < 1e-9, "{rest}: {found:?}");
        // Every vote is counted once.
        assert!(vectors.truth.iter().all(|t| t.abs() == 1.0), "{rest}");
    }
}
