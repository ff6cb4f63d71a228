//! Drops: devices uniform in area, lines of sight and shadowing by their laws, and the same bytes however many devices there are.

mod support;

use airloop_baseband::checks::{check_distribution, check_mean, check_rate};
use airloop_baseband::{Purpose, Seeds};
use airloop_channels::large_scale::{Cell, DroppedDevice, Layout, RangeDoubt, Scenario, Sight, shadowing_db};
use std::f64::consts::TAU;
use support::*;

fn cell(name: &str, layout: Layout) -> Cell {
    let scenario = Scenario::named(name).unwrap();
    Cell {
        carrier_hz: 3.5e9,
        layout,
        min_distance_m: scenario.usual_min_distance_m(),
        server_height_m: scenario.usual_server_height_m(),
        device_height_m: scenario.usual_device_height_m(),
        sight: Sight::Drawn,
        shadowing: true,
        scenario,
    }
}

fn points(layout: &Layout, min_distance_m: f64, count: usize) -> Vec<[f64; 2]> {
    let stream = Seeds::new(5).stream(Purpose::Placement, 0, 0);
    layout.place(count, min_distance_m, &stream).unwrap()
}

fn radius([x, y]: [f64; 2]) -> f64 {
    x.hypot(y)
}

#[test]
fn devices_of_discs_and_annuli_are_uniform_in_area() {
    let clock = Clock::start("uniform in area");
    let disc = Layout::Disc { radius_m: 200.0 };
    let annulus = Layout::Annulus { inner_radius_m: 80.0, radius_m: 200.0 };
    for (layout, nearest_m) in [(&disc, 10.0), (&annulus, 80.0)] {
        let placed = points(layout, 10.0, 100_000);
        let share = |r: f64| (r * r - nearest_m * nearest_m) / (200.0 * 200.0 - nearest_m * nearest_m);
        let mut radii: Vec<f64> = placed.iter().map(|p| radius(*p)).collect();
        assert!(radii.iter().all(|r| (nearest_m..=200.0).contains(r)));
        check_distribution(&mut radii, share, spec(0.02)).unwrap();
        // Uniform in the radius is too dense in the middle.
        assert_disagrees(check_distribution(
            &mut radii,
            |r| (r - nearest_m) / (200.0 - nearest_m),
            spec(0.02),
        ));
        let mut turns: Vec<f64> = placed.iter().map(|p| p[1].atan2(p[0]).rem_euclid(TAU) / TAU).collect();
        check_distribution(&mut turns, |t| t, spec(0.02)).unwrap();
    }
    clock.print(200_000, "radii and angles");
}

#[test]
fn devices_of_a_hexagon_are_uniform_over_it() {
    const COUNT: usize = 100_000;
    let clock = Clock::start("hexagon");
    let placed = points(&Layout::Hexagon { radius_m: 100.0 }, 0.0, COUNT);
    let height = 100.0 * 3f64.sqrt() / 2.0;
    // Within the inscribed circle pi / (2 sqrt 3) of the area; of the disc about the hexagon it would be 3/4.
    let inside = placed.iter().filter(|p| radius(**p) <= height).count() as u64;
    check_rate(inside, COUNT as u64, 0.906_899_682, spec(0.01)).unwrap();
    assert_disagrees(check_rate(inside, COUNT as u64, 0.75, spec(0.01)));
    // Rows at a height y are 200 - 2 y / sqrt 3 wide: the height is distributed as a trapezium.
    let mut heights: Vec<f64> = placed.iter().map(|p| p[1].abs()).collect();
    let share = |y: f64| (200.0 * y - y * y / 3f64.sqrt()) / (200.0 * height - height * height / 3f64.sqrt());
    check_distribution(&mut heights, share, spec(0.02)).unwrap();
    assert_disagrees(check_distribution(&mut heights, |y| y / height, spec(0.02)));
    let corner = placed.iter().map(|p| p[0]).fold(0.0, f64::max);
    assert!(heights[COUNT - 1] <= height && (99.0..=100.0).contains(&corner));
    let outer = points(&Layout::Hexagon { radius_m: 100.0 }, 86.7, 200);
    assert!(outer.iter().all(|p| radius(*p) >= 86.7));
    clock.print(COUNT, "circle, heights and corners");
}

/// Returns many devices on a circle about the server.
fn circle(distance_m: f64, count: usize) -> Layout {
    let at = |k: usize| (TAU * k as f64 / count as f64).sin_cos();
    let points = (0..count).map(|k| [distance_m * at(k).1, distance_m * at(k).0]).collect();
    Layout::Positions { points, radius_m: None }
}

#[test]
fn lines_of_sight_are_as_frequent_as_the_table_says() {
    const COUNT: usize = 50_000;
    let clock = Clock::start("lines of sight");
    for (name, distance_m, expected) in [
        ("umi", 100.0, 0.230_985_2),
        ("uma", 100.0, 0.347_670_5),
        ("rma", 1000.0, 0.371_576_7),
        ("inh-open", 60.0, 0.512_658_0),
    ] {
        let cell = Cell { shadowing: false, ..cell(name, circle(distance_m, COUNT)) };
        let dropped = cell.draw(&Seeds::new(8), 0, COUNT).unwrap();
        let seen = dropped.iter().filter(|d| d.line_of_sight).count() as u64;
        check_rate(seen, COUNT as u64, expected, spec(0.02)).unwrap();
        assert_disagrees(check_rate(seen, COUNT as u64, expected + 0.03, spec(0.02)));
        // A device's loss is that of its state, and losses of the two states differ.
        let loss = |los: bool| {
            let mut of = dropped.iter().filter(|d| d.line_of_sight == los).map(|d| d.path_loss_db);
            let first = of.next().unwrap();
            assert!(of.all(|l| (l - first).abs() < 1e-9));
            first
        };
        assert!(loss(false) > loss(true) + 3.0, "{name}");
        for (sight, count) in [(Sight::Always, COUNT), (Sight::Never, 0)] {
            let dropped = Cell { sight, ..cell.clone() }.draw(&Seeds::new(8), 0, COUNT).unwrap();
            assert_eq!(dropped.iter().filter(|d| d.line_of_sight).count(), count);
        }
    }
    clock.print(4 * COUNT, "four scenarios");
}

/// Returns drops of devices in a row, all with or all without line of sight.
fn rows(name: &str, sight: Sight, offsets_m: &[f64], drops: u64) -> Vec<Vec<DroppedDevice>> {
    let points = offsets_m.iter().map(|x| [100.0 + x, 0.0]).collect();
    let cell = Cell { sight, ..cell(name, Layout::Positions { points, radius_m: None }) };
    (0..drops).map(|drop| cell.draw(&Seeds::new(3), drop, offsets_m.len()).unwrap()).collect()
}

#[test]
fn shadowing_has_its_spread_and_correlation() {
    const DROPS: u64 = 60_000;
    let clock = Clock::start("shadowing");
    let offsets_m = [0.0, 3.0, 13.0, 40.0, 13.0];
    for (name, sight, sd_db, correlation_m) in [
        ("umi", Sight::Never, 7.82, 13.0),
        ("umi", Sight::Always, 4.0, 10.0),
        ("uma", Sight::Never, 6.0, 50.0),
        ("inf-dh", Sight::Never, 4.0, 10.0),
    ] {
        let drops = rows(name, sight, &offsets_m, DROPS);
        let mut sums = [Sums::default(); 4];
        let mut between = Sums::default();
        for drop in &drops {
            let unit = |k: usize| drop[k].shadowing_db / sd_db;
            for (k, sums) in sums.iter_mut().enumerate() {
                sums.push(unit(0) * unit(k));
            }
            between.push(unit(1) * unit(3));
            assert!((unit(2) - unit(4)).abs() < 1e-9, "devices in one place differ");
        }
        for (sums, offset_m) in sums.iter().zip(offsets_m) {
            let expected = (-offset_m / correlation_m).exp();
            check_mean(&sums.moments(), expected, spec(0.05)).unwrap();
            assert_disagrees(check_mean(&sums.moments(), expected + 0.06, spec(0.05)));
        }
        check_mean(&between.moments(), (-37.0 / correlation_m).exp(), spec(0.05)).unwrap();
        let mut last: Vec<f64> = drops.iter().map(|d| d[3].shadowing_db / sd_db).collect();
        let normal = |x: f64| 0.5 * airloop_baseband::special::erfc(-x / 2f64.sqrt());
        check_distribution(&mut last, normal, spec(0.02)).unwrap();
        assert_disagrees(check_distribution(&mut last, |x| normal(x / 1.1), spec(0.02)));
    }
    clock.print(4 * DROPS as usize, "spread, correlation at five distances, distribution");
}

#[test]
fn devices_in_line_of_sight_and_others_are_shadowed_apart() {
    let clock = Clock::start("two processes");
    let points = vec![[100.0, 0.0]; 2];
    let cell = cell("umi", Layout::Positions { points, radius_m: None });
    let (mut mixed, mut alike, mut count) = (Sums::default(), Sums::default(), 0);
    for drop in 0..40_000 {
        let pair = cell.draw(&Seeds::new(4), drop, 2).unwrap();
        let unit = |k: usize| pair[k].shadowing_db / if pair[k].line_of_sight { 4.0 } else { 7.82 };
        let sums = if pair[0].line_of_sight == pair[1].line_of_sight { &mut alike } else { &mut mixed };
        sums.push(unit(0) * unit(1));
        count += 1;
    }
    check_mean(&mixed.moments(), 0.0, spec(0.08)).unwrap();
    check_mean(&alike.moments(), 1.0, spec(0.08)).unwrap();
    assert_disagrees(check_mean(&mixed.moments(), 0.1, spec(0.08)));
    clock.print(count, "pairs in one place");
}

#[test]
fn a_device_more_changes_no_other_and_a_drop_is_a_function_of_its_index() {
    let hexagon = cell("umi", Layout::Hexagon { radius_m: 300.0 });
    let draw = |seed: u64, drop: u64, count: usize| hexagon.draw(&Seeds::new(seed), drop, count).unwrap();
    let few = draw(1, 0, 20);
    assert_eq!(few[..], draw(1, 0, 33)[..20]);
    assert_ne!(few, draw(1, 1, 20));
    assert_ne!(few, draw(2, 0, 20));
    assert!(few.iter().all(|d| d.loss_db() == d.path_loss_db + d.shadowing_db && d.shadowing_db != 0.0));
    let calm = Cell { shadowing: false, ..hexagon.clone() }.draw(&Seeds::new(1), 0, 20).unwrap();
    assert!(calm.iter().zip(&few).all(|(a, b)| a.shadowing_db == 0.0 && a.path_loss_db == b.path_loss_db));
}

#[test]
fn what_cannot_be_placed_is_refused_with_what_would_be_right() {
    let said = |layout: Layout, min_distance_m: f64, count: usize| {
        let cell = Cell { min_distance_m, ..cell("umi", layout) };
        cell.draw(&Seeds::new(1), 0, count).unwrap_err().to_string()
    };
    let list =
        |points: &[[f64; 2]], radius_m: Option<f64>| Layout::Positions { points: points.to_vec(), radius_m };
    assert!(said(Layout::Disc { radius_m: 10.0 }, 10.0, 1).contains("larger than"));
    assert!(said(Layout::Disc { radius_m: f64::NAN }, 10.0, 1).contains("radius_m = NaN"));
    assert!(
        said(Layout::Annulus { inner_radius_m: 50.0, radius_m: 40.0 }, 0.0, 1).contains("inner_radius_m")
    );
    assert!(said(Layout::Hexagon { radius_m: 100.0 }, 99.999_999, 1).contains("min_distance_m"));
    let outside = said(list(&[[30.0, 40.0], [60.0, 80.0]], Some(90.0)), 10.0, 2);
    assert!(
        outside.contains("device 1 at [60, 80] stands 100.000 m") && outside.contains("90 m"),
        "{outside}"
    );
    assert!(said(list(&[[3.0, 4.0]], None), 10.0, 1).contains("from 10 m"));
    assert!(said(list(&[[f64::NAN, 4.0]], None), 10.0, 1).contains("outside the cell"));
    assert!(said(list(&[[30.0, 40.0]], None), 10.0, 2).contains("1 positions for 2 devices"));
    let near = Cell { min_distance_m: 0.0, ..cell("inf-sl", list(&[[0.2, 0.0]], None)) };
    assert!(near.draw(&Seeds::new(1), 0, 1).unwrap_err().to_string().contains("at least 1 m"));
    let stream = Seeds::new(1).stream(Purpose::LargeScale, 0, 1);
    let many = vec![[0.0, 0.0]; 4097];
    let indices: Vec<u64> = (0..4097).collect();
    let refused = shadowing_db(&many, &vec![4.0; 4097], 10.0, (&stream, &indices)).unwrap_err();
    assert!(refused.to_string().contains("4096"));
    let far = cell("umi", list(&[[5_100.0, 0.0], [100.0, 0.0], [0.0, 6_000.0]], None));
    let dropped = far.draw(&Seeds::new(1), 0, 3).unwrap();
    let doubt = RangeDoubt::Distance { devices: 2, nearest_m: 10.0, farthest_m: 5_000.0 };
    assert_eq!(far.doubts(&dropped).unwrap(), [doubt]);
}
