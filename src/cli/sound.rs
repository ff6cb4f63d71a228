//! `airloop sound`.

use super::args::SoundArgs;
use super::failure::Failure;
use super::print::short;
use super::{load, output};
use airloop::channel_sounder::{COLUMNS, SoundConfig, SoundFigure, SoundReport, sound as sound_link};
use airloop::config::overrides;
use airloop::experiment::Loader;
use airloop_plots::{Figure, PlotError, Scale, Table, render};
use std::path::Path;
use std::str::FromStr;

/// Name of the table in a folder of results.
const TABLE: &str = "sound.csv";

/// Curves that are drawn, with the titles of both axes; decibels along y where the last says so.
const FIGURES: [(&str, &str, &str, bool); 4] = [
    ("delay-profile", "delay_s", "Power (dB)", true),
    ("frequency-correlation", "frequency_spacing_hz", "Magnitude of the correlation", false),
    ("time-correlation", "time_lag_s", "Real part of the correlation", false),
    ("doppler-spectrum", "doppler_shift_hz", "Power density (dB re 1/Hz)", true),
];

/// Sounds a link of an experiment.
///
/// # Errors
/// When the experiment or a flag is wrong, the channel cannot be sounded, or files cannot be written.
pub fn sound(args: &SoundArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let config = SoundConfig {
        fidelity: load::fidelity(&args.fidelity)?,
        device: number("--device", &args.device, "a device's number from 0 on")?,
        draws: optional("--draws", args.draws.as_deref(), "a number from 1 to 1000000")?,
        snr_db: optional("--snr-db", args.snr_db.as_deref(), "a number from -100 to 200 dB")?,
    };
    let mut root = load::single(&args.file, &args.changes)?;
    if let Some(text) = &args.seed {
        let expected = "a whole number from 0 to 9223372036854775807 is expected";
        // Whole numbers of experiment files have a sign.
        let seed = text.parse::<i64>().ok().filter(|seed| *seed >= 0);
        let seed = seed.ok_or_else(|| Failure::bad_input(format!("--seed {text}: {expected}")))?;
        let (path, value) = overrides::parse_set(&format!("seed={seed}"))?;
        root.set(&path, value)?;
    }
    let experiment = Loader::default().load(&root)?;
    if let Some(dir) = &args.out {
        output::folder(dir)?;
    }
    let report = sound_link(&experiment, &config)?;
    if args.changes.strict
        && let Some(warning) = report.warnings.first()
    {
        return Err(Failure::bad_input(format!("{warning} (an error because of --strict)")));
    }
    if let Some(dir) = &args.out {
        write(&report, dir)?;
    }
    output::line(if args.json { serde_json::to_string_pretty(&report)? } else { table(&report) })
}

fn number<T: FromStr>(flag: &str, text: &str, expected: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::bad_input(format!("{flag} {text}: {expected} is expected")))
}

fn optional<T: FromStr>(flag: &str, text: Option<&str>, expected: &str) -> Result<Option<T>, Failure> {
    text.map(|text| number(flag, text, expected)).transpose()
}

/// Writes the table and its figures.
fn write(report: &SoundReport, dir: &Path) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::bad_input(format!("--out {}: {e}", dir.display()));
    let lines = report.rows().into_iter().map(|row| row.cells().join(","));
    let text: String = std::iter::once(COLUMNS.join(",")).chain(lines).map(|line| line + "\n").collect();
    let path = dir.join(TABLE);
    std::fs::write(&path, text).map_err(failed)?;
    output::note(format!("wrote {}", path.display()));
    draw(report, &Table::read(&path)?, dir)
}

/// Draws the curves that there are.
fn draw(report: &SoundReport, table: &Table, dir: &Path) -> Result<(), Failure> {
    let curves = |kind: &str| report.curves.iter().any(|curve| curve.kind == kind);
    for (kind, x, y_label, decibels) in FIGURES.into_iter().filter(|figure| curves(figure.0)) {
        let mut figure = Figure::new(x, "value");
        let paths = (kind == "delay-profile" && !report.paths.is_empty()).then_some("path");
        let kinds = std::iter::once(kind).chain(paths).map(String::from).collect();
        figure.filter.insert("kind".into(), kinds);
        figure.series = vec!["kind".into()];
        figure.join = vec!["piece".into()];
        figure.title = Some("theory: truth through the window".into());
        figure.x_scale = Some(Scale::Linear);
        figure.y_scale = Some(if decibels { Scale::Db } else { Scale::Linear });
        figure.y_label = Some(y_label.into());
        // A band would join what lies either side of delays at which nothing is heard.
        figure.bands = kind != "delay-profile";
        for ending in ["svg", "png"] {
            let path = dir.join(format!("{kind}.{ending}"));
            match render(&figure, table, &path) {
                Ok(notes) => {
                    notes.iter().for_each(|note| output::note(format!("{}: {note}", path.display())));
                    output::note(format!("drew {}", path.display()));
                }
                Err(error @ PlotError::NothingToDraw { .. }) => {
                    output::note(format!("no {}: {error}", path.display()));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Returns a report as lines and aligned columns.
fn table(report: &SoundReport) -> String {
    let moving = match report.doppler_resolution_hz {
        Some(resolution_hz) => format!(
            "{} soundings a draw, one every {} s: Doppler resolution {} Hz",
            report.soundings,
            short(report.sounding_interval_s),
            short(resolution_hz)
        ),
        None => "static: no Doppler spectrum, no coherence time".into(),
    };
    let mut out = vec![
        format!(
            "{} at {}, link of device {}, {} draws, {} dB",
            report.model,
            report.fidelity,
            report.device,
            report.draws,
            short(report.snr_db)
        ),
        format!(
            "  band {} Hz: delay resolution {} s",
            short(report.bandwidth_hz),
            short(report.delay_resolution_s)
        ),
        format!("  {moving}"),
        "  (windowed: the truth through the same band and Hann windows, with which measurements agree)"
            .into(),
    ];
    let heads = ["", "measured", "95 % low", "95 % high", "truth", "windowed"].map(String::from);
    let rows: Vec<[String; 6]> = std::iter::once(heads).chain(report.figures.iter().map(row)).collect();
    let mut widths = [0; 6];
    for row in &rows {
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = (*width).max(cell.chars().count()));
    }
    for [name, rest @ ..] in &rows {
        let cells: Vec<String> =
            rest.iter().zip(&widths[1..]).map(|(cell, width)| format!("{cell:>width$}")).collect();
        out.push(format!("  {name:<width$}  {}", cells.join("  "), width = widths[0]));
    }
    out.extend(report.warnings.iter().map(|warning| format!("  warning: {warning}")));
    out.join("\n")
}

fn row(figure: &SoundFigure) -> [String; 6] {
    let number = |value: Option<f64>| value.map_or("-".into(), short);
    let measured = match (figure.measured, figure.reach) {
        (None, Some(reach)) => format!("above {}", short(reach)),
        (value, _) => number(value),
    };
    let high = match (figure.low, figure.high, figure.reach) {
        (Some(_), None, Some(reach)) => format!("above {}", short(reach)),
        (_, value, _) => number(value),
    };
    let truth = match figure.truth {
        None if figure.truth_is_infinite => "infinite".into(),
        value => number(value),
    };
    let cells = [measured, number(figure.low), high, truth, number(figure.truth_windowed)];
    let [measured, low, high, truth, windowed] = cells;
    [figure.name.into(), measured, low, high, truth, windowed]
}
