//! Clustered delay lines against their tables, without chance: delays, powers, angles, scaling, errors, repeatability.

mod cdl_support;

use airloop_baseband::{Complex32, Complex64, Seeds};
use airloop_channels::cdl::{AngleScaling, AngleTarget, RayAmplitudes, ServerAzimuth, Travel};
use airloop_channels::{Array, ClusteredConfig, ClusteredModel, PathKind, Polarisation, Taps, TimeGrid};
use cdl_support::{NAMES, oracle, unit};

const CARRIER_HZ: f64 = 3.5e9;

fn config(name: &str) -> ClusteredConfig {
    ClusteredConfig::new(name, 300e-9, CARRIER_HZ)
}

fn gains(taps: &Taps, start_s: f64) -> Vec<Complex32> {
    let mut gains = vec![Complex32::default(); taps.paths()];
    taps.gains(TimeGrid { start_s, step_s: 0.0, count: 1 }, &mut gains);
    gains
}

#[test]
fn paths_are_those_of_the_tables() {
    for (name, count, k_db) in [
        ("cdl-a", 23, None),
        ("cdl-b", 23, None),
        ("cdl-c", 24, None),
        ("CDL-D", 14, Some(13.3)),
        ("cdl-e", 15, Some(22.0)),
    ] {
        let model = ClusteredModel::new(config(name)).unwrap();
        let (paths, rows) = (model.profile().paths(), oracle(name).rows);
        assert_eq!((paths.len(), rows.len()), (count, count));
        for (path, row) in paths.iter().zip(&rows) {
            assert!((path.delay_s - row.delay * 300e-9).abs() < 1e-20, "{name} {path:?}");
            assert!((path.power / row.power - 1.0).abs() < 1e-12, "{name} {path:?}");
            assert_eq!(path.kind == PathKind::LineOfSight, row.line);
        }
        // The note under tables 7.7.1-4 and 7.7.1-5 gives the K factor of the first cluster.
        if let Some(k_db) = k_db {
            assert!((10.0 * (paths[0].power / paths[1].power).log10() - k_db).abs() < 1e-9, "{name}");
        }
        let taps = &model.draw(&Seeds::new(1), 0, 0..1)[0];
        assert!(taps.delays_s().iter().zip(paths).all(|(delay, path)| *delay == path.delay_s));
        let rounded = ClusteredModel::new(config(name)).unwrap().rounded_to_samples(30.72e6);
        let taps = &rounded.draw(&Seeds::new(1), 0, 0..1)[0];
        assert!(taps.delays_s().iter().all(|d| ((d * 30.72e6).round() - d * 30.72e6).abs() < 1e-9));
    }
    // Without a specular path the profiles have unit rms delay spread before scaling.
    for name in &NAMES[..3] {
        let spread_s = ClusteredModel::new(config(name)).unwrap().profile().rms_delay_spread_s();
        assert!((spread_s / 300e-9 - 1.0).abs() < 0.01, "{name} {spread_s}");
    }
}

#[test]
fn angular_spreads_are_those_of_the_tables() {
    for name in NAMES {
        let spreads = ClusteredModel::new(config(name)).unwrap().angular_spreads();
        for (angle, spread) in spreads.into_iter().enumerate() {
            let (mean_deg, spread_deg) = oracle(name).spread_deg(angle);
            assert!((spread.spread_deg - spread_deg).abs() < 1e-9, "{name} {angle} {spread:?} {spread_deg}");
            assert!((spread.mean_deg - mean_deg).abs() < 1e-9, "{name} {angle} {spread:?} {mean_deg}");
            // A table whose rays all lie at the centre of their clusters is another.
            let mut centred = oracle(name);
            for row in &mut centred.rows {
                row.rays[angle] = vec![row.rays[angle].iter().sum::<f64>() / row.rays[angle].len() as f64];
            }
            assert!(
                (spread_deg - centred.spread_deg(angle).1).abs() > 1e-4,
                "{name} {angle}: a control passes"
            );
        }
    }
}

#[test]
fn scaled_angles_reach_the_means_and_spreads_asked_for() {
    let both = |mean, spread| AngleTarget { mean_deg: Some(mean), spread_deg: Some(spread) };
    for name in NAMES {
        let before = ClusteredModel::new(config(name)).unwrap().angular_spreads();
        let scaling = AngleScaling {
            departure_azimuth: both(-20.0, 5.0),
            arrival_azimuth: both(150.0, 10.0),
            departure_zenith: both(95.0, 1.0),
            arrival_zenith: both(80.0, 5.0),
        };
        let after =
            ClusteredModel::new(ClusteredConfig { scaling, ..config(name) }).unwrap().angular_spreads();
        let targets = [(-20.0f64, 5.0f64), (150.0, 10.0), (95.0, 1.0), (80.0, 5.0)];
        for (angle, (after, (mean_deg, spread_deg))) in after.iter().zip(targets).enumerate() {
            // Equation 7.7-5 on every ray of the table.
            let mut table = oracle(name);
            let (model_mean_deg, model_spread_deg) = table.spread_deg(angle);
            for ray in table.rows.iter_mut().flat_map(|row| &mut row.rays[angle]) {
                let difference = (*ray - model_mean_deg.to_radians())
                    .sin()
                    .atan2((*ray - model_mean_deg.to_radians()).cos());
                *ray = spread_deg / model_spread_deg * difference + mean_deg.to_radians();
            }
            let (expected_mean_deg, expected_spread_deg) = table.spread_deg(angle);
            assert!((after.spread_deg - expected_spread_deg).abs() < 1e-9, "{name} {angle} {after:?}");
            assert!((after.mean_deg - expected_mean_deg).abs() < 1e-9, "{name} {angle} {after:?}");
            let tolerance = if table.rows[0].line { 0.3 } else { 0.05 };
            assert!((after.spread_deg / spread_deg - 1.0).abs() < tolerance, "{name} {angle} {after:?}");
            assert!((after.mean_deg - mean_deg).abs() < 0.2 * spread_deg, "{name} {angle} {after:?}");
            let unscaled = (before[angle].spread_deg / spread_deg - 1.0).abs();
            assert!(unscaled > tolerance, "{name} {angle}: a control passes {unscaled}");
        }
        let kept = AngleScaling { arrival_azimuth: AngleTarget::default(), ..AngleScaling::default() };
        let same = ClusteredModel::new(ClusteredConfig { scaling: kept, ..config(name) }).unwrap();
        assert_eq!(same.angular_spreads(), before);
    }
}

#[test]
fn mean_powers_follow_polarisation() {
    for name in &NAMES[..3] {
        let xpr = oracle(name).xpr;
        let total = |receive: &str, device: &str| {
            let array = |name| Array::single().with_polarisation(Polarisation::named(name).unwrap());
            let config = ClusteredConfig {
                receive_array: array(receive),
                device_array: array(device),
                ..ClusteredConfig::new(name, 100e-9, CARRIER_HZ)
            };
            let model = ClusteredModel::new(config).unwrap();
            let powers = model.mean_powers(17.0);
            powers.chunks(model.profile().paths().len()).map(|link| link.iter().sum()).collect::<Vec<f64>>()
        };
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{name} {a} {b}");
        close(total("vertical", "vertical")[0], 1.0);
        close(total("vertical", "horizontal")[0], 1.0 / xpr);
        total("cross", "cross").into_iter().for_each(|power| close(power, (1.0 + 1.0 / xpr) / 2.0));
        let dual = total("dual", "vertical");
        close(dual[0], 1.0);
        close(dual[1], 1.0 / xpr);
    }
    // The specular path alone crosses no polarisation, and the sign of one field makes crossed slants of one sign orthogonal.
    let array = Array::single().with_polarisation(Polarisation::named("cross").unwrap());
    let config = ClusteredConfig { receive_array: array.clone(), device_array: array, ..config("cdl-d") };
    let model = ClusteredModel::new(config).unwrap();
    let (powers, paths) = (model.mean_powers(0.0), model.profile().paths());
    for (link, expected) in [0.0, 1.0, 1.0, 0.0].into_iter().enumerate() {
        assert!((powers[link * paths.len()] - expected * paths[0].power).abs() < 1e-12, "{link}");
    }
}

#[test]
fn draws_are_functions_of_seed_trial_and_device() {
    let base = ClusteredConfig {
        speed_m_s: 20.0,
        travel: Travel::Random,
        server_azimuth: ServerAzimuth::Sector { width_deg: 120.0 },
        receive_array: Array::linear(2, 0.5).unwrap(),
        device_array: Array::linear(3, 0.5).unwrap(),
        ..config("cdl-d")
    };
    for rays in [RayAmplitudes::Standard, RayAmplitudes::Gaussian] {
        let model = ClusteredModel::new(ClusteredConfig { rays, ..base.clone() }).unwrap();
        assert_eq!(model.links(), 6);
        let values = |trial, devices| -> Vec<Vec<Complex32>> {
            model.draw(&Seeds::new(5), trial, devices).iter().map(|taps| gains(taps, 0.01)).collect()
        };
        let all = values(3, 0..5);
        assert_eq!(all.len(), 30);
        assert_eq!(values(3, 2..4), all[12..24]);
        assert_ne!(values(4, 2..3), all[12..18]);
        assert_ne!(all[0..6], all[6..12]);
        let other: Vec<_> =
            model.draw(&Seeds::new(6), 3, 0..1).iter().map(|taps| gains(taps, 0.01)).collect();
        assert_ne!(other, all[0..6]);
        // A static model has the same gains as a moving one at time zero, in one number a path.
        let still = ClusteredModel::new(ClusteredConfig { speed_m_s: 0.0, rays, ..base.clone() }).unwrap();
        let still = still.draw(&Seeds::new(5), 3, 2..3);
        for (still, moving) in still.iter().zip(model.draw(&Seeds::new(5), 3, 2..3)) {
            for (a, b) in gains(still, 7.0).into_iter().zip(gains(&moving, 0.0)) {
                assert!((a - b).norm() < 1e-6, "{a} {b}");
            }
            assert_eq!(still.max_doppler_hz(), 0.0);
        }
    }
}

#[test]
fn the_specular_path_has_the_doppler_shift_and_the_array_phases_of_its_direction() {
    let rotation = [0.0, 35.0];
    let config = ClusteredConfig {
        speed_m_s: 30.0,
        travel: Travel::Towards { azimuth_deg: 150.0, zenith_deg: 80.0 },
        server_azimuth: ServerAzimuth::Each(rotation.to_vec()),
        receive_array: Array::planar(2, 2, [0.4, 0.3]).unwrap(),
        ..config("cdl-e")
    };
    let model = ClusteredModel::new(config).unwrap();
    let row = &oracle("cdl-e").rows[0];
    let arrival = unit(row.rays[1][0], row.rays[3][0]);
    let travel = unit(150f64.to_radians(), 80f64.to_radians());
    let share: f64 = arrival.iter().zip(travel).map(|(a, b)| a * b).sum();
    let taps = model.draw(&Seeds::new(8), 0, 0..4);
    for (link, taps) in taps.iter().enumerate() {
        let (device, element) = (link / 4, link % 4);
        let wide = |z: Complex32| Complex64::new(z.re.into(), z.im.into());
        let step_s = 0.1 / model.max_doppler_hz();
        let at = |time_s| wide(gains(taps, time_s)[0]);
        let turns = (at(step_s) * at(0.0).conj()).arg() / std::f64::consts::TAU;
        assert!((turns - 0.1 * share).abs() < 1e-6, "{turns} {share}");
        assert!((turns - 0.07).abs() > 1e-3, "the fixed share of the tapped delay lines passes");
        assert!((at(0.3).norm_sqr() / row.power - 1.0).abs() < 1e-5);
        let azimuth = row.rays[0][0] + rotation[device % 2].to_radians();
        let [_, y, z] = unit(azimuth, row.rays[2][0]);
        let expected = cdl_support::turn(0.3 * y * (element / 2) as f64 + 0.4 * z * (element % 2) as f64);
        let measured = at(0.0) / wide(gains(&taps_of(&model, device)[0], 0.0)[0]);
        assert!((measured - expected).norm() < 1e-5, "{link} {measured} {expected}");
    }
}

fn taps_of(model: &ClusteredModel, device: usize) -> Vec<Taps> {
    model.draw(&Seeds::new(8), 0, device..device + 1)
}

#[test]
fn bad_models_are_refused_with_what_would_be_right() {
    let refused = |config: ClusteredConfig, part: &str| {
        let message = ClusteredModel::new(config).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    };
    refused(config("cdl-f"), "cdl-e");
    refused(ClusteredConfig::new("cdl-a", -1e-9, CARRIER_HZ), "delay_spread_s");
    refused(ClusteredConfig::new("cdl-a", f64::NAN, CARRIER_HZ), "delay_spread_s");
    refused(ClusteredConfig::new("cdl-a", 1e-7, 0.0), "carrier_hz");
    refused(ClusteredConfig { speed_m_s: -1.0, ..config("cdl-a") }, "speed_m_s");
    let travel = Travel::Towards { azimuth_deg: 0.0, zenith_deg: 181.0 };
    refused(ClusteredConfig { travel, ..config("cdl-a") }, "0 to 180");
    refused(
        ClusteredConfig { server_azimuth: ServerAzimuth::Each(vec![]), ..config("cdl-a") },
        "at least one",
    );
    refused(
        ClusteredConfig { server_azimuth: ServerAzimuth::Each(vec![400.0]), ..config("cdl-a") },
        "azimuth",
    );
    let sector = ServerAzimuth::Sector { width_deg: 361.0 };
    refused(ClusteredConfig { server_azimuth: sector, ..config("cdl-a") }, "0 to 360");
    for (mean_deg, spread_deg, part) in [(Some(190.0), None, "zenith"), (None, Some(-1.0), "spread")] {
        let departure_zenith = AngleTarget { mean_deg, spread_deg };
        let scaling = AngleScaling { departure_zenith, ..AngleScaling::default() };
        refused(ClusteredConfig { scaling, ..config("cdl-a") }, part);
    }
    assert!(RayAmplitudes::named("equal").unwrap_err().to_string().contains("gaussian"));
}
