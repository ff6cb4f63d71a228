//! Effective SINR: elements a second of both maps on one thread, beside a plain sum of the same SINRs in the same run.

mod support;

use airloop::baseband::{Complex32, Purpose, Seeds};
use airloop::coding::Modulation;
use airloop::effective_sinr::EffectiveSinr;
use std::hint::black_box;
use support::{Row, print, shortest};

/// Elements of a code block: 64-QAM at rate 1/2, 8448 bits.
const ELEMENTS: usize = 2816;

fn main() {
    let mut gains = vec![Complex32::default(); ELEMENTS];
    Seeds::new(1).stream(Purpose::Fading, 0, 0).fill_complex_gaussian(0, 20.0, &mut gains);
    let sinrs: Vec<f32> = gains.iter().map(|h| h.norm_sqr()).collect();
    let weights = vec![1.0f32; ELEMENTS];
    let sum = shortest(|| {
        black_box(black_box(&sinrs).iter().map(|x| f64::from(*x)).sum::<f64>());
    });
    let exponential = EffectiveSinr::Exponential { beta: 19.0 };
    let information = EffectiveSinr::MutualInformation { modulation: Modulation::Qam64, beta: 0.92 };
    let row = |name: &str, seconds: f64| Row {
        name: name.into(),
        rate: ELEMENTS as f64 / seconds,
        unit: "elements",
        ceiling: ("sum in double precision", ELEMENTS as f64 / sum),
    };
    let time = |map: EffectiveSinr| {
        shortest(|| {
            black_box(map.sinr(black_box(&sinrs)));
        })
    };
    let weighted = shortest(|| {
        black_box(exponential.weighted_sinr(black_box(&sinrs), black_box(&weights)));
    });
    let rows = [
        row("exponential", time(exponential)),
        row("exponential, weights", weighted),
        row("mutual information", time(information)),
    ];
    print("effective SINR of 2816 elements, one thread", &rows);
    for Row { name, rate, .. } in &rows {
        println!("{name}: {:.2} ns an element, {:.1} us a block", 1e9 / rate, 1e6 * ELEMENTS as f64 / rate);
    }
}
