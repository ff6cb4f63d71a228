//! One misaligned round: the payload frame by frame over an air, and its sum read off.

use super::{
    AlignedLink, FrameAir, FrameBlock, FrameReceiver, FrameReceivers, IntervalBank, IntervalNoise,
    MisalignedError, MisalignedPlan, SymbolAir, WaveformAir,
};
use crate::medium::Tally;
use crate::scheme::{Account, Outcome};
use airloop_baseband::{Complex32, Transport};
use std::sync::Arc;

/// Symbols carried at once, when frames are shorter: as many values as a block of drawn ones.
const BLOCK_SYMBOLS: usize = 2048;

/// One misaligned aggregation round.
pub struct MisalignedRound<'a> {
    plan: &'a MisalignedPlan,
    link: AlignedLink,
    bank: IntervalBank,
    receivers: Arc<FrameReceivers>,
    trial: u64,
    tally: Tally,
    kept: Option<Vec<Complex32>>,
}

/// What a round builds up.
struct Progress {
    estimate: Vec<f32>,
    truth: Vec<f32>,
    /// Symbols sent, in each device.
    symbols: usize,
    times: u64,
    /// Sum over devices of energy sent over the budget of one symbol.
    energy: f64,
    values: Vec<f32>,
    sent: Vec<Complex32>,
    grids: Vec<Complex32>,
    sums: Vec<Complex32>,
}

impl<'a> MisalignedRound<'a> {
    /// Begins a round over channels of one flat gain a device.
    ///
    /// # Errors
    /// When the plan or a gain is wrong, or a joint receiver too large or too ill conditioned.
    pub fn new(plan: &'a MisalignedPlan, trial: u64, gains: &[Complex32]) -> Result<Self, MisalignedError> {
        let link = plan.align(gains)?;
        let receivers = Arc::new(plan.receivers(&link)?);
        Self::with_receivers(plan, trial, link, receivers)
    }

    /// As [`MisalignedRound::new`], with receivers made ready before for the same link.
    ///
    /// # Errors
    /// When a delay is out of range.
    pub fn with_receivers(
        plan: &'a MisalignedPlan,
        trial: u64,
        link: AlignedLink,
        receivers: Arc<FrameReceivers>,
    ) -> Result<Self, MisalignedError> {
        Ok(Self { bank: plan.bank()?, plan, link, receivers, trial, tally: Tally::default(), kept: None })
    }

    /// Keeps what the interval bank receives, so that it can be compared or written out.
    #[must_use]
    pub fn keeping(mut self) -> Self {
        self.kept = Some(Vec::new());
        self
    }

    /// Runs the round on intervals.
    ///
    /// # Errors
    /// When the payload cannot be read, or noise is to come as samples and a delay does not fall on one.
    pub fn run_symbol(&mut self, noise: IntervalNoise) -> Result<Outcome, MisalignedError> {
        let power = self.plan.budget.noise_power;
        self.run(&mut SymbolAir::new(self.bank.clone(), self.link.gains.clone(), power, noise)?)
    }

    /// Runs the round as samples over a transport whose channels have the round's gains.
    ///
    /// Its noise power per sample is to be the noise power of a symbol times the oversampling.
    ///
    /// # Errors
    /// When the payload cannot be read, a delay does not fall on a sample, or the transport fails.
    pub fn run_waveform<T: Transport>(&mut self, transport: &mut T) -> Result<Outcome, MisalignedError>
    where
        MisalignedError: From<T::Error>,
    {
        let gains = self.link.gains.clone();
        self.run(&mut WaveformAir::new(self.bank.clone(), gains, self.plan.oversampling, transport)?)
    }

    /// Runs the round over any air.
    ///
    /// # Errors
    /// When the payload cannot be read or the air fails.
    pub fn run(&mut self, air: &mut dyn FrameAir) -> Result<Outcome, MisalignedError> {
        let length = self.plan.payload.length();
        let mut progress = Progress {
            estimate: vec![0.0; length],
            truth: vec![0.0; length],
            symbols: 0,
            times: 0,
            energy: 0.0,
            values: Vec::new(),
            sent: Vec::new(),
            grids: Vec::new(),
            sums: Vec::new(),
        };
        let (frames, rest) = self.plan.frames()?;
        let at_once = (BLOCK_SYMBOLS / self.plan.symbols_per_frame).max(1);
        let receivers = Arc::clone(&self.receivers);
        if let Some(receiver) = &receivers.whole {
            for first in (0..frames).step_by(at_once) {
                self.carry(air, receiver, at_once.min(frames - first), &mut progress)?;
            }
        }
        if let Some(receiver) = receivers.rest.as_ref().filter(|_| rest > 0) {
            self.carry(air, receiver, 1, &mut progress)?;
        }
        self.tally = air.tally();
        let devices = self.link.gains.len() as f64;
        let pairs = progress.times as f64 * devices;
        let spent = |(h, power): (&Complex32, &f64)| f64::from(h.norm_sqr()) / power;
        let account = Account {
            elements: progress.times,
            symbols: progress.times as usize,
            active_fraction: progress.symbols as f64 / progress.times as f64,
            power_used_mean: progress.energy / pairs,
            power_peak: self
                .link
                .precoders
                .iter()
                .zip(&self.plan.budget.power)
                .map(spent)
                .fold(0.0, f64::max),
            receive_snr: Some(self.link.amplitude * self.link.amplitude / self.plan.budget.noise_power),
            sent_share: 1.0,
            bits: None,
            recovered: None,
        };
        Ok(Outcome { estimate: progress.estimate, truth: progress.truth, account })
    }

    /// Returns what the air measured in the last run.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Returns what the interval bank received, `[frame, symbol time, interval]`, when the round was asked to keep it.
    pub fn kept(&self) -> Option<&[Complex32]> {
        self.kept.as_deref()
    }

    /// Carries frames of one length, and reads off their sums.
    fn carry(
        &mut self,
        air: &mut dyn FrameAir,
        receiver: &FrameReceiver,
        frames: usize,
        progress: &mut Progress,
    ) -> Result<(), MisalignedError> {
        let symbols = receiver.symbols();
        let times = self.bank.symbol_times(symbols);
        let block = FrameBlock { first_time: progress.times, frames, symbols, times };
        let begin = 2 * progress.symbols;
        let end = (begin + 2 * frames * symbols).min(progress.truth.len());
        for device in 0..self.link.gains.len() {
            progress.values.clear();
            progress.values.resize(2 * frames * symbols, 0.0);
            let values = &mut progress.values[..end - begin];
            self.plan.payload.read(self.trial, device, begin, values)?;
            progress.truth[begin..end].iter_mut().zip(values).for_each(|(sum, u)| *sum += *u);
            let b = self.link.precoders[device] * std::f32::consts::FRAC_1_SQRT_2;
            progress.sent.clear();
            progress.sent.extend(progress.values.chunks_exact(2).map(|u| b * Complex32::new(u[0], u[1])));
            let nominal = self.plan.budget.power[device] * self.plan.payload.budget_power(device);
            let energy: f64 = progress.sent.iter().map(|x| f64::from(x.norm_sqr())).sum();
            progress.energy += energy / nominal;
            air.send(device, block, &progress.sent)?;
        }
        progress.grids.resize(frames * receiver.samples(), Complex32::default());
        air.collect(block, &mut progress.grids)?;
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(&progress.grids);
        }
        progress.sums.resize(frames * symbols, Complex32::default());
        receiver.estimate(&progress.grids, &mut progress.sums);
        let scale = (std::f64::consts::SQRT_2 / self.link.amplitude) as f32;
        for (pair, s) in progress.estimate[begin..end].chunks_mut(2).zip(&progress.sums) {
            pair.iter_mut().zip([s.re, s.im]).for_each(|(estimate, part)| *estimate = scale * part);
        }
        progress.symbols += frames * symbols;
        progress.times += (frames * times) as u64;
        Ok(())
    }
}
