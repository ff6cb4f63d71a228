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

#[derive(Clone, Debug, PartialEq)]
enum Weights {
    None,
    List(Vec<f64>),
    Tensor(String),
}

impl PayloadSection {
    /// Reads the table; with `supplied` the values themselves come from the caller.
    ///
    /// # Errors
    /// When a key is missing, wrong, or does not go with the source.
    pub fn read(reader: &TableReader<'_>, supplied: bool) -> Result<Self, ConfigError> {
        let default = supplied.then_some("file");
        let source = reader.choice("source", default, &["file", "gaussian", "uniform"])?;
        let is_file = source == "file" || supplied;
        let (path, tensor) = if is_file { read_file(reader, supplied)? } else { (None, None) };
        let synthetic = if is_file { None } else { Some(read_synthetic(reader, source)?) };
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
            place: reader.origin("path").to_string(),
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
            FunctionWord::WeightedMean => Function::WeightedMean(self.weights(devices)?),
        };
        Ok(Preparation {
            function,
            normalisation: self.normalisation,
            center: self.center,
            interleave: self.interleave,
        })
    }

    fn weights(&self, devices: usize) -> Result<Vec<f64>, ConfigError> {
        let invalid = |message: String| ConfigError::Invalid {
            origin: Origin::Default,
            path: "payload.weights".into(),
            message,
        };
        let weights = match &self.weights {
            Weights::List(weights) => weights.clone(),
            Weights::Tensor(name) => {
                let path = self.path.as_deref().unwrap_or(Path::new(""));
                read_vector_f64(path, Some(name)).map_err(|e| invalid(e.to_string()))?
            }
            Weights::None => return Err(invalid("a weighted mean needs weights".into())),
        };
        if weights.len() != devices {
            let message = format!("there are {} weights for {devices} devices; one each is expected", weights.len());
            return Err(invalid(message));
        }
        if weights.iter().any(|w| !(*w > 0.0 && w.is_finite())) {
            return Err(invalid("every weight must be positive and finite".into()));
        }
        Ok(weights)
    }
}

type File = (Option<PathBuf>, Option<String>);

fn read_file(reader: &TableReader<'_>, supplied: bool) -> Result<File, ConfigError> {
    for key in ["devices", "length", "correlation"] {
        reader.require_absent(key, "goes with a synthetic source; a file has its own devices and values")?;
    }
    let path = match reader.node("path") {
        None if supplied => None,
        None => {
            let message = "source = \"file\" needs a path to a .safetensors, .npy, .npz or .csv file";
            return Err(reader.invalid("path", message));
        }
        Some(node) => Some(resolve(node, &reader.path("path"))?),
    };
    // The path is no part of an experiment's identity; the tensor's name is.
    let tensor = reader.optional_string("tensor")?;
    Ok(if supplied { (None, None) } else { (path, tensor) })
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
        devices: reader.usize("devices", None, 1)?,
        length: reader.usize("length", None, 1)?,
        correlation: reader.f64_in("correlation", Some(0.0), Bound::between(0.0, 1.0))?,
    })
}

fn read_weights(reader: &TableReader<'_>, function: FunctionWord) -> Result<Weights, ConfigError> {
    if function != FunctionWord::WeightedMean {
        reader.require_absent("weights", "goes with function = \"weighted-mean\"")?;
        return Ok(Weights::None);
    }
    match reader.node("weights").map(|n| &n.value) {
        Some(Value::String(_)) => reader.string("weights", None).map(Weights::Tensor),
        Some(_) => reader.f64_list("weights", None, Bound::positive()).map(Weights::List),
        None => {
            let message = "a weighted mean needs a list of weights, or the name of a tensor beside the payload's";
            Err(reader.invalid("weights", message))
        }
    }
}
