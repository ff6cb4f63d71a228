//! Whole figures through the public functions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use airloop_plots::{Figure, Note, PlotError, Scale, Table, default_figures, render};
use base64::Engine;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn table(name: &str) -> Table {
    Table::read(data(name)).expect("a sample table")
}

/// A folder of its own for one test, emptied first.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

fn drawn(figure: &Figure, table: &Table, out: &Path) -> Vec<u8> {
    render(figure, table, out).expect("a figure");
    std::fs::read(out).expect("the file")
}

#[test]
fn equal_tables_give_equal_bytes_in_every_format() {
    let out = folder("equal");
    let formats: &[&str] =
        if cfg!(feature = "pdf") { &["svg", "png", "tex", "pdf"] } else { &["svg", "png", "tex"] };
    for (name, figure) in default_figures(&table("two_curves.csv"), Some("snr_db")) {
        for format in formats {
            let file = out.join(format!("{name}.{format}"));
            let first = drawn(&figure, &table("two_curves.csv"), &file);
            assert_eq!(first, drawn(&figure, &table("two_curves.csv"), &file));
            assert!(first.len() > 1000);
        }
    }
}

#[test]
fn svg_is_well_formed_with_its_font_and_fine_coordinates() {
    let mut figure = Figure::new("snr_db", "nmse");
    figure.title = Some("a < b & \"c\" \u{1}".into());
    let bytes = drawn(&figure, &table("two_curves.csv"), &folder("svg").join("a.svg"));
    let text = String::from_utf8(bytes).expect("UTF-8");
    let document = roxmltree::Document::parse(&text).expect("well-formed XML");
    let root = document.root_element();
    assert_eq!(root.attribute("width"), Some("88.90mm"));
    let size: Vec<f64> = root
        .attribute("viewBox")
        .expect("a view box")
        .split(' ')
        .map(|n| n.parse().expect("a number"))
        .collect();
    assert!(size[2] >= 10.0 * 88.9 / 25.4 * 72.0, "ten units a point");
    let style = document.descendants().find(|n| n.has_tag_name("style"));
    let style = style.and_then(|n| n.text()).expect("a style");
    let font = style.split_once("base64,").expect("a font").1;
    let font = font.split_once(')').expect("an end").0;
    let font = base64::engine::general_purpose::STANDARD.decode(font).expect("base64");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fonts/DejaVuSans-subset.ttf");
    assert_eq!(font, std::fs::read(file).expect("the font"));
    assert!(document.descendants().any(|n| n.text().is_some_and(|t| t.contains("a < b & \"c\""))));
    let mut lines = document.descendants().filter(|n| n.has_tag_name("polyline"));
    assert!(lines.any(|n| n.attribute("stroke-width") == Some("20")), "theory lines of 1 pt");
}

#[test]
fn png_has_the_printed_size_at_300_dpi() {
    let bytes = drawn(&Figure::new("snr_db", "nmse"), &table("one_band.csv"), &folder("png").join("a.png"));
    let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
    assert_eq!(reader.info().width, 1050);
    let dims = reader.info().pixel_dims.expect("a resolution");
    assert_eq!(dims.xppu, 11811);
}

#[test]
fn tex_reads_the_plotted_points_from_a_file_beside_it() {
    let out = folder("tex").join("null.tex");
    let source = drawn(&Figure::new("snr_db", "nmse"), &table("null_mean.csv"), &out);
    let source = String::from_utf8(source).expect("UTF-8");
    assert!(source.contains("{threshold 0.5 \\% \\& more\\_x}"));
    assert!(source.contains("{full inversion (median)}"));
    assert!(source.contains("{null.csv}"));
    let points = std::fs::read_to_string(out.with_extension("csv")).expect("the points");
    let mut lines = points.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    for name in source.split("x=").skip(1).filter_map(|s| s.split(',').next()) {
        assert!(!name.starts_with('s') || header.contains(&name), "{name}");
    }
    assert_eq!(lines.count(), 7);
}

#[test]
fn points_that_a_logarithm_cannot_show_are_left_out_with_a_note() {
    let out = folder("zeros");
    let zeros = table("zeros.csv");
    let notes = render(&Figure::new("snr_db", "nmse"), &zeros, &out.join("a.svg")).expect("a figure");
    let expected = |n: &Note| matches!(n, Note::NotPositive { points: 3, .. });
    assert!(notes.iter().any(expected), "{notes:?}");
    let mut linear = Figure::new("snr_db", "nmse");
    linear.y_scale = Some(Scale::Linear);
    assert_eq!(render(&linear, &zeros, &out.join("b.svg")).expect("a figure"), []);
    let mut none = Figure::new("snr_db", "nmse");
    none.filter.insert("snr_db".into(), vec!["15".into(), "20".into()]);
    none.y_scale = Some(Scale::Db);
    let error = render(&none, &zeros, &out.join("c.svg")).expect_err("no point");
    assert!(matches!(error, PlotError::NothingToDraw { .. }), "{error}");
}

#[test]
fn a_missing_mean_is_replaced_by_the_median_and_said() {
    let notes =
        render(&Figure::new("snr_db", "nmse"), &table("null_mean.csv"), &folder("median").join("a.svg"));
    let said = |n: &Note| matches!(n, Note::Median { series, .. } if series == "full inversion");
    assert!(notes.expect("a figure").iter().any(said));
}

#[test]
fn too_few_series_columns_are_noticed() {
    let mut figure = Figure::new("snr_db", "nmse");
    figure.series = vec!["curve".into()];
    let out = folder("ambiguous").join("a.svg");
    let notes = render(&figure, &table("two_curves.csv"), &out).expect("a figure");
    let named = |n: &Note| matches!(n, Note::Ambiguous { column: Some(c), .. } if c == "bandwidth_hz");
    assert!(notes.iter().any(named), "{notes:?}");
}

#[test]
fn an_envelope_is_the_highest_of_its_rows() {
    let rows = std::fs::read_to_string(data("two_curves.csv")).expect("a sample table");
    let mut lines = csv::Reader::from_reader(rows.as_bytes());
    let of =
        |name: &str, header: &csv::StringRecord| header.iter().position(|c| c == name).expect("a column");
    let header = lines.headers().expect("a header").clone();
    let mut highest: BTreeMap<(String, String), f64> = BTreeMap::new();
    for line in lines.records().map(|l| l.expect("a row")).filter(|l| &l[of("fidelity", &header)] == "theory")
    {
        let key = (line[of("curve", &header)].to_string(), line[of("snr_db", &header)].to_string());
        let nmse: f64 = line[of("nmse", &header)].parse().expect("a number");
        let most = highest.entry(key).or_insert(nmse);
        *most = most.max(nmse);
    }
    let mut figure = Figure::new("snr_db", "nmse");
    (figure.highest_of, figure.fidelity) = (vec!["bandwidth_hz".into()], vec!["theory".into()]);
    let out = folder("envelope").join("a.tex");
    render(&figure, &table("two_curves.csv"), &out).expect("a figure");
    let points = std::fs::read_to_string(out.with_extension("csv")).expect("its points");
    let mut drawn: Vec<f64> = Vec::new();
    let mut points = csv::Reader::from_reader(points.as_bytes());
    let header = points.headers().expect("a header").clone();
    for line in points.records().map(|l| l.expect("a row")) {
        let values = header.iter().zip(&line).filter(|(name, _)| name.ends_with("-y"));
        drawn.extend(values.filter_map(|(_, y)| y.parse::<f64>().ok()).filter(|y| y.is_finite()));
    }
    let mut expected: Vec<f64> = highest.into_values().collect();
    expected.sort_by(f64::total_cmp);
    drawn.sort_by(f64::total_cmp);
    assert_eq!(drawn, expected);
    figure.highest_of = vec!["bandwidth".into()];
    let error = render(&figure, &table("two_curves.csv"), &out).expect_err("no such column").to_string();
    assert!(error.contains("highest_of") && error.contains("bandwidth_hz"), "{error}");
}

#[test]
fn default_figures_follow_the_axes() {
    let two = default_figures(&table("two_curves.csv"), None);
    assert_eq!(two.len(), 2);
    assert_eq!((two[0].0.as_str(), two[0].1.x.as_str()), ("figure", "snr_db"));
    assert_eq!(two[1].1.join, ["curve", "bandwidth_hz"]);
    let threshold = default_figures(&table("thresholds.csv"), Some("scheme.threshold"));
    assert_eq!(threshold.len(), 1, "the airtime does not vary");
    assert_eq!(threshold[0].1.x, "scheme.threshold");
}

#[test]
fn votes_are_drawn_by_their_error_rate_on_a_logarithmic_axis() {
    let votes = table("votes.csv");
    let figures = default_figures(&votes, Some("snr_db"));
    let errors: Vec<_> = figures.iter().map(|(stem, figure)| (stem.as_str(), figure.y.clone())).collect();
    let rate = vec!["vote_error_rate".to_owned()];
    assert_eq!(errors, [("figure", rate.clone()), ("figure-airtime", rate)]);
    let out = folder("votes");
    for (stem, figure) in &figures {
        assert_eq!(render(figure, &votes, &out.join(format!("{stem}.png"))).expect("a figure"), []);
        let text = String::from_utf8(drawn(figure, &votes, &out.join("a.svg"))).expect("UTF-8");
        let document = roxmltree::Document::parse(&text).expect("well-formed XML");
        let words = document.descendants().filter(|n| n.has_tag_name("text") || n.has_tag_name("tspan"));
        let texts: Vec<&str> = words.filter_map(|n| n.text()).map(str::trim).collect();
        assert!(texts.contains(&"Vote error rate") && !texts.iter().any(|t| t.contains("NMSE")), "{texts:?}");
        // Decades, not tenths.
        assert!(texts.iter().any(|t| t.contains("⁻²")), "{texts:?}");
    }
    // The NMSE has nothing to show.
    let error = render(&Figure::new("snr_db", "nmse"), &votes, &out.join("b.svg")).expect_err("no point");
    assert!(matches!(error, PlotError::NothingToDraw { .. }), "{error}");
}
