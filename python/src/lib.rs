//! What Python sees of airloop: calls are converted, carried out without the interpreter's lock, and their results converted back.

mod air;
mod arrays;
mod channel;
mod errors;
mod experiment;
mod link;
mod report;
mod sweep;
mod trace;
mod tree;
mod working;

use pyo3::prelude::*;

#[pymodule]
fn _airloop(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<air::Air>()?;
    module.add_class::<link::Link>()?;
    module.add_class::<experiment::Experiment>()?;
    module.add_class::<report::Report>()?;
    module.add_class::<channel::Channel>()?;
    module.add_function(wrap_pyfunction!(sweep::sweep, module)?)?;
    module.add_function(wrap_pyfunction!(sweep::draw, module)?)?;
    module.add_class::<trace::Trace>()?;
    Ok(())
}
