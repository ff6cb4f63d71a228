//! A look as lines of text.

use super::look::{Channel, Look, listeners, plain, senders};
use airloop_hil::Clock;
use airloop_hil::ether::{Level, RadioMetrics};
use std::path::Path;

/// Columns of the table.
const COLUMNS: usize = 16;

/// Titles of columns, and when each goes: of those that are left, the highest number goes first.
const TITLES: [(&str, u8); COLUMNS] = [
    ("radio", 0),
    ("state", 1),
    ("port", 9),
    ("sent dB", 0),
    ("", 5),
    ("peak", 7),
    ("port", 9),
    ("heard dB", 0),
    ("", 5),
    ("peak", 7),
    ("full %", 8),
    ("behind", 2),
    ("under", 4),
    ("over", 4),
    ("lost", 6),
    ("late", 3),
];

/// Columns that begin at the left: names, states and bars.
const LEFT: [usize; 4] = [0, 1, 4, 8];

/// Level at which bars begin, and characters up to full scale.
const BAR_FROM_DB: f64 = -60.0;
const BAR_CHARACTERS: usize = 8;

/// Most characters of a name.
const NAME_CHARACTERS: usize = 20;

type Row = [String; COLUMNS];

/// Returns a look as lines, no longer than a terminal is wide.
pub fn lines(look: &Look<'_>, socket: &Path, width: Option<usize>) -> Vec<String> {
    let metrics = look.metrics;
    let clock = match metrics.clock {
        Clock::Lockstep => "in lockstep",
        Clock::Wall => "by the wall's clock",
    };
    let behind = metrics
        .behind_wall_s
        .map_or(String::new(), |behind_s| format!(", {behind_s:.3} s behind the wall's clock"));
    let ratio = look.air_over_wall.map_or(String::new(), |ratio| format!(", {ratio:.3} of the wall's clock"));
    let mut lines = vec![
        format!(
            "ether at {}, {} samples/s {clock}",
            plain(&socket.to_string_lossy()),
            metrics.sample_rate_hz
        ),
        format!("air at {:.6} s{ratio}{behind}", look.time_s),
        look.waits(),
    ];
    let rows: Vec<Row> = std::iter::once(TITLES.map(|(title, _)| title.into()))
        .chain(metrics.radios.iter().flat_map(|radio| rows(look, radio)))
        .chain(metrics.missing.iter().map(|name| named(name, "missing")))
        .collect();
    lines.extend(aligned(&rows, width.unwrap_or(usize::MAX)));
    lines.iter().map(|line| cut(line.trim_end(), width.unwrap_or(usize::MAX))).collect()
}

/// Returns the rows of a radio, one a channel.
fn rows(look: &Look<'_>, radio: &RadioMetrics) -> Vec<Row> {
    let (sent, heard) = (senders(radio), listeners(radio));
    let channels = 0..sent.len().max(heard.len()).max(1);
    let row = |channel: usize| {
        let mut row = if channel == 0 { named(&radio.name, look.state(radio)) } else { Row::default() };
        if let Some(sent) = sent.get(channel) {
            put_level(&mut row[2..6], sent);
        }
        if let Some(heard) = heard.get(channel) {
            put_level(&mut row[6..10], heard);
            row[10] = heard.level.map_or("-".into(), |level| percent(level.full_scale_share));
            row[11] = heard.behind.map_or("-".into(), |behind| behind.to_string());
        }
        if channel == 0 {
            let counts = [radio.underflows, radio.overflows, radio.lost_samples, radio.late_bursts];
            row[12..].iter_mut().zip(counts).for_each(|(cell, count)| *cell = count.to_string());
        }
        row
    };
    channels.map(row).collect()
}

fn named(name: &str, state: &str) -> Row {
    let mut row = Row::default();
    (row[0], row[1]) = (cut(&plain(name), NAME_CHARACTERS), state.into());
    row
}

/// Fills in port, mean power, bar and peak.
fn put_level(cells: &mut [String], channel: &Channel) {
    let level = channel.level;
    let peak = level.map_or("-".into(), |level| format!("{:.3}", level.peak));
    let bar = level.and_then(|level| level.mean_db()).map_or(String::new(), bar);
    cells.iter_mut().zip([channel.port.to_string(), db(level), bar, peak]).for_each(|(to, cell)| *to = cell);
}

/// Returns a level in decibels, or what it is instead.
pub fn db(level: Option<Level>) -> String {
    match (level, level.and_then(|level| level.mean_db())) {
        (None, _) => "-".into(),
        (_, Some(db)) => format!("{db:.1}"),
        (Some(level), _) if level.mean_power == 0.0 => "silent".into(),
        _ => "invalid".into(),
    }
}

/// Returns a share in per cent.
pub fn percent(share: f64) -> String {
    match 100.0 * share {
        0.0 => "0".into(),
        percent if percent < 0.1 => "<0.1".into(),
        percent => format!("{percent:.1}"),
    }
}

/// Returns a bar of eighths of characters.
fn bar(db: f64) -> String {
    let share = (1.0 - db / BAR_FROM_DB).clamp(0.0, 1.0);
    let eighths = (share * 8.0 * BAR_CHARACTERS as f64).round() as usize;
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    "█".repeat(eighths / 8) + part
}

/// Brings rows below each other, without the columns for which there is no room.
fn aligned(rows: &[Row], width: usize) -> Vec<String> {
    let widest = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..COLUMNS).map(widest).collect();
    let needs = |most: u8| -> usize {
        let kept = (0..COLUMNS).filter(|column| TITLES[*column].1 <= most && widths[*column] > 0);
        kept.map(|column| widths[column] + 1).sum::<usize>().saturating_sub(1)
    };
    let most = (0..=9).rev().find(|most| needs(*most) <= width).unwrap_or(0);
    let line = |row: &Row| {
        let kept = (0..COLUMNS).filter(|column| TITLES[*column].1 <= most && widths[*column] > 0);
        let cells = kept.map(|column| match LEFT.contains(&column) {
            true => format!("{:<width$}", row[column], width = widths[column]),
            false => format!("{:>width$}", row[column], width = widths[column]),
        });
        cells.collect::<Vec<_>>().join(" ")
    };
    rows.iter().map(line).collect()
}

/// Returns a text of so many characters at most.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.into();
    }
    text.chars().take(most.saturating_sub(1)).chain("…".chars()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_go_from_60_db_below_full_scale_to_full_scale() {
        let bars = [-61.0, -60.0, -30.0, -1.0, 0.0, 7.0].map(bar);
        assert_eq!(bars, ["", "", "████", "███████▉", "████████", "████████"]);
    }

    #[test]
    fn narrow_terminals_lose_columns_in_the_order_that_the_help_says() {
        let rows =
            [TITLES.map(|(title, _)| title.into()), std::array::from_fn(|column| format!("{column:02}"))];
        let kept = |width| {
            let line = aligned(&rows, width).remove(1);
            assert!(line.chars().count() <= width || width < 26, "{line}");
            line.split_whitespace().map(|cell| cell.parse().unwrap()).collect::<Vec<usize>>()
        };
        let mut gone = Vec::new();
        for width in (0..200).rev() {
            let kept = kept(width);
            let fresh = (0..COLUMNS).filter(|column| !kept.contains(column));
            let fresh: Vec<usize> = fresh.filter(|column| !gone.contains(column)).collect();
            gone.extend(fresh);
        }
        // Ports, full, peaks, lost, bars, under and over, late, behind, state: what is left names levels.
        assert_eq!(gone, [2, 6, 10, 5, 9, 14, 4, 8, 12, 13, 15, 11, 1]);
    }

    #[test]
    fn what_is_no_level_is_said() {
        let level = |mean_power| Some(Level { mean_power, ..Level::default() });
        let said = [None, level(0.0), level(0.5), level(f64::NAN)].map(db);
        assert_eq!(said, ["-", "silent", "-3.0", "invalid"]);
        assert_eq!([0.0, 0.0005, 0.5].map(percent), ["0", "<0.1", "50.0"]);
        assert_eq!(
            (cut("abcdef", 4), cut("abc", 3), cut("abc", 0)),
            ("abc…".into(), "abc".into(), String::new())
        );
    }
}
