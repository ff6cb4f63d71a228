//! Two radios that hear each other, as they are.

use super::air;
use airloop_baseband::{Burst, Complex32, SampleIndex};
use airloop_hil::{Direction, Radio, RadioError};
use std::any::Any;

/// A radio that sends to another one, samples as they are, without noise; neither is started.
///
/// Nothing comes before the sender has said that it will be silent: time waits for it.
pub struct Pair {
    pub sender: Box<dyn Radio>,
    pub listener: Box<dyn Radio>,
    /// Whatever must live as long.
    pub _air: Box<dyn Any>,
}

/// How far ahead of time bursts are given.
const AHEAD: u64 = 4000;

impl Pair {
    /// Starts both; returns an index at which neither has missed anything.
    pub fn start(&mut self) -> SampleIndex {
        self.sender.start(Direction::Transmit).unwrap();
        self.listener.start(Direction::Receive).unwrap();
        self.sender.now().unwrap() + AHEAD
    }

    pub fn send(&mut self, start: SampleIndex, samples: &[Complex32]) -> Result<(), RadioError> {
        self.sender.transmit(0, &Burst { start, samples: samples.into() })
    }
}

/// Returns samples that no radio clips.
pub fn signal(number: u64, count: usize) -> Vec<Complex32> {
    let clip = |x: f32| (0.2 * x).clamp(-0.9, 0.9);
    air::signal(number, count).iter().map(|x| Complex32::new(clip(x.re), clip(x.im))).collect()
}

/// Checks that something is refused with an error of a kind.
#[macro_export]
macro_rules! refused {
    ($result:expr, $kind:pat) => {{
        let result = $result;
        assert!(matches!(result, Err($kind)), "{result:?}");
    }};
}
