//! Code blocks over known gains.

use super::Transmission;
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_coding::block_code::BlockEncoder;
use airloop_coding::ldpc::Decoder;
use airloop_coding::{CodingError, NoiseVariance};

/// Gains below this one count as this one: nothing arrives.
const LEAST_GAIN: f32 = 1e-12;

/// Which bits and which noise a block has.
#[derive(Clone, Copy, Debug)]
pub struct BlockDraw {
    /// The source of all randomness.
    pub seeds: Seeds,
    /// The realisation of the channel.
    pub realisation: u64,
    /// The block over that realisation.
    pub block: u64,
}

/// Sends, receives and decodes blocks of one transmission, one after another, without allocation.
///
/// ```text
/// z = x + w / (sqrt(snr) |h|),   the receiver knows  snr |h|^2;   |h|^2 summed over antennas for maximum-ratio combining
/// ```
///
/// The phase of a known gain leaves noise as it is, so that none is drawn.
pub struct BlockLink<'a> {
    transmission: &'a Transmission,
    encoder: BlockEncoder,
    decoder: Decoder,
    bits: Vec<u8>,
    coded: Vec<u8>,
    points: Vec<Complex32>,
    noise: Vec<Complex32>,
    variances: Vec<f32>,
    llrs: Vec<f32>,
    soft: Vec<f32>,
    decided: Vec<u8>,
}

impl<'a> BlockLink<'a> {
    /// Makes a link.
    ///
    /// # Errors
    /// When there is no such decoder.
    pub fn new(transmission: &'a Transmission) -> Result<Self, CodingError> {
        let (code, points) = (&transmission.code, transmission.points());
        Ok(Self {
            transmission,
            encoder: BlockEncoder::new(code),
            decoder: Decoder::new(code.code(), transmission.decoder)?,
            bits: vec![0; code.information_bits()],
            coded: vec![0; code.coded_bits()],
            points: vec![Complex32::default(); points],
            noise: vec![Complex32::default(); points],
            variances: vec![0.0; points],
            llrs: vec![0.0; code.coded_bits()],
            soft: vec![0.0; code.code().codeword_bits()],
            decided: vec![0; code.code().information_bits()],
        })
    }

    /// Returns whether a block is lost over gains of power, one a subcarrier, at a linear SNR.
    ///
    /// Points lie on subcarriers first, then on symbols, over which the gains stay.
    ///
    /// # Errors
    /// When there are no gains.
    pub fn is_lost(&mut self, gains: &[f32], snr: f64, draw: BlockDraw) -> Result<bool, CodingError> {
        if gains.is_empty() {
            return Err(CodingError::Length { what: "gains", given: 0, expected: self.points.len() });
        }
        let Transmission { code, modulation, demapping, .. } = self.transmission;
        self.draw(draw);
        self.encoder.encode(&self.bits, &mut self.coded)?;
        modulation.map(&self.coded, 0, &mut self.points)?;
        let noise_power = (1.0 / snr) as f32;
        let rows = self.points.chunks_mut(gains.len()).zip(self.noise.chunks(gains.len()));
        for ((points, noise), variances) in rows.zip(self.variances.chunks_mut(gains.len())) {
            for (((point, w), variance), gain) in points.iter_mut().zip(noise).zip(variances).zip(gains) {
                *variance = noise_power / gain.max(LEAST_GAIN);
                *point += w * variance.sqrt();
            }
        }
        let noise = NoiseVariance::PerSymbol(&self.variances);
        demapping.demap(*modulation, &self.points, noise, 0, &mut self.llrs)?;
        code.soft_values(&self.llrs, &mut self.soft)?;
        self.decoder.decode(&self.soft, None, &mut self.decided)?;
        Ok(self.decided[..self.bits.len()] != self.bits[..])
    }

    /// Draws information bits and noise of unit power.
    fn draw(&mut self, BlockDraw { seeds, realisation, block }: BlockDraw) {
        let stream = seeds.stream(Purpose::Bits, realisation, block);
        for (place, chunk) in self.bits.chunks_mut(64).enumerate() {
            let word = stream.word(place as u64);
            chunk.iter_mut().enumerate().for_each(|(i, bit)| *bit = (word >> i & 1) as u8);
        }
        seeds.stream(Purpose::Noise, realisation, block).fill_complex_gaussian(0, 1.0, &mut self.noise);
    }
}
