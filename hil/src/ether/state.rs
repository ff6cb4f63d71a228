//! The state of an ether: the air, who stands in it, and how far time has gone.

use super::attachment::Place;
use super::lane::Waiting;
use super::meter::Meter;
use super::metrics::{EtherMetrics, RadioMetrics};
use super::schedule::{Distances, Limit, Streams, limit};
use super::station::Station;
use super::wall_time::WallTime;
use super::{Clock, EtherConfig};
use crate::error::RadioError;
use crate::radio::{Direction, RadioStatus};
use airloop_baseband::{Burst, Port, SampleIndex, Transport, Window};
use std::time::Duration;

/// Most blocks that time of lockstep goes on while nobody else gets at the ether: who lets it go far does not shut out the others.
pub const BLOCKS_AT_ONCE: u64 = 64;

/// What is behind an ether's lock.
pub struct State<T> {
    config: EtherConfig,
    air: T,
    /// All before this index has passed the air.
    now: SampleIndex,
    /// Where the wall's clock was last seen: what comes for earlier is late, though it may not have passed the air yet.
    wall: WallTime,
    /// By number of the radio; places of radios that are gone are free.
    stations: Vec<Option<Station>>,
    /// Who transmits at each port, and who receives: number and channel.
    speakers: Vec<Option<(usize, usize)>>,
    listeners: Vec<Option<(usize, usize)>>,
    /// Places kept for radios of their names.
    reserved: Vec<Place>,
    /// How many radios have come.
    came: u64,
    /// Whether time has begun.
    begun: bool,
    /// Why the ether has ended.
    end: Option<String>,
    /// What went wrong at radios that are gone.
    gone: RadioStatus,
    /// What the meters of radios that come are like.
    meter: Meter,
    burst: Burst,
}

impl<T: Transport> State<T>
where
    T::Error: std::error::Error,
{
    /// Makes an ether in which nobody stands.
    pub fn new(config: EtherConfig, air: T) -> Self {
        Self {
            meter: Meter::new(air.sample_rate_hz()),
            wall: WallTime::new(air.sample_rate_hz()),
            air,
            now: 0,
            stations: Vec::new(),
            speakers: vec![None; config.ports.0],
            listeners: vec![None; config.ports.1],
            reserved: Vec::new(),
            came: 0,
            begun: false,
            end: None,
            gone: RadioStatus::default(),
            burst: Burst::default(),
            config,
        }
    }

    /// Returns the first index that can still be sent.
    pub fn now(&self) -> SampleIndex {
        self.now.max(self.wall.due)
    }

    /// Returns the first index at which a direction can start.
    pub fn earliest(&self, direction: Direction) -> SampleIndex {
        match direction {
            Direction::Transmit => self.now(),
            Direction::Receive => self.now().saturating_sub(self.config.lead_samples as u64),
        }
    }

    /// Returns the first index that nobody has heard.
    fn heard(&self) -> SampleIndex {
        self.now.saturating_sub(self.config.lead_samples as u64)
    }

    /// Returns whether the ether has ended.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Returns a radio.
    ///
    /// # Panics
    /// Panics if it has left.
    pub fn station(&mut self, number: usize) -> &mut Station {
        self.stations[number].as_mut().expect("a radio stays until its attachment is dropped")
    }

    /// Refuses to go on once the ether has ended.
    pub fn check(&self, number: usize) -> Result<(), RadioError> {
        let ended = |reason: &String| {
            let radio = self.stations[number].as_ref().map_or(String::new(), Station::name);
            RadioError::Ended { radio, reason: reason.clone() }
        };
        self.end.as_ref().map_or(Ok(()), |reason| Err(ended(reason)))
    }

    /// Keeps places for radios of their names.
    pub fn reserve(&mut self, places: Vec<Place>) {
        self.reserved = places;
    }

    /// Returns the place that is kept for a radio.
    pub fn reserved_place(&self, name: &str) -> Result<Place, RadioError> {
        let place = self.reserved.iter().find(|place| place.name == name);
        place.cloned().ok_or_else(|| RadioError::NoSuchName {
            radio: name.into(),
            names: self.reserved.iter().map(|place| place.name.clone()).collect(),
        })
    }

    /// Finds the lowest free ports for a radio, of its own where a place is kept for it.
    pub fn free_place(&self, name: &str, wanted: (usize, usize)) -> Result<Place, RadioError> {
        let kept = |direction, port: &Port| {
            let others = self.reserved.iter().filter(|place| place.name != name);
            others.flat_map(|place| place.ports(direction)).any(|kept| kept == port)
        };
        let own = self.reserved.iter().find(|place| place.name == name);
        let free = |direction, taken: &[Option<(usize, usize)>], wanted: usize| {
            let ports = (0..taken.len()).filter(|port| taken[*port].is_none() && !kept(direction, port));
            let is_own = |port: &Port| own.is_none_or(|place| place.ports(direction).contains(port));
            let ports: Vec<Port> = ports.filter(is_own).collect();
            let radio = || name.to_string();
            match ports.get(..wanted) {
                Some(ports) => Ok(ports.to_vec()),
                None => Err(RadioError::NoFreePorts { radio: radio(), direction, wanted, free: ports.len() }),
            }
        };
        let transmit = free(Direction::Transmit, &self.speakers, wanted.0)?;
        let receive = free(Direction::Receive, &self.listeners, wanted.1)?;
        Ok(Place { name: name.into(), transmit, receive })
    }

    /// Returns how far time and every radio are at a time of the wall's clock.
    pub fn metrics(&self, elapsed: Duration) -> EtherMetrics {
        let radio = |station: &Station| RadioMetrics {
            name: station.name(),
            transmit_ports: station.place.transmit.clone(),
            receive_ports: station.place.receive.clone(),
            settled: station.streams.speech.iter().map(|s| s.map(|s| s.settled)).collect(),
            heard: station.streams.heard.clone(),
            behind: station
                .streams
                .heard
                .iter()
                .map(|heard| Some(self.heard().saturating_sub((*heard)?)))
                .collect(),
            sent: station.sent.iter().map(Meter::level).collect(),
            received: station.received.iter().map(Meter::level).collect(),
            left: station.left,
            underflows: station.status.underflows,
            overflows: station.status.overflows,
            late_bursts: station.status.late_bursts,
            lost_samples: station.status.lost_samples,
        };
        let mut losses = self.gone;
        self.stations.iter().flatten().for_each(|station| losses.add(&station.status));
        let behind = (self.config.clock == Clock::Wall).then(|| self.wall.behind(self.now, elapsed));
        EtherMetrics {
            time: self.now,
            sample_rate_hz: self.wall.sample_rate_hz,
            wall_s: elapsed.as_secs_f64(),
            behind_wall_s: behind.map(|(now_s, _)| now_s),
            most_behind_wall_s: behind.map(|(_, most_s)| most_s),
            clock: self.config.clock,
            begun: self.begun,
            holder: self.holder(),
            end: self.end.clone(),
            came: self.came,
            radios: self.stations.iter().flatten().map(radio).collect(),
            losses,
            missing: self.missing(),
        }
    }

    /// Returns the names for which places are kept that nobody has taken.
    fn missing(&self) -> Vec<String> {
        let names = self.stations.iter().flatten().map(|station| &station.place.name);
        let taken: Vec<&String> = names.collect();
        let missing = self.reserved.iter().map(|place| &place.name).filter(|name| !taken.contains(name));
        missing.cloned().collect()
    }

    /// Gives a radio its place, and returns its number.
    pub fn attach(&mut self, place: Place) -> Result<usize, RadioError> {
        if self.stations.iter().flatten().any(|station| station.place.name == place.name) {
            return Err(RadioError::NameTaken { radio: place.name });
        }
        for (direction, ports, taken) in [
            (Direction::Transmit, &place.transmit, &self.speakers),
            (Direction::Receive, &place.receive, &self.listeners),
        ] {
            for (channel, port) in ports.iter().enumerate() {
                let reason = match taken.get(*port) {
                    None => "does not exist",
                    Some(Some(_)) => "belongs to another radio",
                    _ if ports[..channel].contains(port) => "is named twice",
                    _ => continue,
                };
                return Err(RadioError::NoSuchPort { radio: place.name, direction, port: *port, reason });
            }
        }
        let number = self.stations.iter().position(Option::is_none).unwrap_or(self.stations.len());
        if number == self.stations.len() {
            self.stations.push(None);
        }
        let seat = |ports: &[Port], seats: &mut Vec<Option<(usize, usize)>>| {
            ports.iter().enumerate().for_each(|(channel, port)| seats[*port] = Some((number, channel)));
        };
        seat(&place.transmit, &mut self.speakers);
        seat(&place.receive, &mut self.listeners);
        self.stations[number] = Some(Station::new(place, &self.meter));
        self.came += 1;
        Ok(number)
    }

    /// Lets a radio go; what it has written is still sent.
    pub fn leave(&mut self, number: usize) {
        let station = self.station(number);
        station.deactivate(Direction::Transmit);
        station.deactivate(Direction::Receive);
        station.left = true;
        self.clear_places();
    }

    /// Frees the places of radios that have left and have nothing more to send.
    fn clear_places(&mut self) {
        for (number, station) in self.stations.iter_mut().enumerate() {
            if let Some(over) = station.take_if(|station| station.is_over()) {
                self.gone.add(&over.status);
                for seat in self.speakers.iter_mut().chain(&mut self.listeners) {
                    *seat = seat.filter(|(holder, _)| *holder != number);
                }
            }
        }
    }

    /// Returns how far radios let time go, and which one holds it.
    pub fn limit(&self) -> Option<Limit> {
        let EtherConfig { lead_samples, block_samples, turnaround_samples, unheard_samples, .. } =
            self.config;
        let distances = Distances {
            turnaround: (lead_samples + block_samples + turnaround_samples) as u64,
            unheard: (lead_samples + unheard_samples) as u64,
        };
        let nobody = Streams::default();
        limit(self.stations.iter().map(|s| s.as_ref().map_or(&nobody, |s| &s.streams)), distances)
    }

    /// Returns the name of the radio that holds time back.
    pub fn holder(&self) -> Option<String> {
        let limit = self.limit()?;
        self.stations[limit.by].as_ref().map(Station::name)
    }

    /// Returns whether something waits to be sent.
    pub fn has_more(&self) -> bool {
        self.stations
            .iter()
            .flatten()
            .flat_map(|station| &station.waiting)
            .any(|waiting| waiting.end().is_some())
    }

    /// Returns the end of what radios that have left still send.
    fn last_words(&self) -> SampleIndex {
        let left = self.stations.iter().flatten().filter(|station| station.left);
        left.flat_map(|station| &station.waiting).filter_map(Waiting::end).max().unwrap_or(0)
    }

    /// Looks whether enough radios are active for time to begin; returns whether it has.
    fn begin(&mut self) -> bool {
        let active = |station: &&Station| station.began;
        self.begun |= self.stations.iter().flatten().filter(active).count() >= self.config.radios;
        self.begun
    }

    /// Looks at the wall's clock: it shows index 0 when time begins, and what comes for earlier than it shows is late. Returns whether
    /// something is other than before.
    pub fn look(&mut self, elapsed: Duration) -> bool {
        if self.end.is_some() || !self.begin() || !self.wall.look(self.now, elapsed) {
            return false;
        }
        for station in self.stations.iter_mut().flatten() {
            (0..station.waiting.len()).for_each(|channel| station.overtake(channel, self.wall.due));
        }
        self.end = self.wall.verdict(self.now, self.config.most_behind_s);
        true
    }

    /// Returns where the wall's clock was last seen.
    pub fn due(&self) -> SampleIndex {
        self.wall.due
    }

    /// Returns the last end of a block before that; where there is none, less than a block counts.
    pub fn due_in_blocks(&self) -> SampleIndex {
        let block = self.config.block_samples as u64;
        let whole = self.wall.due / block * block;
        if whole > self.now { whole } else { self.wall.due }
    }

    /// Lets time go as far as radios let it, though not far at once; returns whether it moved. Unless it is `urgent`, time goes in whole
    /// blocks, which cost less.
    pub fn advance(&mut self, urgent: bool) -> bool {
        if !self.begin() || self.end.is_some() {
            return false;
        }
        let block = self.config.block_samples as u64;
        let horizon = self.now.saturating_add(BLOCKS_AT_ONCE * block);
        let (until, urgent) = match self.limit() {
            Some(limit) => (limit.until.min(horizon), urgent),
            // Nobody sends or hears: what those who have left still wanted to send holds up no place.
            None => (self.last_words(), true),
        };
        let before = self.now;
        while urgent || (self.now / block + 1) * block <= until {
            if !self.pass(until) {
                break;
            }
        }
        self.clear_places();
        before != self.now || self.end.is_some()
    }

    /// Passes a block through the air, or what of it lies before an index; returns whether there was any.
    pub fn pass(&mut self, until: SampleIndex) -> bool {
        if self.end.is_some() || self.now >= until {
            self.clear_places();
            return false;
        }
        let block = self.config.block_samples as u64;
        if let Err(error) = self.step(((self.now / block + 1) * block).min(until)) {
            self.end = Some(format!("the air failed: {error}"));
        }
        true
    }

    /// Passes what lies before an index through the air.
    fn step(&mut self, end: SampleIndex) -> Result<(), T::Error> {
        for (port, seat) in self.speakers.iter().enumerate() {
            let Some((number, channel)) = *seat else { continue };
            let Some(station) = &mut self.stations[number] else { continue };
            if station.waiting[channel].take(end, &mut self.burst) {
                self.air.transmit(port, &self.burst)?;
            }
            station.sent[channel].add(&self.burst.samples, end - self.now);
            station.overtake(channel, end);
        }
        // The air answers ahead of what it is sent, so that what is heard is complete that much before time.
        let start = self.heard();
        self.now = end;
        let window = Window { start, length_samples: (self.heard() - start) as usize };
        for (port, seat) in self.listeners.iter().enumerate() {
            let station = seat.and_then(|(number, channel)| Some((self.stations[number].as_mut()?, channel)));
            match station.filter(|(station, channel)| station.listens(*channel)) {
                Some((station, channel)) => {
                    let capture = self.air.receive(port, window)?;
                    station.hear(channel, (window.start, &capture.samples), self.config.unheard_samples);
                }
                None => self.air.skip(port, window.end())?,
            }
        }
        Ok(())
    }
}
