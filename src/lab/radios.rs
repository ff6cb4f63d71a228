//! The radios of a lab file, opened.

use super::config::{LabConfig, LabRadio, Way};
use super::error::LabError;
use airloop_hil::{
    Device, DeviceConfig, Direction, PERSONAS, Persona, Radio, RemoteAttachment, VirtualRadio, Wanted,
};
use std::path::Path;

/// A radio under its name in a lab.
pub type NamedRadio = (String, Box<dyn Radio>);

/// Opens all radios of a lab; real ones send only with `transmit`, and within what the file permits them.
///
/// # Errors
/// When a radio is not there, not what the file says, or needs what this program was built without.
pub fn open(config: &LabConfig, transmit: bool) -> Result<Vec<NamedRadio>, LabError> {
    let one = |radio: &LabRadio| Ok((radio.name.clone(), open_one(config, radio, transmit)?));
    config.radios.iter().map(one).collect()
}

fn open_one(config: &LabConfig, radio: &LabRadio, transmit: bool) -> Result<Box<dyn Radio>, LabError> {
    match &radio.way {
        Way::Ether(path) => emulated(path, radio, config.centre_hz),
        Way::Soapy(args) => real(args, radio, transmit),
    }
}

fn emulated(path: &Path, radio: &LabRadio, centre_hz: f64) -> Result<Box<dyn Radio>, LabError> {
    let mut persona = persona(&radio.persona)?;
    if radio.oscillator_ppm.is_some() {
        persona.preset.oscillator_ppm = radio.oscillator_ppm;
    }
    let place = RemoteAttachment::connect(path, Wanted::Named(radio.name.clone()))?;
    let hardware =
        DeviceConfig::at(persona, airloop_hil::ether::Attachment::info(&place), (radio.seed, centre_hz))?;
    Ok(Box::new(VirtualRadio::new(Device::new(place, hardware)?)))
}

fn persona(name: &str) -> Result<Persona, LabError> {
    Persona::named(name)
        .ok_or_else(|| LabError::Failed(format!("persona = {name:?} is not one of: {}", PERSONAS.join(", "))))
}

#[cfg(feature = "soapysdr")]
fn real(args: &str, radio: &LabRadio, transmit: bool) -> Result<Box<dyn Radio>, LabError> {
    let permit = radio.permit.clone().filter(|_| transmit);
    let config = airloop_hil::SoapyConfig { permit, ..airloop_hil::SoapyConfig::new(&radio.name, args) };
    Ok(Box::new(airloop_hil::SoapyRadio::open(config)?))
}

#[cfg(not(feature = "soapysdr"))]
fn real(args: &str, radio: &LabRadio, _transmit: bool) -> Result<Box<dyn Radio>, LabError> {
    Err(LabError::Failed(format!(
        "radio {}: soapy = {args:?} needs SoapySDR, which this airloop was built without: install libsoapysdr-dev and build with \
         --features soapysdr",
        radio.name
    )))
}

impl LabConfig {
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
            Direction::Receive => {
                let carried: usize = self.radios.iter().map(|radio| radio.carries.len()).sum();
                let all = 10.0 * ((self.radios.len() + carried) as f64).log10();
                persona.reference_receive_gain_db - self.back_off_db - all
            }
        });
        given.or(usual)
    }
}
