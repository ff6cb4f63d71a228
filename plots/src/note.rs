//! What a reader of a figure should know and the figure alone does not say.

use std::fmt;

/// A remark on a drawn figure: something was left out, replaced or moved.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Points that a logarithm cannot show were left out.
    NotPositive {
        /// The series.
        series: String,
        /// The column that holds the values.
        column: String,
        /// How many points were left out.
        points: usize,
    },
    /// The mean does not exist at some points, so that the median is drawn there.
    Median {
        /// The series.
        series: String,
        /// How many points show the median.
        points: usize,
        /// How many points the series has.
        of: usize,
    },
    /// A series has rows and no value to draw.
    NoValues {
        /// The series.
        series: String,
    },
    /// Several rows of one series share one x, so that its line is ambiguous.
    Ambiguous {
        /// The series.
        series: String,
        /// How many points repeat an x that the series already has.
        points: usize,
        /// A column in which such rows differ, to be added to `series` or `filter`.
        column: Option<String>,
    },
    /// A character has no glyph in the bundled font and is drawn as a blank.
    MissingGlyph {
        /// The character.
        character: char,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPositive { series, column, points } => write!(
                f,
                "{series}: {points} point(s) left out: `{column}` is zero or negative there and the axis is logarithmic"
            ),
            Self::Median { series, points, of } => write!(
                f,
                "{series}: the mean does not exist at {points} of {of} point(s); the median is drawn there"
            ),
            Self::NoValues { series } => write!(f, "{series}: no value to draw"),
            Self::Ambiguous { series, points, column } => {
                write!(f, "{series}: {points} point(s) share their x with another")?;
                match column {
                    Some(c) => write!(f, "; the rows differ in `{c}`: add it to `series` or `filter`"),
                    None => Ok(()),
                }
            }
            Self::MissingGlyph { character } => {
                write!(f, "the bundled font has no glyph for {character:?} (U+{:04X})", *character as u32)
            }
        }
    }
}
