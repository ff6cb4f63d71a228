//! Values of front ends that exist, where a document says them, and typical ones where none does.
//!
//! | preset | value | where from |
//! |---|---|---|
//! | `pluto` | 12-bit converters | ADALM-PLUTO Detailed Specifications, Analog Devices wiki |
//! | | steps of 0.25 dB | AD9361 transmit attenuation, Analog Devices Transceiver Toolbox, `adi.AD9361.Tx` |
//! | | oscillator within 25 ppm, image -35 dB, line on the carrier -50 dBc, phase noise as `b210` | assumed: a plain crystal, the same family of transceivers |
//! | `b210` | image -35 dB, line on the carrier -50 dBc, 1.0 degree RMS of phase noise at 3.5 GHz | Ettus B200/B210 RF specification |
//! | | 12-bit converters | AD9361 data sheet, Analog Devices |
//! | | steps of 0.25 dB | as `pluto` |
//! | | oscillator within 2 ppm, and the shape of the phase noise: flat to 100 kHz, then -20 dB a decade | assumed |
//! | `lime` | oscillator within 4 ppm | LimeSDR-USB hardware description, Myriad-RF wiki: 30.72 MHz VCTCXO, 1 ppm at first, 4 ppm stable |
//! | | converters, image, line on the carrier, phase noise, steps | assumed: as `b210` |
//! | `x310` | -75, -110, -132, -142, -145, -150 dBc/Hz at 1, 10, 100 Hz, 1, 10, 100 kHz of a 10 MHz reference | GPSDO of the X3x0, UHD manual |
//! | | -20 dB a decade from 100 kHz to 10 MHz, where the loop of the synthesiser ends | assumed |
//! | | 16-bit DAC, 14-bit ADC, oscillator within 0.02 ppm, image -45 dB, line on the carrier -50 dBc, steps of 0.5 dB | assumed: they depend on the daughterboard |
//! | `wifi6-trigger` | carriers within 350 Hz, bursts within 0.4 us, power within 3 dB | assumed, as what trigger-based access asks of devices after their correction; read the standard before quoting |

/// What a preset puts into a table; what is `None` is left ideal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Preset {
    /// Largest timing offset either way, in seconds.
    pub timing_offset_s: Option<f64>,
    /// Largest carrier offset either way, in hertz.
    pub cfo_hz: Option<f64>,
    /// Largest error of the oscillator either way, in parts per million.
    pub oscillator_ppm: Option<f64>,
    /// Points of the phase noise mask, `[offset_hz, dbc_hz]`.
    pub phase_noise_mask: &'static [[f64; 2]],
    /// Frequency at which the mask holds; the carrier's is `20 log10(carrier / reference)` higher.
    pub mask_reference_hz: Option<f64>,
    /// Image rejection, in decibels.
    pub image_rejection_db: Option<f64>,
    /// Line on the carrier, in decibels of the nominal mean power.
    pub dc_offset_dbc: Option<f64>,
    /// Step of the transmit power, in decibels: errors are uniform within it.
    pub power_step_db: Option<f64>,
    /// Bits of the digital-to-analog converter.
    pub dac_bits: Option<u32>,
    /// Bits of the analog-to-digital converter.
    pub adc_bits: Option<u32>,
}

/// The presets' names.
pub const NAMES: [&str; 6] = ["ideal", "pluto", "b210", "lime", "x310", "wifi6-trigger"];

/// Flat to 100 kHz and then -20 dB a decade to 10 MHz, with a variance of (1 degree)^2.
const ONE_DEGREE: &[[f64; 2]] = &[[1e3, -91.2], [1e5, -91.2], [1e7, -131.2]];

const B210: Preset = Preset {
    timing_offset_s: None,
    cfo_hz: None,
    oscillator_ppm: Some(2.0),
    phase_noise_mask: ONE_DEGREE,
    mask_reference_hz: Some(3.5e9),
    image_rejection_db: Some(35.0),
    dc_offset_dbc: Some(-50.0),
    power_step_db: Some(0.25),
    dac_bits: Some(12),
    adc_bits: Some(12),
};

const X310: Preset = Preset {
    oscillator_ppm: Some(0.02),
    phase_noise_mask: &[
        [1.0, -75.0],
        [10.0, -110.0],
        [1e2, -132.0],
        [1e3, -142.0],
        [1e4, -145.0],
        [1e5, -150.0],
        [1e7, -190.0],
    ],
    mask_reference_hz: Some(10e6),
    image_rejection_db: Some(45.0),
    dc_offset_dbc: Some(-50.0),
    power_step_db: Some(0.5),
    dac_bits: Some(16),
    adc_bits: Some(14),
    ..B210
};

const WIFI6_TRIGGER: Preset = Preset {
    timing_offset_s: Some(0.4e-6),
    cfo_hz: Some(350.0),
    oscillator_ppm: None,
    phase_noise_mask: &[],
    mask_reference_hz: None,
    image_rejection_db: None,
    dc_offset_dbc: None,
    power_step_db: Some(6.0),
    dac_bits: None,
    adc_bits: None,
};

impl Preset {
    /// Returns the preset of a name, one of [`NAMES`].
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ideal" => Some(Self::default()),
            "pluto" => Some(Self { oscillator_ppm: Some(25.0), ..B210 }),
            "b210" => Some(B210),
            "lime" => Some(Self { oscillator_ppm: Some(4.0), ..B210 }),
            "x310" => Some(X310),
            "wifi6-trigger" => Some(WIFI6_TRIGGER),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MaskPoint, PhaseMask};
    use super::*;

    #[test]
    fn names_have_presets_and_masks_have_the_phase_that_is_stated() {
        assert!(NAMES.iter().all(|name| Preset::named(name).is_some()) && Preset::named("usrp").is_none());
        assert_eq!(Preset::named("ideal"), Some(Preset::default()));
        let mask = |name| {
            let points = Preset::named(name).unwrap().phase_noise_mask;
            let point = |p: &[f64; 2]| MaskPoint { offset_hz: p[0], dbc_hz: p[1] };
            PhaseMask::new(points.iter().map(point).collect()).unwrap()
        };
        let degrees = mask("b210").power(20e6).sqrt().to_degrees();
        assert!((degrees - 1.0).abs() < 0.01, "{degrees}");
        // A wider band holds next to no more of what a loop lets through; without its end it would.
        let growth = |mask: PhaseMask| {
            let mask = mask.multiplied(10e6, 3.5e9).unwrap();
            mask.power(122.88e6) - mask.power(7.68e6)
        };
        let points = mask("x310").points().to_vec();
        let endless = PhaseMask::new(points[..points.len() - 1].to_vec()).unwrap();
        assert!(growth(mask("x310")) < 1e-4 && growth(endless) > 1e-2);
    }
}
