//! Geometry of whole figures: nothing clipped, nothing covered.

use super::*;
use crate::chart::chart;
use crate::legend::CLEARANCE_PT;
use crate::{Figure, Table, Width, default_figures};

const SAMPLES: [&str; 5] = ["two_curves", "one_band", "null_mean", "thresholds", "zeros"];

fn sample(name: &str) -> Table {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    Table::read(format!("{folder}/{name}.csv")).expect("a sample table")
}

fn laid_out(figure: &Figure, table: &Table) -> Layout {
    let (chart, _) = chart(figure, table).expect("a chart");
    Layout::new(figure, &chart).expect("a layout")
}

/// Returns every default figure of every sample, in both widths and with every legend.
fn all() -> Vec<Layout> {
    let mut layouts = Vec::new();
    for table in SAMPLES.map(sample) {
        for (_, figure) in default_figures(&table, None) {
            for width in [Width::Ieee1, Width::Ieee2] {
                for legend in [Legend::Auto, Legend::Below, Legend::Right, Legend::None] {
                    let mut figure = figure.clone();
                    (figure.width, figure.legend) = (width, legend);
                    layouts.push(laid_out(&figure, &table));
                }
            }
        }
    }
    layouts
}

fn nearest_ink(layout: &Layout, rect: &Rect) -> f64 {
    let distances = layout.marks.iter().map(|mark| mark.distance(rect));
    distances.fold(f64::INFINITY, f64::min)
}

#[test]
fn no_legend_covers_data() {
    let layouts = all();
    let legends = layouts.iter().filter_map(|l| Some((l, l.legend.as_ref()?)));
    let mut inside = 0;
    for (layout, legend) in legends {
        inside += usize::from(legend.inside);
        let clear = nearest_ink(layout, &legend.rect);
        assert!(clear >= CLEARANCE_PT - 1e-9, "{clear} pt from ink");
        let outside = legend.rect.left >= layout.plot.right || legend.rect.top >= layout.plot.bottom;
        assert!(legend.inside || outside);
    }
    assert!(inside > 3, "some legends must have been placed inside");
}

/// The control: the same assertion fails for a legend that is put over the data.
#[test]
fn a_legend_over_the_data_is_noticed() {
    let layout = laid_out(&Figure::new("snr_db", "nmse"), &sample("one_band"));
    let legend = layout.legend.clone().expect("a legend");
    let over = legend.moved(layout.plot.left + 10.0, layout.plot.top + 10.0);
    assert_eq!(nearest_ink(&layout, &over.rect), 0.0);
    assert!(over.inside(&layout.plot, &layout.marks).is_some());
    let full: Vec<Mark> = vec![Mark::Band { outline: layout.plot.corners().to_vec(), colour: (0, 0, 0) }];
    assert!(over.inside(&layout.plot, &full).is_none());
}

/// Returns the box of a text: its width along the line, an em across.
fn extent(text: &Text) -> Rect {
    let width = font::width(&text.text, text.size);
    let back = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    let (x, y) = (text.at.x, text.at.y);
    let (up, down) = (CAP * text.size, 0.24 * text.size);
    match text.turned {
        true => Rect::sized(x - up, y + back - width, up + down, width),
        false => Rect::sized(x - back, y - up, width, up + down),
    }
}

#[test]
fn texts_stay_on_the_page_and_apart() {
    for layout in all() {
        let mut boxes: Vec<Rect> = layout.texts.iter().map(extent).collect();
        if let Some(legend) = &layout.legend {
            boxes.extend((!legend.inside).then_some(legend.rect.grown(-1.0)));
        }
        for (place, a) in boxes.iter().enumerate() {
            let on_page =
                a.left >= 0.0 && a.top >= 0.0 && a.right <= layout.width && a.bottom <= layout.height;
            assert!(on_page, "{a:?} on {} x {}", layout.width, layout.height);
            for b in &boxes[place + 1..] {
                let apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
                assert!(apart, "{a:?} and {b:?} overlap");
            }
        }
    }
}

#[test]
fn every_mark_lies_in_the_frame() {
    for layout in all() {
        let inner = layout.plot.grown(0.01);
        let places = layout.marks.iter().flat_map(|mark| match mark {
            Mark::Band { outline, .. } => outline.clone(),
            Mark::Bar { outline, .. } => outline.to_vec(),
            Mark::Line { points, .. } => points.clone(),
            Mark::Marker { centre, .. } => vec![*centre],
        });
        for p in places {
            let inside = p.x >= inner.left && p.x <= inner.right && p.y >= inner.top && p.y <= inner.bottom;
            assert!(inside, "{p:?} outside {inner:?}");
        }
    }
}

#[test]
fn long_titles_are_set_smaller_and_cut() {
    let mut figure = Figure::new("snr_db", "nmse");
    figure.title = Some("A title that is far too long for one column of a paper, and then some".into());
    figure.y_label = Some("normalised mean square error of the aggregate over all the devices".into());
    let layout = laid_out(&figure, &sample("one_band"));
    let page = Rect::sized(0.0, 0.0, layout.width, layout.height);
    for text in &layout.texts {
        let a = extent(text);
        assert!(a.left >= 0.0 && a.right <= page.right && a.top >= 0.0 && a.bottom <= page.bottom);
    }
}

#[test]
fn a_figure_without_room_says_how_much_it_needs() {
    let mut figure = Figure::new("snr_db", "nmse");
    (figure.height_mm, figure.legend) = (Some(30.0), Legend::Below);
    let (chart, _) = chart(&figure, &sample("two_curves")).expect("a chart");
    let error = Layout::new(&figure, &chart).expect_err("no room");
    assert!(matches!(error, PlotError::TooSmall { needed_mm, .. } if needed_mm > 30.0));
}
