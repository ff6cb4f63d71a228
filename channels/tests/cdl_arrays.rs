//! Antenna arrays against the formulas of 3GPP TR 38.901 clauses 7.1 and 7.3 written out.

mod cdl_support;

use airloop_baseband::{Complex64, Purpose, Seeds};
use airloop_channels::{Array, ChannelError, ElementPattern, Orientation, Polarisation};
use cdl_support::{dot, turn, unit};

#[test]
fn the_directional_element_has_the_gains_of_its_table() {
    // Table 7.3-1 by hand: 12 (32.5/65)^2 = 3 dB, 12 (65/65)^2 = 12 dB, 30 dB at most.
    let cases = [
        (0.0, 90.0, 8.0),
        (32.5, 90.0, 5.0),
        (-32.5, 90.0, 5.0),
        (0.0, 122.5, 5.0),
        (0.0, 57.5, 5.0),
        (32.5, 122.5, 2.0),
        (65.0, 90.0, -4.0),
        (65.0, 25.0, -16.0),
        (13.0, 90.0, 7.52),
        (110.0, 90.0, -22.0),
        (180.0, 90.0, -22.0),
        (0.0, 0.0, 8.0 - 12.0 * (90.0f64 / 65.0).powi(2)),
        (90.0, 10.0, -22.0),
    ];
    let array = Array::single().with_pattern(ElementPattern::Tr38901);
    for (azimuth_deg, zenith_deg, expected_dbi) in cases {
        let gain_dbi = ElementPattern::Tr38901.gain_dbi(azimuth_deg, zenith_deg);
        assert!((gain_dbi - expected_dbi).abs() < 1e-12, "{azimuth_deg} {zenith_deg}: {gain_dbi}");
        let [theta, phi] = array.response(azimuth_deg, zenith_deg)[0];
        let field_dbi = 10.0 * (theta.norm_sqr() + phi.norm_sqr()).log10();
        assert!((field_dbi - expected_dbi).abs() < 1e-9, "{azimuth_deg} {zenith_deg}: {field_dbi}");
        assert_eq!(ElementPattern::Isotropic.gain_dbi(azimuth_deg, zenith_deg), 0.0);
    }
}

/// The response by equations 7.1-4, 7.1-7, 7.1-8, 7.1-11, 7.1-15, 7.3-4 and 7.3-5, with degrees in and a local position.
fn standard(
    [bearing, downtilt, roll]: [f64; 3],
    slant_deg: f64,
    position: [f64; 3],
    (azimuth_deg, zenith_deg): (f64, f64),
) -> [Complex64; 2] {
    let [a, b, c, phi, theta, slant] =
        [bearing, downtilt, roll, azimuth_deg, zenith_deg, slant_deg].map(f64::to_radians);
    let local_zenith = (b.cos() * c.cos() * theta.cos()
        + (b.sin() * c.cos() * (phi - a).cos() - c.sin() * (phi - a).sin()) * theta.sin())
    .acos();
    let local_azimuth = Complex64::new(
        b.cos() * theta.sin() * (phi - a).cos() - b.sin() * theta.cos(),
        b.cos() * c.sin() * theta.cos()
            + (b.sin() * c.sin() * (phi - a).cos() + c.cos() * (phi - a).sin()) * theta.sin(),
    )
    .arg();
    let psi = Complex64::new(
        c.sin() * theta.cos() * (phi - a).sin()
            + c.cos() * (b.cos() * theta.sin() - b.sin() * theta.cos() * (phi - a).cos()),
        c.sin() * (phi - a).cos() + b.sin() * c.cos() * (phi - a).sin(),
    )
    .arg();
    let gain_dbi = {
        let vertical = (12.0 * ((local_zenith.to_degrees() - 90.0) / 65.0).powi(2)).min(30.0);
        let horizontal = (12.0 * (local_azimuth.to_degrees() / 65.0).powi(2)).min(30.0);
        8.0 - (vertical + horizontal).min(30.0)
    };
    let magnitude = 10f64.powf(gain_dbi / 20.0);
    // Positions: the phase is that of the local direction over the local position, as lengths and angles are kept.
    let phase = turn(dot(unit(local_azimuth, local_zenith), position));
    [phase * (magnitude * (slant + psi).cos()), phase * (magnitude * (slant + psi).sin())]
}

#[test]
fn turned_and_slanted_arrays_respond_as_the_standard_writes_it() {
    let stream = Seeds::new(71).stream(Purpose::Placement, 0, 0);
    let mut control = 0.0f64;
    for case in 0..500u64 {
        let draw = |i: u64, low: f64, high: f64| low + (high - low) * stream.uniform(8 * case + i);
        let angles = [draw(0, -180.0, 180.0), draw(1, -80.0, 80.0), draw(2, -80.0, 80.0)];
        let slant_deg = draw(3, -90.0, 90.0);
        let direction = (draw(4, -180.0, 180.0), draw(5, 1.0, 179.0));
        let orientation = Orientation::new(angles[0], angles[1], angles[2]).unwrap();
        let array = Array::planar(2, 3, [0.7, 0.5])
            .unwrap()
            .with_pattern(ElementPattern::Tr38901)
            .with_polarisation(Polarisation::single(slant_deg).unwrap());
        let turned = array.clone().with_orientation(orientation);
        let responses = turned.response(direction.0, direction.1);
        for (element, response) in responses.iter().enumerate() {
            let local = array.position_wavelengths(element);
            let expected = standard(angles, slant_deg, local, direction);
            let error = (response[0] - expected[0]).norm().max((response[1] - expected[1]).norm());
            assert!(error < 1e-9, "{case} {element}: {response:?} {expected:?}");
            let wrong = standard([angles[0], -angles[1], angles[2]], slant_deg, local, direction);
            control += (response[0] - wrong[0]).norm() / 3000.0;
        }
    }
    assert!(control > 0.1, "a downtilt of the wrong sign passes: {control}");
}

#[test]
fn elements_stand_where_their_order_says() {
    let array =
        Array::planar(2, 3, [0.8, 0.5]).unwrap().with_polarisation(Polarisation::named("cross").unwrap());
    assert_eq!(array.elements(), 12);
    for element in 0..12 {
        let (column, row) = (element % 6 / 2, element % 2);
        let expected = [0.0, 0.5 * (column as f64 - 1.0), 0.8 * (row as f64 - 0.5)];
        let position = array.position_wavelengths(element);
        assert!(position.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{element} {position:?}");
    }
    let line = Array::linear(4, 0.5).unwrap();
    let along: Vec<f64> = (0..4).map(|e| line.position_wavelengths(e)[1]).collect();
    assert_eq!(along, [-0.75, -0.25, 0.25, 0.75]);
    // A line that looks along y lies along minus x.
    let turned = line.with_orientation(Orientation::new(90.0, 0.0, 0.0).unwrap());
    assert!((turned.position_wavelengths(0)[0] - 0.75).abs() < 1e-12);
}

#[test]
fn a_slant_of_45_degrees_shares_the_power_and_a_crossed_pair_is_orthogonal() {
    let array = Array::single().with_polarisation(Polarisation::named("cross").unwrap());
    let vertical = Array::single();
    for (azimuth_deg, zenith_deg) in [(0.0, 90.0), (70.0, 40.0), (-160.0, 120.0)] {
        let [plus, minus] = array.response(azimuth_deg, zenith_deg)[..] else { panic!("two elements") };
        assert!((plus[0].norm_sqr() - 0.5).abs() < 1e-12 && (plus[1].norm_sqr() - 0.5).abs() < 1e-12);
        assert!((plus[0] * minus[0].conj() + plus[1] * minus[1].conj()).norm() < 1e-12);
        let [theta, phi] = vertical.response(azimuth_deg, zenith_deg)[0];
        assert!((theta.norm_sqr() - 1.0).abs() < 1e-12 && phi.norm() < 1e-12);
    }
}

#[test]
fn bad_arrays_are_refused() {
    let message = |error: ChannelError| error.to_string();
    assert!(message(Array::linear(0, 0.5).unwrap_err()).contains("at least one"));
    assert!(message(Array::planar(2, 0, [0.5; 2]).unwrap_err()).contains("at least one"));
    for spacing in [0.0, -0.5, f64::NAN, f64::INFINITY] {
        assert!(message(Array::linear(2, spacing).unwrap_err()).contains("spacing"), "{spacing}");
    }
    assert!(message(Polarisation::single(181.0).unwrap_err()).contains("slant"));
    assert!(message(Polarisation::named("round").unwrap_err()).contains("cross"));
    assert!(message(ElementPattern::named("dipole").unwrap_err()).contains("tr38901"));
    assert!(message(Orientation::new(0.0, f64::NAN, 0.0).unwrap_err()).contains("downtilt"));
    assert_eq!(ElementPattern::named("isotropic").unwrap(), ElementPattern::Isotropic);
}
