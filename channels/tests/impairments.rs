//! Front ends against tones, whose samples at any time and on any carrier are known.

mod support;

use airloop_baseband::{Burst, Capture, Complex32, Complex64, Purpose, Resampler, Seeds, Window};
use airloop_channels::impairment::{CarrierOffset, MAX_PPM, Oscillator, PhaseOffset, TimingOffset};
use airloop_channels::{ChannelError, FrontEnd, FrontEndConfig, Impairment, SampleClock};
use std::f64::consts::TAU;
use std::sync::Arc;
use support::Clock;

const RATE_HZ: f64 = 30.72e6;
const CLOCK: SampleClock = SampleClock { sample_rate_hz: RATE_HZ, origin: 300 };

/// Signals of these tests keep to this share of the band.
const SHARE: f64 = 0.6;

fn resampler() -> Arc<Resampler> {
    Arc::new(Resampler::new(SHARE, -80.0))
}

fn front_end(config: FrontEndConfig) -> FrontEnd {
    FrontEnd::new(&config, CLOCK, resampler()).unwrap()
}

/// Returns `exp(j 2 pi turns)` of a phase that is linear in the index, after the origin.
fn tone(turns_per_sample: f64, phase_turns: f64, n: i64) -> Complex64 {
    Complex64::cis(TAU * (phase_turns + turns_per_sample * (n - CLOCK.origin as i64) as f64).fract())
}

fn narrow(z: Complex64) -> Complex32 {
    Complex32::new(z.re as f32, z.im as f32)
}

/// Sends a tone of `frequency` turns a sample; returns the largest distance to a tone of another frequency and phase.
fn distance(front_end: &FrontEnd, frequency: f64, expected: (f64, f64), first: i64) -> f64 {
    let outputs = first..first + 4001;
    let inputs = front_end.inputs(outputs.clone());
    let samples: Vec<Complex32> = inputs.clone().map(|n| narrow(tone(frequency, 0.0, n))).collect();
    let mut out = vec![Complex32::default(); 4001];
    front_end.apply(inputs.start as u64, &samples, first, &mut out);
    let distance = |(n, y): (i64, &Complex32)| {
        (tone(expected.0, expected.1, n) - Complex64::new(y.re.into(), y.im.into())).norm()
    };
    outputs.zip(&out).map(distance).fold(0.0, f64::max)
}

/// Instants of the tests, as far as 3 s after the origin.
const STARTS: [i64; 3] = [301, 1_000_003, 92_160_007];

#[test]
fn one_oscillator_moves_carrier_and_sample_clock_together() {
    let accuracy = 10f64.powf(resampler().worst_error_db() / 20.0);
    assert!(accuracy <= 1e-4);
    for (ppm, carrier_hz) in [(20.0, 3.5e9), (-7.3, 5.9e9), (100.0, 0.0), (-400.0, 920e6)] {
        let config = FrontEndConfig { oscillator_ppm: ppm, carrier_hz, ..FrontEndConfig::default() };
        let device = front_end(config);
        let error = 1e-6 * ppm;
        for (f, first) in [-0.299, -0.1, 0.0, 0.013, 0.25].into_iter().flat_map(|f| STARTS.map(|n| (f, n))) {
            let expected = f * (1.0 + error) + error * carrier_hz / RATE_HZ;
            let off = distance(&device, f, (expected, 0.0), first);
            assert!(off <= accuracy, "{ppm} {carrier_hz:e} {f} {first}: {off:e}");
        }
        // Controls: the carrier alone, and the other sign, are far off at one instant or another.
        let (f, carrier) = (0.2417, error * carrier_hz / RATE_HZ);
        let worst =
            |wrong| STARTS.map(|n| distance(&device, f, (wrong, 0.0), n)).into_iter().fold(0.0, f64::max);
        for wrong in [f + carrier, f * (1.0 - error) - carrier] {
            assert!(worst(wrong) > 0.5, "a control passes: {ppm} {carrier_hz:e}");
        }
    }
}

#[test]
fn carrier_offset_and_phase_turn_by_the_absolute_index_to_rounding() {
    for (cfo_hz, phase_rad) in [(350.0, 0.0), (-87_500.0, 1.0), (15.36e6, -3.0), (0.0, 0.5)] {
        let device = front_end(FrontEndConfig { cfo_hz, phase_rad, ..FrontEndConfig::default() });
        for (f, first) in [0.0, -0.45, 0.499].into_iter().flat_map(|f| STARTS.map(|n| (f, n))) {
            let expected = (f + cfo_hz / RATE_HZ, phase_rad / TAU);
            let off = distance(&device, f, expected, first);
            assert!(off <= 6e-7, "{cfo_hz} {phase_rad} {f} {first}: {off:e}");
            assert!(distance(&device, f, (expected.0, expected.1 + 1e-5), first) > 5e-5, "a control passes");
        }
    }
}

#[test]
fn timing_delays_by_whole_and_broken_samples_late_and_early() {
    for delay_samples in [16.0, -16.0, 0.5, -3.25, 1e6 + 0.125, -1e6] {
        let device = front_end(FrontEndConfig {
            timing_offset_s: delay_samples / RATE_HZ,
            ..FrontEndConfig::default()
        });
        for f in [-0.29, 0.02, 0.3] {
            let off = distance(&device, f, (f, -f * delay_samples), 2_000_000);
            let bound = if delay_samples.fract() == 0.0 { 3e-7 } else { 1e-4 };
            assert!(off <= bound, "{delay_samples} {f}: {off:e}");
            let later = -f * (delay_samples + 0.1);
            assert!(distance(&device, f, (f, later), 2_000_000) > 0.01, "a control passes");
        }
    }
    // A whole delay moves any samples, white ones too, without touching them.
    let device = front_end(FrontEndConfig { timing_offset_s: -5.0 / RATE_HZ, ..FrontEndConfig::default() });
    let mut burst = Burst { start: 900, samples: vec![Complex32::default(); 100] };
    Seeds::new(1).stream(Purpose::Payload, 0, 0).fill_complex_gaussian(0, 1.0, &mut burst.samples);
    let mut shaped = Burst::default();
    device.shape(&burst, &mut shaped).unwrap();
    assert_eq!(shaped, Burst { start: 895, samples: burst.samples.clone() });
    burst.start = 4;
    assert_eq!(device.shape(&burst, &mut shaped), Err(ChannelError::BeforeTime { start: -1 }));
}

#[test]
fn a_chain_does_what_its_impairments_do_in_their_order() {
    let (cfo_hz, delay_samples, frequency) = (40e3, 37.3, 0.21);
    let timing = TimingOffset { offset_s: delay_samples / RATE_HZ };
    let (carrier, phase) = (CarrierOffset { cfo_hz }, PhaseOffset { phase_rad: 0.4 });
    let oscillator = Oscillator { ppm: 30.0, carrier_hz: 3.5e9 };
    let chain = |impairments: &[&dyn Impairment]| FrontEnd::chain(impairments, CLOCK, resampler()).unwrap();
    let turns = cfo_hz / RATE_HZ;
    // A carrier that is offset before the delay is delayed with the samples.
    let delayed = -frequency * delay_samples;
    let first = chain(&[&timing, &carrier]);
    let last = chain(&[&carrier, &timing]);
    let late_carrier = (frequency + turns, delayed - turns * delay_samples);
    assert!(distance(&first, frequency, (frequency + turns, delayed), 70_000) <= 1e-4);
    assert!(distance(&last, frequency, late_carrier, 70_000) <= 1e-4);
    assert!(distance(&first, frequency, late_carrier, 70_000) > 0.1, "order does not matter");
    // One front end after the other is the chain, once resampled instead of twice.
    let all: [&dyn Impairment; 4] = [&timing, &oscillator, &carrier, &phase];
    let burst = Burst {
        start: 5000,
        samples: (5000..9000).map(|n| narrow(tone(0.1, 0.0, n) + tone(-0.23, 0.3, n))).collect(),
    };
    let (mut step, mut next, mut whole) = (burst.clone(), Burst::default(), Burst::default());
    for impairment in all {
        chain(&[impairment]).shape(&step, &mut next).unwrap();
        std::mem::swap(&mut step, &mut next);
    }
    let config = FrontEndConfig {
        timing_offset_s: timing.offset_s,
        cfo_hz,
        phase_rad: 0.4,
        oscillator_ppm: 30.0,
        sample_clock_ppm: 0.0,
        carrier_hz: 3.5e9,
    };
    front_end(config).shape(&burst, &mut whole).unwrap();
    let at = |burst: &Burst, n: u64| burst.samples[(n - burst.start) as usize];
    let distance =
        |shift| (5100..8900).map(|n| (at(&step, n + shift) - at(&whole, n)).norm()).fold(0.0, f32::max);
    assert!(distance(0) <= 4e-4, "{:e}", distance(0));
    assert!(distance(1) > 0.5, "a control passes");
}

#[test]
fn a_device_hears_itself_undistorted() {
    let config = FrontEndConfig {
        timing_offset_s: 12.4 / RATE_HZ,
        cfo_hz: 350.0,
        phase_rad: 2.0,
        oscillator_ppm: -20.0,
        sample_clock_ppm: 12.0,
        carrier_hz: 3.5e9,
    };
    let transmitter = front_end(config);
    let receiver = transmitter.receiving().unwrap();
    let samples: Vec<Complex32> = (50_000..58_000).map(|n| narrow(tone(0.17, 0.1, n))).collect();
    let mut sent = Burst::default();
    transmitter.shape(&Burst { start: 50_000, samples }, &mut sent).unwrap();
    let window = Window { start: 50_100, length_samples: 7800 };
    let heard = Capture { start: sent.start, samples: sent.samples, overflow: false, clipped_share: 0.0 };
    let mut out = vec![Complex32::default(); window.length_samples];
    receiver.apply(heard.start, &heard.samples, window.start as i64, &mut out);
    let off = |shift: i64| {
        let indices = window.start as i64..;
        let errors = indices.zip(&out).map(|(n, y)| (narrow(tone(0.17, 0.1, n + shift)) - y).norm());
        errors.fold(0.0, f32::max)
    };
    assert!(off(0) <= 2e-4, "{:e}", off(0));
    assert!(off(1) > 0.5, "a control passes");
    // A receiver alone undoes what a transmitter does: a high carrier hears tones low.
    let low = front_end(FrontEndConfig { cfo_hz: 1e5, ..FrontEndConfig::default() }).receiving().unwrap();
    assert!(distance(&low, 0.1, (0.1 - 1e5 / RATE_HZ, 0.0), 70_000) <= 1e-6);
}

#[test]
fn nothing_wrong_is_the_identity_and_wild_parameters_are_errors() {
    let zero = FrontEndConfig::default();
    assert!(front_end(zero).is_identity());
    assert!(front_end(FrontEndConfig { carrier_hz: 3.5e9, ..zero }).is_identity());
    let wrong = [
        ("timing_offset_s", FrontEndConfig { timing_offset_s: -0.1, ..zero }),
        ("timing_offset_s", FrontEndConfig { timing_offset_s: f64::NAN, ..zero }),
        ("cfo_hz", FrontEndConfig { cfo_hz: 15.37e6, ..zero }),
        ("phase_rad", FrontEndConfig { phase_rad: f64::INFINITY, ..zero }),
        ("oscillator_ppm", FrontEndConfig { oscillator_ppm: MAX_PPM + 1.0, ..zero }),
        ("carrier_hz", FrontEndConfig { carrier_hz: -1.0, oscillator_ppm: 1.0, ..zero }),
        ("carrier offset in Hz", FrontEndConfig { carrier_hz: 60e9, oscillator_ppm: 400.0, ..zero }),
    ];
    for (key, config) in wrong {
        let outcome = FrontEnd::new(&config, CLOCK, resampler());
        assert!(
            matches!(&outcome, Err(ChannelError::OutOfRange { name, .. }) if *name == key),
            "{key}: {outcome:?}"
        );
    }
    let fast = Oscillator { ppm: 500.0, carrier_hz: 0.0 };
    assert!(FrontEnd::chain(&[&fast, &fast], CLOCK, resampler()).is_err());
    assert!(FrontEnd::chain(&[&fast], CLOCK, resampler()).unwrap().receiving().is_ok());
    let stopped = SampleClock { sample_rate_hz: 0.0, origin: 0 };
    assert!(FrontEnd::new(&zero, stopped, resampler()).is_err());
}

#[test]
fn a_lead_cuts_what_is_answered_before_it_and_nothing_else() {
    let config = FrontEndConfig { timing_offset_s: -7.5 / RATE_HZ, ..FrontEndConfig::default() };
    let burst = Burst { start: CLOCK.origin + 900, samples: vec![Complex32::new(1.0, -0.5); 300] };
    let shaped = |device: &FrontEnd| {
        let mut out = Burst::default();
        device.shape(&burst, &mut out).unwrap();
        out
    };
    let whole = front_end(config);
    let all = shaped(&whole);
    assert!(burst.start - all.start > 12 && whole.precursor_samples(CLOCK.origin) > 12);
    for lead in [0, 5, 12] {
        let device = front_end(config).with_lead(lead);
        let cut = shaped(&device);
        assert_eq!(cut.start, burst.start - lead as u64);
        assert_eq!(cut.samples, all.samples[(cut.start - all.start) as usize..], "{lead}");
        assert_eq!(device.precursor_samples(CLOCK.origin), lead);
        assert_eq!(device.tail_samples(CLOCK.origin), whole.tail_samples(CLOCK.origin));
    }
    // More than there is changes nothing; what leads nobody hears may be the whole burst.
    assert_eq!(shaped(&front_end(config).with_lead(1000)), all);
    let early = FrontEndConfig { timing_offset_s: -5000.0 / RATE_HZ, ..FrontEndConfig::default() };
    assert!(shaped(&front_end(early).with_lead(10)).samples.is_empty());
}

#[test]
fn precursors_and_tails_hold_everything_that_a_burst_answers() {
    let clock = Clock::start("precursors");
    let edges = [(0.0, 0.0), (2.0, 0.0), (-7.5, 0.0), (0.0, 25.0), (30.2, 100.0), (-4.0, -50.0)];
    for (delay_samples, ppm) in edges {
        let config = FrontEndConfig {
            timing_offset_s: delay_samples / RATE_HZ,
            oscillator_ppm: ppm,
            ..FrontEndConfig::default()
        };
        let device = front_end(config);
        let last = CLOCK.origin + 3_000_000;
        let (before, after) = (device.precursor_samples(last) as i64, device.tail_samples(last) as i64);
        let (mut earliest, mut latest) = (0, 0);
        for n in [CLOCK.origin, CLOCK.origin + 1_234_567, last].map(|n| n as i64) {
            let mut out = vec![Complex32::default(); 1000];
            device.apply(n as u64, &[Complex32::new(1.0, 0.0)], n - 500, &mut out);
            let answers = |y: &Complex32| y.norm() > 0.0;
            earliest = earliest.max(500 - out.iter().position(answers).unwrap() as i64);
            latest = latest.max(out.iter().rposition(answers).unwrap() as i64 - 500);
        }
        assert!((earliest..earliest + 4).contains(&before), "{delay_samples} {ppm}: {earliest} {before}");
        assert!((latest..latest + 4).contains(&after), "{delay_samples} {ppm}: {latest} {after}");
    }
    clock.print(edges.len() * 3000, "all inside");
}
