use super::allowed::*;
use super::*;
use crate::plan::noise::{Inversion, devices_snr_needed};
use crate::theory::ReceiveScale;
use crate::theory::floors::{Floor, Spread, knowledge, misalignment};
use airloop_baseband::units::power_from_db;

fn input() -> PlanInput {
    PlanInput {
        target_nmse_db: Some(-12.0),
        devices: 20,
        snr_db: 10.0,
        repetitions: 1,
        k_factor: 0.0,
        scheme: "truncated-inversion".into(),
        inversion: None,
        noise_nmse: None,
        weights: Weights::INDEPENDENT,
        correlation: None,
        occupied_hz: 20e6,
        carrier_hz: 3.5e9,
        max_doppler_hz: 10.0,
        symbol_s: 35.7e-6,
        lead_s: 0.0,
        round_s: 2e-3,
        given: Given::default(),
        beacon: None,
    }
}

fn line<'a>(plan: &'a Plan, quantity: &str) -> &'a PlanLine {
    plan.lines.iter().find(|l| l.quantity == quantity).unwrap_or_else(|| panic!("no line {quantity}"))
}

#[track_caller]
fn assert_share(floor: Floor, share: f64) {
    assert!((floor.independent() / share - 1.0).abs() < 1e-9, "{floor:?} for {share}");
}

#[test]
fn figures_put_back_into_their_formulas_give_their_share() {
    let normal = |sd| Spread::Normal { sd };
    let round = Span { lead_s: 0.0, frame_s: 2e-3 };
    for share in [1e-6, 1e-3, 0.02, 0.2] {
        let part = Part { share, weights: Weights::INDEPENDENT };
        assert_share(misalignment::phase(normal(part.phase_sd_rad())), share);
        assert_share(misalignment::timing(normal(part.timing_rms_s(20e6)), 20e6), share);
        assert_share(misalignment::carrier_offset(normal(part.carrier_rms_hz(round)), 2e-3), share);
        assert_share(misalignment::carrier_offset(normal(70.0), part.carrier_frame_s(70.0, 0.0)), share);
        assert_share(misalignment::clock_offset(normal(part.clock_rms(20e6, round)), 20e6, 2e-3), share);
        assert_share(
            misalignment::clock_offset(normal(2e-6), 20e6, part.clock_frame_s(20e6, 2e-6, 0.0)),
            share,
        );
        assert_share(misalignment::power(normal(part.power_sd_db())), share);
        let half_width = 0.5 * part.power_step_db();
        assert_share(misalignment::power(Spread::Uniform { half_width }), share);
        for k_factor in [0.0, 2.0] {
            let inversion = Inversion { threshold: 0.005, ..Inversion::best(200.0) };
            let error = part.channel_error(&inversion, k_factor, 1e9).unwrap();
            // Without noise, and with next to nobody silent, the floor of the estimate is all.
            let floor = knowledge::inverted_estimate(error, 0.005, k_factor).mean_square;
            assert!((floor / share - 1.0).abs() < 0.01, "{floor} {share}");
            let aged = knowledge::ageing_error(10.0, age_s(error, 10.0, k_factor), k_factor);
            assert!((aged / error - 1.0).abs() < 1e-9);
        }
    }
}

#[test]
fn what_is_sent_late_has_turned_further() {
    let part = Part { share: 1e-3, weights: Weights::INDEPENDENT };
    let span = Span { lead_s: 3e-4, frame_s: 1e-4 };
    // The mean over the span itself, by the middles of many pieces.
    let mean = |at: &dyn Fn(f64) -> f64| {
        (0..4000).map(|i| at(span.lead_s + span.frame_s * (f64::from(i) + 0.5) / 4000.0)).sum::<f64>()
            / 4000.0
    };
    let turned = |hz: f64| mean(&|t| 2.0 * (1.0 - (-0.5 * (std::f64::consts::TAU * hz * t).powi(2)).exp()));
    let hz = part.carrier_rms_hz(span);
    assert!((turned(hz) / 1e-3 - 1.0).abs() < 1e-6, "{hz}");
    assert!((part.carrier_frame_s(hz, span.lead_s) / span.frame_s - 1.0).abs() < 1e-6);
    let d = part.clock_rms(20e6, span);
    let slipped = mean(&|t| (std::f64::consts::PI * 20e6 * d * t).powi(2) / 3.0);
    assert!((slipped / 1e-3 - 1.0).abs() < 2e-3, "{slipped}");
    assert!((part.clock_frame_s(20e6, d, span.lead_s) / span.frame_s - 1.0).abs() < 1e-6);
    // Too late for any value.
    assert_eq!(part.carrier_frame_s(1e3, span.lead_s), 0.0);
}

#[test]
fn known_limits() {
    // -20 dB of timing: 0.055 of a sample of the band, 2.8 ns at 20 MHz.
    let part = |share| Part { share, weights: Weights::INDEPENDENT };
    assert!((part(0.01).timing_rms_s(20e6) * 1e9 - 2.76).abs() < 0.03);
    // 5 degrees are -21.2 dB, and a step of 1 dB is -29.6 dB.
    assert!((part(power_from_db(-21.19)).phase_sd_rad().to_degrees() - 5.0).abs() < 0.02);
    assert!((part(power_from_db(-29.57)).power_step_db() - 1.0).abs() < 0.01);
    assert!((part(power_from_db(-8.34)).power_sd_db() - 3.0).abs() < 0.01);
    // A strong line of sight needs no estimate of the rest.
    assert_eq!(part(0.3).channel_error(&Inversion::best(200.0), 10.0, 200.0), None);
}

#[test]
fn beacon_reaches_the_bound_of_its_definition() {
    // N samples a time 1/B apart: var(f) = 6 B^2 / ((2 pi)^2 SNR N (N^2 - 1)).
    let (rms_hz, snr, band): (f64, f64, f64) = (3.0, 10.0, 20e6);
    let n = beacon_s(rms_hz, snr, band) * band;
    let variance = 6.0 * band * band / (std::f64::consts::TAU.powi(2) * snr * n * (n * n - 1.0));
    assert!((variance.sqrt() / rms_hz - 1.0).abs() < 1e-6);
}

#[test]
fn parts_add_up_to_the_target() {
    for (k_factor, max_doppler_hz, parts) in [(0.0, 10.0, 7), (3.0, 0.0, 6), (f64::INFINITY, 0.0, 5)] {
        let plan = plan(&PlanInput { k_factor, max_doppler_hz, ..input() }).unwrap();
        let shares: Vec<f64> = plan.lines[2..].iter().filter_map(|l| l.share_db).map(power_from_db).collect();
        assert_eq!(shares.len(), parts);
        let sum = shares.iter().sum::<f64>() + power_from_db(plan.lines[0].value);
        assert!((sum / power_from_db(plan.target_nmse_db) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn best_inversion_is_the_table() {
    let plain = |threshold| Inversion { threshold, average_power: true, scale: ReceiveScale::Plain };
    let one = &Weights::INDEPENDENT;
    assert!((plain(0.05).nmse(0.0, 200.0, one) - 0.061_110_1).abs() < 1e-7);
    assert!((Inversion::best(200.0).nmse(0.0, 200.0, one) - 0.028_618).abs() < 1e-7);
    let needed = devices_snr_needed(0.01, 0.0, one);
    assert!((Inversion::best(needed).nmse(0.0, needed, one) / 0.01 - 1.0).abs() < 1e-9);
}

#[test]
fn verdicts_follow_from_what_there_is() {
    let verdict = |given: Given| plan(&PlanInput { given, ..input() }).unwrap().advice;
    let calm = PlanInput { max_doppler_hz: 0.1, ..input() };
    let still = |given: Given| plan(&PlanInput { given, ..calm.clone() }).unwrap().advice;
    assert_eq!(still(Given::default()).verdict, Verdict::Coherent);
    let ppm = |ppm| Given { oscillator_ppm: Some(ppm), ..Given::default() };
    assert_eq!(still(ppm(1e-4)).verdict, Verdict::Coherent);
    let some = still(ppm(0.05));
    assert_eq!(some.verdict, Verdict::CoherentWithReferences);
    assert!(some.reasons[0].contains("the carrier keeps to its part for"), "{:?}", some.reasons);
    let none = still(ppm(25.0));
    assert_eq!(none.verdict, Verdict::NonCoherent);
    assert!(none.reasons[0].contains("less than a pilot and a payload symbol take"), "{:?}", none.reasons);
    for (given, name) in [
        (Given { timing_rms_s: Some(50e-9), ..Given::default() }, "timing_rms_s is 50 ns"),
        (Given { phase_sd_rad: Some(1.0), ..Given::default() }, "phase_sd_rad is 1 rad"),
        (Given { power_sd_db: Some(6.0), ..Given::default() }, "power_sd_db is 6 dB"),
        (Given { csi_error: Some(0.5), ..Given::default() }, "csi_error is 0.5"),
        (Given { csi_age_s: Some(0.1), ..Given::default() }, "csi_age_s is 100 ms"),
    ] {
        let advice = verdict(given);
        assert_eq!(advice.verdict, Verdict::NonCoherent, "{name}");
        assert!(advice.reasons.iter().any(|r| r.contains(name)), "{name}: {:?}", advice.reasons);
    }
    let fast = plan(&PlanInput { max_doppler_hz: 2000.0, ..input() }).unwrap().advice;
    assert_eq!(fast.verdict, Verdict::NonCoherent);
    assert!(fast.reasons[0].contains("channel knowledge may be"), "{:?}", fast.reasons);
}

#[test]
fn what_there_is_is_held_against_what_is_allowed() {
    let given = Given { oscillator_ppm: Some(2.0), power_sd_db: Some(0.1), ..Given::default() };
    let plan = plan(&PlanInput { given, ..input() }).unwrap();
    let carrier = line(&plan, "residual CFO, rms");
    assert_eq!((carrier.given, carrier.met()), (Some(7000.0), Some(false)));
    assert_eq!(line(&plan, "power error, sd").met(), Some(true));
    assert_eq!(line(&plan, "timing error, rms").met(), None);
    let share = power_from_db(carrier.share_db.unwrap());
    let frame_s = line(&plan, "frame until carriers are off").value;
    // Plain inversion above 1/(K SNR) over Rayleigh: devices that are silent do not turn.
    let senders = (-1.0 / (input().devices as f64 * power_from_db(input().snr_db))).exp();
    assert_share(misalignment::carrier_offset(Spread::Normal { sd: 7000.0 }, frame_s), share / senders);
    let beacon_s = line(&plan, "beacon interval").value;
    assert!(beacon_s <= frame_s && beacon_s <= line(&plan, "frame until clocks are off").value);
    let (age, rate) =
        (line(&plan, "age of channel knowledge").value, line(&plan, "pilot rate, at least").value);
    assert!((age * rate - 1.0).abs() < 1e-12);
}

#[test]
fn a_target_below_the_noise_says_what_would_do() {
    let poor = Inversion { threshold: 0.5, ..Inversion::best(200.0) };
    let far = plan(&PlanInput { target_nmse_db: Some(-30.0), inversion: Some(poor), ..input() }).unwrap();
    assert_eq!((far.advice.verdict, far.lines.len()), (Verdict::OutOfReach, 1));
    assert_eq!(far.advice.reasons.len(), 1);
    let near = plan(&PlanInput { target_nmse_db: Some(-14.0), inversion: Some(poor), ..input() }).unwrap();
    assert!(near.advice.reasons[0].contains("scheme.threshold = \"best\""), "{:?}", near.advice.reasons);
    // As many devices as it says leave half of the target.
    let needed = devices_snr_needed(0.5 * power_from_db(-30.0), 0.0, &Weights::INDEPENDENT);
    let devices = (needed / 10.0).ceil();
    assert!(
        far.advice.reasons[0].contains(&format!("{devices} devices at 10.00 dB")),
        "{:?}",
        far.advice.reasons
    );
}

#[test]
fn bad_numbers_are_refused() {
    let text = |input: PlanInput| plan(&input).unwrap_err().to_string();
    for target in [0.0, 3.0, f64::NAN, f64::NEG_INFINITY, -201.0] {
        let message = text(PlanInput { target_nmse_db: Some(target), ..input() });
        assert!(message.starts_with("target_nmse_db = ") && message.contains("for example -15"), "{message}");
    }
    let ppm = Given { oscillator_ppm: Some(-1.0), ..Given::default() };
    assert!(
        text(PlanInput { given: ppm, ..input() }).contains("oscillator_ppm = -1: a finite number from 0")
    );
    assert!(text(PlanInput { round_s: 0.0, ..input() }).contains("round_s = 0: a positive, finite number"));
    assert!(text(PlanInput { snr_db: f64::NAN, ..input() }).contains("snr_db = NaN"));
    assert!(
        text(PlanInput { target_nmse_db: None, snr_db: -20.0, ..input() })
            .contains("target_nmse_db is missing")
    );
}
