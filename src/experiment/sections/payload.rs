//! `[payload]`: where values come from, what is to be computed of them, how they are scaled.

use crate::config::{Bound, ConfigError, Node, Origin, TableReader, Value};
use crate::payload::source::Distribution;
use crate::payload::{Function, Normalisation, Preparation, Source, SourceError, Synthetic};
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
    synthetic: Option<Synthetic>,
    function: FunctionWord,
    weights: Weights,
    normalisation: Normalisation,
    center: bool,
    interleave: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FunctionWord {
    Sum,
    Mean,
    WeightedMean,
}

/// Weights, and where they are written.
#[derive(Clone, Debug, PartialEq)]
enum Weights {
    None,
    List(Vec<f64>, Origin),
    Tensor(String, Origin),
}

/// Most devices of a synthetic payload.
const MAX_DEVICES: usize = 1_000_000;

/// Most values a device of a synthetic payload.
const MAX_LENGTH: usize = 1 << 32;

impl PayloadSection {
    /// Reads the table; with `supplied` the values themselves come from the caller.
    ///
    /// # Errors
    /// When a key is missing, wrong, or does not go with the source.
    pub fn read(reader: &TableReader<'_>, supplied: bool) -> Result<Self, ConfigError> {
        let default = supplied.then_some("file");
        let source = reader.choice("source", default, &["file", "gaussian", "uniform"])?;
        let ((path, tensor), synthetic) = match source {
            _ if supplied => {
                pass_over_source(reader);
                ((None, None), None)
            }
            "file" => (read_file(reader)?, None),
            _ => ((None, None), Some(read_synthetic(reader, source)?)),
        };
        let function = match reader.choice("function", Some("mean"), &["mean", "sum", "weighted-mean"])? {
            "sum" => FunctionWord::Sum,
            "weighted-mean" => FunctionWord::WeightedMean,
            _ => FunctionWord::Mean,
        };
        let weights = read_weights(reader, function)?;
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
            synthetic,
            function,
            weights,
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
            (Some(path), _) => Ok(Source::File(Arc::new(TensorFile::open(path, self.tensor.as_deref())?))),
            (None, Some(synthetic)) => Ok(Source::Synthetic(*synthetic)),
            (None, None) => Source::array(0, Arc::from(Vec::new())),
        }
    }

    /// Returns how the source is to be prepared.
    ///
    /// # Errors
    /// When the weights do not fit the number of devices.
    pub fn preparation(&self, source: &Source) -> Result<Preparation, ConfigError> {
        let devices = source.devices();
        let function = match self.function {
            FunctionWord::Sum => Function::Sum,
            FunctionWord::Mean => Function::Mean,
            FunctionWord::WeightedMean => Function::WeightedMean(self.weights(source, devices)?),
        };
        Ok(Preparation {
            function,
            normalisation: self.normalisation,
            center: self.center,
            interleave: self.interleave,
        })
    }

    fn weights(&self, source: &Source, devices: usize) -> Result<Vec<f64>, ConfigError> {
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
                let Some(path) = source.path() else {
                    let message =
                        format!("\"{name}\" names a tensor beside the payload's, but the payload is no file");
                    return Err(invalid(message));
                };
                read_vector_f64(&path, Some(name)).map_err(|e| invalid(e.to_string()))?
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

type File = (Option<PathBuf>, Option<String>);

/// Leaves the keys that say where values come from aside: the values are given.
fn pass_over_source(reader: &TableReader<'_>) {
    for key in ["source", "path", "tensor", "devices", "length", "correlation"] {
        reader.has(key);
        reader.record(key, None, None);
    }
}

fn read_file(reader: &TableReader<'_>) -> Result<File, ConfigError> {
    for key in ["devices", "length", "correlation"] {
        reader.require_absent(
            key,
            "goes with a synthetic source; a file has its own devices and values: leave it out",
        )?;
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
    Ok((path, tensor))
}

/// Takes a path relative to the file that it is written in; on the command line, to the current folder.
fn resolve(node: &Node, path: &str) -> Result<PathBuf, ConfigError> {
    let text = node.text(path, "a path is expected, for example \"data/gradients.safetensors\"")?;
    Ok(match node.origin.file() {
        Some(file) => file.parent().unwrap_or(Path::new("")).join(text),
        None => PathBuf::from(text),
    })
}

fn read_synthetic(reader: &TableReader<'_>, source: &str) -> Result<Synthetic, ConfigError> {
    for key in ["path", "tensor"] {
        reader.require_absent(key, "goes with source = \"file\"")?;
    }
    let distribution = if source == "uniform" { Distribution::Uniform } else { Distribution::Gaussian };
    Ok(Synthetic {
        distribution,
        devices: read_count(reader, "devices", MAX_DEVICES)?,
        length: read_count(reader, "length", MAX_LENGTH)?,
        correlation: reader.f64_in("correlation", Some(0.0), Bound::between(0.0, 1.0))?,
    })
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
