//! Clocks that are not locked, rates that are others, counts that begin together.

use super::air::{lab, number, print};
use super::scripted::{Script, Scripted, Wall};
use airloop::hil::{ClockStatus, Radio};
use airloop::lab::{Bench, LabConfig, LabError, Log, check};

const RATE_HZ: f64 = 2e6;

/// Puts scripted radios on a bench, the server first.
fn bench(config: &LabConfig, scripts: [Script; 2]) -> Result<Bench, LabError> {
    let radio = |(name, script): (&str, Script)| -> (String, Box<dyn Radio>) {
        (name.into(), Box::new(Scripted::new(name, script)))
    };
    Bench::new(config, RATE_HZ, ["server", "device-0"].into_iter().zip(scripts).map(radio).collect())
}

fn config(head: &str) -> LabConfig {
    lab(2, "ideal", head)
}

fn said<T>(result: Result<T, LabError>, parts: &[&str]) {
    let Err(error) = result else { panic!("{parts:?} is no error") };
    let words = error.to_string();
    assert!(parts.iter().all(|part| words.contains(part)), "{words:?} does not say {parts:?}");
}

/// A clock that follows an external source, or not yet, or never.
fn external(locked: Option<bool>) -> ClockStatus {
    let source = || Some("external".to_string());
    let unlocked = vec!["ref_locked".into()];
    ClockStatus { clock_source: source(), time_source: source(), locked, unlocked, ..ClockStatus::default() }
}

#[test]
fn a_clock_that_is_not_locked_is_refused() {
    let with = |clocks, locks_after| Script { clocks, locks_after, ..Script::default() };
    let parts = ["radio device-0", "not locked", "\"external\"", "ref_locked", "connected"];
    said(bench(&config(""), [Script::default(), with(external(Some(false)), 0)]), &parts);
    // One that takes its time is waited for, and one that does not say is taken as it is.
    let mut bench = bench(&config(""), [with(external(Some(true)), 3), with(external(None), 0)]).unwrap();
    let mut log = Log::default();
    // These radios hear nothing of each other.
    said(check(&config(""), &mut bench, &mut log), &["beacon", "hears nothing"]);
    print(&log);
    assert_eq!(number(&log, "clocks", "server", "locked"), Some(1.0));
    assert!(number(&log, "clocks", "device-0", "locked").unwrap().is_nan());
    assert_eq!(log.steps[0].words, "clock external, time external");
}

#[test]
fn a_sample_rate_that_is_another_is_refused() {
    let off = |ppm: f64| Script { rate: 1.0 + 1e-6 * ppm, ..Script::default() };
    let parts = ["radio device-0", "rate is 2000004 Hz", "2.000 ppm", "at most 1 is allowed"];
    said(bench(&config(""), [Script::default(), off(2.0)]), &parts);
    said(bench(&config("[limits]\nrate_ppm = 0.1"), [off(-0.5), off(0.0)]), &["server", "-0.500 ppm"]);
    let mut bench = bench(&config(""), [Script::default(), off(-0.5)]).unwrap();
    let mut log = Log::default();
    check(&config(""), &mut bench, &mut log).unwrap_err();
    let told = number(&log, "rates", "device-0", "rate_off_ppm").unwrap();
    assert!((told + 0.5).abs() < 1e-6, "{told}");
}

/// Measures the rate of a server whose samples come at a rate of a wall's clock.
fn reached(rate_hz: f64, loses_every: Option<u64>) -> (Result<(), LabError>, Log) {
    let wall = Wall::default();
    let clocks = ClockStatus { runs_by_itself: true, ..ClockStatus::internal() };
    let server = Script { clocks, wall: Some((wall.clone(), rate_hz)), loses_every, ..Script::default() };
    let bench = bench(&config(""), [server, Script::default()]).unwrap();
    let (mut bench, mut log) = (bench.with_wall(move || wall.now()), Log::default());
    let checked = check(&config(""), &mut bench, &mut log);
    print(&log);
    (checked, log)
}

#[test]
fn the_rate_that_is_reached_is_that_of_the_wall() {
    let (checked, log) = reached(1.96e6, None);
    said(checked, &["beacon", "hears nothing"]);
    let told = number(&log, "rates", "server", "rate_reached_hz").unwrap();
    assert!((told - 1.96e6).abs() < 1.0, "{told}");
    assert!((number(&log, "rates", "server", "reached_off_share").unwrap() + 0.02).abs() < 1e-6);
    // Beside it a radio whose time waits has no limit.
    assert_eq!(number(&log, "rates", "device-0", "reached_off_share"), None);
    said(reached(1.88e6, None).0, &["rates", "server", "reached_off_share = -0.06", "at most 0.05"]);
    said(reached(2.4e6, None).0, &["reached_off_share = 0.2"]);
    // Samples that were lost never came.
    said(reached(2e6, Some(10)).0, &["reached_off_share = -0.1"]);
}

#[test]
fn counts_of_one_time_source_begin_together() {
    let begins = |begins| Script { begins, ..Script::default() };
    let both = |source: &str| {
        let mut config = config("");
        config.radios.iter_mut().for_each(|radio| radio.time_source = Some(source.into()));
        config
    };
    let first = |config: &LabConfig| {
        let bench = bench(config, [begins(5_000), begins(7_000)]).unwrap();
        [0, 1].map(|radio| bench.heard(radio))
    };
    assert_eq!(first(&both("external")), [7_000, 7_000]);
    // Without one source each counts by itself.
    assert_eq!((first(&both("internal")), first(&config(""))), ([5_000, 7_000], [5_000, 7_000]));
    let mut one = both("external");
    one.radios[1].time_source = None;
    assert_eq!(first(&one), [5_000, 7_000]);
}

#[test]
fn what_came_meanwhile_passes_where_time_goes_on_by_itself() {
    let at = |runs_by_itself| {
        let clocks = ClockStatus { runs_by_itself, ..ClockStatus::internal() };
        let meanwhile = 30_000;
        let server = Script { clocks, meanwhile, ..Script::default() };
        let mut bench = bench(&config(""), [server, Script::default()]).unwrap();
        bench.hear(1000).unwrap();
        bench.catch_up().unwrap();
        let captures = bench.hear(1000).unwrap();
        assert_eq!(captures[1].start, 1000);
        captures[0].start
    };
    assert_eq!((at(false), at(true)), (31_000, 61_000));
}

#[test]
fn what_is_lost_while_nobody_asks_for_it_does_not_count() {
    let lost = |loses_every| {
        let clocks = ClockStatus { runs_by_itself: true, ..ClockStatus::internal() };
        let server = Script { clocks, lost_meanwhile: 7, loses_every, ..Script::default() };
        let mut bench = bench(&config(""), [server, Script::default()]).unwrap();
        bench.hear(1000).unwrap();
        let before = bench.status_of(0).lost_samples;
        bench.catch_up().unwrap();
        bench.hear(1000).unwrap();
        bench.status_of(0).lost_samples - before
    };
    assert_eq!((lost(None), lost(Some(100))), (0, 10));
}
