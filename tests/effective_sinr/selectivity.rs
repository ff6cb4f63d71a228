//! What maps cannot see: where in the block the fades lie.

use super::setup::{SUBCARRIERS, config, errors_of, transmission};
use airloop::baseband::{Purpose, Seeds};
use airloop::effective_sinr::{
    EffectiveSinr, EffectiveSinrConfig, Ensemble, Realisation, constant_channel, fit_map, measure,
};
use airloop::run::RunOptions;

/// Columns of the code lie side by side on some dozens of subcarriers, so that a fade takes whole columns away, and what that costs
/// depends on which. The same gains in random order, with the same effective SINR, are predicted far better.
fn depends_on_the_order_of_gains(index: u8, information_bits: usize) {
    let block = transmission(index, information_bits);
    let subcarriers = SUBCARRIERS.min(block.points());
    let around = EffectiveSinrConfig { subcarriers, ..config(24, 0.08) };
    let (ensemble, seeds) = (Ensemble::new(&around).unwrap(), Seeds::new(9));
    let constant = constant_channel(&around, &block, seeds, &RunOptions::default()).unwrap();
    let shuffled = |realisation: &Realisation| {
        let order = seeds.stream(Purpose::Interleave, realisation.index, 0).permutation(subcarriers);
        let gains = order.iter().map(|i| realisation.gains[*i as usize]).collect();
        Realisation { gains, ..*realisation }
    };
    let drawn: Vec<Realisation> = (0..24).map(|index| ensemble.draw(&seeds, index)).collect();
    let mixed = drawn.iter().map(shuffled).collect();
    let modulation = block.modulation;
    let [side_by_side, mixed] = [drawn, mixed].map(|realisations| {
        let options = RunOptions::default();
        let measured = measure(realisations, &block, (&around.search, &constant), seeds, &options).unwrap();
        let map = |beta| EffectiveSinr::MutualInformation { modulation, beta };
        let best = map(fit_map(map, &measured, &constant).beta);
        errors_of(|sinrs| best.sinr_db(sinrs), &(constant, measured))
    });
    println!("mcs {index}, {information_bits} bits: side by side {side_by_side:?}\nmixed {mixed:?}");
    assert!(mixed.rms_db < 0.5 * side_by_side.rms_db, "{mixed:?} {side_by_side:?}");
    assert!(mixed.median_db < 0.2 && mixed.q95_db < 0.5, "{mixed:?}");
}

/// All of it lies on one symbol.
#[test]
fn short_blocks_depend_on_where_fades_lie() {
    depends_on_the_order_of_gains(4, 256);
}

/// Of schemes at 1024 bits the one that is predicted worst.
#[test]
fn so_does_a_scheme_whose_columns_meet_the_same_fades_again() {
    depends_on_the_order_of_gains(5, 1024);
}
