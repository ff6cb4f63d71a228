//! `airloop aggregate`.

use super::args::AggregateArgs;
use super::failure::Failure;
use super::{load, print};
use airloop::aggregate::Aggregator;
use airloop::payload::Source;
use airloop::tensor::{TensorFile, write_npy_f32};
use std::sync::Arc;

/// Aggregates the rows of an array once.
///
/// # Errors
/// When the array or the experiment is wrong, or the estimate cannot be written.
pub fn aggregate(args: &AggregateArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let fidelity = load::fidelity(&args.fidelity)?;
    let tree = load::single(&args.config, &args.changes)?;
    let source = Source::File(Arc::new(TensorFile::open(&args.input, args.tensor.as_deref())?));
    let result = Aggregator::from_tree(tree, fidelity).aggregate_source(source, args.round)?;
    if args.changes.strict {
        print::refuse_doubts(&result.report)?;
    }
    let estimate: Vec<f32> = result.estimate.iter().map(|v| *v as f32).collect();
    write_npy_f32(&args.out, &[estimate.len()], &estimate)?;
    println!("{}", serde_json::to_string_pretty(&result.report)?);
    Ok(())
}
