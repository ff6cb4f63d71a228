//! What cannot be sent is refused in words that say what would be right.

use crate::experiments::{DIGITAL, FADING, INEXACT, link, link_at, tensor, values};
use airloop::report::Fidelity;
use airloop_candle::ChannelLayer;
use candle_core::{DType, Module, Tensor, Var};

fn refusal(layer: &ChannelLayer, x: &Tensor) -> String {
    layer.forward(x).expect_err("it cannot be sent").to_string()
}

fn variable(length: usize) -> Var {
    Var::from_tensor(&tensor(&values(length))).expect("a variable")
}

#[test]
fn other_types_are_refused() {
    let layer = ChannelLayer::adjoint(link(FADING, 3));
    for (dtype, name) in
        [(DType::F64, "f64"), (DType::BF16, "bf16"), (DType::F16, "f16"), (DType::U32, "u32")]
    {
        let text = refusal(&layer, &Tensor::ones(40, dtype, &candle_core::Device::Cpu).expect("ones"));
        assert!(
            text.contains(&format!("x has dtype {name}; values travel as f32: x.to_dtype(DType::F32)")),
            "{text}"
        );
    }
    assert!(layer.report().is_none(), "nothing was sent");
}

#[test]
fn values_that_are_not_finite_are_refused_by_place() {
    for (value, name) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf")] {
        let mut x = values(40);
        x[17] = value;
        let text = refusal(&ChannelLayer::adjoint(link(FADING, 3)), &tensor(&x));
        assert!(text.contains("sending x") && text.contains("value 17") && text.contains(name), "{text}");
    }
}

#[test]
fn an_empty_tensor_is_refused() {
    let text = refusal(&ChannelLayer::adjoint(link(FADING, 3)), &tensor(&[]));
    assert!(text.contains("sending x"), "{text}");
}

#[test]
fn a_gradient_that_is_not_finite_is_refused_as_a_gradient() {
    let layer = ChannelLayer::detached(link(FADING, 3), link(FADING, 4));
    let x = variable(40);
    let loss = layer.forward(&x).and_then(|y| (y * f64::NAN)?.sum_all()).expect("values are sent");
    let text = loss.backward().expect_err("NaN cannot be sent").to_string();
    assert!(text.contains("sending the gradient") && text.contains("NaN"), "{text}");
}

#[test]
fn links_without_an_adjoint_are_refused_on_the_way_there() {
    let centred = format!("payload = {{ center = true }}\n{FADING}");
    let cases = [
        (link(DIGITAL, 3), "needs an analog scheme"),
        (link_at(FADING, 3, Fidelity::Waveform), "needs symbol fidelity"),
        (link(INEXACT, 3), "phases are left"),
        (link(&centred, 3), "mean goes beside"),
    ];
    for (link, why) in cases {
        let text = refusal(&ChannelLayer::adjoint(link), &variable(100).affine(1.0, 3.0).expect("a shift"));
        assert!(text.contains(why), "{why}: {text}");
    }
}

#[test]
fn where_no_gradient_is_wanted_any_link_will_do() {
    let layer = ChannelLayer::adjoint(link(DIGITAL, 3));
    assert!(layer.forward(&tensor(&values(40))).is_ok());
}

#[test]
fn a_wrong_experiment_is_named() {
    let layer = ChannelLayer::adjoint(link("channel = { model = \"cable\" }", 3));
    let text = refusal(&layer, &tensor(&values(40)));
    assert!(text.contains("cable"), "{text}");
}

#[test]
fn time_does_not_run_backwards() {
    let layer = ChannelLayer::adjoint(link(FADING, 3));
    let text = layer.wait(-1.0).expect_err("a negative time").to_string();
    assert!(text.contains("-1"), "{text}");
}
