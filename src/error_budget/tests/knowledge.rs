//! What imperfect and old knowledge costs, by hand.

use super::*;

#[test]
fn imperfect_knowledge_takes_what_inverting_it_costs() {
    let split =
        budget(&[INVERSION, "link.csi=imperfect; link.csi_error=0.01; stop.trials=128; stop.level=0.999999"]);
    // q/(1-q) E1(g') less the fewer silent devices of a narrower threshold.
    let (q, g) = (0.01, 0.05f64);
    let narrowed = g / (1.0 - q);
    let expected = q / (1.0 - q) * exponential_integral_e1(narrowed) + (-g).exp() - (-narrowed).exp();
    assert_floor(row(&split, "channel-knowledge"), expected, 0.1);
    assert!((row(&split, "channel-knowledge").floor.unwrap() / expected - 1.0).abs() < 3e-3);
}

#[test]
fn floors_follow_the_threshold_that_each_run_has() {
    let best = INVERSION.replace("scheme.threshold=0.05", "scheme.threshold=best");
    let split =
        budget(&[&best, "link.csi=imperfect; link.csi_error=0.1; stop.trials=64; stop.level=0.999999"]);
    // Known channels are inverted from g = 1/(K SNR) on; estimates from u = (q + 1/(K SNR))/(1 - q) times their mean gain, where
    // the derivative of 1 - exp(-u) + (q + 1/(K SNR))/(1 - q) E1(u) is 0.
    let (q, g) = (0.1, 1.0 / 200.0);
    let u: f64 = (q + g) / (1.0 - q);
    let silent = 1.0 - (-g).exp();
    let knowledge = 1.0 - (-u).exp() + q / (1.0 - q) * exponential_integral_e1(u) - silent;
    let noise = g * exponential_integral_e1(g);
    for (cause, expected) in [("truncation", silent), ("noise", noise), ("channel-knowledge", knowledge)] {
        let row = row(&split, cause);
        assert!((row.floor.unwrap() / expected - 1.0).abs() < 3e-3, "{cause}: {:?} {expected}", row.floor);
        assert_floor(row, expected, 0.1);
    }
    // The control: what devices leave that are silent by the threshold of estimates.
    assert!((1.0 - (-u * (1.0 - q)).exp()) / silent > 10.0);
}

#[test]
fn old_knowledge_leaves_its_floor() {
    let inversion = INVERSION.replace("channel.fading=per-element", "channel.fading=block");
    let old = "channel.doppler_hz=20; link.csi_age_s=1e-3; link.snr_db=40; payload.length=72; payload.devices=40; \
               stop.trials=1500; stop.level=0.99; ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
               ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=36";
    let config = BudgetConfig { fidelity: Some(Fidelity::Symbol), target_db: None };
    let split =
        error_budget(&tree(&[&inversion, old]), &Loader::default(), &config, &RunOptions::default()).unwrap();
    let r = airloop_baseband::special::bessel_j0(std::f64::consts::TAU * 0.02);
    let (share, inverse) = ((-0.05f64).exp(), exponential_integral_e1(0.05));
    let expected = share * (1.0 - r).powi(2) + (1.0 - r * r) * inverse;
    let ageing = row(&split, "ageing");
    assert!((ageing.floor.unwrap() / expected - 1.0).abs() < 0.05, "{:?}, {expected}", ageing.floor);
    assert_floor(ageing, ageing.floor.unwrap(), 0.2);
}
