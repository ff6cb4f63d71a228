//! What the tests share: paths of their own, places, other processes, and frames made by hand.

use airloop_hil::{Place, RadioError, Wanted};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Which role a process plays; none in the test itself.
pub const ROLE: &str = "AIRLOOP_TEST_ROLE";

/// A path in a folder of its own, which is gone with it.
pub struct Path(pub PathBuf);

impl Path {
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("airloop-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder.join("ether"))
    }
}

impl AsRef<std::path::Path> for Path {
    fn as_ref(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Path {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

pub fn place(name: &str, transmit: &[usize], receive: &[usize]) -> Wanted {
    Wanted::At(Place { name: name.into(), transmit: transmit.into(), receive: receive.into() })
}

pub fn says<T>(result: Result<T, RadioError>, words: &[&str]) {
    let Err(error) = result else { panic!("{words:?} is no error") };
    let error = error.to_string();
    assert!(words.iter().all(|word| error.contains(word)), "{error:?} does not say {words:?}");
}

/// Waits until something is so, for long.
pub fn wait_until(mut is: impl FnMut() -> bool, what: &str) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A process that plays a role; it is killed when it is dropped.
pub struct Player(Child, BufReader<ChildStdout>);

impl Player {
    /// Starts a process with a role and what it must know.
    pub fn start(role: &str, path: &Path, words: &[u64]) -> Self {
        let words: Vec<String> = words.iter().map(u64::to_string).collect();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "children::child", "--nocapture"])
            .env(ROLE, role)
            .env("AIRLOOP_TEST_PATH", &path.0)
            .env("AIRLOOP_TEST_WORDS", words.join(" "))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self(child, out)
    }

    /// Waits until the process says that it is ready.
    pub fn ready(&mut self) {
        let mut line = String::new();
        while !line.contains("ready") {
            line.clear();
            assert!(self.1.read_line(&mut line).unwrap() > 0, "the process ended too soon");
        }
    }

    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Waits for its end, which must be a good one.
    pub fn end(&mut self) {
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Makes a frame as the protocol describes it.
pub fn frame(kind: u32, values: [u64; 4], tail: &[u8]) -> Vec<u8> {
    let mut frame = [kind.to_le_bytes(), (tail.len() as u32).to_le_bytes()].concat();
    values.iter().for_each(|value| frame.extend(value.to_le_bytes()));
    frame.extend(tail);
    frame
}

/// Makes the greeting of a radio that takes free ports, one each way.
pub fn hello(name: &str) -> Vec<u8> {
    let words = [1u64.to_le_bytes(), (name.len() as u64).to_le_bytes()].concat();
    let tail = [&words[..], name.as_bytes(), &1u64.to_le_bytes(), &1u64.to_le_bytes()].concat();
    frame(1, [MAGIC, 1, 0, 0], &tail)
}

/// What every conversation begins with.
pub const MAGIC: u64 = u64::from_le_bytes(*b"airloop\n");

/// Sends bytes; returns whether they were taken.
pub fn send(socket: &mut UnixStream, bytes: &[u8]) -> bool {
    socket.write_all(bytes).is_ok()
}
