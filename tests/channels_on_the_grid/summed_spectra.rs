//! Summed spectra against the symbol rung, and against samples that pass each device's own filter.

use super::experiment;
use super::law::{CHANNELS, GRIDS, SCHEMES, grids_by, law_bound, setting, signal_power};
use super::{wide, worst_distance};
use airloop::config::Node;
use airloop::experiment::{Experiment, Loader};
use airloop::medium::WaveformPath;
use airloop::medium::spectra::inter_carrier_interference;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use airloop_baseband::Complex32;
use airloop_baseband::checks::{CheckSpec, check_mean};
use airloop_baseband::statistics::Moments;
use std::path::Path;
use std::time::Instant;

/// Returns the mean squared distance of two grids.
fn distance(a: &[Complex32], b: &[Complex32]) -> f64 {
    let each = a.iter().zip(b).map(|(a, b)| (wide(*a) - wide(*b)).norm_sqr());
    each.sum::<f64>() / a.len() as f64
}

#[test]
fn summed_spectra_equal_the_symbol_rung_to_rounding_for_any_delays() {
    let (clock, mut worst) = (Instant::now(), 0.0f64);
    for (c, channel) in CHANNELS.into_iter().enumerate() {
        for (delays, g) in [("rounded", c % 6), ("fractional", (c + 3) % 6)] {
            let experiment = setting(channel, delays, GRIDS[g], SCHEMES[c % 4], [1, 5, 12][c % 3]);
            let (symbol, below) = grids_by(&experiment, (Fidelity::Symbol, WaveformPath::PerSample), 1);
            let (sums, above) = grids_by(&experiment, (Fidelity::Waveform, WaveformPath::SummedSpectra), 1);
            let ratio = worst_distance(&below, &above) / law_bound(&experiment, &symbol);
            assert!(ratio <= 1.0, "{channel} {delays} {}: {ratio}", GRIDS[g].0);
            assert_eq!(symbol.account, sums.account);
            assert!((sums.tally.gain / symbol.tally.gain - 1.0).abs() < 1e-12);
            worst = worst.max(ratio);
            let (_, other) = grids_by(&experiment, (Fidelity::Waveform, WaveformPath::SummedSpectra), 2);
            assert!(
                worst_distance(&below, &other) > 1e3 * law_bound(&experiment, &symbol),
                "a control passes"
            );
        }
    }
    println!("summed: worst {worst:.3} of the bound, {:.2} s", clock.elapsed().as_secs_f64());
}

#[test]
fn every_antenna_has_its_own_sum() {
    let text = "[payload]\nsource = \"gaussian\"\ndevices = 6\nlength = 20000\n\
                [channel]\nmodel = \"tdl-a\"\ndelay_spread_s = 100e-9\n[link]\nsnr_db = 20.0\nreceive_antennas = 3\n\
                [scheme]\nkind = \"blind-combining\"\n[stop]\ntrials = 4\n";
    let experiment = experiment(text);
    let (symbol, below) = grids_by(&experiment, (Fidelity::Symbol, WaveformPath::PerSample), 0);
    let (_, above) = grids_by(&experiment, (Fidelity::Waveform, WaveformPath::SummedSpectra), 0);
    assert_eq!(below.len() % (3 * 612), 0);
    let bound = law_bound(&experiment, &symbol);
    assert!(worst_distance(&below, &above) <= bound);
    // Control: another antenna's grid is another one.
    let stride = 14 * 612;
    assert!(worst_distance(&below[..stride], &above[stride..2 * stride]) > 1e3 * bound);
}

/// With what a device sends independent of its path gains `a_p`, and `e_p(f)` the error of a path's delay,
///
/// ```text
/// E|difference|^2 = sum_k P_k sum_p E|a_p|^2 |e_p(f)|^2 <= 10^(accuracy/10) sum_k P_k
/// ```
#[test]
fn over_still_channels_filters_differ_from_summed_spectra_by_their_delays_accuracy() {
    for channel in ["tdl-a", "tdl-c", "exponential"] {
        let (ofdm, used, _) = GRIDS[1];
        let experiment = setting(channel, "fractional", (ofdm, used, 40e-9), SCHEMES[3], 4);
        let accuracy_db = experiment.filter_bank().unwrap().1;
        assert!(accuracy_db <= -80.0);
        let (mut error, mut power, mut control) = (0.0, 0.0, 0.0);
        for trial in 0..6 {
            let (sums, summed) =
                grids_by(&experiment, (Fidelity::Waveform, WaveformPath::SummedSpectra), trial);
            let (_, filtered) = grids_by(&experiment, (Fidelity::Waveform, WaveformPath::PerSample), trial);
            let rounded = setting(channel, "rounded", (ofdm, used, 40e-9), SCHEMES[3], 4);
            let (_, moved) = grids_by(&rounded, (Fidelity::Waveform, WaveformPath::PerSample), trial);
            error += distance(&summed, &filtered);
            control += distance(&summed, &moved);
            power += signal_power(&experiment, &sums);
        }
        let db = |x: f64| 10.0 * (x / power).log10();
        println!("{channel}: {:.1} dB of at most {accuracy_db:.1} dB", db(error));
        assert!(db(error) <= accuracy_db, "{channel}: {:.1} dB", db(error));
        assert!(db(control) > accuracy_db + 20.0, "a control passes: {channel}: {:.1} dB", db(control));
    }
}

#[test]
fn over_moving_channels_they_differ_by_the_interference_between_subcarriers() {
    let clock = Instant::now();
    for speed_m_s in [10.0, 60.0] {
        let experiment = experiment(&format!(
            "[payload]\nsource = \"gaussian\"\ndevices = 20\nlength = {}\n\
             [channel]\nmodel = \"tdl-b\"\ndelay_spread_s = 100e-9\ndelays = \"rounded\"\nspeed_m_s = {speed_m_s:?}\n\
             [link]\nsnr_db = 30.0\n[scheme]\nkind = \"full-power\"\n",
            2 * 612
        ));
        let neglected = experiment.neglected_by_summing().unwrap().motion;
        let max_doppler_hz = speed_m_s * 3.5e9 / 299_792_458.0;
        assert!((neglected / inter_carrier_interference(max_doppler_hz, 1.0 / 30e3) - 1.0).abs() < 1e-9);
        let by = |path| {
            let mut context = TrialContext::new(&experiment, Fidelity::Waveform).unwrap().paired();
            context.path = path;
            context
        };
        let paths = [WaveformPath::SummedSpectra, WaveformPath::PerSample].map(by);
        let ratio = |trial| {
            let [(sums, summed), (_, filtered)] =
                paths.each_ref().map(|context| context.run_with_vectors(trial).unwrap());
            let (summed, filtered) = (summed.grids.unwrap(), filtered.grids.unwrap());
            let power = experiment.budget.power.iter().sum::<f64>() * sums.account.power_used_mean;
            distance(&summed, &filtered) / power / neglected
        };
        let ratios = Moments::of((0..200).map(ratio));
        println!("{speed_m_s} m/s: {:.4} of {neglected:.3e}", ratios.mean);
        // A band that is not filled to its edges hears about 1 % less.
        let spec = CheckSpec { alpha: 1e-6, detects: 0.1 };
        check_mean(&ratios, 1.0, spec).unwrap();
        assert!(check_mean(&ratios, 2.0, spec).is_err(), "twice the interference passes");
    }
    println!("{:.2} s", clock.elapsed().as_secs_f64());
}

/// Makes an experiment over TDL-C at 30 kHz with more lines.
fn chosen(channel: &str, more: &str) -> Result<Experiment, String> {
    let text = format!(
        "[payload]\nsource = \"gaussian\"\ndevices = 2\nlength = 1000\n\
         [channel]\nmodel = \"tdl-c\"\n{channel}\n[link]\nsnr_db = 10.0\n[scheme]\nkind = \"full-power\"\n{more}\n"
    );
    let node = Node::parse_toml(&text, Path::new("test.toml")).map_err(|e| e.to_string())?;
    Loader::default().load(&node).map_err(|e| e.to_string())
}

#[test]
fn spectra_are_summed_only_where_what_they_leave_out_is_small() {
    let path = |channel, more| chosen(channel, more).unwrap().waveform_path().unwrap();
    let still = "delay_spread_s = 100e-9";
    let summed = WaveformPath::SummedSpectra;
    assert_eq!(path(still, ""), summed);
    assert_eq!(path("delay_spread_s = 100e-9\nspeed_m_s = 0.8", ""), summed);
    assert_eq!(path(still, "[waveform]\npath = \"summed-spectra\""), summed);
    for (channel, more) in [
        ("delay_spread_s = 100e-9\nspeed_m_s = 3.0", ""),
        ("delay_spread_s = 1e-6", ""),
        (still, "[impairments]\ncfo_hz = 10.0"),
        (still, "[sync]\nmode = \"preamble\""),
        (still, "[waveform]\npath = \"per-sample\""),
    ] {
        assert_eq!(path(channel, more), WaveformPath::PerSample, "{channel} {more}");
    }
    let summed = "[waveform]\npath = \"summed-spectra\"";
    for (channel, more, expected) in [
        ("delay_spread_s = 100e-9\nspeed_m_s = 8.5655", "", "interference of -47.4 dB"),
        ("delay_spread_s = 1e-6", "", "between symbols of -"),
        (still, "[impairments]\ncfo_hz = 10.0", "[impairments]"),
    ] {
        let message = chosen(channel, &format!("{more}\n{summed}")).unwrap_err();
        assert!(message.contains("waveform.path") && message.contains(expected), "{message}");
    }
    assert!(chosen(still, "[waveform]\npath = \"fast\"").unwrap_err().contains("per-sample"));
}
