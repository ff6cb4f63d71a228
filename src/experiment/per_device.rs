//! A quantity that devices may have alike, each their own, or drawn anew in every trial.

use crate::config::{Bound, ConfigError, TableReader, Value};
use crate::tensor::read_vector_f64;
use airloop_baseband::Stream;
use std::path::Path;

/// A quantity of every device.
#[derive(Clone, Debug, PartialEq)]
pub enum PerDevice {
    /// The same for all.
    Same(f64),
    /// One each.
    Each(Vec<f64>),
    /// Gaussian with zero mean, drawn in every trial.
    Normal {
        /// Standard deviation.
        standard_deviation: f64,
    },
    /// Uniform, drawn in every trial.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// Uniform between a device's own low and high end, drawn in every trial.
    Ranges(Vec<(f64, f64)>),
}

impl PerDevice {
    /// Returns a device's value in the trial that a stream belongs to.
    pub fn value(&self, stream: &Stream, device: usize) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values[device],
            Self::Normal { standard_deviation } => standard_deviation * stream.gaussian(device as u64),
            Self::Uniform { low, high } => low + (high - low) * stream.uniform(device as u64),
            Self::Ranges(ends) => {
                let (low, high) = ends[device];
                low + (high - low) * stream.uniform(device as u64)
            }
        }
    }

    /// Returns whether every device's value is 0.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Same(value) => *value == 0.0,
            Self::Each(values) => values.iter().all(|v| *v == 0.0),
            Self::Normal { standard_deviation } => *standard_deviation == 0.0,
            Self::Uniform { low, high } => *low == 0.0 && *high == 0.0,
            Self::Ranges(ends) => ends.iter().all(|ends| *ends == (0.0, 0.0)),
        }
    }

    /// Returns the smallest and the largest value that occur; a Gaussian counts up to six standard deviations.
    pub fn range(&self) -> (f64, f64) {
        match self {
            Self::Same(value) => (*value, *value),
            Self::Each(values) => {
                values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |r, v| (r.0.min(*v), r.1.max(*v)))
            }
            Self::Normal { standard_deviation } => (-6.0 * standard_deviation, 6.0 * standard_deviation),
            Self::Uniform { low, high } => (*low, *high),
            Self::Ranges(ends) => {
                ends.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |r, e| (r.0.min(e.0), r.1.max(e.1)))
            }
        }
    }

    /// Returns the root mean square over devices.
    pub fn rms(&self) -> f64 {
        match self {
            Self::Same(value) => value.abs(),
            Self::Each(values) => (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt(),
            Self::Normal { standard_deviation } => standard_deviation.abs(),
            Self::Uniform { low, high } => ((low * low + low * high + high * high) / 3.0).sqrt(),
            Self::Ranges(ends) => {
                let squares = ends.iter().map(|(low, high)| (low * low + low * high + high * high) / 3.0);
                (squares.sum::<f64>() / ends.len() as f64).sqrt()
            }
        }
    }

    /// Reads a key: a number, a list, `{ normal = sd }`, `{ uniform = [a, b] }`, `{ file = ".." }`; 0 when absent.
    ///
    /// # Errors
    /// When the value is none of these, or out of bounds.
    pub fn read(reader: &TableReader<'_>, key: &str, bound: Bound) -> Result<Self, ConfigError> {
        let Some(node) = reader.node(key) else { return Ok(Self::Same(0.0)) };
        let within = |value: f64| match bound.allows(value) {
            true => Ok(value),
            false => Err(reader.invalid(key, format!("{value} is out of range: it {bound}"))),
        };
        match &node.value {
            Value::Integer(_) | Value::Float(_) => Ok(Self::Same(reader.f64_in(key, Some(0.0), bound)?)),
            Value::Array(_) => Ok(Self::Each(reader.f64_list(key, None, bound)?)),
            Value::Table(_) => {
                let table = reader.section(key)?;
                if table.has("normal") {
                    let standard_deviation = table.f64_in("normal", None, Bound::at_least(0.0))?;
                    let normal = Self::Normal { standard_deviation };
                    let (low, high) = normal.range();
                    if !(bound.allows(low) && bound.allows(high)) {
                        let message = format!(
                            "{standard_deviation} draws values from {low} to {high}, six standard deviations either way, and each \
                             {bound}: a narrower one, a number, a list or {{ uniform = [low, high] }} is expected"
                        );
                        return Err(table.invalid("normal", message));
                    }
                    return Ok(normal);
                }
                if table.has("uniform") {
                    let ends = table.f64_list("uniform", None, bound)?;
                    let [low, high] = ends[..] else {
                        return Err(table.invalid("uniform", "two numbers are expected: [low, high]"));
                    };
                    if low > high {
                        return Err(table
                            .invalid("uniform", format!("{low} is above {high}: [low, high] is expected")));
                    }
                    return Ok(Self::Uniform { low, high });
                }
                let Some(file) = table.node("file") else {
                    let expected = "a number, a list, { normal = sd }, { uniform = [low, high] } or { file = \"..\" } is expected";
                    return Err(reader.invalid(key, expected));
                };
                let text = file.text(&table.path("file"), "a path to a vector file is expected")?;
                let path = match file.origin.file() {
                    Some(written_in) => written_in.parent().unwrap_or(Path::new("")).join(text),
                    None => text.into(),
                };
                let values =
                    read_vector_f64(&path, None).map_err(|e| table.invalid("file", e.to_string()))?;
                let values = values.into_iter().map(within).collect::<Result<Vec<f64>, _>>()?;
                // The values are the content, not the path.
                table.record("file", None, Some(values.clone().into()));
                Ok(Self::Each(values))
            }
            _ => {
                let expected = "a number, a list, { normal = sd }, { uniform = [low, high] } or { file = \"..\" } is expected";
                Err(reader.invalid(key, expected))
            }
        }
    }

    /// Keeps the values of a part of the devices, which take their numbers in order.
    pub fn keep(&mut self, part: &[usize]) {
        match self {
            Self::Each(values) => *values = part.iter().map(|k| values[*k]).collect(),
            Self::Ranges(ends) => *ends = part.iter().map(|k| ends[*k]).collect(),
            Self::Same(_) | Self::Normal { .. } | Self::Uniform { .. } => {}
        }
    }

    /// Checks that a list has one value a device.
    ///
    /// # Errors
    /// When it has not.
    pub fn check(&self, reader: &TableReader<'_>, key: &str, devices: usize) -> Result<(), ConfigError> {
        let given = match self {
            Self::Each(values) => values.len(),
            Self::Ranges(ends) => ends.len(),
            Self::Same(_) | Self::Normal { .. } | Self::Uniform { .. } => devices,
        };
        if given != devices {
            let message = format!("holds {given} values for {devices} devices; one each is expected");
            return Err(reader.invalid(key, message));
        }
        Ok(())
    }
}
