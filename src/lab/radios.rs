//! The radios of a lab file, opened.

use super::config::{LabConfig, LabRadio, Way};
use super::error::LabError;
use super::real;
use airloop_hil::ether::EtherMetrics;
use airloop_hil::{
    Clock, ClockStatus, Device, DeviceConfig, Direction, PERSONAS, Persona, Radio, RadioError,
    RemoteAttachment, VirtualRadio, Wanted,
};
use std::path::Path;

/// A radio under its name in a lab.
pub type NamedRadio = (String, Box<dyn Radio>);

/// Opens all radios of a lab; real ones send only with `transmit`, and within what the file permits them.
///
/// # Errors
/// When a radio is not there, not what the file says, or needs what this program was built without; when times that are to be set
/// together cannot be.
pub fn open(config: &LabConfig, transmit: bool) -> Result<Vec<NamedRadio>, LabError> {
    let mut real = real::open(config, transmit)?.into_iter();
    let one = |radio: &LabRadio| -> Result<NamedRadio, LabError> {
        let opened = match &radio.way {
            Way::Ether(path) => emulated(path, radio, config.centre_hz)?,
            Way::Soapy(_) => real.next().expect("every radio behind SoapySDR was opened"),
        };
        Ok((radio.name.clone(), opened))
    };
    config.radios.iter().map(one).collect()
}

fn emulated(path: &Path, radio: &LabRadio, centre_hz: f64) -> Result<Box<dyn Radio>, LabError> {
    let mut persona = persona(&radio.persona)?;
    if radio.oscillator_ppm.is_some() {
        persona.preset.oscillator_ppm = radio.oscillator_ppm;
    }
    let mut clocks = clocks(radio, &persona)?;
    let place = RemoteAttachment::connect(path, Wanted::Named(radio.name.clone()))?;
    clocks.runs_by_itself = EtherMetrics::of_server(path)?.clock == Clock::Wall;
    let hardware =
        DeviceConfig::at(persona, airloop_hil::ether::Attachment::info(&place), (radio.seed, centre_hz))?;
    Ok(Box::new(VirtualRadio::new(Device::new(place, hardware)?).with_clocks(clocks)))
}

/// Returns what an emulated radio says of its clock: a perfect one is as good as any reference, the others have their own and no
/// reference.
fn clocks(radio: &LabRadio, persona: &Persona) -> Result<ClockStatus, LabError> {
    let internal = ClockStatus::internal();
    let offered: &[&str] =
        if *persona == Persona::ideal() { &["internal", "external"] } else { &["internal"] };
    let check = |what, asked: &Option<String>| match asked {
        Some(asked) if !offered.contains(&asked.as_str()) => Err(RadioError::NotOffered {
            radio: radio.name.clone(),
            what,
            asked: asked.clone(),
            offered: offered.iter().map(|source| source.to_string()).collect(),
        }),
        asked => Ok(asked.clone()),
    };
    Ok(ClockStatus {
        clock_source: check("clock source", &radio.clock_source)?.or(internal.clock_source),
        time_source: check("time source", &radio.time_source)?.or(internal.time_source),
        ..ClockStatus::internal()
    })
}

fn persona(name: &str) -> Result<Persona, LabError> {
    Persona::named(name)
        .ok_or_else(|| LabError::Failed(format!("persona = {name:?} is not one of: {}", PERSONAS.join(", "))))
}

impl LabConfig {
    /// Returns the source that all radios take their time from, if it is one that they can share: their counts then begin together.
    pub fn shared_time(&self) -> Option<&str> {
        let first = self.radios.first()?.time_source.as_deref()?;
        let is_shared = self.radios.iter().all(|radio| radio.time_source.as_deref() == Some(first));
        (is_shared && first != "internal" && self.radios.len() > 1).then_some(first)
    }

    /// Returns the gain that a radio is set to, in decibels; `None` leaves it to the radio.
    ///
    /// Where the file is silent, what an emulated radio sends `back_off_db` below full scale is of unit power in the air, and what it
    /// hears of all radios at unit power is as far below full scale.
    pub fn gain_db(&self, name: &str, direction: Direction) -> Option<f64> {
        let radio = self.radios.iter().find(|radio| radio.name == name)?;
        let given = match direction {
            Direction::Transmit => radio.transmit_gain_db,
            Direction::Receive => radio.receive_gain_db,
        };
        let persona = match radio.way {
            Way::Ether(_) => Persona::named(&radio.persona),
            Way::Soapy(_) => None,
        };
        let usual = persona.map(|persona| match direction {
            Direction::Transmit => persona.reference_transmit_gain_db + self.back_off_db,
            Direction::Receive => persona.reference_receive_gain_db - self.head_room_db(),
        });
        given.or(usual)
    }

    /// Returns how far below full scale an emulated radio hears one radio at unit power, where the file is silent, in decibels.
    fn head_room_db(&self) -> f64 {
        let carried: usize = self.radios.iter().map(|radio| radio.carries.len()).sum();
        self.back_off_db + 10.0 * ((self.radios.len() + carried) as f64).log10()
    }

    /// Returns the gain, from what devices are to send to the server's numbers, of channels that an experiment calls 1, in decibels.
    ///
    /// Where the file is silent it is known of emulated radios whose gains are not set; `None` leaves it to the mean power of the
    /// channels that are measured.
    pub fn unit_gain_db(&self) -> Option<f64> {
        let is_usual = |radio: &LabRadio| {
            matches!(radio.way, Way::Ether(_))
                && radio.transmit_gain_db.is_none()
                && radio.receive_gain_db.is_none()
        };
        let known = self.radios.iter().all(is_usual).then(|| -self.head_room_db());
        self.given_unit_gain_db.or(known)
    }
}
