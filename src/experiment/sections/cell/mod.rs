//! `[cell]`: where devices stand, from which path loss, shadowing and SNRs follow.

mod placed;
mod positions;
mod selection;

pub use placed::{CellDevice, CellDrop};
pub use selection::{Selected, SelectionSection};

use crate::config::{Bound, ConfigError, TableReader};
use crate::experiment::PerDevice;
use crate::ofdm::Numerology;
use airloop_baseband::{Purpose, Seeds};
use airloop_channels::ChannelError;
use airloop_channels::large_scale::scenario::SCENARIOS;
use airloop_channels::large_scale::{Cell, ElementBudget, Layout, Scenario, Sight};

/// Largest radius of a cell, in metres.
const MAX_RADIUS_M: f64 = 1e6;

/// Radii and distances, in metres.
const DISTANCE: Bound = Bound::between(0.0, MAX_RADIUS_M);

/// The cell as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct CellSection {
    scenario: Scenario,
    layout: Layout,
    min_distance_m: f64,
    server_height_m: f64,
    device_height_m: f64,
    sight: Sight,
    shadowing: bool,
    drop: u64,
    transmit_power_dbm: PerDevice,
    antenna_gain_dbi: f64,
    noise_figure_db: f64,
    temperature_k: f64,
    selection: SelectionSection,
}

impl CellSection {
    /// Reads the table, if there is one.
    ///
    /// # Errors
    /// When a key is missing, wrong, or does not go with the scenario or the shape.
    pub fn read(root: &TableReader<'_>) -> Result<Option<Self>, ConfigError> {
        let Some(reader) = root.table("cell")? else { return Ok(None) };
        let reader = &reader;
        let scenario = read_scenario(reader)?;
        let metres = |key: &str, usual: f64| reader.f64_in(key, Some(usual), DISTANCE);
        let decibels = |key: &str, usual: f64| reader.f64_in(key, Some(usual), Bound::between(-100.0, 100.0));
        let sight = match reader.choice("line_of_sight", Some("drawn"), &["drawn", "always", "never"])? {
            "always" => Sight::Always,
            "never" => Sight::Never,
            _ => Sight::Drawn,
        };
        Ok(Some(Self {
            layout: read_layout(reader)?,
            min_distance_m: metres("min_distance_m", scenario.usual_min_distance_m())?,
            server_height_m: metres("server_height_m", scenario.usual_server_height_m())?,
            device_height_m: metres("device_height_m", scenario.usual_device_height_m())?,
            scenario,
            sight,
            shadowing: reader.bool("shadowing", Some(true))?,
            drop: reader.u64("drop", Some(0), 0)?,
            transmit_power_dbm: read_power(reader)?,
            antenna_gain_dbi: decibels("server_antenna_gain_dbi", 0.0)?
                + decibels("device_antenna_gain_dbi", 0.0)?,
            noise_figure_db: reader.f64_in("noise_figure_db", Some(5.0), Bound::between(0.0, 100.0))?,
            temperature_k: reader.f64_in(
                "temperature_k",
                Some(290.0),
                Bound::between(0.0, 1e6).open_low(),
            )?,
            selection: SelectionSection::read(&reader.section("selection")?)?,
        }))
    }

    /// Draws the drop that the experiment lives in, and selects its devices.
    ///
    /// # Errors
    /// When the scenario does not hold for carrier and heights, devices cannot be placed, or none is selected.
    pub fn place(
        &self,
        reader: &TableReader<'_>,
        devices: usize,
        (numerology, carrier_hz): (&Numerology, f64),
        seeds: Seeds,
    ) -> Result<CellDrop, ConfigError> {
        self.transmit_power_dbm.check(reader, "transmit_power_dbm", devices)?;
        let cell = Cell {
            scenario: self.scenario,
            carrier_hz,
            layout: self.layout.clone(),
            min_distance_m: self.min_distance_m,
            server_height_m: self.server_height_m,
            device_height_m: self.device_height_m,
            sight: self.sight,
            shadowing: self.shadowing,
        };
        let refused = |error: ChannelError| refusal(reader, error);
        let dropped = cell.draw(&seeds, self.drop, devices).map_err(refused)?;
        let doubts = cell.doubts(&dropped).map_err(refused)?;
        let budget = ElementBudget {
            subcarrier_spacing_hz: numerology.subcarrier_spacing_hz(),
            used_subcarriers: numerology.used(),
            antenna_gain_dbi: self.antenna_gain_dbi,
            noise_figure_db: self.noise_figure_db,
            temperature_k: self.temperature_k,
        };
        let powers = seeds.stream(Purpose::LargeScale, self.drop, 3);
        let device = |(k, dropped): (usize, _)| {
            CellDevice::new(dropped, self.transmit_power_dbm.value(&powers, k), &budget)
        };
        let mut devices: Vec<CellDevice> = dropped.into_iter().enumerate().map(device).collect();
        self.selection.apply(&reader.section("selection")?, &mut devices)?;
        Ok(CellDrop { devices, doubts })
    }
}

/// Returns an error of the channels as one of the key that it is about.
fn refusal(reader: &TableReader<'_>, error: ChannelError) -> ConfigError {
    const KEYS: [&str; 9] = [
        "server_height_m",
        "device_height_m",
        "radius_m",
        "min_distance_m",
        "street_width_m",
        "building_height_m",
        "clutter_density",
        "clutter_size_m",
        "clutter_height_m",
    ];
    match error {
        ChannelError::OutOfRange { name, value, expected } if KEYS.contains(&name) => {
            reader.invalid(name, format!("{value} is out of range: {expected}"))
        }
        ChannelError::OutOfRange { name: "carrier_hz", .. } => {
            reader.invalid("scenario", format!("does not hold: channel.{error}"))
        }
        ChannelError::OutOfRange { name, .. } if name.ends_with("shadowing") => {
            reader.invalid("shadowing", error.to_string())
        }
        ChannelError::WrongPositions { .. } | ChannelError::OutsideCell { .. } => {
            reader.invalid("positions", error.to_string())
        }
        _ => reader.invalid("shape", error.to_string()),
    }
}

fn read_scenario(reader: &TableReader<'_>) -> Result<Scenario, ConfigError> {
    let name = reader.choice("scenario", None, &SCENARIOS.map(|s| s.0))?;
    let mut scenario =
        Scenario::named(name).map_err(|error| reader.invalid("scenario", error.to_string()))?;
    let positive = Bound::between(0.0, 1e3).open_low();
    let (rural, factory, high) = match &mut scenario {
        Scenario::Rma { street_width_m, building_height_m } => {
            *street_width_m = reader.f64_in("street_width_m", Some(*street_width_m), positive)?;
            *building_height_m = reader.f64_in("building_height_m", Some(*building_height_m), positive)?;
            (true, false, false)
        }
        Scenario::Factory(hall) => {
            let share = Bound::between(0.0, 1.0).open_low().open_high();
            hall.clutter_density = reader.f64_in("clutter_density", Some(hall.clutter_density), share)?;
            hall.clutter_size_m = reader.f64_in("clutter_size_m", Some(hall.clutter_size_m), positive)?;
            if hall.high_server {
                hall.clutter_height_m =
                    reader.f64_in("clutter_height_m", Some(hall.clutter_height_m), positive)?;
            }
            (false, true, hall.high_server)
        }
        _ => (false, false, false),
    };
    let goes_with = [
        ("street_width_m", rural, "goes with scenario = \"rma\""),
        ("building_height_m", rural, "goes with scenario = \"rma\""),
        ("clutter_density", factory, "goes with scenario = \"inf-sl\" to \"inf-dh\""),
        ("clutter_size_m", factory, "goes with scenario = \"inf-sl\" to \"inf-dh\""),
        ("clutter_height_m", high, "goes with scenario = \"inf-sh\" and \"inf-dh\""),
    ];
    for (key, fits, why) in goes_with {
        if !fits {
            reader.require_absent(key, why)?;
        }
    }
    Ok(scenario)
}

fn read_layout(reader: &TableReader<'_>) -> Result<Layout, ConfigError> {
    let shape = reader.choice("shape", Some("disc"), &["disc", "annulus", "hexagon", "positions"])?;
    let radius = DISTANCE.open_low();
    if shape != "annulus" {
        reader.require_absent("inner_radius_m", "goes with shape = \"annulus\"")?;
    }
    if shape != "positions" {
        reader.require_absent("positions", "goes with shape = \"positions\"")?;
    }
    Ok(match shape {
        "annulus" => Layout::Annulus {
            inner_radius_m: reader.f64_in("inner_radius_m", None, DISTANCE)?,
            radius_m: reader.f64_in("radius_m", None, radius)?,
        },
        "hexagon" => Layout::Hexagon { radius_m: reader.f64_in("radius_m", None, radius)? },
        "positions" => Layout::Positions {
            points: positions::read(reader, "positions")?,
            radius_m: reader.optional_f64("radius_m", radius)?,
        },
        _ => Layout::Disc { radius_m: reader.f64_in("radius_m", None, radius)? },
    })
}

fn read_power(reader: &TableReader<'_>) -> Result<PerDevice, ConfigError> {
    const KEY: &str = "transmit_power_dbm";
    if !reader.has(KEY) {
        let why = "is missing: a device's total transmit power, for example 23.0";
        return Err(reader.invalid(KEY, why));
    }
    match PerDevice::read(reader, KEY, Bound::between(-100.0, 100.0))? {
        PerDevice::Normal { .. } => {
            let why = "has no mean as { normal = sd }: a number, a list, { uniform = [low, high] } or { file = \"..\" } is \
                       expected";
            Err(reader.invalid(KEY, why))
        }
        power => Ok(power),
    }
}
