//! What radios leave beside their clocks, against the floors of each, and what is refused.

use crate::effects::{FULL, added, assert_floor};
use crate::setup::*;
use airloop::channels::impairment::{
    AmplifierConfig, AmplifierModel, DcOffset, GainControl, IqImbalance, OccupiedBand, PhaseNoiseConfig,
    PowerControl, QuantiserConfig,
};
use airloop::report::Fidelity;
use airloop::run::TrialContext;

/// 32 subcarriers of 64 around the carrier, which is left empty.
const PART: &str = "ofdm.used_subcarriers=32; ofdm.dc=false";

/// Adds settings to a grid of 20 devices.
fn experiment(settings: &[&str]) -> airloop::experiment::Experiment {
    load(&[&[FULL, &gaussian(20, 2048), "link.snr_db=20"], settings].concat())
}

fn part() -> OccupiedBand {
    OccupiedBand::new(64, &(-16..=16).filter(|k| *k != 0).collect::<Vec<i64>>())
}

#[test]
fn amplifiers_and_converters_leave_what_falls_on_the_grid() {
    let amplifier =
        AmplifierConfig { model: AmplifierModel::SoftLimiter, back_off_db: 4.0, calibrated: true };
    let limiter = "impairments.amplifier.model=soft-limiter; impairments.amplifier.back_off_db=4";
    let converter = QuantiserConfig::best(4);
    for (what, setting, distortion, trials) in [
        ("soft limiter", limiter, amplifier.distortion().unwrap(), 48),
        ("DAC", "impairments.dac_bits=4", converter.distortion(), 48),
    ] {
        let floor = distortion.in_band(&OccupiedBand::full(64));
        assert_floor(what, &added(&experiment(&[setting]), trials), floor);
        let floor = distortion.in_band(&part());
        assert_floor(&format!("{what}, in band"), &added(&experiment(&[setting, PART]), trials), floor);
    }
}

#[test]
fn mixers_and_power_control_leave_their_floors() {
    let image = IqImbalance::new(1.0, 0.1).unwrap();
    let line = DcOffset { level_dbc: -15.0, phase_rad: 0.0 };
    let power = PowerControl { step_db: 3.0, error_db: 0.5 };
    let settings = "impairments.iq_gain_db=1; impairments.iq_phase_rad=0.1";
    assert_floor("image", &added(&experiment(&[settings]), 32), image.error_vector_power());
    // Lines of random phase add up to one of random power: few devices and symbols, many rounds.
    let few = load(&[FULL, &gaussian(2, 128), "link.snr_db=20; impairments.dc_offset_dbc=-15"]);
    assert_floor("line", &added(&few, 8000), line.error_vector_power());
    let settings = "impairments.power_step_db=3; impairments.power_error_db=0.5";
    assert_floor("power", &added(&experiment(&[settings]), 400), power.error_vector_power());
    // An empty carrier sees nothing of a line.
    let unseen = added(&experiment(&["impairments.dc_offset_dbc=-15", PART]), 16);
    assert!(unseen.mean.abs() < 1e-6, "{}", unseen.mean);
}

#[test]
fn phase_noise_leaves_what_the_phase_has_moved_in_the_round() {
    let config = PhaseNoiseConfig { linewidth_hz: 30.0, mask: None };
    let found = added(&experiment(&["impairments.phase_noise_linewidth_hz=30"]), 320);
    // 16 symbols of 64 samples, each after its prefix of 16.
    let rate_hz = 1.92e6;
    let useful = |symbol: usize| {
        let begin = (80 * symbol + 16) as f64;
        config.error_vector_power((begin / rate_hz, (begin + 64.0) / rate_hz), rate_hz)
    };
    assert_floor("linewidth", &found, (0..16).map(useful).sum::<f64>() / 16.0);
}

#[test]
fn the_servers_converter_and_gain_control_leave_theirs() {
    let received = 1.0 + 0.01 / 20.0;
    let floor = QuantiserConfig::best(5).distortion().error_vector_power() * received;
    let found = |agc: &str| added(&experiment(&[&format!("receiver.adc_bits=5; receiver.agc={agc}")]), 96);
    assert_floor("ADC", &found("none"), floor);
    // A gain measured over 80 samples misses the level of the least error by a tenth, which costs little.
    let db = 10.0 * (found("frozen").mean / floor).log10();
    assert!((-0.2..0.6).contains(&db), "frozen: {db} dB");
    let constant = 60.0;
    let settings = format!(
        "receiver.agc=running; receiver.agc_attack_s={0}; receiver.agc_decay_s={0}",
        constant / 1.92e6
    );
    let control = GainControl::Running { attack_samples: constant, decay_samples: constant };
    let found = added(&experiment(&[&settings]), 64);
    // Prefixes repeat samples, which makes the power that the loop sees a little less white.
    let db = 10.0 * (found.mean / (control.error_vector_power().unwrap() * received)).log10();
    assert!((-0.5..1.5).contains(&db), "{db} dB");
}

#[test]
fn ideal_radios_change_nothing_and_presets_give_way_to_keys() {
    let run = |settings: &[&str]| {
        let experiment = experiment(settings);
        TrialContext::new(&experiment, Fidelity::Waveform).unwrap().run_with_vectors(3).unwrap().1.estimate
    };
    let nothing = run(&[]);
    assert!(run(&["impairments.preset=ideal; receiver.preset=ideal; receiver.agc=frozen"]) == nothing);
    assert!(run(&["impairments.power_error_db={normal=0.0}"]) == nothing);
    assert!(run(&["impairments.preset=wifi6-trigger"]) != nothing);
    let ideal = "impairments.preset=wifi6-trigger; impairments.cfo_hz=0; impairments.timing_offset_s=0; \
                 impairments.power_step_db=0";
    assert!(run(&[ideal]) == nothing);
    for preset in ["pluto", "b210", "x310"] {
        let settings =
            format!("impairments.preset={preset}; impairments.oscillator_ppm=0; receiver.preset={preset}");
        assert!(run(&[&settings]) != nothing, "{preset}");
    }
}

#[test]
fn values_outside_of_a_model_are_refused_with_what_is_right() {
    for (setting, named) in [
        ("impairments.amplifier.model=rapp", "back_off_db"),
        ("impairments.amplifier.model=rapp; impairments.amplifier.back_off_db=50", "40"),
        (
            "impairments.amplifier.model=saleh; impairments.amplifier.back_off_db=5; impairments.amplifier.smoothness=2",
            "rapp",
        ),
        ("impairments.image_rejection_db=3", "6"),
        ("impairments.image_rejection_db=30; impairments.iq_gain_db=1", "leave one out"),
        ("impairments.iq_phase_rad=0.7", "0.5"),
        ("impairments.dac_bits=12.5", "whole number"),
        ("impairments.dac_bits=17", "16"),
        ("impairments.dac_headroom_db=12", "dac_bits"),
        ("impairments.power_step_db=-1", "0"),
        ("impairments.phase_noise_linewidth_hz=1e5", "1 %"),
        ("impairments.phase_noise_mask=[[1e3, -80.0], [1e2, -90.0]]", "rising"),
        ("impairments.phase_noise_mask=[1e3, -80.0]", "[offset_hz, dbc_hz]"),
        ("impairments.phase_noise_reference_hz=1e7", "phase_noise_mask"),
        ("impairments.power_error_db=[1.0, 2.0]", "20 devices"),
        ("impairments.preset=usrp", "b210"),
        ("receiver.adc_bits=20", "16"),
        ("receiver.agc_attack_s=1e-6", "running"),
        ("receiver.agc=running; receiver.agc_attack_s=1e-9", "4 samples"),
        ("receiver.dc_offset_dbc=20", "10"),
    ] {
        let error = try_load(&[FULL, &gaussian(20, 64), "link.snr_db=20", setting]).unwrap_err().to_string();
        assert!(error.contains(named), "{setting}: {error}");
    }
}

#[test]
fn an_amplifiers_polynomial_comes_from_a_file_and_fits_the_prefix() {
    let path = |name: &str| std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let setting = |name: &str| {
        let file = path(name).display().to_string();
        format!(
            "impairments.amplifier.model=memory-polynomial; impairments.amplifier.back_off_db=9; \
             impairments.amplifier.file={file:?}"
        )
    };
    // A cubic alone has a closed form: gain 1 - 2 a P, distortion 2 a^2 P^2 of unit power, at back-off 1/P.
    std::fs::write(path("cubic.csv"), "order,delay_samples,re,im\n1,0,1,0\n3,0,-0.4,0\n").unwrap();
    let excess = 0.4 * 10f64.powf(-0.9);
    let floor = 2.0 * excess * excess / (1.0 - 2.0 * excess).powi(2);
    assert_floor("cubic", &added(&experiment(&[&setting("cubic.csv")]), 96), floor);
    std::fs::write(path("long.csv"), "1,0,1,0\n1,20,0.1,0\n").unwrap();
    let error = try_load(&[FULL, &gaussian(20, 64), "link.snr_db=20", &setting("long.csv")]).unwrap_err();
    assert!(error.to_string().contains("cyclic prefix of 16"), "{error}");
    let error = try_load(&[FULL, &gaussian(20, 64), "link.snr_db=20", &setting("absent.csv")]).unwrap_err();
    assert!(error.to_string().contains("absent.csv"), "{error}");
}
