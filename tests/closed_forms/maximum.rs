//! The maximum of two devices by log-sum-exp and p-norm: overshoot and noise, by integration over the noise at every value.
//!
//! ```text
//! NMSE = sum_n E_z (psi(s_n + sqrt(v mean phi^2) z) - max_n)^2 / sum_n max_n^2,   s_n = phi(x_1n) + phi(x_2n),   v = s2/P
//! ```

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Loader;
use airloop::payload::Source;
use airloop::report::Fidelity;
use std::time::Instant;

const LENGTH: usize = 960;

/// Positive values of two devices, neither smooth nor sorted, from 0.2 to 2.2.
fn values() -> Vec<f32> {
    (0..2 * LENGTH).map(|i| 0.2 + ((i * 7919) % 1009) as f32 / 504.5).collect()
}

#[derive(Clone, Copy, Debug)]
enum Map {
    Exponentials(f64),
    Powers(f64),
}

impl Map {
    fn keys(self) -> String {
        match self {
            Self::Exponentials(beta) => {
                format!("payload.approximation=log-sum-exp; payload.sharpness={beta}")
            }
            Self::Powers(order) => format!("payload.approximation=p-norm; payload.norm_order={order}"),
        }
    }

    fn forward(self, x: f64) -> f64 {
        match self {
            Self::Exponentials(beta) => (beta * x).exp(),
            Self::Powers(order) => x.powf(order),
        }
    }

    /// Sums that noise brings below what two of the least values make are taken as that.
    fn backward(self, sum: f64, least: f64) -> f64 {
        match self {
            Self::Exponentials(beta) => sum.max(2.0 * self.forward(least)).ln() / beta,
            Self::Powers(order) => sum.max(0.0).powf(1.0 / order),
        }
    }

    /// Returns the NMSE, and its part without noise: the overshoot.
    fn expected(self, snr_db: f64) -> (f64, f64) {
        let x: Vec<f64> = values().into_iter().map(f64::from).collect();
        let least = x.iter().copied().fold(f64::INFINITY, f64::min);
        let mean_square = x.iter().map(|x| self.forward(*x).powi(2)).sum::<f64>() / x.len() as f64;
        let deviation = (mean_square / ratio(snr_db)).sqrt();
        let (mut error, mut overshoot, mut power) = (0.0, 0.0, 0.0);
        for n in 0..LENGTH {
            let (a, b) = (x[n], x[LENGTH + n]);
            let (sum, largest) = (self.forward(a) + self.forward(b), a.max(b));
            let squared = |z: f64| (self.backward(sum + deviation * z, least) - largest).powi(2);
            let normal = |z: f64| (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
            error += simpson(|z| squared(z) * normal(z), -8.0, 8.0, 800);
            overshoot += squared(0.0);
            power += largest * largest;
        }
        (error / power, overshoot / power)
    }
}

#[test]
fn maxima_of_two_devices_overshoot_and_are_noisy() {
    for (map, snr_db, fidelity, count) in [
        (Map::Exponentials(3.0), 30.0, Fidelity::Symbol, 1024),
        (Map::Exponentials(1.5), 20.0, Fidelity::Symbol, 1024),
        (Map::Powers(4.0), 25.0, Fidelity::Symbol, 2048),
        (Map::Powers(2.0), 10.0, Fidelity::Symbol, 1024),
        (Map::Exponentials(3.0), 30.0, Fidelity::Waveform, 1024),
        (Map::Powers(4.0), 25.0, Fidelity::Waveform, 2048),
    ] {
        let since = Instant::now();
        let loader = Loader::with_source(Source::array(2, values().into()).unwrap());
        let settings = [
            GRID,
            "payload.function=max; payload.normalisation=global-rms",
            &map.keys(),
            AWGN,
            &format!("scheme.kind=full-inversion; link.snr_db={snr_db}"),
        ];
        let experiment = load_with(&loader, &settings);
        let (expected, overshoot) = map.expected(snr_db);
        assert!(overshoot > 0.02 * expected && overshoot < 0.98 * expected, "{map:?}: both parts count");
        let found = trials(&experiment, fidelity, count);
        assert_mean(&format!("{fidelity}, {map:?}"), found.iter().map(|t| t.nmse()), expected, since);
        assert_differs("without the overshoot", found.iter().map(|t| t.nmse()), expected - overshoot);
        let theory = report(&experiment, Fidelity::Theory).metrics.nmse.unwrap().mean.unwrap();
        assert!((theory / expected - 1.0).abs() < 1e-4, "theory {theory}, expected {expected}");
    }
}
