//! Writes recordings of what an emulated radio hears: `cargo run -p airloop-hil --example recordings FOLDER`.
//!
//! Two radios send tones through an air with noise, a third hears them with two antennas: once as floats, once as 16-bit integers with a
//! pause between two windows, and once without ending the recording, as a run that is killed would leave it.

use airloop_baseband::{Burst, Complex32, Purpose, Seeds, Transport, Window};
use airloop_channels::{AirConfig, Fading, FilterBank, FractionalDelay, Link, Profile, StreamedAir};
use airloop_hil::recording::Datatype;
use airloop_hil::{
    Ether, EtherConfig, Place, Radio, RadioAir, RadioAirConfig, Recorder, RecorderConfig, Seat, Tapped,
    VirtualRadio,
};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const RATE_HZ: f64 = 1e6;

/// Makes an air of two ports that transmit and two that receive, every pair a link of its own.
fn air() -> Result<StreamedAir, Box<dyn Error>> {
    let seeds = Seeds::new(1);
    let fading = Fading::new(Profile::exponential(1.5e-6)?, 2.4e9, 3.0);
    let delays: Vec<f64> = fading.profile().paths().iter().map(|path| path.delay_s).collect();
    let filter = Arc::new(FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0)));
    let link = |(number, taps)| Link {
        transmit: number / 2,
        receive: number % 2,
        taps,
        filter: Arc::clone(&filter),
    };
    let links = fading.draw(&seeds, 0, 0..4).into_iter().enumerate().map(link).collect();
    let config = AirConfig { sample_rate_hz: RATE_HZ, noise_power: 1e-4, origin: 0, receive_ports: 2 };
    Ok(StreamedAir::new(config, links, seeds.stream(Purpose::Noise, 0, 0))?)
}

/// Lets three radios meet in it.
fn radios() -> Result<RadioAir, Box<dyn Error>> {
    let air = air()?;
    let config = EtherConfig::new((2, 2), air.precursor_samples());
    let lead_samples = config.lead_samples;
    let ether = Ether::new(config, air)?;
    let mut radios: Vec<Box<dyn Radio>> = Vec::new();
    for (name, transmit, receive) in
        [("a", vec![0], vec![]), ("b", vec![1], vec![]), ("ears", vec![], vec![0, 1])]
    {
        radios.push(Box::new(VirtualRadio::new(ether.attach(Place {
            name: name.into(),
            transmit,
            receive,
        })?)));
    }
    let config = RadioAirConfig {
        sample_rate_hz: RATE_HZ,
        lead_samples,
        transmit: [0, 1].map(|radio| Some(Seat { radio, channel: 0 })).into(),
        receive: [0, 1].map(|channel| Some(Seat { radio: 2, channel })).into(),
    };
    Ok(RadioAir::new(config, radios)?)
}

fn tone(turns_per_sample: f32, count: usize) -> Vec<Complex32> {
    (0..count)
        .map(|i| Complex32::from_polar(0.2, std::f32::consts::TAU * (turns_per_sample * i as f32).fract()))
        .collect()
}

/// Records two windows with a pause between them.
fn record(path: &Path, datatype: Datatype, ends: bool) -> Result<(), Box<dyn Error>> {
    let config = RecorderConfig { datatype, ..RecorderConfig::new(RATE_HZ, 2) };
    let mut air = Tapped::new(radios()?, vec![0, 1], Recorder::create(path, config)?)?;
    for (port, turns) in [(0, 0.01), (1, -0.02)] {
        air.transmit(port, &Burst { start: 1000, samples: tone(turns, 50_000) })?;
    }
    for start in [0, 30_000] {
        for port in 0..2 {
            air.skip(port, start)?;
            air.receive(port, Window { start, length_samples: 20_000 })?;
        }
    }
    if ends {
        let (_, finished) = air.finish()?;
        println!("{}: {} samples in {} captures", path.display(), finished.samples, finished.captures);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("a folder for the recordings is expected")?);
    std::fs::create_dir_all(&folder)?;
    record(&folder.join("floats"), Datatype::Cf32Le, true)?;
    record(&folder.join("integers"), Datatype::Ci16Le, true)?;
    record(&folder.join("unfinished"), Datatype::Cf32Le, false)
}
