//! Ethers that tests serve, signals, and what they do with streams again and again.

use super::module::Folder;
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{AirConfig, Fading, FilterBank, FractionalDelay, Link, Profile, StreamedAir};
use airloop_hil::{Clock, Ether, EtherConfig, EtherServer};
use soapysdr::{Device, Direction, RxStream, TxStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Sample rate of all, in hertz.
pub const RATE_HZ: f64 = 1e6;
/// How long to wait for what must come, in microseconds.
pub const LONG_US: i64 = 20_000_000;

/// What the ether is to be.
#[derive(Clone, Copy)]
pub struct Parts {
    /// Ports that transmit; each is heard at each that receives.
    pub ports: (usize, usize),
    pub fades: bool,
    pub noise_power: f64,
    pub radios: usize,
}

/// One port each way, a unit channel and no noise.
pub const UNIT: Parts = Parts { ports: (1, 1), fades: false, noise_power: 0.0, radios: 0 };

impl Parts {
    fn air(self) -> StreamedAir {
        let (seeds, (transmit, receive)) = (Seeds::new(5), self.ports);
        let profile = match self.fades {
            true => Profile::exponential(1.5e-6).unwrap(),
            false => Profile::flat(f64::INFINITY),
        };
        let delays: Vec<f64> = profile.paths().iter().map(|path| path.delay_s).collect();
        let filter = Arc::new(FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0)));
        let fading = Fading::new(profile, 3.5e9, if self.fades { 30.0 } else { 0.0 });
        let pairs: Vec<_> = (0..transmit).flat_map(|t| (0..receive).map(move |r| (t, r))).collect();
        let taps = fading.draw(&seeds, 0, 0..pairs.len());
        let link =
            |(taps, (transmit, receive))| Link { transmit, receive, taps, filter: Arc::clone(&filter) };
        let links = taps.into_iter().zip(pairs).map(link).collect();
        let noise_power = self.noise_power;
        let config = AirConfig { sample_rate_hz: RATE_HZ, noise_power, origin: 0, receive_ports: receive };
        StreamedAir::new(config, links, seeds.stream(Purpose::Noise, 0, 0)).unwrap()
    }

    fn config(self, air: &StreamedAir) -> EtherConfig {
        EtherConfig { radios: self.radios, ..EtherConfig::new(self.ports, air.precursor_samples()) }
    }
}

/// An ether that is served in this process, for devices of this and other ones.
pub struct Served {
    pub path: PathBuf,
    pub server: EtherServer,
    /// Samples that the wall's clock has gone on, where it counts: the tests turn its hand.
    wall: Arc<AtomicU64>,
    pub ether: Ether<StreamedAir>,
    _folder: Folder,
}

impl Served {
    /// Serves an ether in lockstep.
    pub fn lockstep(parts: Parts) -> Self {
        let air = parts.air();
        Self::serve(parts.config(&air), air)
    }

    /// Serves an ether by a wall's clock that tests turn on; channels keep so many unheard samples.
    pub fn wall(parts: Parts, unheard_samples: usize) -> Self {
        let air = parts.air();
        Self::serve(EtherConfig { clock: Clock::Wall, unheard_samples, ..parts.config(&air) }, air)
    }

    fn serve(config: EtherConfig, air: StreamedAir) -> Self {
        let (folder, wall) = (Folder::new(), Arc::new(AtomicU64::new(0)));
        let path = folder.0.join("ether");
        let hand = Arc::clone(&wall);
        // Half a sample more, so that no rounding takes one away.
        let elapsed = move || Duration::from_secs_f64((hand.load(Ordering::Relaxed) as f64 + 0.5) / RATE_HZ);
        let ether = Ether::with_wall(config, air, elapsed).unwrap();
        let server = EtherServer::bind(&path, ether.clone()).unwrap();
        Self { path, server, wall, ether, _folder: folder }
    }

    /// Returns a device's arguments.
    pub fn arguments(&self, more: &str) -> String {
        format!("driver=airloop,ether={},{more}", self.path.display())
    }

    /// Turns the wall's clock on to a sample, and lets time go there.
    pub fn turn_to(&self, sample: u64) {
        self.wall.store(sample, Ordering::Relaxed);
        self.ether.advance();
    }
}

/// Samples of unit power.
pub fn signal(number: u64, count: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::default(); count];
    Seeds::new(9).stream(Purpose::Payload, 0, number).fill_complex_gaussian(0, 1.0, &mut samples);
    samples
}

pub fn device(arguments: &str) -> Device {
    Device::new(arguments).unwrap()
}

pub fn sender(device: &Device) -> TxStream<Complex32> {
    device.tx_stream(&[0]).unwrap()
}

pub fn listener(device: &Device) -> RxStream<Complex32> {
    assert!(device.num_channels(Direction::Rx).unwrap() > 0);
    device.rx_stream(&[0]).unwrap()
}

/// Reads so many samples, each call so many at most; checks that times follow each other without a gap.
pub fn hear(stream: &mut RxStream<Complex32>, count: usize, cut: usize) -> (i64, Vec<Complex32>) {
    let (mut heard, mut began, mut out) = (Vec::new(), None, vec![Complex32::default(); cut]);
    while heard.len() < count {
        let wanted = cut.min(count - heard.len());
        let got = stream.read(&mut [&mut out[..wanted]], LONG_US).unwrap();
        assert!(got > 0 && got <= wanted);
        let began = *began.get_or_insert(stream.time_ns());
        assert_eq!(stream.time_ns(), began + heard.len() as i64 * 1000);
        heard.extend_from_slice(&out[..got]);
    }
    (began.unwrap_or(0), heard)
}
