//! Decoders: slow oracles, losses against the exact rule and against an independent crate, floors.

mod floor;
mod link;
mod losses;
mod noiseless;
mod oracle;
mod refusals;
mod stopping;
mod symmetry;
mod toolbox;

use airloop_coding::ldpc::{BaseGraph, CheckRule, Code, Decoder, DecoderConfig, LiftingSize, Schedule};

/// Returns a code.
fn code(graph: BaseGraph, size: usize) -> Code {
    Code::new(graph, LiftingSize::new(size).unwrap())
}

/// Returns a decoder of 20 iterations that stops by parity.
fn decoder(code: &Code, rule: CheckRule, schedule: Schedule) -> Decoder {
    Decoder::new(code, DecoderConfig { rule, schedule, ..DecoderConfig::default() }).unwrap()
}

/// Returns whether the environment asks for the long statistical tests: `AIRLOOP_FULL=1`.
fn full() -> bool {
    std::env::var("AIRLOOP_FULL").is_ok_and(|value| value == "1")
}
