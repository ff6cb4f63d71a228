//! The command line: arguments as typed become calls into the library; results become text and files.

mod aggregate;
mod args;
mod budget;
mod cell;
mod channel;
mod ether;
mod failure;
mod figures;
mod init;
mod lab;
mod lab_figure;
mod lab_view;
mod ladder;
mod link;
mod link_table;
mod list;
mod load;
mod output;
mod plan;
mod print;
mod progress;
mod radios;
mod replay;
mod run;
mod scope;
mod sound;
mod split;
mod split_view;
mod sweep;
mod trace;
mod verify;
mod zmq;

use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

/// Reads the arguments, runs the command, and prints one clear error if it fails.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Run(args) => run::run(args),
        Command::Ladder(args) => ladder::ladder(args),
        Command::Sweep(args) => sweep::sweep(args),
        Command::Link(args) => link::link(args),
        Command::LinkTable(args) => link_table::link_table(args),
        Command::Trace(args) => trace::trace(args),
        Command::Verify(args) => verify::verify(args),
        Command::Plan(args) => plan::plan(args),
        Command::Budget(args) => budget::budget(args),
        Command::Cell(args) => cell::cell(args),
        Command::Channel(args) => channel::channel(args),
        Command::Sound(args) => sound::sound(args),
        Command::Split(args) => split::split(args),
        Command::Replay(args) => replay::replay(args),
        Command::Radios(args) => radios::radios(args),
        Command::Lab(args) => lab::lab(args),
        Command::Ether(args) => ether::ether(args),
        Command::Scope(args) => scope::scope(args),
        Command::Aggregate(args) => aggregate::aggregate(args),
        Command::Merge(args) => sweep::merge(args),
        Command::Plot(args) => figures::plot(args),
        Command::List(args) => list::list(args),
        Command::Init(args) => init::init(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                output::note(format!("error: {}", failure.message));
            }
            ExitCode::from(failure.code)
        }
    }
}
