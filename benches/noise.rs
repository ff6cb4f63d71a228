//! Gaussian noise, in samples a second, against a memory fill.

mod support;

use airloop::baseband::{Complex32, Purpose, Seeds};
use std::hint::black_box;
use support::{Row, print, shortest};

fn main() {
    let count = 1 << 16;
    let stream = Seeds::new(1).stream(Purpose::Noise, 0, 0);
    let mut samples = vec![Complex32::default(); count];
    let mut values = vec![0.0f32; count];
    let rate = |seconds: f64| count as f64 / seconds;
    let fill = rate(shortest(|| black_box(&mut samples).fill(black_box(Complex32::new(1.0, 2.0)))));
    let fill_real = rate(shortest(|| black_box(&mut values).fill(black_box(1.0))));
    let complex = rate(shortest(|| stream.fill_complex_gaussian(0, 1.0, black_box(&mut samples))));
    let added = rate(shortest(|| stream.add_complex_gaussian(0, 1.0, black_box(&mut samples))));
    let real = rate(shortest(|| stream.fill_gaussian(0, black_box(&mut values))));
    let uniform = rate(shortest(|| stream.fill_uniform(0, black_box(&mut values))));
    let row =
        |name: &str, rate, unit, most| Row { name: name.into(), rate, unit, ceiling: ("memory fill", most) };
    print(
        &format!("noise: buffers of {count}"),
        &[
            row("complex Gaussian, filled in", complex, "complex samples", fill),
            row("complex Gaussian, added", added, "complex samples", fill),
            row("real Gaussian", real, "values", fill_real),
            row("uniform", uniform, "values", fill_real),
        ],
    );
}
