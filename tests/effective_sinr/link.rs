//! Blocks over gains against the digital link of `airloop link`.

use super::setup::{config, transmission};
use airloop::baseband::Seeds;
use airloop::baseband::checks::{CheckSpec, check_paired};
use airloop::baseband::statistics::Moments;
use airloop::baseband::units::power_from_db;
use airloop::config::Node;
use airloop::effective_sinr::{BlockDraw, BlockLink, EffectiveSinrConfig, Ensemble};
use airloop::experiment::Loader;
use airloop::link::round::NEEDS;
use airloop::link::traffic::RandomBits;
use airloop::link::{LinkRound, run};
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use airloop::scheme::Round;
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

const TRIALS: u64 = 4000;

/// An SNR at which about half of the blocks are lost over TDL-C.
const SNR_DB: f64 = 8.0;

/// Returns whether each trial's block is lost on the link.
fn lost_on_the_link() -> Vec<f64> {
    let text = format!(
        "seed = 21\n[channel]\nmodel = \"tdl-c\"\ndelay_spread_s = 300e-9\n[ofdm]\nbandwidth_hz = 20e6\n\
         subcarrier_spacing_hz = 30e3\n[link]\nsnr_db = {SNR_DB}\n[code]\nk = 1024\nn = 2140\nmodulation = \"16-qam\"\n"
    );
    let experiment =
        Loader::of_links().load(&Node::parse_toml(&text, Path::new("link.toml")).unwrap()).unwrap();
    let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
    let plan = Arc::new(run::plan(&experiment).unwrap());
    let begin = || LinkRound::new(Arc::clone(&plan), RandomBits::new(plan.seeds, 1, false)).unwrap();
    let lost = |round: &mut LinkRound<RandomBits>, trial: u64| {
        round.restart(trial);
        context.carry(trial, round, NEEDS).unwrap();
        round.take_tally().block_errors as f64
    };
    (0..TRIALS).into_par_iter().map_init(begin, lost).collect()
}

/// Returns whether each trial's block is lost over the same channel's gains, with noise of its own.
fn lost_over_gains(snr_db: f64) -> Vec<f64> {
    let usual = config(1, 0.1);
    let tdl_c =
        EffectiveSinrConfig { profiles: vec!["tdl-c".into()], delay_spreads_s: vec![300e-9], ..usual };
    let (ensemble, seeds, block) = (Ensemble::new(&tdl_c).unwrap(), Seeds::new(21), transmission(13, 1024));
    assert_eq!((block.code.coded_bits(), block.points()), (2140, 535));
    let lost = |link: &mut BlockLink<'_>, realisation: u64| {
        let gains = ensemble.draw(&seeds, realisation).gains;
        let draw = BlockDraw { seeds: seeds.branch(1), realisation, block: 0 };
        f64::from(u8::from(link.is_lost(&gains, power_from_db(snr_db), draw).unwrap()))
    };
    (0..TRIALS).into_par_iter().map_init(|| BlockLink::new(&block).unwrap(), lost).collect()
}

/// Statistical: alpha 1e-6, detects 0.03 of a block error rate.
#[test]
fn as_many_blocks_are_lost_as_on_the_link() {
    let link = lost_on_the_link();
    let rate = link.iter().sum::<f64>() / link.len() as f64;
    assert!((0.2..0.8).contains(&rate), "{rate}");
    let spec = CheckSpec { alpha: 1e-6, detects: 0.03 };
    let compared = |snr_db: f64| {
        let differences = link.iter().zip(lost_over_gains(snr_db)).map(|(a, b)| a - b);
        check_paired(&Moments::of(differences), spec)
    };
    let passed = compared(SNR_DB).unwrap_or_else(|e| panic!("{e}"));
    println!("{passed}");
    // Control: 0.6 dB less.
    assert!(compared(SNR_DB - 0.6).is_err());
}
