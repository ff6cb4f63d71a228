//! From received grids to log-likelihood ratios.

use super::channel_estimation::{ChannelEstimate, ChannelEstimator, PilotResiduals, Responses};
use super::config::{EqualiserRule, EstimatorRule};
use super::equalisation::{Equalised, Equaliser, InterferenceCovariance, Noise};
use super::plan::LinkPlan;
use super::precoding::Precoder;
use super::reference_signals::ReferenceSignals;
use airloop_baseband::Complex32;
use airloop_coding::constellation::NoiseVariance;
use airloop_coding::{CodingError, Modulation};

/// Subcarriers over which a covariance of interference is measured: two resource blocks.
const GROUP_SUBCARRIERS: usize = 24;

/// Smallest noise variance that a measurement is taken for: below it, single precision is the noise.
const LEAST_NOISE: f32 = 1e-12;

/// Receives the parts of slots; one a worker.
#[derive(Debug)]
pub struct Receiver {
    estimators: Vec<ChannelEstimator>,
    equaliser: Equaliser,
    residuals: Option<PilotResiduals>,
    covariance: Option<InterferenceCovariance>,
    estimate: ChannelEstimate,
    equalised: Equalised,
    grid: Vec<Complex32>,
    points: Vec<Complex32>,
    variances: Vec<f32>,
    llrs: Vec<f32>,
}

/// What arrived of a part of a slot.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The device that sent.
    pub device: usize,
    /// The part of the band.
    pub part: usize,
    /// Grids of all antennas, `[antenna, symbol, used subcarrier]`.
    pub grids: &'a [Complex32],
    /// The true channel of the part.
    pub channel: Responses<'a>,
    /// How layers went on antennas.
    pub precoder: &'a Precoder,
    /// The pilots of the slot.
    pub signals: &'a ReferenceSignals,
}

impl Receiver {
    /// Makes room for a plan.
    pub fn new(plan: &LinkPlan) -> Self {
        let (layout, receive) = (&plan.layout, plan.antennas.receive);
        let reception = plan.config.reception;
        let rejects = reception.equaliser == EqualiserRule::InterferenceRejection;
        let measures = rejects || !reception.known_noise;
        Self {
            estimators: plan.estimators.clone(),
            equaliser: plan.equaliser.clone(),
            residuals: measures.then(|| PilotResiduals::new(layout, receive)),
            covariance: rejects
                .then(|| InterferenceCovariance::new(receive, layout.subcarriers(), GROUP_SUBCARRIERS)),
            estimate: ChannelEstimate::new(),
            equalised: Equalised::new(),
            grid: Vec::new(),
            points: Vec::new(),
            variances: Vec::new(),
            llrs: Vec::new(),
        }
    }

    /// Equalises what arrived of a device.
    pub fn listen(&mut self, plan: &LinkPlan, arrival: Arrival<'_>) {
        let (used, width) = (plan.numerology.used(), plan.layout.subcarriers());
        let (first, amplitude) = (plan.first_subcarrier(arrival.part), plan.amplitudes[arrival.device]);
        let scale = amplitude.recip();
        let grids = if width == used && scale == 1.0 {
            arrival.grids
        } else {
            self.grid.clear();
            let rows = arrival.grids.chunks_exact(used);
            rows.for_each(|row| self.grid.extend(row[first..first + width].iter().map(|y| y * scale)));
            &self.grid
        };
        let mut noise = plan.noise[arrival.device] as f32;
        if plan.config.reception.estimator == EstimatorRule::Perfect {
            self.estimate.fill_perfect(&arrival.channel, arrival.precoder);
        }
        if let Some(estimator) = self.estimators.get_mut(arrival.device) {
            estimator.estimate(grids, arrival.signals, &mut self.estimate);
            if let Some(residuals) = &mut self.residuals {
                residuals.measure(grids, estimator);
                if !plan.config.reception.known_noise {
                    let measured =
                        residuals.noise_variance().map(|variance| (variance as f32).max(LEAST_NOISE));
                    noise = measured.unwrap_or(noise);
                }
                self.covariance.iter_mut().for_each(|covariance| covariance.measure(residuals));
            }
        }
        let noise = self.covariance.as_ref().map_or(Noise::White(noise), Noise::Coloured);
        self.equaliser.equalise(grids, &self.estimate, noise, &mut self.equalised);
    }

    /// Returns log-likelihood ratios of so many points a layer, as [`Receiver::listen`] heard them.
    ///
    /// # Errors
    /// When the block has more points than the slot.
    pub fn soft_bits(
        &mut self,
        plan: &LinkPlan,
        modulation: Modulation,
        coded_bits: usize,
    ) -> Result<&[f32], CodingError> {
        let (layers, points) = (self.equalised.layers(), coded_bits / modulation.bits_per_symbol());
        self.llrs.resize(coded_bits, 0.0);
        let demapping = plan.config.demapping;
        if layers == 1 {
            let values = &self.equalised.values(0)[..points];
            let noise = NoiseVariance::PerSymbol(&self.equalised.variances(0)[..points]);
            demapping.demap(modulation, values, noise, 0, &mut self.llrs)?;
            return Ok(&self.llrs);
        }
        self.points.resize(points, Complex32::default());
        self.variances.resize(points, 0.0);
        for layer in 0..layers {
            let from = self.equalised.values(layer).iter().zip(self.equalised.variances(layer));
            let to = self.points[layer..].iter_mut().step_by(layers);
            let to = to.zip(self.variances[layer..].iter_mut().step_by(layers));
            to.zip(from)
                .for_each(|((point, variance), (value, noise))| (*point, *variance) = (*value, *noise));
        }
        let noise = NoiseVariance::PerSymbol(&self.variances);
        demapping.demap(modulation, &self.points, noise, 0, &mut self.llrs)?;
        Ok(&self.llrs)
    }

    /// Returns the squared error of the channel estimate and the power of the channel, summed over every twelfth subcarrier of
    /// the middle symbol.
    pub fn estimation_error(&self, arrival: &Arrival<'_>) -> (f64, f64) {
        let (channel, precoder) = (&arrival.channel, arrival.precoder);
        let symbol = channel.rows().max(self.estimate.rows()) / 2;
        let (mut error, mut power) = (0.0, 0.0);
        for r in 0..channel.receive() {
            for l in 0..precoder.layers() {
                for subcarrier in (0..channel.subcarriers()).step_by(12) {
                    let group = precoder.group_of(subcarrier);
                    let weighted = |t| precoder.weight(group, t, l) * channel.row(r, t, symbol)[subcarrier];
                    let h: Complex32 = (0..channel.transmit()).map(weighted).sum();
                    error += f64::from((self.estimate.at(r, l, symbol, subcarrier) - h).norm_sqr());
                    power += f64::from(h.norm_sqr());
                }
            }
        }
        (error, power)
    }
}
