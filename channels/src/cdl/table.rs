//! The tables of the clustered delay line profiles.

use crate::error::ChannelError;
use crate::profile::PathKind;
use airloop_baseband::units::power_from_db;

/// 3GPP TR 38.901 tables 7.7.1-1 to 7.7.1-5: one row a cluster.
const CLUSTERS: &str = include_str!("../data/tr38901_cdl.csv");

/// The per-cluster parameters of the same tables: one row a profile.
const PARAMETERS: &str = include_str!("../data/tr38901_cdl_parameters.csv");

/// Which angle of a ray; the order of the tables' columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Angle {
    /// AOD, at the server.
    DepartureAzimuth,
    /// AOA, at the device.
    ArrivalAzimuth,
    /// ZOD, at the server.
    DepartureZenith,
    /// ZOA, at the device.
    ArrivalZenith,
}

impl Angle {
    /// All four.
    pub(super) const ALL: [Self; 4] =
        [Self::DepartureAzimuth, Self::ArrivalAzimuth, Self::DepartureZenith, Self::ArrivalZenith];
}

/// A row of a table.
pub(super) struct Cluster {
    /// Delay over the rms delay spread.
    pub(super) delay: f64,
    /// Power, linear, not normalised.
    pub(super) power: f64,
    /// Angles in degrees, by [`Angle`].
    pub(super) angles_deg: [f64; 4],
    /// Whether it is the specular path.
    pub(super) kind: PathKind,
}

/// A profile of the standard.
pub(super) struct Table {
    /// Clusters, in the order of the table.
    pub(super) clusters: Vec<Cluster>,
    /// Spread of the rays of a cluster in degrees, by [`Angle`].
    pub(super) spreads_deg: [f64; 4],
    /// Co-polar over cross-polar power, linear.
    pub(super) cross_polarisation_ratio: f64,
}

impl Table {
    /// Reads the table of a name, "cdl-a" to "cdl-e".
    ///
    /// # Errors
    /// When the name is unknown.
    pub(super) fn named(name: &str) -> Result<Self, ChannelError> {
        let wanted = name.to_ascii_uppercase();
        let Some(row) = rows(PARAMETERS).find(|row| row[0] == wanted) else {
            let known: Vec<String> = rows(PARAMETERS).map(|row| row[0].to_ascii_lowercase()).collect();
            return Err(ChannelError::UnknownProfile { name: name.into(), known: known.join(", ") });
        };
        let clusters = rows(CLUSTERS).filter(|row| row[0] == wanted).map(|row| Cluster {
            delay: number(row[2]),
            power: power_from_db(number(row[3])),
            angles_deg: [4, 5, 6, 7].map(|column| number(row[column])),
            kind: if row[8] == "los" { PathKind::LineOfSight } else { PathKind::Rayleigh },
        });
        Ok(Self {
            clusters: clusters.collect(),
            spreads_deg: [1, 2, 3, 4].map(|column| number(row[column])),
            cross_polarisation_ratio: power_from_db(number(row[5])),
        })
    }
}

/// Returns the cells of every row that belongs to a profile.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| line.starts_with("CDL-")).map(|line| line.split(',').collect())
}

fn number(cell: &str) -> f64 {
    cell.parse().expect("shipped table holds numbers")
}
