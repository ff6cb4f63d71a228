//! Windows through a thread that reads, from drivers that lose samples in every way.

use super::{
    Counters, CutError, Cutter, Pool, PoolSize, Read, Rows, SampleClock, Source, WhenFull, code, fill,
};
use airloop_baseband::{Complex32, Window};
use std::sync::Arc;
use std::time::Duration;

const RATE_HZ: f64 = 1e6;
const PATIENCE: Duration = Duration::from_secs(20);

/// What a driver does next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// It gives so many samples, with or without their time.
    Give(usize, bool),
    /// It loses so many samples, and says so or not.
    Lose(u64, bool),
    /// It breaks off.
    Abrupt(usize),
    Timeout,
    /// Its time is set back.
    Back(u64),
    Fail(i32),
}
use Step::{Abrupt, Back, Fail, Give, Lose, Timeout};

/// A driver whose sample at index `i` is `i`, and `-i` at the second channel.
struct Script<'a> {
    steps: std::iter::Copied<std::slice::Iter<'a, Step>>,
    at: u64,
}

fn sample(index: u64, channel: usize) -> Complex32 {
    let value = index as f32 * 1e-6;
    if channel == 0 { Complex32::new(value, 0.5) } else { Complex32::new(-value, 0.5) }
}

impl Source for Script<'_> {
    fn read(&mut self, mut room: Rows<'_>) -> Result<Read, i32> {
        let (count, timed, abrupt) = match self.steps.next() {
            None => return Err(-2),
            Some(Timeout) => return Ok(Read::Timeout),
            Some(Fail(code)) => return Err(code),
            Some(Back(count)) => {
                self.at -= count;
                return self.read(room);
            }
            Some(Lose(count, says)) => {
                self.at += count;
                return if says { Ok(Read::Lost) } else { self.read(room) };
            }
            Some(Give(count, timed)) => (count, timed, false),
            Some(Abrupt(count)) => (count, true, true),
        };
        let count = count.min(room.len());
        for channel in 0..room.channels() {
            for (i, out) in room.channel(channel)[..count].iter_mut().enumerate() {
                *out = sample(self.at + i as u64, channel);
            }
        }
        let ns = timed.then_some(self.at as i64 * 1000);
        self.at += count as u64;
        Ok(Read::Samples { count, ns, abrupt })
    }
}

struct Bench {
    cutter: Cutter,
    pool: Arc<Pool>,
    counters: Arc<Counters>,
}

/// Reads a script to its end, from an index on.
fn read(start: u64, channels: usize, steps: &[Step]) -> Bench {
    let size = PoolSize { channels, block_samples: 64, blocks: 64 };
    let (pool, counters) = (Arc::new(Pool::new(size, WhenFull::DropOldest)), Arc::<Counters>::default());
    let script = Script { steps: steps.iter().copied(), at: start };
    fill(script, SampleClock::new(RATE_HZ), &pool, &counters);
    let cutter = Cutter::new(Arc::clone(&pool), Arc::clone(&counters));
    Bench { cutter, pool, counters }
}

fn window(start: u64, length_samples: usize) -> Window {
    Window { start, length_samples }
}

impl Bench {
    /// Hears a window, which is what was sent but for silence in some stretches; returns whether it says that samples are missing.
    fn hear(&mut self, channel: usize, (start, length): (u64, usize), lost: &[(u64, u64)]) -> bool {
        let capture = self.cutter.cut(channel, window(start, length), PATIENCE).unwrap();
        assert_eq!((capture.start, capture.samples.len()), (start, length));
        for (index, x) in (start..).zip(&capture.samples) {
            let is_lost = lost.iter().any(|(from, to)| (*from..*to).contains(&index));
            let truth = if is_lost { Complex32::default() } else { sample(index, channel) };
            assert_eq!(*x, truth, "{index}");
        }
        capture.overflow
    }

    fn losses(&self) -> (u64, u64) {
        let status = self.counters.status();
        (status.overflows, status.lost_samples)
    }
}

#[test]
fn windows_of_any_length_are_cut_from_reads_of_any_length() {
    // A time-out ends a block.
    let wait = |i| if i % 5 == 0 { Timeout } else { Give(0, false) };
    let mut steps: Vec<Step> = (1..40).flat_map(|i| [Give(i, i % 3 == 1), wait(i)]).collect();
    // A read is cut where its block ends.
    steps.extend([Give(64, true); 10]);
    for length in [1, 7, 64, 100, 780] {
        let mut bench = read(5000, 2, &steps);
        for start in (5000..5780u64).step_by(length) {
            let length = length.min((5780 - start) as usize);
            assert!(!bench.hear(0, (start, length), &[]) && !bench.hear(1, (start, length), &[]));
        }
        assert!(bench.counters.status().is_clean());
    }
}

#[test]
fn a_loss_that_only_times_show_is_silent_flagged_and_counted() {
    let mut bench = read(100, 1, &[Give(50, true), Lose(30, false), Give(20, true), Give(64, true)]);
    assert!(!bench.hear(0, (100, 50), &[]));
    assert!(bench.hear(0, (150, 40), &[(150, 180)]));
    assert!(!bench.hear(0, (190, 30), &[]));
    assert_eq!(bench.losses(), (1, 30));
}

#[test]
fn a_loss_in_a_block_and_one_that_the_driver_tells_of_count_once() {
    let steps = [Give(10, true), Lose(5, true), Give(10, true), Lose(1, false), Give(10, true)];
    let mut bench = read(0, 1, &steps);
    assert!(bench.hear(0, (0, 36), &[(10, 15), (25, 26)]));
    assert_eq!(bench.losses(), (2, 6));
    // A window that ends at a gap, and one that begins in it.
    let mut bench = read(0, 1, &steps);
    assert!(!bench.hear(0, (0, 10), &[]));
    assert!(bench.hear(0, (12, 5), &[(12, 15)]));
    assert!(!bench.hear(0, (17, 8), &[]));
    assert!(bench.hear(0, (25, 11), &[(25, 26)]));
}

#[test]
fn without_times_a_loss_is_flagged_though_nobody_knows_its_length() {
    let mut bench = read(0, 1, &[Give(10, false), Lose(5, true), Give(10, false)]);
    let capture = bench.cutter.cut(0, window(0, 20), PATIENCE).unwrap();
    assert!(capture.overflow);
    assert_eq!(capture.samples[10], sample(15, 0), "indices count what came");
    assert_eq!(bench.losses(), (1, 0));
    let mut bench = read(0, 1, &[Abrupt(10), Give(10, false)]);
    assert!(!bench.hear(0, (0, 10), &[]));
    assert!(bench.hear(0, (10, 10), &[]));
}

#[test]
fn channels_are_heard_one_after_the_other_and_windows_may_leave_pauses() {
    let steps = vec![Give(64, true); 30];
    let mut bench = read(0, 2, &steps);
    assert!(!bench.hear(1, (700, 200), &[]));
    assert!(!bench.hear(0, (0, 900), &[]));
    assert!(!bench.hear(1, (900, 1020), &[]));
    let behind = bench.cutter.cut(1, window(1919, 1), PATIENCE);
    assert_eq!(behind, Err(CutError::Behind { position: 1920 }));
    // A channel that nobody hears holds no more than half of the blocks.
    let mut bench = read(0, 2, &vec![Give(64, true); 60]);
    assert!(!bench.hear(0, (0, 60 * 64), &[]));
    assert!(bench.pool.empty().is_some());
    assert!(!bench.hear(1, (40 * 64, 100), &[]));
    let mut bench = read(0, 2, &vec![Give(64, true); 60]);
    assert!(!bench.hear(0, (0, 60 * 64), &[]));
    assert!(bench.hear(1, (0, 50 * 64), &[(0, 28 * 64)]), "what was given up is silent and flagged");
}

#[test]
fn samples_before_the_stream_began_are_missing() {
    let mut bench = read(1000, 1, &[Give(64, true)]);
    assert!(bench.hear(0, (900, 150), &[(900, 1000)]));
    let mut bench = read(1000, 1, &[Give(64, true)]);
    assert!(bench.hear(0, (900, 10), &[(900, 910)]));
    assert!(!bench.hear(0, (1000, 64), &[]));
}

#[test]
fn the_oldest_samples_make_room_and_only_who_asks_for_them_misses_them() {
    // 100 blocks into 64, of which two are the reader's own.
    let mut bench = read(0, 1, &vec![Give(64, true); 100]);
    let first = (100 - 62) * 64;
    assert!(!bench.hear(0, (first, 100), &[]));
    assert!(bench.counters.status().is_clean());
    let mut bench = read(0, 1, &vec![Give(64, true); 100]);
    assert!(bench.hear(0, (first - 200, 300), &[(first - 200, first)]));
}

#[test]
fn samples_lost_for_want_of_room_while_someone_listens_are_counted() {
    let size = PoolSize { channels: 1, block_samples: 64, blocks: 16 };
    let (pool, counters) = (Arc::new(Pool::new(size, WhenFull::DropOldest)), Arc::<Counters>::default());
    let mut cutter = Cutter::new(Arc::clone(&pool), Arc::clone(&counters));
    for (start, count) in [(0, 64), (640, 64)] {
        let mut block = pool.empty().unwrap();
        (block.header.start, block.header.count) = (start, count);
        pool.fill(block);
    }
    let capture = cutter.cut(0, window(32, 640), PATIENCE).unwrap();
    assert!(capture.overflow);
    let status = counters.status();
    assert_eq!((status.overflows, status.lost_samples), (1, 576));
}

#[test]
fn streams_end_with_their_reason_after_what_came_before() {
    for (last, code) in [(Fail(-5), -5), (Back(100), code::BACKWARDS)] {
        let mut bench = read(1000, 1, &[Give(64, true), last, Give(10, true)]);
        assert!(!bench.hear(0, (1000, 64), &[]));
        assert_eq!(bench.cutter.cut(0, window(1064, 1), PATIENCE), Err(CutError::Ended(code)));
    }
}

#[test]
fn who_waits_in_vain_can_ask_again_and_lengths_that_lie_are_refused() {
    let size = PoolSize { channels: 1, block_samples: 64, blocks: 16 };
    let pool = Arc::new(Pool::new(size, WhenFull::DropOldest));
    let mut cutter = Cutter::new(Arc::clone(&pool), Arc::default());
    let waited = cutter.cut(0, window(0, 10), Duration::from_millis(1));
    assert_eq!(waited, Err(CutError::TimedOut { position: 0 }));
    let mut block = pool.empty().unwrap();
    block.header.count = 64;
    pool.fill(block);
    assert_eq!(cutter.cut(0, window(0, 100), Duration::ZERO), Err(CutError::TimedOut { position: 64 }));
    assert_eq!(cutter.cut(0, window(0, 10), Duration::ZERO).unwrap().samples.len(), 10);
    assert_eq!(cutter.cut(0, window(10, usize::MAX), Duration::ZERO), Err(CutError::TooLong));
    assert_eq!(cutter.cut(0, window(u64::MAX, 10), Duration::ZERO), Err(CutError::TooLong));
}

#[test]
fn what_is_at_full_scale_is_clipped() {
    struct Loud(bool);
    impl Source for Loud {
        fn read(&mut self, mut room: Rows<'_>) -> Result<Read, i32> {
            if std::mem::replace(&mut self.0, true) {
                return Err(-2);
            }
            room.channel(0)[..4].fill(Complex32::new(0.5, 0.5));
            room.channel(0)[1] = Complex32::new(0.1, -1.0);
            Ok(Read::Samples { count: 4, ns: Some(0), abrupt: false })
        }
    }
    let size = PoolSize { channels: 1, block_samples: 64, blocks: 16 };
    let pool = Arc::new(Pool::new(size, WhenFull::DropOldest));
    fill(Loud(false), SampleClock::new(RATE_HZ), &pool, &Counters::default());
    let capture = Cutter::new(pool, Arc::default()).cut(0, window(0, 4), PATIENCE).unwrap();
    assert_eq!(capture.clipped_share, 0.25);
}
