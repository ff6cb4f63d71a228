//! The lab file: which radios there are, how they are set, and what fails a run.

use crate::config::{Bound, ConfigError, Node, TableReader};
use crate::run::seats::SERVER;
use airloop_hil::{Span, TransmitPermit};
use std::path::{Path, PathBuf};

/// Where a radio is.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// In the ether that is served at a socket, under its name.
    Ether(PathBuf),
    /// Behind SoapySDR, by its arguments.
    Soapy(String),
}

/// One radio of a lab.
#[derive(Clone, Debug, PartialEq)]
pub struct LabRadio {
    /// Its name: that of a radio of the experiment.
    pub name: String,
    /// Where it is.
    pub way: Way,
    /// What an emulated radio is like.
    pub persona: String,
    /// Root of the draws of an emulated radio's hardware.
    pub seed: u64,
    /// Largest error of an emulated radio's oscillator, in parts per million; its kind's where absent.
    pub oscillator_ppm: Option<f64>,
    /// Gain of what it sends, in decibels; its own default where absent.
    pub transmit_gain_db: Option<f64>,
    /// Gain of what it hears, in decibels; its own default where absent.
    pub receive_gain_db: Option<f64>,
    /// What its clock follows; what it has set where absent.
    pub clock_source: Option<String>,
    /// What its time follows; what it has set where absent.
    pub time_source: Option<String>,
    /// What a real radio may send.
    pub permit: Option<TransmitPermit>,
    /// Devices without radios of their own, whose samples it sends too, each through its emulated channel of the experiment.
    pub carries: Vec<String>,
}

/// What fails a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Least SNR of a sounding, of its strongest path against all else, in decibels.
    pub snr_db: f64,
    /// Largest share of samples at full scale.
    pub clipped_share: f64,
    /// Largest arrival error after timing advance, in samples.
    pub timing_samples: f64,
    /// Largest phase drift of a device over the burst, in radians.
    pub drift_rad: f64,
    /// Largest error of a device's oscillator against the server's, in parts per million.
    pub oscillator_ppm: f64,
    /// Largest distance of the sample rate that is set from the one asked for, in parts per million.
    pub rate_ppm: f64,
    /// Largest distance of the rate that is reached from the one that is set, as a share of it.
    pub reached_share: f64,
    /// Most samples that a radio may lose.
    pub lost_samples: f64,
}

/// A lab as its file says.
#[derive(Clone, Debug, PartialEq)]
pub struct LabConfig {
    /// Centre frequency of all radios, in hertz.
    pub centre_hz: f64,
    /// Sample rate of `airloop lab`, in hertz; a run takes its experiment's.
    pub sample_rate_hz: f64,
    /// Full scale over the mean power of what is sent, in decibels.
    pub back_off_db: f64,
    /// Time between what is heard and what is sent in answer, in seconds.
    pub turnaround_s: f64,
    /// Gain, from what devices are to send to the server's numbers, of channels that an experiment calls 1, in decibels, as the file
    /// says; see [`LabConfig::unit_gain_db`].
    pub given_unit_gain_db: Option<f64>,
    /// Whether devices are aligned; without, their counts and carriers are taken for the server's: a control that fails.
    pub align: bool,
    /// What fails a run.
    pub limits: Limits,
    /// The radios.
    pub radios: Vec<LabRadio>,
}

impl LabConfig {
    /// Reads a lab file; paths of sockets are relative to it.
    ///
    /// # Errors
    /// When the file cannot be read, or a key is unknown, missing or out of range.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let root = Node::read_toml(path)?;
        Self::of(&root, path.parent().unwrap_or(Path::new("")))
    }

    /// Reads a tree whose paths are relative to a folder.
    ///
    /// # Errors
    /// When a key is unknown, missing or out of range.
    pub fn of(root: &Node, folder: &Path) -> Result<Self, ConfigError> {
        let reader = TableReader::new(root, "")?;
        let limits = reader.section("limits")?;
        let config = Self {
            centre_hz: reader.f64_in("centre_hz", None, Bound::between(1e6, 1e12))?,
            sample_rate_hz: reader.f64_in("sample_rate_hz", Some(1.92e6), Bound::between(1e5, 1e9))?,
            back_off_db: reader.f64_in("back_off_db", Some(12.0), Bound::between(0.0, 60.0))?,
            turnaround_s: reader.f64_in("turnaround_s", Some(10e-3), Bound::between(1e-4, 10.0))?,
            given_unit_gain_db: reader.optional_f64("unit_gain_db", Bound::between(-300.0, 300.0))?,
            align: reader.bool("align", Some(true))?,
            limits: Limits {
                snr_db: limits.f64_in("snr_db", Some(0.0), Bound::between(-20.0, 100.0))?,
                clipped_share: limits.f64_in("clipped_share", Some(0.0), Bound::between(0.0, 1.0))?,
                timing_samples: limits.f64_in("timing_samples", Some(0.1), Bound::between(1e-3, 100.0))?,
                drift_rad: limits.f64_in("drift_rad", Some(0.2), Bound::between(1e-3, 10.0))?,
                oscillator_ppm: limits.f64_in("oscillator_ppm", Some(25.0), Bound::between(1e-3, 100.0))?,
                rate_ppm: limits.f64_in("rate_ppm", Some(1.0), Bound::between(0.0, 1e6))?,
                reached_share: limits.f64_in("reached_share", Some(0.05), Bound::between(1e-3, 1.0))?,
                lost_samples: limits.f64_in("lost_samples", Some(0.0), Bound::between(0.0, 1e12))?,
            },
            radios: reader
                .table_array("radio")?
                .iter()
                .map(|reader| radio(reader, folder))
                .collect::<Result<_, _>>()?,
        };
        reader.finish()?;
        config.check(&reader)?;
        Ok(config)
    }

    fn check(&self, reader: &TableReader<'_>) -> Result<(), ConfigError> {
        if self.radios.is_empty() {
            let message = "is missing: a [[radio]] table for the server and for every device is expected";
            return Err(reader.invalid("radio", message));
        }
        for (i, radio) in self.radios.iter().enumerate() {
            if self.radios[..i].iter().any(|other| other.name == radio.name) {
                return Err(reader.invalid("radio", format!("names two radios {}: names differ", radio.name)));
            }
        }
        let carried: Vec<&String> = self.radios.iter().flat_map(|radio| &radio.carries).collect();
        let twice = carried.iter().enumerate().find(|(i, name)| carried[..*i].contains(*name));
        if let Some((_, name)) = twice {
            let message = format!("has carries = [{name:?}] twice: a device is carried by one radio");
            return Err(reader.invalid("radio", message));
        }
        let hears = self.radios.iter().find(|radio| radio.name == SERVER && !radio.carries.is_empty());
        if hears.is_some() {
            let message = format!("has carries = [..] at {SERVER}, which hears: name a radio that sends");
            return Err(reader.invalid("radio", message));
        }
        Ok(())
    }
}

fn radio(reader: &TableReader<'_>, folder: &Path) -> Result<LabRadio, ConfigError> {
    let (ether, soapy) = (reader.optional_string("ether")?, reader.optional_string("soapy")?);
    let way = match (ether, soapy) {
        (Some(path), None) => Way::Ether(folder.join(path)),
        (None, Some(args)) => Way::Soapy(args),
        _ => {
            let message =
                "is where the radio is: either ether = \"SOCKET\" or soapy = \"driver=..\" is expected";
            return Err(reader.invalid("ether", message));
        }
    };
    let gain = Bound::between(-200.0, 200.0);
    Ok(LabRadio {
        name: reader.string("name", None)?,
        way,
        persona: reader.string("persona", Some("ideal"))?,
        seed: reader.u64("seed", Some(1), 0)?,
        oscillator_ppm: reader.optional_f64("oscillator_ppm", Bound::between(0.0, 100.0))?,
        transmit_gain_db: reader.optional_f64("transmit_gain_db", gain)?,
        receive_gain_db: reader.optional_f64("receive_gain_db", gain)?,
        clock_source: reader.optional_string("clock_source")?,
        time_source: reader.optional_string("time_source")?,
        permit: reader.table("transmit")?.as_ref().map(permit).transpose()?,
        carries: reader.string_list("carries")?,
    })
}

/// Reads `[radio.transmit]`: what may be sent, once `--transmit` is given.
fn permit(reader: &TableReader<'_>) -> Result<TransmitPermit, ConfigError> {
    let edge = Bound::between(1e3, 1e12);
    let (least, most) = (reader.f64_in("lowest_hz", None, edge)?, reader.f64_in("highest_hz", None, edge)?);
    let permit = TransmitPermit {
        device: reader.string("device", None)?,
        bands_hz: vec![Span { least, most }],
        most_gain_db: reader.f64_in("most_gain_db", None, Bound::between(-200.0, 200.0))?,
        most_level: reader.f64_in("most_level", Some(1.0), Bound::between(0.0, 1.0))? as f32,
        most_duty: reader.f64_in("most_duty", Some(0.1), Bound::between(0.0, 1.0))?,
    };
    permit.check().map_err(|error| reader.invalid("device", error.to_string()))?;
    Ok(permit)
}
