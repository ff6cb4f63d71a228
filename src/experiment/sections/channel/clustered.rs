//! The keys of clustered models: arrays, angles, rays.

use super::Population;
use crate::config::{Bound, ConfigError, TableReader, Value};
use airloop_channels::cdl::{
    AngleScaling, AngleTarget, ClusteredConfig, ClusteredModel, RayAmplitudes, ServerAzimuth, Travel,
};
use airloop_channels::fading::Antennas;
use airloop_channels::{Array, ChannelError, ElementPattern, Orientation, Polarisation};

/// Keys that go with clustered models only.
const KEYS: [&str; 8] = [
    "receive_array",
    "device_array",
    "rays",
    "travel_azimuth_deg",
    "travel_zenith_deg",
    "server_azimuth_deg",
    "server_sector_deg",
    "angles",
];

/// The four angles of `[channel.angles]`.
const ANGLES: [&str; 4] = ["departure_azimuth", "arrival_azimuth", "departure_zenith", "arrival_zenith"];

/// An array before its number of antennas is known.
#[derive(Clone, Debug, PartialEq)]
struct ArrayKeys {
    rows: usize,
    columns: Option<usize>,
    spacings_wavelengths: [f64; 2],
    polarisation: Polarisation,
    pattern: ElementPattern,
    orientation: Orientation,
}

/// What a clustered model is made of, before the number of antennas is known.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusteredKeys {
    receive_array: ArrayKeys,
    device_array: ArrayKeys,
    rays: RayAmplitudes,
    travel: Travel,
    server_azimuth: ServerAzimuth,
    scaling: AngleScaling,
}

impl ClusteredKeys {
    /// Reads the keys; `None` for models without clusters, which must not have them.
    ///
    /// # Errors
    /// When a key is wrong or does not go with the model.
    pub fn read(reader: &TableReader<'_>, model: &str) -> Result<Option<Self>, ConfigError> {
        if !model.starts_with("cdl-") {
            for key in KEYS {
                let why = "goes with clustered models, whose rays have angles: cdl-a to cdl-e";
                reader.require_absent(key, why)?;
            }
            return Ok(None);
        }
        let rays = reader.choice("rays", Some("standard"), &["standard", "gaussian"])?;
        Ok(Some(Self {
            receive_array: ArrayKeys::read(&reader.section(KEYS[0])?)?,
            device_array: ArrayKeys::read(&reader.section(KEYS[1])?)?,
            rays: if rays == "gaussian" { RayAmplitudes::Gaussian } else { RayAmplitudes::Standard },
            travel: read_travel(reader)?,
            server_azimuth: read_server_azimuth(reader)?,
            scaling: read_scaling(&reader.section("angles")?)?,
        }))
    }

    /// Makes the model between so many antennas; `config` has the profile, its spread and the speed.
    ///
    /// # Errors
    /// When the antennas do not make whole arrays, azimuths are not one a device, or a value is out of range.
    pub fn model(
        &self,
        reader: &TableReader<'_>,
        config: ClusteredConfig,
        (antennas, population): (Antennas, Population<'_>),
    ) -> Result<ClusteredModel, ConfigError> {
        let config = ClusteredConfig {
            receive_array: self.receive_array.array(
                reader,
                KEYS[0],
                ("receive_antennas", antennas.receive),
            )?,
            device_array: self.device_array.array(reader, KEYS[1], ("device_antennas", antennas.device))?,
            rays: self.rays,
            travel: self.travel,
            server_azimuth: self.server_azimuth(reader, population)?,
            scaling: self.scaling,
            ..config
        };
        ClusteredModel::new(config)
            .map_err(|error| reader.invalid("model", format!("cannot be made: {error}")))
    }
}

impl ClusteredKeys {
    /// Returns the azimuths of the devices that take part: those of the file, or those of a cell.
    fn server_azimuth(
        &self,
        reader: &TableReader<'_>,
        Population { devices, part, azimuths_deg }: Population<'_>,
    ) -> Result<ServerAzimuth, ConfigError> {
        let all = match (&self.server_azimuth, azimuths_deg) {
            (ServerAzimuth::Each(all), _) => all.as_slice(),
            (ServerAzimuth::Table, Some(all)) => all,
            (other, _) => return Ok(other.clone()),
        };
        if all.len() != devices {
            let message = format!(
                "has {} azimuths for {devices} devices; one for each is expected, or channel.server_sector_deg draws them",
                all.len()
            );
            return Err(reader.invalid("server_azimuth_deg", message));
        }
        let kept = part.map(|part| part.iter().map(|k| all[*k]).collect());
        Ok(ServerAzimuth::Each(kept.unwrap_or_else(|| all.to_vec())))
    }
}

impl ArrayKeys {
    fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let failed = |key: &str, error: ChannelError| reader.invalid(key, error.to_string());
        let turn = Bound::between(-360.0, 360.0);
        let spacing = Bound::between(0.0, 1e6).open_low();
        let spacings_wavelengths = match reader.node("spacing_wavelengths").map(|node| &node.value) {
            Some(Value::Array(_)) => {
                let list = reader.f64_list("spacing_wavelengths", None, spacing)?;
                <[f64; 2]>::try_from(list).map_err(|_| {
                    reader.invalid(
                        "spacing_wavelengths",
                        "one number, or two are expected: [between rows, between columns]",
                    )
                })?
            }
            _ => [reader.f64_in("spacing_wavelengths", Some(0.5), spacing)?; 2],
        };
        let names = ["vertical", "horizontal", "cross", "dual"];
        let polarisation = reader.choice("polarisation", Some("vertical"), &names)?;
        let pattern = reader.choice("pattern", Some("isotropic"), &["isotropic", "tr38901"])?;
        let [bearing, downtilt, slant] =
            ["bearing_deg", "downtilt_deg", "slant_deg"].map(|key| reader.f64_in(key, Some(0.0), turn));
        Ok(Self {
            rows: reader.usize("rows", Some(1), 1)?,
            columns: reader.optional_usize("columns", 1)?,
            spacings_wavelengths,
            polarisation: Polarisation::named(polarisation).map_err(|e| failed("polarisation", e))?,
            pattern: ElementPattern::named(pattern).map_err(|e| failed("pattern", e))?,
            orientation: Orientation::new(bearing?, downtilt?, slant?)
                .map_err(|e| failed("bearing_deg", e))?,
        })
    }

    /// Makes the array of so many antennas: positions times polarisations.
    fn array(
        &self,
        channel: &TableReader<'_>,
        key: &str,
        (antennas_key, antennas): (&str, usize),
    ) -> Result<Array, ConfigError> {
        let polarisations = self.polarisation.slants_deg().len();
        let each = self.rows * polarisations;
        if !antennas.is_multiple_of(each) {
            let message = format!(
                "has {} rows of {polarisations} polarisations, which link.{antennas_key} = {antennas} antennas do not fill: a \
                 multiple of {each} is expected",
                self.rows
            );
            return Err(channel.invalid(key, message));
        }
        if let Some(columns) = self.columns.filter(|columns| columns * each != antennas) {
            let message = format!(
                "has {columns} columns of {} rows and {polarisations} polarisations, {} antennas, and link.{antennas_key} = \
                 {antennas}; the same number is expected",
                self.rows,
                columns * each
            );
            return Err(channel.invalid(key, message));
        }
        let array = Array::planar(self.rows, antennas / each, self.spacings_wavelengths)
            .map_err(|error| channel.invalid(key, error.to_string()))?;
        Ok(array
            .with_polarisation(self.polarisation.clone())
            .with_pattern(self.pattern)
            .with_orientation(self.orientation))
    }
}

fn read_travel(reader: &TableReader<'_>) -> Result<Travel, ConfigError> {
    if !reader.has("travel_azimuth_deg") {
        reader.require_absent(
            "travel_zenith_deg",
            "goes with travel_azimuth_deg; without it devices go level, anywhere",
        )?;
        return Ok(Travel::Random);
    }
    Ok(Travel::Towards {
        azimuth_deg: reader.f64_in("travel_azimuth_deg", None, Bound::between(-360.0, 360.0))?,
        zenith_deg: reader.f64_in("travel_zenith_deg", Some(90.0), Bound::between(0.0, 180.0))?,
    })
}

fn read_server_azimuth(reader: &TableReader<'_>) -> Result<ServerAzimuth, ConfigError> {
    if reader.has("server_sector_deg") {
        let why = "channel.server_sector_deg already says where the server sees devices; leave one out";
        reader.require_absent("server_azimuth_deg", why)?;
        let width_deg = reader.f64_in("server_sector_deg", None, Bound::between(0.0, 360.0))?;
        return Ok(ServerAzimuth::Sector { width_deg });
    }
    if !reader.has("server_azimuth_deg") {
        return Ok(ServerAzimuth::Table);
    }
    Ok(ServerAzimuth::Each(reader.f64_list("server_azimuth_deg", None, Bound::between(-360.0, 360.0))?))
}

fn read_scaling(reader: &TableReader<'_>) -> Result<AngleScaling, ConfigError> {
    let mut targets = [AngleTarget::default(); 4];
    for (target, key) in targets.iter_mut().zip(ANGLES) {
        let table = reader.section(key)?;
        let most = if key.ends_with("zenith") { (0.0, 180.0) } else { (-360.0, 360.0) };
        target.mean_deg = table.optional_f64("mean_deg", Bound::between(most.0, most.1))?;
        target.spread_deg = table.optional_f64("spread_deg", Bound::between(0.0, 180.0))?;
    }
    let [departure_azimuth, arrival_azimuth, departure_zenith, arrival_zenith] = targets;
    Ok(AngleScaling { departure_azimuth, arrival_azimuth, departure_zenith, arrival_zenith })
}
