//! The configuration tree: TOML with places, overrides, axis values, and readers that know every key they were asked for.
//!
//! This layer knows no key by name; `experiment` gives keys their meaning.

pub mod axis_values;
pub mod error;
pub mod overrides;
pub mod reader;
pub mod tree;

pub use axis_values::{AxisValues, Bound, NumberOrWord};
pub use error::{ConfigError, Origin};
pub use reader::TableReader;
pub use tree::{Node, Table, Value};
