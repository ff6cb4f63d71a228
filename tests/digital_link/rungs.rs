//! The link at symbol and at waveform fidelity, on the same noise samples.

use super::setup::{GRID, link, tallies, tree};
use airloop::experiment::Loader;
use airloop::ladder::{Law, climb};
use airloop::link::tally::LinkTally;
use airloop::report::Fidelity;
use airloop::run::TrialContext;

/// Static taps on whole samples inside the prefix.
const STATIC: &str = "channel.model=exponential; channel.delay_spread_s=1e-6; channel.delays=rounded";

/// Every count of a trial that decisions make.
fn decisions(tally: &LinkTally) -> [u64; 9] {
    [
        tally.blocks,
        tally.block_errors,
        tally.first_failures,
        tally.transmissions,
        tally.bits,
        tally.bit_errors,
        tally.delivered_bits,
        tally.coded_bits,
        tally.coded_errors,
    ]
}

#[test]
fn both_rungs_decide_alike() {
    let links = [
        "link.snr_db=3; mcs.index=6; harq.transmissions=3; harq.feedback_symbols=1",
        "link.snr_db=5; mcs.index=6; harq.transmissions=2; reception.estimator=perfect",
        "link.snr_db=14; mcs.index=8; link.receive_antennas=2; link.device_antennas=2; slot.layers=2; slot.precoding=svd; \
         slot.pilot_symbols=2",
        "link.snr_db=0; code.k=264; code.n=528; code.modulation=qpsk",
        "link.snr_db=4; mcs.index=4; payload.devices=3; scheduling.access=frequency",
    ];
    for settings in links {
        let experiment = link(&[STATIC, settings]);
        let counts = |fidelity: Fidelity, late_samples: u64| {
            let mut context = TrialContext::new(&experiment, fidelity).unwrap().paired();
            context.late_samples = late_samples;
            let trials = tallies(&context, 12);
            trials.iter().map(decisions).collect::<Vec<_>>()
        };
        let symbol = counts(Fidelity::Symbol, 0);
        assert!(symbol.iter().any(|counts| counts[8] > 0), "{settings}: {symbol:?}");
        assert_eq!(counts(Fidelity::Waveform, 0), symbol, "{settings}");
        // Control: a sample late.
        assert_ne!(counts(Fidelity::Waveform, 1), symbol, "{settings}");
    }
}

#[test]
fn the_ladder_of_a_coded_aggregation_holds() {
    let settings = "payload.source=gaussian; payload.devices=2; payload.length=300; scheme.kind=digital; scheme.bits=6; mcs.index=6; \
                    harq.transmissions=2; link.snr_db=8; channel.model=tdl-c; channel.delay_spread_s=1e-7; channel.speed_m_s=3; \
                    stop.trials=16";
    let ladder = climb(&tree(&[GRID, settings]), &Loader::default(), &false.into()).unwrap();
    assert!(ladder.holds(), "{ladder:?}");
    assert!(matches!(ladder.waveform_law, Law::Equality(_)), "{ladder:?}");
}
