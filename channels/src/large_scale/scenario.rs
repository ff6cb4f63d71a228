//! The scenarios of TR 38.901 and their geometry.

use crate::error::ChannelError;

/// Propagation speed that the breakpoint distances of table 7.4.1-1 are defined with, in metres a second (its notes 1 and 5).
pub(super) const BREAKPOINT_SPEED_M_S: f64 = 3.0e8;

/// Where a server and a device stand to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// Distance on the ground, in metres (`d_2D`).
    pub distance_2d_m: f64,
    /// Height of the server's antenna, in metres (`h_BS`).
    pub server_height_m: f64,
    /// Height of the device's antenna, in metres (`h_UT`).
    pub device_height_m: f64,
    /// Effective environment height, in metres (`h_E`); see [`Scenario::environment_height_m`].
    pub environment_height_m: f64,
}

impl Geometry {
    /// Returns the distance between the antennas, in metres.
    ///
    /// ```text
    /// distance_3d_m = sqrt(distance_2d_m^2 + (server_height_m - device_height_m)^2)
    /// ```
    pub fn distance_3d_m(&self) -> f64 {
        self.distance_2d_m.hypot(self.server_height_m - self.device_height_m)
    }
}

/// Clutter of a factory hall (table 7.2-4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factory {
    /// Whether clutter is dense: at least 40 % of the floor.
    pub dense: bool,
    /// Whether the server stands above the clutter.
    pub high_server: bool,
    /// Share of the floor that clutter covers, above 0 and below 1 (`r`).
    pub clutter_density: f64,
    /// Typical size of clutter, in metres (`d_clutter`).
    pub clutter_size_m: f64,
    /// Effective height of clutter, in metres (`h_c`); of account under a high server.
    pub clutter_height_m: f64,
}

/// A scenario of TR 38.901.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Scenario {
    /// Urban micro, street canyon.
    UmiStreetCanyon,
    /// Urban macro.
    Uma,
    /// Rural macro.
    Rma {
        /// Average width of streets, 5 to 50 m (`W`).
        street_width_m: f64,
        /// Average height of buildings, 5 to 50 m (`h`).
        building_height_m: f64,
    },
    /// Indoor office; mixed and open ones differ in how often there is a line of sight.
    Office {
        /// Whether the office is open.
        open: bool,
    },
    /// Indoor factory.
    Factory(Factory),
}

/// Every scenario by name with one line on what it is.
pub const SCENARIOS: [(&str, &str); 9] = [
    ("umi", "urban micro, street canyon"),
    ("uma", "urban macro"),
    ("rma", "rural macro (street_width_m, building_height_m)"),
    ("inh-mixed", "indoor mixed office"),
    ("inh-open", "indoor open office"),
    ("inf-sl", "factory, sparse clutter, low server (clutter_density, clutter_size_m)"),
    ("inf-dl", "factory, dense clutter, low server"),
    ("inf-sh", "factory, sparse clutter, high server (also clutter_height_m)"),
    ("inf-dh", "factory, dense clutter, high server"),
];

impl Scenario {
    /// Returns the scenario of a name, with the standard's typical surroundings.
    ///
    /// Rural streets are 20 m wide and buildings 5 m high (table 7.4.1-1); sparse clutter covers 20 % of the floor in pieces of
    /// 10 m, 2 m high, dense clutter 60 % in pieces of 2 m, 6 m high under a low server (table 7.8-7). Dense clutter is 6 m high
    /// under a high server of 8 m too.
    ///
    /// # Errors
    /// When there is no scenario of that name.
    pub fn named(name: &str) -> Result<Self, ChannelError> {
        let factory = |dense: bool, high_server: bool| {
            let (clutter_density, clutter_size_m) = if dense { (0.6, 2.0) } else { (0.2, 10.0) };
            let clutter_height_m = if dense { 6.0 } else { 2.0 };
            Self::Factory(Factory { dense, high_server, clutter_density, clutter_size_m, clutter_height_m })
        };
        Ok(match name {
            "umi" => Self::UmiStreetCanyon,
            "uma" => Self::Uma,
            "rma" => Self::Rma { street_width_m: 20.0, building_height_m: 5.0 },
            "inh-mixed" => Self::Office { open: false },
            "inh-open" => Self::Office { open: true },
            "inf-sl" => factory(false, false),
            "inf-dl" => factory(true, false),
            "inf-sh" => factory(false, true),
            "inf-dh" => factory(true, true),
            _ => {
                let known = SCENARIOS.map(|s| s.0).join(", ");
                return Err(ChannelError::UnknownScenario { name: name.into(), known });
            }
        })
    }

    /// Returns the scenario's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UmiStreetCanyon => "umi",
            Self::Uma => "uma",
            Self::Rma { .. } => "rma",
            Self::Office { open: false } => "inh-mixed",
            Self::Office { open: true } => "inh-open",
            Self::Factory(Factory { dense: false, high_server: false, .. }) => "inf-sl",
            Self::Factory(Factory { dense: true, high_server: false, .. }) => "inf-dl",
            Self::Factory(Factory { dense: false, high_server: true, .. }) => "inf-sh",
            Self::Factory(Factory { dense: true, high_server: true, .. }) => "inf-dh",
        }
    }

    /// Returns the server's usual height, in metres (tables 7.2-1 to 7.2-3 and 7.8-7).
    pub fn usual_server_height_m(&self) -> f64 {
        match self {
            Self::UmiStreetCanyon => 10.0,
            Self::Uma => 25.0,
            Self::Rma { .. } => 35.0,
            Self::Office { .. } => 3.0,
            Self::Factory(factory) if factory.high_server => 8.0,
            Self::Factory(_) => 1.5,
        }
    }

    /// Returns the devices' usual height, in metres.
    pub fn usual_device_height_m(&self) -> f64 {
        if let Self::Office { .. } = self { 1.0 } else { 1.5 }
    }

    /// Returns the smallest usual distance on the ground between a server and a device, in metres (tables 7.2-1 to 7.2-4).
    pub fn usual_min_distance_m(&self) -> f64 {
        match self {
            Self::UmiStreetCanyon => 10.0,
            Self::Uma | Self::Rma { .. } => 35.0,
            Self::Office { .. } => 0.0,
            Self::Factory(_) => 1.0,
        }
    }

    /// Returns the distance at which the slope of the loss in line of sight changes, in metres; infinite where it does not.
    ///
    /// ```text
    /// umi, uma: 4 (h_BS - h_E) (h_UT - h_E) f / c,   rma: 2 pi h_BS h_UT f / c,   c = 3.0e8 m/s
    /// ```
    ///
    /// Source: TR 38.901, table 7.4.1-1, notes 1 and 5.
    pub fn breakpoint_distance_m(&self, carrier_hz: f64, geometry: &Geometry) -> f64 {
        let (server, device) = (geometry.server_height_m, geometry.device_height_m);
        let environment = geometry.environment_height_m;
        let per_metre = carrier_hz / BREAKPOINT_SPEED_M_S;
        match self {
            Self::UmiStreetCanyon | Self::Uma => {
                4.0 * (server - environment) * (device - environment) * per_metre
            }
            Self::Rma { .. } => std::f64::consts::TAU * server * device * per_metre,
            Self::Office { .. } | Self::Factory(_) => f64::INFINITY,
        }
    }

    /// Returns the effective environment height, in metres, of a link at a distance on the ground; `draws` are two uniform
    /// numbers of (0, 1).
    ///
    /// ```text
    /// umi: 1.   uma: 1 with probability 1 / (1 + C),  else uniform over 12, 15, .., h_UT - 1.5
    /// C = 0 for h_UT < 13,  else ((h_UT - 13) / 10)^1.5 g,   g = 5/4 (d_2D / 100)^3 exp(-d_2D / 150) beyond 18 m, else 0
    /// ```
    ///
    /// So a device below 13 m sees 1 m, without any chance. The set is read as the multiples of 3 m from 12 m to at most
    /// `h_UT - 1.5`; where none is, it is 12 m. Other scenarios have no such height: 0. Source: table 7.4.1-1, note 1.
    pub fn environment_height_m(&self, distance_2d_m: f64, device_height_m: f64, draws: (f64, f64)) -> f64 {
        match self {
            Self::UmiStreetCanyon => 1.0,
            Self::Uma => {
                let high = if device_height_m < 13.0 {
                    0.0
                } else {
                    ((device_height_m - 13.0) / 10.0).powf(1.5) * rooftops(distance_2d_m)
                };
                if draws.0 < 1.0 / (1.0 + high) {
                    return 1.0;
                }
                let steps = ((device_height_m - 1.5 - 12.0) / 3.0).floor().max(0.0);
                12.0 + 3.0 * (draws.1 * (steps + 1.0)).floor()
            }
            _ => 0.0,
        }
    }
}

/// Returns `g(d_2D)` of note 1: how much devices above rooftops see of them.
fn rooftops(distance_2d_m: f64) -> f64 {
    if distance_2d_m <= 18.0 {
        return 0.0;
    }
    1.25 * (distance_2d_m / 100.0).powi(3) * (-distance_2d_m / 150.0).exp()
}
