//! What an ether by the wall's clock carries in real time over its socket, each radio a process of its own. It prints, and judges nothing.
//!
//! ```text
//! real_time one-way  RATE_HZ SECONDS    a radio sends without pause, another hears
//! real_time both-ways RATE_HZ SECONDS   two radios, both send and hear
//! real_time sum RATE_HZ SECONDS K       K radios send, one hears their sum through a Rayleigh tap each, and noise
//! real_time latency RATE_HZ             bursts at times: how late they are read, and how short a lead may be
//! ```

use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{
    AirConfig, Fading, FilterBank, FractionalDelay, Link, PathKind, PathSpec, Profile, StreamedAir,
};
use airloop_hil::ether::{Attachment, EtherMetrics};
use airloop_hil::{Clock, Direction, Ether, EtherConfig, EtherServer, Place, RemoteAttachment, Wanted};
use std::error::Error;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Samples that are written and read at once.
const BLOCK: usize = 16_384;
/// Seconds of samples that a channel of the ether takes ahead, and keeps for who listens.
const BUFFER_S: f64 = 0.1;
/// No radio waits for longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Samples of a burst at a time, bursts of a lead, and leads in milliseconds.
const BURST: usize = 1000;
const BURSTS: usize = 200;
const LEADS_MS: [f64; 8] = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |i: usize| -> Outcome<f64> { Ok(words.get(i).ok_or("see the head of the source")?.parse()?) };
    match words.first().map_or("", String::as_str) {
        "one-way" => measure(
            &Setting { rate_hz: number(1)?, seconds: number(2)?, links: vec![(0, 0)], fades: false },
            "stream",
        ),
        "both-ways" => {
            let links = vec![(0, 1), (1, 0)];
            measure(&Setting { rate_hz: number(1)?, seconds: number(2)?, links, fades: false }, "stream")
        }
        "sum" => {
            let links = (0..number(3)? as usize).map(|radio| (radio, 0)).collect();
            measure(&Setting { rate_hz: number(1)?, seconds: number(2)?, links, fades: true }, "stream")
        }
        "latency" => measure(
            &Setting { rate_hz: number(1)?, seconds: 0.0, links: vec![(0, 0)], fades: false },
            "latency",
        ),
        "radio" => radio(Path::new(&words[1]), &words[2], number(3)?),
        "bursts" => bursts(Path::new(&words[1]), number(2)?),
        _ => Err("one-way, both-ways, sum or latency is expected; see the head of the source".into()),
    }
}

/// What is measured.
struct Setting {
    rate_hz: f64,
    seconds: f64,
    /// Ports that send, and that hear them.
    links: Vec<(usize, usize)>,
    fades: bool,
}

impl Setting {
    /// Returns how many ports send, and hear.
    fn ports(&self) -> (usize, usize) {
        let most = |port: fn(&(usize, usize)) -> usize| 1 + self.links.iter().map(port).max().unwrap_or(0);
        (most(|link| link.0), most(|link| link.1))
    }

    /// Returns the places of the radios: one for each port, or for both of a number where both hear and send.
    fn places(&self) -> Vec<Place> {
        let (sends, hears) = self.ports();
        let place = |name: String, transmit, receive| Place { name, transmit, receive };
        if sends == hears && sends > 1 {
            return (0..sends).map(|port| place(format!("radio-{port}"), vec![port], vec![port])).collect();
        }
        let senders = (0..sends).map(|port| place(format!("sender-{port}"), vec![port], vec![]));
        senders.chain((0..hears).map(|port| place(format!("listener-{port}"), vec![], vec![port]))).collect()
    }

    fn ether(&self) -> Outcome<Ether<StreamedAir>> {
        let seeds = Seeds::new(1);
        let profile = match self.fades {
            true => Profile::new(vec![PathSpec { delay_s: 0.0, power: 1.0, kind: PathKind::Rayleigh }])?,
            false => Profile::flat(f64::INFINITY),
        };
        let filter = Arc::new(FilterBank::new(&[0.0], self.rate_hz, &FractionalDelay::new(0.6, -80.0)));
        let taps = Fading::new(profile, 3.5e9, 0.0).draw(&seeds, 0, 0..self.links.len());
        let link =
            |(taps, (transmit, receive))| Link { transmit, receive, taps, filter: Arc::clone(&filter) };
        let links = taps.into_iter().zip(self.links.iter().copied()).map(link).collect();
        let noise_power = if self.fades { 0.01 } else { 0.0 };
        let (sample_rate_hz, ports) = (self.rate_hz, self.ports());
        let config = AirConfig { sample_rate_hz, noise_power, origin: 0, receive_ports: ports.1 };
        let air = StreamedAir::new(config, links, seeds.stream(Purpose::Noise, 0, 0))?;
        let buffer = ((BUFFER_S * sample_rate_hz) as usize).max(2 * BLOCK);
        let config = EtherConfig::new(ports, air.precursor_samples());
        let (radios, clock) = (self.places().len(), Clock::Wall);
        let ether = Ether::new(
            EtherConfig { clock, radios, unheard_samples: buffer, ahead_samples: buffer, ..config },
            air,
        )?;
        ether.reserve(self.places());
        Ok(ether)
    }
}

/// Serves the ether, starts the radios, and says how it went.
fn measure(setting: &Setting, what: &str) -> Outcome {
    let path = std::env::temp_dir().join(format!("airloop-real-time-{}", std::process::id()));
    let (load, began) = (load(), Instant::now());
    let server = EtherServer::bind(&path, setting.ether()?)?;
    let start = |words: &[&str]| -> Outcome<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        Ok(command.arg(words[0]).arg(&path).args(&words[1..]).stdout(Stdio::inherit()).spawn()?)
    };
    let (rate, seconds) = (setting.rate_hz.to_string(), setting.seconds.to_string());
    let radios: Vec<Child> = match what {
        "latency" => vec![start(&["bursts", &rate])?],
        _ => setting
            .places()
            .iter()
            .map(|place| start(&["radio", &place.name, &seconds]))
            .collect::<Outcome<_>>()?,
    };
    for mut radio in radios {
        if !radio.wait()?.success() {
            return Err("a radio failed".into());
        }
    }
    let EtherMetrics { time, sample_rate_hz, losses, most_behind_wall_s, end, .. } = server.metrics();
    println!(
        "ether: {:.2} s at {} MS/s; {} underflows, {} overflows, {} samples lost, {} late bursts; at most {:.2} ms behind the wall; \
         CPU {:.0} %; load {load} before, {} after",
        time as f64 / sample_rate_hz,
        sample_rate_hz / 1e6,
        losses.underflows,
        losses.overflows,
        losses.lost_samples,
        losses.late_bursts,
        1e3 * most_behind_wall_s.unwrap_or(0.0),
        cpu_share(began),
        self::load(),
    );
    end.map_or(Ok(()), |reason| Err(format!("the ether has ended: {reason}").into()))
}

/// Returns the load of the last minute.
fn load() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .map_or("?".into(), |text| text.split(' ').next().unwrap_or("?").into())
}

/// Returns this process's share of one core since an instant near its beginning, in per cent.
fn cpu_share(began: Instant) -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // User and system time in hundredths of a second: fields 14 and 15, the second one in brackets.
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / began.elapsed().as_secs_f64()
}

/// One radio: sends without pause and hears for so long, whatever its place lets it.
fn radio(path: &Path, name: &str, seconds: f64) -> Outcome {
    let began = Instant::now();
    let mut radio = RemoteAttachment::connect(path, Wanted::Named(name.into()))?;
    let info = radio.info().clone();
    let until = (seconds * info.sample_rate_hz) as u64;
    let mut sending = None;
    if !info.place.transmit.is_empty() {
        radio.activate(Direction::Transmit, None)?;
        let sender = radio.clone();
        sending = Some(thread::spawn(move || send(sender, until)));
    }
    let (mut heard, mut lost) = (0, 0);
    if !info.place.receive.is_empty() {
        let mut out = vec![Complex32::default(); BLOCK];
        let mut at = radio.activate(Direction::Receive, None)?;
        while at < until - until / 100 {
            let read = radio.read(0, &mut out, PATIENCE)?;
            (at, heard, lost) = (read.start + read.count as u64, heard + read.count, lost + read.lost);
        }
        radio.deactivate(Direction::Receive)?;
    }
    if let Some(sending) = sending {
        sending.join().map_err(|_| "the sender panicked")??;
    }
    let status = radio.status();
    println!(
        "{name}: heard {heard}, lost {lost}; {} underflows, {} overflows; CPU {:.0} %",
        status.underflows,
        status.overflows,
        cpu_share(began)
    );
    Ok(())
}

fn send(mut radio: RemoteAttachment, until: u64) -> Outcome {
    let mut samples = vec![Complex32::default(); BLOCK];
    Seeds::new(9).stream(Purpose::Payload, 0, 0).fill_complex_gaussian(0, 0.01, &mut samples);
    let mut sent = 0;
    while sent < until {
        let count = samples.len().min((until - sent) as usize);
        let ends = sent + count as u64 == until;
        sent += radio.write(0, (None, &samples[..count], ends), PATIENCE)? as u64;
    }
    Ok(())
}

/// Sends bursts at times ahead of now, hears them, and prints delays and the share of those that came late.
fn bursts(path: &Path, rate_hz: f64) -> Outcome {
    let connect = |name: &str| RemoteAttachment::connect(path, Wanted::Named(name.into()));
    let (mut sender, mut listener) = (connect("sender-0")?, connect("listener-0")?);
    sender.activate(Direction::Transmit, None)?;
    listener.activate(Direction::Receive, None)?;
    let (tell, told) = channel();
    // Who listens says when it has heard up to which index.
    thread::spawn(move || {
        let mut out = vec![Complex32::default(); BLOCK];
        while let Ok(read) = listener.read(0, &mut out, PATIENCE) {
            if tell.send((read.start + read.count as u64, Instant::now())).is_err() {
                return;
            }
        }
    });
    println!("{:>8} {:>8} {:>34}", "lead ms", "late %", "read later by ms: median, 99 %, most");
    for lead_ms in LEADS_MS {
        let mut delays_ms = Vec::new();
        for _ in 0..BURSTS {
            delays_ms.extend(burst(&mut sender, &told, (lead_ms, rate_hz))?);
        }
        let late = 100.0 * (BURSTS - delays_ms.len()) as f64 / BURSTS as f64;
        delays_ms.sort_by(f64::total_cmp);
        let at = |share: f64| delays_ms.get((share * delays_ms.len() as f64) as usize).or(delays_ms.last());
        let cell = |share| at(share).map_or("-".into(), |ms| format!("{ms:.2}"));
        println!("{lead_ms:>8} {late:>8.1} {:>16} {:>8} {:>8}", cell(0.5), cell(0.99), cell(1.0));
    }
    Ok(())
}

/// Sends a burst that begins so much after now; returns by how many milliseconds it was read later than it was over in the air,
/// `None` where it came too late.
fn burst(
    sender: &mut RemoteAttachment,
    told: &Receiver<(u64, Instant)>,
    (lead_ms, rate_hz): (f64, f64),
) -> Outcome<Option<f64>> {
    let samples = vec![Complex32::new(0.1, 0.0); BURST];
    let now = sender.now()?;
    let asked = Instant::now();
    let start = now + (1e-3 * lead_ms * rate_hz) as u64;
    if sender.write(0, (Some(start), &samples, true), PATIENCE).is_err() {
        return Ok(None);
    }
    let end = start + BURST as u64;
    loop {
        let (heard, at) = told.recv()?;
        if heard >= end {
            let air_s = (end - now) as f64 / rate_hz;
            return Ok(Some(1e3 * (at.duration_since(asked).as_secs_f64() - air_s)));
        }
    }
}
