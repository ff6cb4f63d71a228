//! What the tests of clustered delay lines share: the tables read by their headers, and sums over all their rays.
#![allow(dead_code)]

use airloop_baseband::Complex64;
use airloop_baseband::units::power_from_db;
use std::collections::HashMap;

/// The names of all profiles.
pub const NAMES: [&str; 5] = ["cdl-a", "cdl-b", "cdl-c", "cdl-d", "cdl-e"];

/// Ray offsets of 3GPP TR 38.901, table 7.5-3.
const OFFSETS: [f64; 10] = [0.0447, 0.1413, 0.2492, 0.3715, 0.5129, 0.6797, 0.8844, 1.1481, 1.5195, 2.1551];

/// One row of a table with all its rays, angles in radians.
#[derive(Clone, Debug)]
pub struct Row {
    /// Delay over the delay spread.
    pub delay: f64,
    /// Power, of a total of 1.
    pub power: f64,
    /// Whether it is the specular path.
    pub line: bool,
    /// Azimuths at the server, azimuths at the device, zenith angles at the server, zenith angles at the device.
    pub rays: [Vec<f64>; 4],
}

/// A table.
#[derive(Clone, Debug)]
pub struct Oracle {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Cross-polarisation ratio, linear.
    pub xpr: f64,
}

fn cells(text: &str, name: &str) -> Vec<HashMap<String, String>> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows =
        lines.map(|line| header.iter().zip(line.split(',')).map(|(h, c)| (h.to_string(), c.to_string())));
    rows.map(HashMap::from_iter)
        .filter(|row: &HashMap<String, String>| row["profile"].eq_ignore_ascii_case(name))
        .collect()
}

/// Reads a table.
pub fn oracle(name: &str) -> Oracle {
    let number = |row: &HashMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    let parameters = &cells(include_str!("../../src/data/tr38901_cdl_parameters.csv"), name)[0];
    let clusters = cells(include_str!("../../src/data/tr38901_cdl.csv"), name);
    let total: f64 = clusters.iter().map(|row| power_from_db(number(row, "power_db"))).sum();
    let columns = [
        ("aod_deg", "c_asd_deg"),
        ("aoa_deg", "c_asa_deg"),
        ("zod_deg", "c_zsd_deg"),
        ("zoa_deg", "c_zsa_deg"),
    ];
    let rows = clusters.iter().map(|row| {
        let line = row["kind"] == "los";
        let rays = columns.map(|(angle, spread)| {
            let (centre, spread) = (number(row, angle), number(parameters, spread));
            match line {
                true => vec![centre.to_radians()],
                false => [1.0, -1.0]
                    .iter()
                    .flat_map(|sign| OFFSETS.map(|o| (centre + sign * spread * o).to_radians()))
                    .collect(),
            }
        });
        let power = power_from_db(number(row, "power_db")) / total;
        Row { delay: number(row, "normalised_delay"), power, line, rays }
    });
    Oracle { rows: rows.collect(), xpr: power_from_db(number(parameters, "xpr_db")) }
}

impl Row {
    /// Averages over every pair of azimuth and zenith angle at the server (0) or the device (1).
    pub fn average(&self, end: usize, f: impl Fn(f64, f64) -> Complex64) -> Complex64 {
        let (azimuths, zeniths) = (&self.rays[end], &self.rays[end + 2]);
        let sum: Complex64 = azimuths.iter().flat_map(|a| zeniths.iter().map(|z| f(*a, *z))).sum();
        sum / (azimuths.len() * zeniths.len()) as f64
    }
}

impl Oracle {
    /// Sums power times something over all rows.
    pub fn sum(&self, f: impl Fn(&Row) -> Complex64) -> Complex64 {
        self.rows.iter().map(|row| f(row) * row.power).sum()
    }

    /// Circular mean and spread in degrees of one kind of angle.
    pub fn spread_deg(&self, angle: usize) -> (f64, f64) {
        let mean = |row: &Row| -> Complex64 {
            row.rays[angle].iter().map(|a| Complex64::from_polar(1.0, *a)).sum::<Complex64>()
                / row.rays[angle].len() as f64
        };
        let s = self.sum(mean);
        (s.arg().to_degrees(), (-2.0 * s.norm().ln()).sqrt().to_degrees())
    }
}

/// `exp(j 2 pi turns)`.
pub fn turn(turns: f64) -> Complex64 {
    Complex64::from_polar(1.0, std::f64::consts::TAU * turns)
}

/// The unit vector of an azimuth and a zenith angle in radians.
pub fn unit(azimuth: f64, zenith: f64) -> [f64; 3] {
    [zenith.sin() * azimuth.cos(), zenith.sin() * azimuth.sin(), zenith.cos()]
}

/// The inner product of vectors.
pub fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
