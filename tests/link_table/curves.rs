//! Curves as walks of ordinary links.

use super::setup::{SMALL, curve, plan, refusal, tree};
use airloop::coding::rates::{Metric, NormalApproximation, Signal};
use airloop::config::overrides::parse_set;
use airloop::experiment::Loader;
use airloop::link::LinkReport;
use airloop::link_table::{CurveReport, check_plan};
use airloop::report::Fidelity;
use airloop::sweep::RowReport;

#[test]
fn every_point_is_the_link_at_its_snr() {
    let report = curve(&[SMALL]);
    assert!(report.points.len() >= 6, "{report:?}");
    for point in &report.points {
        let mut file = tree(&[SMALL]);
        let (path, value) = parse_set(&format!("link.snr_db={}", point.snr_db)).unwrap();
        file.set(&path, value).unwrap();
        let link = Loader::of_links().load(&file).unwrap();
        let measured = LinkReport::run(&link, Fidelity::Symbol, &Default::default()).unwrap();
        assert_eq!(point.experiment_id, measured.experiment_id);
        assert_ne!(point.experiment_id, report.experiment_id);
        let bler = measured.figures.bler.unwrap();
        assert_eq!(
            (Some(point.bler), Some(point.bler_low), Some(point.bler_high)),
            (bler.mean, bler.low, bler.high)
        );
        assert_eq!((point.blocks, point.block_errors), (measured.blocks, measured.block_errors));
        assert_eq!((measured.mcs, measured.block_bits), (Some(4), Some(24)));
    }
    let ids: std::collections::HashSet<&String> =
        report.points.iter().map(|point| &point.experiment_id).collect();
    assert_eq!(ids.len(), report.points.len());
}

#[test]
fn a_curve_spans_the_rates_asked_for() {
    let report = curve(&[SMALL]);
    let rates: Vec<f64> = report.points.iter().map(|point| point.bler).collect();
    let (first, last) = (rates[0], rates[rates.len() - 1]);
    assert!(first > 0.95 && last < 0.05 && report.stop_reason == "lowest-bler", "{rates:?}");
    assert!(
        rates[1..].iter().all(|rate| *rate <= 0.95)
            && rates[..rates.len() - 1].iter().all(|rate| *rate >= 0.05)
    );
    assert!(report.points.windows(2).all(|pair| pair[1].snr_db - pair[0].snr_db == report.step_db));
    let cut = curve(&[SMALL, "table.step_db=0.5; table.highest_snr_db=-0.3; table.lowest_bler=1e-6"]);
    assert_eq!((cut.step_db, cut.points.last().unwrap().snr_db), (0.5, -0.5));
    assert_eq!((cut.stop_reason.as_str(), cut.thresholds[1].snr_db), ("highest-snr", None));
}

/// No code is better than the best, and none of the standard's far worse; half the blocks' bits, as if the rate were another, are seen.
#[test]
fn gaps_to_the_best_codes_are_positive_and_small() {
    for (mcs, bits) in [(0, 48), (9, 200), (15, 128), (20, 200), (28, 400)] {
        let few = "stop.block_errors=50; stop.max_trials=512";
        let report = curve(&[SMALL, few, &format!("mcs.index={mcs}; mcs.block_bits={bits}")]);
        let threshold = report.thresholds[0];
        let gap_db = threshold.gap_db().unwrap();
        println!("mcs {mcs}, {bits} bits: {gap_db:.2} dB from the normal approximation at a BLER of 0.1");
        assert!((0.0..3.0).contains(&gap_db), "{mcs} {bits}: {gap_db}");
        assert!(report.points.len() >= 5, "{report:?}");
        // The formula itself, at the SNR that the row tells.
        let modulation = report.modulation.parse().unwrap();
        let symbols = (report.coded_bits / airloop::coding::Modulation::bits_per_symbol(modulation)) as u64;
        let snr = 10f64.powf(threshold.normal_approximation_db.unwrap() / 10.0);
        let formula =
            NormalApproximation::new(Signal::Constellation(modulation, Metric::Bitwise), snr, symbols);
        assert!((formula.block_error_rate(bits as f64) - 0.1).abs() < 1e-6);
        assert!((formula.block_error_rate(0.5 * bits as f64) - 0.1).abs() > 1e-3);
    }
}

#[test]
fn a_fading_channel_has_a_curve_and_no_formula() {
    let report = curve(&[
        SMALL,
        "channel.model=rayleigh; stop.block_errors=20; stop.max_trials=128; table.lowest_bler=0.1; table.step_db=1",
    ]);
    assert!(report.thresholds[0].snr_db.is_some() && report.thresholds[0].normal_approximation_db.is_none());
    // Fading keeps errors where noise alone has none any more.
    assert!(report.points.last().unwrap().snr_db > curve(&[SMALL]).points.last().unwrap().snr_db + 3.0);
}

#[test]
fn ids_of_curves_know_the_table_and_ids_of_links_do_not() {
    let load = |loader: Loader, settings: &[&str]| loader.load(&tree(settings)).unwrap().id;
    let of_curve = |more: &str| load(Loader::of_link_tables(), &[SMALL, more]);
    let of_link = |more: &str| load(Loader::of_links(), &[SMALL, "link.snr_db=1", more]);
    assert_ne!(of_curve(""), of_curve("table.lowest_bler=0.04"));
    assert_eq!(of_curve(""), of_curve("link.snr_db=7"));
    assert_eq!(of_link(""), of_link("table.lowest_bler=0.04"));
    assert_ne!(of_link(""), of_link("mcs.block_bits=25"));
}

#[test]
fn bad_tables_are_refused() {
    for (settings, parts) in [
        ("mcs.block_bits=8449; mcs.index=9", ["mcs.block_bits", "12 to 8448"]),
        ("mcs.block_bits=3841; mcs.index=2", ["mcs.block_bits", "12 to 3840"]),
        ("mcs.block_bits=11", ["mcs.block_bits", "from 12"]),
        ("mcs.index=adaptive", ["mcs.block_bits", "adaptive"]),
        ("mcs.index=29", ["mcs.index", "0 to 28"]),
        ("code.k=24", ["code.k", "[mcs]"]),
        ("payload.devices=2", ["payload.devices", "1 device"]),
        ("link.eb_n0_db=3", ["link.eb_n0_db", "leave it out"]),
        ("link.snr_db_per_device=[1]", ["link.snr_db_per_device", "leave it out"]),
        ("table.lowest_bler=0", ["table.lowest_bler", "0.5"]),
        ("table.highest_bler=0.2; table.lowest_bler=0.3", ["table.highest_bler", "table.lowest_bler"]),
        ("table.lowest=0.1", ["table.lowest", "lowest_bler"]),
        ("harq.transmissions=2", ["harq", "block_bits"]),
    ] {
        let message = refusal(&[SMALL, settings]);
        assert!(parts.iter().all(|part| message.contains(part)), "{settings}: {message}");
    }
    let mut whole = tree(&[SMALL]);
    whole.take("mcs.block_bits");
    let message = Loader::of_link_tables().load(&whole).unwrap_err().to_string();
    assert!(message.contains("mcs.block_bits") && message.contains("missing"), "{message}");
    let aggregation = "payload.source=gaussian; payload.devices=2; payload.length=9; channel.model=awgn; link.snr_db=1; \
                       scheme.kind=full-power; table.lowest_bler=0.1";
    let message = Loader::default().load(&tree(&[aggregation])).unwrap_err().to_string();
    assert!(message.contains("table") && message.contains("link-table"), "{message}");
}

#[test]
fn other_sweeps_and_rungs_are_refused() {
    check_plan(&plan(&[SMALL], &["mcs.index=1,2", "mcs.block_bits=24,48", "mcs.table=1,2"])).unwrap();
    let refused = |over: &str| check_plan(&plan(&[SMALL], &[over])).unwrap_err().to_string();
    assert!(refused("link.snr_db=1,2").contains("leave it out"));
    assert!(refused("channel.model=awgn,rayleigh").contains("mcs.block_bits"));
    let mut rungs = plan(&[SMALL], &[]);
    rungs.set_fidelities(vec![Fidelity::Symbol, Fidelity::Waveform]);
    assert!(check_plan(&rungs).unwrap_err().to_string().contains("of one"));
    let experiment = Loader::of_link_tables().load(&tree(&[SMALL])).unwrap();
    let theory = CurveReport::check(&experiment, Fidelity::Theory).unwrap_err().to_string();
    assert!(theory.contains("no formula") && theory.contains("theory"), "{theory}");
    CurveReport::check(&experiment, Fidelity::Waveform).unwrap();
    let link = Loader::of_links().load(&tree(&[SMALL, "link.snr_db=1"])).unwrap();
    CurveReport::check(&link, Fidelity::Symbol).unwrap_err();
}

#[test]
fn a_curve_that_never_comes_down_says_so() {
    let experiment = Loader::of_link_tables().load(&tree(&[SMALL, "table.highest_snr_db=-20"])).unwrap();
    let error = CurveReport::run(&experiment, Fidelity::Symbol, &Default::default()).unwrap_err().to_string();
    assert!(error.contains("-20") && error.contains("table.highest_snr_db"), "{error}");
}
