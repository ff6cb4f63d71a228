//! The side of a device that hears.

use super::common::{Common, Deadline};
use super::incoming::{Incoming, first_from, needs};
use super::mixer::Oscillation;
use super::model::MOST_INDEX;
use super::numbers::scale;
use super::side::ReceiveStage;
use crate::error::RadioError;
use crate::ether::{Attachment, Heard};
use crate::radio::Direction;
use airloop_baseband::{Complex32, SampleIndex};
use airloop_channels::impairment::Receiver;
use std::sync::Arc;
use std::time::Duration;

/// Samples that are heard at once where something is done to them.
const PIECE: usize = 1 << 16;

/// The side of a device that hears.
pub struct Listener<A: Attachment> {
    inner: A,
    common: Arc<Common>,
    /// By channel; channels without one are perfect.
    receivers: Vec<Receiver>,
    /// While the channels stream.
    ears: Option<Vec<Ear>>,
}

/// A channel.
struct Ear {
    /// `None` where samples keep their time.
    incoming: Option<Incoming<ReceiveStage>>,
    oscillation: Oscillation,
    receiver: Option<Receiver>,
    /// Samples at full scale of which nobody has been told.
    clipped: u64,
}

impl<A: Attachment> Listener<A> {
    /// Makes the side of a device at its place.
    pub fn new(inner: A, common: Arc<Common>, receivers: Vec<Receiver>) -> Self {
        Self { inner, common, receivers, ears: None }
    }

    /// Starts the channels; returns the index at which they stand.
    pub fn activate(&mut self, at: Option<SampleIndex>) -> Result<SampleIndex, RadioError> {
        let direction = Direction::Receive;
        let (model, mut side) = (&self.common.model, self.common.side(direction));
        model.check_index(at.unwrap_or(0), 0)?;
        model.check_band(&side)?;
        let direct = self.common.is_direct(direction, &side);
        let timed = model.persona.timestamps;
        let stage = ReceiveStage::of(model, &side, if timed { model.origin(direction, 0) } else { 0 });
        let asked = at.map(|at| match timed {
            _ if direct => at,
            true => needs(&stage, at),
            false => stage.second.input_at(at as i64) as SampleIndex,
        });
        let air = self.inner.activate(direction, asked)?;
        let origin = model.origin(direction, air);
        let stage = ReceiveStage::of(model, &side, origin);
        let start = match at {
            _ if direct => air,
            _ if !timed => 0,
            Some(at) if asked.is_some_and(|asked| air <= asked) => at,
            _ => first_from(&stage, air),
        };
        let ear = |channel| Ear {
            incoming: (!direct).then(|| Incoming::new(stage.clone(), start, air)),
            oscillation: side.oscillation,
            receiver: self
                .receivers
                .get(channel)
                .filter(|receiver: &&Receiver| !receiver.is_identity())
                .cloned(),
            clipped: 0,
        };
        self.ears = Some((0..model.capabilities.receive_channels).map(ear).collect());
        side.origin = Some(origin);
        Ok(start)
    }

    /// Takes note that the channels were stopped.
    pub fn stopped(&mut self) {
        self.ears = None;
        self.common.side(Direction::Receive).origin = None;
    }

    fn ear<'a>(
        ears: &'a mut Option<Vec<Ear>>,
        common: &Common,
        channel: usize,
    ) -> Result<&'a mut Ear, RadioError> {
        let (direction, capabilities) = (Direction::Receive, &common.model.capabilities);
        capabilities.check_channel(direction, channel)?;
        let radio = || capabilities.name.clone();
        let ear = ears.as_mut().and_then(|ears| ears.get_mut(channel));
        ear.ok_or_else(|| RadioError::NotActive { radio: radio(), direction })
    }

    /// Hears samples of a channel.
    pub fn read(
        &mut self,
        channel: usize,
        out: &mut [Complex32],
        timeout: Duration,
    ) -> Result<Heard, RadioError> {
        let (common, inner) = (&self.common, &mut self.inner);
        let ear = Self::ear(&mut self.ears, common, channel)?;
        let (gain_db, oscillation) = {
            let side = common.side(Direction::Receive);
            (side.gain_db[channel], side.oscillation)
        };
        let mut factor = Complex32::from(common.model.amplitude(Direction::Receive, gain_db) as f32);
        let deadline = Deadline::after(timeout);
        let heard = match &mut ear.incoming {
            Some(incoming) => {
                if ear.oscillation != oscillation {
                    let own = incoming.end();
                    incoming.stage().retune(oscillation, own);
                    ear.oscillation = oscillation;
                }
                let mut read = |out: &mut [Complex32]| inner.read(channel, out, deadline.left());
                let heard = incoming.read(out, &mut read)?;
                common.faults().lost += heard.lost;
                heard
            }
            None => {
                factor *= oscillation.factor().unwrap_or_default();
                let plain = factor == Complex32::new(1.0, 0.0) && ear.receiver.is_none();
                let most = if plain { out.len() } else { out.len().min(PIECE) };
                inner.read(channel, &mut out[..most], timeout)?
            }
        };
        let samples = &mut out[..heard.count];
        scale(samples, factor);
        if let Some(receiver) = &mut ear.receiver {
            let share = receiver.apply(heard.start, samples);
            ear.clipped += (f64::from(share) * heard.count as f64).round() as u64;
        }
        Ok(heard)
    }

    /// Lets samples of a channel pass up to an index.
    pub fn skip(&mut self, channel: usize, until: SampleIndex) -> Result<(), RadioError> {
        let ear = Self::ear(&mut self.ears, &self.common, channel)?;
        let Some(incoming) = &mut ear.incoming else { return self.inner.skip(channel, until) };
        match incoming.skip(until.min(MOST_INDEX)) {
            Some(air) => self.inner.skip(channel, if until > MOST_INDEX { until } else { air }),
            None => Ok(()),
        }
    }

    /// Takes the count of a channel's samples at full scale.
    pub fn clipped(&mut self, channel: usize) -> u64 {
        let ear = self.ears.as_mut().and_then(|ears| ears.get_mut(channel));
        ear.map_or(0, |ear| std::mem::take(&mut ear.clipped))
    }
}
