//! What is refused, and what the refusal says.

use super::setup::{BASE, read};

#[track_caller]
fn refused(settings: &str, parts: &[&str]) {
    let Err(message) = read(BASE, settings) else { panic!("{settings} is taken") };
    for part in parts {
        assert!(message.contains(part), "{settings}: {message:?} does not say {part:?}");
    }
}

#[test]
fn what_is_right_is_taken() {
    for settings in
        ["", "split.cut=[1, 5]", "split.cut=\"best\"; split.min_cut=2", "split.phi=0.5", "split.bits=8"]
    {
        read(BASE, settings).unwrap_or_else(|e| panic!("{settings}: {e}"));
    }
}

#[test]
fn models_and_cuts() {
    refused("split.model=\"gpt-2\"", &["split.model", "gpt-2", "gpt2-medium", "did you mean \"gpt2\""]);
    refused("split.model=none", &["split.model is missing"]);
    refused("split.cut=none", &["split.cut", "is missing", "1 to 5", "best"]);
    refused("split.cut=0", &["split.cut"]);
    refused("split.cut=6", &["split.cut", "6 is behind the last cut", "1 to 5"]);
    refused("split.cut=2.5", &["split.cut", "best"]);
    refused("split.cut=\"worst\"", &["split.cut", "\"best\" is expected"]);
    refused("split.cut=[1, 2, 3]", &["split.cut", "3 cuts for 2 devices"]);
    refused("split.min_cut=2", &["split.min_cut", "belongs to cut = \"best\""]);
    refused("split.cut=\"best\"; split.max_cut=9", &["split.max_cut", "1 to 5"]);
    let many = "device.count=20000; device.rate_flop_s=1e9; uplink.rate_bps=1e6; downlink.rate_bps=1e6; split.cut=\"best\"";
    refused(many, &["split.cut", "100000", "at most 50000", "max_cut"]);
    refused("device.memory_bytes=1000.0", &["split.cut", "device 0", "1.0000e3"]);
    refused("split.tokens=5", &["split.tokens", "no tokens"]);
    refused("split.lora_rank=5", &["split.lora_rank", "no low-rank adapters"]);
    refused("split.model=\"gpt2\"; split.training=\"lora\"", &["split.lora_rank is missing"]);
    refused(
        "split.model=\"gpt2\"; split.training=\"full\"; split.lora_rank=2",
        &["split.lora_rank", "belongs to"],
    );
    refused(
        "split.model=\"gpt2\"; split.lora_rank=4; split.lora_targets=\"v\"",
        &["split.lora_targets", "q,v"],
    );
    refused("split.model=\"gpt2\"; split.tokens=99999999", &["split.tokens"]);
    refused("split.cutt=3", &["unknown key \"split.cutt\"", "did you mean \"split.cut\""]);
}

#[test]
fn layers_of_ones_own() {
    let with = |layers: &str, settings: &str| read(&format!("{BASE}{layers}"), settings).unwrap_err();
    let one = "[[layer]]\nforward_flop = 1e6\nvalues = 10\n";
    assert!(with(one, "").contains("there are [[layer]] tables"));
    assert!(with(one, "split.model=none").contains("one layer cannot be cut"));
    let two = format!("{one}[[layer]]\nforward_flop = 1e6\n");
    assert!(with(&two, "split.model=none; split.tokens=3").contains("belongs to a preset"));
    let lacks = "[[layer]]\nforward_flop = 1e6\n[[layer]]\nforward_flop = 1e6\n";
    assert!(with(lacks, "split.model=none").contains("layer[0].values is missing"));
    assert!(with(&two.replace("1e6", "-1e6"), "split.model=none").contains("layer[0].forward_flop"));
    assert!(with(&two.replace("values", "valuess"), "split.model=none").contains("values"));
    assert!(read(&format!("{BASE}{two}"), "split.model=none; split.cut=1").is_ok());
}

#[test]
fn links_and_processors() {
    refused("uplink.rate_bps=none", &["uplink.rate_bps", "is missing", "bandwidth_hz", "trace"]);
    refused("uplink.bandwidth_hz=1e6", &["uplink.bandwidth_hz", "given already"]);
    refused("uplink.rate_bps=0", &["uplink.rate_bps"]);
    refused("uplink.rate_bps=[1e6, 2e6, 3e6]", &["uplink.rate_bps", "3 values for 2 devices"]);
    refused("uplink.gain_db=-90", &["uplink.gain_db", "belongs to bandwidth_hz"]);
    refused("uplink.broadcast_rate_bps=1e6", &["unknown key \"uplink.broadcast_rate_bps\""]);
    refused("uplink.slot_s=0", &["uplink.slot_s"]);
    let shannon = "uplink.rate_bps=none; uplink.bandwidth_hz=1e6";
    refused(shannon, &["uplink.gain_db is missing"]);
    refused(&format!("{shannon}; uplink.power_dbm=none"), &["uplink.power_dbm", "is missing"]);
    refused(&format!("{shannon}; uplink.gain_db=-90; uplink.gain=1e-9"), &["uplink.gain_db", "already"]);
    refused("device.rate_flop_s=none", &["device.rate_flop_s is missing"]);
    refused("device.clock_hz=1e9", &["device.rate_flop_s", "clock_hz"]);
    refused("device.switching_w_s3=1e-26", &["device.switching_w_s3", "belongs to clock_hz"]);
    refused("server.rate_flop_s=[1e9, 2e9]", &["server.rate_flop_s", "2 values for 1 devices"]);
    refused("server.rate_flop_s=nan", &["server.rate_flop_s"]);
    refused("device.count=0", &["device.count"]);
    refused(
        "downlink.power_dbm=none; split.cut=\"best\"; split.objective=\"cost\"",
        &["split.objective", "power_dbm"],
    );
    refused("split.time_weight_w=3.0", &["split.time_weight_w", "objective"]);
}

#[test]
fn rounds_and_shares() {
    refused("split.phi=1.5", &["split.phi", "between 0 and 1"]);
    refused("split.phi=0.5; split.service=\"parallel\"", &["split.phi", "sequential"]);
    refused("split.phi=0.5; split.cut=\"best\"", &["split.phi", "same cut"]);
    refused("split.phi=0.5; split.cut=[1, 2]", &["split.phi", "same cut"]);
    refused("split.phi=0.5; split.mode=\"inference\"", &["split.phi", "no gradients"]);
    refused("split.mode=\"inference\"; split.aggregate_every=3", &["split.aggregate_every"]);
    refused("split.result_values=3", &["split.result_values", "inference"]);
    refused("split.bits=0", &["split.bits"]);
    refused("split.bits=65", &["split.bits", "64"]);
    refused("split.batch=0", &["split.batch"]);
    refused("split.rounds=0", &["split.rounds"]);
    refused("split.service=\"serial\"", &["split.service", "sequential", "in-turn"]);
    refused("download.shared_bytes=0", &["download.shared_bytes", "nothing to fetch"]);
    refused("download.own_bytes=3", &["download.shared_bytes is missing"]);
    refused("spilt.batch=3", &["spilt"]);
}
