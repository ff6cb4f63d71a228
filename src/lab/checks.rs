//! Steps that look at each radio alone: its clock, its rates, what it hears of itself, and what it lost.

use super::LabError;
use super::bench::Reached;
use super::procedure::Session;
use airloop_hil::{ClockStatus, Direction, RadioStatus};

/// Seconds of samples that pass before rates are measured, so that no buffer is full of earlier ones, and while they are.
const REACHED_S: (f64, f64) = (0.5, 1.0);

/// Samples in which an ether of lockstep shows how fast its host is.
const LOCKSTEP_SAMPLES: usize = 1 << 16;

impl Session<'_> {
    /// Notes what radios say of their clocks; those that say that they are not locked never came here.
    pub fn clocks(&mut self) {
        for radio in 0..self.bench.radios() {
            let ClockStatus { clock_source, time_source, locked, .. } = self.bench.clocks(radio);
            let named = |source: &Option<String>| source.as_deref().unwrap_or("not said").to_string();
            let (clock, time) = (named(clock_source), named(time_source));
            let locked = locked.map_or(f64::NAN, |locked| f64::from(u8::from(locked)));
            self.log.say(format!("clock {clock}, time {time}"));
            self.log.note("clocks", self.bench.name(radio), ("locked", locked));
        }
    }

    /// Holds the sample rates that are set against the one asked for, and those that are reached against those that are set.
    pub fn rates(&mut self) -> Result<(), LabError> {
        let asked_hz = self.bench.sample_rate_hz();
        let runs: Vec<bool> =
            (0..self.bench.radios()).map(|radio| self.bench.clocks(radio).runs_by_itself).collect();
        for radio in 0..self.bench.radios() {
            let off_ppm = |direction| {
                self.bench.rate_hz(radio, direction).map(|rate_hz| 1e6 * (rate_hz / asked_hz - 1.0))
            };
            let both = [off_ppm(Direction::Transmit), off_ppm(Direction::Receive)].into_iter().flatten();
            let worst = both.fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
            let limit = self.config.limits.rate_ppm;
            self.log.at_most("rates", self.bench.name(radio), ("rate_off_ppm", worst), limit)?;
        }
        let seconds = |s: f64| (s * asked_hz).ceil() as usize;
        let span = match runs.contains(&true) {
            true => (seconds(REACHED_S.0), seconds(REACHED_S.1)),
            false => (0, LOCKSTEP_SAMPLES),
        };
        let all = self.bench.reach(span)?;
        for (radio, (Reached { samples, took_s }, by_itself)) in all.into_iter().zip(runs).enumerate() {
            let reached_hz = samples as f64 / took_s.max(1e-9);
            let name = self.bench.name(radio);
            if !by_itself {
                self.log.say("time waits: how fast the host is");
            }
            self.log.note("rates", name, ("rate_reached_hz", reached_hz));
            if by_itself {
                let set_hz = self.bench.rate_hz(radio, Direction::Receive).unwrap_or(asked_hz);
                let (off, limit) = (reached_hz / set_hz - 1.0, self.config.limits.reached_share);
                self.log.at_most("rates", name, ("reached_off_share", off), limit)?;
            }
        }
        Ok(())
    }

    /// Each radio sends a sounding alone and hears it itself, if there is a way: over the air, a cable, or what leaks.
    pub fn loopback(&mut self) -> Result<(), LabError> {
        for radio in 0..self.bench.radios() {
            if self.bench.rate_hz(radio, Direction::Transmit).is_some() {
                self.hears_itself(radio)?;
            }
        }
        Ok(())
    }

    fn hears_itself(&mut self, radio: usize) -> Result<(), LabError> {
        let own = self.bench.now(radio)? + self.turnaround();
        let burst = self.sounding_at(own);
        self.bench.transmit(radio, &burst)?;
        // Itself first, then who has heard it before.
        let mut listeners = vec![radio];
        match radio == self.server {
            true => listeners.extend(&self.devices),
            false => listeners.push(self.server),
        }
        // Once anyone has heard it, it is on its way: who does not hear itself a window later does not.
        let mut windows = 0;
        let heard = self.hear_sounding_until(&listeners, |all| {
            windows += usize::from(all.iter().any(|(_, found)| found.is_some()));
            all[0].1.is_some() || windows > 1
        })?;
        // Where a sounding lies by the count of who hears, less where it lies by the sender's.
        let delays = heard.iter().map(|(capture, found)| {
            found.map(|found| (capture.start as f64 + found.start_samples - own as f64, found.snr_db))
        });
        let delays: Vec<Option<(f64, f64)>> = delays.collect();
        let name = self.bench.name(radio);
        if delays[0].is_none() {
            self.log.say("not heard");
        }
        self.log.note("loopback", name, ("hears_itself", f64::from(u8::from(delays[0].is_some()))));
        if let Some((delay_samples, snr_db)) = delays[0] {
            if heard[0].0.clipped_share > 0.0 {
                self.log.say("clipped");
            }
            self.log.note("loopback", name, ("delay_samples", delay_samples));
            self.log.note("loopback", name, ("snr_db", snr_db));
        }
        if radio == self.server && self.config.shared_time().is_some() {
            for (device, delay) in self.devices.iter().zip(&delays[1..]) {
                if let Some((offset_samples, _)) = delay {
                    let number = ("count_offset_samples", *offset_samples);
                    self.log.note("loopback", self.bench.name(*device), number);
                }
            }
        }
        Ok(())
    }

    /// Holds the samples that each radio has lost so far against the limit.
    pub fn losses(&mut self) -> Result<(), LabError> {
        for radio in 0..self.bench.radios() {
            let RadioStatus { underflows, overflows, late_bursts, lost_samples } =
                self.bench.status_of(radio);
            let (name, limit) = (self.bench.name(radio), self.config.limits.lost_samples);
            self.log
                .say(format!("{overflows} overflows, {underflows} underflows, {late_bursts} late bursts"));
            self.log.at_most("losses", name, ("lost_samples", lost_samples as f64), limit)?;
        }
        Ok(())
    }
}
