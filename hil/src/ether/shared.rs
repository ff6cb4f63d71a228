//! What all clones of an ether share: its state, whose turn it is, and who lets time go on.

use super::state::{BLOCKS_AT_ONCE, State};
use super::{Clock, EtherConfig};
use airloop_baseband::{SampleIndex, Transport};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

/// How often the wall's time goes on.
pub const PACE: Duration = Duration::from_millis(1);

/// An ether's state behind a lock.
pub struct Shared<T> {
    pub config: EtherConfig,
    pub sample_rate_hz: f64,
    elapsed: Box<dyn Fn() -> Duration + Send + Sync>,
    state: Mutex<State<T>>,
    bell: Mutex<Bell>,
    /// Wakes those who wait for something to move.
    moved: Condvar,
    /// Wakes those who sleep until an index.
    ended: Condvar,
    /// Threads that wait for the lock.
    asking: AtomicU64,
    /// How often it was had.
    turns: AtomicU64,
    /// Whether a thread of its own lets the wall's time go on.
    kept: AtomicBool,
}

/// What those who wait are told; apart from the state, so that they ask for a turn like all others.
#[derive(Default)]
struct Bell {
    /// How often something has moved.
    moves: u64,
    has_ended: bool,
}

/// The state while nobody else has it.
pub type Turn<'a, T> = MutexGuard<'a, State<T>>;

impl<T> Shared<T> {
    /// Makes what is shared of a state and a wall's clock.
    pub fn new(
        state: State<T>,
        config: EtherConfig,
        (sample_rate_hz, elapsed): (f64, Box<dyn Fn() -> Duration + Send + Sync>),
    ) -> Self {
        let (asking, turns, kept) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
        let (state, bell, moved, ended) =
            (Mutex::new(state), Mutex::default(), Condvar::new(), Condvar::new());
        Self { config, sample_rate_hz, elapsed, state, bell, moved, ended, asking, turns, kept }
    }

    /// Waits for a turn.
    pub fn lock(&self) -> Turn<'_, T> {
        self.asking.fetch_add(1, Ordering::Relaxed);
        let state = self.state.lock();
        self.asking.fetch_sub(1, Ordering::Relaxed);
        self.turns.fetch_add(1, Ordering::Relaxed);
        state.expect("no thread panics while it holds the ether")
    }

    /// Lets those who wait for a turn have it first: a lock that is given up and taken again at once stays with who has it.
    fn hand_over<'a>(&'a self, state: Turn<'a, T>) -> Turn<'a, T> {
        let asking = self.asking.load(Ordering::Relaxed);
        if asking == 0 {
            return state;
        }
        let until = self.turns.load(Ordering::Relaxed) + asking;
        drop(state);
        while self.turns.load(Ordering::Relaxed) < until {
            thread::yield_now();
        }
        self.lock()
    }

    /// Returns whether a thread has panicked in its turn.
    pub fn is_broken(&self) -> bool {
        self.state.is_poisoned()
    }

    /// Returns what the wall's clock shows.
    pub fn elapsed(&self) -> Duration {
        (self.elapsed)()
    }

    /// Returns whether who waits must look at the wall's clock, since nobody else does.
    pub fn must_look(&self) -> bool {
        self.is_wall() && !self.kept.load(Ordering::Relaxed)
    }

    fn is_wall(&self) -> bool {
        self.config.clock == Clock::Wall
    }
}

impl<T: Transport<Error: std::error::Error>> Shared<T> {
    /// Waits until something has moved, or so long; who knows the index before which nothing changes sleeps until then, if time goes on
    /// by itself.
    pub fn wait<'a>(
        &'a self,
        state: Turn<'a, T>,
        timeout: Duration,
        until: Option<SampleIndex>,
    ) -> Turn<'a, T> {
        let sleep_s = until.map(|index| index.saturating_sub(state.due()) as f64 / self.sample_rate_hz);
        // Who rings has the state, so that nothing moves unheard before it is given up here.
        let moves = self.bell().moves;
        drop(state);
        let (bell, is_same) = (self.bell(), |bell: &mut Bell| bell.moves == moves);
        _ = match (self.is_wall(), self.must_look(), sleep_s) {
            (true, false, Some(sleep_s)) => {
                let sleep = Duration::try_from_secs_f64(sleep_s).unwrap_or(Duration::MAX).max(PACE);
                self.ended.wait_timeout_while(bell, timeout.min(sleep), |bell| !bell.has_ended)
            }
            // The wall's clock tells nobody that it has gone on.
            (_, true, _) => self.moved.wait_timeout_while(bell, timeout.min(PACE), is_same),
            _ => self.moved.wait_timeout_while(bell, timeout, is_same),
        };
        self.lock()
    }

    /// Wakes who waits for something to move, and at the end all.
    pub fn notify(&self, state: &State<T>) {
        let mut bell = self.bell();
        bell.moves += 1;
        bell.has_ended = state.has_ended();
        self.moved.notify_all();
        if bell.has_ended {
            self.ended.notify_all();
        }
    }

    fn bell(&self) -> MutexGuard<'_, Bell> {
        self.bell.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn at the time that the wall's clock shows then, where it counts: what is late is late before it is looked at.
    pub fn lock_now(&self) -> Turn<'_, T> {
        let state = self.lock();
        if self.is_wall() { self.at_the_wall(state) } else { state }
    }

    /// Brings the ether to the wall's time; what the air has to do until then is left to the thread that lets time go on, if there is one.
    fn at_the_wall<'a>(&'a self, mut state: Turn<'a, T>) -> Turn<'a, T> {
        if state.look(self.elapsed()) && state.has_ended() {
            self.notify(&state);
        }
        if self.must_look() { self.catch_up(state).0 } else { state }
    }

    /// Lets time go to where the wall's clock was last seen, block by block; returns whether it moved.
    fn catch_up<'a>(&'a self, mut state: Turn<'a, T>) -> (Turn<'a, T>, bool) {
        let (until, mut moved) = (state.due(), false);
        while state.pass(until) {
            moved = true;
            state = self.hand_over(state);
        }
        if moved {
            self.notify(&state);
        }
        (state, moved)
    }

    /// Lets time go as far as it may while there is something to send; empty time, and less than a block, is left to those who wait for it.
    pub fn go_on<'a>(&'a self, mut state: Turn<'a, T>) {
        if self.is_wall() {
            // Nobody waits for what others do, but for the clock.
            return drop(self.at_the_wall(state));
        }
        let parts = self.config.ahead_samples / (BLOCKS_AT_ONCE as usize * self.config.block_samples) + 2;
        for _ in 0..parts {
            let moved = state.advance(false);
            // Who waits takes less than a block too, and must look again even where time has not moved.
            self.notify(&state);
            if !moved || !state.has_more() {
                return;
            }
            state = self.hand_over(state);
        }
    }

    /// Lets time go on for one who has to wait, who takes less than a block too; returns whether it moved.
    pub fn go_on_waiting<'a>(&'a self, mut state: Turn<'a, T>) -> (Turn<'a, T>, bool) {
        if self.is_wall() {
            state.look(self.elapsed());
            return if self.must_look() { self.catch_up(state) } else { (state, false) };
        }
        let moved = state.advance(true);
        if moved {
            self.notify(&state);
            state = self.hand_over(state);
        }
        (state, moved)
    }

    /// Lets time go as far as it may now, whoever else does.
    pub fn advance(&self) {
        let mut state = self.lock();
        if self.is_wall() {
            state.look(self.elapsed());
            let (state, _) = self.catch_up(state);
            return self.notify(&state);
        }
        self.go_on(state);
    }

    /// Lets the wall's time go on in a thread of its own, until nobody has the ether any more; the first call counts.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn keep_time(self: &Arc<Self>) -> std::io::Result<()>
    where
        T: Send + 'static,
    {
        if !self.is_wall() || self.kept.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let ether = Arc::downgrade(self);
        thread::Builder::new().name("ether clock".into()).spawn(move || keep(&ether)).map(|_| ())
    }

    /// Lets time go on for as long as a pace of the wall's clock; returns how long to wait for more, `None` at the end.
    fn tick(&self) -> Option<Duration> {
        let mut state = self.lock();
        let began = self.elapsed();
        let mut is_other = state.look(began);
        let (until, mut spent) = (state.due_in_blocks(), Duration::ZERO);
        while spent < PACE && state.pass(until) {
            is_other = true;
            state = self.hand_over(state);
            spent = self.elapsed().saturating_sub(began);
        }
        // Whoever looked at the clock may have ended it.
        if is_other || state.has_ended() {
            self.notify(&state);
        }
        (!state.has_ended()).then(|| PACE.saturating_sub(spent))
    }
}

/// Lets an ether's time go on.
fn keep<T: Transport<Error: std::error::Error>>(ether: &Weak<Shared<T>>) {
    while let Some(shared) = ether.upgrade() {
        let began = Instant::now();
        let pause = shared.tick();
        drop(shared);
        match pause {
            None => return,
            Some(pause) => thread::sleep(pause.min(PACE.saturating_sub(began.elapsed()))),
        }
    }
}
