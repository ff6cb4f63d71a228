//! Static channels.

use super::EffectiveSinrConfig;
use super::error::EffectiveSinrError;
use airloop_baseband::{Complex32, Seeds};
use airloop_channels::fading::Antennas;
use airloop_channels::{Fading, Profile, Steering, TimeGrid};

/// One static channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Realisation {
    /// Its number.
    pub index: u64,
    /// Gains of power, one a subcarrier, summed over the receiver's antennas; their mean over realisations is the number of antennas.
    pub gains: Vec<f32>,
}

impl Realisation {
    /// Returns the SINRs of a block's points at a mean SNR: subcarriers first, then symbols.
    pub fn sinrs(&self, snr: f64, points: usize) -> Vec<f32> {
        self.gains.iter().map(|gain| (f64::from(*gain) * snr) as f32).cycle().take(points).collect()
    }
}

/// The channels of a fit, in turn.
#[derive(Clone, Debug)]
pub struct Ensemble {
    models: Vec<(Fading, Steering)>,
    subcarriers: usize,
}

impl Ensemble {
    /// Makes the models: each profile at each delay spread; those of fixed delays once.
    ///
    /// # Errors
    /// When a number is out of range, or there is no such profile.
    pub fn new(config: &EffectiveSinrConfig) -> Result<Self, EffectiveSinrError> {
        config.check()?;
        let mut profiles = Vec::new();
        for name in &config.profiles {
            if !is_scaled(name) {
                profiles.push(Profile::fixed(name)?);
                continue;
            }
            for spread_s in &config.delay_spreads_s {
                profiles.push(match name.as_str() {
                    "exponential" if *spread_s == 0.0 => Profile::flat(0.0),
                    "exponential" => Profile::exponential(*spread_s)?,
                    name => Profile::tdl(name, *spread_s)?,
                });
            }
        }
        if profiles.is_empty() {
            let expected = "one delay spread at least is expected for profiles that are scaled";
            return Err(EffectiveSinrError::OutOfRange { key: "delay_spreads_s", value: 0.0, expected });
        }
        let first = -((config.subcarriers / 2) as f64);
        let frequency = |k: usize| (first + k as f64) * config.subcarrier_spacing_hz;
        let frequencies_hz: Vec<f64> = (0..config.subcarriers).map(frequency).collect();
        let antennas = Antennas { receive: config.receive_antennas, device: 1 };
        let model = |profile: Profile| {
            let fading = Fading::with_max_doppler(profile, 0.0).with_antennas(antennas);
            let delays: Vec<f64> = fading.profile().paths().iter().map(|path| path.delay_s).collect();
            let steering = Steering::new(&delays, &frequencies_hz);
            (fading, steering)
        };
        Ok(Self { models: profiles.into_iter().map(model).collect(), subcarriers: config.subcarriers })
    }

    /// Draws a realisation; models take turns by its number.
    pub fn draw(&self, seeds: &Seeds, index: u64) -> Realisation {
        let (fading, steering) = &self.models[(index % self.models.len() as u64) as usize];
        let mut gains = vec![0.0f32; self.subcarriers];
        let mut response = vec![Complex32::default(); self.subcarriers];
        for taps in fading.draw(seeds, index, 0..fading.antennas().links()) {
            let mut paths = vec![Complex32::default(); taps.paths()];
            taps.gains(TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 }, &mut paths);
            steering.respond(&paths, &mut response);
            gains.iter_mut().zip(&response).for_each(|(gain, h)| *gain += h.norm_sqr());
        }
        Realisation { index, gains }
    }
}

/// Returns whether the delays of a profile scale with a delay spread.
fn is_scaled(name: &str) -> bool {
    name.starts_with("tdl-") || name == "exponential"
}
