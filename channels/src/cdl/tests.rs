//! The rays of a draw, recovered from what taps hold of them: Doppler shifts and phases between elements.

use super::*;
use crate::array::{Array, Orientation};

/// A profile of moving devices with the given arrays; Doppler shifts are in units of the largest.
fn model(name: &str, receive_array: Array, azimuth_deg: f64, zenith_deg: f64) -> ClusteredModel {
    let travel = Travel::Towards { azimuth_deg, zenith_deg };
    let carrier_hz = 3e9;
    let speed_m_s = SPEED_OF_LIGHT_M_S / carrier_hz;
    let config =
        ClusteredConfig { receive_array, travel, speed_m_s, ..ClusteredConfig::new(name, 1e-7, carrier_hz) };
    ClusteredModel::new(config).unwrap()
}

/// Every ray of a draw: its path, power, direction at the server and direction at the device as unit vectors.
struct Ray {
    path: usize,
    power: f64,
    server: [f64; 3],
    device: [f64; 3],
}

/// Recovers the rays of device 3: travel along x, y and z shows the device's direction, elements a quarter wavelength apart
/// along the three axes the server's.
fn rays(name: &str, trial: u64) -> Vec<Ray> {
    let across = || Array::planar(2, 2, [0.25; 2]).unwrap();
    let ahead = Array::linear(2, 0.25).unwrap().with_orientation(Orientation::new(-90.0, 0.0, 0.0).unwrap());
    let draw = |array, azimuth, zenith| model(name, array, azimuth, zenith).draw(&Seeds::new(9), trial, 3..4);
    let (flat, long) = (draw(across(), 0.0, 90.0), draw(ahead, 90.0, 90.0));
    let upward = draw(across(), 0.0, 0.0);
    let phase = |a: &Taps, b: &Taps, i: usize| {
        let (re, im) = (
            b.amplitude_re[i] * a.amplitude_re[i] + b.amplitude_im[i] * a.amplitude_im[i],
            b.amplitude_im[i] * a.amplitude_re[i] - b.amplitude_re[i] * a.amplitude_im[i],
        );
        4.0 * im.atan2(re) / std::f64::consts::TAU
    };
    let all = (0..flat[0].paths()).flat_map(|path| (0..RAYS).map(move |ray| (path, rays::place(path, ray))));
    let all = all.map(|(path, i)| Ray {
        path,
        power: flat[0].amplitude_re[i].powi(2) + flat[0].amplitude_im[i].powi(2),
        server: [phase(&long[0], &long[1], i), phase(&flat[0], &flat[2], i), phase(&flat[0], &flat[1], i)],
        device: [flat[0].doppler_hz[i], long[0].doppler_hz[i], upward[0].doppler_hz[i]],
    });
    all.filter(|ray| ray.power > 0.0).collect()
}

#[test]
fn rays_have_the_angles_of_their_cluster_each_once_at_either_end() {
    for name in ["cdl-a", "cdl-c", "cdl-d", "cdl-e"] {
        let model = model(name, Array::single(), 0.0, 90.0);
        let drawn = rays(name, 0);
        for (p, path) in model.profile.paths().iter().enumerate() {
            let rays: Vec<&Ray> = drawn.iter().filter(|ray| ray.path == p).collect();
            let count = if path.kind == PathKind::LineOfSight { 1 } else { RAYS };
            assert_eq!(rays.len(), count, "{name} {p}");
            for (angle, table_deg) in model.angles_deg.iter().enumerate() {
                let degrees = |ray: &Ray| {
                    let [x, y, z] = if angle % 2 == 0 { ray.server } else { ray.device };
                    if angle < 2 { y.atan2(x).to_degrees() } else { z.acos().to_degrees() }
                };
                let centre = table_deg[p * RAYS..(p + 1) * RAYS].iter().sum::<f64>() / RAYS as f64;
                let near = |degrees: f64| (degrees - centre + 180.0).rem_euclid(360.0);
                let mut recovered: Vec<f64> = rays.iter().map(|ray| near(degrees(ray))).collect();
                let mut expected: Vec<f64> =
                    table_deg[p * RAYS..][..count].iter().map(|a| near(*a)).collect();
                recovered.sort_by(f64::total_cmp);
                expected.sort_by(f64::total_cmp);
                for (a, b) in recovered.iter().zip(&expected) {
                    assert!((a - b).abs() < 1e-4, "{name} path {p} angle {angle}: {a} {b}");
                }
            }
            assert!(rays.iter().all(|ray| (ray.power * count as f64 / path.power - 1.0).abs() < 1e-9));
        }
    }
}

#[test]
fn drawn_rays_have_the_spreads_of_the_table_by_power() {
    for name in ["cdl-a", "cdl-b", "cdl-c", "cdl-d", "cdl-e"] {
        let spreads = model(name, Array::single(), 0.0, 90.0).angular_spreads();
        let drawn = rays(name, 1);
        for (angle, expected) in spreads.into_iter().enumerate() {
            let mut sum = airloop_baseband::Complex64::default();
            for ray in &drawn {
                let [x, y, z] = if angle % 2 == 0 { ray.server } else { ray.device };
                let radians = if angle < 2 { y.atan2(x) } else { z.acos() };
                sum += airloop_baseband::Complex64::from_polar(ray.power, radians);
            }
            assert!((drawn.iter().map(|ray| ray.power).sum::<f64>() - 1.0).abs() < 1e-9);
            let spread_deg = (-2.0 * sum.norm().ln()).sqrt().to_degrees();
            assert!(
                (spread_deg - expected.spread_deg).abs() < 1e-4,
                "{name} {angle} {spread_deg} {expected:?}"
            );
            // The other end's spread is another.
            let other = model(name, Array::single(), 0.0, 90.0).angular_spreads()[angle ^ 1];
            assert!((spread_deg - other.spread_deg).abs() > 0.1, "{name} {angle}: a control passes");
        }
    }
}

#[test]
fn rays_are_coupled_anew_in_each_cluster_and_trial() {
    let (first, second) = (rays("cdl-c", 0), rays("cdl-c", 1));
    // Rays go by their azimuth at the server, which is not shuffled.
    let arrivals = |rays: &[Ray], path: usize| -> Vec<f64> {
        rays.iter().filter(|ray| ray.path == path).map(|ray| ray.device[2]).collect()
    };
    let order = |values: Vec<f64>| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        order
    };
    let orders: Vec<Vec<usize>> = (0..24).map(|path| order(arrivals(&first, path))).collect();
    for (path, one) in orders.iter().enumerate() {
        assert_ne!(*one, order(arrivals(&second, path)), "path {path} is coupled alike in both trials");
        assert!(orders[..path].iter().all(|other| other != one), "path {path} is coupled as another");
    }
}
