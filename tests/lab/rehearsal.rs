//! Radios that share an ether are measured, aligned and given a round.

use super::emulated::{Rehearsal, experiment, nmse_db};

fn rehearse(persona: &'static str, seed: u64, lab: &'static str) -> Rehearsal {
    Rehearsal { experiment: experiment(&[]), persona, seed, lab, air: None, carries: &[] }
}

/// The round over measured radios is within a decibel of the one whose clocks are right and whose channels are known.
fn close_to_the_genie(persona: &'static str, seed: u64) {
    let rehearsal = rehearse(persona, seed, "");
    let round = rehearsal.run().round.unwrap();
    assert!(round.status.is_clean(), "{:?}", round.status);
    let (lab, genie) = (nmse_db(&round.report), nmse_db(&rehearsal.genie()));
    println!("{persona}: {lab:.2} dB measured, {genie:.2} dB aligned");
    assert!((lab - genie).abs() < 1.0, "{persona}: {lab} dB, {genie} dB");
}

#[test]
fn ideal_radios() {
    close_to_the_genie("ideal", 1);
}

#[test]
fn radios_with_clocks_and_times_of_their_own() {
    close_to_the_genie("b210", 2);
}

#[test]
fn radios_without_times() {
    close_to_the_genie("pluto", 3);
}

/// Counts without times begin up to 10 ms apart, and buffers hold as much: five turnarounds of 2 ms.
#[test]
fn wherever_counts_begin() {
    for seed in 1..7 {
        let experiment = experiment(&[("devices = 4", "devices = 1")]);
        let rehearsal = Rehearsal { experiment, persona: "pluto", seed, lab: "", air: None, carries: &[] };
        rehearsal.run().round.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    }
}

#[test]
fn without_alignment_the_round_fails() {
    for persona in ["b210", "pluto"] {
        let error = rehearse(persona, 2, "align = false").run().round.map(|_| ()).unwrap_err();
        println!("{persona}: {error}");
    }
    // Where there is nothing to align it is not missed.
    rehearse("ideal", 2, "align = false").run().round.unwrap();
}
