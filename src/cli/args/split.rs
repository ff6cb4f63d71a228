//! The arguments of `airloop split`.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct SplitArgs {
    /// File of split rounds
    #[arg(required_unless_present = "list")]
    pub file: Option<PathBuf>,
    /// List the models that split.model names
    #[arg(long, conflicts_with_all = ["file", "json", "out", "over", "set", "strict"])]
    pub list: bool,
    /// Print the report as JSON; of several points, a list
    #[arg(long)]
    pub json: bool,
    /// Write rounds.csv into this folder; of several points, table.csv
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace or add an axis: start:step:stop (inclusive) or a,b,c; e.g. --over split.cut=1:1:11
    #[arg(long, value_name = "PATH=VALUES")]
    pub over: Vec<String>,
    /// Set a key, e.g. --set split.bits=8; applies before curves
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Make warnings errors
    #[arg(long)]
    pub strict: bool,
}
