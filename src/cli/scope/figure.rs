//! Levels and counts of a look as a figure.

use super::look::{Channel, Look, listeners, plain, senders};
use super::table::{db, percent};
use crate::cli::failure::Failure;
use crate::cli::output;
use airloop_hil::ether::RadioMetrics;
use airloop_plots::{Table, Waterfall, Width, render_waterfall};
use std::path::Path;

/// Columns of the table.
const COLUMNS: [&str; 13] = [
    "channel",
    "state",
    "mean_power",
    "peak",
    "full_scale_share",
    "behind_samples",
    "underflows",
    "overflows",
    "lost_samples",
    "late_bursts",
    "floor_db",
    "bar_db",
    "label",
];

/// Where bars begin if there is no level.
const FLOOR_DB: f64 = -60.0;

/// A bar of the figure.
struct Bar<'a> {
    channel: String,
    state: &'static str,
    of: Channel,
    /// The radio, with its first bar.
    radio: Option<&'a RadioMetrics>,
}

/// Checks the name of a file before it is needed.
///
/// # Errors
/// When it does not end as that of a picture does.
pub fn check(path: &Path) -> Result<(), Failure> {
    let is_png = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    let words = || format!("--png {}: a name that ends in .png is expected", path.display());
    is_png.then_some(()).ok_or_else(|| Failure::bad_input(words()))
}

/// Draws a look, and writes its table beside the figure.
///
/// # Errors
/// When there is no radio, or a file cannot be written.
pub fn draw(look: &Look<'_>, path: &Path) -> Result<(), Failure> {
    let failed = |reason: String| Failure::bad_input(format!("--png {}: {reason}", path.display()));
    let bars = bars(look);
    if bars.is_empty() {
        return Err(failed("no radio is in the ether, and none is missing".into()));
    }
    let floor = floor_db(&bars);
    let rows = bars.iter().map(|bar| bar.cells(floor).map(|cell| quoted(&cell)).join(","));
    let text: String = std::iter::once(COLUMNS.join(",")).chain(rows).map(|row| row + "\n").collect();
    let table = path.with_extension("csv");
    std::fs::write(&table, text).map_err(|error| failed(format!("{}: {error}", table.display())))?;
    let mut figure = Waterfall::new("channel", "floor_db", "bar_db");
    figure.label = Some("label".into());
    figure.title =
        format!("Mean power of 20 ms (dB re full scale), the air at {:.6} s", look.time_s).replace('-', "−");
    figure.width = Width::Ieee2;
    render_waterfall(&figure, &Table::read(&table)?, path)?;
    output::note(format!("drew {} of {}", path.display(), table.display()));
    Ok(())
}

fn bars<'a>(look: &Look<'a>) -> Vec<Bar<'a>> {
    let of_radio = |radio: &'a RadioMetrics| {
        let sent = senders(radio).into_iter().map(|of| ("sends at", of));
        let heard = listeners(radio).into_iter().map(|of| ("hears at", of));
        let state = look.state(radio);
        let bar = move |(number, (does, of)): (usize, (&str, Channel))| Bar {
            channel: format!("{} {does} {}", plain(&radio.name), of.port),
            state,
            of,
            radio: (number == 0).then_some(radio),
        };
        sent.chain(heard).enumerate().map(bar).collect::<Vec<_>>()
    };
    let missing =
        |name: &String| Bar { channel: plain(name), state: "missing", of: Channel::default(), radio: None };
    let metrics = look.metrics;
    metrics.radios.iter().flat_map(of_radio).chain(metrics.missing.iter().map(missing)).collect()
}

/// Returns the tens of decibels below all levels, at most 0.
fn floor_db(bars: &[Bar<'_>]) -> f64 {
    let levels = bars.iter().filter_map(|bar| bar.of.level?.mean_db());
    let least = levels.reduce(f64::min).unwrap_or(FLOOR_DB + 10.0);
    (10.0 * ((least - 1.0) / 10.0).floor()).min(0.0)
}

impl Bar<'_> {
    fn cells(&self, floor_db: f64) -> [String; 13] {
        let of = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let count = |of: fn(&RadioMetrics) -> u64| self.radio.map_or(String::new(), |r| of(r).to_string());
        let level = self.of.level;
        [
            self.channel.clone(),
            self.state.into(),
            of(level.map(|level| level.mean_power)),
            of(level.map(|level| level.peak)),
            of(level.map(|level| level.full_scale_share)),
            self.of.behind.map_or(String::new(), |behind| behind.to_string()),
            count(|radio| radio.underflows),
            count(|radio| radio.overflows),
            count(|radio| radio.lost_samples),
            count(|radio| radio.late_bursts),
            floor_db.to_string(),
            level.and_then(|level| level.mean_db()).unwrap_or(floor_db).to_string(),
            self.label(),
        ]
    }

    /// Says what the bar does not show.
    fn label(&self) -> String {
        let unit = |text: String| {
            if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) { text + " dB" } else { text }
        };
        let mut parts = match self.of.level {
            None => vec![self.state.to_string()],
            Some(level) => vec![unit(db(Some(level))), format!("peak {:.3}", level.peak)],
        };
        parts.extend(self.of.behind.map(|behind| format!("{behind} behind")));
        let share = self.of.level.map_or(0.0, |level| level.full_scale_share);
        parts.extend((share > 0.0).then(|| format!("{} % full", percent(share))));
        let counts = self.radio.into_iter().flat_map(|radio| {
            [
                (radio.underflows, "underflows"),
                (radio.overflows, "overflows"),
                (radio.lost_samples, "lost"),
                (radio.late_bursts, "late"),
            ]
        });
        parts.extend(counts.filter(|(count, _)| *count > 0).map(|(count, of)| format!("{count} {of}")));
        parts.join(", ")
    }
}

/// Returns a cell of a comma-separated table.
fn quoted(text: &str) -> String {
    match text.contains([',', '"']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.into(),
    }
}
