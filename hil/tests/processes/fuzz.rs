//! Rubbish at the socket, for three seconds or as many as `AIRLOOP_FUZZ_S` says.

use super::air::{Parts, UNIT, signal};
use super::dice::Dice;
use super::peer::{MAGIC, Path, frame, hello, send, wait_until};
use airloop_baseband::Complex32;
use airloop_hil::ether::{Attachment, EtherMetrics};
use airloop_hil::{Direction, EtherConfig, EtherServer, RemoteAttachment, Wanted};
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The server's patience with half a frame.
const PATIENCE: Duration = Duration::from_millis(100);

impl Dice {
    fn bytes(&mut self, count: u64) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }

    /// Small numbers, large ones, and those at the limits.
    fn number(&mut self) -> u64 {
        match self.below(6) {
            0 => self.next(),
            1 => u64::MAX - self.below(3),
            2 => (1 << 62) - self.below(2),
            3 => self.below(100_000),
            _ => self.below(4),
        }
    }

    /// A frame that is right, or nearly.
    fn frame(&mut self) -> Vec<u8> {
        let kind = 15 + self.below(13) as u32;
        let tail = match (kind, self.below(8)) {
            (19, _) => {
                let count = self.below(3000);
                self.bytes(8 * count)
            }
            (_, 0) => self.bytes(16),
            _ => Vec::new(),
        };
        let patience = 1_000_000 * self.below(80);
        let mut frame = frame(kind, [self.number(), self.number(), self.number(), patience], &tail);
        match self.below(10) {
            // A bit that has fallen over, lengths that lie, a frame that ends too soon.
            0 => {
                let at = self.below(frame.len() as u64) as usize;
                frame[at] ^= 1 << self.below(8);
            }
            1 => frame[4..8].copy_from_slice(&(self.next() as u32).to_le_bytes()),
            2 => frame.truncate(self.below(40) as usize),
            _ => {}
        }
        frame
    }
}

/// Takes what the server says, without waiting.
fn take(socket: &mut UnixStream) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    let count = socket.read(&mut bytes).unwrap_or(0);
    bytes.truncate(count);
    bytes
}

/// One client that behaves badly.
fn annoy(path: &Path, dice: &mut Dice) {
    let connect = || {
        let socket = UnixStream::connect(path)?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        socket.set_write_timeout(Some(Duration::from_millis(20)))?;
        std::io::Result::Ok(socket)
    };
    // Too many at a time are turned away.
    let Ok(mut socket) = connect() else { return };
    match dice.below(4) {
        0 => {
            let count = dice.below(300);
            send(&mut socket, &dice.bytes(count));
        }
        1 => {
            let mut bytes = hello("mutant");
            let at = dice.below(bytes.len() as u64) as usize;
            bytes[at] = dice.next() as u8;
            send(&mut socket, &bytes);
            take(&mut socket);
        }
        // Half a frame, and then nothing.
        2 if dice.below(8) == 0 => {
            send(&mut socket, &hello(&format!("radio {}", dice.below(1 << 40))));
            take(&mut socket);
            send(&mut socket, &frame(16, [0; 4], &[])[..20]);
            std::thread::sleep(2 * PATIENCE);
        }
        _ => {
            send(&mut socket, &hello(&format!("radio {}", dice.below(1 << 40))));
            let answer = take(&mut socket);
            let Some(token) = answer.get(24..32) else { return };
            let token = u64::from_le_bytes(token.try_into().unwrap());
            let mut sockets = vec![socket];
            for role in 1..3 {
                let Ok(mut socket) = connect() else { return };
                send(&mut socket, &frame(1, [MAGIC, 1, role, token], &[]));
                sockets.push(socket);
            }
            for direction in 0..2 {
                let at = dice.number();
                send(&mut sockets[0], &frame(17, [direction, at, dice.below(2), 0], &[]));
            }
            for _ in 0..dice.below(30) {
                let (frame, which) = (dice.frame(), dice.below(3) as usize);
                let taken = send(&mut sockets[which], &frame);
                if !taken || dice.below(3) == 0 {
                    take(&mut sockets[which]);
                }
            }
        }
    }
}

/// Sends and hears as a radio should.
fn pass(path: &Path) {
    let wanted = || Wanted::Anywhere { name: "good".into(), transmit: 1, receive: 1 };
    let mut radio = None;
    wait_until(
        || {
            radio = RemoteAttachment::connect(path, wanted()).ok();
            radio.is_some()
        },
        "no place for who behaves",
    );
    let mut radio = radio.unwrap();
    wait_until(|| EtherMetrics::of_server(path).unwrap().radios.len() == 1, "others stay");
    radio.activate(Direction::Transmit, None).unwrap();
    let at = radio.activate(Direction::Receive, None).unwrap();
    let (patience, samples) = (Duration::from_secs(10), signal(5, 10_000));
    assert_eq!(radio.write(0, (Some(at + 5000), &samples, true), patience).unwrap(), 10_000);
    radio.silent_until(at + 30_000).unwrap();
    radio.skip(0, at + 5000).unwrap();
    let (mut count, mut heard) = (0, vec![Complex32::default(); 10_000]);
    while count < heard.len() {
        let read = radio.read(0, &mut heard[count..], patience).unwrap();
        assert_eq!((read.start, read.count > 0), (at + 5000 + count as u64, true));
        count += read.count;
    }
    assert!(heard == samples);
}

#[test]
fn rubbish_neither_stops_nor_hangs_an_ether() {
    let seconds = std::env::var("AIRLOOP_FUZZ_S").ok().map_or(3.0, |text| text.parse().unwrap());
    let air = Parts { transmit: 5, receive: 5, ..UNIT };
    let ether = air.ether(EtherConfig { ahead_samples: 1 << 14, unheard_samples: 1 << 14, ..air.config() });
    let path = Path::new();
    let server = EtherServer::bind_with(&path, ether, PATIENCE).unwrap();
    let (stop, visits) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let (path, stop, visits) = (&path, &stop, &visits);
            scope.spawn(move || {
                let mut dice = Dice(seed);
                while !stop.load(Ordering::Relaxed) {
                    annoy(path, &mut dice);
                    visits.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let began = Instant::now();
        // Enough visits that each kind of rubbish is among them, however slow the machine is.
        while began.elapsed().as_secs_f64() < seconds || visits.load(Ordering::Relaxed) < 500 {
            // The server answers all the while.
            EtherMetrics::of_server(&path).unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.store(true, Ordering::Relaxed);
    });
    wait_until(|| server.connections() == 0, "connections stay");
    pass(&path);
    let (dropped, visits) = (server.dropped(), visits.load(Ordering::Relaxed));
    println!("{visits} visits, {dropped:?}");
    assert!(dropped.rubbish > 10 && dropped.silent > 0, "{visits} visits, {dropped:?}");
}
