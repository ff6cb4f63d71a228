//! Rounds against the closed form, written out here from the paper's parameters.

use super::setup::{BASE, close, first, read, report};
use airloop::split::model::{Preset, Sample, Tuning};

const WEI_CHEN: &str = include_str!("../../experiments/split/wei-chen.toml");

/// Joules of `flop` in `time_s` on a processor with n FLOP a cycle: `G F^3 / (n^3 s^2)`.
fn computing_j(g: f64, flop: f64, per_cycle: f64, time_s: f64) -> f64 {
    g * flop.powi(3) / (per_cycle.powi(3) * time_s * time_s)
}

/// Joules of `bits` in `time_s`: `s (2^(d / (B s)) - 1) B N0 / |h|^2`.
fn sending_j(bits: f64, bandwidth_hz: f64, noise_w: f64, gain: f64, time_s: f64) -> f64 {
    time_s * ((bits / (bandwidth_hz * time_s)).exp2() - 1.0) * noise_w / gain
}

#[test]
fn times_and_energies_are_those_of_the_paper() {
    let (clock, per_cycle, power_w, gain) = ([100e6, 300e6], [0.5e4, 2e4], [0.1, 1.0], [2e-7, 5e-7]);
    let settings = "split.cut=[2, 4]; device.count=2; device.clock_hz=[100e6, 300e6]; device.flop_per_cycle=[0.5e4, 2e4]; \
                    uplink.power_dbm=[20.0, 30.0]; uplink.gain=[2e-7, 5e-7]; uplink.fading=\"none\"; downlink.fading=\"none\"";
    let round = first(WEI_CHEN, settings);
    let model =
        Preset::find("resnet18-32").unwrap().model(Sample { tokens: 1, context: 0 }, &Tuning::default());
    let density = 10f64.powf(-17.4) / 1000.0;
    let (mut before, mut server, mut after, mut joules) = (0f64, 0.0, 0f64, 0.0);
    for (i, cut) in [2usize, 4].into_iter().enumerate() {
        let forward: f64 = model.blocks[..cut].iter().map(|layer| 32.0 * layer.forward_flop).sum();
        let all = 32.0 * model.whole().forward_flop;
        let bits = 32.0 * 32.0 * model.values_at(cut) as f64;
        let speed = clock[i] * per_cycle[i];
        let up_rate = 100e6 * (1.0 + power_w[i] * gain[i] / (100e6 * density)).log2();
        let down_rate = 200e6 * (1.0 + 10f64.powf(0.3) * 1e-6 / (200e6 * density)).log2();
        let (s1, s2) = (forward / speed, bits / up_rate);
        let (s3, s4, s5) = (3.0 * (all - forward) / (3.135e9 * 3e4), bits / down_rate, 2.0 * forward / speed);
        let stages = &round.devices[i].stages;
        for (found, expected) in [
            (stages.client_forward_s, s1),
            (stages.activations_up_s, s2),
            (stages.server_s, s3),
            (stages.gradients_down_s, s4),
            (stages.client_backward_s, s5),
        ] {
            close(found, expected, 1e-12);
        }
        before = before.max(s1 + s2);
        server += s3;
        after = after.max(s4 + s5);
        joules += computing_j(1e-26, forward, per_cycle[i], s1)
            + computing_j(1e-26, 2.0 * forward, per_cycle[i], s5);
        joules += computing_j(2e-26, 3.0 * (all - forward), 3e4, s3);
        joules += sending_j(bits, 100e6, 100e6 * density, gain[i], s2);
        joules += sending_j(bits, 200e6, 200e6 * density, 1e-6, s4);
    }
    close(round.round_s, before + server + after, 1e-12);
    // The exponent of the rate loses digits that the power does not.
    close(round.round_j.unwrap(), joules, 1e-9);
}

#[test]
fn the_preset_of_the_paper_warns_of_its_signal_to_noise_ratio() {
    let report = report(WEI_CHEN, "");
    assert_eq!(report.cuts.len(), 20);
    assert_eq!(report.warnings.len(), 2);
    assert!(
        report.warnings.iter().all(|warning| warning.starts_with("snr-out-of-reach: [")),
        "{:?}",
        report.warnings
    );
}

/// 20 dB more power at the noise's floor: a rate of B log2(1 + SNR) by hand at SNR = 3 is 2 B.
#[test]
fn shannons_rate_at_an_snr_of_three_is_two_bits() {
    let settings = "uplink.rate_bps=none; uplink.bandwidth_hz=1e6; uplink.power_dbm=30.0; uplink.noise_dbm_hz=-150.0; uplink.gain=3e-12";
    close(first(BASE, settings).devices[0].up_rate_bps, 2e6, 1e-12);
}

#[test]
fn services_put_the_same_stages_together_in_their_own_way() {
    let round = |service: &str| first(BASE, &format!("split.service=\"{service}\""));
    let sequential = round("sequential");
    let stages: Vec<_> = sequential.devices.iter().map(|device| device.stages).collect();
    let total = |i: usize| stages[i].total_s();
    close(round("in-turn").round_s, total(0) + total(1), 1e-14);
    close(round("parallel").round_s, total(0).max(total(1)), 1e-14);
    let phases = |of: &dyn Fn(usize) -> f64| of(0).max(of(1));
    let expected = phases(&|i| stages[i].client_forward_s + stages[i].activations_up_s)
        + stages[0].server_s
        + stages[1].server_s
        + phases(&|i| stages[i].gradients_down_s + stages[i].client_backward_s);
    close(sequential.round_s, expected, 1e-14);
    assert!(round("parallel").round_s < sequential.round_s && sequential.round_s < round("in-turn").round_s);
}

#[test]
fn an_inference_has_no_way_back() {
    let round = first(BASE, "split.mode=\"inference\"; split.result_values=1000");
    let device = &round.devices[0];
    assert_eq!(device.stages.client_backward_s, 0.0);
    close(device.stages.gradients_down_s, 8.0 * 1000.0 * 32.0 / 40e6, 1e-14);
    let training = first(BASE, "");
    close(device.stages.server_s, training.devices[0].stages.server_s / 3.0, 1e-12);
    assert_eq!(device.stages.client_forward_s, training.devices[0].stages.client_forward_s);
}

#[test]
fn latency_per_token_is_the_round_over_its_tokens() {
    let settings = "split.model=\"gpt2\"; split.mode=\"inference\"; split.batch=1; split.tokens=128; split.bits=8; split.cut=3";
    let report = report(BASE, settings);
    close(report.latency_per_token_s.unwrap(), report.round_s.mean / 128.0, 1e-15);
    close(report.costs[0].up_bits, 128.0 * 768.0 * 8.0, 0.0);
}

/// A token of MiniLM at 8 bits over 4 bits a symbol at 15.912 M symbols a second takes 48 us; K2's adapter at 16 bits takes 1.58 s.
#[test]
fn the_airtime_yardstick() {
    let rate =
        "uplink.rate_bps=63.648e6; device.count=1; device.rate_flop_s=1e12; downlink.rate_bps=63.648e6";
    let token = "split.model=\"minilm-l6\"; split.batch=1; split.tokens=1; split.bits=8; split.cut=3";
    let round = first(BASE, &format!("{rate}; {token}"));
    assert!((round.devices[0].stages.activations_up_s * 1e6 - 48.0).abs() < 0.5);
    let adapter = "split.model=\"k2\"; split.batch=1; split.tokens=1; split.cut=32; split.adapter_bits=16; split.aggregate_every=1";
    let round = first(BASE, &format!("{rate}; {adapter}"));
    assert!((round.aggregation_s / 2.0 - 1.58).abs() < 5e-3, "{}", round.aggregation_s);
}

#[test]
fn parameters_are_averaged_every_so_many_rounds() {
    let config = read(BASE, "split.aggregate_every=3; split.rounds=7").unwrap();
    let mut seen = Vec::new();
    let report = airloop::split::run(&config, &mut |start_s, round| {
        seen.push((start_s, round.round_s, round.aggregation_s));
        Ok(())
    })
    .unwrap();
    let averaged: Vec<bool> = seen.iter().map(|(_, _, aggregation_s)| *aggregation_s > 0.0).collect();
    assert_eq!(averaged, [false, false, true, false, false, true, false]);
    // Stem and first stage with their small stem, to the slower uplink and back over the slower downlink.
    let bits = 32.0 * (1_856.0 + 147_968.0);
    close(seen[2].2, bits / 10e6 + bits / 40e6, 1e-12);
    close(seen[6].0, seen.iter().take(6).map(|round| round.1).sum(), 1e-12);
    close(report.total_s, seen[6].0 + seen[6].1, 1e-12);
    close(report.round_s.most, seen[2].1, 0.0);
}

#[test]
fn slots_round_up_by_less_than_one_each_way() {
    let plain = first(BASE, "");
    let slotted = first(BASE, "uplink.slot_s=0.0005; downlink.slot_s=0.001");
    for (a, b) in plain.devices.iter().zip(&slotted.devices) {
        let more = [
            (b.stages.activations_up_s - a.stages.activations_up_s, 0.0005),
            (b.stages.gradients_down_s - a.stages.gradients_down_s, 0.001),
        ];
        assert!(more.iter().all(|(more, slot)| (0.0..*slot).contains(more)), "{more:?}");
        let slots = b.stages.activations_up_s / 0.0005;
        assert!((slots - slots.round()).abs() < 1e-9);
    }
    // A transfer of whole slots takes no slot more: 16777216 bits at 2^21 bit/s are 8 s.
    let whole = first(BASE, "uplink.rate_bps=2097152.0; uplink.slot_s=0.1; split.batch=8");
    close(whole.devices[0].stages.activations_up_s, 8.0, 1e-12);
}

#[test]
fn energy_is_unknown_where_a_power_is_and_bits_are_proportional() {
    assert_eq!(report(BASE, "server.power_w=none").round_j, None);
    assert!(report(BASE, "").round_j.is_some());
    let [full, half] =
        [32, 16].map(|bits| first(BASE, &format!("split.bits={bits}; split.gradient_bits=32")));
    close(half.devices[0].stages.activations_up_s, full.devices[0].stages.activations_up_s / 2.0, 1e-14);
    assert_eq!(half.devices[0].stages.gradients_down_s, full.devices[0].stages.gradients_down_s);
}

/// Rates of Rayleigh fading average to `B e^(1/g) E1(1/g) / ln 2`; at a mean SNR of 1 that is 0.8604 B (E1(1) = 0.219384).
/// Over 20000 draws the mean's standard error is 0.0043 (s.d. 0.605): five of them are allowed, a chance of 6e-7.
#[test]
fn fading_draws_anew_each_round_and_has_its_mean_rate() {
    let settings = "uplink.rate_bps=none; uplink.bandwidth_hz=1.0; uplink.power_dbm=30.0; uplink.noise_dbm_hz=-120.0; \
                    uplink.gain=1e-15; uplink.fading=\"rayleigh\"; split.rounds=10000";
    let config = read(BASE, settings).unwrap();
    let mut sum = 0.0;
    airloop::split::run(&config, &mut |_, round| {
        sum += round.devices.iter().map(|device| device.up_rate_bps).sum::<f64>();
        Ok(())
    })
    .unwrap();
    let expected = std::f64::consts::E * 0.219_383_934 / std::f64::consts::LN_2;
    assert!((sum / 20_000.0 - expected).abs() < 5.0 * 0.0043, "{}", sum / 20_000.0);
}
