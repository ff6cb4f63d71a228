//! `airloop verify`.

use super::args::{Changes, VerifyArgs};
use super::failure::Failure;
use super::print::short;
use super::progress::{Bar, catch_interrupt};
use super::{load, output};
use airloop::config::Node;
use airloop::run::RunOptions;
use airloop::verify::shipped::{CARDS, ShippedCard};
use airloop::verify::{Card, Finding, Statistic, Tolerance, Verdict, verify as run_card};
use std::path::Path;
use std::time::{Duration, Instant};

/// Exit code when a card fails.
const CARD_FAILED: u8 = 1;

/// Runs cards at all their fidelities and prints a line for each figure.
///
/// # Errors
/// When a card is wrong or cannot be run, or a figure is not confirmed.
pub fn verify(args: &VerifyArgs) -> Result<(), Failure> {
    if args.list {
        return list();
    }
    load::threads(&Changes { set: Vec::new(), strict: false, threads: args.threads.clone() })?;
    let cards = match args.cards.as_slice() {
        [] => CARDS.iter().map(|card| Ok(card.read()?)).collect::<Result<Vec<Card>, Failure>>()?,
        named => named.iter().map(|name| card(name)).collect::<Result<_, _>>()?,
    };
    let width = widest(cards.iter().map(|card| card.name.as_str()));
    let begun = Instant::now();
    let (mut figures, mut failed) = (0, 0);
    for card in &cards {
        for fidelity in &card.fidelities {
            let since = Instant::now();
            let bar = Bar::new(&format!("{} at {fidelity}", card.name));
            let progress = |done, all| bar.set(done, all);
            let options = RunOptions { progress: &progress, interrupted: catch_interrupt() };
            let findings = run_card(card, *fidelity, &options);
            bar.clear();
            for finding in findings.map_err(Failure::of_run)? {
                output::line(line((&card.name, width), &finding, since.elapsed()))?;
                figures += 1;
                failed += usize::from(finding.verdict() != Verdict::Pass);
            }
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let counted = format!("{figures} figures of {} cards in {seconds:.1} s", cards.len());
    if failed > 0 {
        let message = format!("{failed} of {counted} are not confirmed");
        return Err(Failure { message, code: CARD_FAILED });
    }
    output::line(format!("all {counted} are confirmed"))
}

fn list() -> Result<(), Failure> {
    let cards = CARDS.iter().map(|card| Ok(card.read()?)).collect::<Result<Vec<Card>, Failure>>()?;
    let width = widest(cards.iter().map(|card| card.name.as_str()));
    for card in &cards {
        output::line(format!("{:<width$} {}", card.name, card.title))?;
    }
    Ok(())
}

/// Returns the width of the column of names.
fn widest<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    names.map(|name| name.chars().count()).max().unwrap_or(0)
}

/// Reads a shipped card, or one from a file.
fn card(name: &str) -> Result<Card, Failure> {
    if let Some(shipped) = ShippedCard::find(name) {
        return Ok(shipped.read()?);
    }
    let path = Path::new(name);
    if path.extension().is_none() && !path.exists() {
        let message = format!(
            "there is no card \"{name}\"; airloop verify --list names them, and a card of your own is given by \
             its path, for example {name}.toml"
        );
        return Err(Failure::bad_input(message));
    }
    let stem = path.file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
    Ok(Card::read(&stem, Node::read_toml(path)?)?)
}

fn line((name, width): (&str, usize), finding: &Finding, elapsed: Duration) -> String {
    let expectation = &finding.expectation;
    let metric = match expectation.statistic {
        Statistic::Mean => expectation.metric.clone(),
        other => format!("{} {}", expectation.metric, other.word()),
    };
    let measured = finding.measured.map_or("not defined".into(), |m| match m.trials {
        0 => short(m.value),
        _ => format!("{} +- {}", short(m.value), two_digits(m.half_width)),
    });
    let (verdict, why) = match finding.verdict() {
        Verdict::Pass => ("pass", String::new()),
        Verdict::Off => ("FAIL", ", off".into()),
        Verdict::NotSharp => {
            let trials = finding.measured.map_or(0, |m| m.trials);
            ("FAIL", format!(", not sharp enough after {trials} trials"))
        }
        Verdict::NoValue => ("FAIL", ", no value at this fidelity".into()),
    };
    format!(
        "{verdict}  {name:<width$} {:<8}  {metric:<21} {measured:<22} figure {:<9} {}{why}, {:.1} s",
        finding.fidelity.word(),
        short(expectation.value),
        difference(finding),
        elapsed.as_secs_f64()
    )
}

/// Returns the difference from the figure and the tolerance, in the unit of the tolerance.
fn difference(finding: &Finding) -> String {
    let (tolerance, factor, unit) = match finding.expectation.tolerance {
        Tolerance::Db(db) => (db, 1.0, "dB"),
        Tolerance::Relative(share) => (100.0 * share, 100.0, "%"),
    };
    let tolerance = format!("(tolerance {} {unit})", short(tolerance));
    match finding.difference() {
        // Adding 0 takes the sign of a rounded -0 away.
        Some(difference) => {
            format!("{:+.4} {unit} {tolerance}", (1e4 * factor * difference).round() / 1e4 + 0.0)
        }
        None => tolerance,
    }
}

/// Returns a positive number with two digits.
fn two_digits(x: f64) -> String {
    if x != 0.0 && !(1e-6..1e6).contains(&x) {
        return format!("{x:.1e}");
    }
    let digits = if x == 0.0 { 0 } else { (1 - x.log10().floor() as i32).max(0) as usize };
    format!("{x:.digits$}")
}
