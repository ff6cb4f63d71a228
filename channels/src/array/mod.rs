//! Antenna arrays: where elements stand, how they are polarised, what they radiate, where the array looks.
//!
//! Positions are in wavelengths and in the array's own frame; an array that is not turned looks along x, the horizontal is
//! the xy plane, and z points up. Angles are those of 3GPP TR 38.901 clause 7.1: azimuth from x towards y, zenith from z.

mod orientation;
mod pattern;
mod polarisation;
mod response;

use crate::error::ChannelError;
use airloop_baseband::Complex64;
pub use orientation::Orientation;
pub use pattern::ElementPattern;
pub use polarisation::Polarisation;
pub(crate) use response::{Directions, Responses};

/// An antenna array.
///
/// Elements are ordered by polarisation first, then column, then row; rows count upwards, columns along y (figure 7.3-1 of
/// 3GPP TR 38.901), and the array is centred on its frame:
///
/// ```text
/// element = (polarisation * columns + column) * rows + row
/// position = (0, (column - (columns - 1)/2) d_columns, (row - (rows - 1)/2) d_rows)   in wavelengths
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Positions of the elements of one polarisation, in wavelengths.
    positions: Vec<[f64; 3]>,
    polarisation: Polarisation,
    pattern: ElementPattern,
    orientation: Orientation,
}

impl Array {
    /// Returns one isotropic vertical element.
    pub fn single() -> Self {
        Self {
            positions: vec![[0.0; 3]],
            polarisation: Polarisation::vertical(),
            pattern: ElementPattern::Isotropic,
            orientation: Orientation::default(),
        }
    }

    /// Makes a line of isotropic vertical elements along y, `spacing_wavelengths` apart.
    ///
    /// # Errors
    /// When there is no element or the spacing is not positive.
    pub fn linear(count: usize, spacing_wavelengths: f64) -> Result<Self, ChannelError> {
        Self::planar(1, count, [spacing_wavelengths; 2])
    }

    /// Makes a rectangle of isotropic vertical elements in the yz plane; rows and columns are `[d_rows, d_columns]`
    /// wavelengths apart.
    ///
    /// # Errors
    /// When there is no element or a spacing is not positive.
    pub fn planar(rows: usize, columns: usize, spacings_wavelengths: [f64; 2]) -> Result<Self, ChannelError> {
        if rows == 0 || columns == 0 {
            let (name, expected) = ("antenna elements", "an array has at least one row and one column");
            return Err(ChannelError::OutOfRange { name, value: 0.0, expected });
        }
        for value in spacings_wavelengths {
            if !(value > 0.0 && value.is_finite()) {
                let expected = "elements are a positive, finite number of wavelengths apart";
                return Err(ChannelError::OutOfRange { name: "antenna spacing", value, expected });
            }
        }
        let offset =
            |index: usize, count: usize, spacing: f64| (index as f64 - (count - 1) as f64 / 2.0) * spacing;
        let [up, along] = spacings_wavelengths;
        let place = |column, row| [0.0, offset(column, columns, along), offset(row, rows, up)];
        let positions =
            (0..columns).flat_map(|column| (0..rows).map(move |row| place(column, row))).collect();
        Ok(Self { positions, ..Self::single() })
    }

    /// Returns the array with another polarisation; two slants double the number of elements.
    #[must_use]
    pub fn with_polarisation(self, polarisation: Polarisation) -> Self {
        Self { polarisation, ..self }
    }

    /// Returns the array with another element pattern.
    #[must_use]
    pub fn with_pattern(self, pattern: ElementPattern) -> Self {
        Self { pattern, ..self }
    }

    /// Returns the array turned as a whole, its elements and their patterns with it.
    #[must_use]
    pub fn with_orientation(self, orientation: Orientation) -> Self {
        Self { orientation, ..self }
    }

    /// Returns the number of elements: positions times polarisations.
    pub fn elements(&self) -> usize {
        self.positions.len() * self.polarisation.slants_deg().len()
    }

    /// Returns the position of an element in the global frame, in wavelengths.
    ///
    /// # Panics
    /// When there is no such element.
    pub fn position_wavelengths(&self, element: usize) -> [f64; 3] {
        assert!(element < self.elements(), "element {element} of {}", self.elements());
        self.orientation.turned(self.positions[element % self.positions.len()])
    }

    /// Returns the polarisation.
    pub fn polarisation(&self) -> &Polarisation {
        &self.polarisation
    }

    /// Returns the element pattern.
    pub fn pattern(&self) -> ElementPattern {
        self.pattern
    }

    /// Returns the orientation.
    pub fn orientation(&self) -> Orientation {
        self.orientation
    }

    /// Returns what every element sends into, or takes from, one direction: the field along zenith and along azimuth.
    ///
    /// ```text
    /// [F_theta, F_phi] exp(j 2 pi r . d),   r the unit vector of the direction, d the position in wavelengths
    /// ```
    ///
    /// Source: 3GPP TR 38.901, clauses 7.1 and 7.3.2 and the antenna terms of equation 7.5-22.
    pub fn response(&self, azimuth_deg: f64, zenith_deg: f64) -> Vec<[Complex64; 2]> {
        let mut direction = Directions::zeros(1);
        let unit = |degrees: f64| (degrees.to_radians().cos(), degrees.to_radians().sin());
        direction.set(0, unit(azimuth_deg), unit(zenith_deg));
        let mut responses = Responses::zeros(self.elements(), 1);
        self.respond(&direction, &mut responses);
        let field = |[a, b, c, d]: [&[f64]; 4]| [Complex64::new(a[0], b[0]), Complex64::new(c[0], d[0])];
        (0..self.elements()).map(|element| field(responses.element(element))).collect()
    }
}
