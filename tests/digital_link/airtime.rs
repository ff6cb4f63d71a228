//! Airtime of coded rounds: slots, whole ones, with control and feedback symbols, whoever shares them.

use super::setup::{GRID, SYMBOL_S, aggregation, tree};
use airloop::experiment::Loader;
use airloop::report::Fidelity;
use airloop::run::{RunOptions, TrialContext, run};

const ROUND: &str = "payload.source=gaussian; payload.devices=4; payload.length=700; channel.model=awgn; link.snr_db=25; \
                     mcs.index=8; scheme.kind=digital; scheme.bits=8; stop.trials=3";

/// Returns the symbols of a round, the symbols of a slot and the bits of a block.
fn round(settings: &[&str]) -> (usize, usize, usize) {
    let experiment = aggregation(&[&[ROUND], settings].concat());
    let link = &experiment.coded.as_ref().unwrap().link;
    let (slot_symbols, bits) = (link.slot_symbols(), link.blocks[0].bits());
    let trial = TrialContext::new(&experiment, Fidelity::Symbol).unwrap().run(0).unwrap();
    assert_eq!(trial.account.sent_share, 1.0, "{settings:?}");
    let report = run(&experiment, Fidelity::Symbol, &RunOptions::default()).unwrap();
    let airtime_s = trial.account.symbols as f64 * SYMBOL_S;
    assert!((report.airtime_s.unwrap() / airtime_s - 1.0).abs() < 1e-12, "{settings:?}");
    (trial.account.symbols, slot_symbols, bits)
}

/// Slots of the round: values of 8 bits behind a scale of 32 bits, in blocks of so many bits.
fn slots(devices_a_slot: usize, bits: usize) -> usize {
    (4 * 700usize.div_ceil((bits - 32) / 8)).div_ceil(devices_a_slot)
}

#[test]
fn every_slot_takes_all_its_symbols() {
    for (settings, slot) in [("", 14), ("harq.feedback_symbols=2", 16), ("slot.symbols=10", 10)] {
        let (symbols, slot_symbols, bits) = round(&[settings]);
        assert_eq!(slot_symbols, slot, "{settings}");
        assert_eq!(symbols, slot * slots(1, bits), "{settings}");
    }
    // Control symbols cost places of data: smaller blocks, and so more slots of as many symbols.
    let (symbols, slot_symbols, bits) = round(&["slot.control_symbols=3"]);
    assert_eq!((slot_symbols, symbols), (14, 14 * slots(1, bits)));
    assert!(symbols > round(&[]).0, "control is free");
}

#[test]
fn shares_of_time_and_of_frequency_last_as_long() {
    let (in_time, slot, _) = round(&[]);
    let (in_frequency, _, bits) = round(&["scheduling.access=frequency"]);
    assert_eq!(in_frequency, slot * slots(4, bits));
    // Blocks of a quarter carry four times their headers, and a quarter of a slot may be left over for each device.
    let ratio = in_frequency as f64 / in_time as f64;
    assert!((0.9..1.25).contains(&ratio), "{in_frequency} {in_time}");
}

/// In noise at 1 dB a block of rate 2/3 takes two transmissions: twice the slots, and pauses while one device waits for its answer.
#[test]
fn retransmissions_and_waiting_take_airtime() {
    let link = "link.snr_db=1; mcs.index=9; harq.transmissions=3; scheduling.power=same-power; payload.devices=1; payload.length=80";
    let symbols = |round_trip: usize| round(&[link, &format!("harq.round_trip_slots={round_trip}")]);
    let (at_once, slot, bits) = symbols(1);
    let blocks = 80usize.div_ceil((bits - 32) / 8);
    assert_eq!((at_once, blocks), (2 * slot * blocks, 1));
    assert_eq!(symbols(6).0, slot * 7);
}

#[test]
fn a_budget_that_is_too_small_says_what_is_needed() {
    let bits = round(&[]).2;
    let needed = slots(1, bits);
    let budget = |slots: usize| format!("budget.elements={}", slots * 14 * 48);
    let load = |slots: usize| Loader::default().load(&tree(&[GRID, ROUND, &budget(slots)]));
    assert!(load(needed).is_ok());
    let message = load(needed - 1).expect_err("a slot less is refused").to_string();
    for part in [
        &format!("need {needed} slots"),
        "budget.elements",
        "is too small",
        &format!("{} slots fit", needed - 1),
    ] {
        assert!(message.contains(part), "{message}");
    }
}
