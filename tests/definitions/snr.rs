//! SNR: the budget of an element times the mean channel power over the noise power of an element.

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::sections::Rule;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use std::time::Instant;

const SCHEME: &str = "scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain";

#[test]
fn noise_and_mean_gain_have_the_configured_ratio_at_both_fidelities() {
    for (fidelity, channel) in
        [(Fidelity::Symbol, RAYLEIGH), (Fidelity::Symbol, SELECTIVE), (Fidelity::Waveform, SELECTIVE)]
    {
        let since = Instant::now();
        let experiment = load(&[&gaussian(8, 960), channel, "link.snr_db=7", SCHEME]);
        assert_eq!(experiment.budget.power, [1.0; 8]);
        let found = trials(&experiment, fidelity, if channel == RAYLEIGH { 512 } else { 3000 });
        let noise = found.iter().map(|t| t.tally.noise / t.tally.noise_count as f64);
        let gain = found.iter().map(|t| t.tally.gain / t.tally.gain_count as f64);
        assert_mean(&format!("{fidelity}, gain"), gain, 1.0, since);
        if fidelity == Fidelity::Symbol {
            assert_mean(&format!("{fidelity}, noise"), noise, ratio(-7.0), since);
        }
        // The controls: noise drawn 0.2 dB too strong is seen.
        let mut wrong = TrialContext::new(&experiment, fidelity).unwrap();
        wrong.noise_factor = ratio(0.2);
        let tallies: Vec<_> = (0..128).map(|t| wrong.run(t).unwrap().tally).collect();
        if fidelity == Fidelity::Symbol {
            assert_differs("noise", tallies.iter().map(|t| t.noise / t.noise_count as f64), ratio(-7.0));
        }
    }
}

#[test]
fn the_report_says_the_measured_ratio() {
    for (link, snr_db) in [
        ("link.snr_db=12", 12.0),
        ("link.snr_db=-3", -3.0),
        // The mean of the powers, not of the decibels: 10^.4 / noise with powers 10^(-.5..+.5) about it.
        (
            "link.snr_db=4; link.snr_spread_db=10",
            4.0 + 10.0 * ((ratio(-5.0) + ratio(0.0) + ratio(5.0)) / 3.0).log10(),
        ),
        ("link.snr_db_per_device=[0, 10, 20]", 10.0 * (111.0f64 / 3.0).log10()),
        // 6 dB over half the occupied band of 48 times 30 kHz.
        ("link.snr_db=6; link.snr_bandwidth_hz=0.72e6", 6.0 - 10.0 * 2f64.log10()),
    ] {
        let mut experiment = load(&[&gaussian(3, 960), AWGN, link, SCHEME]);
        experiment.stop.rule = Rule::Trials(200);
        let since = Instant::now();
        let measured = report(&experiment, Fidelity::Symbol).snr_measured_db.unwrap();
        // 200 x 480 elements of noise: standard error 1/sqrt(96,000) = .32 %, .014 dB; five of them.
        println!(
            "{link}: {measured:.4} against {snr_db:.4} dB, 96000 samples, {:.2} s",
            since.elapsed().as_secs_f64()
        );
        assert!((measured - snr_db).abs() < 0.07, "{link}: {measured} {snr_db}");
    }
}
