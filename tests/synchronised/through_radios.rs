//! Ideal radios that stand in the emulated air hear what the waveform rung computes.

use crate::setup::*;
use airloop::report::Fidelity;
use airloop::run::{RunError, TrialContext};

/// Largest difference of received grids of a few trials over their root mean square, with bursts so many samples late.
fn difference(settings: &[&str], late_samples: u64) -> f32 {
    let experiment = load(settings);
    let waveform = TrialContext::new(&experiment, Fidelity::Waveform).unwrap().paired();
    let mut radio = TrialContext::new(&experiment, Fidelity::Radio).unwrap().paired();
    radio.late_samples = late_samples;
    let differences = (0..3).map(|trial| {
        let grids = |context: &TrialContext<'_>| context.run_with_vectors(trial).unwrap().1.grids.unwrap();
        let (expected, found) = (grids(&waveform), grids(&radio));
        assert_eq!(expected.len(), found.len());
        let power = expected.iter().map(|x| x.norm_sqr()).sum::<f32>() / expected.len() as f32;
        let largest = expected.iter().zip(&found).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max);
        largest / power.sqrt()
    });
    differences.fold(0.0, f32::max)
}

const MOVING: &str = "channel.model=tdl-c; channel.delay_spread_s=1e-7; channel.speed_m_s=30; scheme.kind=truncated-inversion; \
                      scheme.threshold=0.1; link.csi=perfect";

#[test]
fn radios_with_perfect_front_ends_leave_every_bit() {
    let payload = gaussian(6, 3000);
    let base: &[&str] = &[GRID, &payload, "link.snr_db=10"];
    for more in [
        "",
        MOVING,
        "rounds=3; channel.model=rayleigh",
        "channel.model=rayleigh; link.receive_antennas=4; scheme.kind=receive-combining; scheme.combiner=mmse; link.csi=perfect",
        "scheme.kind=digital; scheme.bits=4; mcs.index=4; harq.transmissions=2",
    ] {
        let settings = [base, &[more]].concat();
        assert_eq!(difference(&settings, 0), 0.0, "{more}");
        // Control: bursts that are a sample late.
        assert!(difference(&settings, 1) > 0.1, "{more}");
    }
}

#[test]
fn wrong_clocks_and_radios_are_heard_alike_to_rounding() {
    let payload = gaussian(6, 3000);
    let wrong = "link.snr_db=20; impairments.timing_offset_s={uniform=[-1e-7,1e-7]}; impairments.cfo_hz={normal=100}; \
                 impairments.oscillator_ppm={normal=0.3}; impairments.phase_rad=0.1; channel.carrier_hz=3.5e9; \
                 impairments.dac_bits=8; receiver.adc_bits=10";
    let preamble = "sync.mode=preamble";
    for more in [&[wrong][..], &[wrong, MOVING], &[wrong, preamble]] {
        let settings = [&[GRID, payload.as_str()], more].concat();
        // Quantisers of the server may decide differently where sums differ in their last digits: a step of ten bits.
        let found = difference(&settings, 0);
        assert!(found < 2e-2, "{more:?}: {found}");
        assert!(difference(&settings, 1) > 0.1, "{more:?}");
    }
}

#[test]
fn what_is_no_slot_does_not_pass_radios() {
    let settings = "channel.model=awgn; scheme.kind=misaligned; scheme.receiver=lmmse; scheme.delays_symbols={uniform=[0,1]}; link.snr_db=10";
    let experiment = load(&[&gaussian(3, 64), settings]);
    match TrialContext::new(&experiment, Fidelity::Radio).map(|_| ()) {
        Err(error @ RunError::Unsupported { .. }) => {
            assert!(error.to_string().contains("at radio fidelity"), "{error}")
        }
        other => panic!("{other:?}"),
    }
}
