//! Downloads of models that share blocks.

use super::setup::{BASE, close, report};
use airloop::split::multicast::Download;

/// 5.8 GB at 100 Mbit/s.
#[test]
fn a_large_model_takes_minutes() {
    let download = Download { shared_bits: 5.8e9 * 8.0, own_bits: vec![0.0] };
    assert_eq!(download.times(&[100e6]).unicast_s, 464.0);
    assert_eq!(download.times(&[100e6]).ratio, 1.0);
}

#[test]
fn shared_blocks_go_once_at_the_worst_rate() {
    let download = Download { shared_bits: 100.0, own_bits: vec![10.0, 20.0, 30.0] };
    let times = download.times(&[10.0, 20.0, 5.0]);
    close(times.unicast_s, 110.0 / 10.0 + 120.0 / 20.0 + 130.0 / 5.0, 1e-15);
    close(times.multicast_s, 100.0 / 5.0 + 1.0 + 1.0 + 6.0, 1e-15);
    close(times.ratio, 43.0 / 28.0, 1e-15);
}

#[test]
fn a_file_asks_for_it() {
    let found = report(BASE, "download.shared_bytes=1e9; download.own_bytes=[1e6, 2e6]").download.unwrap();
    close(found.unicast_s, 8.0 * (1.001e9 / 40e6 + 1.002e9 / 50e6), 1e-14);
    close(found.multicast_s, 8.0 * (1e9 / 40e6 + 1e6 / 40e6 + 2e6 / 50e6), 1e-14);
    assert!(report(BASE, "").download.is_none());
}
