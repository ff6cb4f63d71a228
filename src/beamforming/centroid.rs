//! The beams nearest to all devices: the weighted centroid of their signal spaces.

use super::Antennas;
use airloop_baseband::Complex64;
use airloop_baseband::linear::eigen;

/// Returns the principal directions of the devices' signal spaces, `[stream, receive]`.
///
/// ```text
/// F = the L principal eigenvectors of sum_k P_k lambda_min(H_k^H H_k) U_k U_k^H,   U_k U_k^H = H_k (H_k^H H_k)^-1 H_k^H
/// ```
///
/// Where a device has more antennas than the server, its smallest singular value and its projector are those of `H_k H_k^H`.
///
/// Source: Zhu, Huang, "MIMO Over-the-Air Computation for High-Mobility Multimodal Sensing", IEEE IoT-J 6(4), 2019.
pub(super) fn centroid(
    antennas: Antennas,
    channels: &[Complex64],
    power: &[f64],
    streams: usize,
) -> Vec<Complex64> {
    let (receive, device) = (antennas.receive, antennas.device);
    let mut sum = vec![Complex64::default(); receive * receive];
    for (channel, power) in channels.chunks_exact(receive * device).zip(power) {
        let inner = |i: usize, j: usize| -> Complex64 {
            (0..device).map(|t| channel[i * device + t] * channel[j * device + t].conj()).sum()
        };
        if device == 1 {
            // One direction: its power is its weight.
            (0..receive * receive).for_each(|e| sum[e] += *power * inner(e / receive, e % receive));
            continue;
        }
        let gram: Vec<Complex64> = (0..receive * receive).map(|e| inner(e / receive, e % receive)).collect();
        let of = eigen(receive, &gram);
        let rank = receive.min(device);
        let weight = power * of.values[rank - 1].max(0.0);
        for vector in of.vectors.chunks_exact(receive).take(rank) {
            for (i, row) in sum.chunks_exact_mut(receive).enumerate() {
                row.iter_mut().zip(vector).for_each(|(s, v)| *s += weight * vector[i] * v.conj());
            }
        }
    }
    let mut vectors = eigen(receive, &sum).vectors;
    vectors.truncate(streams * receive);
    vectors
}
