//! Static links without errors: everything follows from block sizes and slots.

use super::setup::{SLOT_S, plan, rows};
use airloop::coding::mcs::Mcs;
use airloop::coding::transport_block_size::Allocation;
use airloop::trace::{Carriage, Direction, Source, Stage};

const CLEAN: &str = "channel.model=awgn; link.snr_db=40; mcs.index=9; trace.rounds=2";

/// Bits of a transport block on the small grid: 4 resource blocks, 13 symbols of data beside one of pilots.
pub fn block_bits(index: u8) -> u64 {
    let mcs = Mcs::new(1, index).unwrap();
    let allocation = Allocation {
        elements_per_block: 12 * 13,
        resource_blocks: 4,
        layers: 1,
        modulation_order: mcs.modulation_order,
        code_rate: mcs.code_rate,
        scaling: 1.0,
    };
    allocation.transport_block_size().unwrap() as u64
}

#[test]
fn the_rate_is_the_block_over_the_slot() {
    for blocks in [1, 5] {
        let values = format!("uplink.values={}; uplink.bits_per_value=8", blocks * block_bits(9) / 8);
        let trace = rows(&[CLEAN, &values]);
        assert_eq!(trace.len(), 2);
        for row in &trace {
            let time = blocks as f64 * SLOT_S;
            assert!((row.rate_bps / (block_bits(9) as f64 / SLOT_S) - 1.0).abs() < 1e-12, "{row:?}");
            assert!((row.latency_s - time).abs() < 1e-12 && (row.airtime_s - time).abs() < 1e-12, "{row:?}");
            assert_eq!(
                (row.bytes_delivered, row.bytes_offered),
                (blocks * block_bits(9) / 8, row.bytes_delivered)
            );
            assert_eq!((row.n_re, row.harq_tx, row.mcs), (blocks * 48 * 14, Some(blocks), Some(9.0)));
            assert_eq!(
                (row.bler, row.tbler, row.elem_loss_p, row.outage),
                (Some(0.0), Some(0.0), Some(0.0), false)
            );
            assert_eq!((row.rank, row.mcs_table, row.source), (Some(1), Some(1), Source::Simulated));
            assert_eq!(
                (row.direction, row.stage, row.scheme),
                (Direction::Up, Stage::Act, Carriage::Digital)
            );
            assert!((row.snr_db.unwrap() - 40.0).abs() < 1e-9);
        }
    }
}

/// What does not fill its last block takes that block's slot all the same.
#[test]
fn airtime_is_rounded_up_to_slots() {
    for bits in [1, block_bits(9) - 1, block_bits(9) + 1, 3 * block_bits(9) + 8] {
        let values = format!("uplink.values={bits}; uplink.bits_per_value=1");
        let row = &rows(&[CLEAN, &values])[0];
        let slots = bits.div_ceil(block_bits(9));
        assert!((row.latency_s - slots as f64 * SLOT_S).abs() < 1e-12, "{row:?}");
        assert!((row.rate_bps - bits as f64 / row.latency_s).abs() < 1e-6 * row.rate_bps, "{row:?}");
        assert_eq!(row.bytes_delivered, bits.div_ceil(8));
    }
}

/// Legs follow each other, each over a link of its own: device after device in turn, the downlink after the last of the uplink.
#[test]
fn legs_of_a_round_follow_each_other() {
    let settings = format!(
        "payload.devices=3; uplink.bytes={}; downlink.bytes={}; downlink.delay_s={}; downlink.snr_db=30; \
         downlink.mcs.index=5; downlink.stage=model",
        2 * block_bits(9) / 8,
        block_bits(5) / 8,
        2.5 * SLOT_S
    );
    let trace = rows(&[CLEAN, &settings]);
    assert_eq!(trace.len(), 12);
    for (number, round) in trace.chunks(6).enumerate() {
        // Six slots up, a delay of two and a half that begins at a whole slot, three slots down.
        let start_s = number as f64 * 12.0 * SLOT_S;
        for (device, up) in round[..3].iter().enumerate() {
            assert!((up.t_start_s - start_s).abs() < 1e-9, "{up:?}");
            assert!((up.latency_s / SLOT_S - (4.0 + device as f64)).abs() < 1e-9, "{up:?}");
            assert!((up.airtime_s / SLOT_S - 2.0).abs() < 1e-9, "{up:?}");
            assert_eq!((up.round, up.device), (number as u64, device as u32));
        }
        for (device, down) in round[3..].iter().enumerate() {
            assert!((down.t_start_s - start_s - 9.0 * SLOT_S).abs() < 1e-9, "{down:?}");
            assert!((down.latency_s / SLOT_S - (1.0 + device as f64)).abs() < 1e-9, "{down:?}");
            assert_eq!((down.direction, down.stage, down.mcs), (Direction::Down, Stage::Model, Some(5.0)));
            // Each of three devices has three times the power on its slots.
            assert!((down.snr_db.unwrap() - 30.0 - 10.0 * 3f64.log10()).abs() < 1e-9, "{down:?}");
        }
    }
}

#[test]
fn energy_is_power_times_airtime() {
    let settings = "payload.devices=2; link.transmit_power_w=0.2; uplink.bytes=500";
    for (power, factor) in [("same-energy", 2.0), ("same-power", 1.0)] {
        for row in rows(&[CLEAN, settings, &format!("scheduling.power={power}")]) {
            let watt = 0.2 * factor;
            assert!((row.tx_power_dbm.unwrap() - 10.0 * f64::log10(watt * 1e3)).abs() < 1e-9, "{row:?}");
            assert!((row.tx_energy_j.unwrap() - watt * row.airtime_s).abs() < 1e-15, "{row:?}");
        }
    }
    // On half of the band for as many slots as blocks of half the size take: the same power in all.
    let row = &rows(&[CLEAN, settings, "scheduling.access=frequency"])[0];
    assert!((row.tx_power_dbm.unwrap() - 10.0 * f64::log10(200.0)).abs() < 1e-9, "{row:?}");
    assert!(rows(&[CLEAN, "uplink.bytes=10"])[0].tx_energy_j.is_none());
}

/// At -20 dB nothing arrives: blocks are given up after their transmissions, and offered again until the deadline where that is asked for.
#[test]
fn hopeless_links_end() {
    let settings = "channel.model=awgn; link.snr_db=-20; mcs.index=9; trace.rounds=1; harq.transmissions=2";
    let bytes = format!("uplink.bytes={}", 2 * block_bits(9) / 8);
    let lost = &rows(&[settings, &bytes])[0];
    assert_eq!((lost.bytes_delivered, lost.outage, lost.elem_loss_p), (0, true, Some(1.0)));
    assert_eq!((lost.rate_bps, lost.bler, lost.harq_tx), (0.0, Some(1.0), Some(4)));
    let deadline = format!("uplink.delivery=reliable; uplink.deadline_s={}", 40.0 * SLOT_S);
    let late = &rows(&[settings, &bytes, &deadline])[0];
    assert!(late.outage && late.harq_tx.unwrap() > 4, "{late:?}");
    assert!(late.latency_s <= 40.0 * SLOT_S * (1.0 + 1e-9), "{late:?}");
}

/// Over a link that loses many blocks, reliable delivery delivers all, and takes longer.
#[test]
fn reliable_legs_deliver_everything() {
    let settings = "channel.model=awgn; link.snr_db=3.6; mcs.index=9; trace.rounds=6; uplink.bytes=4000";
    let lossy = rows(&[settings]);
    let reliable = rows(&[settings, "uplink.delivery=reliable; uplink.deadline_s=10"]);
    assert!(lossy.iter().any(|row| row.bytes_delivered < 4000), "{:?}", lossy[0]);
    assert!(reliable.iter().all(|row| row.bytes_delivered == 4000 && row.elem_loss_p == Some(0.0)));
    let airtime = |trace: &[airloop::trace::TraceRow]| trace.iter().map(|row| row.airtime_s).sum::<f64>();
    assert!(airtime(&reliable) > airtime(&lossy));
}

#[test]
fn adaptive_links_need_no_number_of_slots() {
    let plan =
        plan(&["channel.model=awgn; link.snr_db=20; mcs.index=adaptive; trace.rounds=1; uplink.bytes=8000"]);
    let row = &super::setup::rows_of(&plan)[0];
    assert_eq!(row.bytes_delivered, 8000);
    assert!(row.mcs.unwrap() > 1.0, "{row:?}");
}
