//! Where a node stands in the ether's time. A node counts its samples; a session says which index of the ether a count is.

use super::report::NodeReport;
use airloop_baseband::SampleIndex;
use std::time::Instant;

/// What is known of a node's receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// It goes on where it is.
    Served,
    /// It came anew, or has not come yet: it begins with the node's transmitter.
    Anew,
    /// The same, and the zeros before its beginning were granted.
    Granted,
}

/// Where a node stands.
#[derive(Clone, Debug)]
pub struct Session {
    /// Zeros before a node's beginning.
    delay: u64,
    /// Zeros that come before the next sample for the node.
    pub zeros: u64,
    /// Whether what the transmitter sends next is the node's beginning.
    pub transmitter_anew: bool,
    /// The receiver.
    pub receiver: Receiver,
    /// When the receiver was last placed.
    pub placed: Instant,
    /// Whether the receiver waits for samples.
    pub asks: bool,
    /// What happened; its indices are where the node stands.
    pub report: NodeReport,
}

/// Where a node's receiver goes on when its transmitter is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// Where it is.
    GoesOn,
    /// At this index.
    From(SampleIndex),
}

impl Session {
    /// Places a node at an index, with so many zeros before what it hears.
    pub fn new(name: &str, at: SampleIndex, delay: u64) -> Self {
        let report = NodeReport {
            name: name.into(),
            transmits: true,
            receives: true,
            transmit_index: at,
            receive_index: at,
            ..NodeReport::default()
        };
        Self {
            delay,
            zeros: 0,
            transmitter_anew: true,
            receiver: Receiver::Anew,
            placed: Instant::now(),
            asks: false,
            report,
        }
    }

    /// Takes note that the transmitter's connection is gone: what comes next is another beginning.
    pub fn transmitter_lost(&mut self) {
        self.transmitter_anew = true;
        self.report.transmitter_connected = false;
    }

    /// Takes note that the receiver's connection is gone.
    pub fn receiver_lost(&mut self) {
        (self.receiver, self.zeros) = (Receiver::Anew, 0);
        (self.asks, self.report.receiver_connected) = (false, false);
    }

    /// Places what the transmitter sends next at an index, and returns where its receiver goes on.
    ///
    /// A node that begins hears from its own beginning on, after the zeros. A node that was only away keeps the distance of its
    /// two directions, so that what it counts still fits; a receiver that went on meanwhile is not touched.
    pub fn resume(&mut self, at: SampleIndex) -> Hearing {
        let away = at - self.report.transmit_index;
        self.report.substituted_samples += away;
        (self.report.transmit_index, self.report.transmits) = (at, true);
        let begins = std::mem::replace(&mut self.transmitter_anew, false);
        let receiver = std::mem::replace(&mut self.receiver, Receiver::Served);
        if begins && receiver != Receiver::Served {
            if receiver == Receiver::Anew {
                self.zeros = self.delay;
            }
            return Hearing::From(at);
        }
        match self.report.receives {
            true => Hearing::GoesOn,
            false => Hearing::From(self.report.receive_index + away),
        }
    }

    /// Places what the receiver hears next: it was to be `target`, but the ether has it from `first` on.
    pub fn hear_from(&mut self, target: SampleIndex, first: SampleIndex) {
        self.zeros += first.saturating_sub(target);
        let index = first.max(target);
        self.report.dropped_samples += index.saturating_sub(self.report.receive_index);
        (self.report.receive_index, self.report.receives) = (index, true);
        self.placed = Instant::now();
    }

    /// Returns whether the receiver, which asks, has to wait for the node's transmitter; grants the zeros before its beginning.
    pub fn waits_for_transmitter(&mut self) -> bool {
        let away = self.transmitter_anew || !self.report.transmits;
        match (away, self.receiver) {
            (true, Receiver::Anew) => {
                (self.receiver, self.zeros) = (Receiver::Granted, self.delay);
                true
            }
            (true, Receiver::Granted) => true,
            (true, Receiver::Served) => !self.report.receives,
            (false, _) => {
                self.receiver = Receiver::Served;
                false
            }
        }
    }

    /// Takes note of samples that were heard from an index on; returns how many of the first are of no use any more.
    pub fn hear(&mut self, start: SampleIndex, count: usize) -> usize {
        let index = self.report.receive_index;
        let (gap, end) = (start.saturating_sub(index), start + count as u64);
        if gap > 0 {
            self.zeros += gap;
            self.report.dropped_samples += gap;
        }
        self.report.receive_index = index.max(end);
        (index.saturating_sub(start) as usize).min(count)
    }

    /// Takes note of an answer with so many samples.
    pub fn fetched(&mut self, count: u64) {
        self.asks = false;
        self.report.fetched_samples += count;
    }

    /// Returns the report at a time of the ether, of which `heard` is the first index that can still be heard.
    pub fn report_at(&self, (now, heard): (SampleIndex, SampleIndex)) -> NodeReport {
        let mut report = self.report.clone();
        if !report.transmits {
            report.substituted_samples += now.saturating_sub(report.transmit_index);
        }
        if !report.receives {
            report.dropped_samples += heard.saturating_sub(report.receive_index);
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_begins_with_zeros_whichever_direction_is_first() {
        let mut session = Session::new("a", 0, 20);
        assert_eq!(session.resume(0), Hearing::From(0));
        session.hear_from(0, 0);
        assert!(session.zeros == 20 && !session.waits_for_transmitter());
        let mut session = Session::new("a", 0, 20);
        assert!(session.waits_for_transmitter() && session.zeros == 20);
        session.zeros = 0;
        assert!(session.waits_for_transmitter());
        assert_eq!(session.resume(0), Hearing::From(0));
        assert!(session.zeros == 0 && !session.waits_for_transmitter());
        assert!(session.report.is_clean());
    }

    #[test]
    fn a_node_that_was_away_keeps_the_distance_of_its_directions() {
        let mut session = Session::new("a", 0, 20);
        session.resume(0);
        session.report.transmit_index = 5000;
        session.hear(0, 4000);
        // Away in both directions; the ether is at 90000, and has from 89900 on what can be heard.
        (session.report.transmits, session.report.receives) = (false, false);
        let report = session.report_at((80_000, 79_900));
        assert_eq!((report.substituted_samples, report.dropped_samples), (75_000, 75_900));
        session.zeros = 0;
        assert_eq!(session.resume(90_000), Hearing::From(89_000));
        session.hear_from(89_000, 89_900);
        assert_eq!((session.zeros, session.report.receive_index), (900, 89_900));
        assert_eq!((session.report.substituted_samples, session.report.dropped_samples), (85_000, 85_900));
    }

    #[test]
    fn a_node_that_begins_again_hears_from_its_beginning() {
        let mut session = Session::new("a", 0, 20);
        session.resume(0);
        session.report.transmit_index = 5000;
        session.hear(0, 4000);
        session.transmitter_lost();
        session.receiver_lost();
        assert!(session.waits_for_transmitter() && session.zeros == 20);
        assert_eq!(session.resume(5000), Hearing::From(5000));
        session.hear_from(5000, 4100);
        assert_eq!((session.zeros, session.report.receive_index), (20, 5000));
    }

    #[test]
    fn one_direction_does_not_move_the_other() {
        // A transmitter that stops while its receiver goes on.
        let mut session = Session::new("a", 0, 0);
        session.resume(0);
        session.report.transmits = false;
        session.hear(0, 700);
        assert!(!session.waits_for_transmitter());
        assert_eq!(session.resume(900), Hearing::GoesOn);
        assert_eq!(session.report.receive_index, 700);
        // Another connection of the receiver alone.
        session.receiver_lost();
        assert!(!session.waits_for_transmitter() && session.zeros == 0);
        assert_eq!(session.report.receive_index, 700);
    }

    #[test]
    fn what_is_heard_twice_or_not_at_all_keeps_the_count() {
        let mut session = Session::new("a", 100, 0);
        assert_eq!(session.hear(90, 30), 10);
        assert_eq!(session.hear(100, 20), 20);
        assert_eq!((session.hear(150, 10), session.zeros, session.report.receive_index), (0, 30, 160));
        assert_eq!(session.report.dropped_samples, 30);
    }
}
