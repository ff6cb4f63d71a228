//! The threads of streams allocate nothing once they run, whatever is read and written.

use airloop_baseband::{Complex32, Window};
use airloop_hil::stream::{
    Counters, Cutter, Job, Outbox, Piece, Pool, PoolSize, Read, Rows, SampleClock, Sink, Source, Trouble,
    WhenFull, fill, send_at_times, send_endlessly,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

thread_local! {
    /// Calls of the allocator by this thread, freeing included; counted from when a test begins to.
    static CALLS: Cell<Option<u64>> = const { Cell::new(None) };
}

struct Counting;

fn count() {
    // A thread that ends has none any more.
    _ = CALLS.try_with(|calls| calls.set(calls.get().map(|count| count + 1)));
}

// SAFETY: all is left to the system's allocator; what is counted lies in a thread's own cell, which needs no allocation.
#[allow(unsafe_code, reason = "an allocator that counts")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Returns how often this thread called the allocator since it was asked last.
fn calls() -> u64 {
    CALLS.with(|calls| calls.replace(Some(0))).unwrap_or(0)
}

const READS: u64 = 20_000;
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads with losses of all kinds; it notes the calls between its second read and its last.
struct Rough {
    reads: u64,
    at: i64,
    calls: Arc<AtomicU64>,
}

impl Source for Rough {
    fn read(&mut self, mut room: Rows<'_>) -> Result<Read, i32> {
        self.reads += 1;
        match self.reads {
            1 => _ = calls(),
            READS => {
                self.calls.store(calls(), Ordering::Relaxed);
                return Err(-2);
            }
            _ => {}
        }
        let count = (1 + self.reads as usize % 50).min(room.len());
        room.channel(0)[..count].fill(Complex32::new(0.5, 0.0));
        self.at += if self.reads.is_multiple_of(7) { 11 } else { 0 };
        let ns = Some(self.at * 1000);
        match self.reads % 13 {
            3 => return Ok(Read::Timeout),
            5 => return Ok(Read::Lost),
            _ => self.at += count as i64,
        }
        Ok(Read::Samples { count, ns, abrupt: self.reads.is_multiple_of(17) })
    }
}

fn read_rough(calls: &Arc<AtomicU64>, when_full: WhenFull) {
    let size = PoolSize { channels: 2, block_samples: 128, blocks: 32 };
    let (pool, counters) = (Arc::new(Pool::new(size, when_full)), Arc::<Counters>::default());
    let source = Rough { reads: 0, at: 0, calls: Arc::clone(calls) };
    let mut cutter = Cutter::new(Arc::clone(&pool), Arc::clone(&counters));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| fill(source, SampleClock::new(1e6), &pool, &counters));
        // Until the source ends; who does not listen lets it run.
        let windows = (0..).map(|i| Window { start: 100 * i, length_samples: 100 });
        let listens = when_full == WhenFull::Wait;
        windows.take_while(|window| listens && cutter.cut(0, *window, PATIENCE).is_ok()).for_each(drop);
        reader.join().unwrap();
    });
    assert!(counters.status().overflows > 1000 && counters.status().lost_samples > 1000);
}

#[test]
fn the_allocator_that_counts_counts() {
    calls();
    drop(std::hint::black_box(vec![1u8; 100]));
    assert_eq!(calls(), 2);
}

#[test]
fn a_thread_that_reads_allocates_nothing() {
    let count = Arc::new(AtomicU64::new(u64::MAX));
    for when_full in [WhenFull::DropOldest, WhenFull::Wait] {
        count.store(u64::MAX, Ordering::Relaxed);
        read_rough(&count, when_full);
        assert_eq!(count.load(Ordering::Relaxed), 0, "{when_full:?}");
    }
}

/// Takes what it is given, and sums it; it notes the calls up to its last write.
struct Scale {
    writes: u64,
    sum: f64,
    calls: Arc<AtomicU64>,
    last: u64,
}

impl Sink for Scale {
    fn most_samples(&self) -> usize {
        64
    }

    fn write(&mut self, piece: Piece<'_>) -> Result<usize, i32> {
        self.writes += 1;
        if self.writes == 1 {
            calls();
        }
        if self.writes % 5 == 2 {
            return Ok(0);
        }
        let taken = piece.samples.len().min(40);
        self.sum += piece.samples[..taken].iter().map(|x| f64::from(x.re)).sum::<f64>();
        self.last = self.sum as u64;
        self.calls.store(calls(), Ordering::Relaxed);
        Ok(taken)
    }

    fn trouble(&mut self) -> Option<Trouble> {
        None
    }
}

fn write_bursts(timed: bool) -> u64 {
    let total = Arc::new(AtomicU64::new(0));
    let (outbox, counters) = (Outbox::default(), Counters::default());
    let sink = Scale { writes: 0, sum: 0.0, calls: Arc::clone(&total), last: 0 };
    let mut worst = 0;
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| match timed {
            true => send_at_times(sink, SampleClock::new(1e6), &outbox, &counters),
            false => send_endlessly(sink, &outbox, &counters),
        });
        for _ in 0..200 {
            let start = outbox.position() + 100_000;
            let samples = outbox.buffer(&[Complex32::new(1.0, 0.0); 1000]);
            let job = Job { channel: 0, start, samples, deadline: Instant::now() + PATIENCE };
            outbox.post(job).unwrap();
            let answer = loop {
                match outbox.answer() {
                    Some(answer) => break answer,
                    None => std::thread::yield_now(),
                }
            };
            answer.unwrap();
            worst = worst.max(total.load(Ordering::Relaxed));
            while !timed && outbox.position() < start + 1000 {
                std::thread::yield_now();
            }
        }
        outbox.ending.ask();
        writer.join().unwrap();
    });
    worst
}

#[test]
fn a_thread_that_writes_allocates_nothing() {
    assert_eq!(write_bursts(true), 0);
    assert_eq!(write_bursts(false), 0);
}
