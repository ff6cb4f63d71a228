//! The experiments that come with airloop, embedded so that the binary needs no files.

use super::SweepError;
use super::table::write_whole;
use std::path::{Path, PathBuf};

/// A shipped experiment.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

/// All shipped experiments; the first is the quick start.
pub const EXPERIMENTS: [Shipped; 10] = [
    Shipped { name: "quickstart", text: include_str!("../../experiments/quickstart.toml") },
    Shipped { name: "power-control", text: include_str!("../../experiments/power-control.toml") },
    Shipped { name: "threshold", text: include_str!("../../experiments/threshold.toml") },
    Shipped { name: "line-of-sight", text: include_str!("../../experiments/line-of-sight.toml") },
    Shipped { name: "equal-airtime", text: include_str!("../../experiments/equal-airtime.toml") },
    Shipped { name: "knowledge", text: include_str!("../../experiments/knowledge.toml") },
    Shipped { name: "clocks", text: include_str!("../../experiments/clocks.toml") },
    Shipped { name: "antennas", text: include_str!("../../experiments/antennas.toml") },
    Shipped { name: "cell", text: include_str!("../../experiments/cell.toml") },
    Shipped { name: "votes", text: include_str!("../../experiments/votes.toml") },
];

/// Gradients of a real training run, relative to the experiments.
const GRADIENTS: (&str, &[u8]) = (
    "data/digits_mlp_gradients.safetensors",
    include_bytes!("../../experiments/data/digits_mlp_gradients.safetensors"),
);

impl Shipped {
    /// Finds an experiment by name.
    pub fn find(name: &str) -> Option<Self> {
        EXPERIMENTS.into_iter().find(|e| e.name == name)
    }

    /// Returns what the experiment's first comment line says.
    pub fn summary(&self) -> &'static str {
        self.text.lines().next().unwrap_or("").trim_start_matches(['#', ' '])
    }

    /// Returns where the experiment lies in a folder.
    pub fn path(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}.toml", self.name))
    }

    /// Returns the files of the experiment that a folder holds with other content.
    pub fn changed_files(&self, dir: &Path) -> Vec<PathBuf> {
        let files = [(self.path(dir), self.text.as_bytes()), (dir.join(GRADIENTS.0), GRADIENTS.1)];
        let files = files.into_iter().take(if self.text.contains(GRADIENTS.0) { 2 } else { 1 });
        let changed = |(path, bytes): &(PathBuf, &[u8])| {
            path.exists() && std::fs::read(path).map_or(true, |b| b != *bytes)
        };
        files.filter(changed).map(|file| file.0).collect()
    }

    /// Writes the experiment, and the data it reads, into a folder; files that are already the same are left alone.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write(&self, dir: &Path) -> Result<PathBuf, SweepError> {
        let path = self.path(dir);
        put(&path, self.text.as_bytes())?;
        if self.text.contains(GRADIENTS.0) {
            put(&dir.join(GRADIENTS.0), GRADIENTS.1)?;
        }
        Ok(path)
    }
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), SweepError> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(SweepError::io(folder, "make the folder"))?;
    }
    write_whole(path, bytes)
}
