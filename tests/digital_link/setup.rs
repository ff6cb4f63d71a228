//! Links from lists of settings, their reports, and what single trials count.

use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::{Experiment, Loader};
use airloop::link::round::NEEDS;
use airloop::link::tally::LinkTally;
use airloop::link::traffic::RandomBits;
use airloop::link::{LinkReport, LinkRound, run};
use airloop::report::Fidelity;
use airloop::run::{RunError, RunOptions, TrialContext};
use airloop::scheme::Round;
use airloop::sweep::RowReport;
use rayon::prelude::*;
use std::path::Path;
use std::sync::Arc;

/// A small grid: 48 subcarriers in a transform of 64 with a prefix of 16 samples, 30 kHz apart.
pub const GRID: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
                    ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=48";

/// Duration of a symbol of that grid.
pub const SYMBOL_S: f64 = 80.0 / 1.92e6;

/// Largest probability with which a right program fails a statistical test.
pub const ALPHA: f64 = 1e-6;

/// Standard errors that a Gaussian leaves with the probability [`ALPHA`], both sides together.
pub const LIMIT: f64 = 4.89;

/// Makes a tree from lists of `path=value`, each list divided by semicolons; later ones prevail.
pub fn tree(settings: &[&str]) -> Node {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap_or_else(|e| panic!("{setting}: {e}"));
        node.set(&path, value).unwrap();
    }
    node
}

/// Makes a link on the small grid.
pub fn link(settings: &[&str]) -> Experiment {
    let tree = tree(&[&[GRID], settings].concat());
    Loader::of_links().load(&tree).unwrap_or_else(|e| panic!("{settings:?}: {e}"))
}

/// Makes an aggregation experiment on the small grid.
pub fn aggregation(settings: &[&str]) -> Experiment {
    let tree = tree(&[&[GRID], settings].concat());
    Loader::default().load(&tree).unwrap_or_else(|e| panic!("{settings:?}: {e}"))
}

/// Says why a link is refused.
pub fn refusal(settings: &[&str]) -> String {
    let loaded = Loader::of_links().load(&tree(&[&[GRID], settings].concat()));
    let outcome = loaded.map_err(RunError::from);
    match outcome.and_then(|experiment| LinkReport::check(&experiment, Fidelity::Symbol)) {
        Ok(()) => panic!("{settings:?} is accepted"),
        Err(error) => error.to_string(),
    }
}

/// Runs a link at a rung.
pub fn report_at(experiment: &Experiment, fidelity: Fidelity) -> LinkReport {
    LinkReport::run(experiment, fidelity, &RunOptions::default()).unwrap()
}

/// Runs a link at symbol fidelity.
pub fn report(settings: &[&str]) -> LinkReport {
    report_at(&link(settings), Fidelity::Symbol)
}

/// Returns the mean of an estimate that must be there.
pub fn mean(estimate: &Option<airloop::baseband::Estimate>) -> f64 {
    estimate.as_ref().and_then(|estimate| estimate.mean).expect("the figure has a value")
}

/// Counts single trials of a context; rounds are made once a thread.
pub fn tallies(context: &TrialContext<'_>, trials: u64) -> Vec<LinkTally> {
    let plan = Arc::new(run::plan(context.experiment).unwrap());
    let begin = || {
        let traffic = RandomBits::new(plan.seeds, plan.devices, plan.config.scheduling.slots.is_some());
        LinkRound::new(Arc::clone(&plan), traffic).unwrap()
    };
    let tally = |round: &mut LinkRound<RandomBits>, trial: u64| {
        round.restart(trial);
        context.carry(trial, round, NEEDS).unwrap();
        round.take_tally()
    };
    (0..trials).into_par_iter().map_init(begin, tally).collect()
}

/// Counts single trials of a link at symbol fidelity.
pub fn counted(settings: &[&str], trials: u64) -> Vec<LinkTally> {
    let experiment = link(settings);
    tallies(&TrialContext::new(&experiment, Fidelity::Symbol).unwrap(), trials)
}
