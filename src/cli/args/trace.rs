//! The arguments of `airloop trace`.

use super::Changes;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "--export mahimahi=DIR writes packet delivery traces for mm-link, one a device and direction; rx-packet-trace=FILE \
                        the table of 5G-LENA; round-link=FILE rates and losses, a line a round and device. The flag may be given \
                        several times."
)]
pub struct TraceArgs {
    /// Experiment file with [trace] and a leg ([uplink], [downlink], [air]); or a stored trace (.csv, .jsonl), to be exported
    pub file: PathBuf,
    /// Where rows go: .csv or .jsonl (default: results/NAME/trace.csv)
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the trace in another format too
    #[arg(long, value_name = "KIND=PATH")]
    pub export: Vec<String>,
    #[command(flatten)]
    pub changes: Changes,
}
