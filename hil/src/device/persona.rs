//! What kinds of radios can do, where a document says so.
//!
//! | persona | value | where from |
//! |---|---|---|
//! | `b210` | gains 0 to 89.75 dB and 0 to 76 dB | UHD, `ad9361_ctrl.hpp`, `get_gain_range` |
//! | | 61.44 MS/s at most; 5 MHz over 1024 at least | UHD, `ad9361_ctrl.hpp`, `get_clock_rate_range`; `rx_dsp_core_3000.cpp`, `get_host_rates` |
//! | | 70 MHz to 6 GHz; bursts and samples have times | UHD manual, USRP B2x0 Series, features |
//! | `lime` | gains -12 to 64 dB and -12 to 61 dB; 100 kS/s to 65 MS/s but for a gap where its clock does not lock | LimeSuite, `SoapyLMS7/Settings.cpp`, `getGainRange` and `getSampleRateRange` |
//! | | 100 kHz to 3.8 GHz | LMS7002M, summary of features, Lime Microsystems |
//! | | bursts and samples have times | LimeSuite, `SoapyLMS7/Streaming.cpp` |
//! | `pluto` | 65.1 kS/s to 61.44 MS/s | ADALM-PLUTO Detailed Specifications, Analog Devices wiki |
//! | | 325 MHz to 3.8 GHz | ADALM-PLUTO, key features, Analog Devices system level documentation |
//! | | attenuation 0 to 89.75 dB, as gains from full attenuation on | Analog Devices Transceiver Toolbox, `adi.AD9361.Tx` |
//! | | 0 to 73 dB | SoapyPlutoSDR, `PlutoSDR_Settings.cpp`, `getGainRange` |
//! | | neither bursts nor samples have times | plutosdr-fw, issue 79 |
//! | | counts begin up to 10 ms after they are asked to | assumed: buffers of a host |
//!
//! Hardware is that of the [`Preset`] of the same name, which says where its values are from. The gains at which an amplitude of 1 in
//! numbers is 1 in the air are no property of the radios, but a choice: in the middle of what programs set.

use super::Hardware;
use super::drawn::HardwareSetting;
use crate::ether::EtherInfo;
use crate::radio::Span;
use airloop_baseband::{Seeds, Stream};
use airloop_channels::ChannelError;
use airloop_channels::impairment::Preset;

/// The personas' names.
pub const PERSONAS: [&str; 4] = ["ideal", "b210", "lime", "pluto"];

/// What a kind of radio can do, and what it admits to.
#[derive(Clone, Debug, PartialEq)]
pub struct Persona {
    /// Name of the kind.
    pub name: &'static str,
    /// What its hardware is drawn from.
    pub preset: Preset,
    /// Gains where it transmits, in decibels.
    pub transmit_gain_db: Span,
    /// Gains where it receives, in decibels.
    pub receive_gain_db: Span,
    /// Gain at which numbers of amplitude 1 are sent with amplitude 1, in decibels.
    pub reference_transmit_gain_db: f64,
    /// Gain at which an amplitude of 1 in the air is heard as 1, in decibels.
    pub reference_receive_gain_db: f64,
    /// Sample rates, in hertz.
    pub sample_rates_hz: Vec<Span>,
    /// Centre frequencies, in hertz.
    pub centres_hz: Vec<Span>,
    /// Whether samples have times. Both directions then count from one origin; else each counts its own samples from when it was
    /// started on.
    pub timestamps: bool,
    /// Whether bursts leave at a given time.
    pub timed_bursts: bool,
    /// Bursts begin at multiples of so many own samples, at or after the time asked for. A burst that begins where the one before it
    /// ended goes on with it.
    pub timestamp_quantum_samples: u64,
    /// Bursts begin up to so many own samples later, drawn for each.
    pub burst_jitter_samples: u64,
    /// Latest origin of the radio's counts, in seconds after time zero or, without times, after it was started; drawn once.
    pub start_offset_s: f64,
}

const fn span(least: f64, most: f64) -> Span {
    Span { least, most }
}

impl Persona {
    /// Returns a radio that can do all that resamplers can, and does nothing wrong.
    pub fn ideal() -> Self {
        Self {
            name: "ideal",
            preset: Preset::default(),
            transmit_gain_db: span(-100.0, 100.0),
            receive_gain_db: span(-100.0, 100.0),
            reference_transmit_gain_db: 0.0,
            reference_receive_gain_db: 0.0,
            sample_rates_hz: vec![span(0.0, 1e12)],
            centres_hz: vec![span(0.0, 1e12)],
            timestamps: true,
            timed_bursts: true,
            timestamp_quantum_samples: 1,
            burst_jitter_samples: 0,
            start_offset_s: 0.0,
        }
    }

    /// Returns the persona of a name, one of [`PERSONAS`].
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ideal" => Some(Self::ideal()),
            "b210" => Some(Self::b210()),
            "lime" => Some(Self::lime()),
            "pluto" => Some(Self::pluto()),
            _ => None,
        }
    }

    fn b210() -> Self {
        Self {
            name: "b210",
            preset: Preset::named("b210").unwrap_or_default(),
            transmit_gain_db: span(0.0, 89.75),
            receive_gain_db: span(0.0, 76.0),
            reference_transmit_gain_db: 60.0,
            reference_receive_gain_db: 40.0,
            sample_rates_hz: vec![span(5e6 / 1024.0, 61.44e6)],
            centres_hz: vec![span(70e6, 6e9)],
            ..Self::ideal()
        }
    }

    fn lime() -> Self {
        Self {
            name: "lime",
            preset: Preset::named("lime").unwrap_or_default(),
            transmit_gain_db: span(-12.0, 64.0),
            receive_gain_db: span(-12.0, 61.0),
            reference_transmit_gain_db: 40.0,
            reference_receive_gain_db: 40.0,
            sample_rates_hz: vec![span(100e3, 450e6 / 8.0), span(491.5e6 / 8.0, 65e6)],
            centres_hz: vec![span(100e3, 3.8e9)],
            ..Self::ideal()
        }
    }

    fn pluto() -> Self {
        Self {
            name: "pluto",
            preset: Preset::named("pluto").unwrap_or_default(),
            transmit_gain_db: span(0.0, 89.75),
            receive_gain_db: span(0.0, 73.0),
            sample_rates_hz: vec![span(65.1e3, 61.44e6)],
            centres_hz: vec![span(325e6, 3.8e9)],
            timestamps: false,
            timed_bursts: false,
            start_offset_s: 0.01,
            ..Self::b210()
        }
    }
}

/// One radio: what its kind can do, its own hardware, and what it still draws.
#[derive(Clone, Debug)]
pub struct DeviceConfig {
    /// What its kind can do.
    pub persona: Persona,
    /// Its own hardware.
    pub hardware: Hardware,
    /// What phases of tuning, origins and jitter are drawn from; `None` is none of them.
    pub draws: Option<Stream>,
    /// Share of the lower of two rates that signals occupy, for the filters between an own rate and the air's.
    pub occupied_share: f64,
    /// Stop band of these filters, in decibels.
    pub stop_band_db: f64,
}

impl DeviceConfig {
    /// Makes a radio of certain hardware that draws nothing.
    pub fn new(persona: Persona, hardware: Hardware) -> Self {
        Self { persona, hardware, draws: None, occupied_share: 0.8, stop_band_db: -80.0 }
    }

    /// Draws a radio of a kind.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a preset beyond the limits of an impairment at this rate and carrier.
    pub fn draw(persona: Persona, setting: &HardwareSetting) -> Result<Self, ChannelError> {
        let hardware = Hardware::draw(&persona.preset, setting)?;
        Ok(Self { draws: Some(setting.stream().substream(2)), ..Self::new(persona, hardware) })
    }

    /// Draws a radio of a kind at its place: the same for the same seed and name, whoever else is there; an ideal one gets nothing wrong.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a preset beyond the limits of an impairment at this rate and carrier.
    pub fn at(
        persona: Persona,
        info: &EtherInfo,
        (seed, carrier_hz): (u64, f64),
    ) -> Result<Self, ChannelError> {
        if persona == Persona::ideal() {
            return Ok(Self::new(persona, Hardware::default()));
        }
        let number = fnv1a(&info.place.name);
        Self::draw(persona, &HardwareSetting::at(info, Seeds::new(seed), number, carrier_hz))
    }
}

/// Returns the FNV-1a hash of a name, 64 bits.
fn fnv1a(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
