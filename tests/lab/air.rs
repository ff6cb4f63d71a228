//! Airs of paths that a test chooses, with radios of a kind in them.

use airloop::baseband::{Purpose, Seeds};
use airloop::channels::{
    AirConfig, Fading, FilterBank, FractionalDelay, FrontEnd, Link, Profile, StreamedAir,
};
use airloop::config::Node;
use airloop::hil::ether::Attachment;
use airloop::hil::{
    Device, DeviceConfig, Ether, EtherConfig, LocalAttachment, Persona, Place, Radio, Truth, VirtualRadio,
};
use airloop::lab::{Bench, LabConfig, Log};
use std::path::Path;
use std::sync::Arc;

/// Sample rate of the air, in hertz.
pub const RATE_HZ: f64 = 7.68e6;
/// Centre frequency, in hertz.
pub const CENTRE_HZ: f64 = 2.45e9;

/// A path of gain 1: from the radio of a number to that of another, and its delay in samples of the air.
pub type PathOf = (usize, usize, f64);

/// Returns the air of paths, each radio with one port a direction.
pub fn air(paths: &[PathOf], noise_power: f64, front_ends: Vec<(usize, FrontEnd)>) -> Ether<StreamedAir> {
    let radios = paths.iter().map(|(from, to, _)| from.max(to) + 1).max().unwrap();
    let seeds = Seeds::new(3);
    let taps = Fading::new(Profile::flat(f64::INFINITY), CENTRE_HZ, 0.0).draw(&seeds, 0, 0..1);
    let link = |(transmit, receive, delay): &PathOf| {
        let design = FractionalDelay::new(0.8, -80.0);
        let filter = Arc::new(FilterBank::new(&[delay / RATE_HZ], RATE_HZ, &design));
        Link { transmit: *transmit, receive: *receive, taps: taps[0].clone(), filter }
    };
    let config = AirConfig { sample_rate_hz: RATE_HZ, noise_power, origin: 0, receive_ports: radios };
    let links = paths.iter().map(link).collect();
    let air = StreamedAir::new(config, links, seeds.stream(Purpose::Noise, 0, 0)).unwrap();
    let air = air.with_front_ends(front_ends).unwrap();
    // Front ends answer ahead too.
    let usual = EtherConfig::new((radios, radios), air.precursor_samples() + 256);
    Ether::new(EtherConfig { radios, ..usual }, air).unwrap()
}

/// Returns the name of a radio: number 0 is the server.
pub fn name(radio: usize) -> String {
    radio.checked_sub(1).map_or("server".into(), |device| format!("device-{device}"))
}

/// Returns the lab of so many radios of a kind, with further lines at its head.
pub fn lab(radios: usize, persona: &str, head: &str) -> LabConfig {
    let table =
        |radio| format!("[[radio]]\nname = \"{}\"\nether = \"none\"\npersona = \"{persona}\"\n", name(radio));
    let text = format!("centre_hz = {CENTRE_HZ:e}\nturnaround_s = 2e-3\n{head}\n");
    let text = text + &(0..radios).map(table).collect::<String>();
    LabConfig::of(&Node::parse_toml(&text, Path::new("lab.toml")).unwrap(), Path::new("")).unwrap()
}

/// Radios on a bench, and their hardware.
pub struct Stand {
    pub config: LabConfig,
    pub bench: Bench,
    pub devices: Vec<Device<LocalAttachment<StreamedAir>>>,
}

impl Stand {
    /// Lets radios of a kind stand in an air.
    pub fn new(
        ether: &Ether<StreamedAir>,
        persona: &Persona,
        config: LabConfig,
        sample_rate_hz: f64,
    ) -> Self {
        let device = |radio: usize| {
            let place = Place { name: name(radio), transmit: vec![radio], receive: vec![radio] };
            let at = ether.attach(place).unwrap();
            let hardware = DeviceConfig::at(persona.clone(), at.info(), (9, CENTRE_HZ)).unwrap();
            Device::new(at, hardware).unwrap()
        };
        let devices: Vec<_> = (0..config.radios.len()).map(device).collect();
        let radio = |(number, device): (usize, &Device<_>)| -> (String, Box<dyn Radio>) {
            (name(number), Box::new(VirtualRadio::new(device.clone())))
        };
        let radios = devices.iter().enumerate().map(radio).collect();
        let bench = Bench::new(&config, sample_rate_hz, radios).unwrap();
        Self { config, bench, devices }
    }

    /// Returns what is true of a radio.
    pub fn truth(&self, radio: usize) -> Truth {
        self.devices[radio].truth()
    }
}

/// Returns a number of a log.
pub fn number(log: &Log, step: &str, radio: &str, quantity: &str) -> Option<f64> {
    let is = |s: &&airloop::lab::Step| (s.step, s.radio.as_str(), s.quantity) == (step, radio, quantity);
    log.steps.iter().find(is).map(|s| s.value)
}

/// Prints a log, for whoever looks at a test that fails.
pub fn print(log: &Log) {
    for step in &log.steps {
        println!(
            "{:9} {:10} {:22} {:14.6}  {}",
            step.step, step.radio, step.quantity, step.value, step.words
        );
    }
}
