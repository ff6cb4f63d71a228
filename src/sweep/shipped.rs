//! The experiments that come with airloop, embedded so that the binary needs no files.

use super::SweepError;
use super::table::write_whole;
use std::path::{Path, PathBuf};

/// A shipped experiment.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    /// The command that runs it.
    pub command: &'static str,
    /// Its file.
    pub text: &'static str,
}

/// All shipped experiments; the first is the quick start.
pub const EXPERIMENTS: [Shipped; 19] = [
    Shipped::new("sweep", "quickstart", include_str!("../../experiments/quickstart.toml")),
    Shipped::new("sweep", "power-control", include_str!("../../experiments/power-control.toml")),
    Shipped::new("sweep", "threshold", include_str!("../../experiments/threshold.toml")),
    Shipped::new("sweep", "line-of-sight", include_str!("../../experiments/line-of-sight.toml")),
    Shipped::new("sweep", "equal-airtime", include_str!("../../experiments/equal-airtime.toml")),
    Shipped::new("sweep", "knowledge", include_str!("../../experiments/knowledge.toml")),
    Shipped::new("sweep", "clocks", include_str!("../../experiments/clocks.toml")),
    Shipped::new("sweep", "antennas", include_str!("../../experiments/antennas.toml")),
    Shipped::new("sweep", "cell", include_str!("../../experiments/cell.toml")),
    Shipped::new("sweep", "votes", include_str!("../../experiments/votes.toml")),
    Shipped::new("link", "waterfall", include_str!("../../experiments/links/waterfall.toml")),
    Shipped::new("link", "throughput", include_str!("../../experiments/links/throughput.toml")),
    Shipped::new("link", "retransmissions", include_str!("../../experiments/links/retransmissions.toml")),
    Shipped::new("link-table", "bler-table", include_str!("../../experiments/links/bler-table.toml")),
    Shipped::new("link-table", "aircomp-table", include_str!("../../experiments/links/aircomp-table.toml")),
    Shipped::new("split", "wei-chen", include_str!("../../experiments/split/wei-chen.toml")),
    Shipped::new("split", "split-gpt2", include_str!("../../experiments/split/split-gpt2.toml")),
    Shipped::new("split", "split-inference", include_str!("../../experiments/split/split-inference.toml")),
    Shipped::new("trace", "split-training", include_str!("../../experiments/traces/split-training.toml")),
];

/// Gradients of a real training run, relative to the experiments.
const GRADIENTS: (&str, &[u8]) = (
    "data/digits_mlp_gradients.safetensors",
    include_bytes!("../../experiments/data/digits_mlp_gradients.safetensors"),
);

impl Shipped {
    const fn new(command: &'static str, name: &'static str, text: &'static str) -> Self {
        Self { name, command, text }
    }

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
