//! `airloop scope`: looks at an ether that another process serves.

mod args;
mod figure;
mod look;
mod screen;
mod table;

pub use args::ScopeArgs;

use super::failure::{Failure, INTERRUPTED};
use super::output;
use airloop_hil::ether::EtherMetrics;
use look::Look;
use screen::Screen;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often who waits for the next look sees whether it should end.
const PACE: Duration = Duration::from_millis(50);

/// Looks between which so many seconds may lie.
const INTERVALS_S: std::ops::RangeInclusive<f64> = 0.05..=3600.0;

static STOPPED: AtomicBool = AtomicBool::new(false);

/// Shows how far an ether and its radios are until it ends, or Ctrl-C.
///
/// # Errors
/// When a flag is wrong, nobody serves an ether at the socket, or a file cannot be written.
pub fn scope(args: &ScopeArgs) -> Result<(), Failure> {
    let interval = interval(&args.interval_s)?;
    args.png.as_deref().map_or(Ok(()), figure::check)?;
    let ask = || EtherMetrics::of_server(&args.socket);
    let mut metrics = ask().map_err(|error| Failure::bad_input(error.to_string()))?;
    catch_interrupt();
    let (mut screen, mut before) = (Screen::new(args.json), None);
    loop {
        let look = Look::new(&metrics, before.as_ref());
        if !screen.show(&look, &args.socket)? {
            return Ok(());
        }
        if let Some(path) = &args.png {
            figure::draw(&look, path)?;
        }
        if args.once || metrics.end.is_some() || !wait(interval) {
            return Ok(());
        }
        let next = ask().or_else(|_| {
            // A server on its way out closes connections before its socket.
            sleep(PACE);
            ask()
        });
        before = Some(metrics);
        metrics = match next {
            Ok(metrics) => metrics,
            Err(_) if is_gone(&args.socket) => {
                output::note("the ether has ended");
                return Ok(());
            }
            Err(error) => return Err(Failure::bad_input(error.to_string())),
        };
    }
}

fn interval(text: &str) -> Result<Duration, Failure> {
    let seconds = text.parse().ok().filter(|seconds| INTERVALS_S.contains(seconds));
    let (low, high) = (INTERVALS_S.start(), INTERVALS_S.end());
    let expected = format!("a number from {low} to {high} seconds is expected");
    let bad = || Failure::bad_input(format!("--interval-s {text}: {expected}"));
    seconds.map(Duration::from_secs_f64).ok_or_else(bad)
}

/// Returns whether nobody serves a socket any more.
fn is_gone(path: &Path) -> bool {
    let gone = |kind| matches!(kind, ErrorKind::NotFound | ErrorKind::ConnectionRefused);
    UnixStream::connect(path).is_err_and(|error| gone(error.kind()))
}

/// Lets the first Ctrl-C end the program after a look, and the second at once.
fn catch_interrupt() {
    // Without a handler Ctrl-C ends the program at once: nothing on the terminal has to be put back.
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
    });
}

/// Waits for the next look; returns whether there is to be one.
fn wait(interval: Duration) -> bool {
    let began = Instant::now();
    while !STOPPED.load(Ordering::Relaxed) {
        let left = interval.saturating_sub(began.elapsed());
        if left.is_zero() {
            return true;
        }
        sleep(left.min(PACE));
    }
    false
}
