//! One connection: its greeting, then requests one after the other.

use super::session::Session;
use super::{SLICE, Shared, lock};
use crate::error::RadioError;
use crate::ether::wire::{
    Broken, Frames, Head, MAGIC, MOST_WORDS, Request, VERSION, Wanted, encode_event, encode_failure,
    encode_info, encode_metrics, kind, role,
};
use crate::ether::{Attachment, Heard};
use airloop_baseband::{Complex32, SampleIndex};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Speaks with a client until either end has enough.
pub fn converse(shared: &Shared, socket: UnixStream) -> Result<(), Broken> {
    let handle = socket.try_clone()?;
    let mut frames = Frames::new(socket, shared.patience)?;
    let hello = frames.head(Some(shared.patience))?;
    let [magic, version, role, token] = hello.values;
    if (hello.kind, magic) != (kind::HELLO, MAGIC) {
        return Err(Broken::Rubbish);
    }
    if version != VERSION {
        let words =
            format!("it speaks version {VERSION} of the protocol, the radio speaks version {version}");
        refuse(&mut frames, &RadioError::Air(words.into()))?;
        return Err(Broken::Version(version));
    }
    let words = frames.words(&hello, MOST_WORDS)?;
    match role {
        role::CONTROL => {
            let wanted = Wanted::decode(&words).ok_or(Broken::Rubbish)?;
            match shared.host.seat(wanted) {
                Ok(seats) => control(shared, frames, handle, seats),
                Err(error) => refuse(&mut frames, &error),
            }
        }
        role::METRICS if words.is_empty() => {
            let tail = encode_metrics(&shared.host.metrics());
            frames.send(Head::new(kind::DONE, [MAGIC, VERSION, 0, 0]), &tail)
        }
        role::TRANSMIT | role::RECEIVE if words.is_empty() => {
            let seat = usize::from(role == role::RECEIVE);
            let session = lock(&shared.sessions).get(&token).cloned().ok_or(Broken::Rubbish)?;
            let attachment = session.sit(seat, handle).ok_or(Broken::Rubbish)?;
            let outcome = samples(shared, &session, (frames, role), attachment);
            session.rise();
            session.close(true);
            outcome
        }
        _ => Err(Broken::Rubbish),
    }
}

fn refuse(frames: &mut Frames, error: &RadioError) -> Result<(), Broken> {
    frames.send(Head::new(kind::FAILED, [MAGIC, VERSION, 0, 0]), &encode_failure(error))
}

fn answer(frames: &mut Frames, outcome: Result<([u64; 4], &[u8]), RadioError>) -> Result<(), Broken> {
    match outcome {
        Ok((values, tail)) => frames.send(Head::new(kind::DONE, values), tail),
        Err(error) => frames.send(Head::new(kind::FAILED, [0; 4]), &encode_failure(&error)),
    }
}

/// A radio's first connection: what is answered at once.
fn control(
    shared: &Shared,
    mut frames: Frames,
    handle: UnixStream,
    [mut radio, transmit, receive]: [Box<dyn Attachment>; 3],
) -> Result<(), Broken> {
    let session = Arc::new(Session::new(handle, [transmit, receive]));
    // Nobody guesses it, and no two are alike.
    let token = loop {
        let token = RandomState::new().build_hasher().finish();
        if let std::collections::hash_map::Entry::Vacant(entry) = lock(&shared.sessions).entry(token) {
            entry.insert(Arc::clone(&session));
            break token;
        }
    };
    let outcome = (|| {
        let tail = encode_info(radio.info());
        frames.send(Head::new(kind::DONE, [MAGIC, VERSION, token, 0]), &tail)?;
        loop {
            let request = Request::parse(&frames.head(None)?).ok_or(Broken::Rubbish)?;
            if request == Request::Leave {
                return Ok(());
            }
            let waits_for;
            let outcome: Result<([u64; 4], &[u8]), RadioError> = match request {
                Request::Now => radio.now().map(|now| ([now, 0, 0, 0], &[][..])),
                Request::Activate(direction, at) => {
                    radio.activate(direction, at).map(|at| ([at, 0, 0, 0], &[][..]))
                }
                Request::Deactivate(direction) => radio.deactivate(direction).map(|()| ([0; 4], &[][..])),
                Request::SilentUntil(index) => radio.silent_until(index).map(|()| ([0; 4], &[][..])),
                Request::Event => Ok((encode_event(radio.event()), &[])),
                Request::Status => {
                    let status = radio.status();
                    let counts =
                        [status.underflows, status.overflows, status.late_bursts, status.lost_samples];
                    Ok((counts, &[]))
                }
                Request::WaitsFor => {
                    waits_for = radio.waits_for();
                    Ok(([waits_for.is_some().into(), 0, 0, 0], waits_for.as_deref().unwrap_or("").as_bytes()))
                }
                _ => return Err(Broken::Rubbish),
            };
            answer(&mut frames, unless_stopped(shared, &*radio, outcome))?;
        }
    })();
    lock(&shared.sessions).remove(&token);
    session.close(false);
    // The place is free before the radio hears that it is.
    drop(radio);
    if outcome.is_ok() {
        answer(&mut frames, Ok(([0; 4], &[])))?;
    }
    outcome
}

/// A radio's connection for what it writes, or for what it reads.
fn samples(
    shared: &Shared,
    session: &Session,
    (mut frames, role): (Frames, u64),
    mut radio: Box<dyn Attachment>,
) -> Result<(), Broken> {
    frames.send(Head::new(kind::DONE, [MAGIC, VERSION, 0, 0]), &[])?;
    let is_over = || session.is_gone() || shared.is_stopped();
    let mut buffer: Vec<Complex32> = Vec::new();
    // Lengths were checked when the request was parsed.
    let room = |buffer: &mut Vec<Complex32>, count: usize| {
        if buffer.len() < count {
            buffer.resize(count, Complex32::default());
        }
    };
    loop {
        let request = Request::parse(&frames.head(None)?).ok_or(Broken::Rubbish)?;
        match request {
            Request::Write { channel, start, count, last, timeout } if role == role::TRANSMIT => {
                room(&mut buffer, count);
                frames.tail(bytemuck::cast_slice_mut(&mut buffer[..count]))?;
                let piece = (start, &buffer[..count], last);
                let taken = write(&mut *radio, channel, piece, (timeout, &is_over));
                let taken = unless_stopped(shared, &*radio, taken);
                answer(&mut frames, taken.map(|taken| ([taken as u64, 0, 0, 0], &[][..])))?;
            }
            Request::Read { channel, most, timeout } if role == role::RECEIVE => {
                room(&mut buffer, most);
                let heard = read(&mut *radio, channel, &mut buffer[..most], (timeout, &is_over));
                // What is heard while radios go one by one is not what they would have sent.
                let heard = unless_stopped(shared, &*radio, heard);
                let outcome = heard.map(|Heard { start, count, lost }| {
                    ([start, count as u64, lost, 0], bytemuck::cast_slice(&buffer[..count]))
                });
                answer(&mut frames, outcome)?;
            }
            Request::Skip(channel, until) if role == role::RECEIVE => {
                answer(&mut frames, radio.skip(channel, until).map(|()| ([0; 4], &[][..])))?;
            }
            _ => return Err(Broken::Rubbish),
        }
    }
}

/// Lets an outcome stand unless the service has ended.
fn unless_stopped<R>(
    shared: &Shared,
    radio: &dyn Attachment,
    outcome: Result<R, RadioError>,
) -> Result<R, RadioError> {
    if !shared.is_stopped() {
        return outcome;
    }
    let radio = radio.info().place.name.clone();
    Err(RadioError::Ended { radio, reason: "its server has stopped".into() })
}

/// Writes all samples, or what is taken before the time-out or the end of the radio.
fn write(
    radio: &mut dyn Attachment,
    channel: usize,
    (start, samples, last): (Option<SampleIndex>, &[Complex32], bool),
    (timeout, is_over): (Duration, &dyn Fn() -> bool),
) -> Result<usize, RadioError> {
    let (deadline, mut taken) = (Instant::now().checked_add(timeout), 0);
    loop {
        let left = deadline.map_or(SLICE, |end| end.saturating_duration_since(Instant::now()));
        let piece = (start.map(|start| start + taken as u64), &samples[taken..], last);
        match radio.write(channel, piece, left.min(SLICE)) {
            Ok(count) => taken += count,
            Err(error) if taken == 0 => return Err(error),
            // The radio meets it when it writes what was not taken.
            Err(_) => return Ok(taken),
        }
        if taken == samples.len() || left.is_zero() || is_over() {
            return Ok(taken);
        }
    }
}

/// Reads what there is, and waits for the first of it.
fn read(
    radio: &mut dyn Attachment,
    channel: usize,
    out: &mut [Complex32],
    (timeout, is_over): (Duration, &dyn Fn() -> bool),
) -> Result<Heard, RadioError> {
    let deadline = Instant::now().checked_add(timeout);
    loop {
        let left = deadline.map_or(SLICE, |end| end.saturating_duration_since(Instant::now()));
        let heard = radio.read(channel, out, left.min(SLICE))?;
        if heard.count > 0 || out.is_empty() || left.is_zero() || is_over() {
            return Ok(heard);
        }
    }
}
