//! Refusals: one error that names the key, what is wrong and what would be right.

use super::setup::refusal;

const GOOD: &str = "channel.model=awgn; link.snr_db=10; mcs.index=5; trace.rounds=2";

#[test]
fn wrong_files_are_refused_by_key() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["channel.model=awgn; link.snr_db=10; mcs.index=5; uplink.values=4"], &["trace", "rounds"]),
        (&[GOOD], &["[uplink]", "[downlink]", "[air]"]),
        (&[GOOD, "uplink.stage=act"], &["uplink.values", "missing"]),
        (&[GOOD, "uplink.values=0"], &["uplink.values", "0"]),
        (&[GOOD, "uplink.values=4; uplink.bits_per_value=65"], &["uplink.bits_per_value", "1 to 64"]),
        (&[GOOD, "uplink.values=4; uplink.bytes=4"], &["uplink.values", "bytes"]),
        (&[GOOD, "uplink.values=4; uplink.stages=act"], &["uplink.stages", "stage"]),
        (&[GOOD, "uplink.values=4; uplink.stage=guess"], &["uplink.stage", "adapter"]),
        (&[GOOD, "uplink.values=4; uplink.delivery=reliable"], &["uplink.deadline_s", "missing"]),
        (&[GOOD, "uplink.values=4; uplink.mcs.indx=3"], &["mcs.indx", "index"]),
        (&[GOOD, "uplink.values=4; uplink.mcs.index=99"], &["mcs.index", "99"]),
        (&[GOOD, "uplink.values=4; uplink.snr_db=1000"], &["uplink.snr_db", "1000"]),
        (&[GOOD, "uplink.values=4; scheduling.slots=9"], &["scheduling.slots", "airloop link"]),
        (&[GOOD, "uplink.values=4; rounds=9"], &["rounds", "trace.rounds"]),
        (&[GOOD, "uplink.values=4; trace.round_interval_s=-1"], &["trace.round_interval_s", "-1"]),
        (&[GOOD, "uplink.values=4; trace.detail=fast"], &["trace.detail", "symbol", "table"]),
        (&[GOOD, "uplink.values=4; trace.detail=table"], &["trace.table", "missing"]),
        (&[GOOD, "uplink.values=4; trace.detail=table; trace.table=no.json"], &["trace.table", "no.json"]),
        (&[GOOD, "uplink.values=4; trace.table=no.json"], &["trace.table", "detail = \"table\""]),
        (&[GOOD, "uplink.values=4; trace.replay=no.csv"], &["trace.replay", "detail = \"trace\""]),
        (&[GOOD, "uplink.values=4; trace.betas=no.json"], &["trace.betas", "no.json"]),
        (&[GOOD, "air.values=4; air.delivery=lossy"], &["air.delivery"]),
        (
            &[GOOD, "payload.devices=3; air.values=4; air.scheme.kind=digital; air.scheme.bits=8"],
            &["air", "digital", "analog"],
        ),
        (&["channel.model=awgn; link.snr_db=10; trace.rounds=2; uplink.values=4"], &["uplink", "[mcs]"]),
    ];
    for (settings, parts) in cases {
        let error = refusal(settings);
        assert!(parts.iter().all(|part| error.contains(part)), "{settings:?}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}
