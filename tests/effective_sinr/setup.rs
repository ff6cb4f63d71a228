//! Transmissions and channels of the tests.

use airloop::baseband::Seeds;
use airloop::coding::mcs::Mcs;
use airloop::effective_sinr::{
    EffectiveSinrConfig, Ensemble, MeasuredRealisation, PredictionErrors, Threshold, ThresholdSearch,
    Transmission, constant_channel, measure,
};
use airloop::run::RunOptions;

/// 51 resource blocks at 30 kHz: a 20 MHz channel of 5G NR.
pub const SUBCARRIERS: usize = 612;
pub const SPACING_HZ: f64 = 30e3;

/// Returns whether the environment asks for the long statistical tests: `AIRLOOP_FULL=1`.
pub fn is_full() -> bool {
    std::env::var("AIRLOOP_FULL").is_ok_and(|value| value == "1")
}

/// Returns the usual channels over 20 MHz, to be measured with a standard error.
pub fn config(realisations: usize, accuracy_db: f64) -> EffectiveSinrConfig {
    let usual = EffectiveSinrConfig::new(SUBCARRIERS, SPACING_HZ);
    let search = ThresholdSearch { accuracy_db, ..usual.search };
    EffectiveSinrConfig { realisations, fresh_realisations: realisations, search, ..usual }
}

/// Returns a block of a scheme of table 1.
pub fn transmission(index: u8, information_bits: usize) -> Transmission {
    Transmission::of_mcs(Mcs::new(1, index).unwrap(), information_bits).unwrap()
}

/// Where a constant channel and realisations lose the target share of blocks; another `label` has other channels, bits and noise.
pub fn measured(
    config: &EffectiveSinrConfig,
    transmission: &Transmission,
    label: u64,
) -> (Threshold, Vec<MeasuredRealisation>) {
    let options = RunOptions::default();
    let constant = constant_channel(config, transmission, Seeds::new(7), &options).unwrap();
    let (ensemble, seeds) = (Ensemble::new(config).unwrap(), Seeds::new(7).branch(label));
    let drawn = (0..config.realisations as u64).map(|index| ensemble.draw(&seeds, index)).collect();
    let around = (&config.search, &constant);
    (constant, measure(drawn, transmission, around, seeds, &options).unwrap())
}

/// Errors of any map of SINRs to one, in decibels.
pub fn errors_of(
    map_db: impl Fn(&[f32]) -> f64,
    (constant, measured): &(Threshold, Vec<MeasuredRealisation>),
) -> PredictionErrors {
    let errors: Vec<f64> = measured.iter().map(|one| map_db(&one.sinrs) - constant.snr_db).collect();
    PredictionErrors::of(&errors)
}

/// Whether errors keep to what is promised of a map: a median within 0.2 dB and 95 % within 0.5 dB.
pub fn keeps(errors: &PredictionErrors) -> bool {
    errors.median_db <= 0.2 && errors.q95_db <= 0.5
}
