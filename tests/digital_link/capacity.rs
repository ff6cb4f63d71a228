//! No link carries more than its channels can.

use super::setup::{mean, report};

/// Most of its capacity that a link of a list reached, over all schemes and SNRs.
fn largest_share(settings: &[&str]) -> f64 {
    let mut largest: f64 = 0.0;
    for mcs in [0, 9, 18, 27] {
        for snr_db in [-5.0, 5.0, 14.0, 27.0] {
            let point = format!("mcs.index={mcs}; link.snr_db={snr_db}; stop.trials=8");
            let report = report(&[settings, &[&point]].concat());
            let throughput_bps = mean(&report.figures.throughput_bps);
            let capacity_bps = report.capacity_bps.unwrap();
            assert!(
                throughput_bps <= capacity_bps,
                "{settings:?} {point}: {throughput_bps} of {capacity_bps}"
            );
            largest = largest.max(throughput_bps / capacity_bps);
        }
    }
    largest
}

const CHANNELS: [&str; 3] = [
    "channel.model=awgn",
    "channel.model=rayleigh",
    "channel.model=tdl-c; channel.delay_spread_s=3e-7; channel.speed_m_s=10",
];

#[test]
fn one_layer_stays_below_capacity() {
    for (channel, least) in CHANNELS.into_iter().zip([0.51, 0.35, 0.35]) {
        for reception in ["reception.estimator=perfect", "reception.estimator=wiener; harq.transmissions=2"] {
            // Control: the bound is so near that a link which counts twice what it carries breaks it, in noise.
            let share = largest_share(&[channel, reception]);
            assert!(share > least, "{channel} {reception}: {share}");
        }
    }
}

#[test]
fn layers_stay_below_capacity() {
    let antennas = "link.receive_antennas=2; link.device_antennas=2";
    for channel in &CHANNELS[1..] {
        for (precoding, layers) in [("none", 2), ("svd", 1), ("svd", 2), ("codebook", 1), ("codebook", 2)] {
            for reception in ["reception.estimator=perfect", "reception.estimator=wiener"] {
                let slot = format!("slot.precoding={precoding}; slot.layers={layers}; slot.pilot_symbols=2");
                let share = largest_share(&[channel, antennas, &slot, reception]);
                assert!(share > 0.2, "{channel} {slot} {reception}: {share}");
            }
        }
    }
}
