//! The powers that make the most of parallel channels.

/// Returns the powers, summing to `power`, with the largest sum of `log2(1 + p gain / noise)`.
///
/// ```text
/// p_i = max(level - noise / gain_i, 0),   level so that sum p_i = power
/// ```
///
/// Channels without gain get nothing; where none has any, all get the same. Source: Cover, Thomas, *Elements of Information
/// Theory*, 2nd edition, section 9.4.
pub fn water_filling(gains: &[f64], noise: f64, power: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..gains.len()).filter(|i| gains[*i] > 0.0).collect();
    if order.is_empty() {
        return vec![power / gains.len() as f64; gains.len()];
    }
    order.sort_by(|i, j| gains[*j].total_cmp(&gains[*i]));
    let floor = |i: usize| noise / gains[i];
    let (mut level, mut sum) = (0.0, 0.0);
    let mut used = 0;
    for i in &order {
        let next = (power + sum + floor(*i)) / (used + 1) as f64;
        if used > 0 && next <= floor(*i) {
            break;
        }
        (level, sum, used) = (next, sum + floor(*i), used + 1);
    }
    let mut powers = vec![0.0; gains.len()];
    order[..used].iter().for_each(|i| powers[*i] = level - floor(*i));
    powers
}
