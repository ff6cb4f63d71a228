//! Samples through an ether from one radio to another, a thread each, in blocks of 65,536: within a process, over its socket, and by
//! radios with hardware of their own, whose own samples count; beside a copy of the same samples in memory.

use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{
    AirConfig, Fading, FilterBank, FractionalDelay, Link, PathKind, PathSpec, Profile, StreamedAir,
};
use airloop_hil::ether::Attachment;
use airloop_hil::{
    Device, DeviceConfig, Direction, Ether, EtherConfig, EtherServer, HardwareSetting, LocalAttachment,
    Persona, Place, RemoteAttachment, Tuning,
};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Samples that are written and read at once.
const BLOCK: usize = 65_536;
/// Samples of a repeat.
const TOTAL: usize = 1 << 26;
/// Repeats, of which the fastest counts.
const REPEATS: usize = 3;
/// No radio waits for longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A channel that leaves samples as they are, or two paths that stand still and noise.
fn air(echoes: bool) -> StreamedAir {
    let seeds = Seeds::new(1);
    let path = |delay_s| PathSpec { delay_s, power: 0.5, kind: PathKind::Rayleigh };
    let profile = match echoes {
        true => Profile::new(vec![path(0.0), path(7e-6)]).expect("the paths are right"),
        false => Profile::flat(f64::INFINITY),
    };
    let delays: Vec<f64> = profile.paths().iter().map(|path| path.delay_s).collect();
    let fading = Fading::new(profile, 3.5e9, 0.0);
    let filter = Arc::new(FilterBank::new(&delays, 1e6, &FractionalDelay::new(0.6, -80.0)));
    let taps = fading.draw(&seeds, 0, 0..1).remove(0);
    let links = vec![Link { transmit: 0, receive: 0, taps, filter }];
    let noise_power = if echoes { 0.01 } else { 0.0 };
    let config = AirConfig { sample_rate_hz: 1e6, noise_power, origin: 0, receive_ports: 1 };
    StreamedAir::new(config, links, seeds.stream(Purpose::Noise, 0, 0)).expect("the air is right")
}

fn ether(echoes: bool) -> Ether<StreamedAir> {
    let air = air(echoes);
    let config = EtherConfig::new((1, 1), air.precursor_samples());
    Ether::new(EtherConfig { radios: 2, ..config }, air).expect("the distances are right")
}

/// The places of the two radios.
fn places() -> [Place; 2] {
    let place = |name: &str, transmit: Vec<usize>, receive| Place { name: name.into(), transmit, receive };
    [place("sender", vec![0], vec![]), place("listener", vec![], vec![0])]
}

/// Returns samples a second that one radio hears while another sends so many.
fn rate(
    mut sender: impl Attachment + 'static,
    mut listener: impl Attachment,
    samples: &[Complex32],
    (sends, hears): (usize, usize),
) -> f64 {
    sender.activate(Direction::Transmit, Some(0)).expect("the sender starts");
    listener.activate(Direction::Receive, Some(0)).expect("the listener starts");
    let block = samples.to_vec();
    let began = Instant::now();
    let thread = std::thread::spawn(move || {
        let mut sent = 0;
        while sent < sends {
            let from = sent % BLOCK;
            sent += sender.write(0, (None, &block[from..], false), PATIENCE).expect("the ether takes it");
        }
        sender.deactivate(Direction::Transmit).expect("the sender stops");
    });
    let (mut heard, mut out) = (0, vec![Complex32::default(); BLOCK]);
    while heard < hears - BLOCK {
        heard += listener.read(0, &mut out, PATIENCE).expect("the ether gives it").count;
        black_box(&mut out);
    }
    let seconds = began.elapsed().as_secs_f64();
    thread.join().expect("the sender ends");
    heard as f64 / seconds
}

type Local = LocalAttachment<StreamedAir>;

/// Gives a place the hardware of a kind of radio, at a share of the air's rate.
fn device(place: Local, persona: &str, share: f64) -> Device<Local> {
    let setting = HardwareSetting::at(place.info(), Seeds::new(1), 1, 2.4e9);
    let persona = Persona::named(persona).expect("there is such a radio");
    let config = DeviceConfig::draw(persona, &setting).expect("its hardware is within limits");
    let mut device = Device::new(place, config).expect("the air is within its reach");
    let can = device.capabilities().clone();
    for direction in [Direction::Transmit, Direction::Receive] {
        let gain_db = if can.transmit_gain_db.holds(-1.0) { 0.0 } else { 40.0 };
        let tuning = Tuning { centre_hz: 2.4e9, sample_rate_hz: share * 1e6, gain_db };
        for channel in 0..can.channels(direction) {
            device.tune(direction, channel, &tuning).expect("the setting is within its reach");
        }
    }
    device
}

/// Returns samples a second of a copy in memory, block by block.
fn copied(samples: &[Complex32]) -> f64 {
    let mut out = vec![Complex32::default(); BLOCK];
    let began = Instant::now();
    for _ in 0..TOTAL / BLOCK {
        out.copy_from_slice(black_box(samples));
        black_box(&mut out);
    }
    TOTAL as f64 / began.elapsed().as_secs_f64()
}

fn main() {
    let mut samples = vec![Complex32::default(); BLOCK];
    Seeds::new(9).stream(Purpose::Payload, 0, 0).fill_complex_gaussian(0, 1.0, &mut samples);
    let path = std::env::temp_dir().join(format!("airloop-bench-{}", std::process::id()));
    let best = |measure: &dyn Fn() -> f64| (0..REPEATS).map(|_| measure()).fold(0.0, f64::max);
    let within = |echoes| {
        best(&|| {
            let ether = ether(echoes);
            let [sender, listener] = places().map(|place| ether.attach(place).expect("its port is free"));
            rate(sender, listener, &samples, (TOTAL, TOTAL))
        })
    };
    let (unit, echoing) = (within(false), within(true));
    let across = best(&|| {
        let _server = EtherServer::bind(&path, ether(false)).expect("the path is free");
        let connect = |place| RemoteAttachment::connect(&path, place).expect("the server is there");
        let [sender, listener] = places().map(connect);
        rate(sender, listener, &samples, (TOTAL, TOTAL))
    });
    // A device at one end, none at the other; samples are counted by the device's rate.
    let part = |share: f64| (share * (TOTAL / 4) as f64) as usize;
    let sending = |persona: &str, share: f64| {
        best(&|| {
            let ether = ether(false);
            let [sender, listener] = places().map(|place| ether.attach(place).expect("its port is free"));
            share * rate(device(sender, persona, share), listener, &samples, (part(share), part(1.0)))
        })
    };
    let hearing = |persona: &str, share: f64| {
        best(&|| {
            let ether = ether(false);
            let [sender, listener] = places().map(|place| ether.attach(place).expect("its port is free"));
            rate(sender, device(listener, persona, share), &samples, (part(1.0), part(share)))
        })
    };
    let copy = best(&|| copied(&samples));
    println!("{:<34} {:>10} {:>22}", "one radio to another", "MS/s", "of a copy in memory");
    let rows = [
        ("within a process", unit),
        ("the same, two paths and noise", echoing),
        ("over a socket", across),
        ("from a device that does nothing", sending("ideal", 1.0)),
        ("to a device that does nothing", hearing("ideal", 1.0)),
        ("from a device at half the rate", sending("ideal", 0.5)),
        ("to a device at half the rate", hearing("ideal", 0.5)),
        ("from a B210", sending("b210", 1.0)),
        ("to a B210", hearing("b210", 1.0)),
        ("from a B210 at half the rate", sending("b210", 0.5)),
        ("to a B210 at half the rate", hearing("b210", 0.5)),
        ("a copy in memory", copy),
    ];
    for (name, rate) in rows {
        println!("{name:<34} {:>10.1} {:>22.4}", rate / 1e6, rate / copy);
    }
}
