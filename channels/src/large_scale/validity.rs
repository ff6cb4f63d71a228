//! Where the formulas of table 7.4.1-1 hold.

use super::scenario::{Geometry, Scenario};
use crate::error::{ChannelError, within};

/// A doubt about the use of a scenario: its formulas are applied beyond the range that the table states.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum RangeDoubt {
    /// The server does not stand at the height that the table fixes.
    ServerHeight {
        /// Its height, in metres.
        height_m: f64,
        /// The table's, in metres.
        table_m: f64,
    },
    /// Devices stand nearer or farther than the table says.
    Distance {
        /// How many.
        devices: usize,
        /// The table's nearest distance, in metres.
        nearest_m: f64,
        /// The table's farthest distance, in metres.
        farthest_m: f64,
    },
}

impl Scenario {
    /// Checks what the table's formulas cannot do without: carrier, heights and surroundings.
    ///
    /// ```text
    /// carrier     0.5 to 100 GHz, rma to 30 GHz
    /// device      umi, uma 1.5 to 22.5 m   rma 1 to 10 m   indoors below the server or as high
    /// server      rma 10 to 150 m, umi and uma above what surrounds them
    ///             inf under a high server: above the clutter, which is above the device
    /// rma         streets 5 to 50 m wide, buildings 5 to 50 m high
    /// inf         density above 0 and below 1: below 0.4 sparse, else dense
    /// ```
    ///
    /// Returns a doubt where the server's height is not the one that the table fixes (umi 10 m, uma 25 m).
    ///
    /// # Errors
    /// When a value is out of its range.
    pub fn check(
        &self,
        carrier_hz: f64,
        server_height_m: f64,
        device_height_m: f64,
    ) -> Result<Option<RangeDoubt>, ChannelError> {
        let highest_hz = if let Self::Rma { .. } = self { 30e9 } else { 100e9 };
        let carrier = if highest_hz < 100e9 {
            "table 7.4.1-1 holds for rma from 0.5e9 to 30e9"
        } else {
            "table 7.4.1-1 holds from 0.5e9 to 100e9"
        };
        within("carrier_hz", carrier_hz, 0.5e9..=highest_hz, carrier)?;
        within("server_height_m", server_height_m, 0.1..=1000.0, "0.1 to 1000 metres are possible")?;
        match self {
            Self::UmiStreetCanyon | Self::Uma => {
                let expected = "umi and uma hold for devices from 1.5 to 22.5 m";
                within("device_height_m", device_height_m, 1.5..=22.5, expected)?;
                // Among rooftops the environment is at most as high as the device, else 1 m.
                let tall = matches!(self, Self::Uma) && device_height_m >= 13.0;
                let lowest_m = if tall { device_height_m } else { 1.5 };
                let expected =
                    "the server stands above 1.5 m, and in uma no lower than a device of 13 m or more";
                within("server_height_m", server_height_m, lowest_m..=1000.0, expected)?;
            }
            Self::Rma { street_width_m, building_height_m } => {
                let expected = "rma holds for devices from 1 to 10 m";
                within("device_height_m", device_height_m, 1.0..=10.0, expected)?;
                let expected = "rma holds for servers from 10 to 150 m";
                within("server_height_m", server_height_m, 10.0..=150.0, expected)?;
                within("street_width_m", *street_width_m, 5.0..=50.0, "5 to 50 m are expected")?;
                within("building_height_m", *building_height_m, 5.0..=50.0, "5 to 50 m are expected")?;
            }
            Self::Office { .. } => {
                let expected = "indoors a device stands above 0 m and no higher than the server";
                within("device_height_m", device_height_m, f64::MIN_POSITIVE..=server_height_m, expected)?;
            }
            Self::Factory(factory) => {
                let expected = "indoors a device stands above 0 m and no higher than the server";
                within("device_height_m", device_height_m, f64::MIN_POSITIVE..=server_height_m, expected)?;
                let density = factory.clutter_density;
                let expected = "sparse clutter (sl, sh) covers less than 0.4 of the floor, dense clutter (dl, dh) 0.4 to \
                                0.99";
                let range = if factory.dense { 0.4..=0.99 } else { 0.001..=0.399_999_999 };
                within("clutter_density", density, range, expected)?;
                within("clutter_size_m", factory.clutter_size_m, 0.1..=100.0, "0.1 to 100 m are expected")?;
                if factory.high_server {
                    let height_m = factory.clutter_height_m;
                    let between = height_m > device_height_m && height_m < server_height_m;
                    if !between {
                        return Err(ChannelError::OutOfRange {
                            name: "clutter_height_m",
                            value: height_m,
                            expected: "under a high server (sh, dh) clutter is higher than the device and lower than \
                                       the server",
                        });
                    }
                }
            }
        }
        let table_m = self.usual_server_height_m();
        let fixed = matches!(self, Self::UmiStreetCanyon | Self::Uma);
        let doubt = RangeDoubt::ServerHeight { height_m: server_height_m, table_m };
        Ok((fixed && server_height_m != table_m).then_some(doubt))
    }

    /// Returns the distances, in metres, between which the table's formula holds: on the ground outdoors, between the antennas
    /// indoors.
    ///
    /// ```text
    /// umi, uma 10 to 5000   rma 10 to 10000, without line of sight to 5000   inh 1 to 150   inf 1 to 600
    /// ```
    pub fn distance_range_m(&self, line_of_sight: bool) -> (f64, f64) {
        match self {
            Self::UmiStreetCanyon | Self::Uma => (10.0, 5000.0),
            Self::Rma { .. } => (10.0, if line_of_sight { 10_000.0 } else { 5000.0 }),
            Self::Office { .. } => (1.0, 150.0),
            Self::Factory(_) => (1.0, 600.0),
        }
    }

    /// Returns whether the table's formula holds at a distance.
    pub fn covers(&self, line_of_sight: bool, geometry: &Geometry) -> bool {
        let (nearest_m, farthest_m) = self.distance_range_m(line_of_sight);
        let distance_m = match self {
            Self::Office { .. } | Self::Factory(_) => geometry.distance_3d_m(),
            _ => geometry.distance_2d_m,
        };
        (nearest_m..=farthest_m).contains(&distance_m)
    }
}
