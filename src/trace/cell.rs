//! The cells of a trace: each value to text, to the number or word of a table, and back, exactly.

use super::leg::{Carriage, Direction, Peer, Source, Stage};
use std::fmt::{self, Write};
use std::sync::Arc;

/// What stands in a cell of a file or of a table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot<'a> {
    /// The text of a file's cell, or a word; empty text stands for what is not known.
    Text(&'a str),
    /// A whole number.
    Whole(u64),
    /// Any number.
    Real(f64),
}

impl Slot<'_> {
    /// What is not known.
    pub const MISSING: Self = Slot::Text("");

    fn is_missing(self) -> bool {
        matches!(self, Slot::Text(""))
    }
}

impl fmt::Display for Slot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Slot::Text("") => f.write_str("empty"),
            Slot::Text(text) => write!(f, "{text:?}"),
            Slot::Whole(number) => write!(f, "{number}"),
            Slot::Real(number) => write!(f, "{number:?}"),
        }
    }
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words.
    Word,
    /// Whole numbers from 0 of so many bits.
    Whole(u32),
    /// Numbers of double precision.
    Real,
}

/// A value of a cell.
pub(super) trait Cell: Sized {
    /// What it is.
    const KIND: Kind;

    /// Whether it may be unknown.
    const OPTIONAL: bool = false;

    /// Returns the value.
    fn slot(&self) -> Slot<'_>;

    /// Appends the text, or says what would be right.
    fn write(&self, out: &mut String) -> Result<(), &'static str>;

    /// Reads what stands in a cell, or says what would be right.
    fn read(slot: Slot<'_>) -> Result<Self, String>;
}

macro_rules! words {
    ($($name:ident),*) => {$(
        impl Cell for $name {
            const KIND: Kind = Kind::Word;

            fn slot(&self) -> Slot<'_> {
                Slot::Text(self.word())
            }

            fn write(&self, out: &mut String) -> Result<(), &'static str> {
                out.push_str(self.word());
                Ok(())
            }

            fn read(slot: Slot<'_>) -> Result<Self, String> {
                let word = if let Slot::Text(text) = slot { Self::from_word(text) } else { None };
                word.ok_or_else(|| format!("one of {} is expected", Self::WORDS.join(", ")))
            }
        }
    )*};
}

words!(Stage, Direction, Carriage, Source);

/// Magnitude below which whole numbers of double precision are written by their digits and `.0`.
const MOST_BY_DIGITS: f64 = 1e15;

impl Cell for f64 {
    const KIND: Kind = Kind::Real;

    fn slot(&self) -> Slot<'_> {
        Slot::Real(*self)
    }

    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        if !self.is_finite() {
            return Err("a finite number is expected");
        }
        // The shortest text that reads back as the same number; of whole ones that is known at once.
        let whole = *self as u64;
        if self.is_sign_positive() && *self < MOST_BY_DIGITS && whole as f64 == *self {
            push_digits(whole, out);
            out.push_str(".0");
        } else {
            let _ = write!(out, "{self:?}");
        }
        Ok(())
    }

    fn read(slot: Slot<'_>) -> Result<Self, String> {
        let number = match slot {
            Slot::Text(text) => text.parse().ok(),
            Slot::Real(number) => Some(number),
            Slot::Whole(number) => Some(number as Self).filter(|x| *x as u64 == number),
        };
        number.filter(|x: &Self| x.is_finite()).ok_or_else(|| "a number is expected".into())
    }
}

/// Reads a whole number, also one written with a fraction of 0, as tables with gaps have it.
fn whole(slot: Slot<'_>) -> Option<u64> {
    let of_real = |x: f64| ((0.0..9e15).contains(&x) && x.fract() == 0.0).then_some(x as u64);
    match slot {
        Slot::Text(text) => text.parse().ok().or_else(|| of_real(text.parse().ok()?)),
        Slot::Whole(number) => Some(number),
        Slot::Real(number) => of_real(number),
    }
}

/// Appends the decimal digits of a number.
fn push_digits(mut number: u64, out: &mut String) {
    let mut digits = [b'0'; 20];
    let mut begin = digits.len() - 1;
    while number > 9 {
        digits[begin] = b'0' + (number % 10) as u8;
        (number, begin) = (number / 10, begin - 1);
    }
    digits[begin] = b'0' + number as u8;
    digits[begin..].iter().for_each(|digit| out.push(char::from(*digit)));
}

macro_rules! whole_numbers {
    ($($kind:ty),*) => {$(
        impl Cell for $kind {
            const KIND: Kind = Kind::Whole(Self::BITS);

            fn slot(&self) -> Slot<'_> {
                Slot::Whole((*self).into())
            }

            fn write(&self, out: &mut String) -> Result<(), &'static str> {
                push_digits((*self).into(), out);
                Ok(())
            }

            fn read(slot: Slot<'_>) -> Result<Self, String> {
                let expected = || format!("a whole number from 0 to {} is expected", Self::MAX);
                whole(slot).and_then(|x| Self::try_from(x).ok()).ok_or_else(expected)
            }
        }
    )*};
}

whole_numbers!(u8, u32, u64);

impl Cell for bool {
    const KIND: Kind = Kind::Whole(u8::BITS);

    fn slot(&self) -> Slot<'_> {
        Slot::Whole(u64::from(*self))
    }

    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        out.push(if *self { '1' } else { '0' });
        Ok(())
    }

    fn read(slot: Slot<'_>) -> Result<Self, String> {
        match slot {
            Slot::Text("0") | Slot::Whole(0) => Ok(false),
            Slot::Text("1") | Slot::Whole(1) => Ok(true),
            _ => Err("0 or 1 is expected".into()),
        }
    }
}

impl Cell for Arc<str> {
    const KIND: Kind = Kind::Word;

    fn slot(&self) -> Slot<'_> {
        Slot::Text(self)
    }

    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        if self.is_empty() || self.contains(['"', ',', '\\']) || self.contains(char::is_control) {
            return Err("a text without commas, quotes, backslashes and ends of lines is expected");
        }
        out.push_str(self);
        Ok(())
    }

    fn read(slot: Slot<'_>) -> Result<Self, String> {
        match slot {
            Slot::Text(text) if !text.is_empty() => Ok(text.into()),
            _ => Err("a text is expected".into()),
        }
    }
}

impl Cell for Peer {
    const KIND: Kind = Kind::Word;

    fn slot(&self) -> Slot<'_> {
        match self {
            Self::Server => Slot::Text("server"),
            Self::Device(device) => Slot::Whole((*device).into()),
        }
    }

    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        let _ = write!(out, "{self}");
        Ok(())
    }

    fn read(slot: Slot<'_>) -> Result<Self, String> {
        let device = match slot {
            Slot::Text("server") => return Ok(Self::Server),
            Slot::Text(device) => device.parse().ok(),
            Slot::Whole(device) => u32::try_from(device).ok(),
            Slot::Real(_) => None,
        };
        device.map(Self::Device).ok_or_else(|| "server, or the number of a device, is expected".into())
    }
}

impl<T: Cell> Cell for Option<T> {
    const KIND: Kind = T::KIND;
    const OPTIONAL: bool = true;

    fn slot(&self) -> Slot<'_> {
        self.as_ref().map_or(Slot::MISSING, T::slot)
    }

    fn write(&self, out: &mut String) -> Result<(), &'static str> {
        self.as_ref().map_or(Ok(()), |value| value.write(out))
    }

    fn read(slot: Slot<'_>) -> Result<Self, String> {
        if slot.is_missing() { Ok(None) } else { T::read(slot).map(Some) }
    }
}
