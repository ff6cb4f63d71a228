//! Radios behind SoapySDR, opened.

use super::config::{LabConfig, Way};
use super::error::LabError;
use airloop_hil::Radio;

/// Opens the radios of a lab that are behind SoapySDR, in their order; times from one source begin together.
///
/// # Errors
/// When a radio is not there, is not what the file says, or has no such source; when times are to begin together and cannot.
#[cfg(feature = "soapysdr")]
pub fn open(config: &LabConfig, transmit: bool) -> Result<Vec<Box<dyn Radio>>, LabError> {
    let mut radios = Vec::new();
    for radio in &config.radios {
        if let Way::Soapy(args) = &radio.way {
            radios.push(airloop_hil::SoapyRadio::open(settings(args, radio, transmit))?);
        }
    }
    if let Some(source) = config.shared_time().filter(|_| !radios.is_empty()) {
        if radios.len() < config.radios.len() {
            return Err(LabError::Failed(format!(
                "time_source = {source:?} is no one source of radios in an ether and of real ones: leave it out"
            )));
        }
        radios.iter().try_for_each(airloop_hil::SoapyRadio::check_times)?;
        airloop_hil::soapy_radio::set_times_together(&radios)?;
    }
    Ok(radios.into_iter().map(|radio| Box::new(radio) as Box<dyn Radio>).collect())
}

/// Returns how a radio is opened. It can send only where it may: a stream alone lets some of the carrier out.
#[cfg(feature = "soapysdr")]
fn settings(args: &str, radio: &super::LabRadio, transmit: bool) -> airloop_hil::SoapyConfig {
    let permit = radio.permit.clone().filter(|_| transmit);
    airloop_hil::SoapyConfig {
        transmit_channels: if permit.is_some() { vec![0] } else { Vec::new() },
        clock_source: radio.clock_source.clone(),
        time_source: radio.time_source.clone(),
        permit,
        ..airloop_hil::SoapyConfig::new(&radio.name, args)
    }
}

/// Refuses the radios of a lab that are behind SoapySDR.
///
/// # Errors
/// When there are any.
#[cfg(not(feature = "soapysdr"))]
pub fn open(config: &LabConfig, _transmit: bool) -> Result<Vec<Box<dyn Radio>>, LabError> {
    let real = config.radios.iter().find_map(|radio| match &radio.way {
        Way::Soapy(args) => Some((&radio.name, args)),
        Way::Ether(_) => None,
    });
    real.map_or(Ok(Vec::new()), |(name, args)| {
        Err(LabError::Failed(format!(
            "radio {name}: soapy = {args:?} needs SoapySDR, which this airloop was built without: install libsoapysdr-dev and build \
             with --features soapysdr"
        )))
    })
}
