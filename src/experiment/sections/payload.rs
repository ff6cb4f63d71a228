//! `[payload]`: where values come from, what is to be computed of them, how they are scaled.

use super::nomographic;
use crate::config::{Bound, ConfigError, Node, Origin, TableReader, Value};
use crate::payload::source::Distribution;
use crate::payload::{
    Function, Nomographic, Normalisation, Preparation, Source, SourceError, Synthetic, Votes,
};
use crate::tensor::{TensorFile, read_vector_f64};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The payload as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct PayloadSection {
    /// The file, if the payload is one; relative paths are taken from the experiment file.
    pub path: Option<PathBuf>,
    /// Where the source is configured, for messages.
    pub place: String,
    tensor: Option<String>,
    /// Devices of a file, if not one a row.
    devices: Option<usize>,
    synthetic: Option<Synthetic>,
    function: FunctionWord,
    weights: Weights,
    abstain_below: f64,
    normalisation: Normalisation,
    center: bool,
    interleave: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum FunctionWord {
    Sum,
    Mean,
    WeightedMean,
    Majority,
    Nomographic(Nomographic),
}

/// Every word of `payload.function`.
const FUNCTIONS: [&str; 7] = [
    "mean",
    "sum",
    "weighted-mean",
    "majority",
    nomographic::WORDS[0],
    nomographic::WORDS[1],
    nomographic::WORDS[2],
];

/// Weights, and where they are written.
#[derive(Clone, Debug, PartialEq)]
enum Weights {
    None,
    List(Vec<f64>, Origin),
    Tensor(String, Origin),
}

/// Every word of `payload.source`.
const SOURCES: [&str; 6] = ["file", "gaussian", "uniform", "lognormal", "sparse-gaussian", "sign"];

/// Most devices of a synthetic payload.
const MAX_DEVICES: usize = 1_000_000;

/// Least amplitude to which a payload may decay within a trial: beyond it single precision shows in the error.
const LEAST_AMPLITUDE: f64 = 1e-4;

/// Most values a device of a synthetic payload.
const MAX_LENGTH: usize = 1 << 32;

impl PayloadSection {
    /// Reads the table for trials of `rounds` rounds; with `supplied` the values themselves come from the caller.
    ///
    /// # Errors
    /// When a key is missing, wrong, or does not go with the source.
    pub fn read(reader: &TableReader<'_>, supplied: bool, rounds: usize) -> Result<Self, ConfigError> {
        let default = supplied.then_some("file");
        let source = reader.choice("source", default, &SOURCES)?;
        let ((path, tensor, devices), synthetic) = match source {
            _ if supplied => {
                pass_over_source(reader);
                ((None, None, None), None)
            }
            "file" => (read_file(reader)?, None),
            _ => ((None, None, None), Some(read_synthetic(reader, source, rounds)?)),
        };
        let votes = !supplied && source == "sign";
        let usual = if votes { "majority" } else { "mean" };
        let word = reader.choice("function", Some(usual), &FUNCTIONS)?;
        let function = match word {
            "majority" => {
                nomographic::read(reader, word, synthetic.as_ref())?;
                FunctionWord::Majority
            }
            word if votes => {
                let message = format!(
                    "\"{word}\" goes with real values; payload.source = \"sign\" draws votes, \
                     so function = \"majority\" is expected"
                );
                return Err(reader.invalid("function", message));
            }
            _ => match nomographic::read(reader, word, synthetic.as_ref())? {
                Some(function) => FunctionWord::Nomographic(function),
                None if word == "sum" => FunctionWord::Sum,
                None if word == "weighted-mean" => FunctionWord::WeightedMean,
                None => FunctionWord::Mean,
            },
        };
        let weights = read_weights(reader, function)?;
        let abstain_below = read_abstention(reader, (function, votes))?;
        let words = ["global-max", "global-rms", "per-device"];
        let normalisation = match reader.choice("normalisation", Some(words[0]), &words)? {
            "global-rms" => Normalisation::GlobalRms,
            "per-device" => Normalisation::PerDevice,
            _ => Normalisation::GlobalMax,
        };
        Ok(Self {
            path,
            place: if supplied { "the array".into() } else { reader.origin("path").to_string() },
            tensor,
            devices,
            synthetic,
            function,
            weights,
            abstain_below,
            normalisation,
            center: reader.bool("center", Some(false))?,
            interleave: reader.choice("interleave", Some("random"), &["random", "none"])? == "random",
        })
    }

    /// Opens the source.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn source(&self) -> Result<Source, SourceError> {
        match (&self.path, &self.synthetic) {
            (Some(path), _) => {
                let file = Arc::new(TensorFile::open(path, self.tensor.as_deref())?);
                Ok(match self.devices {
                    Some(devices) => Source::rows_in_turn(file, devices),
                    None => Source::File(file),
                })
            }
            (None, Some(synthetic)) => Ok(Source::Synthetic(*synthetic)),
            (None, None) => Source::array(0, Arc::from(Vec::new())),
        }
    }

    /// Returns how the values of so many devices are to be prepared, which come of a file or of none.
    ///
    /// # Errors
    /// When the weights do not fit the number of devices.
    pub fn preparation(&self, devices: usize, file: Option<&Path>) -> Result<Preparation, ConfigError> {
        let function = match self.function {
            FunctionWord::Sum => Function::Sum,
            FunctionWord::Mean => Function::Mean,
            FunctionWord::Nomographic(function) => Function::Nomographic(function),
            FunctionWord::Majority => Function::Majority { abstain_below: self.abstain_below },
            FunctionWord::WeightedMean => Function::WeightedMean(self.weights(file, devices)?),
        };
        Ok(Preparation {
            function,
            normalisation: self.normalisation,
            center: self.center,
            interleave: self.interleave,
        })
    }

    fn weights(&self, file: Option<&Path>, devices: usize) -> Result<Vec<f64>, ConfigError> {
        let origin = match &self.weights {
            Weights::List(_, origin) | Weights::Tensor(_, origin) => origin.clone(),
            Weights::None => Origin::Default,
        };
        let invalid = |message: String| {
            let (origin, path) = (origin.clone(), "payload.weights".into());
            ConfigError::Invalid { origin, path, message }
        };
        let weights = match &self.weights {
            Weights::List(weights, _) => weights.clone(),
            Weights::Tensor(name, _) => {
                let Some(path) = file else {
                    let message =
                        format!("\"{name}\" names a tensor beside the payload's, but the payload is no file");
                    return Err(invalid(message));
                };
                read_vector_f64(path, Some(name)).map_err(|e| invalid(e.to_string()))?
            }
            Weights::None => return Err(invalid("a weighted mean needs weights".into())),
        };
        if weights.len() != devices {
            let message =
                format!("holds {} weights for {devices} devices; one each is expected", weights.len());
            return Err(invalid(message));
        }
        if weights.iter().any(|w| !(*w > 0.0 && w.is_finite())) {
            return Err(invalid("every weight must be positive and finite".into()));
        }
        Ok(weights)
    }
}

/// Path, tensor and devices of a file.
type File = (Option<PathBuf>, Option<String>, Option<usize>);

/// Leaves the keys that say where values come from aside: the values are given.
fn pass_over_source(reader: &TableReader<'_>) {
    for key in [
        "source",
        "path",
        "tensor",
        "devices",
        "length",
        "correlation",
        "round_decay",
        "density",
        "agreement",
        "positive_votes",
    ] {
        reader.has(key);
        reader.record(key, None, None);
    }
}

fn read_file(reader: &TableReader<'_>) -> Result<File, ConfigError> {
    for key in ["length", "correlation", "round_decay", "density", "agreement", "positive_votes"] {
        reader
            .require_absent(key, "goes with a synthetic source; a file has its own values: leave it out")?;
    }
    let path = match reader.node("path") {
        None => {
            let message = "source = \"file\" needs a path to a .safetensors, .npy, .npz or .csv file";
            return Err(reader.invalid("path", message));
        }
        Some(node) => Some(resolve(node, &reader.path("path"))?),
    };
    // The path is no part of an experiment's identity; the tensor's name is.
    let tensor = reader.optional_string("tensor")?;
    let devices = match reader.has("devices") {
        true => Some(read_count(reader, "devices", MAX_DEVICES)?),
        false => None,
    };
    Ok((path, tensor, devices))
}

/// Takes a path relative to the file that it is written in; on the command line, to the current folder.
fn resolve(node: &Node, path: &str) -> Result<PathBuf, ConfigError> {
    let text = node.text(path, "a path is expected, for example \"data/gradients.safetensors\"")?;
    Ok(match node.origin.file() {
        Some(file) => file.parent().unwrap_or(Path::new("")).join(text),
        None => PathBuf::from(text),
    })
}

fn read_synthetic(reader: &TableReader<'_>, source: &str, rounds: usize) -> Result<Synthetic, ConfigError> {
    for key in ["path", "tensor"] {
        reader.require_absent(key, "goes with source = \"file\"")?;
    }
    if source != "sparse-gaussian" {
        reader.require_absent("density", "goes with source = \"sparse-gaussian\"")?;
    }
    if source == "sign" {
        return read_votes(reader, rounds);
    }
    for key in ["agreement", "positive_votes"] {
        reader.require_absent(key, "goes with source = \"sign\"")?;
    }
    let distribution = match source {
        "uniform" => Distribution::Uniform,
        "lognormal" => Distribution::Lognormal,
        "sparse-gaussian" => read_sparse(reader)?,
        _ => Distribution::Gaussian,
    };
    Ok(Synthetic {
        distribution,
        devices: read_count(reader, "devices", MAX_DEVICES)?,
        length: read_count(reader, "length", MAX_LENGTH)?,
        correlation: reader.f64_in("correlation", Some(0.0), Bound::between(0.0, 1.0))?,
        decay: read_decay(reader, rounds)?,
        rounds,
    })
}

/// Fewest expected nonzero values of a device: with fewer, the target may be 0.
const LEAST_NONZEROS: f64 = 100.0;

fn read_sparse(reader: &TableReader<'_>) -> Result<Distribution, ConfigError> {
    let density = reader.f64_in("density", None, Bound::between(0.0, 1.0).open_low())?;
    let length = read_count(reader, "length", MAX_LENGTH)?;
    let nonzeros = density * length as f64;
    if nonzeros < LEAST_NONZEROS {
        let message = format!(
            "{density} leaves {nonzeros:.0} of {length} values; at least {LEAST_NONZEROS} nonzero values a device, that is \
             {:.3e}, are expected",
            LEAST_NONZEROS / length as f64
        );
        return Err(reader.invalid("density", message));
    }
    Ok(Distribution::SparseGaussian { density })
}

fn read_votes(reader: &TableReader<'_>, rounds: usize) -> Result<Synthetic, ConfigError> {
    let devices = read_count(reader, "devices", MAX_DEVICES)?;
    reader.require_absent("correlation", "goes with real values; that of votes follows from agreement")?;
    reader.require_absent("round_decay", "goes with real values; votes keep their size")?;
    let agreement = reader.optional_f64("agreement", Bound::between(0.0, 1.0))?;
    let positive = reader.optional_usize("positive_votes", 0)?;
    let votes = match (agreement, positive) {
        (Some(agreement), None) => Votes::Agreement(agreement),
        (None, Some(positive)) if positive <= devices => Votes::Positive(positive),
        (None, Some(positive)) => {
            let message = format!("{positive} is out of range: at most the {devices} devices can vote +1");
            return Err(reader.invalid("positive_votes", message));
        }
        (Some(_), Some(_)) => {
            let message = "payload.agreement already says how devices vote; leave one out";
            return Err(reader.invalid("positive_votes", message));
        }
        (None, None) => {
            let message = "is missing: source = \"sign\" needs agreement, the probability that a vote equals the \
                           truth (for example 0.7), or positive_votes, how many of the devices vote +1";
            return Err(reader.invalid("agreement", message));
        }
    };
    Ok(Synthetic {
        distribution: Distribution::Sign(votes),
        devices,
        length: read_count(reader, "length", MAX_LENGTH)?,
        correlation: votes.correlation(devices),
        decay: 1.0,
        rounds,
    })
}

/// Reads below which magnitude devices cast no vote, and refuses what has no meaning for votes.
fn read_abstention(
    reader: &TableReader<'_>,
    (function, drawn): (FunctionWord, bool),
) -> Result<f64, ConfigError> {
    if function != FunctionWord::Majority {
        reader.require_absent("abstain_below", "goes with function = \"majority\"")?;
        return Ok(0.0);
    }
    for key in ["normalisation", "center", "round_decay"] {
        reader.require_absent(
            key,
            "has no meaning for function = \"majority\": only signs are sent; leave it out",
        )?;
    }
    if drawn {
        let why = "goes with real values; the votes of source = \"sign\" have no size: leave it out";
        reader.require_absent("abstain_below", why)?;
        return Ok(0.0);
    }
    reader.f64_in("abstain_below", Some(0.0), Bound::between(0.0, 1e3))
}

fn read_decay(reader: &TableReader<'_>, rounds: usize) -> Result<f64, ConfigError> {
    let decay = reader.f64_in("round_decay", Some(1.0), Bound::between(0.0, 1.0).open_low())?;
    let last = decay.powf((rounds - 1) as f64);
    if last < LEAST_AMPLITUDE {
        let message = format!(
            "{decay} leaves the last of {rounds} rounds {last:.1e} of the first one's amplitude; \
             at least {LEAST_AMPLITUDE:e} is expected"
        );
        return Err(reader.invalid("round_decay", message));
    }
    Ok(decay)
}

fn read_count(reader: &TableReader<'_>, key: &str, most: usize) -> Result<usize, ConfigError> {
    let count = reader.usize(key, None, 1)?;
    if count > most {
        return Err(reader.invalid(key, format!("{count} is out of range: must be at most {most}")));
    }
    Ok(count)
}

fn read_weights(reader: &TableReader<'_>, function: FunctionWord) -> Result<Weights, ConfigError> {
    if function != FunctionWord::WeightedMean {
        reader.require_absent("weights", "goes with function = \"weighted-mean\"")?;
        return Ok(Weights::None);
    }
    let origin = reader.origin("weights").clone();
    match reader.node("weights").map(|n| &n.value) {
        Some(Value::String(_)) => Ok(Weights::Tensor(reader.string("weights", None)?, origin)),
        Some(_) => {
            Ok(Weights::List(reader.f64_list("weights", None, Bound::between(1e-100, 1e100))?, origin))
        }
        None => {
            let message =
                "a weighted mean needs a list of weights, or the name of a tensor beside the payload's";
            Err(reader.invalid("weights", message))
        }
    }
}
