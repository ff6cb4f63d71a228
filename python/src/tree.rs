//! Experiments as Python writes them: dictionaries become the tree that a file would give.

use crate::errors::config_error;
use airloop::config::{Node, Origin, Value, overrides};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use std::path::Path;

/// Reads a file.
pub fn of_file(py: Python<'_>, path: &Path) -> PyResult<Node> {
    Node::read_toml(path).map_err(|error| config_error(py, error))
}

/// Reads TOML.
pub fn of_text(py: Python<'_>, text: &str) -> PyResult<Node> {
    Node::parse_toml(text, Path::new("<text>")).map_err(|error| config_error(py, error))
}

/// Changes values by their paths, as `--set` does.
pub fn change(py: Python<'_>, tree: &mut Node, changes: &[String]) -> PyResult<()> {
    for text in changes {
        let (path, node) = overrides::parse_set(text).map_err(|error| config_error(py, error))?;
        tree.set(&path, node).map_err(|error| config_error(py, error))?;
    }
    Ok(())
}

/// Makes the tree of a dictionary.
pub fn of_dict(dict: &Bound<'_, PyDict>) -> PyResult<Node> {
    table(dict, "")
}

fn table(dict: &Bound<'_, PyDict>, path: &str) -> PyResult<Node> {
    let mut node = Node::empty_table(origin(path));
    let Value::Table(entries) = &mut node.value else { unreachable!("an empty table is a table") };
    for (key, value) in dict.iter() {
        let wrong = || config_error(dict.py(), format!("{}: keys are strings, {key} is none", shown(path)));
        let key: String = key.extract().map_err(|_| wrong())?;
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if !value.is_none() {
            entries.insert(&key, node_of(&value, &path)?);
        }
    }
    Ok(node)
}

/// Makes the value of a key.
pub fn node_of(value: &Bound<'_, PyAny>, path: &str) -> PyResult<Node> {
    // NumPy's scalars are numbers too.
    let value = &if value.hasattr("dtype")? { value.call_method0("tolist")? } else { value.clone() };
    let value = if let Ok(dict) = value.cast::<PyDict>() {
        return table(dict, path);
    } else if value.is_instance_of::<PyBool>() {
        Value::Boolean(value.extract()?)
    } else if value.is_instance_of::<PyInt>() {
        let wrong = |_| config_error(value.py(), format!("{path}: {value} is too large an integer"));
        Value::Integer(value.extract().map_err(wrong)?)
    } else if value.is_instance_of::<PyFloat>() {
        Value::Float(value.extract()?)
    } else if value.is_instance_of::<PyString>() {
        Value::String(value.extract()?)
    } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let nodes = value.try_iter()?.map(|item| node_of(&item?, path));
        Value::Array(nodes.collect::<PyResult<_>>()?)
    } else if value.hasattr("__fspath__")? {
        Value::String(value.call_method0("__fspath__")?.extract()?)
    } else {
        let kind = value.get_type().name()?;
        let message = format!(
            "{path}: a {kind} is no value of an experiment; numbers, strings, booleans, lists and dictionaries are"
        );
        return Err(config_error(value.py(), message));
    };
    Ok(Node::new(value, origin(path)))
}

fn origin(path: &str) -> Origin {
    Origin::flag(format!("<dict> {path}").trim_end().to_string())
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "<dict>" } else { path }
}
