//! Profiles of the standards, read from their tables.

use super::{PathKind, PathSpec, Profile};
use crate::error::ChannelError;
use airloop_baseband::units::power_from_db;

/// 3GPP TR 38.901 tables 7.7.2-1 to 7.7.2-5.
const TR38901_TDL: &str = include_str!("../data/tr38901_tdl.csv");

/// 3GPP TS 36.104 annex B.2 and TS 38.101-4 annex B.2.1.1: delays in nanoseconds.
const FIXED: [&str; 2] = [include_str!("../data/ts36104_lte.csv"), include_str!("../data/ts38101_4_tdl.csv")];

/// Nanoseconds of a second.
const NANOSECONDS: f64 = 1e9;

/// One row of a table: the profile's name, its delay in the table's unit, its power in decibels, whether it is a line of sight.
struct Row {
    name: &'static str,
    delay: f64,
    power_db: f64,
    line_of_sight: bool,
}

/// Reads the rows of a shipped table; a table without the column that tells how paths fade holds Rayleigh paths.
fn rows(table: &'static str) -> impl Iterator<Item = Row> {
    table.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| -> f64 { fields[i].parse().expect("shipped tables hold numbers") };
        Row {
            name: fields[0],
            delay: number(2),
            power_db: number(3),
            line_of_sight: fields.get(4) == Some(&"los"),
        }
    })
}

/// Makes the profile of a name, every delay times `unit_s`.
fn profile(
    tables: &[&'static str],
    name: &str,
    unit_s: impl Fn(f64) -> f64,
) -> Result<Profile, ChannelError> {
    let (mut paths, mut known) = (Vec::new(), Vec::new());
    for row in tables.iter().flat_map(|table| rows(table)) {
        if known.last() != Some(&row.name) {
            known.push(row.name);
        }
        if row.name.eq_ignore_ascii_case(name) {
            paths.push(PathSpec {
                delay_s: unit_s(row.delay),
                power: power_from_db(row.power_db),
                kind: if row.line_of_sight { PathKind::LineOfSight } else { PathKind::Rayleigh },
            });
        }
    }
    if paths.is_empty() {
        let known = known.join(", ").to_ascii_lowercase();
        return Err(ChannelError::UnknownProfile { name: name.to_string(), known });
    }
    Profile::new(paths)
}

impl Profile {
    /// Returns one of `tdl-a` to `tdl-e` with its delays scaled to an rms delay spread in seconds.
    ///
    /// Source: 3GPP TR 38.901, tables 7.7.2-1 to 7.7.2-5, and clause 7.7.3 for the scaling.
    ///
    /// # Errors
    /// When the name is unknown or the delay spread is negative.
    pub fn tdl(name: &str, delay_spread_s: f64) -> Result<Self, ChannelError> {
        profile(&[TR38901_TDL], name, |delay| delay * delay_spread_s)
    }

    /// Returns a profile whose delays a standard fixes: `epa`, `eva`, `etu`, `tdla10` and the others of [`Profile::fixed_names`].
    ///
    /// Source: 3GPP TS 36.104, annex B.2 (the three of LTE), and TS 38.101-4, annex B.2.1.1 (TDL profiles for conformance
    /// tests).
    ///
    /// # Errors
    /// When the name is unknown.
    pub fn fixed(name: &str) -> Result<Self, ChannelError> {
        profile(&FIXED, name, |delay_ns| delay_ns / NANOSECONDS)
    }

    /// Returns the names of the profiles whose delays a standard fixes, in lower case and in the order of the tables.
    pub fn fixed_names() -> Vec<String> {
        let mut names: Vec<String> =
            FIXED.iter().flat_map(|table| rows(table)).map(|row| row.name.to_ascii_lowercase()).collect();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tdl_profiles_have_unit_power_and_the_paths_of_the_table() {
        for (name, count) in [("tdl-a", 23), ("tdl-b", 23), ("tdl-c", 24), ("tdl-d", 14), ("tdl-e", 15)] {
            let profile = Profile::tdl(name, 100e-9).unwrap();
            assert_eq!(profile.paths().len(), count, "{name}");
            assert!((profile.paths().iter().map(|p| p.power).sum::<f64>() - 1.0).abs() < 1e-12);
        }
        // TR 38.901 states that TDL-A to C have unit rms delay spread before scaling.
        for name in ["tdl-a", "tdl-b", "tdl-c"] {
            let spread = Profile::tdl(name, 1.0).unwrap().rms_delay_spread_s();
            assert!((spread - 1.0).abs() < 0.01, "{name} {spread}");
        }
    }

    #[test]
    fn k_factors_of_the_line_of_sight_taps() {
        // Tables 7.7.2-4 and 7.7.2-5 state a first-tap K factor of 13.3 dB and 22 dB.
        for (name, expected_db) in [("tdl-d", 13.3), ("tdl-e", 22.0)] {
            let profile = Profile::tdl(name, 30e-9).unwrap();
            let first = &profile.paths()[..2];
            let k_db = 10.0 * (first[0].power / first[1].power).log10();
            assert!((k_db - expected_db).abs() < 0.01, "{name} {k_db}");
        }
    }

    #[test]
    fn fixed_profiles_have_the_delay_spread_that_their_standard_states() {
        // TS 36.104 table B.2-1 states 45, 357 and 991 ns; a TDL profile of TS 38.101-4 bears its own in its name.
        let lte = [("epa", 45.0), ("eva", 357.0), ("etu", 991.0)];
        let nr =
            [("tdla10", 10.0), ("tdla30", 30.0), ("tdlb100", 100.0), ("tdlc60", 60.0), ("tdlc300", 300.0)];
        let lines_of_sight = [("tdld10", 10.0), ("tdld30", 30.0)];
        for (name, stated_ns) in lte.into_iter().chain(nr).chain(lines_of_sight) {
            let spread_ns = NANOSECONDS * Profile::fixed(name).unwrap().rms_delay_spread_s();
            assert!((spread_ns / stated_ns - 1.0).abs() < 0.1, "{name}: {spread_ns} ns of {stated_ns}");
            assert!(Profile::fixed_names().contains(&name.to_string()));
        }
        assert_eq!(Profile::fixed_names().len(), 10);
    }

    #[test]
    fn unknown_names_are_refused_with_those_that_exist() {
        assert!(Profile::tdl("tdl-f", 1e-7).unwrap_err().to_string().contains("tdl-e"));
        assert!(Profile::tdl("tdl-a", -1e-7).is_err());
        assert!(Profile::fixed("tdl-a").unwrap_err().to_string().contains("epa, eva, etu, tdla10"));
    }
}
