//! The outer loop of link adaptation.

use super::setup::{mean, report};

const LINK: &str = "channel.model=tdl-c; channel.delay_spread_s=1e-7; channel.speed_m_s=3; link.snr_db=15; \
                    mcs.index=adaptive; scheduling.slots=3000; stop.trials=1";

/// In N first transmissions the margin moves by `step (failures - successes target/(1 - target))`, and it stays within 30 dB either way:
/// the share that fails is within `(1 - target) 31 dB / (step N)` of the target, whatever the channel. 10 % of it are left room for.
#[test]
fn the_outer_loop_holds_its_target() {
    for target in [0.1, 0.3] {
        let adaptation = format!("adaptation.target_bler={target}; adaptation.step_db=1");
        let report = report(&[LINK, &adaptation]);
        let first = mean(&report.figures.bler_first);
        assert!((first / target - 1.0).abs() < 0.1, "{target}: {first}");
        assert!(report.mcs_mean.is_some_and(|mcs| (2.0..27.0).contains(&mcs)), "{:?}", report.mcs_mean);
        // Control: measurements alone miss it.
        let alone = mean(
            &super::setup::report(&[LINK, &adaptation, "adaptation.outer_loop=false"]).figures.bler_first,
        );
        assert!((alone / target - 1.0).abs() > 0.1, "{target}: {alone}");
    }
}

/// An old measurement of a moving channel costs throughput (a fifth is seen), of a still one what its first slots lose.
#[test]
fn old_measurements_cost_where_channels_move() {
    let throughput = |channel: &str, delay_slots: usize| {
        let delay = format!("adaptation.delay_slots={delay_slots}; scheduling.slots=1000");
        mean(&report(&[LINK, channel, &delay]).figures.throughput_bps)
    };
    let moving = "channel.speed_m_s=8";
    assert!(throughput(moving, 40) < 0.8 * throughput(moving, 1));
    let still = "channel.speed_m_s=0";
    assert!((throughput(still, 40) / throughput(still, 1) - 1.0).abs() < 0.08);
}
