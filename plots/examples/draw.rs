//! Draws a table's default figures, or one figure file: `draw TABLE|FIGURE.toml OUT_DIR [FORMAT...]`.

use std::path::{Path, PathBuf};

use airloop_plots::{Figure, Table, default_figures, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out, formats @ ..] = arguments.as_slice() else {
        return Err("usage: draw TABLE|FIGURE.toml OUT_DIR [FORMAT...]".into());
    };
    let stem = Path::new(input).file_stem().unwrap_or_default();
    let (table, figures) = if input.ends_with(".toml") {
        let figure = Figure::from_file(input)?;
        let table = figure.table.clone().ok_or("the figure names no table")?;
        (Table::read(table)?, vec![(String::new(), figure)])
    } else {
        let table = Table::read(input)?;
        let figures = default_figures(&table, None);
        (table, figures)
    };
    let formats = match formats {
        [] => vec!["png".to_owned()],
        formats => formats.to_vec(),
    };
    for (name, figure) in figures {
        for format in &formats {
            let file = format!("{}-{name}.{format}", stem.to_string_lossy());
            let path = PathBuf::from(out).join(file.replace("-.", "."));
            for note in render(&figure, &table, &path)? {
                println!("{}: {note}", path.display());
            }
        }
    }
    Ok(())
}
