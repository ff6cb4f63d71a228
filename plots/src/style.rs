//! How series and fidelities look: colours, dashes, markers, sizes in points.

/// Red, green, blue.
pub(crate) type Colour = (u8, u8, u8);

/// The palette of Okabe and Ito without its yellow, which vanishes on white; ordered by contrast.
pub(crate) const PALETTE: [Colour; 7] = [
    (0x00, 0x72, 0xb2),
    (0xd5, 0x5e, 0x00),
    (0x00, 0x9e, 0x73),
    (0xcc, 0x79, 0xa7),
    (0xe6, 0x9f, 0x00),
    (0x56, 0xb4, 0xe9),
    (0x00, 0x00, 0x00),
];

/// Lengths drawn and skipped in turn, in points; empty for a solid line.
pub(crate) const DASHES: [&[f64]; 5] = [&[], &[4.2, 1.8], &[1.2, 1.5], &[5.0, 1.5, 1.2, 1.5], &[8.0, 2.0]];

pub(crate) const INK: Colour = (0x20, 0x20, 0x20);
pub(crate) const KEY: Colour = (0x55, 0x55, 0x55);
pub(crate) const GRID: Colour = (0xdd, 0xdd, 0xdd);

pub(crate) const LABEL_PT: f64 = 8.0;
pub(crate) const TICK_PT: f64 = 7.0;
pub(crate) const LEGEND_PT: f64 = 7.0;
pub(crate) const LINE_PT: f64 = 1.0;
pub(crate) const JOIN_PT: f64 = 0.7;
pub(crate) const OUTLINE_PT: f64 = 0.75;
pub(crate) const FRAME_PT: f64 = 0.6;
pub(crate) const GRID_PT: f64 = 0.35;
/// Half the size of a filled marker and of an open one, which must show around it.
pub(crate) const FILLED_PT: f64 = 1.5;
pub(crate) const OPEN_PT: f64 = 2.7;
pub(crate) const BAND_ALPHA: f64 = 0.2;

/// The outline of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
    Down,
    Pentagon,
}

const SHAPES: [Shape; 6] =
    [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond, Shape::Down, Shape::Pentagon];

/// The look of one series.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Style {
    pub colour: Colour,
    pub dash: usize,
    pub shape: Shape,
}

/// Returns the look of a series: colour by `hue`, shade and dash by `variant`, marker by both.
pub(crate) fn style(hue: usize, variant: usize, variants: usize) -> Style {
    let base = PALETTE[hue % PALETTE.len()];
    let dash = if variants > 1 { variant } else { hue };
    Style {
        colour: shade(base, variant),
        dash: dash % DASHES.len(),
        shape: SHAPES[(hue * variants + variant) % SHAPES.len()],
    }
}

/// Mixes a colour with black for odd variants and with white for even ones, the first left as it is.
fn shade(colour: Colour, variant: usize) -> Colour {
    let (target, share) = match variant {
        0 => return colour,
        1 => (0.0, 0.38),
        2 => (255.0, 0.35),
        3 => (0.0, 0.6),
        _ => (255.0, 0.5),
    };
    let mix = |c: u8| (f64::from(c) * (1.0 - share) + target * share).round() as u8;
    (mix(colour.0), mix(colour.1), mix(colour.2))
}

/// The rung that a row was computed on, in drawing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Fidelity {
    Theory,
    Symbol,
    Waveform,
    Radio,
}

impl Fidelity {
    pub const ALL: [Self; 4] = [Self::Theory, Self::Symbol, Self::Waveform, Self::Radio];

    /// Returns the word in the table and in legends.
    pub fn word(self) -> &'static str {
        match self {
            Self::Theory => "theory",
            Self::Symbol => "symbol",
            Self::Waveform => "waveform",
            Self::Radio => "radio",
        }
    }

    /// Returns the rung that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.word() == word)
    }
}
