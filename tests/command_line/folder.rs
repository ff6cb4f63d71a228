//! A folder of a test's own, and runs of the binary in it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A small experiment over flat Rayleigh fading.
pub const SMALL: &str = r#"seed = 3

[payload]
source = "gaussian"
devices = 3
length = 40

[channel]
model = "rayleigh"

[link]
snr_db = 10.0

[scheme]
kind = "truncated-inversion"
threshold = 0.1
scale = "lmmse"

[stop]
trials = 16
"#;

/// What makes a sweep of ten points of it.
pub const SWEEP: &str = r#"
[sweep]
fidelity = ["theory", "symbol"]
over = { "link.snr_db" = "0:5:20" }
"#;

/// A folder that a test fills, emptied when the test begins.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder of that name.
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command_line").join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Makes a folder that holds the small experiment as `small.toml`, and its sweep as `sweep.toml`.
    pub fn with_small(name: &str) -> Self {
        let folder = Self::new(name);
        folder.write("small.toml", SMALL);
        folder.write("sweep.toml", format!("{SMALL}{SWEEP}"));
        folder
    }

    /// Returns the path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Reads a file of text.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    /// Returns the binary with arguments parted by spaces, to be run in the folder.
    pub fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_airloop"));
        command.args(args.split_whitespace()).current_dir(&self.0).stdin(Stdio::null());
        command
    }

    /// Runs the binary.
    pub fn run(&self, args: &str) -> Ran {
        Ran(self.command(args).output().unwrap())
    }

    /// Begins to run the binary.
    pub fn spawn(&self, args: &str) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs the binary and returns its standard output, which must succeed.
    pub fn succeed(&self, args: &str) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code(), Some(0), "airloop {args}: {}", ran.stderr());
        ran.stdout()
    }

    /// Runs the binary, which must refuse with one line on the standard error, exit code 2 and no output; returns it.
    pub fn refuse(&self, args: &str) -> String {
        let ran = self.run(args);
        let message = ran.stderr();
        assert_eq!(ran.code(), Some(2), "airloop {args}: {message}");
        assert!(
            message.starts_with("error: ") && message.trim_end().lines().count() == 1,
            "airloop {args}: {message}"
        );
        assert_eq!(ran.stdout(), "", "airloop {args}");
        message.trim_end().trim_start_matches("error: ").to_string()
    }

    /// Checks that the binary refuses, and that its line holds every one of the parts.
    pub fn refuse_with(&self, args: &str, parts: &[&str]) {
        let message = self.refuse(args);
        for part in parts {
            assert!(message.contains(part), "airloop {args}: \"{part}\" is not in: {message}");
        }
    }

    /// Returns the lines of a journal.
    pub fn journal_lines(&self, out: &str) -> usize {
        std::fs::read_to_string(self.path(out).join("journal.jsonl")).map_or(0, |text| text.lines().count())
    }
}

/// A finished run of the binary.
pub struct Ran(pub Output);

impl Ran {
    /// Returns the exit code.
    pub fn code(&self) -> Option<i32> {
        self.0.status.code()
    }

    /// Returns the standard output.
    pub fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    /// Returns the standard error.
    pub fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }
}
