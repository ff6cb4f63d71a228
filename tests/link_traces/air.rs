//! Legs on the air: the rows of an aggregation are those of its rounds.

use super::setup::{SYMBOL_S, plan, rows};
use airloop::experiment::Loader;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use airloop::trace::{Carriage, Direction, Stage};

const AIR: &str = "channel.model=rayleigh; payload.devices=5; link.snr_db=12; air.values=960; air.stage=adapter; trace.rounds=6; \
                   air.scheme.kind=truncated-inversion; air.scheme.threshold=0.2; link.transmit_power_w=0.1";

/// Channels that stand still: round r of the trace is trial r of the experiment.
#[test]
fn a_row_is_a_round_of_aggregation() {
    let trace = rows(&[AIR]);
    assert_eq!(trace.len(), 30);
    let file = super::setup::tree(&[
        "channel.model=rayleigh; payload.source=gaussian; payload.devices=5; payload.length=960; link.snr_db=12; \
         scheme.kind=truncated-inversion; scheme.threshold=0.2",
    ]);
    let experiment = Loader::default().load(&file).unwrap();
    let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
    let mut spent_w = 0.0;
    for (round, rows) in trace.chunks(5).enumerate() {
        let nmse_db = 10.0 * context.run(round as u64).unwrap().nmse().log10();
        // 480 elements, two values each, on 48 subcarriers: ten symbols of a slot.
        for (device, row) in rows.iter().enumerate() {
            assert!((row.nmse_db.unwrap() - nmse_db).abs() < 1e-9, "{row:?} {nmse_db}");
            assert_eq!(
                (row.device, row.direction, row.stage),
                (device as u32, Direction::Air, Stage::Adapter)
            );
            assert_eq!((row.scheme, row.n_re, row.bytes_offered), (Carriage::Aircomp, 480, 960 * 4));
            assert!((row.airtime_s - 10.0 * SYMBOL_S).abs() < 1e-12, "{row:?}");
            let watt = 10f64.powf(row.tx_power_dbm.unwrap() / 10.0) * 1e-3;
            assert!((row.tx_energy_j.unwrap() / (watt * row.airtime_s) - 1.0).abs() < 1e-9, "{row:?}");
            spent_w += watt / trace.len() as f64;
        }
    }
    // Power control keeps the budget in the mean over channels: thirty gains of the tail of an exponential leave a third.
    assert!((spent_w / 0.1 - 1.0).abs() < 0.5, "{spent_w}");
}

/// Digital legs and legs on the air share rounds and their channels.
#[test]
fn both_kinds_of_legs_make_a_round() {
    let trace = rows(&[AIR, "mcs.index=3; downlink.values=500; downlink.stage=model; downlink.snr_db=25"]);
    assert_eq!(trace.len(), 60);
    let (air, down) = (&trace[..5], &trace[5..10]);
    assert!(air.iter().all(|row| row.direction == Direction::Air));
    assert!(
        down.iter().all(|row| row.direction == Direction::Down && row.t_start_s >= air[0].latency_s - 1e-12)
    );
}

#[test]
fn moving_channels_go_on_from_round_to_round() {
    let moving = "channel.speed_m_s=1; channel.carrier_hz=3.5e9; trace.round_interval_s=0.01; trace.rounds=3";
    let trace = rows(&[AIR, moving]);
    let plan = plan(&[AIR, moving]);
    assert!(plan.legs[0].is_moving());
    let errors: Vec<f64> = trace.chunks(5).map(|round| round[0].nmse_db.unwrap()).collect();
    assert!(errors[0] != errors[1] && errors[1] != errors[2], "{errors:?}");
    assert!((trace[5].t_start_s - 0.01).abs() < 1e-3);
}
