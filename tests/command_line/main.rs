//! The command line as its users meet it: the binary is run, and its files, streams and exit codes are looked at.

#![cfg(feature = "cli")]

mod aggregates;
mod bad_arrays;
mod bad_cells;
mod bad_channels;
mod bad_flags;
mod bad_keys;
mod bad_payloads;
mod bad_votes;
mod channel_files;
mod curves;
mod error_budget;
mod folder;
mod folders;
mod identity;
mod interrupted;
mod killed;
mod lab;
#[cfg(feature = "soapysdr")]
mod lab_behind_soapy;
mod lab_errors;
mod ladder;
mod link_tables;
mod plan;
mod recorded_samples;
mod reports;
mod same_bytes;
mod scope;
mod shared_air;
mod shipped;
mod sound;
mod split;
mod tables;
mod traces;
mod verify;
mod votes_drawn;
mod wall_clock;
mod warned;
