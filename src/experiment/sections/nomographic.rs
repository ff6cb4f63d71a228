//! The keys of functions beyond sum and mean: `payload.approximation`, `payload.norm_order`, `payload.sharpness`.

use crate::config::{Bound, ConfigError, TableReader};
use crate::payload::source::Distribution;
use crate::payload::{Nomographic, Synthetic};

/// The words of `payload.function` that are read here.
pub const WORDS: [&str; 3] = ["geometric-mean", "norm", "max"];

/// Largest order and sharpness.
const LARGEST: f64 = 1e3;

/// Least sharpness: sums of flatter exponentials differ by rounding.
const LEAST_SHARPNESS: f64 = 1e-3;

/// Reads the function of that word with its keys; for other words the keys must be left out.
///
/// # Errors
/// When a key is missing, wrong or foreign to the function, or drawn values do not go with it.
pub fn read(
    reader: &TableReader<'_>,
    word: &str,
    synthetic: Option<&Synthetic>,
) -> Result<Option<Nomographic>, ConfigError> {
    let lognormal = synthetic.is_some_and(|s| s.distribution == Distribution::Lognormal);
    if !WORDS.contains(&word) {
        for key in ["approximation", "norm_order", "sharpness"] {
            reader.require_absent(key, "goes with function = \"norm\" or \"max\"")?;
        }
        if lognormal {
            let message = format!(
                "\"{word}\" does not go with payload.source = \"lognormal\", which is for functions of positive \
                 values: \"geometric-mean\", \"norm\" or \"max\" is expected"
            );
            return Err(reader.invalid("function", message));
        }
        return Ok(None);
    }
    let function = match word {
        "geometric-mean" => {
            for key in ["approximation", "norm_order", "sharpness"] {
                reader.require_absent(key, "goes with function = \"norm\" or \"max\"")?;
            }
            Nomographic::GeometricMean
        }
        "norm" => {
            for key in ["approximation", "sharpness"] {
                reader.require_absent(key, "goes with function = \"max\"")?;
            }
            Nomographic::Norm { order: read_order(reader)? }
        }
        _ if reader.choice("approximation", None, &["p-norm", "log-sum-exp"])? == "p-norm" => {
            reader.require_absent("sharpness", "goes with approximation = \"log-sum-exp\"")?;
            Nomographic::LargestByNorm { order: read_order(reader)? }
        }
        _ => {
            reader.require_absent("norm_order", "goes with approximation = \"p-norm\"")?;
            let bound = Bound::between(LEAST_SHARPNESS, LARGEST);
            Nomographic::LargestByExponentials { sharpness: reader.f64_in("sharpness", None, bound)? }
        }
    };
    if let Some(synthetic) = synthetic {
        check(reader, (word, function), synthetic)?;
    }
    Ok(Some(function))
}

fn read_order(reader: &TableReader<'_>) -> Result<f64, ConfigError> {
    reader.f64_in("norm_order", None, Bound::between(1.0, LARGEST))
}

/// Refuses drawn values whose mapped moments are not known, or that the function does not take.
fn check(
    reader: &TableReader<'_>,
    (word, function): (&str, Nomographic),
    synthetic: &Synthetic,
) -> Result<(), ConfigError> {
    let positive = synthetic.distribution == Distribution::Lognormal;
    let refused = match function {
        Nomographic::GeometricMean if !positive => Some(
            "draws values below 0, which have no geometric mean: source = \"lognormal\" or a file is expected",
        ),
        Nomographic::LargestByNorm { .. } if !positive => Some(
            "draws values below 0, whose maximum a p-norm does not approach: source = \"lognormal\", a file of \
             values that are not negative, or approximation = \"log-sum-exp\" is expected",
        ),
        Nomographic::LargestByExponentials { .. } if positive => Some(
            "draws values whose exponentials have no mean square: another source or approximation = \"p-norm\" is expected",
        ),
        _ => None,
    };
    if let Some(message) = refused {
        return Err(reader.invalid("source", message));
    }
    if synthetic.correlation > 0.0 {
        let message = format!(
            "goes with sums and means; for function = \"{word}\" drawn values are independent: leave it out"
        );
        return Err(reader.invalid("correlation", message));
    }
    if synthetic.decay < 1.0 {
        let message = format!(
            "goes with sums and means; for function = \"{word}\" values keep their size: leave it out"
        );
        return Err(reader.invalid("round_decay", message));
    }
    Ok(())
}
