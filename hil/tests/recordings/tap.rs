//! Transports that are recorded.

use super::folder::{Folder, RATE_HZ, says, signals};
use airloop_baseband::{Burst, Capture, Complex32, Purpose, Seeds, Transport, Window};
use airloop_channels::{
    AirConfig, EmulatedAir, Fading, FilterBank, FractionalDelay, Link, Profile, StreamedAir,
};
use airloop_hil::recording::TapError;
use airloop_hil::{
    Direction, Ether, EtherConfig, Place, Radio, RadioAir, RadioAirConfig, RecordedRadio, Recorder,
    RecorderConfig, Recording, Seat, Tapped, VirtualRadio,
};
use std::sync::Arc;

/// Returns what an air of two ports each way is made of: taps that fade and echo, and noise.
fn parts() -> (AirConfig, Vec<Link>, airloop_baseband::Stream) {
    let seeds = Seeds::new(3);
    let fading = Fading::new(Profile::exponential(1.5e-6).unwrap(), 3.5e9, 30.0);
    let delays: Vec<f64> = fading.profile().paths().iter().map(|path| path.delay_s).collect();
    let filter = Arc::new(FilterBank::new(&delays, RATE_HZ, &FractionalDelay::new(0.6, -80.0)));
    let taps = fading.draw(&seeds, 0, 0..4).into_iter().enumerate();
    let link = |(i, taps)| Link { transmit: i / 2, receive: i % 2, taps, filter: Arc::clone(&filter) };
    let config = AirConfig { sample_rate_hz: RATE_HZ, noise_power: 0.1, origin: 0, receive_ports: 2 };
    (config, taps.map(link).collect(), seeds.stream(Purpose::Noise, 0, 0))
}

fn emulated() -> EmulatedAir {
    let (config, links, noise) = parts();
    EmulatedAir::new(config, links, noise)
}

/// Makes a transport of three radios in an ether.
fn radios() -> RadioAir {
    let (config, links, noise) = parts();
    let air = StreamedAir::new(config, links, noise).unwrap();
    let lead_samples = air.precursor_samples();
    let ether = Ether::new(EtherConfig::new((2, 2), lead_samples), air).unwrap();
    let place = |name: &str, transmit: &[usize], receive: &[usize]| Place {
        name: name.into(),
        transmit: transmit.to_vec(),
        receive: receive.to_vec(),
    };
    let places = [place("a", &[0], &[]), place("b", &[1], &[]), place("c", &[], &[0, 1])];
    let radio = |place| Box::new(VirtualRadio::new(ether.attach(place).unwrap())) as Box<dyn Radio>;
    let config = RadioAirConfig {
        sample_rate_hz: RATE_HZ,
        lead_samples,
        transmit: (0..2).map(|radio| Some(Seat { radio, channel: 0 })).collect(),
        receive: (0..2).map(|channel| Some(Seat { radio: 2, channel })).collect(),
    };
    RadioAir::new(config, places.map(radio).into()).unwrap()
}

/// Sends a burst of either port a round, and hears them in two windows each; between rounds time passes unheard.
fn rounds(air: &mut impl Transport<Error: std::fmt::Debug>) -> Vec<(usize, Capture)> {
    let mut heard = Vec::new();
    for round in 0..8u64 {
        let start = round * 4000;
        for port in 0..2 {
            let samples = signals(2, 500 + 100 * round as usize, 1.0).swap_remove(port);
            air.transmit(port, &Burst { start: start + 100, samples }).unwrap();
        }
        (0..2).for_each(|port| air.skip(port, start).unwrap());
        for (offset, length_samples) in [(0, 700), (700, 900)] {
            for port in [1, 0] {
                let window = Window { start: start + offset, length_samples };
                heard.push((port, air.receive(port, window).unwrap()));
            }
        }
    }
    heard
}

/// Taps an air, and checks that neither what it carries nor what is replayed differs.
fn check<T>(name: &str, mut plain: T, tapped: T)
where
    T: Transport,
    T::Error: std::fmt::Debug,
{
    let folder = Folder::new(name);
    let recorder = Recorder::create(folder.path("a"), RecorderConfig::new(RATE_HZ, 2)).unwrap();
    let mut tapped = Tapped::new(tapped, vec![0, 1], recorder).unwrap();
    let heard = rounds(&mut tapped);
    assert!(heard == rounds(&mut plain), "a tap changes nothing");
    assert_eq!(
        (0..2).map(|p| tapped.noise_added(p)).collect::<Vec<_>>(),
        [0, 1].map(|p| plain.noise_added(p))
    );
    let finished = tapped.finish().unwrap().1;
    assert_eq!((finished.samples, finished.captures, finished.lost_samples), (8 * 1600, 8, 0));
    let mut tape = RecordedRadio::new("tape", Recording::open(folder.path("a")).unwrap()).unwrap();
    tape.start(Direction::Receive).unwrap();
    for (channel, capture) in &heard {
        let window = Window { start: capture.start, length_samples: capture.samples.len() };
        assert!(tape.receive(*channel, window).unwrap() == *capture, "{window:?}");
    }
    assert!(tape.status().is_clean());
    // Control: the two ports do not hear the same.
    assert!(heard[0].1.samples != heard[1].1.samples);
}

#[test]
fn an_emulated_air_is_recorded_and_replayed_bit_by_bit() {
    check("tapped-air", emulated(), emulated());
}

#[test]
fn radios_in_an_ether_are_recorded_and_replayed_bit_by_bit() {
    check("tapped-ether", radios(), radios());
}

#[test]
fn the_air_inside_an_ether_is_recorded() {
    let folder = Folder::new("tapped-inside");
    let (config, links, noise) = parts();
    let air = StreamedAir::new(config, links, noise).unwrap();
    let lead_samples = air.precursor_samples();
    let recorder = Recorder::create(folder.path("a"), RecorderConfig::new(RATE_HZ, 1)).unwrap();
    let tapped = Tapped::new(air, vec![1], recorder).unwrap();
    let ether = Ether::new(EtherConfig::new((2, 2), lead_samples), tapped).unwrap();
    let place = Place { name: "ear".into(), transmit: vec![], receive: vec![1] };
    let mut ear = VirtualRadio::new(ether.attach(place).unwrap());
    ear.start(Direction::Receive).unwrap();
    let heard = ear.receive(0, Window { start: 0, length_samples: 10_000 }).unwrap();
    drop((ear, ether));
    // Nobody has finished the recording: what was heard is there, and some that went on.
    let mut recording = Recording::open(folder.path("a")).unwrap();
    assert!(recording.metadata().unfinished && recording.samples() >= 10_000);
    let mut recorded = vec![Complex32::default(); 10_000];
    assert_eq!(recording.read_window(0, heard.start, &mut recorded).unwrap(), 10_000);
    assert!(recorded == heard.samples && heard.samples[5000].norm() > 0.0);
}

#[test]
fn ports_that_hear_other_windows_are_refused_and_what_is_whole_is_kept() {
    let folder = Folder::new("uneven");
    let recorder = || {
        let config = RecorderConfig { overwrite: true, ..RecorderConfig::new(RATE_HZ, 2) };
        Recorder::create(folder.path("a"), config).unwrap()
    };
    says(Tapped::new(emulated(), vec![0], recorder()), &["channels is 2", "1, one a port"]);
    says(Tapped::new(emulated(), vec![1, 1], recorder()), &["ports is 1 twice"]);
    let slow = RecorderConfig { overwrite: true, ..RecorderConfig::new(5e5, 2) };
    let slow = Recorder::create(folder.path("a"), slow).unwrap();
    says(Tapped::new(emulated(), vec![0, 1], slow), &["sample_rate_hz is 500000", "1000000, that of"]);

    let mut air = Tapped::new(emulated(), vec![1, 0], recorder()).unwrap();
    let window = |start, length_samples| Window { start, length_samples };
    let refused = |result: Result<Capture, TapError<_>>| match result {
        Err(TapError::Recording(error)) => Err(error),
        Err(TapError::Transport(error)) => panic!("the recording refuses, not the air: {error}"),
        Ok(_) => Ok(()),
    };
    air.receive(0, window(0, 100)).unwrap();
    says(
        refused(air.receive(1, window(0, 99))),
        &["port 1 receives samples 0 to 99 where port 0 has 0 to 100"],
    );
    says(refused(air.receive(0, window(100, 50))), &["port 0 receives samples 100 to 150", "each once"]);
    // The air was not asked: the right window can still be heard.
    air.receive(1, window(0, 100)).unwrap();
    air.receive(1, window(100, 100)).unwrap();
    says(air.finish(), &["a.sigmf-data", "port 1", "the same windows"]);
    let recording = Recording::open(folder.path("a")).unwrap();
    assert_eq!((recording.samples(), recording.metadata().unfinished), (100, false));
}

/// An air that loses and clips.
struct Poor;

impl Transport for Poor {
    type Error = std::convert::Infallible;

    fn sample_rate_hz(&self) -> f64 {
        RATE_HZ
    }

    fn transmit(&mut self, _port: usize, _burst: &Burst) -> Result<(), Self::Error> {
        Ok(())
    }

    fn receive(&mut self, port: usize, window: Window) -> Result<Capture, Self::Error> {
        Ok(Capture {
            start: window.start,
            samples: vec![Complex32::new(0.5, port as f32); window.length_samples],
            overflow: window.start == 1000,
            clipped_share: if window.start == 3000 { 0.25 } else { 0.0 },
        })
    }

    fn skip(&mut self, _port: usize, _until: u64) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[test]
fn flags_of_captures_are_kept() {
    let folder = Folder::new("flags");
    let recorder = Recorder::create(folder.path("a"), RecorderConfig::new(RATE_HZ, 1)).unwrap();
    // One port of many is recorded.
    let mut air = Tapped::new(Poor, vec![7], recorder).unwrap();
    let windows = (0..5).map(|i| Window { start: 1000 * i, length_samples: 1000 });
    let heard: Vec<Capture> = windows
        .map(|window| {
            air.receive(3, window).unwrap();
            air.receive(7, window).unwrap()
        })
        .collect();
    air.finish().unwrap();
    let mut tape = RecordedRadio::new("tape", Recording::open(folder.path("a")).unwrap()).unwrap();
    tape.start(Direction::Receive).unwrap();
    for capture in heard {
        let window = Window { start: capture.start, length_samples: 1000 };
        assert!(tape.receive(0, window).unwrap() == capture, "{}", capture.start);
    }
    assert_eq!((tape.status().overflows, tape.status().lost_samples), (1, 0));
}
