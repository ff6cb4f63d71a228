//! The adjoint of what was drawn, against finite differences over links made anew.

use crate::experiments::{UNEVEN, link, tensor, values};
use airloop_candle::ChannelLayer;
use candle_core::{Module, Var};

/// What is sent has single precision (2^-24 relative). Steps of 2^-7 divide the rounding of differences by that step: 1e-5 of a value
/// near 1. A step's own error is of the order of its square over N^2 (the noise follows the rms of all N values): below 1e-6.
const STEP: f32 = 1.0 / 128.0;
/// A hundred roundings.
const TOLERANCE: f64 = 1e-3;

const LENGTH: usize = 30;

/// Returns `<w, y>` in double precision, over a link made anew: the same channel and noise each time.
fn functional(tables: &str, x: &[f32], weights: &[f32]) -> f64 {
    let arrived = link(tables, 3).send(0, x, None).expect("values are sent").received;
    arrived.iter().zip(weights).map(|(y, w)| y * f64::from(*w)).sum()
}

/// Returns the derivatives of `<w, y>` by central differences.
fn differences(tables: &str, x: &[f32], weights: &[f32]) -> Vec<f64> {
    let moved = |i: usize, by: f32| {
        let mut x = x.to_vec();
        x[i] += by;
        // The step as it is in single precision.
        (f64::from(x[i]), functional(tables, &x, weights))
    };
    let slope = |i| {
        let ((up, above), (down, below)) = (moved(i, STEP), moved(i, -STEP));
        (above - below) / (up - down)
    };
    (0..x.len()).map(slope).collect()
}

/// Returns the gradient of `<w, y>` as a layer gives it.
fn gradient(layer: &ChannelLayer, x: &[f32], weights: &[f32]) -> Vec<f64> {
    let x = Var::from_tensor(&tensor(x)).expect("a variable");
    let loss = layer.forward(&x).and_then(|y| (y * tensor(weights))?.sum_all()).expect("values are sent");
    let gradients = loss.backward().expect("the gradient comes back");
    let gradient = gradients.get(&x).expect("x has one").to_vec1::<f32>().expect("a row");
    gradient.into_iter().map(f64::from).collect()
}

fn largest_difference(u: &[f64], v: &[f64]) -> f64 {
    u.iter().zip(v).map(|(u, v)| (u - v).abs() / (1.0 + v.abs())).fold(0.0, f64::max)
}

fn weights() -> Vec<f32> {
    values(2 * LENGTH).split_off(LENGTH)
}

#[test]
fn gradients_are_those_of_the_drawn_channel() {
    let schemes = [
        "{ kind = \"truncated-inversion\", threshold = 0.7 }",
        "{ kind = \"truncated-inversion\", threshold = \"best\", scale = \"lmmse\" }",
        "{ kind = \"phase-only\" }",
        "{ kind = \"full-power\" }",
        "{ kind = \"optimal-power\" }",
        "{ kind = \"full-inversion\" }",
    ];
    for scheme in schemes {
        let tables = format!(
            "channel = {{ model = \"tdl-a\", delay_spread_s = 500e-9 }}\nlink = {{ snr_db = 5.0 }}\nscheme = {scheme}"
        );
        let (x, w) = (values(LENGTH), weights());
        let found = gradient(&ChannelLayer::adjoint(link(&tables, 3)), &x, &w);
        let expected = differences(&tables, &x, &w);
        let difference = largest_difference(&found, &expected);
        assert!(difference < TOLERANCE, "{scheme}: {difference}");
    }
}

#[test]
fn gains_alone_are_not_the_derivative_of_a_noisy_channel() {
    // Over an awgn channel all gains are 1, and what straight-through lacks is the derivative of the scaling to unit power.
    let tables = "channel = { model = \"awgn\" }\nlink = { snr_db = 0.0 }\n\
                  scheme = { kind = \"truncated-inversion\", threshold = 0.0 }";
    let (x, w) = (values(LENGTH), weights());
    let expected = differences(tables, &x, &w);
    let adjoint = gradient(&ChannelLayer::adjoint(link(tables, 3)), &x, &w);
    let passed_on = gradient(&ChannelLayer::straight_through(link(tables, 3)), &x, &w);
    assert!(largest_difference(&adjoint, &expected) < TOLERANCE);
    assert!(largest_difference(&passed_on, &expected) > 10.0 * TOLERANCE);
}

#[test]
fn silence_has_the_gains_as_its_gradient() {
    let found = gradient(&ChannelLayer::adjoint(link(UNEVEN, 3)), &[0.0; LENGTH], &weights());
    let mut alone = link(UNEVEN, 3);
    alone.send(0, &[0.0; LENGTH], None).expect("silence is sent");
    let mut expected = vec![0.0f64; LENGTH];
    alone.retrace_into(0, &weights(), &mut expected).expect("its channel is there");
    assert!(largest_difference(&found, &expected) < 1e-5);
    assert!(found.iter().zip(weights()).any(|(g, w)| (g / f64::from(w) - 1.0).abs() > 0.1), "no fading");
}

#[test]
fn gradients_of_earlier_transmissions_cross_their_own_channels() {
    let (x, w) = (values(LENGTH), weights());
    let layer = ChannelLayer::adjoint(link(UNEVEN, 3));
    let one_by_one = [gradient(&layer, &x, &w), gradient(&layer, &x, &w)];
    assert!(largest_difference(&one_by_one[0], &one_by_one[1]) > 0.1, "the channel is drawn anew");

    let layer = ChannelLayer::adjoint(link(UNEVEN, 3));
    let xs = [(); 2].map(|()| Var::from_tensor(&tensor(&x)).expect("a variable"));
    let sent = |x: &Var| layer.forward(x).and_then(|y| (y * tensor(&w))?.sum_all()).expect("values are sent");
    let gradients = (sent(&xs[0]) + sent(&xs[1])).and_then(|loss| loss.backward()).expect("both come back");
    for (x, alone) in xs.iter().zip(one_by_one) {
        let found = gradients.get(x).expect("each has one").to_vec1::<f32>().expect("a row");
        let found: Vec<f64> = found.into_iter().map(f64::from).collect();
        assert_eq!(found, alone);
    }
}
