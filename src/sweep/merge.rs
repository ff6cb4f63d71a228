//! Bringing shards together.

use super::journal::{Header, Journal, PointRecord, canonical};
use super::table::number;
use super::{RowReport, Rows, SweepError, write_table};
use serde_json::Value as Json;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Merges the journals of several folders into one folder, and writes its table.
///
/// # Errors
/// When a folder has no journal, holds another experiment, or the output cannot be written.
pub fn merge<R: RowReport>(folders: &[PathBuf], out: &Path) -> Result<(usize, usize), SweepError> {
    let mut read = Vec::new();
    for folder in folders {
        read.push((folder, Journal::<R>::read(folder)?));
    }
    let Some((_, (first, _))) = read.first() else { return Ok((0, 0)) };
    let mut header = first.clone();
    for (folder, (other, _)) in &read {
        compatible(folder, other, &header)?;
        same_stop(folder, other, &header)?;
        header = union(&header, other);
    }
    let mut journal = Journal::<R>::open(out)?;
    if let Some(there) = &journal.header {
        compatible(out, there, &header)?;
        same_stop(out, there, &header)?;
        header = union(there, &header);
    }
    journal.begin(&header)?;
    let mut known: HashSet<String> = journal.points.iter().map(PointRecord::key).collect();
    for point in read.into_iter().flat_map(|(_, (_, points))| points) {
        if known.insert(point.key()) {
            journal.push(point)?;
        }
    }
    let rows = Rows::new(&header, &journal.points);
    write_table(out, &rows)?;
    Ok((rows.points().len(), rows.planned))
}

/// Checks that two folders stop by the same rule: one table holds points of one rule.
fn same_stop(path: &Path, there: &Header, here: &Header) -> Result<(), SweepError> {
    if there.stop == here.stop {
        return Ok(());
    }
    let (path, key) = (path.to_path_buf(), "stop".into());
    Err(SweepError::OtherExperiment { path, key, there: there.stop.clone(), here: here.stop.clone() })
}

/// Checks that two headers speak of the same base experiment; names the first key that differs.
///
/// # Errors
/// When they do not.
pub fn compatible(path: &Path, there: &Header, here: &Header) -> Result<(), SweepError> {
    let other = |key: &str, there: String, here: String| SweepError::OtherExperiment {
        path: path.to_path_buf(),
        key: key.to_string(),
        there,
        here,
    };
    let axis = |key: &str| there.axes.iter().chain(&here.axes).any(|a| a.0 == key);
    let file = axis("payload.path") || axis("payload.tensor");
    let swept = |key: &str| axis(key) || (file && key == "payload.content_sha256");
    let text = |value: Option<&Json>| value.map_or("its default".to_string(), plain);
    if there.stream_layout != here.stream_layout {
        return Err(other("stream layout", there.stream_layout.to_string(), here.stream_layout.to_string()));
    }
    let mut shared = false;
    for (label, keys) in &here.curves {
        let Some((_, there_keys)) = there.curves.iter().find(|c| c.0 == *label) else { continue };
        shared = true;
        let mut names: Vec<&String> = keys.iter().chain(there_keys).map(|k| &k.0).collect();
        names.sort();
        names.dedup();
        for name in names.into_iter().filter(|n| !swept(n)) {
            let find = |keys: &[(String, Json)]| keys.iter().find(|k| k.0 == *name).map(|k| canonical(&k.1));
            let (a, b) = (find(there_keys), find(keys));
            if a != b {
                return Err(other(name, text(a.as_ref()), text(b.as_ref())));
            }
        }
    }
    if !shared {
        let labels =
            |h: &Header| h.curves.iter().map(|c| format!("\"{}\"", c.0)).collect::<Vec<_>>().join(", ");
        return Err(other("curve", labels(there), labels(here)));
    }
    Ok(())
}

/// Returns a value as a person would write it.
fn plain(value: &Json) -> String {
    value.as_f64().map_or_else(|| value.to_string(), number)
}

/// Returns a header with the values, curves and rungs of both, in order of first appearance.
fn union(a: &Header, b: &Header) -> Header {
    let mut header = a.clone();
    for (path, values) in &b.axes {
        match header.axes.iter_mut().find(|axis| axis.0 == *path) {
            Some((_, known)) => {
                let new: Vec<Json> = values
                    .iter()
                    .filter(|v| !known.iter().any(|k| canonical(k) == canonical(v)))
                    .cloned()
                    .collect();
                known.extend(new);
            }
            None => header.axes.push((path.clone(), values.clone())),
        }
    }
    for curve in &b.curves {
        if !header.curves.iter().any(|c| c.0 == curve.0) {
            header.curves.push(curve.clone());
        }
    }
    for fidelity in &b.fidelities {
        if !header.fidelities.contains(fidelity) {
            header.fidelities.push(*fidelity);
        }
    }
    header
}
