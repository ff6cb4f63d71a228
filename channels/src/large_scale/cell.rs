//! A cell: everything that one drop of devices draws.

use super::layout::Layout;
use super::scenario::{Geometry, Scenario};
use super::shadowing::shadowing_db;
use super::validity::RangeDoubt;
use crate::error::ChannelError;
use airloop_baseband::{Purpose, Seeds};

/// Nearest distance between antennas, in metres: closer, no formula of the table means anything.
const NEAREST_M: f64 = 1.0;

/// How the line of sight of devices is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Drawn by the scenario's probability, device by device.
    Drawn,
    /// All have one.
    Always,
    /// None has one.
    Never,
}

/// A cell of one server.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Which formulas hold.
    pub scenario: Scenario,
    /// Carrier frequency, in hertz.
    pub carrier_hz: f64,
    /// Where devices stand.
    pub layout: Layout,
    /// Smallest distance on the ground from the server, in metres.
    pub min_distance_m: f64,
    /// Height of the server's antenna, in metres.
    pub server_height_m: f64,
    /// Height of the devices' antennas, in metres.
    pub device_height_m: f64,
    /// How lines of sight are settled.
    pub sight: Sight,
    /// Whether there is shadowing.
    pub shadowing: bool,
}

/// A device of a drop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DroppedDevice {
    /// Position east of the server, in metres.
    pub x_m: f64,
    /// Position north of the server, in metres.
    pub y_m: f64,
    /// Where it stands to the server.
    pub geometry: Geometry,
    /// Whether it sees the server.
    pub line_of_sight: bool,
    /// Mean path loss, in decibels.
    pub path_loss_db: f64,
    /// Shadowing, in decibels of further loss.
    pub shadowing_db: f64,
}

impl DroppedDevice {
    /// Returns path loss and shadowing together, in decibels.
    pub fn loss_db(&self) -> f64 {
        self.path_loss_db + self.shadowing_db
    }
}

impl Cell {
    /// Draws a drop: a pure function of the seeds, the drop's index and each device's number.
    ///
    /// # Errors
    /// When the scenario does not hold for carrier, heights or surroundings, devices cannot be placed, or one stands nearer than
    /// 1 m to the server's antenna.
    pub fn draw(&self, seeds: &Seeds, drop: u64, devices: usize) -> Result<Vec<DroppedDevice>, ChannelError> {
        self.scenario.check(self.carrier_hz, self.server_height_m, self.device_height_m)?;
        let places = seeds.stream(Purpose::Placement, drop, 0);
        let points = self.layout.place(devices, self.min_distance_m, &places)?;
        let chance = seeds.stream(Purpose::LargeScale, drop, 0);
        let mut dropped = Vec::with_capacity(devices);
        for (device, [x_m, y_m]) in points.into_iter().enumerate() {
            dropped.push(self.device([x_m, y_m], &|n| chance.uniform(3 * device as u64 + n))?);
        }
        if self.shadowing {
            for (line_of_sight, process) in [(true, 1), (false, 2)] {
                let stream = seeds.stream(Purpose::LargeScale, drop, process);
                let who: Vec<usize> =
                    (0..devices).filter(|k| dropped[*k].line_of_sight == line_of_sight).collect();
                let positions: Vec<[f64; 2]> =
                    who.iter().map(|k| [dropped[*k].x_m, dropped[*k].y_m]).collect();
                let sd = |k: &usize| {
                    self.scenario.shadowing_sd_db(line_of_sight, self.carrier_hz, &dropped[*k].geometry)
                };
                let sd_db: Vec<f64> = who.iter().map(sd).collect();
                let indices: Vec<u64> = who.iter().map(|k| *k as u64).collect();
                let distance_m = self.scenario.shadowing_correlation_distance_m(line_of_sight);
                let drawn = shadowing_db(&positions, &sd_db, distance_m, (&stream, &indices))?;
                for (k, shadowing_db) in who.into_iter().zip(drawn) {
                    dropped[k].shadowing_db = shadowing_db;
                }
            }
        }
        Ok(dropped)
    }

    fn device(
        &self,
        [x_m, y_m]: [f64; 2],
        uniform: &dyn Fn(u64) -> f64,
    ) -> Result<DroppedDevice, ChannelError> {
        let distance_2d_m = x_m.hypot(y_m);
        let draws = (uniform(0), uniform(1));
        let geometry = Geometry {
            distance_2d_m,
            server_height_m: self.server_height_m,
            device_height_m: self.device_height_m,
            environment_height_m: self.scenario.environment_height_m(
                distance_2d_m,
                self.device_height_m,
                draws,
            ),
        };
        let distance_m = geometry.distance_3d_m();
        if distance_m < NEAREST_M {
            return Err(ChannelError::OutOfRange {
                name: "distance of a device from the server in metres",
                value: distance_m,
                expected: "at least 1 m between antennas: a larger min_distance_m, or other heights",
            });
        }
        let line_of_sight = match self.sight {
            Sight::Drawn => uniform(2) < self.scenario.line_of_sight_probability(&geometry),
            Sight::Always => true,
            Sight::Never => false,
        };
        let path_loss_db = self.scenario.path_loss_db(line_of_sight, self.carrier_hz, &geometry);
        Ok(DroppedDevice { x_m, y_m, geometry, line_of_sight, path_loss_db, shadowing_db: 0.0 })
    }

    /// Returns where the table's formulas are applied beyond the ranges that it states.
    ///
    /// # Errors
    /// When the scenario does not hold at all.
    pub fn doubts(&self, dropped: &[DroppedDevice]) -> Result<Vec<RangeDoubt>, ChannelError> {
        let height = self.scenario.check(self.carrier_hz, self.server_height_m, self.device_height_m)?;
        let outside = |d: &&DroppedDevice| !self.scenario.covers(d.line_of_sight, &d.geometry);
        let mut doubts: Vec<RangeDoubt> = height.into_iter().collect();
        for line_of_sight in [true, false] {
            let devices = dropped.iter().filter(|d| d.line_of_sight == line_of_sight).filter(outside).count();
            let (nearest_m, farthest_m) = self.scenario.distance_range_m(line_of_sight);
            if devices > 0 {
                doubts.push(RangeDoubt::Distance { devices, nearest_m, farthest_m });
            }
        }
        Ok(doubts)
    }
}
