//! What a layer sends is what its links send.

use crate::experiments::{DIGITAL, FADING, link, tensor, values};
use airloop::live::Delivery;
use airloop_candle::ChannelLayer;
use candle_core::{Module, Var};

/// A channel that moves.
const MOVING: &str = "channel = { model = \"tdl-c\", delay_spread_s = 100e-9, speed_m_s = 30.0 }\n\
                      link = { snr_db = 20.0 }\nscheme = { kind = \"phase-only\" }";

/// Returns what comes back of a gradient of `factor` a value.
fn gradient(layer: &ChannelLayer, factor: f32) -> Vec<f32> {
    let x = Var::from_tensor(&tensor(&values(40))).expect("a variable");
    let loss = layer.forward(&x).and_then(|y| (y * f64::from(factor))?.sum_all()).expect("values are sent");
    let gradients = loss.backward().expect("the gradient is sent");
    gradients.get(&x).expect("x has one").to_vec1().expect("a row")
}

/// What arrived, in single precision.
fn single(delivery: &Delivery) -> Vec<f32> {
    delivery.received.iter().map(|value| *value as f32).collect()
}

#[test]
fn what_arrives_is_what_the_link_delivers() {
    for tables in [FADING, DIGITAL] {
        let layer = ChannelLayer::straight_through(link(tables, 3));
        let mut alone = link(tables, 3);
        for length in [40, 40, 6] {
            let y = layer.forward(&tensor(&values(length))).expect("values are sent");
            let delivery = alone.send(0, &values(length), None).expect("values are sent");
            assert_eq!(y.to_vec1::<f32>().expect("a row"), single(&delivery));
            let airtime_s = layer.report().and_then(|report| report.airtime_s);
            assert_eq!(airtime_s, delivery.report.airtime_s);
            assert!(airtime_s > Some(0.0));
        }
    }
}

#[test]
fn detached_gradients_are_what_the_downlink_delivers() {
    let layer = ChannelLayer::detached(link(DIGITAL, 3), link(FADING, 4));
    let mut down = link(FADING, 4);
    for round in 1..=2 {
        let found = gradient(&layer, round as f32);
        let delivery = down.send(0, &[round as f32; 40], None).expect("values are sent");
        assert_eq!(found, single(&delivery));
        assert_ne!(found, [round as f32; 40], "there is noise");
        let report = layer.downlink_report().expect("a gradient was sent");
        assert_eq!(report.airtime_s, delivery.report.airtime_s);
    }
}

#[test]
fn gradients_pass_straight_through() {
    let layer = ChannelLayer::straight_through(link(DIGITAL, 3));
    let x = Var::from_tensor(&tensor(&values(40))).expect("a variable");
    let loss = layer.forward(&x).and_then(|y| (y * tensor(&values(40)))?.sum_all()).expect("values are sent");
    let gradients = loss.backward().expect("it passes");
    let found = gradients.get(&x).expect("x has one").to_vec1::<f32>().expect("a row");
    assert_eq!(found, values(40));
    assert!(layer.downlink_report().is_none(), "nothing was sent");
}

#[test]
fn values_are_sent_row_by_row_whatever_their_layout() {
    let whole = tensor(&values(48)).reshape((6, 8)).expect("6 x 8");
    let turned = whole.t().expect("a matrix");
    let part = whole.narrow(0, 1, 3).expect("three rows");
    for x in [turned, part] {
        let send = |x| ChannelLayer::straight_through(link(FADING, 3)).forward(x).expect("values are sent");
        let copied = x.copy().and_then(|x| x.force_contiguous()).expect("a copy");
        let (found, expected) = (send(&x), send(&copied));
        assert_eq!(found.dims(), x.dims());
        assert_eq!(found.to_vec2::<f32>().expect("a matrix"), expected.to_vec2::<f32>().expect("a matrix"));
    }
}

#[test]
fn devices_have_channels_of_their_own() {
    let sent = |device| {
        let layer = ChannelLayer::straight_through(link(FADING, 3)).of_device(device);
        let y = layer.forward(&tensor(&values(40))).expect("values are sent");
        y.to_vec1::<f32>().expect("a row")
    };
    assert_eq!(sent(0), sent(0));
    assert_eq!(sent(5), single(&link(FADING, 3).send(5, &values(40), None).expect("values are sent")));
    assert_ne!(sent(0), sent(5));
}

#[test]
fn devices_have_downlinks_of_their_own() {
    let layer = ChannelLayer::detached(link(FADING, 3), link(FADING, 4)).of_device(5);
    let delivery = link(FADING, 4).send(5, &[1.0; 40], None).expect("values are sent");
    assert_eq!(gradient(&layer, 1.0), single(&delivery));
}

#[test]
fn channels_age_while_devices_compute() {
    let second = |wait_s| {
        let layer = ChannelLayer::detached(link(MOVING, 3), link(MOVING, 4));
        gradient(&layer, 1.0);
        layer.wait(wait_s).expect("time passes");
        let down = gradient(&layer, 1.0);
        (layer.forward(&tensor(&values(40))).and_then(|y| y.to_vec1::<f32>()).expect("values are sent"), down)
    };
    let ((up, down), (later_up, later_down)) = (second(0.0), second(0.05));
    assert_eq!((&up, &down), (&second(0.0).0, &second(0.0).1));
    assert_ne!(up, later_up);
    assert_ne!(down, later_down);
}
