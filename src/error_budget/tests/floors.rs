//! Floors where the receive factor is not 1, and where payloads are alike.

use super::*;

/// Every subcarrier of 64, a prefix of 16.
const GRID: &str = "payload.source=gaussian; ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
                    ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=64; ofdm.dc=true; \
                    scheme.kind=truncated-inversion; stop.level=0.999";

#[test]
fn scaled_sums_turn_as_far_as_their_scale() {
    // K SNR of 2: c = 2/3.
    let scaled = "channel.model=awgn; scheme.scale=lmmse; scheme.threshold=0.1; payload.devices=10; payload.length=128; \
                  link.snr_db=-6.989700043; stop.trials=400";
    let errors = "impairments.phase_rad={uniform=[-0.4,0.4]}; impairments.power_error_db=1.5; impairments.dac_bits=4; \
                  receiver.adc_bits=4";
    let split = budget(&[GRID, scaled, errors]);
    let c = 2.0 / 3.0;
    // By the mean and the mean square of a factor; of a drawn sum of K devices and N values, what is independent weighs
    // 1/K + (1 - 1/K) N/(N - 2).
    let weight = 0.1 + 0.9 * 128.0 / 126.0;
    let by_hand = |mean: f64, square: f64| {
        let common = c * c * (mean * mean - 1.0) - 2.0 * c * (mean - 1.0);
        weight * c * c * (square - mean * mean) + common
    };
    let s = std::f64::consts::LN_10 / 20.0 * 1.5;
    let (gain, squared_gain) = ((0.5 * s * s).exp(), (2.0 * s * s).exp());
    let power = by_hand(gain, squared_gain);
    for (cause, expected) in [("phase", by_hand(0.4f64.sin() / 0.4, 1.0)), ("power-control", power)] {
        let floor = row(&split, cause).floor.unwrap();
        assert!((floor / expected - 1.0).abs() < 1e-6, "{cause}: {floor} {expected}");
    }
    for cause in ["phase", "dac"] {
        assert_floor(row(&split, cause), row(&split, cause).floor.unwrap(), 0.2);
    }
    let holds = |cause: &str, value: f64| {
        let row = row(&split, cause);
        row.alone_low.unwrap() <= value && value <= row.alone_high.unwrap()
    };
    let converter = row(&split, "adc").floor.unwrap();
    assert!(holds("adc", converter) && holds("power-control", power));
    // The controls: what either leaves before the scale.
    assert!(!holds("adc", converter / (c * c)));
    assert!(!holds("power-control", c * c * (squared_gain - 2.0 * gain + 1.0)));
}

#[test]
fn unbiased_sums_of_few_senders_have_floors() {
    // 61 of 100 devices send, c = 1.65.
    let scaled = "channel.model=rayleigh; scheme.scale=unbiased; scheme.threshold=0.5; payload.devices=40; payload.length=128; \
                  link.snr_db=20; impairments.phase_rad={uniform=[-0.4,0.4]}; stop.trials=400";
    let split = budget(&[GRID, scaled]);
    let phase = 2.0 * (1.0 - 0.4f64.sin() / 0.4);
    let floor = row(&split, "phase").floor.unwrap();
    assert!((floor * 126.0 / 128.0 / phase - 1.0).abs() < 1e-3, "{floor} {phase}");
    assert_floor(row(&split, "phase"), floor, 0.2);
}

#[test]
fn images_of_payloads_that_are_alike_add_up() {
    let alike = "channel.model=awgn; scheme.threshold=0.1; payload.devices=10; payload.correlation=0.7; payload.length=640; \
                 link.snr_db=30; impairments.image_rejection_db=25; impairments.dac_bits=5; receiver.adc_bits=6; stop.trials=4";
    let split = budget(&[GRID, alike]);
    let image = row(&split, "iq-image");
    assert!((image.alone / power_from_db(-25.0) - 1.0).abs() < 1e-3, "{image:?}");
    assert!((image.floor.unwrap() / power_from_db(-25.0) - 1.0).abs() < 0.01, "{image:?}");
    // What clips alike has no floor.
    assert_eq!([row(&split, "dac").floor, row(&split, "adc").floor], [None, None]);
}

#[test]
fn what_both_ends_get_wrong_has_one_floor() {
    let both = "channel.model=awgn; scheme.threshold=0.1; payload.devices=10; payload.length=640; link.snr_db=10; \
                impairments.image_rejection_db=25; receiver.image_rejection_db=25; impairments.dc_offset_dbc=-20; \
                receiver.dc_offset_dbc=-20; impairments.phase_noise_linewidth_hz=15; receiver.phase_noise_linewidth_hz=15; \
                stop.trials=400";
    let split = budget(&[GRID, both]);
    for cause in ["iq-image", "dc-offset", "phase-noise"] {
        let row = row(&split, cause);
        assert_floor(row, row.floor.unwrap_or_else(|| panic!("no floor of {cause}")), 0.2);
    }
    // Two images of one sign add as amplitudes.
    let image = row(&split, "iq-image").alone;
    assert!((image / (4.0 * power_from_db(-25.0)) - 1.0).abs() < 0.02, "{image}");
    // The server's line is over 10 devices and noise, a tenth of a device.
    let line = row(&split, "dc-offset").floor.unwrap() * 638.0 / 640.0;
    assert!((line / (0.01 + 0.01 * 10.1 / 10.0) - 1.0).abs() < 1e-3, "{line}");
}

#[test]
fn a_servers_phase_noise_is_common_to_payloads_that_are_alike() {
    let alike = "payload.devices=10; payload.correlation=0.7; payload.length=128; channel.model=rayleigh; link.snr_db=20; \
                 scheme.scale=unbiased; scheme.threshold=0.5; stop.trials=1500";
    for own in ["", "; impairments.phase_noise_linewidth_hz=60"] {
        let split = budget(&[GRID, alike, &format!("receiver.phase_noise_linewidth_hz=60{own}")]);
        let row = row(&split, "phase-noise");
        assert_floor(row, row.floor.unwrap(), 0.3);
    }
}
