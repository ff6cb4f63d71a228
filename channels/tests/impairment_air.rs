//! Front ends on the emulated air: windows, byte identity, early bursts.

mod air_support;
mod support;

use air_support::{ORIGIN, RATE_HZ, air, bursts, run, run_until};
use airloop_baseband::{Burst, Complex32, Purpose, Resampler, Seeds, Transport, Window};
use airloop_channels::impairment::{
    AmplifierConfig, AmplifierModel, DcOffset, GainControl, IqImbalance, MaskPoint, MemoryPolynomial,
    PhaseMask, PhaseNoise, PhaseNoiseConfig, QuantiserConfig, Receiver, ReceiverConfig, Transmitter,
    TransmitterConfig,
};
use airloop_channels::{ChannelError, EmulatedAir, FrontEnd, FrontEndConfig, SampleClock};
use std::sync::Arc;
use support::*;

fn front_end(config: FrontEndConfig) -> FrontEnd {
    let clock = SampleClock { sample_rate_hz: RATE_HZ, origin: ORIGIN };
    FrontEnd::new(&config, clock, Arc::new(Resampler::new(0.6, -80.0))).unwrap()
}

/// A late device, an early one that drifts, and one whose carrier and phase are off.
fn faults() -> [FrontEndConfig; 3] {
    let zero = FrontEndConfig { carrier_hz: CARRIER_HZ, ..FrontEndConfig::default() };
    [
        FrontEndConfig { timing_offset_s: 4.6 / RATE_HZ, oscillator_ppm: -20.0, ..zero },
        FrontEndConfig { timing_offset_s: -9.3 / RATE_HZ, oscillator_ppm: 40.0, ..zero },
        FrontEndConfig { cfo_hz: 700.0, phase_rad: 1.0, ..zero },
    ]
}

#[test]
fn windows_of_1_of_997_and_of_65536_samples_give_the_same_bytes_through_front_ends() {
    let clock = Clock::start("windows");
    let faulty = || air(2).with_front_ends(faults().map(front_end).into_iter().enumerate()).unwrap();
    let whole = run(faulty(), 131_072);
    for window_samples in [65_536, 997, 1] {
        assert!(run(faulty(), window_samples) == whole, "windows of {window_samples} samples");
    }
    assert!(run(air(2), 131_072) != whole, "front ends change nothing");
    clock.print(4 * 2 * 131_072, "same bytes");
}

/// Makes an oscillator whose phase wanders and follows a mask.
fn phase_noise(device: u64) -> PhaseNoise {
    let clock = SampleClock { sample_rate_hz: RATE_HZ, origin: ORIGIN };
    let point = |(offset_hz, dbc_hz)| MaskPoint { offset_hz, dbc_hz };
    let mask = PhaseMask::new([(1e3, -70.0), (1e5, -90.0)].map(point).to_vec()).unwrap();
    let config = PhaseNoiseConfig { linewidth_hz: 100.0, mask: Some(mask) };
    PhaseNoise::new(&config, clock, Seeds::new(44).stream(Purpose::Impairment, 0, device)).unwrap()
}

/// Makes an air whose devices and receivers do everything wrong.
fn wrong_air(control: GainControl) -> EmulatedAir {
    let polynomial = MemoryPolynomial::from_csv("1,0,1,0\n3,0,-0.05,0.02\n1,3,0.1,0\n3,1,0.01,0").unwrap();
    let models = [
        AmplifierModel::MemoryPolynomial(Arc::new(polynomial)),
        AmplifierModel::SoftLimiter,
        AmplifierModel::Saleh,
    ];
    let device = |(port, (config, model)): (usize, (FrontEndConfig, AmplifierModel))| {
        let config_of = TransmitterConfig {
            converter: Some(QuantiserConfig { bits: 6, headroom_db: 9.0 }),
            imbalance: IqImbalance::new(0.5, 0.05).unwrap(),
            leakage: DcOffset { level_dbc: -30.0, phase_rad: 1.0 },
            gain_db: -1.0,
            amplifier: Some(AmplifierConfig { model, back_off_db: 6.0, calibrated: true }),
        };
        let transmitter = Transmitter::new(&config_of, 1.0).unwrap();
        (port, front_end(config).with_transmitter(transmitter).with_phase_noise(phase_noise(port as u64)))
    };
    let devices = faults().into_iter().zip(models).enumerate().map(device);
    let config = ReceiverConfig {
        imbalance: IqImbalance::of_rejection(25.0).unwrap(),
        leakage: DcOffset { level_dbc: -20.0, phase_rad: 0.0 },
        gain_control: control,
        converter: Some(QuantiserConfig { bits: 6, headroom_db: 6.0 }),
    };
    let receiver = |port| (port, Receiver::new(&config, Some(phase_noise(9 + port as u64)), 1.5).unwrap());
    air(2).with_front_ends(devices).unwrap().with_receivers([0, 1].map(receiver)).unwrap()
}

#[test]
fn windows_of_1_of_997_and_of_65536_samples_give_the_same_bytes_through_whole_radios() {
    let clock = Clock::start("windows of radios");
    let held = GainControl::Frozen { length_samples: 24_000 };
    let running = GainControl::Running { attack_samples: 50.0, decay_samples: 1000.0 };
    let frozen = run(wrong_air(held), 131_072);
    for window_samples in [65_536, 997] {
        assert!(run(wrong_air(held), window_samples) == frozen, "windows of {window_samples} samples");
    }
    let whole = run(wrong_air(running), 131_072);
    assert!(run(wrong_air(running), 997) == whole, "windows of 997 samples");
    let start = run_until(8192, wrong_air(running), 8192);
    assert!(run_until(8192, wrong_air(running), 1) == start, "windows of 1 sample");
    assert!(whole != frozen, "gain control changes nothing");
    clock.print(5 * 2 * 131_072 + 4 * 8192, "same bytes");
}

#[test]
fn bursts_in_pieces_are_the_burst_through_every_part_of_a_radio() {
    let heard = |piece: usize| {
        let mut air = wrong_air(GainControl::Nominal).with_receivers([]).unwrap();
        for (port, burst) in bursts().into_iter().filter(|(_, burst)| burst.samples.len() < 10_000) {
            for (index, samples) in burst.samples.chunks(piece).enumerate() {
                let start = burst.start + (index * piece) as u64;
                air.transmit(port, &Burst { start, samples: samples.to_vec() }).unwrap();
            }
        }
        air.receive(0, Window { start: 0, length_samples: 70_000 }).unwrap()
    };
    let (whole, pieces) = (heard(usize::MAX), heard(640));
    let worst = whole.samples.iter().zip(&pieces.samples).map(|(a, b)| (a - b).norm());
    // A step of the converter is 0.25: sums that round otherwise may rarely fall on the other side of a threshold.
    let off = worst.filter(|off| *off > 1e-4).count();
    assert!(off < 20, "{off} samples of 70000");
    assert!(whole.clipped_share > 0.0 && whole.clipped_share < 0.1, "{}", whole.clipped_share);
}

#[test]
fn receivers_that_change_nothing_leave_every_byte_and_unknown_ports_are_errors() {
    let ideal = || Receiver::new(&ReceiverConfig::default(), None, 1.0).unwrap();
    assert!(ideal().is_identity());
    let with = air(2).with_receivers([0, 1].map(|port| (port, ideal()))).unwrap();
    assert!(run(with, 65_536) == run(air(2), 65_536));
    let outcome = air(2).with_receivers([(2, ideal())]).map(drop);
    assert!(matches!(outcome, Err(ChannelError::NoSuchPort { port: 2, action: "receive" })));
    let perfect = FrontEndConfig { carrier_hz: CARRIER_HZ, ..FrontEndConfig::default() };
    let idle = Transmitter::new(&TransmitterConfig::default(), 1.0).unwrap();
    assert!(front_end(perfect).with_transmitter(idle).is_identity());
    assert!(!front_end(perfect).with_phase_noise(phase_noise(0)).is_identity());
}

#[test]
fn perfect_front_ends_leave_every_byte() {
    let perfect = FrontEndConfig { carrier_hz: CARRIER_HZ, ..FrontEndConfig::default() };
    let with = air(2).with_front_ends([0, 2].map(|port| (port, front_end(perfect)))).unwrap();
    assert_eq!(with.precursor_samples(), air(2).precursor_samples());
    assert!(run(with, 65_536) == run(air(2), 65_536));
    // A port that has a front end may lose it again.
    let fault = || (1, front_end(faults()[1]));
    let lost = air(2).with_front_ends([fault(), (1, front_end(perfect))]).unwrap();
    assert!(run(lost, 65_536) == run(air(2), 65_536));
    assert!(run(air(2).with_front_ends([fault()]).unwrap(), 65_536) != run(air(2), 65_536));
}

#[test]
fn a_receiver_that_opens_its_windows_early_misses_nothing_of_early_devices() {
    const SLOT: u64 = 10_000;
    let slots = 12;
    let faulty = || air(2).with_front_ends([(1, front_end(faults()[1]))]).unwrap();
    let advance = faulty().precursor_samples_until(ORIGIN + slots * SLOT) as u64;
    // 9.3 samples at the origin and 40 ppm of 120,000 samples, on top of both precursors of half a kernel.
    let early = advance - air(2).precursor_samples() as u64;
    assert!((15..=31).contains(&early), "{early}");
    let run = |advance: u64| -> Result<(), ChannelError> {
        let mut air = faulty();
        for slot in 0..slots {
            let burst = Burst {
                start: advance.max(ORIGIN) + slot * SLOT,
                samples: vec![Complex32::new(1.0, 0.0); SLOT as usize],
            };
            air.transmit(1, &burst)?;
            let begin = advance.max(ORIGIN) - advance;
            if slot == 0 {
                air.receive(0, Window { start: 0, length_samples: begin as usize })?;
            }
            air.receive(0, Window { start: begin + slot * SLOT, length_samples: SLOT as usize })?;
        }
        Ok(())
    };
    run(advance).unwrap();
    // Seven samples less are too few in the last slots, and the error says how many are missing.
    let late = run(advance - 7).unwrap_err();
    let ChannelError::LateBurst { port: 0, missing_samples, start, received } = late else {
        panic!("{late:?}")
    };
    assert!((1..=7).contains(&missing_samples) && received as i64 - start == missing_samples, "{late:?}");
    assert!(received > SLOT && late.to_string().contains(&format!("{missing_samples} samples earlier")));
}

#[test]
fn a_burst_that_is_refused_is_not_heard_in_part() {
    let heard = |late: bool| {
        let mut air = air(2);
        air.receive(1, Window { start: 0, length_samples: 400 }).unwrap();
        if late {
            // In time for port 0, too late for port 1.
            let burst = Burst { start: 300, samples: vec![Complex32::new(1.0, 0.0); 50] };
            assert!(matches!(air.transmit(0, &burst), Err(ChannelError::LateBurst { port: 1, .. })));
        }
        air.receive(0, Window { start: 0, length_samples: 600 }).unwrap().samples
    };
    assert!(heard(true) == heard(false));
}

#[test]
fn links_and_front_ends_of_ports_that_do_not_exist_are_errors() {
    let mut narrow = air(1);
    let burst = Burst { start: 500, samples: vec![Complex32::new(1.0, 0.0); 10] };
    assert!(matches!(
        narrow.transmit(0, &burst),
        Err(ChannelError::NoSuchPort { port: 1, action: "receive" })
    ));
    narrow.transmit(1, &burst).unwrap();
    let outcome = air(2).with_front_ends([(3, front_end(faults()[0]))]).map(drop);
    assert!(matches!(outcome, Err(ChannelError::NoSuchPort { port: 3, action: "transmit" })));
}
