//! The link as a call: values a second of `Air` and `Link`, against trials that are prepared already and a memory copy; the time of
//! a call of few values.

mod support;

use airloop::live::{Air, Link, RoundOptions};
use airloop::report::Fidelity;
use std::hint::black_box;
use support::{Row, experiment, one_thread, print, shortest};

const LINK: &str = "ofdm = { bandwidth_hz = 20e6, subcarrier_spacing_hz = 30e3 }\n\
                    channel = { model = \"tdl-c\", delay_spread_s = 100e-9, carrier_hz = 3.5e9 }\n\
                    link = { snr_db = 10.0 }\n\
                    scheme = { kind = \"truncated-inversion\", threshold = 0.05 }\n";

fn values(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 2_654_435_761) % 1_000_003) as f32 / 5e5 - 1.0).collect()
}

/// Returns the time of a call.
fn call(devices: usize, values: &[f32]) -> f64 {
    let mut air = Air::from_toml(LINK, Fidelity::Symbol).expect("the text is TOML");
    let mut estimate = vec![0.0f32; values.len() / devices];
    shortest(|| {
        black_box(
            air.aggregate_into(devices, values, RoundOptions::default(), &mut estimate)
                .expect("the round runs"),
        );
    })
}

fn main() {
    let mut rows = Vec::new();
    let prepared = one_thread(&experiment(0.0, support::INVERSION), Fidelity::Symbol);
    for (devices, length) in [(20, 1_000_000), (20, 100_000), (20, 1000), (20, 16)] {
        let all = values(devices * length);
        let seconds = call(devices, &all);
        let mut to = all.clone();
        let copy = shortest(|| black_box(&mut to).copy_from_slice(black_box(&all)));
        let count = (devices * length) as f64;
        let name = format!("air {devices} x {length}, {:.1} us", seconds * 1e6);
        let row = |ceiling| Row { name: name.clone(), rate: count / seconds, unit: "device-values", ceiling };
        rows.push(row(("prepared trial, one thread", prepared)));
        rows.push(row(("memory copy", count / copy)));
    }
    let activations = values(32 * 512 * 768);
    let mut link = Link::from_toml(LINK, Fidelity::Symbol).expect("the text is TOML");
    let mut received = vec![0.0f32; activations.len()];
    let mut time = |retrace: bool| {
        shortest(|| {
            match retrace {
                true => link.retrace_into(0, &activations, &mut received).expect("it was sent"),
                false => {
                    drop(link.send_into((0, None), &activations, &mut received).expect("the round runs"))
                }
            }
            black_box(&mut received);
        })
    };
    for (name, retrace) in [("link 32 x 512 x 768", false), ("the same retraced", true)] {
        let rate = activations.len() as f64 / time(retrace);
        rows.push(Row {
            name: name.into(),
            rate,
            unit: "values",
            ceiling: ("prepared trial, one thread", prepared),
        });
    }
    print("calls: TDL-C 100 ns, 20 MHz, symbol fidelity", &rows);
}
