//! A few rounds: accuracy rises over the air, by gradients and by votes, and the table says what the runs say.

use crate::curves::CURVES;
use crate::data;
use crate::table::{accuracy, airtimes_s, table};
use crate::training::{Curve, Point, train};
use airloop::live::{Air, RoundOptions};
use airloop::report::Fidelity;

fn find(label: &str) -> Curve {
    CURVES.into_iter().find(|c| c.label == label).unwrap()
}

fn run(curve: &Curve, airtime_s: f64) -> Vec<Point> {
    train(curve, &data::digits().unwrap(), 5, airtime_s).unwrap()
}

fn last(run: &[Point]) -> f64 {
    run[run.len() - 1].accuracy
}

#[test]
fn gradients_through_the_air_train_as_the_exact_mean_does() {
    let coherent = run(&find("coherent mean"), 0.02);
    // 9610 values, two an element, on 300 subcarriers: 17 symbols of 71.4 us.
    assert_eq!(coherent.len(), 1 + 16);
    assert!(coherent[0].accuracy < 0.3 && last(&coherent) > 0.7, "{coherent:?}");
    let exact = run(&find("exact mean"), 0.02);
    assert_eq!(exact.len(), coherent.len());
    assert!(last(&exact) > 0.7, "{exact:?}");
    assert_eq!(coherent, run(&find("coherent mean"), 0.02));
    // The control: steps up the gradient unlearn.
    let up = Curve { step: -1.0, ..find("coherent mean") };
    assert!(last(&run(&up, 0.02)) < 0.3);
}

#[test]
fn votes_train_and_votes_against_do_not() {
    let votes = run(&find("majority of votes"), 0.04);
    assert!(votes[0].accuracy < 0.3 && last(&votes) > 0.6, "{votes:?}");
    let against = Curve { step: -0.04, ..find("majority of votes") };
    assert!(last(&run(&against, 0.04)) < 0.3);
}

#[test]
fn an_aggregate_of_votes_is_their_decisions() {
    let link = "payload = { function = \"majority\" }\nchannel = { model = \"awgn\" }\nlink = { snr_db = 30 }\n\
                scheme = { kind = \"fsk-majority\" }";
    // Five devices of one mind for each value, of sizes that no decision shows.
    let values: Vec<f32> =
        (0..5 * 400).map(|i| if i % 400 % 3 == 0 { -0.1 } else { 7.0 } * (1 + i / 400) as f32).collect();
    let mut air = Air::from_toml(link, Fidelity::Symbol).unwrap();
    let found = air.aggregate(5, &values, RoundOptions::default()).unwrap();
    let expected: Vec<f64> = (0..400).map(|n| if n % 3 == 0 { -1.0 } else { 1.0 }).collect();
    assert_eq!(found.estimate, expected);
    // One symbol, half of whose elements is too few for all of them: those left out are decided neither way.
    let mut short =
        Air::from_toml(&format!("{link}\nbudget = {{ elements = 612 }}"), Fidelity::Symbol).unwrap();
    let found = short.aggregate(5, &values, RoundOptions::default()).unwrap().estimate;
    assert_eq!(found.iter().filter(|d| **d == 0.0).count(), 400 - 612 / 2);
    assert!(found.iter().zip(&expected).all(|(d, e)| *d == 0.0 || d == e));
}

#[test]
fn digital_trains_at_the_airtime_of_the_others() {
    let digital = run(&find("digital mean"), 0.04);
    let coherent = run(&find("coherent mean"), 0.002);
    assert_eq!(digital[1].airtime_s, coherent[1].airtime_s);
    assert!(digital[0].accuracy < 0.3 && last(&digital) > 0.5, "{digital:?}");
    // The control: the largest step that tuning tries is too long for its coarse values.
    let longest =
        find("digital mean").candidates().into_iter().max_by(|a, b| a.step.total_cmp(&b.step)).unwrap();
    assert!(last(&run(&longest, 0.04)) < 0.4);
}

#[test]
fn the_table_holds_means_and_intervals_at_the_airtimes() {
    let point = |airtime_s: f64, accuracy: f64| Point { airtime_s, accuracy };
    let runs = vec![
        vec![point(0.0, 0.1), point(1.0, 0.5), point(2.0, 0.8)],
        vec![point(0.0, 0.3), point(1.0, 0.5), point(2.0, 0.6)],
    ];
    let found = accuracy(&runs, 2.0);
    // Student's t for one degree of freedom at 97.5 %: 12.7062; two values 0.2 apart: standard error 0.1.
    assert!((found.mean.unwrap() - 0.7).abs() < 1e-12);
    assert!((found.high.unwrap() - 0.7 - 1.27062).abs() < 1e-4);
    let text = table(&[(find("coherent mean"), runs)], &airtimes_s(0.5, 2.0, 3));
    let rows: Vec<Vec<&str>> = text.lines().map(|l| l.split(',').collect()).collect();
    assert_eq!(rows.len(), 1 + 3);
    let column = |name: &str| rows[0].iter().position(|c| *c == name).unwrap();
    let of =
        |name: &str| -> Vec<f64> { rows[1..].iter().map(|r| r[column(name)].parse().unwrap()).collect() };
    let close =
        |found: Vec<f64>, expected: [f64; 3]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(close(of("airtime_s"), [0.5, 1.0, 2.0]));
    assert!(close(of("accuracy"), [0.2, 0.5, 0.7]));
    assert!(close(of("accuracy_count"), [2.0; 3]));
    assert!(rows[1..].iter().all(|r| r.len() == rows[0].len()));
}
