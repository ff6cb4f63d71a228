//! Replay: the same rounds as were recorded.

use super::setup::{folder, plan, refusal, rows, rows_of};
use airloop::trace::{Direction, Replay, Source, Stage, TraceRow, TraceWriter};

const RECORDED: &str = "channel.model=rayleigh; mcs.index=7; link.snr_db=8; payload.devices=3; trace.rounds=20; uplink.values=800; \
                        downlink.values=400; downlink.snr_db=14; harq.transmissions=3";

fn stored(name: &str, rows: &[TraceRow]) -> String {
    let path = folder(name).join("stored.csv");
    let mut writer = TraceWriter::create(&path).unwrap();
    rows.iter().for_each(|row| writer.write(row).unwrap());
    writer.flush().unwrap();
    format!("trace.detail=trace; trace.replay=\"{}\"", path.display())
}

#[test]
fn a_stored_trace_gives_the_same_rounds() {
    let recorded = rows(&[RECORDED]);
    let settings = stored("same", &recorded);
    let replayed = rows(&[&settings]);
    assert_eq!(replayed.len(), recorded.len());
    for (replayed, recorded) in replayed.iter().zip(&recorded) {
        assert_eq!(replayed.rate_bps.to_bits(), recorded.rate_bps.to_bits());
        assert_eq!(*replayed, TraceRow { source: Source::Replay, ..recorded.clone() });
    }
    // A replayed trace is a trace: replayed again it is the same.
    let again = stored("again", &replayed);
    assert_eq!(rows(&[&again]), replayed);
    assert_eq!(rows(&[&settings, "trace.rounds=5"]), replayed[..5 * 6]);
    let short = plan(&[&settings, "trace.rounds=21"]);
    let error =
        airloop::trace::run_trace(&short, &Default::default(), &mut |_| Ok(())).unwrap_err().to_string();
    assert!(error.contains("20 rounds") && error.contains("21"), "{error}");
    // Control: another seed is another trace.
    assert_ne!(rows(&[RECORDED, "seed=2"]), recorded);
    assert_eq!(rows_of(&plan(&[RECORDED])), recorded);
}

#[test]
fn links_are_found_by_round_device_direction_and_stage() {
    let recorded = rows(&[RECORDED]);
    let replay = Replay::new(recorded.clone()).unwrap();
    assert_eq!((replay.rounds(), replay.rows().len()), (20, 120));
    for row in &recorded {
        assert_eq!(replay.row(row.round, row.device, row.direction, row.stage), Some(row));
    }
    assert_eq!(replay.row(0, 0, Direction::Up, Stage::Model), None);
    assert_eq!(replay.row(20, 0, Direction::Up, Stage::Act), None);
    assert_eq!(replay.row(0, 3, Direction::Up, Stage::Act), None);
    assert_eq!(replay.round(7), &recorded[42..48]);
    assert!(replay.round(99).is_empty());
}

/// Rounds with gaps, and rounds of different links, are found all the same.
#[test]
fn irregular_traces_are_found_too() {
    let mut recorded = rows(&[RECORDED]);
    recorded.retain(|row| row.round % 3 != 1 && (row.round + u64::from(row.device)) % 4 != 2);
    recorded.reverse();
    let replay = Replay::new(recorded.clone()).unwrap();
    for row in &recorded {
        assert_eq!(replay.row(row.round, row.device, row.direction, row.stage), Some(row));
    }
    assert!(replay.round(1).is_empty());
}

#[test]
fn traces_that_contradict_themselves_are_refused() {
    let recorded = rows(&[RECORDED]);
    let twice = [&recorded[..], &recorded[8..9]].concat();
    let error = Replay::new(twice).unwrap_err().to_string();
    assert!(error.contains("round 1") && error.contains("device 2") && error.contains("ul"), "{error}");
    assert!(Replay::new(Vec::new()).unwrap_err().to_string().contains("no rows"));
    assert!(refusal(&["trace.detail=trace"]).contains("trace.replay"));
    assert!(
        refusal(&["trace.detail=trace; trace.replay=a.csv; trace.round_interval_s=1"])
            .contains("round_interval_s")
    );
}
