//! Averaged gradients by broadcast.

use super::setup::{BASE, first, report};
use airloop::split::round::Service;

#[test]
fn without_averaged_gradients_it_is_parallel_split_learning_to_the_last_bit() {
    let plain = first(BASE, "");
    let zero = first(BASE, "split.phi=0.0");
    assert_eq!(plain, zero);
    assert_eq!((zero.averaged_backward_s, zero.broadcast_s, zero.server_backward_samples), (0.0, 0.0, 16));
    let stages = zero.devices.iter().map(|device| device.stages);
    assert_eq!(zero.round_s, Service::Sequential.length_s(stages, 0.0));
}

#[test]
fn the_server_passes_fewer_samples_backwards() {
    // ceil(phi b) + C (b - ceil(phi b)) of two devices with eight samples each.
    for (phi, samples) in [(0.0, 16), (0.1, 15), (0.125, 15), (0.5, 12), (0.51, 11), (1.0, 8)] {
        assert_eq!(first(BASE, &format!("split.phi={phi}")).server_backward_samples, samples, "{phi}");
    }
}

#[test]
fn payloads_and_server_time_follow_the_share() {
    let whole = first(BASE, "");
    let half = first(BASE, "split.phi=0.5");
    for (a, b) in whole.devices.iter().zip(&half.devices) {
        assert_eq!(b.stages.gradients_down_s, a.stages.gradients_down_s / 2.0);
        assert_eq!(b.stages.activations_up_s, a.stages.activations_up_s);
        assert_eq!(b.stages.client_backward_s, a.stages.client_backward_s);
    }
    let bits = 4.0 * 65_536.0 * 32.0;
    assert!((half.broadcast_s - bits / 40e6).abs() < 1e-15);
    // Two thirds of a full pass are backwards; each device has half of its own, and half of one is common.
    let backward_s = whole.devices[0].stages.server_s * 2.0 / 3.0;
    assert!((half.averaged_backward_s - backward_s / 2.0).abs() < 1e-12 * backward_s);
    assert!(
        (half.devices[0].stages.server_s - whole.devices[0].stages.server_s + backward_s / 2.0).abs() < 1e-12
    );
}

/// A broadcast at least as fast as the fastest downlink never costs more than it saves.
#[test]
fn rounds_get_no_longer_as_the_share_grows() {
    let links = [
        "downlink.rate_bps=40e6",
        "downlink.rate_bps=[40e6, 50e6]; downlink.broadcast_rate_bps=50e6",
        "downlink.rate_bps=[5e6, 90e6]; downlink.broadcast_rate_bps=95e6",
    ];
    for link in links {
        let times: Vec<f64> = (0..=64)
            .map(|i| first(BASE, &format!("{link}; split.phi={}", f64::from(i) / 64.0)).round_s)
            .collect();
        assert!(times.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-14)), "{link}: {times:?}");
        assert!(times[64] < times[0], "{link}");
    }
    // The control: towards a device at a hundredth of the other's rate, a broadcast at that rate costs the fast device's whole wait.
    let slow = |phi: f64| {
        let settings =
            "device.rate_flop_s=[1e9, 1e13]; downlink.rate_bps=[500e6, 5e6]; server.rate_flop_s=1e15";
        report(BASE, &format!("{settings}; split.phi={phi}")).round_s.mean
    };
    assert!(slow(1.0) > slow(0.0));
}
