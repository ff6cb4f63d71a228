//! Draws and times that stay when causes are switched off.

use super::super::compare::Compare;
use super::super::switch::Switch;
use super::*;
use crate::experiment::Experiment;
use crate::medium::ChannelModel;

/// Calls with what runs an experiment at waveform fidelity without causes.
fn with_bench(settings: &[&str], of: impl FnOnce(&mut dyn FnMut(&[Cause]) -> Vec<f64>)) {
    let (tree, loader) = (tree(settings), Loader::default());
    let experiment = loader.load(&tree).unwrap();
    let options = RunOptions::default();
    let metric = BudgetMetric::of(&experiment).unwrap();
    let mut bench = Bench::new((&tree, &loader), &experiment, (Fidelity::Waveform, metric), 1, &options);
    bench.total().unwrap();
    of(&mut |off| bench.without(&off.iter().copied().collect(), Air::Own).unwrap().to_vec());
}

/// Returns the errors of the trials of an experiment at waveform fidelity.
fn errors(settings: &[&str]) -> Vec<f64> {
    let mut found = Vec::new();
    with_bench(settings, |without| found = without(&[]));
    found
}

#[test]
fn switching_off_what_is_next_to_nothing_leaves_every_trial_as_it_was() {
    let moving = "payload.source=gaussian; payload.devices=3; payload.length=600; channel.model=tdl-a; \
                  channel.delay_spread_s=1e-7; scheme.kind=truncated-inversion; scheme.threshold=0.1; link.snr_db=20; \
                  ofdm.numerology=custom; ofdm.sample_rate_hz=7.68e6; ofdm.fft_size=256; ofdm.cyclic_prefix_samples=48; \
                  ofdm.used_subcarriers=150; channel.doppler_hz=1e-3; link.csi=estimated; pilots.snr_db=20; \
                  impairments.phase_rad={normal=0.2}; impairments.cfo_hz={normal=20}; \
                  impairments.power_error_db=1e-5; impairments.dc_offset_dbc=-150; impairments.phase_noise_linewidth_hz=1e-9; \
                  receiver.adc_bits=16; impairments.dac_bits=16; waveform.path=per-sample; stop.trials=4";
    let perfect = errors(&[moving, "pilots.snr_db=90"]);
    let other_seed = errors(&[moving, "seed=2"]);
    // Through another receive window pilots hear other noise, and noise arrives turned otherwise: both are taken away.
    let late = "link.csi=perfect; impairments.timing_offset_s={normal=1e-13}";
    with_bench(&[&moving.replace("link.csi=estimated; pilots.snr_db=20;", ""), late], |without| {
        let quiet = without(&[Cause::Noise]);
        for (found, expected) in without(&[Cause::Timing, Cause::Noise]).iter().zip(&quiet) {
            assert!((found / expected - 1.0).abs() < 1e-3, "timing: {found} {expected}");
        }
    });
    with_bench(&[moving], |without| {
        let whole = without(&[]);
        for cause in [
            Cause::Ageing,
            Cause::InterCarrierInterference,
            Cause::PowerControl,
            Cause::DcOffset,
            Cause::PhaseNoise,
            Cause::Adc,
            Cause::Dac,
        ] {
            for (found, expected) in without(&[cause]).iter().zip(&whole) {
                assert!((found / expected - 1.0).abs() < 1e-3, "{}: {found} {expected}", cause.name());
            }
        }
        // Without perfect pilots the symbols of pilots stay: clocks have drifted as far.
        for (found, expected) in without(&[Cause::ChannelKnowledge]).iter().zip(&perfect) {
            assert!((found / expected - 1.0).abs() < 0.02, "channel-knowledge: {found} {expected}");
        }
        // The control: what is not next to nothing, and another seed, change every trial.
        for other in [without(&[Cause::CarrierOffset]), other_seed] {
            assert!(other.iter().zip(&whole).all(|(a, b)| (a / b - 1.0).abs() > 1e-3));
        }
    });
}

/// Calls with an experiment and what makes it without causes.
fn with_switch(settings: &[&str], of: impl FnOnce(&Experiment, &mut dyn FnMut(&[Cause]) -> Experiment)) {
    let (tree, loader) = (tree(settings), Loader::default());
    let whole = loader.load(&tree).unwrap();
    let mut switch = Switch::new((&tree, &loader), &whole);
    of(&whole, &mut |off| switch.without(&off.iter().copied().collect()).unwrap());
}

/// Twelve slots whose channels are sounded again and again, and clocks that drift meanwhile.
const SOUNDED: &str = "payload.source=gaussian; payload.devices=8; payload.length=5376; channel.model=rayleigh; \
                       ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; ofdm.cyclic_prefix_samples=16; \
                       ofdm.used_subcarriers=32; link.snr_db=40; link.csi=estimated; link.csi_bits=16; pilots.snr_db=60; \
                       pilots.sounding=uplink; scheme.kind=truncated-inversion; scheme.threshold=0.05; scheme.scale=plain";

#[test]
fn soundings_of_every_period_stay_empty() {
    let slots = |experiment: &Experiment| {
        let mut timeline = experiment.timeline(0);
        (0..12).map(|_| timeline.place(14).0.first_symbol).collect::<Vec<usize>>()
    };
    for period in ["pilots.period_symbols=14", "pilots.period_symbols=30", ""] {
        with_switch(&[SOUNDED, period], |whole, without| {
            for off in
                [&[Cause::ChannelKnowledge][..], &[Cause::ChannelKnowledge, Cause::Noise], &[Cause::Noise]]
            {
                assert_eq!(slots(&without(off)), slots(whole), "{period}");
            }
            // The control: without empty symbols slots come earlier.
            let early = Experiment { idle_sounding: None, ..without(&[Cause::ChannelKnowledge]) };
            assert!(slots(&early)[0] < slots(whole)[0]);
        });
    }
    let drifting = "pilots.period_symbols=14; impairments.cfo_hz={uniform=[-0.35,0.35]}; payload.devices=20; stop.trials=64";
    let split = budget(&[SOUNDED, drifting]);
    let offset = row(&split, "carrier-offset");
    assert_floor(offset, offset.floor.unwrap(), 0.2);
    assert!(split.adds_up == Some(true) && offset.removed.unwrap() / offset.alone > 0.8, "{offset:?}");
    // Without a period a round is shorter, and clocks turn less.
    let once = budget(&[SOUNDED, &drifting.replace("pilots.period_symbols=14;", "")]);
    assert!(row(&once, "carrier-offset").alone < 0.5 * offset.alone);
}

#[test]
fn noise_that_follows_from_a_receive_snr_stays() {
    let inversion = INVERSION.replace("link.snr_db=10", "link.receive_snr_db=10");
    let known = "link.csi=imperfect; link.csi_error=0.2";
    with_switch(&[&inversion, known], |whole, without| {
        let left = without(&[Cause::ChannelKnowledge]);
        assert!(left.knowledge.config.is_perfect());
        assert_eq!(left.budget, whole.budget);
        // The control: a file that knows the channels has other noise.
        let perfect = Loader::default().load(&tree(&[&inversion])).unwrap();
        assert!((perfect.budget.noise_power / whole.budget.noise_power - 1.0).abs() > 0.02);
    });
}

#[test]
fn shortened_delays_keep_to_whole_samples() {
    let late = "payload.source=gaussian; payload.devices=3; payload.length=144; channel.model=tdl-a; channel.delays=rounded; \
                channel.delay_spread_s=3e-6; scheme.kind=truncated-inversion; scheme.threshold=0.1; link.snr_db=30; \
                ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; ofdm.cyclic_prefix_samples=16; \
                ofdm.used_subcarriers=36";
    let off_grid = |experiment: &Experiment| {
        let ChannelModel::Taps { fading, .. } = &experiment.channel else { panic!("taps are drawn") };
        let samples = fading.profile().paths().iter().map(|path| path.delay_s * 1.92e6);
        samples.map(|at| (at - at.round()).abs()).fold(0.0, f64::max)
    };
    with_switch(&[late], |whole, without| {
        let left = without(&[Cause::InterSymbolInterference]);
        assert!(off_grid(whole) < 1e-9 && off_grid(&left) < 1e-9);
        let interference = |e: &Experiment| e.receive_window().unwrap().interference;
        assert!(interference(whole) > 1e-3 && interference(&left) < 1e-8);
    });
    with_switch(&[late, "channel.delays=fractional"], |_, without| {
        assert!(off_grid(&without(&[Cause::InterSymbolInterference])) > 1e-3);
    });
}

/// Delays beyond the prefix, motion within a symbol, and a phase.
const LATE_AND_MOVING: &str = "payload.source=gaussian; payload.devices=4; payload.length=144; channel.model=tdl-a; \
                               channel.delay_spread_s=2e-6; channel.doppler_hz=900; scheme.kind=truncated-inversion; \
                               scheme.threshold=0.1; link.snr_db=30; ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; \
                               ofdm.fft_size=64; ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=36";

/// Calls with what compares runs of an experiment at waveform fidelity.
fn with_compare(settings: &[&str], of: impl FnOnce(&mut Compare<'_, '_>)) {
    let (tree, loader) = (tree(settings), Loader::default());
    let experiment = loader.load(&tree).unwrap();
    let options = RunOptions::default();
    let causes = causes(&experiment, Fidelity::Waveform).unwrap();
    let metric = BudgetMetric::of(&experiment).unwrap();
    let mut bench = Bench::new((&tree, &loader), &experiment, (Fidelity::Waveform, metric), 1, &options);
    bench.total().unwrap();
    of(&mut Compare::new(&mut bench, &experiment, &causes));
}

fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[test]
fn pairs_are_compared_over_the_same_delays() {
    // Beside a phase that is next to nothing motion takes what it takes alone, in every trial.
    with_compare(&[LATE_AND_MOVING, "impairments.phase_rad={normal=1e-7}; stop.trials=8"], |compare| {
        let mut found = |on: &[Cause]| compare.with_only(on).unwrap();
        let ((both, bare), (alone, same)) = (
            found(&[Cause::InterCarrierInterference, Cause::Phase]),
            found(&[Cause::InterCarrierInterference]),
        );
        for (pair, single) in differences(&both, &bare).iter().zip(differences(&alone, &same)) {
            assert!((pair / single - 1.0).abs() < 1e-3, "{pair} {single}");
        }
        // The control: over the delays as they are, channels are others.
        let other = compare.base().unwrap();
        for (pair, single) in differences(&both, &other).iter().zip(differences(&alone, &same)) {
            assert!((pair / single - 1.0).abs() > 1e-2, "{pair} {single}");
        }
    });
}

#[test]
fn removed_motion_is_compared_with_what_the_scheme_leaves_over_either_channels() {
    with_compare(&[LATE_AND_MOVING, "impairments.phase_rad={normal=0.02}; stop.trials=64"], |compare| {
        let off = BTreeSet::from([Cause::InterCarrierInterference]);
        let raw = compare.bench.without(&off, Air::Own).unwrap();
        let total = compare.bench.without(&BTreeSet::new(), Air::Own).unwrap();
        let lacking = compare.lacking(Cause::InterCarrierInterference).unwrap();
        let (paired, unpaired) = (difference(&total, &lacking, 0.999), difference(&total, &raw, 0.999));
        println!("{paired:?} {unpaired:?}");
        // Of the same mean, within its interval, but told better.
        assert!(unpaired.low.unwrap() <= paired.mean && paired.mean <= unpaired.high.unwrap());
        assert!(paired.half_width().unwrap() < 0.5 * unpaired.half_width().unwrap());
        let (only, bare) = compare.with_only(&[Cause::InterCarrierInterference]).unwrap();
        let alone = difference(&only, &bare, 0.999);
        assert!((paired.mean / alone.mean).log10().abs() < 0.3, "{paired:?} {alone:?}");
    });
}
