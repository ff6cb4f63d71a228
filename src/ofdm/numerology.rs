//! Which subcarriers are used, how they are spaced, and how long each symbol's prefix is.

/// 3GPP TS 38.101-1 table 5.3.2-1 (FR1) and TS 38.101-2 table 5.3.2-1 (FR2-1).
const NR_RESOURCE_BLOCKS: &str = include_str!("data/nr_resource_blocks.csv");

/// Subcarriers of a resource block (TS 38.211, clause 4.4.4.1).
const BLOCK_SUBCARRIERS: usize = 12;

/// Start of frequency range 2, in hertz (TS 38.104, table 5.1-1).
const FR2_START_HZ: f64 = 24.25e9;

/// What can be wrong with a numerology.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NumerologyError {
    /// A bandwidth and a spacing that NR does not combine.
    #[error(
        "NR has no {bandwidth_mhz} MHz channel with {spacing_khz} kHz subcarrier spacing{}; \
         with {spacing_khz} kHz there are {for_spacing}; {bandwidth_mhz} MHz exists with {for_bandwidth}",
        if range.is_empty() { String::new() } else { format!(" in {range}") }
    )]
    NoSuchPair {
        /// The bandwidth asked for, in MHz.
        bandwidth_mhz: f64,
        /// The spacing asked for, in kHz.
        spacing_khz: f64,
        /// The frequency range looked in; empty for both.
        range: String,
        /// Bandwidths of that spacing.
        for_spacing: String,
        /// Spacings of that bandwidth.
        for_bandwidth: String,
    },
    /// A custom grid that does not fit its transform.
    #[error("ofdm.{key} = {value} does not fit: {expected}")]
    DoesNotFit {
        /// The key.
        key: &'static str,
        /// Its value.
        value: usize,
        /// What would be right.
        expected: String,
    },
}

/// An OFDM numerology: transform size, used subcarriers and prefixes, in exact samples.
///
/// ```text
/// subcarrier k of the grid lies at offsets()[k] * subcarrier_spacing_hz from the carrier,
/// sample_rate_hz = fft_size * subcarrier_spacing_hz
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Numerology {
    fft_size: usize,
    sample_rate_hz: f64,
    bandwidth_hz: f64,
    offsets: Vec<i32>,
    prefix_samples: usize,
    extra_samples: usize,
    extra_every: usize,
    slot_symbols: usize,
}

impl Numerology {
    /// Makes the NR numerology of a channel bandwidth and a subcarrier spacing, both in hertz.
    ///
    /// The transform is the smallest power of two that holds the resource blocks. The normal prefix is `9/128` of it, and
    /// the first symbol of each half millisecond has 16 samples at 30.72 MHz more (TS 38.211, clause 5.3.1).
    /// Where FR1 and FR2 both define the pair, `carrier_hz` chooses.
    ///
    /// # Errors
    /// When NR does not define the pair; the message lists what exists.
    pub fn nr(bandwidth_hz: f64, spacing_hz: f64, carrier_hz: f64) -> Result<Self, NumerologyError> {
        let (mhz, khz) = (bandwidth_hz / 1e6, spacing_hz / 1e3);
        let rows = nr_rows();
        let range = if carrier_hz >= FR2_START_HZ { "FR2" } else { "FR1" };
        let fits = |row: &&NrRow| row.spacing_khz == khz && row.bandwidth_mhz == mhz;
        let same_range = rows.iter().filter(|r| r.range == range).find(fits);
        let Some(row) = same_range.or_else(|| rows.iter().find(fits)) else {
            let list = |mut values: Vec<f64>, unit: &str| {
                values.sort_by(f64::total_cmp);
                values.dedup();
                let words: Vec<String> = values.iter().map(f64::to_string).collect();
                if words.is_empty() { "nothing".into() } else { format!("{} {unit}", words.join(", ")) }
            };
            let of_spacing = rows.iter().filter(|r| r.spacing_khz == khz).map(|r| r.bandwidth_mhz);
            let of_bandwidth = rows.iter().filter(|r| r.bandwidth_mhz == mhz).map(|r| r.spacing_khz);
            return Err(NumerologyError::NoSuchPair {
                bandwidth_mhz: mhz,
                spacing_khz: khz,
                range: String::new(),
                for_spacing: list(of_spacing.collect(), "MHz"),
                for_bandwidth: list(of_bandwidth.collect(), "kHz"),
            });
        };
        let used = row.resource_blocks * BLOCK_SUBCARRIERS;
        let fft_size = used.next_power_of_two();
        let sample_rate_hz = fft_size as f64 * spacing_hz;
        Ok(Self {
            fft_size,
            sample_rate_hz,
            bandwidth_hz,
            offsets: centred(used, true),
            prefix_samples: fft_size * 9 / 128,
            extra_samples: (16.0 * sample_rate_hz / 30.72e6).round() as usize,
            extra_every: 7 * (khz / 15.0).round() as usize,
            slot_symbols: 14,
        })
    }

    /// Makes a numerology of any transform size, with the same prefix before each symbol and slots of 14 symbols.
    ///
    /// With `dc` the used subcarriers are `-used/2 .. used/2 - 1`; without, the carrier itself is left empty.
    ///
    /// # Errors
    /// When the used subcarriers do not fit the transform, or the prefix is longer than it.
    pub fn custom(
        sample_rate_hz: f64,
        fft_size: usize,
        prefix_samples: usize,
        used: usize,
        dc: bool,
    ) -> Result<Self, NumerologyError> {
        let most = if dc { fft_size } else { fft_size.saturating_sub(1) };
        if used == 0 || used > most {
            let expected = format!("1 to {most} subcarriers fit a transform of {fft_size} with dc = {dc}");
            return Err(NumerologyError::DoesNotFit { key: "used_subcarriers", value: used, expected });
        }
        if prefix_samples > fft_size {
            let expected = format!("at most the transform size, {fft_size}");
            return Err(NumerologyError::DoesNotFit {
                key: "cyclic_prefix_samples",
                value: prefix_samples,
                expected,
            });
        }
        Ok(Self {
            fft_size,
            sample_rate_hz,
            bandwidth_hz: used as f64 * sample_rate_hz / fft_size as f64,
            offsets: centred(used, dc),
            prefix_samples,
            extra_samples: 0,
            extra_every: 1,
            slot_symbols: 14,
        })
    }

    /// Returns the transform size.
    pub fn fft_size(&self) -> usize {
        self.fft_size
    }

    /// Returns the sample rate in hertz.
    pub fn sample_rate_hz(&self) -> f64 {
        self.sample_rate_hz
    }

    /// Returns the channel bandwidth in hertz: NR's name for it, or the occupied band of a custom grid.
    pub fn bandwidth_hz(&self) -> f64 {
        self.bandwidth_hz
    }

    /// Returns the subcarrier spacing in hertz.
    pub fn subcarrier_spacing_hz(&self) -> f64 {
        self.sample_rate_hz / self.fft_size as f64
    }

    /// Returns the number of used subcarriers.
    pub fn used(&self) -> usize {
        self.offsets.len()
    }

    /// Returns the used subcarriers as offsets from the carrier, ascending.
    pub fn offsets(&self) -> &[i32] {
        &self.offsets
    }

    /// Returns the frequencies of the used subcarriers relative to the carrier, in hertz.
    pub fn frequencies_hz(&self) -> Vec<f64> {
        self.offsets.iter().map(|k| f64::from(*k) * self.subcarrier_spacing_hz()).collect()
    }

    /// Returns the share of the sampled band between the outermost used subcarriers, both sides of the carrier.
    pub fn occupied_share(&self) -> f64 {
        let edge = self.offsets.iter().map(|k| k.unsigned_abs()).max().unwrap_or(0);
        2.0 * f64::from(edge) / self.fft_size as f64
    }

    /// Returns the prefix of a symbol counted from the start, in samples.
    pub fn prefix_samples(&self, symbol: usize) -> usize {
        self.prefix_samples + if symbol.is_multiple_of(self.extra_every) { self.extra_samples } else { 0 }
    }

    /// Returns the shortest prefix of any symbol, in samples.
    pub fn shortest_prefix_samples(&self) -> usize {
        if self.extra_every == 1 { self.prefix_samples + self.extra_samples } else { self.prefix_samples }
    }

    /// Returns the first sample of a symbol's prefix, counted from symbol 0.
    pub fn symbol_start(&self, symbol: usize) -> usize {
        symbol * (self.prefix_samples + self.fft_size)
            + symbol.div_ceil(self.extra_every) * self.extra_samples
    }

    /// Returns the middle of a symbol's useful part, in seconds from the start of symbol 0.
    pub fn symbol_centre_s(&self, symbol: usize) -> f64 {
        let useful = self.symbol_start(symbol) + self.prefix_samples(symbol);
        (useful as f64 + self.fft_size as f64 / 2.0) / self.sample_rate_hz
    }

    /// Returns the duration of the first `symbols` symbols, in seconds.
    pub fn duration_s(&self, symbols: usize) -> f64 {
        self.symbol_start(symbols) as f64 / self.sample_rate_hz
    }

    /// Returns the number of symbols of a slot.
    pub fn slot_symbols(&self) -> usize {
        self.slot_symbols
    }
}

/// Offsets of `used` subcarriers around the carrier.
fn centred(used: usize, dc: bool) -> Vec<i32> {
    let below = (used / 2) as i32;
    let offsets = -below..(used as i32 - below);
    if dc { offsets.collect() } else { offsets.map(|k| if k < 0 { k } else { k + 1 }).collect() }
}

struct NrRow {
    range: &'static str,
    spacing_khz: f64,
    bandwidth_mhz: f64,
    resource_blocks: usize,
}

fn nr_rows() -> Vec<NrRow> {
    let rows = NR_RESOURCE_BLOCKS.lines().filter(|l| l.starts_with("FR"));
    rows.map(|row| {
        let fields: Vec<&str> = row.split(',').collect();
        let number = |i: usize| -> f64 { fields[i].parse().expect("shipped table holds numbers") };
        NrRow {
            range: fields[0],
            spacing_khz: number(1),
            bandwidth_mhz: number(2),
            resource_blocks: number(3) as usize,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nr_20_mhz_30_khz_has_the_samples_of_the_standard() {
        let n = Numerology::nr(20e6, 30e3, 3.5e9).unwrap();
        assert_eq!((n.used(), n.fft_size(), n.sample_rate_hz()), (612, 1024, 30.72e6));
        assert_eq!((n.prefix_samples(0), n.prefix_samples(1), n.prefix_samples(14)), (88, 72, 88));
        assert_eq!((n.offsets()[0], n.offsets()[611]), (-306, 305));
        // Half a millisecond is 14 symbols at 30 kHz.
        assert_eq!(n.symbol_start(14), 15_360);
        assert_eq!(n.duration_s(28), 1e-3);
    }

    #[test]
    fn every_pair_of_the_table_fills_half_milliseconds_exactly() {
        for row in nr_rows() {
            let carrier = if row.range == "FR2" { 28e9 } else { 3.5e9 };
            let n = Numerology::nr(row.bandwidth_mhz * 1e6, row.spacing_khz * 1e3, carrier).unwrap();
            assert_eq!(n.used(), 12 * row.resource_blocks);
            let symbols = 7 * (row.spacing_khz / 15.0) as usize;
            assert_eq!(n.duration_s(symbols), 0.5e-3, "{} kHz {} MHz", row.spacing_khz, row.bandwidth_mhz);
        }
    }

    #[test]
    fn pairs_that_do_not_exist_are_refused_with_those_that_do() {
        let message = Numerology::nr(5e6, 60e3, 3.5e9).unwrap_err().to_string();
        assert!(message.contains("10, 15, 20") && message.contains("15, 30 kHz"), "{message}");
    }

    #[test]
    fn custom_grids_leave_out_the_carrier_when_asked() {
        let n = Numerology::custom(20e6, 256, 64, 192, false).unwrap();
        assert_eq!((n.offsets()[0], n.offsets()[95], n.offsets()[96], n.offsets()[191]), (-96, -1, 1, 96));
        assert!(Numerology::custom(20e6, 64, 16, 64, false).is_err());
        assert!(Numerology::custom(20e6, 64, 65, 48, false).is_err());
    }
}
