//! Bands whose carrier is not used: the same figures as those of full bands.

use super::*;

/// A grid of 30 kHz subcarriers without the carrier.
fn band(used: usize) -> String {
    let size = (used + 2).next_power_of_two();
    let rate_hz = 30e3 * size as f64;
    format!(
        "numerology = \"custom\"\nsample_rate_hz = {rate_hz:e}\nfft_size = {size}\ncyclic_prefix_samples = 4\n\
         used_subcarriers = {used}"
    )
}

/// What draws of an experiment say at an SNR.
fn at_snr_db(experiment: &Experiment, snr_db: f64, draws: u64) -> (SoundingPlan, Truth, Vec<Measured>) {
    let (plan, fading) = plan(experiment).unwrap();
    let config = SoundConfig { snr_db: Some(snr_db), ..config(1) };
    let air = air(experiment, &config, (&plan, &fading)).unwrap();
    let sums = measure(&air, &plan, &groups(draws, MOST_GROUPS)).unwrap();
    let estimator = Estimator::new(&plan);
    let measured = jackknife(&sums, |sums| estimator.of(sums));
    (plan, Truth::of(&fading), measured)
}

#[test]
fn noise_and_power_of_a_narrow_band_with_a_hole_are_those_configured() {
    let (_, _, measured) = at_snr_db(&experiment("model = \"rayleigh\"", &band(32)), 20.0, 4000);
    // A mean of two neighbours in the hole has less noise than a subcarrier: 0.91 of it would show.
    agrees(&measured[Scalar::NoisePower as usize], 0.01, 0.0091, 9e-4);
    let rician = experiment("model = \"rician\"\nk_factor_db = 6.0205999", &band(32));
    let (plan, truth, measured) = at_snr_db(&rician, 0.0, 16_000);
    agrees(&measured[Scalar::NoisePower as usize], 1.0, 0.96, 0.04);
    agrees(&measured[Scalar::MeanPower as usize], 1.0, 1.09, 0.09);
    let share = (truth.k_factor() / (1.0 + truth.k_factor())).powi(2);
    let biased = (2.81f64 / 3.81).powi(2);
    agrees(&measured[Scalar::SteadyShareSquared as usize], share, biased, share - biased);
    // Noise weighs equally before and after the path: it would draw the mean to the middle of the delays looked at.
    let drawn_s = 0.04 * plan.delay_resolution_s();
    agrees(&measured[Scalar::MeanDelay as usize], 0.0, drawn_s, drawn_s);
}

#[test]
fn late_paths_do_not_show_as_noise_beside_a_hole() {
    let channel = "model = \"tdl-c\"\ndelay_spread_s = 1e-6";
    let (_, truth, measured) = at_snr_db(&experiment(channel, &band(200)), 40.0, 4000);
    agrees(&measured[Scalar::NoisePower as usize], 1e-4, 1.02e-4, 2e-6);
    agrees(&measured[Scalar::MeanPower as usize], 1.0, 1.1, 0.1);
    let variance = truth.rms_delay_spread_s().powi(2);
    agrees(&measured[Scalar::DelayVariance as usize], variance, 1.2 * variance, 0.19 * variance);
}

#[test]
fn the_windowed_truth_goes_through_the_same_filling() {
    // Paths over four fifths of a symbol, of which sixteen neighbours either side do not say all that the hole held.
    let channel = "model = \"tdl-c\"\ndelay_spread_s = 3e-6";
    let (plan, truth, measured) = at_snr_db(&experiment(channel, &band(48)), 30.0, 12_000);
    agrees(&measured[Scalar::NoisePower as usize], 1e-3, 1.1e-3, 1e-4);
    let windowed = Estimator::new(&plan).of(&truth.sums(&plan));
    let width = Scalar::CoherenceBandwidth90 as usize;
    agrees(&measured[width], windowed[width], 1.12 * windowed[width], 0.1 * windowed[width]);
    let (mean, variance) = (Scalar::MeanDelay as usize, Scalar::DelayVariance as usize);
    agrees(&measured[mean], windowed[mean], 1.1 * windowed[mean], 0.1 * windowed[mean]);
    agrees(&measured[variance], windowed[variance], 1.15 * windowed[variance], 0.15 * windowed[variance]);
    let places = Estimator::new(&plan).places;
    let last_s = truth.paths().iter().map(|path| path.delay_s).fold(0.0, f64::max);
    let last = places.profile.start + plan.delays.gate.0 + (last_s / plan.delays.step_s).round() as usize;
    agrees(&measured[last], windowed[last], 1.3 * windowed[last], 0.3 * windowed[last]);
}

#[test]
fn delays_that_fill_a_symbol_are_warned_of() {
    let warnings = |spread_s: f64| {
        let channel = format!("model = \"tdl-c\"\ndelay_spread_s = {spread_s:e}");
        let config = SoundConfig { snr_db: Some(40.0), ..config(8) };
        sound(&experiment(&channel, &band(48)), &config).unwrap().warnings
    };
    let said = |warnings: &[String]| warnings.iter().any(|w| w.contains("of their power shows as noise"));
    assert!(said(&warnings(3.8e-6)), "{:?}", warnings(3.8e-6));
    assert!(!said(&warnings(1e-6)), "{:?}", warnings(1e-6));
}
