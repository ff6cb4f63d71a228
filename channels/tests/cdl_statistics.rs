//! Clustered delay lines over independent draws, against sums over all rays of the tables.

mod cdl_support;
mod support;

use airloop_baseband::checks::check_mean;
use airloop_baseband::{Complex64, Seeds};
use airloop_channels::cdl::{RayAmplitudes, ServerAzimuth, Travel};
use airloop_channels::{
    Array, ClusteredConfig, ClusteredModel, ElementPattern, Orientation, Polarisation, Steering, Taps,
    TimeGrid,
};
use cdl_support::{NAMES, Row, dot, oracle, turn, unit};
use support::{CARRIER_HZ, Clock, Sums, assert_disagrees, gains_at, power, spec};

/// Devices drawn in one trial; many draws take many trials too.
const DEVICES: usize = 100;

fn config(name: &str) -> ClusteredConfig {
    ClusteredConfig::new(name, 300e-9, CARRIER_HZ)
}

/// Calls `visit` with the taps of all links of so many devices.
fn for_each_device(model: &ClusteredModel, seed: u64, draws: usize, mut visit: impl FnMut(&[Taps])) {
    for trial in 0..(draws / DEVICES) as u64 {
        model.draw(&Seeds::new(seed), trial, 0..DEVICES).chunks(model.links()).for_each(&mut visit);
    }
}

/// Returns the gains of all paths at an instant, in double precision.
fn wide(taps: &Taps, time_s: f64) -> Vec<Complex64> {
    gains_at(taps, time_s).into_iter().map(|g| Complex64::new(g.re.into(), g.im.into())).collect()
}

/// Sums of a complex quantity, real and imaginary part apart.
type Pair = [Sums; 2];

fn push(sums: &mut Pair, value: Complex64) {
    sums[0].push(value.re);
    sums[1].push(value.im);
}

/// Checks the mean of a complex quantity, and returns how far off it is.
#[track_caller]
fn check(sums: &Pair, expected: Complex64, detects: f64) -> f64 {
    let re = check_mean(&sums[0].moments(), expected.re, spec(detects)).unwrap();
    let im = check_mean(&sums[1].moments(), expected.im, spec(detects)).unwrap();
    Complex64::new(re.observed - expected.re, im.observed - expected.im).norm()
}

/// Checks the mean power of every cluster between vertical elements, and from vertical to horizontal ones.
fn check_powers(names: &[&str], rays: RayAmplitudes) {
    const DRAWS: usize = 11_000;
    for (seed, name) in names.iter().enumerate() {
        let clock = Clock::start(&format!("powers of {name}"));
        let receive_array = Array::single().with_polarisation(Polarisation::named("dual").unwrap());
        let model = ClusteredModel::new(ClusteredConfig { receive_array, rays, ..config(name) }).unwrap();
        let table = oracle(name);
        let mut sums = vec![[Sums::default(); 2]; table.rows.len()];
        let mut total = Sums::default();
        for_each_device(&model, 200 + seed as u64, DRAWS, |links| {
            for (link, scale) in [1.0, table.xpr].into_iter().enumerate() {
                for (p, gain) in gains_at(&links[link], 0.0).into_iter().enumerate() {
                    sums[p][link].push(scale * power(gain) / table.rows[p].power);
                }
            }
            total.push(gains_at(&links[0], 0.0).into_iter().map(power).sum());
        });
        for (row, [same, cross]) in table.rows.iter().zip(&sums) {
            if row.line {
                let moments = [same.moments(), cross.moments()];
                assert!(
                    (moments[0].mean - 1.0).abs() < 1e-6 && moments[0].variance < 1e-9,
                    "{name} {moments:?}"
                );
                assert!(moments[1].mean < 1e-20, "the specular path changes its polarisation: {moments:?}");
                continue;
            }
            for sums in [same, cross] {
                check_mean(&sums.moments(), 1.0, spec(0.08))
                    .unwrap_or_else(|e| panic!("{name} {row:?}: {e}"));
            }
            // A ratio that is one decibel off.
            assert_disagrees(check_mean(&cross.moments(), 10f64.powf(0.1), spec(0.08)));
        }
        let pass = check_mean(&total.moments(), 1.0, spec(0.03)).unwrap();
        clock.print(DRAWS, &format!("total power {:.4}", pass.observed));
    }
}

#[test]
fn standard_clusters_have_the_powers_and_cross_polarisation_of_the_table() {
    check_powers(&NAMES[..2], RayAmplitudes::Standard);
}

#[test]
fn standard_clusters_beside_a_specular_path_have_the_powers_and_cross_polarisation_of_the_table() {
    check_powers(&NAMES[3..], RayAmplitudes::Standard);
}

#[test]
fn gaussian_clusters_have_the_powers_and_cross_polarisation_of_the_table() {
    check_powers(&["cdl-c", "cdl-e"], RayAmplitudes::Gaussian);
}

#[test]
fn twenty_equal_rays_fall_short_of_rayleigh_and_gaussian_rays_do_not() {
    const DRAWS: usize = 15_000;
    for (rays, expected) in [(RayAmplitudes::Standard, 2.0 - 1.0 / 20.0), (RayAmplitudes::Gaussian, 2.0)] {
        let model = ClusteredModel::new(ClusteredConfig { rays, ..config("cdl-c") }).unwrap();
        let paths = model.profile().paths();
        let mut linear = Sums::default();
        // m4/m2^2 about m2 = 1, m4 = r: r + mean(|a|^4 - 2 r (|a|^2 - 1) - r). Clusters are independent.
        for_each_device(&model, 300, DRAWS, |links| {
            for (gain, path) in gains_at(&links[0], 0.0).into_iter().zip(paths) {
                let g = power(gain) / path.power;
                linear.push(g * g - 2.0 * expected * (g - 1.0));
            }
        });
        let pass = check_mean(&linear.moments(), expected, spec(0.03)).unwrap();
        assert_disagrees(check_mean(&linear.moments(), 3.95 - expected, spec(0.03)));
        println!("{rays:?}: fourth-moment ratio {:.4} of {expected}", pass.observed);
    }
}

#[test]
fn the_frequency_correlation_is_the_transform_of_the_table() {
    const DRAWS: usize = 7_500;
    let spacings_hz = [0.0, 50e3, 200e3, 700e3, 3e6];
    for (seed, name) in ["cdl-a", "cdl-c", "cdl-d"].into_iter().enumerate() {
        let model = ClusteredModel::new(config(name)).unwrap();
        let table = oracle(name);
        let transform = |df: f64| table.sum(|row| turn(df * row.delay * 300e-9));
        let delays: Vec<f64> = model.profile().paths().iter().map(|p| p.delay_s).collect();
        let frequencies: Vec<f64> = spacings_hz.iter().map(|df| -1.1e6 + df).collect();
        let steering = Steering::new(&delays, &frequencies);
        let mut sums = vec![Pair::default(); spacings_hz.len()];
        let mut response = vec![Default::default(); spacings_hz.len()];
        for_each_device(&model, 310 + seed as u64, DRAWS, |links| {
            steering.respond(&gains_at(&links[0], 0.0), &mut response);
            for (sums, h) in sums.iter_mut().zip(&response) {
                let product = response[0] * h.conj();
                push(sums, Complex64::new(product.re.into(), product.im.into()));
            }
        });
        let worst =
            spacings_hz.iter().zip(&sums).map(|(df, s)| check(s, transform(*df), 0.1)).fold(0.0, f64::max);
        assert_disagrees(check_mean(&sums[2][1].moments(), -transform(spacings_hz[2]).im, spec(0.1)));
        println!("{name}: worst off by {worst:.4}");
    }
}

/// `E[h_0 conj(h_e)]` between elements 0 and `e` that stand `apart` wavelengths from it, at one end.
fn spatial(rows: &[Row], end: usize, apart: [f64; 3], turned_rad: f64) -> Complex64 {
    let average = |row: &Row| row.average(end, |a, z| turn(-dot(apart, unit(a + turned_rad, z)))) * row.power;
    rows.iter().map(average).sum()
}

#[test]
fn the_spatial_correlation_is_the_sum_over_all_rays_at_either_end() {
    const DRAWS: usize = 5_000;
    for (seed, (name, turned_deg)) in
        [("cdl-b", 0.0), ("cdl-c", 40.0), ("cdl-e", -75.0)].into_iter().enumerate()
    {
        let model = ClusteredModel::new(ClusteredConfig {
            receive_array: Array::linear(3, 0.5).unwrap(),
            device_array: Array::planar(3, 1, [0.7, 0.4]).unwrap(),
            server_azimuth: ServerAzimuth::Each(vec![turned_deg]),
            ..config(name)
        })
        .unwrap();
        let rows = oracle(name).rows;
        let (mut server, mut device) = ([Pair::default(); 3], [Pair::default(); 3]);
        for_each_device(&model, 320 + seed as u64, DRAWS, |links| {
            let total = |link: usize| -> Vec<Complex64> { wide(&links[link], 0.0) };
            let correlate =
                |a: &[Complex64], b: &[Complex64]| a.iter().zip(b).map(|(a, b)| a * b.conj()).sum();
            let first = total(0);
            for e in 0..3 {
                push(&mut server[e], correlate(&first, &total(3 * e)));
                push(&mut device[e], correlate(&first, &total(e)));
            }
        });
        let turned = f64::to_radians(turned_deg);
        let mut worst = 0.0f64;
        for e in 0..3 {
            let along = [0.0, 0.5 * e as f64, 0.0];
            worst = worst.max(check(&server[e], spatial(&rows, 0, along, turned), 0.05));
            let upward = [0.0, 0.0, 0.7 * e as f64];
            worst = worst.max(check(&device[e], spatial(&rows, 1, upward, 0.0), 0.05));
        }
        println!("{name}: worst off by {worst:.4}");
        // The server at the device's angles; a device turned the other way.
        let wrong =
            [spatial(&rows, 1, [0.0, 0.5, 0.0], turned), spatial(&rows, 0, [0.0, 0.5, 0.0], turned + 0.5)];
        for wrong in wrong {
            let by_part = [
                check_mean(&server[1][0].moments(), wrong.re, spec(0.05)),
                check_mean(&server[1][1].moments(), wrong.im, spec(0.05)),
            ];
            assert!(by_part.iter().any(|part| part.is_err()), "{name}: a control passes");
        }
    }
}

#[test]
fn the_time_correlation_is_the_sum_over_all_rays_of_the_device() {
    const DRAWS: usize = 7_500;
    const LAGS: usize = 9;
    for (seed, (name, azimuth_deg, zenith_deg)) in
        [("cdl-a", 0.0, 90.0), ("cdl-c", 120.0, 90.0), ("cdl-d", -60.0, 70.0)].into_iter().enumerate()
    {
        let travel = Travel::Towards { azimuth_deg, zenith_deg };
        let model = ClusteredModel::new(ClusteredConfig { speed_m_s: 30.0, travel, ..config(name) }).unwrap();
        let table = oracle(name);
        let towards = unit(azimuth_deg.to_radians(), zenith_deg.to_radians());
        let step_s = 0.25 / model.max_doppler_hz();
        let of_row = |row: &Row, end: usize, lag: usize| {
            row.average(end, |a, z| turn(0.25 * lag as f64 * dot(towards, unit(a, z))))
        };
        let strongest = (0..table.rows.len()).filter(|p| !table.rows[*p].line);
        let strongest =
            strongest.max_by(|a, b| table.rows[*a].power.total_cmp(&table.rows[*b].power)).unwrap();
        let paths = model.profile().paths().len();
        let (mut one, mut all) = ([Pair::default(); LAGS], [Pair::default(); LAGS]);
        let mut gains = vec![Default::default(); LAGS * paths];
        for_each_device(&model, 330 + seed as u64, DRAWS, |links| {
            // Stationary: any instant may be the first.
            links[0].gains(TimeGrid { start_s: 12.3, step_s, count: LAGS }, &mut gains);
            for (lag, row) in gains.chunks(paths).enumerate() {
                let products = row.iter().zip(&gains).map(|(b, a)| b * a.conj());
                let products: Vec<Complex64> =
                    products.map(|z| Complex64::new(z.re.into(), z.im.into())).collect();
                push(&mut one[lag], products[strongest] / table.rows[strongest].power);
                push(&mut all[lag], products.into_iter().sum());
            }
        });
        let mut worst = 0.0f64;
        for lag in 0..LAGS {
            worst = worst.max(check(&one[lag], of_row(&table.rows[strongest], 1, lag), 0.1));
            worst = worst.max(check(&all[lag], table.sum(|row| of_row(row, 1, lag)), 0.1));
        }
        // The angles of the other end, and of the isotropic ring that Jakes' spectrum has.
        let wrong = [
            table.sum(|row| of_row(row, 0, 2)).re,
            airloop_baseband::special::bessel_j0(std::f64::consts::PI),
        ];
        for wrong in wrong {
            assert_disagrees(check_mean(&all[2][0].moments(), wrong, spec(0.1)));
        }
        println!("{name}: worst off by {worst:.4}");
    }
}

#[test]
fn directional_crossed_arrays_have_the_covariance_of_all_rays() {
    const DRAWS: usize = 8_000;
    let cross = || Polarisation::named("cross").unwrap();
    for (seed, name) in ["cdl-c", "cdl-d"].into_iter().enumerate() {
        let receive_array = Array::linear(2, 0.5)
            .unwrap()
            .with_pattern(ElementPattern::Tr38901)
            .with_polarisation(cross())
            .with_orientation(Orientation::new(20.0, 10.0, 0.0).unwrap());
        let device_array = Array::single()
            .with_polarisation(Polarisation::named("dual").unwrap())
            .with_orientation(Orientation::new(180.0, 0.0, 25.0).unwrap());
        let ends = [receive_array.clone(), device_array.clone()];
        let rays = if seed == 0 { RayAmplitudes::Standard } else { RayAmplitudes::Gaussian };
        let config = ClusteredConfig { receive_array, device_array, rays, ..config(name) };
        let model = ClusteredModel::new(config).unwrap();
        let table = oracle(name);
        // E[F_i conj(F'_j)] of the elements of an end in every row, fields along zenith (0) and azimuth (1) beside each other.
        let fields = [0, 1].map(|end: usize| -> Vec<Vec<Complex64>> {
            let average = |row: &Row| {
                let (azimuths, zeniths) = (&row.rays[end], &row.rays[end + 2]);
                let count = (azimuths.len() * zeniths.len()) as f64;
                let mut sums = vec![Complex64::default(); (2 * ends[end].elements()).pow(2)];
                for (a, z) in azimuths.iter().flat_map(|a| zeniths.iter().map(move |z| (a, z))) {
                    let fields = ends[end].response(a.to_degrees(), z.to_degrees());
                    let fields: Vec<Complex64> = fields.into_iter().flatten().collect();
                    let products = fields.iter().flat_map(|f| fields.iter().map(move |g| f * g.conj()));
                    sums.iter_mut().zip(products).for_each(|(sum, product)| *sum += product / count);
                }
                sums
            };
            table.rows.iter().map(average).collect()
        });
        let expected = |receive: (usize, usize), device: (usize, usize)| -> Complex64 {
            let of = |end: usize, row: usize, (e, f): (usize, usize), i: usize, j: usize| {
                fields[end][row][(2 * e + i) * 2 * ends[end].elements() + 2 * f + j]
            };
            let rows = table.rows.iter().enumerate().map(|(p, row)| {
                let term = |i, j, k, l| of(0, p, receive, i, k) * of(1, p, device, j, l);
                let same = term(0, 0, 0, 0) + term(1, 1, 1, 1);
                let other = if row.line {
                    -term(0, 0, 1, 1) - term(1, 1, 0, 0)
                } else {
                    (term(0, 1, 0, 1) + term(1, 0, 1, 0)) / table.xpr
                };
                (same + other) * row.power
            });
            rows.sum()
        };
        // Links (r, t) as 2 r + t: powers of two links, and how they go with others.
        let pairs = [(0, 0), (5, 5), (0, 2), (0, 4), (0, 1), (1, 6)];
        let mut sums = [Pair::default(); 6];
        for_each_device(&model, 340 + seed as u64, DRAWS, |links| {
            for (sums, (a, b)) in sums.iter_mut().zip(pairs) {
                let (a, b) = (wide(&links[a], 0.0), wide(&links[b], 0.0));
                push(sums, a.iter().zip(&b).map(|(a, b)| a * b.conj()).sum());
            }
        });
        let scale = expected((0, 0), (0, 0)).re;
        let paths = model.profile().paths().len();
        let powers = model.mean_powers(0.0);
        for (sums, (a, b)) in sums.iter().zip(pairs) {
            let expected = expected((a / 2, b / 2), (a % 2, b % 2));
            let off = check(sums, expected, 0.15 * scale);
            println!("{name} {a} {b}: {expected:.4} off by {off:.4}");
            if a == b {
                let power: f64 = powers[a * paths..][..paths].iter().sum();
                assert!((power / expected.re - 1.0).abs() < 1e-9, "{name} {a}: {power} {expected}");
            }
        }
        assert_disagrees(check_mean(&sums[0][0].moments(), 1.4 * scale, spec(0.15 * scale)));
    }
}
