//! What a node hears, on its way out of the ether.

use super::reply::{Reply, Turned};
use super::samples::{self, SAMPLE_BYTES};
use super::session::Receiver;
use super::shared::{SLICE, Shared};
use crate::error::RadioError;
use crate::ether::Attachment;
use crate::radio::Direction;
use airloop_baseband::{Complex32, SampleIndex};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Answers a node's questions with what there is.
pub struct ToNode<A> {
    attachment: A,
    reply: Reply,
    shared: Arc<Shared>,
    patience: Duration,
    /// What was read, as much as a reply takes at most.
    out: Vec<Complex32>,
    /// Samples that were read and come after zeros, and the index after them.
    held: (Vec<Complex32>, SampleIndex),
    /// When the open question was asked.
    asked: Instant,
    /// The ether's time, and when it was first seen there.
    time: (SampleIndex, Instant),
}

/// What an open question is answered with.
enum Answer {
    Zeros(usize),
    Held,
    Heard,
    Nothing,
}

impl<A: Attachment> ToNode<A> {
    /// Makes the bridge of a place in the ether that is active.
    pub fn new(
        attachment: A,
        reply: Reply,
        shared: Arc<Shared>,
        (patience, most_samples): (Duration, usize),
    ) -> Self {
        let now = Instant::now();
        let out = vec![Complex32::default(); most_samples];
        Self { attachment, reply, shared, patience, out, held: (Vec::new(), 0), asked: now, time: (0, now) }
    }

    /// Answers until it is stopped or the ether ends.
    pub fn run(mut self) {
        while !self.shared.is_stopped() {
            let turn = match self.reply.is_asked() {
                true => self.answer(),
                false => self.listen(),
            };
            if let Err(error) = turn {
                self.shared.end(&error);
            }
        }
    }

    fn listen(&mut self) -> Result<(), RadioError> {
        let turned = self.reply.poll(SLICE);
        let idle = matches!(turned, Turned::Nothing);
        self.note(turned);
        if idle { self.drop_out() } else { Ok(()) }
    }

    fn note(&mut self, turned: Turned) {
        match turned {
            Turned::Nothing => {}
            Turned::Question => self.asked = Instant::now(),
            Turned::Connected => {
                let mut session = self.shared.lock();
                if session.report.receiver_connected {
                    session.receiver_lost();
                }
                session.report.receiver_connected = true;
                session.report.receiver_connections += 1;
            }
            Turned::Lost(broken) => {
                self.shared.lock().receiver_lost();
                self.shared.trouble(&broken);
            }
        }
    }

    /// Stops keeping samples for a node that does not ask and so holds up the others.
    fn drop_out(&mut self) -> Result<(), RadioError> {
        let now = self.attachment.now()?;
        if now != self.time.0 {
            self.time = (now, Instant::now());
        }
        let lead = self.attachment.info().lead_samples as u64;
        let mut session = self.shared.lock();
        // A node that does not send either has had its time-out.
        let stands = if session.report.transmits { self.patience } else { SLICE };
        let silence = self.reply.silence().min(session.placed.elapsed());
        let report = &mut session.report;
        if report.receives
            && silence > self.patience
            && self.time.1.elapsed() > stands
            && now.saturating_sub(lead) > report.receive_index
        {
            self.attachment.deactivate(Direction::Receive)?;
            report.receives = false;
            report.dropouts += 1;
        }
        Ok(())
    }

    fn answer(&mut self) -> Result<(), RadioError> {
        match self.next()? {
            Answer::Zeros(count) => {
                let turned = self.reply.answer(count * SAMPLE_BYTES, |out| {
                    out.resize(out.len() + count * SAMPLE_BYTES, 0);
                });
                self.note(turned);
            }
            Answer::Held => {
                let held = std::mem::take(&mut self.held.0);
                self.give(&held);
            }
            Answer::Heard => self.read()?,
            Answer::Nothing => {
                let turned = self.reply.attend();
                self.note(turned);
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Answer, RadioError> {
        let mut session = self.shared.lock();
        session.asks = true;
        let waits = session.waits_for_transmitter() && self.asked.elapsed() < self.patience;
        if session.zeros > 0 {
            let count = session.zeros.min(self.out.len() as u64);
            session.zeros -= count;
            session.fetched(count);
            return Ok(Answer::Zeros(count as usize));
        }
        if !self.held.0.is_empty() && self.held.1 == session.report.receive_index {
            return Ok(Answer::Held);
        }
        if waits {
            self.shared.wait(session);
            return Ok(Answer::Nothing);
        }
        // A transmitter that stays away is waited for no longer.
        session.receiver = Receiver::Served;
        if !session.report.receives {
            let at = self.attachment.activate(Direction::Receive, None)?;
            session.hear_from(at, at);
        }
        Ok(Answer::Heard)
    }

    fn read(&mut self) -> Result<(), RadioError> {
        let heard = self.attachment.read(0, &mut self.out, SLICE)?;
        if heard.count == 0 {
            let turned = self.reply.attend();
            self.note(turned);
            return Ok(());
        }
        let (first, after_zeros, end) = {
            let mut session = self.shared.lock();
            let first = session.hear(heard.start, heard.count);
            (first, session.zeros > 0, session.report.receive_index)
        };
        let out = std::mem::take(&mut self.out);
        match after_zeros {
            true => self.held = (out[first..heard.count].to_vec(), end),
            false => self.give(&out[first..heard.count]),
        }
        self.out = out;
        Ok(())
    }

    fn give(&mut self, samples: &[Complex32]) {
        if samples.is_empty() {
            return;
        }
        self.shared.lock().fetched(samples.len() as u64);
        let turned = self.reply.answer(samples.len() * SAMPLE_BYTES, |out| samples::put(samples, out));
        self.note(turned);
    }
}
