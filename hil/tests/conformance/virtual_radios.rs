//! Ideal radios, within a process and over a socket.

use super::air::{UNIT, attach};
use super::listens::{listens, of_pair};
use super::pair::Pair;
use super::talks::talks;
use airloop_hil::{EtherServer, Place, RemoteAttachment, VirtualRadio, Wanted};
use std::time::Duration;

/// Long enough for a loaded machine, where something does come.
const LONG: Duration = Duration::from_secs(20);
/// Where nothing comes.
const SHORT: Duration = Duration::from_millis(300);

fn within_a_process(timeout: Duration) -> Pair {
    let ether = UNIT.ether(UNIT.config());
    let sender = VirtualRadio::new(attach(&ether, "a", (&[0], &[])));
    let listener = VirtualRadio::new(attach(&ether, "b", (&[], &[0]))).with_timeout(timeout);
    Pair { sender: Box::new(sender), listener: Box::new(listener), _air: Box::new(ether) }
}

/// A folder of one socket.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

fn over_a_socket(timeout: Duration) -> Pair {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name =
        format!("airloop-conformance-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = Folder(std::env::temp_dir().join(name));
    std::fs::create_dir(&folder.0).unwrap();
    let path = folder.0.join("ether");
    let server = EtherServer::bind(&path, UNIT.ether(UNIT.config())).unwrap();
    let radio = |name: &str, transmit: &[usize], receive: &[usize]| {
        let place = Place { name: name.into(), transmit: transmit.into(), receive: receive.into() };
        VirtualRadio::new(RemoteAttachment::connect(&path, Wanted::At(place)).unwrap())
    };
    let (sender, listener) = (radio("a", &[0], &[]), radio("b", &[], &[0]).with_timeout(timeout));
    Pair { sender: Box::new(sender), listener: Box::new(listener), _air: Box::new((server, folder)) }
}

#[test]
fn virtual_radios_within_a_process() {
    listens(|| of_pair(within_a_process(LONG)));
    talks(|| within_a_process(SHORT));
}

#[test]
fn virtual_radios_over_a_socket() {
    listens(|| of_pair(over_a_socket(LONG)));
    talks(|| over_a_socket(SHORT));
}
