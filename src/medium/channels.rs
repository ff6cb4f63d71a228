//! The channels of one round as a medium uses them: what is true on the air, and what devices are told.

use super::{GridGains, LinkState, MediumError, Timeline};
use crate::beamforming::Antennas;
use crate::ofdm::{Numerology, SlotShape};
use crate::privacy::Watch;
use crate::scheme::{DeviceKnowledge, Needs, Round};
use crate::sounding::Sounder;
use airloop_baseband::Complex32;
use std::sync::Arc;

/// True channels, knowledge of them, and where the round's symbols lie.
pub struct Channels {
    numerology: Arc<Numerology>,
    gains: GridGains,
    /// `None`: devices know the channels themselves.
    sounder: Option<Sounder>,
    timeline: Timeline,
    antennas: Antennas,
    row: Vec<Complex32>,
    known: Vec<Complex32>,
    /// What receivers could tell of the devices, when a privacy meter runs.
    watch: Option<Watch>,
    precoders: Vec<f32>,
    /// The link whose true response over the current slot is in `row`.
    in_row: Option<usize>,
}

/// What a medium needs to be told of channels.
pub struct ChannelsConfig {
    /// The numerology.
    pub numerology: Arc<Numerology>,
    /// Antennas at either end.
    pub antennas: Antennas,
    /// Where the round's symbols lie.
    pub timeline: Timeline,
    /// What is to be watched for a privacy meter.
    pub watch: Option<Watch>,
}

impl Channels {
    /// Makes the channels of a round; `gains` hold the antennas of a device side by side.
    pub fn new(config: ChannelsConfig, gains: GridGains, sounder: Option<Sounder>) -> Self {
        Self {
            timeline: config.timeline,
            numerology: config.numerology,
            gains,
            sounder,
            antennas: config.antennas,
            row: Vec::new(),
            known: Vec::new(),
            watch: config.watch,
            precoders: Vec::new(),
            in_row: None,
        }
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.gains.links() / self.antennas.links()
    }

    /// Returns the antennas at either end.
    pub fn antennas(&self) -> Antennas {
        self.antennas
    }

    /// Returns the link from a device's antenna to the server's, `[receive, device]`.
    pub fn link(&self, device: usize, (receive, antenna): (usize, usize)) -> usize {
        device * self.antennas.links() + receive * self.antennas.device + antenna
    }

    /// Returns what was watched.
    pub fn watch(&self) -> Option<&Watch> {
        self.watch.as_ref()
    }

    /// Returns where the round's symbols lie.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Places a slot in time, sounds the channels if it is due, and lets a joint scheme see what is known.
    ///
    /// # Errors
    /// When a transport fails.
    pub fn begin_slot(
        &mut self,
        round: &mut dyn Round,
        needs: Needs,
        slot: SlotShape,
    ) -> Result<SlotShape, MediumError> {
        self.timeline.skip(round.idle_symbols());
        let (shape, sounded) = self.timeline.place(slot.symbols);
        self.in_row = None;
        if let (Some(sounder), Some(first_symbol)) = (&mut self.sounder, sounded) {
            sounder.sound(&mut self.gains, first_symbol)?;
        }
        if needs.joint() {
            match &mut self.sounder {
                _ if !needs.transmits => round.agree(&self.gains.own(shape, slot.first_symbol)),
                Some(sounder) => round.agree(&sounder.all(&mut self.gains, shape)),
                None => round.agree(&self.gains.all(shape)),
            }
        }
        Ok(shape)
    }

    /// Lets a device fill its grid of a slot with what it knows.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn fill(
        &mut self,
        round: &mut dyn Round,
        needs: Needs,
        (device, shape): (usize, SlotShape),
        sent: &mut Vec<Complex32>,
    ) -> Result<(), MediumError> {
        let used = self.numerology.used();
        sent.clear();
        sent.resize(self.antennas.device * shape.symbols * used, Complex32::default());
        let links = self.antennas.links();
        let (mut precoders, watched) = (std::mem::take(&mut self.precoders), self.watch.is_some());
        let known = match needs.knowledge {
            DeviceKnowledge::None => LinkState::unknown(used, shape.symbols),
            DeviceKnowledge::Joint if self.sounder.is_none() => self.gains.states_of(device, links, shape),
            DeviceKnowledge::Own if self.sounder.is_none() => self.truth(device * links, needs, shape),
            knowledge => match &mut self.sounder {
                Some(sounder) if knowledge == DeviceKnowledge::Own => {
                    sounder.known(&mut self.gains, device * links, shape, &mut self.known);
                    LinkState::new(&self.known, used, shape.symbols)
                }
                Some(sounder) => sounder.states_of(device, links, shape),
                None => LinkState::unknown(used, shape.symbols),
            },
        };
        round.fill(device, known, sent)?;
        if watched && round.precoders(device, known, &mut precoders) {
            let mut watch = self.watch.take();
            let truth = self.truth(device * links, needs, shape);
            watch.iter_mut().for_each(|watch| watch.see(device, shape, &precoders, truth));
            self.watch = watch;
        }
        self.precoders = precoders;
        Ok(())
    }

    /// Returns the true channel of a link over a slot.
    pub fn truth(&mut self, link: usize, needs: Needs, shape: SlotShape) -> LinkState<'_> {
        let stored = self.gains.is_static() || (needs.joint() && self.sounder.is_none());
        if stored {
            return self.gains.state(link, shape);
        }
        if self.in_row != Some(link) {
            self.gains.respond(link, shape, &mut self.row);
            self.in_row = Some(link);
        }
        LinkState::new(&self.row, self.numerology.used(), shape.symbols)
    }
}
