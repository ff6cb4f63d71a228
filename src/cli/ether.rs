//! `airloop ether`, and runs that take part in one.

use super::args::{EtherArgs, RunArgs};
use super::failure::Failure;
use super::progress::catch_interrupt;
use super::{load, output, print, zmq};
use airloop::experiment::{Experiment, Loader};
use airloop::medium::MediumError;
use airloop::run::RunError;
use airloop::run::shared::{ServeConfig, ServedAir, radio_names, serve, take_part};
use airloop_hil::ether::EtherMetrics;
use airloop_hil::{
    Clock, EtherServer, Radio, RadioError, RadioStatus, RemoteAttachment, VirtualRadio, Wanted,
};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

/// How often who serves looks whether it should end.
const PACE: Duration = Duration::from_millis(50);

/// Serves the air of an experiment until it is interrupted.
///
/// # Errors
/// When the experiment or a flag is wrong, or the socket cannot be served.
pub fn ether(args: &EtherArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let clock = match args.clock.as_str() {
        "lockstep" => Clock::Lockstep,
        "wall" => Clock::Wall,
        other => return Err(Failure::bad_input(format!("--clock {other}: lockstep or wall is expected"))),
    };
    let number = |text: &String| {
        let expected = "the number of radios that time waits for is expected";
        text.parse().map_err(|_| Failure::bad_input(format!("--radios {text}: {expected}")))
    };
    let radios = args.radios.as_ref().map(number).transpose()?;
    let experiment = Loader::default().load(&load::single(&args.file, &args.changes)?)?;
    let most_behind_s = seconds(&args.most_behind_s)?;
    let config = ServeConfig { clock, radios, downlinks: !args.uplinks_only, most_behind_s };
    let served = serve(&experiment, &config).map_err(Failure::of_run)?;
    let interrupted = catch_interrupt();
    let awaited = radios.unwrap_or(served.places.len()).max(1) as u64;
    let server = EtherServer::bind(&args.socket, served.ether.clone()).map_err(failed)?;
    output::note(words(&served, &experiment, args));
    let broker = zmq::broker(args, &served)?;
    while !interrupted.load(Ordering::Relaxed) {
        thread::sleep(PACE);
        let metrics = server.metrics();
        if metrics.end.is_some() {
            break;
        }
        if args.once && metrics.came >= awaited && metrics.radios.is_empty() {
            break;
        }
    }
    if let Some(broker) = broker {
        output::note(zmq::words(&broker.stop()));
    }
    let metrics = server.metrics();
    output::line(if args.json { serde_json::to_string_pretty(&metrics)? } else { summary(&metrics) })?;
    let ended = metrics.end.iter().map(|reason| format!("the ether has ended: {reason}"));
    let lost = (!metrics.losses.is_clean()).then(|| losses(&metrics.losses));
    match ended.chain(lost).collect::<Vec<_>>() {
        wrong if wrong.is_empty() => Ok(()),
        wrong => Err(Failure::lost(format!("the run is invalid: {}", wrong.join("; ")))),
    }
}

fn seconds(text: &str) -> Result<f64, Failure> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    let words = || format!("--most-behind-s {text}: a number of seconds above 0 is expected");
    seconds.ok_or_else(|| Failure::bad_input(words()))
}

/// Returns what is said when an ether begins.
fn words(served: &ServedAir, experiment: &Experiment, args: &EtherArgs) -> String {
    let carrier_hz = experiment.channel_section.carrier_hz;
    let carrier = if carrier_hz > 0.0 { format!(", centre {carrier_hz} Hz") } else { String::new() };
    let mut words =
        format!("ether at {}: {} samples/s{carrier}", args.socket.display(), served.sample_rate_hz);
    for place in &served.places {
        let (sends, hears) = (place.transmit.len(), place.receive.len());
        words += &format!("\n  radio {:<12} {sends} transmit, {hears} receive", place.name);
    }
    words + "\nCtrl-C ends it"
}

fn summary(metrics: &EtherMetrics) -> String {
    let seconds = metrics.time as f64 / metrics.sample_rate_hz;
    let behind = |most_s| format!(", at most {most_s:.6} s behind the wall's clock");
    let behind = metrics.most_behind_wall_s.map_or(String::new(), behind);
    let mut words = format!("time went to sample {} ({seconds} s){behind}", metrics.time);
    for radio in &metrics.radios {
        let status = RadioStatus {
            underflows: radio.underflows,
            overflows: radio.overflows,
            late_bursts: radio.late_bursts,
            lost_samples: radio.lost_samples,
        };
        words += &format!("\nradio {}: {}", radio.name, losses(&status));
    }
    words + "\nall radios that came: " + &losses(&metrics.losses)
}

/// Carries this program's share of a round.
///
/// # Errors
/// When a flag is wrong, a radio cannot have its place, or the round was lost on the way.
pub fn take_part_in(args: &RunArgs, experiment: &Experiment, path: &Path) -> Result<(), Failure> {
    let names = radio_names(experiment).map_err(Failure::of_run)?;
    if let Some(stranger) = args.radio.iter().find(|name| !names.contains(name)) {
        let all = names.join(", ");
        return Err(Failure::bad_input(format!("--radio {stranger}: the experiment's radios are {all}")));
    }
    let stand = |name: &String| -> Result<(String, Box<dyn Radio>), Failure> {
        let attachment = RemoteAttachment::connect(path, Wanted::Named(name.clone())).map_err(failed)?;
        Ok((name.clone(), Box::new(VirtualRadio::new(attachment))))
    };
    let radios = args.radio.iter().map(stand).collect::<Result<_, _>>()?;
    let share = take_part(experiment, radios).map_err(|error| match &error {
        RunError::Medium(MediumError::Radio(RadioError::Late { .. } | RadioError::Ended { .. })) => {
            Failure::lost(format!("the run is invalid: {error}"))
        }
        _ => Failure::of_run(error),
    })?;
    if let Some(report) = &share.report {
        output::line(if args.json { serde_json::to_string_pretty(report)? } else { print::report(report) })?;
    }
    let (radios, counts) = (args.radio.join(", "), losses(&share.status));
    if share.status.is_clean() {
        output::note(format!("{radios}: {counts}"));
        return Ok(());
    }
    Err(Failure::lost(format!("the run is invalid: {radios}: {counts}")))
}

/// Returns counts as words.
pub fn losses(status: &RadioStatus) -> String {
    let RadioStatus { underflows, overflows, late_bursts, lost_samples } = status;
    if status.is_clean() {
        return "nothing late, nothing lost".into();
    }
    format!(
        "{underflows} underflows, {overflows} overflows ({lost_samples} samples lost), {late_bursts} late bursts"
    )
}

fn failed(error: RadioError) -> Failure {
    Failure::bad_input(error.to_string())
}
