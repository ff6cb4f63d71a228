//! Rounds of bursts over any transport, as a medium sends them, and the radios that carry them.

use super::air::{Parts, RATE_HZ, signal};
use airloop_baseband::{Burst, Complex32, Transport, Window};
use airloop_hil::{Radio, RadioAir, RadioAirConfig, Seat};

/// The air that they cross.
pub const AIR: Parts = Parts { transmit: 3, receive: 2, fades: true, noise_power: 0.02, seed: 4 };

/// Makes a transport of three radios that send and one that listens with two channels, each by its name and ports.
pub fn radio_air(radio: impl Fn(&str, &[usize], &[usize]) -> Box<dyn Radio>) -> RadioAir {
    let device = |port: usize| radio(&format!("device {port}"), &[port], &[]);
    let mut radios: Vec<Box<dyn Radio>> = (0..3).map(device).collect();
    radios.push(radio("server", &[], &[0, 1]));
    let config = RadioAirConfig {
        sample_rate_hz: RATE_HZ,
        lead_samples: AIR.config().lead_samples,
        transmit: (0..3).map(|radio| Some(Seat { radio, channel: 0 })).collect(),
        receive: (0..2).map(|channel| Some(Seat { radio: 3, channel })).collect(),
    };
    RadioAir::new(config, radios).unwrap()
}

/// Sends rounds of bursts, each heard in one window; what lies between windows is skipped.
pub fn rounds(mut air: impl Transport<Error: std::fmt::Debug>) -> Vec<Complex32> {
    let (mut heard, ahead) = (Vec::new(), AIR.config().lead_samples as u64);
    for round in 0..20u64 {
        let (start, length) = (round * 5000, 1000 + 150 * round as usize);
        for port in 0..3 {
            // The air's filters ring for less than what separates rounds.
            let samples = signal(3 * round + port as u64, length);
            air.transmit(port, &Burst { start: start + ahead + 10, samples }).unwrap();
        }
        for port in 0..2 {
            air.skip(port, start).unwrap();
            let capture = air.receive(port, Window { start, length_samples: length + 200 }).unwrap();
            assert_eq!((capture.start, capture.overflow), (start, false));
            heard.extend(capture.samples);
        }
    }
    heard
}
