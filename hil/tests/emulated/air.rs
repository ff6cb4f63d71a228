//! Airs, radios and signals that the tests share.

use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{
    AirConfig, EmulatedAir, Fading, FilterBank, FractionalDelay, Link, Profile, StreamedAir,
};
use airloop_hil::{Ether, EtherConfig, LocalAttachment, Place, VirtualRadio};
use std::sync::Arc;

/// Sample rate, in hertz.
pub const RATE_HZ: f64 = 1e6;

/// What an air is made of.
#[derive(Clone, Copy)]
pub struct Parts {
    /// Ports that transmit; all are heard at every port that receives.
    pub transmit: usize,
    /// Ports that receive.
    pub receive: usize,
    /// Whether links fade and echo, or leave samples as they are.
    pub fades: bool,
    /// Noise power of a sample.
    pub noise_power: f64,
    /// Seed of taps and noise.
    pub seed: u64,
}

/// A unit channel without noise.
pub const UNIT: Parts = Parts { transmit: 1, receive: 1, fades: false, noise_power: 0.0, seed: 1 };

impl Parts {
    fn parts(self) -> (AirConfig, Vec<Link>, airloop_baseband::Stream) {
        let seeds = Seeds::new(self.seed);
        let (profile, speed_m_s) = match self.fades {
            true => (Profile::exponential(1.5e-6).unwrap(), 30.0),
            false => (Profile::flat(f64::INFINITY), 0.0),
        };
        let fading = Fading::new(profile, 3.5e9, speed_m_s);
        let delays: Vec<f64> = fading.profile().paths().iter().map(|p| p.delay_s).collect();
        let filter = Arc::new(FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0)));
        let pairs: Vec<(usize, usize)> =
            (0..self.transmit).flat_map(|t| (0..self.receive).map(move |r| (t, r))).collect();
        let taps = fading.draw(&seeds, 0, 0..pairs.len());
        let link =
            |(taps, (transmit, receive))| Link { transmit, receive, taps, filter: Arc::clone(&filter) };
        let config = AirConfig {
            sample_rate_hz: RATE_HZ,
            noise_power: self.noise_power,
            origin: 0,
            receive_ports: self.receive,
        };
        (config, taps.into_iter().zip(pairs).map(link).collect(), seeds.stream(Purpose::Noise, 0, 0))
    }

    /// Makes the air for streams.
    pub fn streamed(self) -> StreamedAir {
        let (config, links, noise) = self.parts();
        StreamedAir::new(config, links, noise).unwrap()
    }

    /// Makes the air that rounds use.
    pub fn emulated(self) -> EmulatedAir {
        let (config, links, noise) = self.parts();
        EmulatedAir::new(config, links, noise)
    }

    /// Returns an ether's usual config for this air.
    pub fn config(self) -> EtherConfig {
        EtherConfig::new((self.transmit, self.receive), self.streamed().precursor_samples())
    }

    /// Makes an ether.
    pub fn ether(self, config: EtherConfig) -> Ether<StreamedAir> {
        Ether::new(config, self.streamed()).unwrap()
    }
}

/// A place in an ether of a test.
pub type Local = LocalAttachment<StreamedAir>;

/// Stands a radio in an ether at some ports.
pub fn attach(ether: &Ether<StreamedAir>, name: &str, (transmit, receive): (&[usize], &[usize])) -> Local {
    let place = Place { name: name.into(), transmit: transmit.to_vec(), receive: receive.to_vec() };
    ether.attach(place).unwrap()
}

/// Makes an ideal radio at some ports.
pub fn radio(ether: &Ether<StreamedAir>, name: &str, ports: (&[usize], &[usize])) -> VirtualRadio<Local> {
    VirtualRadio::new(attach(ether, name, ports))
}

/// Returns Gaussian samples of unit power.
pub fn signal(number: u64, count: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::default(); count];
    Seeds::new(9).stream(Purpose::Payload, 0, number).fill_complex_gaussian(0, 1.0, &mut samples);
    samples
}
