//! The arguments of `airloop scope` as typed.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "A line is a channel of a radio: its port, mean power in dB relative to full scale (a component of 1; bars go from -60 to \
                        0 dB) and largest component over the last 20 ms of the air, what it sends on the left, what it hears on the right; \
                        full % is the share of samples heard at full scale, behind are samples not read yet. Counts are those of the radio: \
                        underflows, overflows, lost samples, late bursts. On a narrow terminal the columns port, full %, peak, lost, the \
                        bars, counts, behind and state go, in this order. Ctrl-C ends it, and so does the end of the ether."
)]
pub struct ScopeArgs {
    /// Unix socket at which `airloop ether` serves
    #[arg(value_name = "SOCKET", default_value = "ether.socket")]
    pub socket: PathBuf,
    /// Time between looks
    #[arg(long, value_name = "S", default_value = "0.5", allow_hyphen_values = true)]
    pub interval_s: String,
    /// Look once, then end
    #[arg(long)]
    pub once: bool,
    /// Print every look as a JSON object on a line
    #[arg(long)]
    pub json: bool,
    /// Draw levels and counts of the look into this file, their table beside it (.csv)
    #[arg(long, value_name = "FILE.png", requires = "once")]
    pub png: Option<PathBuf>,
}
