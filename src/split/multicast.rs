//! Downloads of models that share blocks.

use serde::Serialize;

/// Models that devices fetch: blocks that all of them share, and blocks of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Download {
    /// Bits that all share.
    pub shared_bits: f64,
    /// Bits of each device's own blocks.
    pub own_bits: Vec<f64>,
}

/// Airtime of a download by two ways.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DownloadTimes {
    /// Each device fetches all of its model, one after another: `sum_k (S + D_k) / r_k`.
    pub unicast_s: f64,
    /// Shared blocks once, at the rate of the worst link, then each device its own: `S / min_k r_k + sum_k D_k / r_k`.
    pub multicast_s: f64,
    /// The first over the second; below 1 where one bad link costs more than it saves.
    pub ratio: f64,
}

impl Download {
    /// Returns the airtime by both ways over links of these rates in bit/s, one a device, all above 0.
    pub fn times(&self, rates_bps: &[f64]) -> DownloadTimes {
        let each = self.own_bits.iter().zip(rates_bps);
        let own_s: f64 = each.map(|(bits, rate)| bits / rate).sum();
        let slowest_bps = rates_bps.iter().copied().fold(f64::INFINITY, f64::min);
        let unicast_s = rates_bps.iter().map(|rate| self.shared_bits / rate).sum::<f64>() + own_s;
        let multicast_s = self.shared_bits / slowest_bps + own_s;
        DownloadTimes { unicast_s, multicast_s, ratio: unicast_s / multicast_s }
    }
}
