//! `airloop aggregate`.

use super::args::AggregateArgs;
use super::failure::Failure;
use super::{load, output, print};
use airloop::live::Air;
use airloop::payload::Source;
use airloop::report::Fidelity;
use airloop::tensor::{TensorFile, write_npy_f32};
use std::path::Path;
use std::sync::Arc;

/// Aggregates the rows of an array once.
///
/// # Errors
/// When the array or the experiment is wrong, or the estimate cannot be written.
pub fn aggregate(args: &AggregateArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let fidelity = load::fidelity(&args.fidelity)?;
    if fidelity == Fidelity::Theory {
        let message = "--fidelity theory: an estimate comes of simulated channels; choose symbol or waveform";
        return Err(Failure::bad_input(message));
    }
    if same_file(&args.input, &args.out) {
        let message =
            format!("--out {} is the input; choose another file for the estimate", args.out.display());
        return Err(Failure::bad_input(message));
    }
    let tree = load::single(&args.config, &args.changes)?;
    let source = Source::File(Arc::new(TensorFile::open(&args.input, args.tensor.as_deref())?));
    let result = Air::from_tree(tree, fidelity).aggregate_source(source, Some(args.round))?;
    if args.changes.strict {
        print::refuse_doubts(&result.report)?;
    }
    let estimate: Vec<f32> = result.estimate.iter().map(|v| *v as f32).collect();
    write_npy_f32(&args.out, &[estimate.len()], &estimate)?;
    output::line(serde_json::to_string_pretty(&result.report)?)
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
