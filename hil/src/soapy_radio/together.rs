//! One time for a set of radios that share a pulse.

use super::SoapyRadio;
use super::error::refused;
use crate::error::RadioError;
use std::thread;
use std::time::{Duration, Instant};

/// How long a pulse is waited for.
const PATIENCE: Duration = Duration::from_millis(2500);
/// How often a pulse is looked for.
const PACE: Duration = Duration::from_millis(5);

/// Sets the time of all radios to 0 at one pulse of a second that all of them get, and checks that it holds; their streams do not run.
///
/// Right after a pulse all are told to begin at the next, then the next is waited for.
///
/// # Errors
/// When a radio has no such time, no pulse comes, or the radios do not agree afterwards.
pub fn set_times_together(radios: &[SoapyRadio]) -> Result<(), RadioError> {
    let Some(first) = radios.first() else { return Ok(()) };
    wait_for_pulse(first)?;
    radios.iter().try_for_each(|radio| radio.set_time_at_pulse(0))?;
    let began = Instant::now();
    // Until every radio has had its pulse since.
    for radio in radios {
        while radio.pulse_ns()? != 0 {
            if began.elapsed() > PATIENCE {
                let said = format!("its last pulse was at {} ns of its time, not at 0", radio.pulse_ns()?);
                return Err(refused(&radio.config.name, "begin its time at a pulse")(said));
            }
            thread::sleep(PACE);
        }
    }
    // All agree within the same second: the pulse at 0 is still the last.
    for radio in radios {
        let ns = radio.pulse_ns()?;
        if ns != 0 {
            let said = format!("the others' last pulse was at 0, its own at {ns} ns");
            return Err(refused(&radio.config.name, "keep one time with others")(said));
        }
    }
    Ok(())
}

fn wait_for_pulse(radio: &SoapyRadio) -> Result<(), RadioError> {
    let (began, before) = (Instant::now(), radio.pulse_ns()?);
    while radio.pulse_ns()? == before {
        if began.elapsed() > PATIENCE {
            let said = format!("none came within {} s", PATIENCE.as_secs_f64());
            return Err(refused(&radio.config.name, "set its time: a pulse is awaited")(said));
        }
        thread::sleep(PACE);
    }
    Ok(())
}
