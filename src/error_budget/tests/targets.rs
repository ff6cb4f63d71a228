//! What must improve by how much.

use super::super::target::{how_many, report, shrink_db};
use super::*;

#[test]
fn targets_by_hand() {
    // Of 10, 6 may go: what contributes 8 must shrink to 2, a factor of 4; what contributes 5 cannot.
    assert!((shrink_db(10.0, 4.0, 8.0).unwrap() - 10.0 * 4f64.log10()).abs() < 1e-12);
    assert_eq!(shrink_db(10.0, 4.0, 5.0), None);
    assert_eq!(shrink_db(10.0, 4.0, 6.0), None);
    assert_eq!(shrink_db(10.0, 4.0, -1.0), None);
    assert_eq!(shrink_db(3.0, 4.0, 1.0), Some(0.0));
    assert_eq!(how_many(10.0, 4.0, &[5.0, 3.0, 2.0]), Some(2));
    assert_eq!(how_many(10.0, 5.0, &[5.0, 3.0, 2.0]), Some(1));
    assert_eq!(how_many(10.0, 0.5, &[5.0, 3.0, 1.0]), None);
    assert_eq!(how_many(10.0, 4.0, &[5.0, -3.0]), None);
    assert_eq!(how_many(3.0, 4.0, &[5.0]), Some(0));
}

#[test]
fn a_target_is_met_or_says_what_reaches_it() {
    let base = [INVERSION, "stop.trials=32"];
    // -12.14 dB in all: 0.0488 of silent devices, 0.0123 of noise.
    let met = budget_to(&base, Some(-10.0)).target.unwrap();
    assert!(met.met && met.needs.is_empty() && met.together.is_empty() && met.margin_db > 1.5, "{met:?}");
    let near = budget_to(&base, Some(-12.5)).target.unwrap();
    let need = |target: &TargetReport, cause: &str| {
        target.needs.iter().find(|need| need.cause == cause).unwrap().shrink_db
    };
    assert!(need(&near, "noise").unwrap() > 0.5 && need(&near, "truncation").unwrap() > 0.2);
    assert_eq!(near.together, ["truncation"]);
    let far = budget_to(&base, Some(-18.0)).target.unwrap();
    assert_eq!(need(&far, "noise"), None);
    assert!(need(&far, "truncation").unwrap() > 5.0, "{far:?}");
    let beyond = budget_to(&base, Some(-30.0)).target.unwrap();
    assert!(
        need(&beyond, "truncation").is_none() && beyond.together == ["truncation", "noise"],
        "{beyond:?}"
    );
    // Without everything nothing is left.
    assert!(beyond.together_with_scheme && beyond.together_left_db.is_none());
}

#[test]
fn lists_grow_until_what_is_left_is_measured_to_reach_the_target() {
    let split = budget(&[INVERSION, "link.csi=imperfect; link.csi_error=0.1; stop.trials=16"]);
    let mut asked = Vec::new();
    // Causes that overlap: the removal of any two leaves more than the sums say.
    let found = report(-30.0, 1.0, &split.rows, |off, scheme| {
        asked.push((off.len(), scheme));
        Ok::<f64, BudgetError>(if off.len() == 2 && scheme { 1e-4 } else { 0.5 })
    });
    assert_eq!(found.unwrap().together.len(), 3);
    let never = report(-30.0, 1.0, &split.rows, |_, _| Ok::<f64, BudgetError>(0.5)).unwrap();
    assert!(never.together.is_empty() && never.together_left_db.is_none());
    assert_eq!(asked.last(), Some(&(2, true)));
}
