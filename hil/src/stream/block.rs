//! A block of samples of all channels of a stream, allocated once.

use airloop_baseband::{Complex32, SampleIndex};

/// What a block holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Index of the first sample.
    pub start: SampleIndex,
    /// The device's time of it, in nanoseconds, where the driver gave one.
    pub device_ns: Option<i64>,
    /// Samples of each channel.
    pub count: usize,
    /// Samples of each channel that were lost before the first, as far as times say.
    pub gap: u64,
    /// Samples of each channel that were lost since the stream began, as far as times say.
    pub lost_so_far: u64,
    /// Whether samples before the first were lost, or the driver broke off there: more than `gap` may be missing.
    pub broken: bool,
}

impl Header {
    /// Returns the index just past the last sample.
    pub fn end(&self) -> SampleIndex {
        self.start + self.count as u64
    }
}

/// A block of samples.
#[derive(Debug)]
pub struct Block {
    /// What it holds.
    pub header: Header,
    /// Channel by channel.
    samples: Box<[Complex32]>,
    room: usize,
}

/// Room for samples of all channels.
pub struct Rows<'a> {
    samples: &'a mut [Complex32],
    room: usize,
    from: usize,
}

impl Block {
    /// Makes an empty block.
    pub fn new(channels: usize, room: usize) -> Self {
        let samples = vec![Complex32::default(); channels * room].into_boxed_slice();
        Self { header: Header::default(), samples, room }
    }

    /// Returns what a channel heard.
    pub fn channel(&self, channel: usize) -> &[Complex32] {
        &self.samples[channel * self.room..][..self.header.count]
    }

    /// Returns whether there is no room left.
    pub fn is_full(&self) -> bool {
        self.header.count == self.room
    }

    /// Returns the room that is left, behind what is held.
    pub fn room(&mut self) -> Rows<'_> {
        Rows { samples: &mut self.samples, room: self.room, from: self.header.count }
    }

    /// Takes over `count` samples that lie in the room behind those of another block of the same size.
    pub(super) fn take_room_of(&mut self, other: &Self, count: usize) {
        for (to, from) in self.samples.chunks_exact_mut(self.room).zip(other.samples.chunks_exact(other.room))
        {
            to[..count].copy_from_slice(&from[other.header.count..][..count]);
        }
    }
}

impl Rows<'_> {
    /// Returns for how many samples of each channel there is room.
    pub fn len(&self) -> usize {
        self.room - self.from
    }

    /// Returns whether there is no room.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> usize {
        self.samples.len() / self.room
    }

    /// Returns where in [`samples`](Self::samples) the room of each channel begins.
    pub fn offsets(&self) -> impl Iterator<Item = usize> + use<> {
        let (room, from) = (self.room, self.from);
        (0..self.channels()).map(move |channel| channel * room + from)
    }

    /// Returns the samples of all channels, what is held already among them.
    pub fn samples(&mut self) -> &mut [Complex32] {
        self.samples
    }

    /// Returns the room of a channel.
    pub fn channel(&mut self, channel: usize) -> &mut [Complex32] {
        &mut self.samples[channel * self.room..][..self.room][self.from..]
    }
}
