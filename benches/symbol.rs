//! The symbol rung: grids times responses, in device-values a second, against a memory copy and a multiply-add.

mod support;

use airloop::baseband::Complex32;
use airloop::report::Fidelity;
use std::hint::black_box;
use support::{
    DEVICES, INVERSION, LENGTH, Row, experiment, multiply_add, one_thread, print, shortest, threads,
};

const UNIT: &str = "device-values";

/// Copies every device's values once.
fn copy() -> f64 {
    let from = vec![1.0f32; DEVICES * LENGTH];
    let mut to = from.clone();
    (DEVICES * LENGTH) as f64 / shortest(|| black_box(&mut to).copy_from_slice(black_box(&from)))
}

/// Adds `h x` to a slot's sum for all devices, two values an element.
fn complex_multiply_add() -> f64 {
    let elements = 14 * 612;
    let one = Complex32::new(0.5, 0.5);
    let (h, x) = (vec![one; elements], vec![one; elements]);
    let mut y = vec![Complex32::default(); elements];
    let seconds = shortest(|| {
        for _ in 0..DEVICES {
            multiply_add(black_box(&h), black_box(&x), black_box(&mut y));
        }
    });
    (2 * elements * DEVICES) as f64 / seconds
}

fn main() {
    let (copy, multiply) = (copy(), complex_multiply_add());
    let mut rows = Vec::new();
    for speed_m_s in [0.0, 0.8] {
        let experiment = experiment(speed_m_s, INVERSION);
        let rate = one_thread(&experiment, Fidelity::Symbol);
        for ceiling in [("memory copy", copy), ("complex multiply-add", multiply)] {
            rows.push(Row {
                name: format!("truncated inversion, {speed_m_s} m/s"),
                rate,
                unit: UNIT,
                ceiling,
            });
        }
        let (two, one) = threads(&experiment, Fidelity::Symbol, 2, 4);
        let name = format!("two threads, {speed_m_s} m/s");
        rows.push(Row { name, rate: two, unit: UNIT, ceiling: ("twice one thread", 2.0 * one) });
    }
    for (name, scheme) in [
        ("optimal power, 0.8 m/s", "kind = \"optimal-power\""),
        ("digital 8 bit, 0.8 m/s", "kind = \"digital\", bits = 8"),
    ] {
        let rate = one_thread(&experiment(0.8, scheme), Fidelity::Symbol);
        rows.push(Row { name: name.into(), rate, unit: UNIT, ceiling: ("complex multiply-add", multiply) });
    }
    print(&format!("symbol: {DEVICES} devices, {LENGTH} values, TDL-C 100 ns, 20 MHz"), &rows);
}
