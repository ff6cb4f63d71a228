//! How far time may go: the rule of lockstep.
//!
//! Time is a conservative parallel simulation. Nobody who may still send is overtaken, nobody who listens is run away from, so that
//! what is heard does not depend on who is scheduled first:
//!
//! ```text
//! a channel in the middle of a burst     until the last sample it was given
//! a silent channel, its radio listening  until where the radio has listened to, plus the turnaround
//! a silent channel, its radio deaf       until where the channel promised to be silent
//! a channel that listens                 until its unheard samples are as many as it keeps
//! ```
//!
//! Channels that are not active hold nothing back.

use airloop_baseband::SampleIndex;

/// What a channel that transmits has said so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speech {
    /// Nothing more comes before this index.
    pub settled: SampleIndex,
    /// Whether samples follow without a break.
    pub in_burst: bool,
}

/// The streams of one radio.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// By channel that transmits; `None` is not active.
    pub speech: Vec<Option<Speech>>,
    /// By channel that receives: up to where it was heard.
    pub heard: Vec<Option<SampleIndex>>,
}

/// Distances in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distances {
    /// How long after what it hears a radio sends at the earliest.
    pub turnaround: u64,
    /// Unheard samples that a channel keeps.
    pub unheard: u64,
}

/// How far time may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Up to this index.
    pub until: SampleIndex,
    /// The radio that holds it there.
    pub by: usize,
}

/// Returns how far time may go; `None` where nobody is active.
pub fn limit<'a>(radios: impl Iterator<Item = &'a Streams>, distances: Distances) -> Option<Limit> {
    let least = |streams: &Streams| {
        let listening = streams.heard.iter().flatten().min().copied();
        let speech = streams.speech.iter().flatten().map(move |speech| match (speech.in_burst, listening) {
            (false, Some(heard)) => speech.settled.max(heard.saturating_add(distances.turnaround)),
            _ => speech.settled,
        });
        let hearing = streams.heard.iter().flatten().map(|heard| heard.saturating_add(distances.unheard));
        speech.chain(hearing).min()
    };
    let limits = radios.enumerate().filter_map(|(by, streams)| Some(Limit { until: least(streams)?, by }));
    limits.min_by_key(|limit| limit.until)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISTANCES: Distances = Distances { turnaround: 100, unheard: 1000 };

    fn speech(settled: SampleIndex, in_burst: bool) -> Vec<Option<Speech>> {
        vec![Some(Speech { settled, in_burst })]
    }

    fn until(radios: &[Streams]) -> Option<(SampleIndex, usize)> {
        limit(radios.iter(), DISTANCES).map(|limit| (limit.until, limit.by))
    }

    #[test]
    fn time_waits_for_whoever_may_still_send() {
        let deaf = |settled, in_burst| Streams { speech: speech(settled, in_burst), heard: vec![] };
        assert_eq!(until(&[]), None);
        assert_eq!(until(&[deaf(500, true), deaf(400, false)]), Some((400, 1)));
        assert_eq!(until(&[deaf(500, true), deaf(600, false)]), Some((500, 0)));
        let idle = Streams { speech: vec![None], heard: vec![None] };
        assert_eq!(until(&[deaf(500, true), idle.clone()]), Some((500, 0)));
        assert_eq!(until(&[idle]), None);
    }

    #[test]
    fn who_listens_sends_a_turnaround_later_at_the_earliest() {
        let both = |settled, in_burst, heard| Streams {
            speech: speech(settled, in_burst),
            heard: vec![Some(heard)],
        };
        assert_eq!(until(&[both(0, false, 300)]), Some((400, 0)));
        assert_eq!(until(&[both(450, false, 300)]), Some((450, 0)));
        assert_eq!(until(&[both(350, true, 300)]), Some((350, 0)));
        let slower = Streams { speech: speech(0, false), heard: vec![Some(300), Some(200)] };
        assert_eq!(until(&[slower]), Some((300, 0)));
    }

    #[test]
    fn time_does_not_run_away_from_who_listens() {
        let ear = |heard| Streams { speech: vec![], heard: vec![Some(heard)] };
        assert_eq!(until(&[ear(70), ear(50)]), Some((1050, 1)));
        assert_eq!(until(&[ear(SampleIndex::MAX)]), Some((SampleIndex::MAX, 0)));
    }
}
