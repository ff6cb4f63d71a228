//! Figure files and what is said about broken ones.

use std::path::{Path, PathBuf};

use airloop_plots::{Figure, Legend, PlotError, Scale, Table, Width, render};

fn written(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figure-files");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path
}

fn table() -> Table {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/two_curves.csv");
    Table::read(data).expect("a sample table")
}

fn message(name: &str, text: &str) -> String {
    let path = written(name, text);
    let drawn =
        Figure::from_file(&path).and_then(|figure| render(&figure, &table(), &path.with_extension("svg")));
    drawn.expect_err("a broken figure file").to_string()
}

#[test]
fn every_key_is_read() {
    let path = written(
        "full.toml",
        r#"
        table = "results"
        x = "airtime_s"
        y = ["nmse", "nmse_q90"]
        series = ["curve", "bandwidth_hz"]
        join = "curve"
        fidelity = ["symbol"]
        filter = { bandwidth_hz = 5e6, scheme.threshold = [0.1, 0.2] }
        x_scale = "log"
        y_scale = "db"
        x_label = "x"
        y_label = "y"
        title = "t"
        width = "ieee-2"
        height_mm = 60
        legend = "below"
        bands = false
        "#,
    );
    let figure = Figure::from_file(&path).expect("a figure");
    assert_eq!(figure.table, Some(path.with_file_name("results")));
    assert_eq!(figure.y, ["nmse", "nmse_q90"]);
    assert_eq!(figure.join, ["curve"]);
    assert_eq!(figure.filter["scheme.threshold"], ["0.1", "0.2"]);
    assert_eq!(figure.filter["bandwidth_hz"], ["5000000"]);
    assert_eq!((figure.x_scale, figure.y_scale), (Some(Scale::Log), Some(Scale::Db)));
    assert_eq!((figure.width, figure.legend), (Width::Ieee2, Legend::Below));
    assert_eq!((figure.height_mm, figure.bands), (Some(60.0), false));
}

#[test]
fn a_figure_file_is_drawn() {
    let path = written(
        "good.toml",
        "x = \"bandwidth_hz\"\ny = \"nmse\"\nfilter = { snr_db = [0, 10] }\ny_scale = \"db\"\nwidth = \"ieee-2\"",
    );
    let figure = Figure::from_file(&path).expect("a figure");
    let notes = render(&figure, &table(), &path.with_extension("svg")).expect("a drawing");
    assert_eq!(notes, []);
    let svg = std::fs::read_to_string(path.with_extension("svg")).expect("the drawing");
    assert!(svg.contains("Bandwidth (MHz)") && svg.contains("NMSE (dB)"));
    assert!(svg.contains("analog, truncated inversion, SNR 10 dB"));
}

#[test]
fn errors_name_file_key_and_the_nearest_right_one() {
    let column = message("column.toml", "x = \"snr_bd\"\ny = \"nmse\"");
    for part in ["column.toml", "`x` = \"snr_bd\"", "two_curves.csv", "nearest: `snr_db`"] {
        assert!(column.contains(part), "{column}");
    }
    let key = message("key.toml", "x = \"snr_db\"\ny = \"nmse\"\nserie = \"curve\"");
    for part in ["key.toml", "`serie`", "nearest: `series`", "x_scale"] {
        assert!(key.contains(part), "{key}");
    }
    let width = message("width.toml", "x = \"snr_db\"\ny = \"nmse\"\nwidth = \"ieee-3\"");
    for part in ["width.toml", "ieee-3", "ieee-1", "line 3"] {
        assert!(width.contains(part), "{width}");
    }
    let value = message("value.toml", "x = \"snr_db\"\ny = \"nmse\"\nfilter = { snr_db = 7 }");
    for part in ["filter.snr_db", "7", "-10, -5, 0"] {
        assert!(value.contains(part), "{value}");
    }
    let text = message("text.toml", "x = \"curve\"\ny = \"nmse\"");
    assert!(text.contains("line 2") && text.contains("`curve`"), "{text}");
    let units = message("units.toml", "x = \"snr_db\"\ny = [\"nmse\", \"airtime_s\"]");
    assert!(units.contains("different units"), "{units}");
}

#[test]
fn an_unknown_format_lists_the_known_ones() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a.gif");
    let error = render(&Figure::new("snr_db", "nmse"), &table(), &out).expect_err("no GIF");
    assert!(matches!(&error, PlotError::Format { extension, .. } if extension == "gif"));
    assert!(error.to_string().contains(".svg, .png"));
}
