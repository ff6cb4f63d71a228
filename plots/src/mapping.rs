//! From a table's values to what an axis shows: SI prefixes, decibel, and the choice of scale.

use crate::figure::Scale;
use crate::names::{self, Unit};

/// Beyond this ratio of largest to smallest value an axis is logarithmic by default.
const LOG_RATIO: f64 = 50.0;

/// How one axis converts and shows values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mapping {
    pub scale: Scale,
    /// Values are divided by ten to this power.
    pub power: i32,
    pub title: String,
    /// Whether the axis has a unit, so that plain numbers read better than powers of ten.
    pub physical: bool,
}

impl Mapping {
    /// Chooses what the figure leaves open from the columns' names and their values, and the prefix of a unit from `label`.
    pub fn choose(
        columns: &[String],
        values: impl Iterator<Item = f64> + Clone,
        scale: Option<Scale>,
        label: Option<&str>,
    ) -> Self {
        let column = columns.first().map_or("", String::as_str);
        let scale = scale.unwrap_or_else(|| default_scale(column, values.clone()));
        let unit = names::unit(column);
        // A text of one's own is not changed, so the axis shows what it says.
        let power = match (scale, label) {
            (Scale::Db, _) => 0,
            (_, Some(label)) => names::power_named(unit, label),
            (Scale::Linear, None) => names::power_for(unit, values.fold(0.0, |a, v| v.abs().max(a))),
            (Scale::Log, None) => names::power_for(unit, middle(values)),
        };
        let title = |column: &String| match scale {
            Scale::Db => names::title_in_db(column),
            _ => names::title(column, power),
        };
        let made = || columns.iter().map(title).collect::<Vec<_>>().join(", ");
        Self { scale, power, title: label.map_or_else(made, str::to_owned), physical: unit != Unit::None }
    }

    /// Returns the value as shown, or `None` where a logarithm does not exist.
    pub fn shown(&self, value: f64) -> Option<f64> {
        match self.scale {
            Scale::Linear => Some(names::scaled(value, self.power)),
            Scale::Log => (value > 0.0).then(|| names::scaled(value, self.power)),
            Scale::Db => (value > 0.0).then(|| 10.0 * value.log10()),
        }
    }
}

/// Returns the geometric middle of the positive values.
fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let (low, high) =
        values.filter(|v| *v > 0.0).fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
    (low * high).sqrt()
}

fn default_scale(column: &str, mut values: impl Iterator<Item = f64> + Clone) -> Scale {
    if matches!(names::unit(column), Unit::Fixed("dB" | "dBm")) {
        return Scale::Linear;
    }
    if names::is_error(column) || column == "airtime_s" {
        return match values.any(|v| v > 0.0) {
            true => Scale::Log,
            false => Scale::Linear,
        };
    }
    let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(l, h), v| (l.min(v), h.max(v)));
    match low > 0.0 && high / low >= LOG_RATIO {
        true => Scale::Log,
        false => Scale::Linear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(column: &str, values: &[f64]) -> Mapping {
        Mapping::choose(&[column.to_owned()], values.iter().copied(), None, None)
    }

    #[test]
    fn scales_and_prefixes_follow_column_and_values() {
        let airtime = choose("airtime_s", &[1e-4, 1e-1]);
        assert_eq!((airtime.scale, airtime.power), (Scale::Log, -3));
        assert_eq!(airtime.title, "Airtime (ms)");
        let band = choose("bandwidth_hz", &[5e6, 20e6]);
        assert_eq!((band.scale, band.shown(5e6)), (Scale::Linear, Some(5.0)));
        assert_eq!(choose("snr_db", &[1.0, 90.0]).scale, Scale::Linear);
        assert_eq!(choose("nmse", &[0.5, 0.6]).shown(0.0), None);
        assert_eq!(choose("devices", &[1.0, 100.0]).scale, Scale::Log);
        let votes = choose("vote_error_rate", &[0.2, 0.1]);
        assert_eq!((votes.scale, votes.title.as_str()), (Scale::Log, "Vote error rate"));
        assert_eq!(choose("vote_error_rate", &[0.0, 0.0]).scale, Scale::Linear);
    }

    #[test]
    fn the_unit_of_ones_own_label_is_that_of_the_axis() {
        let labelled = |label| {
            Mapping::choose(
                &["airtime_s".to_owned()],
                [0.05, 0.3].into_iter(),
                Some(Scale::Linear),
                Some(label),
            )
        };
        for (label, shown) in
            [("Turnaround (s)", 0.25), ("Turnaround (ms), 1 Hz", 250.0), ("Turnaround", 0.25)]
        {
            assert_eq!((labelled(label).shown(0.25), labelled(label).title.as_str()), (Some(shown), label));
        }
    }
}
