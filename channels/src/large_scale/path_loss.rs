//! Path loss and the spread of shadowing: TR 38.901, table 7.4.1-1.

use super::scenario::{Factory, Geometry, Scenario};
use std::f64::consts::PI;

impl Scenario {
    /// Returns the mean path loss between isotropic antennas, in decibels.
    ///
    /// With `d` the distance between the antennas in metres, `f` the carrier in GHz and `d_bp` the breakpoint distance,
    ///
    /// ```text
    ///                 line of sight up to d_bp (on the ground)   beyond d_bp
    /// umi             32.4 + 21 lg d + 20 lg f                   32.4 + 40 lg d + 20 lg f - 9.5 lg(d_bp^2 + (h_BS - h_UT)^2)
    /// uma             28 + 22 lg d + 20 lg f                     28 + 40 lg d + 20 lg f - 9 lg(d_bp^2 + (h_BS - h_UT)^2)
    /// rma             PL1(d)                                     PL1(d_bp) + 40 lg(d / d_bp)
    /// inh             32.4 + 17.3 lg d + 20 lg f
    /// inf             31.84 + 21.5 lg d + 19 lg f
    ///
    /// PL1(d) = 20 lg(40 pi d f / 3) + min(0.03 h^1.72, 10) lg d - min(0.044 h^1.72, 14.77) + 0.002 lg(h) d
    ///
    ///                 no line of sight: the larger of the loss above and
    /// umi             22.4 + 35.3 lg d + 21.3 lg f - 0.3 (h_UT - 1.5)
    /// uma             13.54 + 39.08 lg d + 20 lg f - 0.6 (h_UT - 1.5)
    /// rma             161.04 - 7.1 lg W + 7.5 lg h - (24.37 - 3.7 (h/h_BS)^2) lg h_BS + (43.42 - 3.1 lg h_BS) (lg d - 3)
    ///                   + 20 lg f - (3.2 lg(11.75 h_UT)^2 - 4.97)
    /// inh             17.3 + 38.3 lg d + 24.9 lg f
    /// inf-sl, -sh     33 + 25.5 lg d + 20 lg f,   32.4 + 23 lg d + 20 lg f
    /// inf-dl, -dh     18.6 + 35.7 lg d + 20 lg f (and at least that of inf-sl),   33.63 + 21.9 lg d + 20 lg f
    /// ```
    ///
    /// The optional formulas without line of sight are left out. Validity: see [`Scenario::check`].
    pub fn path_loss_db(&self, line_of_sight: bool, carrier_hz: f64, geometry: &Geometry) -> f64 {
        let clear = self.clear_loss_db(carrier_hz, geometry);
        if line_of_sight { clear } else { clear.max(self.blocked_loss_db(carrier_hz, geometry)) }
    }

    fn clear_loss_db(&self, carrier_hz: f64, geometry: &Geometry) -> f64 {
        let lg_d = geometry.distance_3d_m().log10();
        let lg_f = (carrier_hz / 1e9).log10();
        let breakpoint_m = self.breakpoint_distance_m(carrier_hz, geometry);
        let beyond = geometry.distance_2d_m > breakpoint_m;
        // The square of the three-dimensional breakpoint distance, in decades.
        let lg_breakpoint = || {
            let rise = geometry.server_height_m - geometry.device_height_m;
            (breakpoint_m * breakpoint_m + rise * rise).log10()
        };
        match self {
            Self::UmiStreetCanyon if beyond => 32.4 + 40.0 * lg_d + 20.0 * lg_f - 9.5 * lg_breakpoint(),
            Self::UmiStreetCanyon => 32.4 + 21.0 * lg_d + 20.0 * lg_f,
            Self::Uma if beyond => 28.0 + 40.0 * lg_d + 20.0 * lg_f - 9.0 * lg_breakpoint(),
            Self::Uma => 28.0 + 22.0 * lg_d + 20.0 * lg_f,
            Self::Rma { building_height_m, .. } => {
                let first = |distance_m: f64| rural_loss_db(distance_m, carrier_hz, *building_height_m);
                if beyond {
                    first(breakpoint_m) + 40.0 * (lg_d - breakpoint_m.log10())
                } else {
                    first(geometry.distance_3d_m())
                }
            }
            Self::Office { .. } => 32.4 + 17.3 * lg_d + 20.0 * lg_f,
            Self::Factory(_) => 31.84 + 21.5 * lg_d + 19.0 * lg_f,
        }
    }

    fn blocked_loss_db(&self, carrier_hz: f64, geometry: &Geometry) -> f64 {
        let lg_d = geometry.distance_3d_m().log10();
        let lg_f = (carrier_hz / 1e9).log10();
        let above = geometry.device_height_m - 1.5;
        match self {
            Self::UmiStreetCanyon => 22.4 + 35.3 * lg_d + 21.3 * lg_f - 0.3 * above,
            Self::Uma => 13.54 + 39.08 * lg_d + 20.0 * lg_f - 0.6 * above,
            Self::Rma { street_width_m, building_height_m } => {
                let server = geometry.server_height_m;
                let lg_server = server.log10();
                161.04 - 7.1 * street_width_m.log10() + 7.5 * building_height_m.log10()
                    - (24.37 - 3.7 * (building_height_m / server).powi(2)) * lg_server
                    + (43.42 - 3.1 * lg_server) * (lg_d - 3.0)
                    + 20.0 * lg_f
                    - (3.2 * (11.75 * geometry.device_height_m).log10().powi(2) - 4.97)
            }
            Self::Office { .. } => 17.3 + 38.3 * lg_d + 24.9 * lg_f,
            Self::Factory(Factory { dense, high_server, .. }) => {
                let sparse_low = 33.0 + 25.5 * lg_d + 20.0 * lg_f;
                match (dense, high_server) {
                    (false, false) => sparse_low,
                    (true, false) => sparse_low.max(18.6 + 35.7 * lg_d + 20.0 * lg_f),
                    (false, true) => 32.4 + 23.0 * lg_d + 20.0 * lg_f,
                    (true, true) => 33.63 + 21.9 * lg_d + 20.0 * lg_f,
                }
            }
        }
    }

    /// Returns the standard deviation of shadowing, in decibels (table 7.4.1-1).
    ///
    /// ```text
    ///            line of sight                    no line of sight
    /// umi        4                                7.82
    /// uma        4                                6
    /// rma        4 up to d_bp, 6 beyond           8
    /// inh        3                                8.03
    /// inf        4.3                              sl 5.7, dl 7.2, sh 5.9, dh 4.0
    /// ```
    pub fn shadowing_sd_db(&self, line_of_sight: bool, carrier_hz: f64, geometry: &Geometry) -> f64 {
        match (self, line_of_sight) {
            (Self::UmiStreetCanyon | Self::Uma, true) => 4.0,
            (Self::UmiStreetCanyon, false) => 7.82,
            (Self::Uma, false) => 6.0,
            (Self::Rma { .. }, true) => {
                let beyond = geometry.distance_2d_m > self.breakpoint_distance_m(carrier_hz, geometry);
                if beyond { 6.0 } else { 4.0 }
            }
            (Self::Rma { .. }, false) => 8.0,
            (Self::Office { .. }, true) => 3.0,
            (Self::Office { .. }, false) => 8.03,
            (Self::Factory(_), true) => 4.3,
            (Self::Factory(factory), false) => match (factory.dense, factory.high_server) {
                (false, false) => 5.7,
                (true, false) => 7.2,
                (false, true) => 5.9,
                (true, true) => 4.0,
            },
        }
    }

    /// Returns the distance over which the correlation of shadowing falls to `1/e`, in metres (table 7.5-6).
    ///
    /// ```text
    /// line of sight, none:   umi 10, 13   uma 37, 50   rma 37, 120   inh 10, 6   inf 10, 10
    /// ```
    pub fn shadowing_correlation_distance_m(&self, line_of_sight: bool) -> f64 {
        match (self, line_of_sight) {
            (Self::UmiStreetCanyon | Self::Office { .. } | Self::Factory(_), true) => 10.0,
            (Self::UmiStreetCanyon, false) => 13.0,
            (Self::Uma | Self::Rma { .. }, true) => 37.0,
            (Self::Uma, false) => 50.0,
            (Self::Rma { .. }, false) => 120.0,
            (Self::Office { .. }, false) => 6.0,
            (Self::Factory(_), false) => 10.0,
        }
    }
}

/// Returns `PL1` of the rural scenario, in decibels.
fn rural_loss_db(distance_m: f64, carrier_hz: f64, building_height_m: f64) -> f64 {
    let grown = building_height_m.powf(1.72);
    20.0 * (40.0 * PI * distance_m * carrier_hz / 1e9 / 3.0).log10()
        + (0.03 * grown).min(10.0) * distance_m.log10()
        - (0.044 * grown).min(14.77)
        + 0.002 * building_height_m.log10() * distance_m
}
