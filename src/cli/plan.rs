//! `airloop plan`.

use super::args::{Changes, PlanArgs};
use super::failure::Failure;
use super::{load, output};
use airloop::experiment::Loader;
use airloop::plan::{Asked, Given, Plan, PlanInput, PlanLine, plan as make_plan, quantity};

/// Prints what an experiment's target asks for.
///
/// # Errors
/// When the experiment is wrong, or a number is none or out of range.
pub fn plan(args: &PlanArgs) -> Result<(), Failure> {
    let asked = asked(args)?;
    let changes = Changes { set: args.set.clone(), strict: false, threads: None };
    let experiment = Loader::default().load(&load::single(&args.file, &changes)?)?;
    let plan = make_plan(&PlanInput::from_experiment(&experiment, &asked)?)?;
    output::line(if args.json { serde_json::to_string_pretty(&plan)? } else { table(&plan) })
}

fn asked(args: &PlanArgs) -> Result<Asked, Failure> {
    Ok(Asked {
        target_nmse_db: number("--target-nmse-db", args.target_nmse_db.as_deref())?,
        given: Given {
            oscillator_ppm: number("--oscillator-ppm", args.oscillator_ppm.as_deref())?,
            cfo_hz: number("--cfo-hz", args.cfo_hz.as_deref())?,
            timing_rms_s: number("--timing-rms-s", args.timing_rms_s.as_deref())?,
            phase_sd_rad: number("--phase-sd-rad", args.phase_sd_rad.as_deref())?,
            power_sd_db: number("--power-sd-db", args.power_sd_db.as_deref())?,
            csi_error: number("--csi-error", args.csi_error.as_deref())?,
            csi_age_s: number("--csi-age-s", args.csi_age_s.as_deref())?,
        },
    })
}

fn number(flag: &str, text: Option<&str>) -> Result<Option<f64>, Failure> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(value) => Ok(Some(value)),
        Err(_) => Err(Failure::bad_input(format!("{flag} {text}: a number is expected"))),
    }
}

/// Returns the plan as aligned columns.
fn table(plan: &Plan) -> String {
    let head = ["", "allowed", "takes of the NMSE", "there is", "formula", "from"].map(String::from);
    let mut rows = vec![head];
    rows.extend(plan.lines.iter().map(row));
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = vec![
        format!("target NMSE {:.2} dB", plan.target_nmse_db),
        "  (allowed: the largest figure whose cause keeps to its part of the NMSE; there is: what file and flags say)"
            .into(),
    ];
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        out.push(format!("  {}", cells.join("  ").trim_end()));
    }
    out.push(format!("advice: {}", plan.advice.verdict.words()));
    out.extend(plan.advice.reasons.iter().map(|reason| format!("  {reason}")));
    out.join("\n")
}

fn row(line: &PlanLine) -> [String; 6] {
    let given = match (line.given, line.met()) {
        (Some(given), Some(met)) => {
            format!("{}, {}", quantity(given, line.unit), if met { "kept" } else { "too much" })
        }
        _ => String::new(),
    };
    // Parts that are no figures of an imperfection stand in one column.
    let is_part = line.unit == "dB" && line.share_db == Some(line.value);
    [
        line.quantity.clone(),
        if is_part { String::new() } else { quantity(line.value, line.unit) },
        line.share_db.map_or(String::new(), |db| format!("{db:.2} dB")),
        given,
        line.formula.clone(),
        line.source.clone(),
    ]
}
