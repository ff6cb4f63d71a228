//! Points and log-likelihood ratios in symbols a second on one thread, against a memory copy of the same bytes; and
//! queries of information tables.

mod support;

use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_coding::rates::{InformationTable, Metric};
use airloop_coding::{Demapping, Modulation, NoiseVariance};
use std::hint::black_box;
use std::time::{Duration, Instant};
use support::shortest;

/// Symbols a call: their ratios stay in the second-level cache.
const SYMBOLS: usize = 8192;
/// Time spent on repeats of one measurement.
const PATIENCE: Duration = Duration::from_millis(400);

/// Returns symbols a second of a copy of `bytes` bytes a symbol.
fn copy(bytes: usize) -> f64 {
    let from = vec![1u8; bytes * SYMBOLS];
    let mut to = from.clone();
    SYMBOLS as f64 / shortest(PATIENCE, || black_box(&mut to).copy_from_slice(black_box(&from)))
}

/// Prints a line of the table.
fn row(modulation: Modulation, what: &str, bytes: usize, seconds: f64) {
    let (rate, copied) = (SYMBOLS as f64 / seconds, copy(bytes));
    let (million, bits) = (rate / 1e6, rate * modulation.bits_per_symbol() as f64 / 1e9);
    println!(
        "{:<12} {what:<22} {million:>9.1} M symbols/s {bits:>6.2} Gbit/s   copy of {bytes:>2} B {:>9.1} M/s  ratio {:>6.3}",
        modulation.name(),
        copied / 1e6,
        rate / copied
    );
}

fn main() {
    let stream = Seeds::new(1).stream(Purpose::Payload, 0, 0);
    let words: Vec<u64> = (0..SYMBOLS as u64).map(|index| stream.word(index)).collect();
    let variances: Vec<f32> = (0..SYMBOLS).map(|i| 0.01 + 0.001 * (i % 37) as f32).collect();
    for modulation in Modulation::ALL {
        let order = modulation.bits_per_symbol();
        let bits: Vec<u8> =
            words.iter().flat_map(|word| (0..order).map(move |b| (word >> b & 1) as u8)).collect();
        let mut points = vec![Complex32::default(); SYMBOLS];
        let seconds = shortest(PATIENCE, || {
            modulation.map(black_box(&bits), 0, black_box(&mut points)).expect("lengths agree")
        });
        row(modulation, "map", order + 8, seconds);
        stream.add_complex_gaussian(0, 0.02, &mut points);
        let mut llrs = vec![0.0f32; bits.len()];
        for method in Demapping::ALL {
            for (name, noise, bytes) in [
                ("common noise", NoiseVariance::Common(0.02), 8 + 4 * order),
                ("noise a symbol", NoiseVariance::PerSymbol(&variances), 12 + 4 * order),
            ] {
                let seconds = shortest(PATIENCE, || {
                    method
                        .demap(modulation, black_box(&points), noise, 0, black_box(&mut llrs))
                        .expect("lengths agree");
                });
                row(modulation, &format!("{method}, {name}"), bytes, seconds);
            }
        }
        let mut decided = bits.clone();
        let seconds = shortest(PATIENCE, || {
            modulation.decide(black_box(&points), 0, black_box(&mut decided)).expect("lengths agree")
        });
        row(modulation, "decide", order + 8, seconds);
    }
    queries(&variances);
}

/// Prints the time of a query of a table, and that to make one.
fn queries(variances: &[f32]) {
    let snrs: Vec<f32> = variances.iter().map(|variance| 1.0 / variance).collect();
    for modulation in [Modulation::Qpsk, Modulation::Qam64, Modulation::Qam1024] {
        let begin = Instant::now();
        let table = InformationTable::new(modulation, Metric::Bitwise);
        let made = begin.elapsed().as_secs_f64();
        let bits = shortest(PATIENCE, || {
            black_box(table.mean_bits(black_box(&snrs)));
        });
        let knots: Vec<f64> = snrs.iter().map(|&snr| table.bits(f64::from(snr))).collect();
        let inverse = shortest(PATIENCE, || {
            black_box(black_box(&knots).iter().map(|&bits| table.snr(bits)).sum::<f64>());
        });
        let nanoseconds = |seconds: f64| seconds / SYMBOLS as f64 * 1e9;
        println!(
            "{:<12} table of information: {:.1} ns a query, {:.1} ns an inverse one, made in {:.0} ms",
            modulation.name(),
            nanoseconds(bits),
            nanoseconds(inverse),
            1e3 * made
        );
    }
}
