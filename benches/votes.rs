//! Non-coherent votes at the symbol rung, in device-votes a second on one thread, against the arithmetic that a vote cannot do
//! without: two uniforms, two products and sums.

mod support;

use airloop::baseband::{Complex32, Purpose, Seeds};
use airloop::config::Node;
use airloop::experiment::{Experiment, Loader};
use airloop::report::Fidelity;
use std::hint::black_box;
use std::path::Path;
use support::{DEVICES, LENGTH, Row, multiply_add, one_thread, print, shortest};

const UNIT: &str = "device-votes";

/// Elements of a slot, two a vote.
const ELEMENTS: usize = 14 * 612;

fn votes(source: &str, scheme: &str, channel: &str) -> Experiment {
    let text = format!(
        "payload = {{ source = \"sign\", devices = {DEVICES}, length = {LENGTH}, {source} }}\n\
         ofdm = {{ bandwidth_hz = 20e6, subcarrier_spacing_hz = 30e3 }}\n\
         channel = {{ {channel} }}\nlink = {{ snr_db = 10.0 }}\nscheme = {{ {scheme} }}\n"
    );
    let node = Node::parse_toml(&text, Path::new("bench")).expect("the text is TOML");
    Loader::default().load(&node).expect("the experiment is right")
}

/// Draws a vote and a phase for each device and vote of a slot, and adds two elements times a gain.
fn ceiling() -> f64 {
    let stream = Seeds::new(1).stream(Purpose::Phase, 0, 0);
    let one = Complex32::new(0.5, 0.5);
    let (h, x) = (vec![one; ELEMENTS], vec![one; ELEMENTS]);
    let (mut y, mut uniforms) = (vec![Complex32::default(); ELEMENTS], vec![0.0f32; ELEMENTS]);
    let seconds = shortest(|| {
        for _ in 0..DEVICES {
            stream.fill_uniform(0, black_box(&mut uniforms));
            multiply_add(black_box(&h), black_box(&x), black_box(&mut y));
        }
    });
    (DEVICES * ELEMENTS / 2) as f64 / seconds
}

fn main() {
    let ceiling = ("two uniforms, two products", ceiling());
    let (keyed, flat) = ("kind = \"fsk-majority\"", "model = \"rayleigh\"");
    let wide = "model = \"tdl-c\", delay_spread_s = 100e-9";
    let one_bit = "kind = \"one-bit-majority\", threshold = 0.05";
    let cases = [
        ("keyed, flat, agreement 0.7", votes("agreement = 0.7", keyed, flat)),
        ("keyed, flat, 12 positive", votes("positive_votes = 12", keyed, flat)),
        ("keyed, tdl-c, agreement 0.7", votes("agreement = 0.7", keyed, wide)),
        ("one-bit, flat, agreement 0.7", votes("agreement = 0.7", one_bit, flat)),
    ];
    let row = |(name, experiment): &(&str, Experiment)| {
        let rate = one_thread(experiment, Fidelity::Symbol);
        Row { name: (*name).into(), rate, unit: UNIT, ceiling }
    };
    let rows: Vec<Row> = cases.iter().map(row).collect();
    print(&format!("votes: {DEVICES} devices, {LENGTH} votes each, 20 MHz"), &rows);
}
