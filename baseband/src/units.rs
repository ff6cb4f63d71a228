//! The four conversions between decibels and linear quantities.

/// Returns the linear power ratio of `db` decibels: `10^(db/10)`.
pub fn power_from_db(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

/// Returns the decibels of a linear power ratio: `10 log10(power)`; minus infinity for zero.
pub fn db_from_power(power: f64) -> f64 {
    10.0 * power.log10()
}

/// Returns the linear amplitude ratio of `db` decibels: `10^(db/20)`.
pub fn amplitude_from_db(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// Returns the decibels of a linear amplitude ratio: `20 log10(amplitude)`; minus infinity for zero.
pub fn db_from_amplitude(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decibels_of_known_ratios() {
        assert!((power_from_db(3.0) - 1.995_262_314_968_879_5).abs() < 1e-12);
        assert!((amplitude_from_db(6.0) - 1.995_262_314_968_879_5).abs() < 1e-12);
        assert_eq!(db_from_power(1000.0), 30.0);
        assert_eq!(db_from_amplitude(1000.0), 60.0);
        assert_eq!(db_from_power(0.0), f64::NEG_INFINITY);
    }
}
