//! Truncated inversion of channels that are not known exactly: `h = alpha h_hat + e`, both complex Gaussian.
//!
//! ```text
//! G = E|h_hat|^2,   alpha = E[h h_hat^*]/G,   E|e|^2 = 1 - |alpha|^2 G,   zeta = exp(-g/G),   I = E1(g/G)/G
//! plain, average power: error = (1 - zeta) + zeta |1 - alpha|^2 + E|e|^2 I + I/(K SNR)
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::{Fidelity, TheoryKind};
use std::time::Instant;

/// Knowledge by its second moments.
struct Gaussian {
    power: f64,
    alpha: f64,
}

impl Gaussian {
    /// An estimate that is orthogonal to its error of power `q`.
    fn mmse(q: f64) -> Self {
        Self { power: 1.0 - q, alpha: 1.0 }
    }

    /// The channel plus independent noise of power `v`.
    fn least_squares(v: f64) -> Self {
        Self { power: 1.0 + v, alpha: 1.0 / (1.0 + v) }
    }

    /// The channel with correlation `rho` to the one at use.
    fn aged(rho: f64) -> Self {
        Self { power: 1.0, alpha: rho }
    }

    /// Returns the error per device of independent unit-power values.
    fn error(&self, devices: usize, snr_db: f64, threshold: f64) -> f64 {
        let at = threshold / self.power;
        let (share, inverse) = ((-at).exp(), e1(at) / self.power);
        let rest = 1.0 - self.alpha * self.alpha * self.power;
        (1.0 - share)
            + share * (1.0 - self.alpha).powi(2)
            + rest * inverse
            + inverse / (devices as f64 * ratio(snr_db))
    }
}

fn inverted(settings: &[&str]) -> Experiment {
    let scheme = "link.snr_db=10; scheme.kind=truncated-inversion; scheme.threshold=0.05; scheme.scale=plain";
    load(&[&[&gaussian(10, 960)[..], scheme], settings].concat())
}

/// Holds theory against a formula to nine digits, and the symbol rung against it statistically.
#[track_caller]
fn holds(what: &str, experiment: &Experiment, expected: f64) {
    let since = Instant::now();
    let theory = report(experiment, Fidelity::Theory);
    assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble), "{what}");
    assert_equal(what, theory.metrics.mse_per_device.unwrap().mean.unwrap(), expected);
    let found = trials(experiment, Fidelity::Symbol, trials_for(experiment));
    // Moving channels give few independent fades a trial: their check sees 8 %, the others 3 %.
    let detects = if experiment.channel_section.speed_m_s > 0.0 { 0.08 } else { DETECTS };
    assert_mean_seeing(what, found.iter().map(|t| t.mse_per_device()), expected, (detects, since));
}

/// Returns how many trials a check of this experiment takes.
fn trials_for(experiment: &Experiment) -> u64 {
    if experiment.channel_section.speed_m_s > 0.0 { 500 } else { 1200 }
}

#[test]
fn the_formula_gives_the_catalogue_s_figures() {
    // K = 10, 10 dB, g = .05: q = 0 .0734496, q = .01 .0989143, q = .1 .343457.
    for (q, printed) in [(0.0, 0.073_449_6), (0.01, 0.098_914_3), (0.1, 0.343_457)] {
        assert!((Gaussian::mmse(q).error(10, 10.0, 0.05) / printed - 1.0).abs() < 1e-5, "{q}");
    }
    // The estimators differ: the same pilot, inverted without shrinking, is not the MMSE formula.
    let v = 0.1;
    let q = v / (1.0 + v);
    let ratio = Gaussian::least_squares(v).error(10, 10.0, 0.05) / Gaussian::mmse(q).error(10, 10.0, 0.05);
    assert!((ratio - 1.0).abs() > 0.05, "{ratio}");
}

#[test]
fn imperfect_knowledge() {
    for q in [0.001, 0.01, 0.1] {
        let settings = format!("link.csi=imperfect; link.csi_error={q}");
        let expected = Gaussian::mmse(q).error(10, 10.0, 0.05);
        holds(&format!("imperfect {q}"), &inverted(&[RAYLEIGH, &settings]), expected);
    }
}

#[test]
fn least_squares_and_mmse_of_single_elements() {
    for (snr_db, symbols) in [(5.0, 1), (15.0, 1), (10.0, 4)] {
        let settings = format!(
            "link.csi=estimated; pilots.snr_db={snr_db}; pilots.symbols={symbols}; pilots.estimator="
        );
        let v = 1.0 / (f64::from(symbols) * ratio(snr_db));
        let ls = inverted(&[RAYLEIGH, &format!("{settings}ls")]);
        holds(&format!("ls {snr_db} dB"), &ls, Gaussian::least_squares(v).error(10, 10.0, 0.05));
        let mmse = inverted(&[RAYLEIGH, &format!("{settings}mmse")]);
        // q = 1/(1 + N_p SNR_p)
        let q = 1.0 / (1.0 + f64::from(symbols) * ratio(snr_db));
        holds(&format!("mmse {snr_db} dB"), &mmse, Gaussian::mmse(q).error(10, 10.0, 0.05));
    }
}

#[test]
fn pilots_take_the_link_s_snr_unless_told_otherwise() {
    let own = inverted(&[RAYLEIGH, "link.csi=estimated; pilots.estimator=ls"]);
    let expected = Gaussian::least_squares(0.1).error(10, 10.0, 0.05);
    let theory = report(&own, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
    assert_equal("pilots at 10 dB", theory, expected);
}

/// `J0(x)` by its power series.
fn j0(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for n in 1..60 {
        term *= -(x * x) / (4.0 * f64::from(n * n));
        sum += term;
    }
    sum
}

/// Largest Doppler shift at 30 m/s and 3.5 GHz.
const DOPPLER_HZ: f64 = 30.0 * 3.5e9 / 299_792_458.0;

#[test]
fn old_knowledge_errs_by_the_bessel_function() {
    let moving = format!(
        "{SELECTIVE}; channel.speed_m_s=30; payload.devices=100; payload.length=96; scheme.threshold=0.3"
    );
    for age_s in [1e-5, 2e-4, 5e-4] {
        let rho = j0(std::f64::consts::TAU * DOPPLER_HZ * age_s);
        let experiment = inverted(&[&moving, &format!("link.csi_age_s={age_s}")]);
        let expected = Gaussian::aged(rho).error(100, 10.0, 0.3);
        holds(&format!("age {age_s} s"), &experiment, expected);
    }
}

#[test]
fn imperfect_knowledge_ages_too() {
    let moving = format!(
        "{SELECTIVE}; channel.speed_m_s=30; payload.devices=100; payload.length=96; scheme.threshold=0.3"
    );
    let (q, age_s) = (0.02, 2e-4);
    let rho = j0(std::f64::consts::TAU * DOPPLER_HZ * age_s);
    let settings = format!("link.csi=imperfect; link.csi_error={q}; link.csi_age_s={age_s}");
    let expected = Gaussian { power: 1.0 - q, alpha: rho }.error(100, 10.0, 0.3);
    holds("imperfect and old", &inverted(&[&moving, &settings]), expected);
}

#[test]
fn the_unbiased_scale_takes_the_estimator_s_shrinking_back() {
    // E[h/h_hat; active] = alpha zeta is divided out: the mean of the estimate is the sum.
    let settings = "link.csi=estimated; pilots.snr_db=5; pilots.estimator=ls; scheme.scale=unbiased";
    let experiment = inverted(&[RAYLEIGH, settings]);
    let known = Gaussian::least_squares(1.0 / ratio(5.0));
    let at = 0.05 / known.power;
    let (share, inverse) = ((-at).exp(), e1(at) / known.power);
    let rest = 1.0 - known.alpha * known.alpha * known.power;
    let mean = known.alpha * share;
    let square = known.alpha * known.alpha * share + rest * inverse;
    let expected = square / (mean * mean) - 1.0 + inverse / (100.0 * mean * mean);
    holds("unbiased", &experiment, expected);
}
