//! The file at which an ether is served.

use crate::error::RadioError;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often who accepts looks whether the service has ended.
const PULSE: Duration = Duration::from_millis(100);

/// A socket's file; it is removed when this is dropped, unless another one has taken its place.
#[derive(Debug)]
pub struct Socket {
    path: PathBuf,
    /// Device and number of the file.
    file: (u64, u64),
}

impl Socket {
    /// Makes a socket that only the user may reach, in place of one that nobody serves any more.
    pub fn claim(path: &Path) -> Result<(Self, UnixListener), RadioError> {
        let refused = |reason: String| RadioError::Socket { path: path.into(), reason };
        refuse_others(path, path)?;
        // Made in a folder that is the user's own, it is nobody else's even before its permissions are set.
        let room = Room::new(path)?;
        let fresh = room.0.join("s");
        let listener = UnixListener::bind(&fresh)
            .map_err(|error| refused(format!("it cannot be made (paths of sockets are short): {error}")))?;
        let system = |error: std::io::Error| refused(format!("it cannot be made: {error}"));
        fs::set_permissions(&fresh, Permissions::from_mode(0o600)).map_err(system)?;
        // Accepting wakes now and then: the standard library sets time-outs of streams only, and a listener's is the same.
        UnixStream::from(OwnedFd::from(listener.try_clone().map_err(system)?))
            .set_read_timeout(Some(PULSE))
            .map_err(system)?;
        if path.symlink_metadata().is_ok() {
            // What is moved away is looked at again: another server may have come in the meantime.
            let stale = room.0.join("old");
            fs::rename(path, &stale).map_err(system)?;
            if let Err(error) = refuse_others(&stale, path) {
                fs::rename(&stale, path).map_err(system)?;
                return Err(error);
            }
        }
        // Unlike a rename, a link replaces nothing.
        fs::hard_link(&fresh, path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => refused("another server has just taken it".into()),
            _ => system(error),
        })?;
        let metadata = path.symlink_metadata().map_err(system)?;
        Ok((Self { path: path.into(), file: (metadata.dev(), metadata.ino()) }, listener))
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Wakes whoever accepts, unless another socket has taken the place.
    pub fn wake(&self) {
        if self.is_ours() {
            _ = UnixStream::connect(&self.path);
        }
    }

    fn is_ours(&self) -> bool {
        let metadata = self.path.symlink_metadata();
        metadata.is_ok_and(|metadata| (metadata.dev(), metadata.ino()) == self.file)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.is_ours() {
            _ = fs::remove_file(&self.path);
        }
    }
}

/// Refuses what is not a socket, or is served; `name` is what it is called.
fn refuse_others(path: &Path, name: &Path) -> Result<(), RadioError> {
    let refused = |reason: String| Err(RadioError::Socket { path: name.into(), reason });
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return refused(format!("it cannot be looked at: {error}")),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return refused("a file that is no socket is there; it is left alone".into());
        }
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Ok(_) => refused("it is served already: stop that server, or choose another path".into()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => refused(format!("a socket that is not ours is there; it is left alone: {error}")),
    }
}

/// A folder beside a path that only the user may enter; it is removed when this is dropped.
struct Room(PathBuf);

impl Room {
    fn new(path: &Path) -> Result<Self, RadioError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let room = folder.join(format!(".{}-{number}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&room).map_err(|error| RadioError::Socket {
            path: path.into(),
            reason: format!("folder {} cannot be written to: {error}", folder.display()),
        })?;
        Ok(Self(room))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}
