//! How often there is a line of sight: TR 38.901, table 7.4.2-1.

use super::scenario::{Factory, Geometry, Scenario};

impl Scenario {
    /// Returns the probability of a line of sight.
    ///
    /// With `d` the distance on the ground in metres,
    ///
    /// ```text
    /// umi        18/d + exp(-d/36) (1 - 18/d) beyond 18 m, else 1
    /// uma        (18/d + exp(-d/63) (1 - 18/d)) (1 + C' 5/4 (d/100)^3 exp(-d/150)) beyond 18 m, else 1
    ///            C' = 0 for h_UT <= 13 m, else ((h_UT - 13) / 10)^1.5
    /// rma        exp(-(d - 10) / 1000) beyond 10 m, else 1
    /// inh-mixed  1 to 1.2 m, exp(-(d - 1.2) / 4.7) to 6.5 m, then 0.32 exp(-(d - 6.5) / 32.6)
    /// inh-open   1 to 5 m, exp(-(d - 5) / 70.8) to 49 m, then 0.54 exp(-(d - 49) / 211.7)
    /// inf        exp(-d / k),  k = -d_clutter / ln(1 - r), under a high server times (h_BS - h_UT) / (h_c - h_UT)
    /// ```
    pub fn line_of_sight_probability(&self, geometry: &Geometry) -> f64 {
        let d = geometry.distance_2d_m;
        match self {
            Self::UmiStreetCanyon => street(d, 36.0),
            Self::Uma => {
                let height = (geometry.device_height_m - 13.0).max(0.0);
                let high = (height / 10.0).powf(1.5) * 1.25 * (d / 100.0).powi(3) * (-d / 150.0).exp();
                if d <= 18.0 { 1.0 } else { (street(d, 63.0) * (1.0 + high)).min(1.0) }
            }
            Self::Rma { .. } => (-(d - 10.0) / 1000.0).exp().min(1.0),
            Self::Office { open: false } if d < 6.5 => (-(d - 1.2) / 4.7).exp().min(1.0),
            Self::Office { open: false } => 0.32 * (-(d - 6.5) / 32.6).exp(),
            Self::Office { open: true } if d <= 49.0 => (-(d - 5.0) / 70.8).exp().min(1.0),
            Self::Office { open: true } => 0.54 * (-(d - 49.0) / 211.7).exp(),
            Self::Factory(factory) => (-d / clearing_m(factory, geometry)).exp(),
        }
    }
}

/// Returns the probability in a street, 1 up to 18 m.
fn street(d: f64, decay_m: f64) -> f64 {
    if d <= 18.0 { 1.0 } else { 18.0 / d + (-d / decay_m).exp() * (1.0 - 18.0 / d) }
}

/// Returns `k_subsce`, the mean free distance on the ground between clutter, in metres.
fn clearing_m(factory: &Factory, geometry: &Geometry) -> f64 {
    let flat_m = -factory.clutter_size_m / (-factory.clutter_density).ln_1p();
    if !factory.high_server {
        return flat_m;
    }
    let (server, device) = (geometry.server_height_m, geometry.device_height_m);
    flat_m * (server - device) / (factory.clutter_height_m - device)
}
