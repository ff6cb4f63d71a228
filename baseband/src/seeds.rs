//! Every random number as a pure function of (master seed, purpose, trial, link, index).
//!
//! Layout, version [`STREAM_LAYOUT_VERSION`], with `philox(key, counter)` as in [`crate::philox`]
//! and 64-bit numbers split low word first:
//!
//! ```text
//! (a, b)       = philox(master, (trial, purpose, 0))           two 64-bit halves
//! (key, upper) = philox(a, (link, b))                          the stream
//! (key, upper) = philox(key, (index, upper, CHILD))            its substream `index`
//! words        = philox(key, (index, upper, KIND))             a scalar draw at `index`
//! lane state   = philox(key, (16 block + lane, upper, KIND))   bulk, see [`crate::gaussian`]
//! ```
//!
//! The top four bits of `upper` give way to the kind of draw, so that no two kinds of a stream
//! share a counter: they are independent, while a kind at an index is always the same number. Two
//! streams meet only if 124 mixed bits agree, a chance of 2^-65 among 2^30 streams.

mod permutation;
mod stream;
#[cfg(test)]
mod tests;

use crate::philox::philox4x32_10;
pub use stream::Stream;

/// Version of the map from (master, purpose, trial, link, index) to numbers, named in every result.
pub const STREAM_LAYOUT_VERSION: u32 = 1;

/// What the numbers of a stream are for; streams of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum Purpose {
    /// Values to aggregate.
    Payload = 1,
    /// Channel coefficients.
    Fading = 2,
    /// Receiver noise.
    Noise = 3,
    /// Order of values on the grid.
    Interleave = 4,
    /// Dither of a quantiser.
    Quantiser = 5,
    /// Choice of devices or coordinates.
    Subset = 6,
    /// Pilot symbols and their noise.
    Pilot = 7,
    /// Where devices stand and how they move.
    Placement = 8,
    /// Random projection of sparse vectors.
    Projection = 9,
    /// What front ends get wrong: offsets of clocks, phases and times.
    Impairment = 10,
    /// Random phases that devices send on purpose.
    Phase = 11,
    /// Noise in which devices hear the server's beacon.
    Beacon = 12,
    /// Votes that are not cast.
    Absence = 13,
    /// Lines of sight and shadowing of a drop of devices.
    LargeScale = 14,
    /// Information bits of digital blocks.
    Bits = 15,
}

/// Stands where a purpose stands, for roots derived from a root.
const BRANCH: u32 = u32::MAX;

/// The root of all random numbers of a run: a master seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    master: u64,
}

impl Seeds {
    /// Creates the root from a master seed; any value is as good as any other.
    pub const fn new(master: u64) -> Self {
        Self { master }
    }

    /// Returns the master seed.
    pub const fn master(&self) -> u64 {
        self.master
    }

    /// Returns another root whose streams are independent of this one's; each label gives its own.
    ///
    /// ```text
    /// master' = philox(master, (label, BRANCH, 0)), first half;   BRANCH is no purpose
    /// ```
    #[must_use]
    pub fn branch(&self, label: u64) -> Self {
        let [low, high] = halves(label);
        let words = philox4x32_10(halves(self.master), [low, high, BRANCH, 0]);
        Self { master: u64::from(words[0]) | u64::from(words[1]) << 32 }
    }

    /// Returns the stream of a purpose, a trial and a link; a new link or trial changes no other.
    ///
    /// `link` is a device's index where each device has one link.
    pub fn stream(&self, purpose: Purpose, trial: u64, link: u64) -> Stream {
        let [trial_low, trial_high] = halves(trial);
        let first = philox4x32_10(halves(self.master), [trial_low, trial_high, purpose as u32, 0]);
        let [link_low, link_high] = halves(link);
        Stream::from_words(philox4x32_10([first[0], first[1]], [link_low, link_high, first[2], first[3]]))
    }
}

/// Splits a 64-bit number into its low and its high word.
fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}
