//! The layout of block error rates that Sionna SYS reads: BLERs of all block sizes of a scheme at common SNRs.

use super::curve::ErrorRateCurve;
use super::entry::BlerEntry;
use serde::Serialize;
use std::collections::BTreeMap;

/// The category of the schemes of TS 38.214 clause 5.1.3.1: those of the downlink's shared channel.
const DOWNLINK: u8 = 1;

#[derive(Default, Serialize)]
struct Category {
    index: BTreeMap<u8, Table>,
}

#[derive(Default, Serialize)]
struct Table {
    #[serde(rename = "MCS")]
    schemes: BTreeMap<u8, Scheme>,
}

#[derive(Default, Serialize)]
struct Scheme {
    #[serde(rename = "CBS")]
    sizes: BTreeMap<usize, Rates>,
    #[serde(rename = "SNR_db")]
    snr_db: Vec<f64>,
}

#[derive(Default, Serialize)]
struct Rates {
    #[serde(rename = "BLER")]
    bler: Vec<f64>,
}

/// Returns the value of the field `category`: the SNRs of all sizes of a scheme together, measured BLERs where there are any, and what
/// [`ErrorRateCurve`] says elsewhere.
pub(super) fn category(curves: &[&[BlerEntry]]) -> String {
    let mut category = Category::default();
    for curve in curves {
        let Some(first) = curve.first() else { continue };
        let scheme = category.index.entry(first.mcs_table).or_default().schemes.entry(first.mcs).or_default();
        scheme.snr_db.extend(curve.iter().map(|entry| entry.snr_db));
    }
    for scheme in category.index.values_mut().flat_map(|table| table.schemes.values_mut()) {
        scheme.snr_db.sort_by(f64::total_cmp);
        scheme.snr_db.dedup();
    }
    for curve in curves {
        let Some(first) = curve.first() else { continue };
        let points: Vec<(f64, f64, u64)> = curve.iter().map(|e| (e.snr_db, e.bler, e.blocks)).collect();
        let between = ErrorRateCurve::new(&points);
        let table = category.index.get_mut(&first.mcs_table).expect("it was made above");
        let scheme = table.schemes.get_mut(&first.mcs).expect("it was made above");
        let rate = |snr_db: &f64| {
            let measured = points.iter().find(|point| point.0 == *snr_db);
            measured.map_or_else(|| between.block_error_rate(*snr_db), |point| point.1)
        };
        let bler = scheme.snr_db.iter().map(rate).collect();
        scheme.sizes.insert(first.block_bits, Rates { bler });
    }
    serde_json::to_string(&BTreeMap::from([(DOWNLINK, category)])).expect("rates are plain data")
}
