//! pgfplots figures: a `.tex` that compiles alone, and the plotted points in a `.csv` beside it.

use std::fmt::Write as _;

use crate::axis::{Axis, Tick};
use crate::chart::{Chart, Trace};
use crate::figure::{Figure, Legend};
use crate::layout::Layout;
use crate::legend::Placed;
use crate::mark::{is_joined, line_width};
use crate::style::{self, Colour, Fidelity, Shape};

/// Returns the plotted points: for every line an x and a y column, and its interval if it has one.
pub(crate) fn points(chart: &Chart) -> String {
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for (name, _, trace) in lines(chart) {
        let points = &trace.points;
        columns.push((format!("{name}-x"), points.iter().map(|p| p.x).collect()));
        columns.push((format!("{name}-y"), points.iter().map(|p| p.y).collect()));
        if let Some(ends) = intervals(trace) {
            let floor = |low: f64| low.max(chart.y.low);
            columns.push((format!("{name}-low"), ends.iter().map(|e| floor(e.0)).collect()));
            columns.push((format!("{name}-high"), ends.iter().map(|e| e.1).collect()));
        }
    }
    let longest = columns.iter().map(|c| c.1.len()).max().unwrap_or(0);
    let names: Vec<&str> = columns.iter().map(|c| c.0.as_str()).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..longest {
        let cell = |column: &(String, Vec<f64>)| match column.1.get(row) {
            Some(value) => value.to_string(),
            None => "nan".to_owned(),
        };
        text += &columns.iter().map(cell).collect::<Vec<_>>().join(",");
        text.push('\n');
    }
    text
}

/// Returns the LaTeX source of a figure whose points are in the file `points`.
pub(crate) fn source(figure: &Figure, chart: &Chart, layout: &Layout, points: &str) -> String {
    let mut body = String::new();
    let bands = figure.bands;
    for (name, series, trace) in lines(chart) {
        let look = &chart.series[series].style;
        let table = |y: &str| format!("table[col sep=comma, x={name}-x, y={name}-{y}] {{{points}}};\n");
        if bands && intervals(trace).is_some() {
            let hidden = |end: &str| {
                format!("\\addplot[name path={name}-{end}, draw=none, forget plot] {}", table(end))
            };
            body += &hidden("low");
            body += &hidden("high");
            let _ = writeln!(
                body,
                "\\addplot[series{series}, opacity={}, forget plot] fill between[of={name}-low and {name}-high];",
                style::BAND_ALPHA
            );
        }
        let mut options = vec![format!("series{series}"), "forget plot".to_owned()];
        match is_joined(&chart.series[series], trace.fidelity) {
            true => options.push(line(look.dash, line_width(trace.fidelity))),
            false => options.push("only marks".to_owned()),
        }
        if trace.fidelity == Fidelity::Theory {
            let alone = trace.points.len() == 1;
            options.push(if alone { "mark=-" } else { "mark=none" }.to_owned());
        } else {
            options.push(mark(look.shape, trace.fidelity));
        }
        let _ = write!(body, "\\addplot[{}] {}", options.join(", "), table("y"));
    }
    body += &legend(layout, chart);
    let colours: String = chart
        .series
        .iter()
        .enumerate()
        .map(|(n, s)| colour(&format!("series{n}"), s.style.colour))
        .chain([colour("rung", style::KEY), colour("gridline", style::GRID)])
        .collect();
    format!(
        "% A pgfplots figure; its points are in `{points}`, which must lie where LaTeX runs.\n\
         % It compiles alone; a paper with \\usepackage{{standalone,pgfplots}} can \\input it.\n\
         \\documentclass[border=1pt]{{standalone}}\n\
         \\usepackage{{pgfplots}}\n\
         \\usepgfplotslibrary{{fillbetween}}\n\
         \\pgfplotsset{{compat=1.16}}\n\
         \\begin{{document}}\n\
         {colours}\
         \\begin{{tikzpicture}}\n\
         \\begin{{axis}}[\n{}]\n\
         {body}\
         \\end{{axis}}\n\
         \\end{{tikzpicture}}\n\
         \\end{{document}}\n",
        options(figure, chart, layout)
    )
}

/// Returns every line with the name of its columns and the place of its series.
fn lines(chart: &Chart) -> impl Iterator<Item = (String, usize, &Trace)> {
    chart.series.iter().enumerate().flat_map(|(n, series)| {
        series.traces.iter().enumerate().map(move |(t, trace)| {
            let rung = trace.fidelity.word();
            let before = &series.traces[..t];
            let same = before.iter().filter(|b| b.fidelity == trace.fidelity);
            let name = match same.count() {
                0 => format!("s{}-{rung}", n + 1),
                earlier => format!("s{}-{rung}{}", n + 1, earlier + 1),
            };
            (name, n, trace)
        })
    })
}

/// Returns the intervals of a line, if every point has one and any has a width.
fn intervals(trace: &Trace) -> Option<Vec<(f64, f64)>> {
    let ends: Option<Vec<_>> = trace.points.iter().map(|p| p.interval).collect();
    let grows = trace.points.windows(2).all(|w| w[0].x < w[1].x);
    ends.filter(|ends| grows && ends.len() > 1 && ends.iter().any(|(low, high)| low < high))
}

fn options(figure: &Figure, chart: &Chart, layout: &Layout) -> String {
    let mut lines = vec![
        "scale only axis".to_owned(),
        format!("width={:.2}bp", layout.plot.width()),
        format!("height={:.2}bp", layout.plot.height()),
        "grid=major, grid style={gridline, line width=0.35pt}".to_owned(),
        "axis line style={line width=0.6pt}, tick style={line width=0.6pt, black}".to_owned(),
        "tick align=inside, tick pos=both".to_owned(),
        "label style={font=\\footnotesize}, tick label style={font=\\scriptsize}".to_owned(),
        "title style={font=\\footnotesize}".to_owned(),
        "mark options={solid, line width=0.75pt}".to_owned(),
        "legend cell align=left".to_owned(),
        legend_place(layout, figure),
    ];
    for (name, axis) in [("x", &chart.x), ("y", &chart.y)] {
        let mode = if axis.log { "log" } else { "linear" };
        lines.push(format!("{name}mode={mode}"));
        lines.push(format!("{name}min={}, {name}max={}", axis.low, axis.high));
        lines.push(format!("{name}label={{{}}}", escaped(&axis.title)));
        lines.push(ticks(name, axis));
    }
    if let Some(title) = &figure.title {
        lines.push(format!("title={{{}}}", escaped(title)));
    }
    format!("  {},", lines.join(",\n  "))
}

fn ticks(name: &str, axis: &Axis) -> String {
    let list =
        |values: &mut dyn Iterator<Item = f64>| values.map(|v| v.to_string()).collect::<Vec<_>>().join(",");
    let label = |tick: &Tick| format!("{{{}}}", escaped(&tick.text));
    let labels: Vec<String> = axis.ticks.iter().map(label).collect();
    format!(
        "{name}tick={{{}}}, {name}ticklabels={{{}}}, minor {name}tick={{{}}}",
        list(&mut axis.ticks.iter().map(|t| t.at)),
        labels.join(","),
        list(&mut axis.minor.iter().copied()),
    )
}

fn legend_place(layout: &Layout, figure: &Figure) -> String {
    let Some(placed) = layout.legend.as_ref().filter(|_| figure.legend != Legend::None) else {
        return "legend style={draw=none}".to_owned();
    };
    let columns = columns_of(placed);
    let font = "font=\\scriptsize, inner sep=2pt";
    if placed.inside {
        let (plot, rect) = (layout.plot, placed.rect);
        let x = (rect.left + rect.right) / 2.0 - plot.left;
        let y = plot.bottom - (rect.top + rect.bottom) / 2.0;
        let (x, across) = side(x / plot.width(), rect.width() / plot.width(), ["west", "east"]);
        let (y, along) = side(y / plot.height(), rect.height() / plot.height(), ["south", "north"]);
        let anchor = match (along, across) {
            ("", "") => "center".to_owned(),
            _ => format!("{along} {across}").trim().to_owned(),
        };
        return format!(
            "legend columns={columns}, legend style={{at={{({x:.3},{y:.3})}}, anchor={anchor}, draw=gridline, {font}}}"
        );
    }
    if placed.rect.top >= layout.plot.bottom {
        let drop = (placed.rect.top - layout.plot.bottom) / layout.plot.height();
        return format!(
            "legend columns={columns}, legend style={{at={{(0.5,{:.3})}}, anchor=north, draw=none, \
             /tikz/every even column/.append style={{column sep=5pt}}, {font}}}",
            -drop
        );
    }
    format!("legend columns=1, legend style={{at={{(1.02,1)}}, anchor=north west, draw=none, {font}}}")
}

/// Returns the end of a legend that is nearest to the frame, as a share of the plot, with that end's name;
/// its middle where it stands in the middle.
fn side(middle: f64, extent: f64, [low, high]: [&'static str; 2]) -> (f64, &'static str) {
    match middle {
        m if (m - 0.5).abs() < 0.01 => (0.5, ""),
        m if m < 0.5 => (m - extent / 2.0, low),
        m => (m + extent / 2.0, high),
    }
}

/// Returns how many entries of a placed legend stand beside each other.
fn columns_of(placed: &Placed) -> usize {
    let first = placed.items.first().map_or(0.0, |item| item.left.y);
    placed.items.iter().filter(|item| item.left.y == first).count().max(1)
}

fn legend(layout: &Layout, chart: &Chart) -> String {
    let mut text = String::new();
    let Some(placed) = &layout.legend else {
        return text;
    };
    let named = |wanted: Colour| chart.series.iter().position(|s| s.style.colour == wanted);
    for item in &placed.items {
        let entry = &item.entry;
        let ink = entry.line.map(|l| l.0).or(entry.marker.map(|m| m.0));
        let ink = ink.and_then(named).map_or("rung".to_owned(), |n| format!("series{n}"));
        let mut options = vec![ink];
        match entry.line {
            Some((_, dash, width)) => options.push(line(dash, width)),
            None => options.push("only marks".to_owned()),
        }
        if let Some((_, shape, rung)) = entry.marker {
            options.push(mark(shape, rung));
        }
        let _ = writeln!(
            text,
            "\\addlegendimage{{{}}}\\addlegendentry{{{}}}",
            options.join(", "),
            escaped(&entry.text)
        );
    }
    text
}

fn colour(name: &str, (red, green, blue): Colour) -> String {
    format!("\\definecolor{{{name}}}{{RGB}}{{{red},{green},{blue}}}\n")
}

fn line(dash: usize, width: f64) -> String {
    let pattern = style::DASHES[dash];
    let steps = pattern.iter().enumerate().map(|(n, length)| {
        let word = if n % 2 == 0 { "on" } else { "off" };
        format!("{word} {length}pt")
    });
    match pattern.is_empty() {
        true => format!("line width={width}pt, solid"),
        false => format!("line width={width}pt, dash pattern={}", steps.collect::<Vec<_>>().join(" ")),
    }
}

fn mark(shape: Shape, rung: Fidelity) -> String {
    let (word, turn, factor) = match shape {
        Shape::Circle => ("o", "", 1.0),
        Shape::Square => ("square", "", 0.88),
        Shape::Triangle => ("triangle", "", 1.3),
        Shape::Diamond => ("diamond", "", 1.35),
        Shape::Down => ("triangle", ", rotate=180", 1.3),
        Shape::Pentagon => ("pentagon", "", 1.15),
    };
    let word = match (rung, word) {
        (Fidelity::Radio, _) => "x".to_owned(),
        (Fidelity::Symbol, "o") => "*".to_owned(),
        (Fidelity::Symbol, word) => format!("{word}*"),
        (_, word) => word.to_owned(),
    };
    let size = match rung {
        Fidelity::Symbol => style::FILLED_PT,
        _ => style::OPEN_PT,
    };
    let size = factor * size;
    format!("mark={word}, mark size={size:.2}pt, mark options={{solid, line width=0.75pt{turn}}}")
}

/// Returns a text as LaTeX sets it: special characters escaped, signs that fonts lack as mathematics.
pub(crate) fn escaped(text: &str) -> String {
    const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
    let mut out = String::new();
    let mut raised = String::new();
    for character in text.chars().chain(['\0']) {
        if let Some(place) = RAISED.chars().position(|r| r == character) {
            raised.push(b"0123456789-"[place].into());
            continue;
        }
        if !raised.is_empty() {
            let _ = write!(out, "$^{{{raised}}}$");
            raised.clear();
        }
        match character {
            '\0' => {}
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(character);
            }
            '\\' => out += "\\textbackslash{}",
            '~' => out += "\\textasciitilde{}",
            '^' => out += "\\textasciicircum{}",
            '−' => out += "$-$",
            '×' => out += "$\\times$",
            '±' => out += "$\\pm$",
            '°' => out += "$^\\circ$",
            'µ' | 'μ' => out += "$\\mu$",
            '–' => out += "--",
            '—' => out += "---",
            '…' => out += "\\ldots{}",
            '→' => out += "$\\to$",
            '←' => out += "$\\leftarrow$",
            '≤' => out += "$\\leq$",
            '≥' => out += "$\\geq$",
            '≈' => out += "$\\approx$",
            '∞' => out += "$\\infty$",
            _ => match greek(character) {
                Some(name) => {
                    let _ = write!(out, "$\\{name}$");
                }
                None if character.is_control() => {}
                None => out.push(character),
            },
        }
    }
    out
}

/// Returns the LaTeX name of a Greek letter.
fn greek(letter: char) -> Option<&'static str> {
    const SMALL: [&str; 25] = [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "mathrm{o}",
        "pi",
        "rho",
        "varsigma",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "chi",
        "psi",
        "omega",
    ];
    const LARGE: [(char, &str); 10] = [
        ('Γ', "Gamma"),
        ('Δ', "Delta"),
        ('Θ', "Theta"),
        ('Λ', "Lambda"),
        ('Ξ', "Xi"),
        ('Π', "Pi"),
        ('Σ', "Sigma"),
        ('Φ', "Phi"),
        ('Ψ', "Psi"),
        ('Ω', "Omega"),
    ];
    let small = (letter as usize).checked_sub('α' as usize);
    small
        .and_then(|place| SMALL.get(place).copied())
        .or_else(|| LARGE.iter().find(|l| l.0 == letter).map(|l| l.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_for_latex() {
        assert_eq!(escaped("a_b 5 % & #1 $"), "a\\_b 5 \\% \\& \\#1 \\$");
        assert_eq!(escaped("2×10⁻⁴"), "2$\\times$10$^{-4}$");
        assert_eq!(escaped("−10 µs"), "$-$10 $\\mu$s");
        assert_eq!(escaped("ρ = {x}^2\\"), "$\\rho$ = \\{x\\}\\textasciicircum{}2\\textbackslash{}");
        assert_eq!(escaped("Δ"), "$\\Delta$");
    }
}
