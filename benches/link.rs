//! The whole digital link at the symbol rung on one thread, in information bits a second with slots, pilots, noise and estimation, beside
//! its decoder and its noise alone over the same blocks; and the time to a block error rate of one in a thousand on all cores.

mod support;

use airloop::baseband::{Complex32, Purpose, Seeds};
use airloop::coding::block_code::{BlockCode, BlockEncoder};
use airloop::coding::ldpc::{CheckRule, Decoder, DecoderConfig, EarlyStop};
use airloop::config::Node;
use airloop::experiment::{Experiment, Loader};
use airloop::link::LinkReport;
use airloop::report::Fidelity;
use airloop::run::RunOptions;
use airloop::sweep::RowReport;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use support::{Row, print, shortest};

/// Trials of a repeat, each a slot of its own.
const TRIALS: u64 = 64;

/// A 16-QAM link of 51 resource blocks over TDL-C, 300 ns, at 3 m/s, to two antennas; `tables` says what it carries.
fn moving(tables: &str) -> Experiment {
    experiment(&format!(
        "channel = {{ model = \"tdl-c\", delay_spread_s = 300e-9, carrier_hz = 3.5e9, speed_m_s = 3.0 }}\n\
         link = {{ snr_db = 12.0, receive_antennas = 2 }}\nstop = {{ trials = {TRIALS} }}\n\
         ofdm = {{ bandwidth_hz = 20e6, subcarrier_spacing_hz = 30e3 }}\n{tables}\n"
    ))
}

fn experiment(text: &str) -> Experiment {
    let node = Node::parse_toml(text, Path::new("bench")).expect("the text is TOML");
    Loader::of_links().load(&node).expect("the experiment is right")
}

fn report(experiment: &Experiment) -> LinkReport {
    let options = RunOptions { progress: &|_, _| {}, interrupted: &AtomicBool::new(false) };
    LinkReport::run(experiment, Fidelity::Symbol, &options).expect("the rung can run it")
}

/// Returns seconds of one thread a trial, and what a run of them reports.
fn timed(experiment: &Experiment) -> (f64, LinkReport) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    let found = pool.install(|| report(experiment));
    let seconds = pool.install(|| {
        shortest(|| {
            black_box(report(experiment));
        })
    });
    (seconds / TRIALS as f64, found)
}

/// Returns seconds of drawing the noise of a slot at two antennas.
fn noise() -> f64 {
    let mut values = vec![Complex32::default(); 2 * 14 * 612];
    let stream = Seeds::new(1).stream(Purpose::Noise, 0, 0);
    shortest(|| stream.fill_complex_gaussian(0, 1.0, black_box(&mut values)))
}

/// Returns seconds of decoding the code blocks of a slot with the iterations that the link took, values ready.
fn decoding(report: &LinkReport) -> f64 {
    let (bits, rate) = (report.block_bits.expect("one scheme") as f64, report.code_rate.expect("one scheme"));
    let iterations =
        report.figures.iterations.as_ref().and_then(|e| e.mean).expect("blocks were decoded").round();
    let blocks = (bits / 8448.0).ceil();
    let (k, n) = ((bits / blocks) as usize, (bits / rate / blocks) as usize / 4 * 4);
    let code = BlockCode::new(k, n, 4, None).expect("the code exists");
    let mut coded = vec![0; n];
    BlockEncoder::new(&code).encode(&vec![1; k], &mut coded).expect("lengths are right");
    let llrs: Vec<f32> = coded.iter().map(|bit| 4.0 - 8.0 * f32::from(*bit)).collect();
    let mut soft = vec![0.0; code.code().codeword_bits()];
    code.soft_values(&llrs, &mut soft).expect("lengths are right");
    let config = DecoderConfig {
        rule: CheckRule::FixedPoint,
        stop: EarlyStop::Never,
        iterations: iterations as usize,
        ..DecoderConfig::default()
    };
    let mut decoder = Decoder::new(code.code(), config).expect("the settings are right");
    let mut decided = vec![0; code.code().information_bits()];
    blocks
        * shortest(|| {
            decoder.decode(black_box(&soft), None, &mut decided).expect("lengths are right");
        })
}

/// Returns a row of information bits a second, beside the least work that the same slots need.
fn row(name: &str, tables: &str) -> Row {
    let (seconds, report) = timed(&moving(tables));
    let bits = report.bits / report.trials as f64;
    let (least, ceiling) = match report.figures.iterations {
        Some(_) => (noise() + decoding(&report), "its noise and its decoder alone"),
        None => (noise(), "its noise alone"),
    };
    Row {
        name: name.into(),
        rate: bits / seconds,
        unit: "information bits",
        ceiling: (ceiling, bits / least),
    }
}

fn main() {
    let pilots = "slot = { pilot_symbols = 2 }";
    let coded = format!("mcs = {{ index = 12 }}\n{pilots}");
    let plain = format!("code = {{ k = 24000, modulation = \"16-qam\", decoder = \"none\" }}\n{pilots}");
    let told = "reception = { estimator = \"perfect\" }";
    let rows = [
        row("MCS 12, Wiener estimate", &coded),
        row("MCS 12, known channel", &format!("{coded}\n{told}")),
        row("16-QAM uncoded, Wiener estimate", &plain),
        row("16-QAM uncoded, known channel", &format!("{plain}\n{told}")),
    ];
    print("digital link: TDL-C 300 ns at 3 m/s, 51 resource blocks, 1 x 2, symbol rung, one thread", &rows);
    let point = experiment(
        "channel = { model = \"awgn\" }\nlink = { es_n0_db = 1.11 }\n\
         code = { k = 4224, n = 8448, modulation = \"qpsk\" }\nreception = { estimator = \"perfect\" }\n\
         stop = { block_errors = 100, max_trials = 1048576 }\n",
    );
    let begun = Instant::now();
    let report = report(&point);
    let seconds = begun.elapsed().as_secs_f64();
    let bler = report.figures.bler.and_then(|e| e.mean).unwrap_or(f64::NAN);
    println!(
        "\na point of the waterfall, k = 4224 of n = 8448, QPSK in noise: bler {bler:.2e} with {} lost of {} blocks in {seconds:.1} s on {} threads",
        report.block_errors,
        report.blocks,
        rayon::current_num_threads()
    );
}
