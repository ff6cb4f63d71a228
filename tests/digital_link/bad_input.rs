//! What is refused, and what the refusal says.

use super::setup::{link, refusal};

const AIR: &str = "channel.model=awgn; link.snr_db=10";
const PLAIN: &str = "code.k=264; code.n=528; code.modulation=qpsk";

fn assert_refused(cases: &[(&str, &[&str])]) {
    for (settings, parts) in cases {
        let message = refusal(&[AIR, settings]);
        for part in *parts {
            assert!(message.contains(part), "{settings}: {message:?} does not say {part:?}");
        }
    }
}

#[test]
fn what_is_right_is_not_refused() {
    for settings in [
        PLAIN,
        "mcs.index=28",
        "mcs.table=4; mcs.index=26",
        "code.decoder=none; code.k=12; code.modulation=64-qam",
    ] {
        link(&[AIR, settings]);
    }
}

#[test]
fn codes_and_schemes() {
    assert_refused(&[
        ("seed=1", &["neither [mcs] nor [code]"]),
        ("mcs.index=40", &["mcs.index", "40 is not in table 1", "0 to 28"]),
        ("mcs.table=2; mcs.index=28", &["mcs.index", "0 to 27"]),
        ("mcs.table=5; mcs.index=2", &["mcs.table", "1 to 4"]),
        ("mcs.index=best", &["mcs.index", "adaptive"]),
        ("mcs.index=-1", &["mcs.index"]),
        ("mcs.index=5; code.k=100", &["code.k", "[mcs]"]),
        ("mcs.index=5; code.decoder=none", &["code.decoder", "[mcs]"]),
        ("code.k=264; code.n=528; code.modulation=8-psk", &["code.modulation", "8-psk", "qpsk"]),
        ("code.k=264; code.n=529; code.modulation=qpsk", &["code.n", "529"]),
        ("code.k=500; code.n=400; code.modulation=qpsk", &["code.k", "500"]),
        ("code.k=264; code.modulation=qpsk", &["code.n"]),
        ("code.decoder=none; code.k=13; code.modulation=qpsk", &["code.k", "multiple of the 2 bits"]),
        ("code.decoder=none; code.k=12; code.n=24; code.modulation=qpsk", &["code.n", "none"]),
        ("code.decoder=turbo; code.k=12; code.n=24; code.modulation=qpsk", &["code.decoder", "min-sum"]),
    ]);
    let plain = |more: &str| refusal(&[AIR, PLAIN, more]);
    assert!(plain("code.iterations=0").contains("code.iterations"));
    assert!(plain("code.base_graph=3").contains("base graphs are 1 and 2"));
    assert!(plain("code.schedule=flooding").contains("float decoders"));
    assert!(plain("code.factor=0.7").contains("normalised-min-sum"));
    assert!(plain("code.speed=3").contains("speed"));
}

#[test]
fn slots_and_antennas() {
    assert_refused(&[
        ("mcs.index=5; slot.layers=2", &["slot.layers", "link.receive_antennas is 1"]),
        ("mcs.index=5; link.device_antennas=2", &["slot.precoding", "svd"]),
        ("mcs.index=5; slot.precoding=svd", &["slot.precoding", "link.device_antennas is 1"]),
        ("mcs.index=5; link.device_antennas=3; slot.precoding=codebook", &["codebook", "2 and 4"]),
        ("mcs.index=5; slot.resource_blocks=5", &["slot.resource_blocks", "1 to 4 blocks"]),
        ("mcs.index=5; slot.symbols=4; slot.pilot_symbols=4", &["slot.pilot_symbols"]),
        ("mcs.index=5; slot.pilot_symbols=0", &["slot.pilot_symbols", "1 to 4"]),
        ("mcs.index=5; slot.pilot_symbols=5", &["slot.pilot_symbols: is 5; 1 to 4 is expected"]),
        ("mcs.index=5; slot.symbols=15", &["slot.symbols"]),
        ("mcs.index=5; slot.control_symbols=4", &["slot.control_symbols"]),
        ("mcs.index=5; slot.precoding_blocks=2", &["slot.precoding_blocks", "svd"]),
        (
            "mcs.index=5; slot.precoding=svd; slot.precoding_blocks=2",
            &["slot.precoding_blocks", "reception.estimator = \"perfect\""],
        ),
        (
            "code.k=3000; code.n=6000; code.modulation=qpsk; slot.pilot_symbols=1",
            &["slot.pilot_symbols", "a block has 3000"],
        ),
        (
            "code.k=264; code.n=528; code.modulation=qpsk; reception.estimator=wiener",
            &["reception.estimator", "needs pilots"],
        ),
        ("code.k=264; code.n=528; code.modulation=qpsk; slot.symbols=7", &["slot.symbols", "pilot_symbols"]),
    ]);
}

#[test]
fn control_and_knowledge() {
    assert_refused(&[
        ("code.k=264; code.n=528; code.modulation=qpsk; harq.transmissions=2", &["harq", "CRC"]),
        ("code.k=264; code.n=528; code.modulation=qpsk; scheduling.slots=10", &["scheduling.slots", "[mcs]"]),
        ("mcs.index=5; harq.transmissions=65", &["harq.transmissions", "1 to 64"]),
        ("mcs.index=5; harq.versions=[0, 4]", &["harq.versions"]),
        ("mcs.index=5; harq.versions=[0.5]", &["harq.versions", "0 to 3"]),
        ("mcs.index=5; harq.feedback_symbols=15", &["harq.feedback_symbols", "0 to 14"]),
        ("mcs.index=5; harq.round_trip_slots=0", &["harq.round_trip_slots"]),
        ("mcs.index=5; adaptation.step_db=1", &["adaptation", "adaptive"]),
        ("mcs.index=adaptive", &["scheduling.slots", "is missing"]),
        ("mcs.index=adaptive; scheduling.slots=100; adaptation.target_bler=2", &["adaptation.target_bler"]),
        ("mcs.index=5; scheduling.policy=proportional-fair", &["scheduling.policy", "scheduling.slots"]),
        ("mcs.index=5; link.csi=none", &["link.csi", "reception.estimator"]),
        (
            "mcs.index=5; stop.metric=nmse; stop.relative_half_width=0.1; stop.max_trials=100",
            &["stop.metric", "block_errors"],
        ),
        ("slot.layers=1", &["slot", "goes with [mcs] or [code]"]),
    ]);
    let air = "channel.model=awgn";
    let adaptive = refusal(&[air, "link.eb_n0_db=3; mcs.index=adaptive; scheduling.slots=100"]);
    assert!(adaptive.contains("link.eb_n0_db") && adaptive.contains("link.snr_db"), "{adaptive}");
    let both = refusal(&[air, "link.eb_n0_db=3; link.snr_db=3; mcs.index=5"]);
    assert!(both.contains("link.") && both.contains("eb_n0_db"), "{both}");
}
