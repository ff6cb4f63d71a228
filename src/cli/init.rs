//! `airloop init`, and the record of a run.

use super::args::InitArgs;
use super::failure::Failure;
use super::output;
use super::sweep::{command_line, shipped};
use airloop::baseband::seeds::STREAM_LAYOUT_VERSION;
use airloop::experiment::id::{SCHEMA, file_sha256};
use airloop::sweep::table::write_whole;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Writes a shipped experiment and its data into the current folder.
///
/// # Errors
/// When there is no such experiment, or a file of that name is there already.
pub fn init(args: &InitArgs) -> Result<(), Failure> {
    let shipped = shipped(&args.name)?;
    let (here, path) = (Path::new(""), shipped.path(Path::new("")));
    let taken =
        shipped.changed_files(here).into_iter().next().or_else(|| path.exists().then(|| path.clone()));
    if let Some(taken) = taken {
        return Err(Failure::bad_input(format!("{} is here already; move it away first", taken.display())));
    }
    let path = shipped.write(here)?;
    let (path, command) = (path.display(), shipped.command);
    output::line(format!("wrote {path}; run it with: airloop {command} {path}"))
}

/// Writes `run.json`: the command, the machine, and how long it took. No result depends on it.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_run_record(out: &Path, file: &Path, elapsed: Duration) -> Result<(), Failure> {
    let record = serde_json::json!({
        "airloop": env!("CARGO_PKG_VERSION"),
        "schema": SCHEMA,
        "stream_layout": STREAM_LAYOUT_VERSION,
        "command": command_line(),
        "experiment_file": file.display().to_string(),
        "experiment_file_sha256": file_sha256(file).unwrap_or_default(),
        "machine": {
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
            "processor_class": processor_class(),
            "threads": rayon::current_num_threads(),
        },
        "finished_unix_s": SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
        "elapsed_s": elapsed.as_secs_f64(),
    });
    Ok(write_whole(&out.join("run.json"), format!("{record:#}\n").as_bytes())?)
}

/// Returns the class of processor within which results are the same byte for byte.
fn processor_class() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            return "x86_64, AVX-512";
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            return "x86_64, AVX2";
        }
    }
    std::env::consts::ARCH
}
