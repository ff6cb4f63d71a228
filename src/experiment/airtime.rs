//! How long rounds take: whole OFDM symbols with their prefixes, or symbols of a single carrier.

use super::Experiment;
use super::sections::SchemeKind;
use super::sections::scheme_keys::misaligned::MisalignedSection;

impl Experiment {
    /// Returns the keys of misaligned frames, which a single carrier sends; `None` where a round is made of OFDM symbols.
    pub fn misaligned(&self) -> Option<&MisalignedSection> {
        match &self.scheme.kind {
            SchemeKind::Misaligned(section) => Some(section),
            _ => None,
        }
    }

    /// Returns the symbol rate of a single carrier, in symbols a second: the used band of the grid.
    ///
    /// ```text
    /// symbol rate = used subcarriers * subcarrier spacing
    /// ```
    ///
    /// So at equal total power a symbol has the energy of a resource element, and `link.snr_db` is the SNR of either. The
    /// rectangular pulses themselves reach beyond the band.
    pub fn symbol_rate_hz(&self) -> f64 {
        self.numerology.used() as f64 * self.numerology.subcarrier_spacing_hz()
    }

    /// Returns the airtime of a number of symbols, in seconds.
    pub fn airtime_s(&self, symbols: usize) -> f64 {
        match self.misaligned() {
            Some(_) => symbols as f64 / self.symbol_rate_hz(),
            None => self.numerology.duration_s(symbols),
        }
    }

    /// Returns the elements of a symbol: the used subcarriers, as often as there are beams, or 1 on a single carrier.
    pub fn elements_per_symbol(&self) -> usize {
        match self.misaligned() {
            Some(_) => 1,
            None => self.numerology.used() * self.scheme.kind.streams(),
        }
    }

    /// Returns the symbols of a round that carry values, where the scheme lays them out beforehand.
    ///
    /// A misaligned frame takes a symbol time more than it has symbols, for the devices that are late.
    pub fn layout_symbols(&self) -> usize {
        let Some(section) = self.misaligned() else { return self.segments().symbols() };
        let symbols = self.payload.length().div_ceil(2);
        let late = section.delays_symbols.range().1 >= crate::misaligned::SAME_DELAY;
        symbols + usize::from(late) * symbols.div_ceil(section.symbols_per_frame)
    }
}
