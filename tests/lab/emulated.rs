//! Radios of a lab that share an ether within the test.

use airloop::config::Node;
use airloop::experiment::{Experiment, Loader};
use airloop::hil::ether::Attachment;
use airloop::hil::{Clock, Device, DeviceConfig, Persona, Radio, Truth, VirtualRadio};
use airloop::lab::{Bench, LabConfig, LabError, LabRound, Log, run};
use airloop::report::{Fidelity, Report};
use airloop::run::shared::{ServeConfig, serve};
use airloop::run::{RunOptions, run as run_experiment};
use std::path::Path;

const EXPERIMENT: &str = r#"
seed = 5
[payload]
source = "gaussian"
devices = 4
length = 4000
function = "sum"
[ofdm]
bandwidth_hz = 5e6
subcarrier_spacing_hz = 15e3
[channel]
model = "tdl-a"
delay_spread_s = 100e-9
carrier_hz = 2.45e9
[link]
snr_db = 20.0
csi = "perfect"
[scheme]
kind = "truncated-inversion"
threshold = 0.1
[stop]
trials = 1
"#;

/// Returns the experiment with further keys.
pub fn experiment(changes: &[(&str, &str)]) -> Experiment {
    let text = changes.iter().fold(EXPERIMENT.to_string(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let root = Node::parse_toml(&text, Path::new("experiment.toml")).unwrap();
    Loader::default().load(&root).unwrap()
}

/// What a rehearsal is of.
pub struct Rehearsal {
    /// The experiment.
    pub experiment: Experiment,
    /// Kind of all radios.
    pub persona: &'static str,
    /// Root of their hardware.
    pub seed: u64,
    /// Further lines of the lab file.
    pub lab: &'static str,
    /// The experiment whose air radios meet in, where that is another.
    pub air: Option<Experiment>,
    /// Devices that radios carry, by the radio's name.
    pub carries: &'static [(&'static str, &'static str)],
}

/// What came of it.
pub struct Outcome {
    /// The round, or why there is none.
    pub round: Result<LabRound, LabError>,
    /// What is true of the radios, by name.
    pub truths: Vec<(String, Truth)>,
}

impl Rehearsal {
    /// Measures, aligns and carries the round.
    pub fn run(&self) -> Outcome {
        let air = self.air.as_ref().unwrap_or(&self.experiment);
        let clock = Clock::Lockstep;
        let served = serve(air, &ServeConfig { clock, ..ServeConfig::default() }).unwrap();
        let all = served.places.iter().map(|place| place.name.as_str());
        let table = |name| {
            let carries = self.carries.iter().find(|(radio, _)| *radio == name);
            let carries = carries.map_or(String::new(), |(_, devices)| format!("carries = {devices}\n"));
            format!(
                "[[radio]]\nname = \"{name}\"\nether = \"none\"\npersona = \"{}\"\n{carries}",
                self.persona
            )
        };
        let head = format!("centre_hz = 2.45e9\nturnaround_s = 2e-3\n{}\n", self.lab);
        let text = head + &all.map(table).collect::<String>();
        let config = LabConfig::of(&Node::parse_toml(&text, Path::new("lab.toml")).unwrap(), Path::new(""));
        let config = config.unwrap();
        let devices: Vec<_> = served
            .places
            .iter()
            .map(|place| {
                let at = served.ether.attach_named(&place.name).unwrap();
                let mut persona = Persona::named(self.persona).unwrap();
                if persona != Persona::ideal() {
                    persona.preset.oscillator_ppm = Some(2.0);
                }
                let hardware = DeviceConfig::at(persona, at.info(), (self.seed, config.centre_hz)).unwrap();
                (place.name.clone(), Device::new(at, hardware).unwrap())
            })
            .collect();
        let radio = |(name, device): &(String, Device<_>)| -> (String, Box<dyn Radio>) {
            (name.clone(), Box::new(VirtualRadio::new(device.clone())))
        };
        let mut bench =
            Bench::new(&config, served.sample_rate_hz, devices.iter().map(radio).collect()).unwrap();
        let mut log = Log::default();
        let round = run(&self.experiment, &config, (&mut bench, &mut log));
        let truths = devices.iter().map(|(name, device)| (name.clone(), device.truth())).collect();
        for step in &log.steps {
            println!("{:9} {:10} {:22} {:14.6}", step.step, step.radio, step.quantity, step.value);
        }
        Outcome { round, truths }
    }

    /// Returns the report of radios whose clocks are right and whose channels are known.
    pub fn genie(&self) -> Report {
        run_experiment(&self.experiment, Fidelity::Radio, &RunOptions::default()).unwrap()
    }
}

/// Returns the NMSE of a report, in decibels.
pub fn nmse_db(report: &Report) -> f64 {
    10.0 * report.metrics.nmse.as_ref().unwrap().mean.unwrap().log10()
}
