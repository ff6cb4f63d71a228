//! Long work: without the interpreter's lock, on threads of this process, ended by Ctrl-C.

use crate::errors::exception;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How often signals are looked for.
const SIGNALS_EVERY: Duration = Duration::from_millis(20);

/// The threads of a process; after a fork the child has none of its parent's and starts its own.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

fn pool(py: Python<'_>) -> PyResult<Arc<ThreadPool>> {
    let mut place = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    match place.as_ref() {
        Some((owner, pool)) if *owner == process => Ok(Arc::clone(pool)),
        _ => {
            let made = ThreadPoolBuilder::new().build();
            let pool = Arc::new(made.map_err(|error| exception(py, "AirloopError", error))?);
            // Threads that are not there cannot be joined: what the parent left is not dropped.
            std::mem::forget(place.replace((process, Arc::clone(&pool))));
            Ok(pool)
        }
    }
}

/// Does short work at once.
pub fn briefly<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    py.detach(work)
}

/// Does work on all cores, while signals are looked for: one that raises sets `interrupted`, and is raised when the work has ended.
pub fn at_length<T: Send>(
    py: Python<'_>,
    interrupted: &AtomicBool,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    interrupted.store(false, Ordering::Relaxed);
    let pool = pool(py)?;
    let (done, ended) = (Mutex::new(false), Condvar::new());
    let wait = || {
        let done = done.lock().unwrap_or_else(PoisonError::into_inner);
        let (done, _) = ended
            .wait_timeout_while(done, SIGNALS_EVERY, |done| !*done)
            .unwrap_or_else(PoisonError::into_inner);
        *done
    };
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pool.install(work)));
            *done.lock().unwrap_or_else(PoisonError::into_inner) = true;
            ended.notify_all();
            result
        });
        let mut raised = None;
        while !py.detach(wait) {
            if let Err(signal) = py.check_signals() {
                interrupted.store(true, Ordering::Relaxed);
                raised.get_or_insert(signal);
            }
        }
        let result = py.detach(|| worker.join());
        interrupted.store(false, Ordering::Relaxed);
        match (raised, result) {
            (Some(signal), _) => Err(signal),
            (None, Ok(Ok(result))) => Ok(result),
            (None, _) => {
                Err(exception(py, "AirloopError", "airloop has failed within; this is a defect of it"))
            }
        }
    })
}
