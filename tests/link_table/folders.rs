//! Result folders of link tables: the same bytes however they came to be.

use super::setup::{SMALL, folder, plan, run, tree};
use airloop::coding::mcs::Mcs;
use airloop::effective_sinr::{BetaTable, Transmission, fit};
use airloop::experiment::Loader;
use airloop::link_table::{BlerTable, CSV_NAME, CurveReport, JSON_NAME};
use airloop::run::RunOptions;
use airloop::sweep::{Journal, RowReport, Shard, merge, table};
use serde_json::Value as Json;

const OVER: [&str; 2] = ["mcs.index=4,9", "mcs.block_bits=24,48"];

/// What makes curves short.
const FEW: &str = "table.step_db=1; table.lowest_bler=0.2; stop.block_errors=20; stop.max_trials=128";

#[test]
fn resumed_and_merged_tables_have_the_same_bytes() {
    let (plan, loader) = (plan(&[SMALL, FEW], &OVER), Loader::of_link_tables);
    let [whole, first, second, merged, resumed] =
        ["whole", "first", "second", "merged", "resumed"].map(|name| folder(&format!("bytes/{name}")));
    let part = |number| Some(Shard { number, count: 2 });
    run::<CurveReport>(&plan, &loader(), &whole, None);
    run::<CurveReport>(&plan, &loader(), &first, part(1));
    run::<CurveReport>(&plan, &loader(), &second, part(2));
    merge::<CurveReport>(&[second, first], &merged).unwrap();
    run::<CurveReport>(&plan, &loader(), &resumed, part(2));
    let half = std::fs::read(resumed.join(JSON_NAME)).unwrap();
    run::<CurveReport>(&plan, &loader(), &resumed, None);
    for name in [table::FILE_NAME, JSON_NAME, CSV_NAME] {
        let bytes = |dir: &std::path::Path| std::fs::read(dir.join(name)).unwrap();
        assert!(bytes(&whole) == bytes(&merged) && bytes(&whole) == bytes(&resumed), "{name}");
    }
    assert_ne!(half, std::fs::read(whole.join(JSON_NAME)).unwrap());
}

#[test]
fn rows_and_entries_hold_what_the_curves_measured() {
    let (plan, out) = (plan(&[SMALL, FEW], &OVER), folder("rows"));
    run::<CurveReport>(&plan, &Loader::of_link_tables(), &out, None);
    let (_, points) = Journal::<CurveReport>::read(&out).unwrap();
    let read = BlerTable::read(&out.join(JSON_NAME)).unwrap();
    assert_eq!(read, BlerTable::read(&out.join(CSV_NAME)).unwrap());
    let entries: Vec<_> = points.iter().flat_map(|point| point.report.entries()).collect();
    assert_eq!(read.entries(), entries);
    for point in points.iter().map(|point| &point.report) {
        let mcs = Mcs::new(point.mcs_table, point.mcs).unwrap();
        let snr_db = point.curve().sinr_of(0.3).unwrap();
        assert_eq!(read.curve(mcs, point.block_bits), Some(&point.curve()));
        assert!((read.block_error_rate(mcs, point.block_bits, snr_db).unwrap() - 0.3).abs() < 1e-9);
        assert!((read.sinr_db(mcs, point.block_bits, 0.3).unwrap() - snr_db).abs() < 1e-9);
        for entry in &point.points {
            let bler = read.block_error_rate(mcs, point.block_bits, entry.snr_db).unwrap();
            let half = 0.5 / entry.blocks as f64;
            assert!((bler - entry.bler.clamp(half, 1.0 - half)).abs() < 1e-9);
        }
    }
}

/// The fields of Sionna SYS: sizes ascending, each with as many rates as there are SNRs, measured ones unchanged.
#[test]
fn the_layout_of_sionna_holds_the_same_rates() {
    let (plan, out) = (plan(&[SMALL, FEW], &OVER), folder("sionna"));
    run::<CurveReport>(&plan, &Loader::of_link_tables(), &out, None);
    let text = std::fs::read_to_string(out.join(JSON_NAME)).unwrap();
    assert!(text.find("\"24\":").unwrap() < text.find("\"48\":").unwrap());
    let json: Json = serde_json::from_str(&text).unwrap();
    let table = BlerTable::read(&out.join(JSON_NAME)).unwrap();
    let schemes = &json["category"]["1"]["index"]["1"]["MCS"];
    let mut compared = 0;
    for (mcs, bits) in [(4, 24), (4, 48), (9, 24), (9, 48)] {
        let scheme = &schemes[mcs.to_string()];
        let snrs: Vec<f64> =
            scheme["SNR_db"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        assert!(snrs.windows(2).all(|pair| pair[0] < pair[1]));
        let rates = scheme["CBS"][bits.to_string()]["BLER"].as_array().unwrap();
        assert_eq!(rates.len(), snrs.len());
        let mine = |e: &&airloop::link_table::BlerEntry| usize::from(e.mcs) == mcs && e.block_bits == bits;
        for (snr_db, rate) in snrs.iter().zip(rates) {
            let measured = table.entries().iter().filter(mine).find(|entry| entry.snr_db == *snr_db);
            let looked_up = table.block_error_rate(Mcs::new(1, mcs as u8).unwrap(), bits, *snr_db).unwrap();
            assert_eq!(rate.as_f64().unwrap(), measured.map_or(looked_up, |entry| entry.bler));
            compared += usize::from(measured.is_some());
        }
    }
    assert_eq!(compared, table.entries().len());
}

/// What is fitted is that of the library, with the parameters of the largest blocks in a file of their own.
#[test]
fn maps_are_fitted_for_each_curve_and_written_beside() {
    let few = "effective_sinr.realisations=3; effective_sinr.fresh_realisations=2; effective_sinr.accuracy_db=0.4; \
               effective_sinr.profiles=[\"tdl-a\"]; effective_sinr.delay_spreads_s=[1e-6]";
    let over = ["mcs.index=0,1", "mcs.block_bits=24,96"];
    let (plan, out) = (plan(&[SMALL, FEW, few], &over), folder("maps"));
    run::<CurveReport>(&plan, &Loader::of_link_tables(), &out, None);
    let text = std::fs::read_to_string(out.join("eesm-betas.json")).unwrap();
    let betas = BetaTable::from_json(&text).unwrap();
    let (_, points) = Journal::<CurveReport>::read(&out).unwrap();
    assert_eq!(points.len(), 4);
    for report in points.iter().map(|point| &point.report) {
        let experiment = Loader::of_link_tables()
            .load(&tree(&[
                SMALL,
                FEW,
                few,
                &format!("mcs.index={}; mcs.block_bits={}", report.mcs, report.block_bits),
            ]))
            .unwrap();
        let scheme = Mcs::new(1, report.mcs).unwrap();
        let block = Transmission::of_mcs(scheme, report.block_bits).unwrap();
        let config = experiment.effective_sinr.as_ref().unwrap();
        let expected = fit(config, &block, experiment.seeds, &RunOptions::default()).unwrap();
        assert_eq!(report.effective_sinr.as_ref(), Some(&expected));
        assert_eq!((expected.realisations, expected.fresh.unwrap().realisations), (3, 2));
        let written = betas.beta(1, report.mcs) == Some(expected.exponential.beta);
        assert_eq!(written, report.block_bits == 96, "{}", report.block_bits);
        let cells: Vec<(String, String)> =
            CurveReport::measured().into_iter().zip(report.measured_cells()).collect();
        let cell = |name: &str| &cells.iter().find(|cell| cell.0 == name).unwrap().1;
        assert_eq!(cell("exponential_beta"), &table::number(expected.exponential.beta));
        assert!(!cell("mutual_information_error_q95_db").is_empty());
    }
}
