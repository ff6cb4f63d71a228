//! An ether by the wall's clock, and radios that stall: what is lost is counted with its place, and marks the run as invalid.

use super::folder::{Folder, Ran};
use airloop::baseband::{Complex32, SampleIndex};
use airloop_hil::ether::{Attachment, EtherMetrics, Event};
use airloop_hil::{Direction, RemoteAttachment, Wanted};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nobody is waited for less: a slow machine is no reason to fail.
const PATIENCE: Duration = Duration::from_secs(120);
/// Samples of a burst, and their amplitude: far above noise of -40 dB.
const BURST: u64 = 20_000;
const AMPLITUDE: f32 = 1.0;

/// The small experiment over a channel that leaves samples as they are, but for noise, at 960 kS/s.
const AIR: &str = "small.toml --set channel.model=awgn --set link.snr_db=40 --set ofdm.numerology=custom --set ofdm.fft_size=64 \
                   --set ofdm.sample_rate_hz=960e3 --set ofdm.cyclic_prefix_samples=8 --set ofdm.used_subcarriers=40 \
                   --set stop.trials=1";

/// The air, served by the wall's clock; however slow the machine is, it is not ended for that.
struct Served(Folder, Option<Child>);

impl Served {
    fn begin(name: &str, flags: &str) -> Self {
        let folder = Folder::with_small(name);
        let clock = "--clock wall --most-behind-s 1000 --uplinks-only --once";
        let mut child = folder.spawn(&format!("ether {AIR} --socket air.socket --json {clock} {flags}"));
        let mut said = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert!(said.starts_with("ether at air.socket"), "{said}");
        Self(folder, Some(child))
    }

    fn stand(&self, name: &str) -> RemoteAttachment {
        RemoteAttachment::connect(self.0.path("air.socket"), Wanted::Named(name.into())).unwrap()
    }

    /// Waits until the ether says that something is so.
    fn wait_until(&self, what: &str, is: impl Fn(&EtherMetrics) -> bool) {
        let began = Instant::now();
        while !is(&EtherMetrics::of_server(self.0.path("air.socket")).unwrap()) {
            assert!(began.elapsed() < PATIENCE, "{what}");
            sleep(Duration::from_millis(2));
        }
    }

    /// Waits for the end; returns how it ended, and what it says of samples.
    fn end(&mut self) -> (Ran, Value) {
        let ran = Ran(self.1.take().unwrap().wait_with_output().unwrap());
        let said = serde_json::from_str(&ran.stdout()).unwrap();
        (ran, said)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.1.take() {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

/// What a radio heard, and where it stands.
struct Heard {
    ear: RemoteAttachment,
    from: SampleIndex,
    until: SampleIndex,
    /// Indices at which something was sent.
    on: Vec<SampleIndex>,
    count: u64,
    lost: u64,
}

/// Hears without pause until an index that may still change.
fn hear(mut ear: RemoteAttachment, until: &AtomicU64) -> Heard {
    let mut out = vec![Complex32::default(); 1 << 16];
    let first = ear.read(0, &mut out[..1], PATIENCE).unwrap();
    assert_eq!(first.count, 1);
    let mut heard = Heard { ear, from: first.start, until: first.start + 1, on: vec![], count: 1, lost: 0 };
    while heard.until < until.load(Ordering::Relaxed) {
        let read = heard.ear.read(0, &mut out, PATIENCE).unwrap();
        assert!(read.count > 0 && read.start == heard.until + read.lost, "{read:?} after {}", heard.until);
        let on = (read.start..).zip(&out[..read.count]).filter(|(_, x)| x.norm() > AMPLITUDE / 2.0);
        heard.on.extend(on.map(|(at, _)| at));
        heard.until = read.start + read.count as u64;
        (heard.count, heard.lost) = (heard.count + read.count as u64, heard.lost + read.lost);
    }
    heard
}

#[test]
fn a_stalled_writer_and_a_slow_reader_are_counted_and_make_the_run_invalid() {
    let mut served = Served::begin("wall-stalled", "--radios 2");
    let (mut writer, mut ear) = (served.stand("device-0"), served.stand("server"));
    let rate_hz = writer.info().sample_rate_hz;
    writer.activate(Direction::Transmit, None).unwrap();
    ear.activate(Direction::Receive, None).unwrap();
    let until = Arc::new(AtomicU64::new(u64::MAX));
    let told = Arc::clone(&until);
    let listening = std::thread::spawn(move || hear(ear, &told));

    // A burst that names no time is never late, and a short one is taken at once.
    let samples = vec![Complex32::new(AMPLITUDE, 0.0); BURST as usize];
    assert_eq!(writer.write(0, (None, &samples, false), PATIENCE).unwrap(), samples.len());
    served.wait_until("no underflow", |metrics| metrics.losses.underflows > 0);
    let Some(Event::Underflow(end)) = writer.event() else { panic!("an underflow has its place") };
    // In the middle of the burst the writer stalls, 100 ms of the air or more.
    let resumed = end + (0.1 * rate_hz) as u64;
    served.wait_until("no stall", |metrics| metrics.time >= resumed);
    assert_eq!(writer.write(0, (None, &samples, true), PATIENCE).unwrap(), samples.len());
    until.store(writer.now().unwrap() + 2 * BURST, Ordering::Relaxed);
    let Heard { mut ear, from, until: at, on, count, lost } = listening.join().unwrap();
    assert_eq!(writer.event(), None, "one stall, one underflow");
    assert_eq!((writer.status().underflows, writer.status().late_bursts), (1, 0));
    // The gap is where the underflow says, and what a loaded machine lost is marked too.
    assert_eq!(count + lost, at - from);
    let again = *on.iter().find(|at| **at >= end).expect("the burst goes on");
    let (first, second) = (end - BURST..end, again..again + BURST);
    assert!(lost > 0 || (again >= resumed && on.len() as u64 == 2 * BURST), "{again} {resumed} {}", on.len());
    assert!(on.iter().all(|at| first.contains(at) || (second.contains(at) && *at >= resumed)));

    // A reader that stalls for longer than the ether keeps samples: it reads those, and is told where the others are.
    let kept = 1 << 18;
    served.wait_until("it is not behind", |metrics| {
        metrics.radios.iter().flat_map(|radio| radio.behind.iter().flatten()).any(|behind| *behind > 2 * kept)
    });
    let events: Vec<Event> = std::iter::from_fn(|| ear.event()).collect();
    let Some(Event::Overflow(full)) = events.last() else { panic!("{events:?} ends with no overflow") };
    let (mut out, mut position) = (vec![Complex32::default(); 1 << 16], at);
    while position < *full {
        let read = ear.read(0, &mut out, PATIENCE).unwrap();
        assert_eq!((read.start, read.lost), (position, 0));
        position += read.count as u64;
    }
    assert_eq!(position, *full);
    let after = ear.read(0, &mut out, PATIENCE).unwrap();
    assert!(after.lost >= kept && after.start == full + after.lost, "{after:?} after {full}");
    let counts = ear.status();
    assert!(counts.overflows >= 1 && counts.lost_samples >= lost + after.lost, "{counts:?}");

    drop((writer, ear));
    let (ran, said) = served.end();
    assert_eq!(ran.code(), Some(1), "{}", ran.stderr());
    let losses = &said["losses"];
    assert_eq!((&losses["underflows"], &losses["late_bursts"]), (&1.into(), &0.into()));
    assert!(losses["overflows"].as_u64() >= Some(counts.overflows), "{losses}");
    let words = format!(
        "error: the run is invalid: 1 underflows, {} overflows ({} samples lost), 0 late bursts",
        losses["overflows"], losses["lost_samples"]
    );
    assert!(ran.stderr().contains(&words), "{words:?} is not in {}", ran.stderr());
    assert!(said["most_behind_wall_s"].as_f64().is_some(), "{said}");
}

/// Returns whether a part of a run was carried whole; it must say so, or that it is invalid.
fn is_clean(ran: &Ran) -> bool {
    let (code, words) = (ran.code(), ran.stderr());
    let clean = words.contains("nothing late, nothing lost");
    let invalid = words.contains("error: the run is invalid: ");
    assert_eq!((code, clean), if invalid { (Some(1), false) } else { (Some(0), true) }, "{words}");
    clean
}

#[test]
fn a_run_by_the_walls_clock_is_that_of_lockstep_or_invalid() {
    let mut served = Served::begin("wall-run", "");
    let part =
        |radios: &str| format!("run {AIR} --fidelity radio --ether air.socket --radio {radios} --json");
    let server = served.0.spawn(&part("server"));
    let devices = served.0.run(&part("device-0,device-1,device-2"));
    let server = Ran(server.wait_with_output().unwrap());
    let (ether, said) = served.end();
    let carried = [is_clean(&devices), is_clean(&server)];
    let losses = said["losses"].as_object().unwrap();
    assert_eq!(ether.code(), Some(if losses.values().all(|count| *count == 0) { 0 } else { 1 }));
    if carried == [true, true] {
        assert_eq!(ether.code(), Some(0), "{}", ether.stderr());
        assert_eq!(server.stdout(), served.0.succeed(&format!("run {AIR} --fidelity radio --json")));
    }
}

#[test]
fn who_comes_when_time_has_gone_on_is_told_that_its_run_is_invalid() {
    let mut served = Served::begin("wall-late", "--radios 1");
    let mut first = served.stand("device-2");
    first.activate(Direction::Transmit, None).unwrap();
    served.wait_until("time stands still", |metrics| metrics.time > 100_000);
    let part = |radio: &str| {
        served.0.run(&format!("run {AIR} --fidelity radio --ether air.socket --radio {radio} --json"))
    };
    let (device, server) = (part("device-0"), part("server"));
    assert!(!is_clean(&device) && device.stderr().contains("came when sample"), "{}", device.stderr());
    assert!(!is_clean(&server) && server.stderr().contains("samples lost"), "{}", server.stderr());
    drop(first);
    let (ether, said) = served.end();
    assert_eq!((ether.code(), &said["losses"]["late_bursts"]), (Some(1), &1.into()), "{said}");
}
