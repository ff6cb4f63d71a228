//! Path loss, spread of shadowing and lines of sight against values of TR 38.901's tables, reckoned outside of this code.

use airloop_channels::large_scale::{Factory, Geometry, RangeDoubt, Scenario};

/// Name, line of sight, carrier, heights of server and device, and (distance on the ground, loss) in metres and decibels.
type Row = (&'static str, bool, f64, (f64, f64), [(f64, f64); 5]);

/// Name, heights of server and device, and (distance on the ground, probability of a line of sight).
type Chances = (&'static str, (f64, f64), [(f64, f64); 4]);

/// Reads the table reckoned outside, five distances a scenario and state.
fn rows() -> Vec<Row> {
    let text = include_str!("data/tr38901_path_loss.csv");
    let lines: Vec<Vec<&'static str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let number = |line: &[&str], column: usize| -> f64 { line[column].parse().unwrap() };
    let row = |five: &[Vec<&'static str>]| {
        assert!(five.iter().all(|line| line[..5] == five[0][..5]));
        let first = &five[0];
        let values = std::array::from_fn(|k| (number(&five[k], 5), number(&five[k], 6)));
        (first[0], first[1] == "true", number(first, 2), (number(first, 3), number(first, 4)), values)
    };
    lines.chunks_exact(5).map(row).collect()
}

fn geometry(
    distance_2d_m: f64,
    (server_height_m, device_height_m): (f64, f64),
    environment: f64,
) -> Geometry {
    Geometry { distance_2d_m, server_height_m, device_height_m, environment_height_m: environment }
}

/// Returns the loss with the environment height that a low device sees.
fn loss_db(scenario: &Scenario, los: bool, carrier_hz: f64, heights: (f64, f64), distance_m: f64) -> f64 {
    let environment = scenario.environment_height_m(distance_m, heights.1, (0.5, 0.5));
    scenario.path_loss_db(los, carrier_hz, &geometry(distance_m, heights, environment))
}

#[test]
fn path_loss_is_that_of_the_table_at_five_distances_a_scenario() {
    for (name, los, carrier_hz, heights, values) in rows() {
        let scenario = Scenario::named(name).unwrap();
        assert_eq!(scenario.name(), name);
        for (distance_m, expected_db) in values {
            let found = loss_db(&scenario, los, carrier_hz, heights, distance_m);
            assert!((found - expected_db).abs() < 1e-6, "{name} {los} {distance_m} m: {found} {expected_db}");
        }
    }
}

#[test]
fn another_scenario_state_carrier_or_height_misses_the_table() {
    let misses = |scenario: &Scenario, row: &Row, carrier_hz: f64, heights: (f64, f64)| {
        let (_, los, _, _, values) = row;
        let off =
            |(d, expected): &(f64, f64)| (loss_db(scenario, *los, carrier_hz, heights, *d) - expected).abs();
        values.iter().map(off).fold(0.0, f64::max) > 0.01
    };
    let rows = rows();
    assert_eq!(rows.len(), 18);
    for (at, row) in rows.iter().enumerate() {
        let scenario = Scenario::named(row.0).unwrap();
        assert!(!misses(&scenario, row, row.2, row.3));
        assert!(misses(&scenario, row, row.2 * 1.01, row.3), "{row:?}");
        assert!(misses(&scenario, row, row.2, (row.3.0 * 1.2, row.3.1)), "{row:?}");
        let state = (row.0, !row.1, row.2, row.3, row.4);
        assert!(misses(&scenario, &state, row.2, row.3), "{row:?}");
        for other in &rows[at + 1..] {
            // Offices differ in their lines of sight only, factories in line of sight not at all.
            let alike = row.0[..3] == other.0[..3] && (row.1 || row.0.starts_with("inh"));
            if row.0 != other.0 && !alike {
                assert!(misses(&Scenario::named(other.0).unwrap(), row, row.2, row.3), "{row:?} {other:?}");
            }
        }
    }
    // The rural surroundings matter without line of sight.
    let rma = &rows[5];
    assert!(misses(&Scenario::Rma { street_width_m: 40.0, building_height_m: 5.0 }, rma, rma.2, rma.3));
    assert!(misses(&Scenario::Rma { street_width_m: 20.0, building_height_m: 10.0 }, rma, rma.2, rma.3));
}

#[test]
fn a_high_device_sees_rooftops_as_the_note_says() {
    let heights = (25.0, 22.5);
    let values = [
        (1.0, 100.020_630),
        (12.0, 100.020_630),
        (15.0, 100.020_630),
        (18.0, 101.383_592),
        (21.0, 114.345_540),
    ];
    for (environment, expected_db) in values {
        let found = Scenario::Uma.path_loss_db(true, 2e9, &geometry(1000.0, heights, environment));
        assert!((found - expected_db).abs() < 1e-6, "{environment} {found}");
    }
    // C = 0.95^1.5 * 1.25 * 10^3 * exp(-1000/150) = 1.472986: 1 m with probability 0.404369.
    let at = |u: f64, v: f64| Scenario::Uma.environment_height_m(1000.0, 22.5, (u, v));
    assert_eq!((at(0.404_36, 0.9), at(0.404_38, 0.0)), (1.0, 12.0));
    assert_eq!([0.24, 0.26, 0.51, 0.76, 0.999].map(|v| at(0.9, v)), [12.0, 15.0, 18.0, 21.0, 21.0]);
    assert_eq!(Scenario::Uma.environment_height_m(1000.0, 12.9, (0.999_999, 0.9)), 1.0);
    assert_eq!(Scenario::Uma.environment_height_m(18.0, 22.5, (0.999_999, 0.9)), 1.0);
    assert_eq!(Scenario::UmiStreetCanyon.environment_height_m(1000.0, 22.5, (0.9, 0.9)), 1.0);
}

#[test]
fn the_two_slopes_meet_at_the_breakpoint() {
    for (name, heights, breakpoint_m) in
        [("umi", (10.0, 1.5), 210.0), ("uma", (25.0, 1.5), 560.0), ("rma", (35.0, 1.5), 3_848.451)]
    {
        let scenario = Scenario::named(name).unwrap();
        let environment = if name == "rma" { 0.0 } else { 1.0 };
        let found = scenario.breakpoint_distance_m(3.5e9, &geometry(0.0, heights, environment));
        assert!((found - breakpoint_m).abs() < 1e-3, "{name} {found}");
        let loss = |share: f64| loss_db(&scenario, true, 3.5e9, heights, share * found);
        // The rural formula takes the breakpoint on the ground for one between antennas: a step below 2 mdB.
        assert!((loss(1.0 + 1e-9) - loss(1.0 - 1e-9)).abs() < 2e-3, "{name}");
        assert!(loss(1.01) - loss(1.0) > 1.1 * (loss(1.0) - loss(0.99)), "{name}: no change of slope");
    }
}

#[test]
fn spreads_and_correlation_distances_are_those_of_the_tables() {
    let values = [
        ("umi", (4.0, 7.82), (10.0, 13.0)),
        ("uma", (4.0, 6.0), (37.0, 50.0)),
        ("rma", (4.0, 8.0), (37.0, 120.0)),
        ("inh-mixed", (3.0, 8.03), (10.0, 6.0)),
        ("inh-open", (3.0, 8.03), (10.0, 6.0)),
        ("inf-sl", (4.3, 5.7), (10.0, 10.0)),
        ("inf-dl", (4.3, 7.2), (10.0, 10.0)),
        ("inf-sh", (4.3, 5.9), (10.0, 10.0)),
        ("inf-dh", (4.3, 4.0), (10.0, 10.0)),
    ];
    for (name, (clear, blocked), (near, far)) in values {
        let scenario = Scenario::named(name).unwrap();
        let heights = (scenario.usual_server_height_m(), scenario.usual_device_height_m());
        let place = geometry(100.0, heights, 1.0);
        let found = [true, false].map(|los| scenario.shadowing_sd_db(los, 3.5e9, &place));
        assert_eq!(found, [clear, blocked], "{name}");
        let found = [true, false].map(|los| scenario.shadowing_correlation_distance_m(los));
        assert_eq!(found, [near, far], "{name}");
    }
    let rma = Scenario::named("rma").unwrap();
    let at = |distance_m: f64| rma.shadowing_sd_db(true, 3.5e9, &geometry(distance_m, (35.0, 1.5), 0.0));
    assert_eq!((at(3_848.0), at(3_849.0)), (4.0, 6.0));
}

#[test]
fn lines_of_sight_have_the_probabilities_of_the_table() {
    let values: [Chances; 10] = [
        (
            "umi",
            (10.0, 1.5),
            [(18.0, 1.000000000), (30.0, 0.773839283), (100.0, 0.230984750), (500.0, 0.036000896)],
        ),
        (
            "uma",
            (25.0, 1.5),
            [(10.0, 1.000000000), (30.0, 0.848458063), (100.0, 0.347670837), (500.0, 0.036344584)],
        ),
        (
            "uma",
            (25.0, 20.0),
            [(18.0, 1.000000000), (100.0, 0.478346791), (300.0, 0.250036979), (1000.0, 0.034770241)],
        ),
        (
            "rma",
            (35.0, 1.5),
            [(10.0, 1.000000000), (100.0, 0.913931185), (1000.0, 0.371576691), (5000.0, 0.006805664)],
        ),
        (
            "inh-mixed",
            (3.0, 1.0),
            [(1.0, 1.000000000), (4.0, 0.551151981), (6.5, 0.320000000), (40.0, 0.114515895)],
        ),
        (
            "inh-open",
            (3.0, 1.0),
            [(5.0, 1.000000000), (20.0, 0.809074395), (49.0, 0.537154817), (100.0, 0.424393969)],
        ),
        (
            "inf-sl",
            (1.5, 1.5),
            [(0.0, 1.000000000), (10.0, 0.800000000), (50.0, 0.327680000), (200.0, 0.011529215)],
        ),
        (
            "inf-dl",
            (1.5, 1.5),
            [(1.0, 0.632455532), (3.0, 0.252982213), (10.0, 0.010240000), (20.0, 0.000104858)],
        ),
        (
            "inf-sh",
            (8.0, 1.5),
            [(10.0, 0.982981589), (100.0, 0.842274856), (300.0, 0.597532468), (600.0, 0.357045050)],
        ),
        (
            "inf-dh",
            (8.0, 1.5),
            [(1.0, 0.728201443), (3.0, 0.386148726), (10.0, 0.041929082), (20.0, 0.001758048)],
        ),
    ];
    for (name, heights, values) in values {
        let scenario = Scenario::named(name).unwrap();
        for (distance_m, expected) in values {
            let found = scenario.line_of_sight_probability(&geometry(distance_m, heights, 1.0));
            assert!((found - expected).abs() < 1e-6, "{name} {distance_m}: {found} {expected}");
        }
    }
}

#[test]
fn what_the_table_does_not_hold_for_is_refused_or_doubted() {
    let said = |name: &str, carrier_hz: f64, server: f64, device: f64| {
        Scenario::named(name).unwrap().check(carrier_hz, server, device).unwrap_err().to_string()
    };
    assert!(said("umi", 0.4e9, 10.0, 1.5).starts_with("carrier_hz = 400000000 is out of range"));
    assert!(said("rma", 31e9, 35.0, 1.5).contains("30e9"));
    assert!(said("inh-open", 101e9, 3.0, 1.0).contains("100e9"));
    assert!(said("uma", 3.5e9, 25.0, 23.0).contains("22.5"));
    assert!(said("uma", 3.5e9, 19.0, 20.0).starts_with("server_height_m"));
    assert!(said("umi", 3.5e9, 10.0, 1.0).contains("device_height_m = 1"));
    assert!(said("rma", 3.5e9, 9.0, 1.5).contains("10 to 150"));
    assert!(said("inf-sh", 3.5e9, 8.0, 2.0).starts_with("clutter_height_m"));
    assert!(said("inf-dl", 3.5e9, 1.5, 1.6).starts_with("device_height_m"));
    let dense = Factory {
        dense: false,
        high_server: false,
        clutter_density: 0.5,
        clutter_size_m: 10.0,
        clutter_height_m: 2.0,
    };
    assert!(Scenario::Factory(dense).check(3.5e9, 1.5, 1.5).unwrap_err().to_string().contains("0.4"));
    assert!(Scenario::named("uml").unwrap_err().to_string().contains("inf-dh"));
    for name in rows().iter().map(|row| row.0) {
        let scenario = Scenario::named(name).unwrap();
        let (server, device) = (scenario.usual_server_height_m(), scenario.usual_device_height_m());
        assert_eq!(scenario.check(3.5e9, server, device).unwrap(), None, "{name}");
    }
    let doubt = RangeDoubt::ServerHeight { height_m: 20.0, table_m: 25.0 };
    assert_eq!(Scenario::Uma.check(3.5e9, 20.0, 1.5).unwrap(), Some(doubt));
    let covered = |name: &str, los: bool, distance_m: f64| {
        Scenario::named(name).unwrap().covers(los, &geometry(distance_m, (1.5, 1.5), 1.0))
    };
    assert!(covered("rma", true, 9_999.0) && !covered("rma", false, 9_999.0));
    assert!(covered("umi", true, 10.0) && !covered("umi", true, 9.9) && !covered("uma", false, 5_001.0));
    assert!(
        covered("inf-dl", true, 600.0)
            && !covered("inf-dl", true, 601.0)
            && !covered("inh-open", true, 151.0)
    );
}
