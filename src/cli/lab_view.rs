//! A lab run's round in the terminal: radios as phasors on the unit circle, and the plane of the sum.

use airloop::lab::LabRound;
use std::f64::consts::TAU;

/// Size of a plane, in characters, which are about twice as high as wide.
const COLUMNS: usize = 34;
const ROWS: usize = 17;

/// Points of the sum that are drawn at most.
const MOST_POINTS: usize = 2000;

/// A square plane of dots, two by four in a character, and letters.
struct Plane {
    /// Half the width of the plane.
    reach: f64,
    dots: Vec<u8>,
    letters: Vec<Option<char>>,
}

impl Plane {
    fn new(reach: f64) -> Self {
        Self { reach, dots: vec![0; COLUMNS * ROWS], letters: vec![None; COLUMNS * ROWS] }
    }

    /// Returns the place of a point, as parts of the width and height; `None` outside.
    fn place(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let share = |value: f64| 0.5 * (value / self.reach + 1.0);
        let (across, down) = (share(x), 1.0 - share(y));
        ((0.0..1.0).contains(&across) && (0.0..1.0).contains(&down)).then_some((across, down))
    }

    fn dot(&mut self, point: (f64, f64)) {
        let Some((across, down)) = self.place(point) else { return };
        let (column, row) = ((across * 2.0 * COLUMNS as f64) as usize, (down * 4.0 * ROWS as f64) as usize);
        // Braille counts the dots of the upper three rows by columns, then those of the last.
        let bit = match (column % 2, row % 4) {
            (column, 3) => 6 + column,
            (column, row) => 3 * column + row,
        };
        self.dots[row / 4 * COLUMNS + column / 2] |= 1 << bit;
    }

    fn letter(&mut self, point: (f64, f64), letter: char) {
        let Some((across, down)) = self.place(point) else { return };
        let (column, row) = ((across * COLUMNS as f64) as usize, (down * ROWS as f64) as usize);
        self.letters[row * COLUMNS + column] = Some(letter);
    }

    fn lines(&self) -> Vec<String> {
        let character = |(dots, letter): (&u8, &Option<char>)| {
            letter.unwrap_or_else(|| match dots {
                0 => ' ',
                dots => char::from_u32(0x2800 + u32::from(*dots)).unwrap_or(' '),
            })
        };
        let rows = self.dots.chunks(COLUMNS).zip(self.letters.chunks(COLUMNS));
        rows.map(|(dots, letters)| dots.iter().zip(letters).map(character).collect()).collect()
    }
}

/// Returns both planes side by side, with a line for each radio.
pub fn view(round: &LabRound) -> String {
    let planes = phasors(round).lines().into_iter().zip(sum(round).lines());
    let title = format!(
        "{:COLUMNS$}   the sum received, by neighbouring values",
        "radios: the round over the pilots"
    );
    let mut lines = vec![title];
    lines.extend(planes.map(|(left, right)| format!("{left} | {right}").trim_end().to_string()));
    for (place, ([before, after], device)) in
        round.heard.phasors.iter().zip(&round.calibration.devices).enumerate()
    {
        let sign = sign(place);
        lines.push(format!(
            "{sign} {:<12} before {:.3} at {:+.4} rad, after {:.3} at {:+.4} rad",
            device.name,
            before.norm(),
            before.arg(),
            after.norm(),
            after.arg()
        ));
    }
    lines.join("\n")
}

/// The unit circle, and a radio's sign where its phasor ends after the round.
fn phasors(round: &LabRound) -> Plane {
    let mut plane = Plane::new(1.2);
    for step in 0..360 {
        let (y, x) = (TAU * f64::from(step) / 360.0).sin_cos();
        plane.dot((x, y));
    }
    plane.letter((0.0, 0.0), '+');
    for (place, [_, after]) in round.heard.phasors.iter().enumerate() {
        plane.letter((after.re, after.im), sign(place));
    }
    plane
}

fn sum(round: &LabRound) -> Plane {
    let (estimate, _) = &round.sum;
    let largest = estimate.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    let mut plane = Plane::new(1.05 * f64::from(largest).max(f64::MIN_POSITIVE));
    let step = (estimate.len() / 2).div_ceil(MOST_POINTS).max(1);
    for pair in estimate.chunks_exact(2).step_by(step) {
        plane.dot((pair[0].into(), pair[1].into()));
    }
    plane.letter((0.0, 0.0), '+');
    plane
}

/// Returns the sign of a radio: digits, then letters, again and again.
fn sign(place: usize) -> char {
    char::from_digit((place % 36) as u32, 36).unwrap_or('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_where_they_belong() {
        let mut plane = Plane::new(1.0);
        plane.dot((-0.999, 0.999));
        plane.dot((0.999, -0.999));
        plane.letter((0.999, 0.999), 'x');
        plane.letter((2.0, 0.0), 'y');
        let lines = plane.lines();
        let first: Vec<char> = lines[0].chars().collect();
        let last: Vec<char> = lines[ROWS - 1].chars().collect();
        assert_eq!((first[0], first[COLUMNS - 1], last[COLUMNS - 1]), ('\u{2801}', 'x', '\u{2880}'));
        let drawn = lines.iter().flat_map(|line| line.chars()).filter(|c| *c != ' ').count();
        assert_eq!(drawn, 3, "what lies outside is not drawn");
    }
}
