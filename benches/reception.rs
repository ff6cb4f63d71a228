//! The receiving side of the digital link: data elements a second of channel estimation and of equalisers on one thread, each
//! beside
//! a multiply-add of as many complex values in the same run; the slot is 51 resource blocks of 14 symbols with two pilot
//! symbols.

mod support;

use airloop::baseband::{Complex32, Complex64, Purpose, Seeds};
use airloop::channels::Profile;
use airloop::link::channel_estimation::{
    ChannelEstimate, ChannelEstimator, DelayStatistics, DopplerStatistics, Interpolation, PilotResiduals,
    Responses, WienerConfig,
};
use airloop::link::equalisation::{EqualisationRule, Equalised, Equaliser, InterferenceCovariance, Noise};
use airloop::link::precoding::{Codebook, Precoder, select};
use airloop::link::reference_signals::{ReferenceSignals, SequenceIdentity};
use airloop::link::slot_layout::{SlotConfig, SlotLayout};
use std::hint::black_box;
use support::{Row, multiply_add, print, shortest};

const USED: usize = 612;
const NOISE: f32 = 0.01;

fn noise(count: usize) -> Vec<Complex32> {
    let mut values = vec![Complex32::default(); count];
    Seeds::new(1).stream(Purpose::Noise, 0, 0).fill_complex_gaussian(0, 1.0, &mut values);
    values
}

/// Returns complex multiply-adds a second over a slot of one antenna.
fn ceiling() -> f64 {
    let count = 14 * USED;
    let (h, x, mut y) = (noise(count), noise(count), noise(count));
    count as f64 / shortest(|| multiply_add(black_box(&h), black_box(&x), black_box(&mut y)))
}

fn wiener(layers: usize, max_doppler_hz: f64) -> Interpolation {
    let profile = Profile::exponential(300e-9).expect("a delay spread above 0");
    Interpolation::Wiener(WienerConfig {
        delays: DelayStatistics::of(&profile),
        doppler: DopplerStatistics::Jakes { max_doppler_hz },
        subcarrier_spacing_hz: 30e3,
        symbol_duration_s: 0.5e-3 / 14.0,
        taps: WienerConfig::TAPS,
        layer_power: 1.0 / layers as f64,
    })
}

/// A receiver of some antennas and layers.
struct Link {
    layout: SlotLayout,
    signals: ReferenceSignals,
    receive: usize,
    received: Vec<Complex32>,
    estimate: ChannelEstimate,
    most: f64,
}

impl Link {
    fn new(receive: usize, layers: usize, most: f64) -> Self {
        let config = SlotConfig { pilot_symbols: 2, layers, ..SlotConfig::new(USED) };
        let layout = SlotLayout::new(config).expect("the pilots fit");
        let signals = ReferenceSignals::new(&layout, SequenceIdentity::default());
        let received = noise(receive * layout.elements());
        Self { layout, signals, receive, received, estimate: ChannelEstimate::new(), most }
    }

    fn row(&self, name: &str, seconds: f64) -> Row {
        Row {
            name: format!("{}x{} {name}", self.layout.layers(), self.receive),
            rate: self.layout.data_elements() as f64 / seconds,
            unit: "data elements",
            ceiling: ("one multiply-add an element", self.most),
        }
    }

    fn estimation(&mut self, name: &str, interpolation: &Interpolation) -> Row {
        let mut estimator = ChannelEstimator::new(&self.layout, self.receive, interpolation, NOISE.into())
            .expect("the estimator is right");
        let seconds =
            shortest(|| estimator.estimate(black_box(&self.received), &self.signals, &mut self.estimate));
        self.row(name, seconds)
    }

    fn equalisation(&mut self, name: &str, rule: EqualisationRule, moving: bool) -> Row {
        let interpolation = wiener(self.layout.layers(), if moving { 100.0 } else { 0.0 });
        self.estimation("", &interpolation);
        let mut equaliser =
            Equaliser::new(rule, &self.layout, self.receive).expect("as many antennas as layers");
        let mut out = Equalised::new();
        let seconds = shortest(|| {
            equaliser.equalise(black_box(&self.received), &self.estimate, Noise::White(NOISE), &mut out);
        });
        self.row(name, seconds)
    }

    fn rejection(&mut self) -> Row {
        let mut estimator = ChannelEstimator::new(
            &self.layout,
            self.receive,
            &wiener(self.layout.layers(), 100.0),
            NOISE.into(),
        )
        .expect("the estimator is right");
        estimator.estimate(&self.received, &self.signals, &mut self.estimate);
        let rule = EqualisationRule::MinimumMeanSquareError;
        let mut equaliser =
            Equaliser::new(rule, &self.layout, self.receive).expect("as many antennas as layers");
        let mut residuals = PilotResiduals::new(&self.layout, self.receive);
        let mut covariance = InterferenceCovariance::new(self.receive, USED, 48);
        let mut out = Equalised::new();
        let seconds = shortest(|| {
            residuals.measure(black_box(&self.received), &estimator);
            covariance.measure(&residuals);
            equaliser.equalise(&self.received, &self.estimate, Noise::Coloured(&covariance), &mut out);
        });
        self.row("rejection, covariance, moving", seconds)
    }

    fn pilots(&mut self) -> Row {
        let mut grid = vec![Complex32::default(); self.layout.layers() * self.layout.elements()];
        let mut slot = 0;
        let seconds = shortest(|| {
            slot += 1;
            self.signals.prepare(slot);
            self.signals.fill(black_box(&mut grid));
        });
        self.row("pilots of a slot", seconds)
    }
}

fn main() {
    let most = ceiling();
    let mut rows = Vec::new();
    for (receive, layers) in [(1, 1), (2, 1), (2, 2), (4, 4)] {
        let mut link = Link::new(receive, layers, most);
        rows.push(link.pilots());
        rows.push(link.estimation("linear", &Interpolation::Linear));
        rows.push(link.estimation("wiener, static", &wiener(layers, 0.0)));
        rows.push(link.estimation("wiener, moving", &wiener(layers, 100.0)));
        let least = EqualisationRule::MinimumMeanSquareError;
        if layers == 1 {
            rows.push(link.equalisation("maximum ratio, static", least, false));
            rows.push(link.equalisation("maximum ratio, moving", least, true));
        } else {
            rows.push(link.equalisation("zero forcing, moving", EqualisationRule::ZeroForcing, true));
            rows.push(link.equalisation("least error, static", least, false));
            rows.push(link.equalisation("least error, moving", least, true));
        }
        if receive > 1 {
            rows.push(link.rejection());
        }
    }
    print("reception: 612 subcarriers, 14 symbols, 2 pilot symbols, one thread", &rows);

    let responses = noise(16 * USED);
    let channel = Responses::new(&responses, 4, 4, USED);
    let codebook = Codebook::new(4).expect("four antennas have a codebook");
    let seconds = shortest(|| {
        select(&codebook, black_box(&channel), 0.1, 1..=4, 12).expect("four layers fit");
    });
    println!(
        "choice of 4x4 precoder and rank from all 96 matrices at 51 subcarriers: {:.0} us",
        seconds * 1e6
    );
    let matrix: Vec<Complex64> = (0..16).map(|i| Complex64::cis(f64::from(i)) * 0.25).collect();
    let precoder = Precoder::wideband(4, 4, &matrix);
    let (layers, mut antennas) = (noise(4 * 14 * USED), noise(4 * 14 * USED));
    let seconds = shortest(|| precoder.apply(black_box(&layers), USED, black_box(&mut antennas)));
    let rate = (14 * USED) as f64 / seconds;
    println!(
        "4x4 precoding: {:.1} M elements/s, {:.3} of a multiply-add for each of 16 pairs",
        rate / 1e6,
        rate * 16.0 / most
    );
}
