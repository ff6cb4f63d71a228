//! Numbers as they may be written: within bounds, in lists, as a word, along a sweep axis.

use std::fmt;

use serde_json::Value as Json;

use super::error::{ConfigError, shortened};
use super::overrides::{is_number, parse_bare};
use super::reader::TableReader;
use super::tree::{Node, Value};

/// Limits how many values an axis holds.
pub const MAX_AXIS_VALUES: usize = 1_000_000;

const EXAMPLES: &str = "for example \"-5:5:25\", \"10,20,30\" or [10, 20, 30]";

/// Reads the values of a sweep axis.
#[derive(Debug, Clone, Copy)]
pub struct AxisValues;

impl AxisValues {
    /// Reads an array of numbers, strings and booleans; or a string that lists values and
    /// ranges, as `-5:5:25`, `rayleigh,tdl-c` or `0,1:1:4,8`; or one value.
    ///
    /// A range is `start:step:stop`; it holds every `start + i * step` up to `stop`, which it
    /// reaches if it lies on a step. It is computed in decimal from the numbers as written, so
    /// `0:0.1:1` holds 0.3 and not 0.30000000000000004, and its values are integers when all
    /// three are.
    ///
    /// # Errors
    /// Fails on an empty axis, an array within the array, a step of zero or of the wrong sign, a
    /// malformed range, and more than [`MAX_AXIS_VALUES`] values.
    pub fn parse(node: &Node) -> Result<Vec<Node>, ConfigError> {
        let bad = |message: &str| Err(bad_range(node, message));
        match &node.value {
            Value::Table(_) => bad(&format!("a table is not an axis; {EXAMPLES}")),
            Value::Array(items) if items.is_empty() => bad(&format!("no value; {EXAMPLES}")),
            Value::Array(items) if items.len() > MAX_AXIS_VALUES => Err(too_many(node)),
            Value::Array(items) => scalars(items.clone()),
            Value::String(text) => scalars(list(node, text)?),
            _ => Ok(vec![node.clone()]),
        }
    }
}

fn scalars(items: Vec<Node>) -> Result<Vec<Node>, ConfigError> {
    let inner = |n: &&Node| matches!(n.value, Value::Table(_) | Value::Array(_));
    let Some(item) = items.iter().find(inner) else {
        return Ok(items);
    };
    let message = "an axis holds numbers, strings and booleans only";
    Err(bad_range(item, &format!("{message}; {EXAMPLES}")))
}

fn bad_range(node: &Node, message: &str) -> ConfigError {
    ConfigError::BadRange {
        origin: node.origin.clone(),
        text: node.value.to_string(),
        message: message.to_owned(),
    }
}

fn too_many(node: &Node) -> ConfigError {
    bad_range(node, &format!("more than {MAX_AXIS_VALUES} values; take a larger step"))
}

fn list(node: &Node, text: &str) -> Result<Vec<Node>, ConfigError> {
    let mut out = Vec::new();
    for item in split_list(text) {
        let item = item.trim();
        if item.is_empty() {
            return Err(bad_range(node, &format!("an empty value; {EXAMPLES}")));
        }
        let parts: Vec<&str> = item.splitn(5, ':').map(str::trim).collect();
        if parts.len() > 1 && !item.starts_with(['"', '\'']) && parts.iter().any(|p| is_number(p)) {
            range(node, item, &parts, &mut out)?;
        } else {
            out.push(parse_bare(item, &node.origin)?);
        }
        if out.len() > MAX_AXIS_VALUES {
            return Err(too_many(node));
        }
    }
    Ok(out)
}

/// Splits at the commas outside quotes, brackets and braces.
fn split_list(text: &str) -> Vec<&str> {
    let (mut quote, mut depth, mut start) = (None, 0_usize, 0);
    let mut items = Vec::new();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                items.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&text[start..]);
    items
}

fn range(node: &Node, item: &str, parts: &[&str], out: &mut Vec<Node>) -> Result<(), ConfigError> {
    let item = shortened(item, 60);
    let bad = |message: String| Err(bad_range(node, &message));
    let &[start, step, stop] = parts else {
        return bad(format!("the range {item} is not start:step:stop, for example -5:5:25"));
    };
    let mut numbers = [Decimal::default(); 3];
    for (number, part) in numbers.iter_mut().zip([start, step, stop]) {
        match Decimal::parse(part) {
            Some(value) => *number = value,
            None => {
                let part = shortened(part, 40);
                return bad(format!("\"{part}\" in {item} is not a finite number, as in -5:5:25"));
            }
        }
    }
    let exponent = numbers.iter().filter(|n| n.digits != 0).map(|n| n.exponent).min();
    let exponent = exponent.unwrap_or(0);
    let [Some(first), Some(pace), Some(last)] = numbers.map(|n| n.scaled_to(exponent)) else {
        return bad(format!("the numbers of {item} differ too much in size for one range"));
    };
    if pace == 0 {
        return bad(format!("the step of {item} is zero; a step is for example 5, as in -5:5:25"));
    }
    if first != last && (last > first) != (pace > 0) {
        return bad(format!(
            "the step of {item} leads away from {stop}; from {start} to {stop} it must be {}, for example {}",
            if last > first { "positive" } else { "negative" },
            if last > first { "-5:5:25" } else { "25:-5:-5" },
        ));
    }
    let steps = (last - first) / pace;
    if steps >= MAX_AXIS_VALUES as i128 {
        return Err(too_many(node));
    }
    let integers = [start, step, stop].iter().all(|p| integer(p).is_some());
    for i in 0..=steps {
        let digits = first + i * pace;
        let value = match i64::try_from(digits) {
            Ok(value) if integers => Value::Integer(value),
            _ => Value::Float(format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN)),
        };
        out.push(Node::new(value, node.origin.clone()));
    }
    Ok(())
}

fn integer(text: &str) -> Option<i64> {
    text.replace('_', "").parse().ok()
}

/// Holds `digits * 10^exponent`, exact.
#[derive(Debug, Clone, Copy, Default)]
struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    /// Reads an integer, or the shortest decimal of the float the text stands for.
    fn parse(text: &str) -> Option<Self> {
        if let Some(value) = integer(text) {
            let (digits, exponent) = (i128::from(value), 0);
            return Some(Self { digits, exponent });
        }
        let value = text.replace('_', "").parse::<f64>().ok().filter(|v| v.is_finite())?;
        let shortest = format!("{value:e}");
        let (mantissa, exponent) = shortest.split_once('e')?;
        let decimals = mantissa.split_once('.').map_or(0, |(_, tail)| tail.len());
        Some(Self {
            digits: mantissa.replace('.', "").parse().ok()?,
            exponent: exponent.parse::<i32>().ok()? - i32::try_from(decimals).ok()?,
        })
    }

    /// Gives the digits at a smaller exponent, if they fit.
    fn scaled_to(self, exponent: i32) -> Option<i128> {
        if self.digits == 0 {
            return Some(0);
        }
        let factor = 10_i128.checked_pow(u32::try_from(self.exponent - exponent).ok()?)?;
        let digits = self.digits.checked_mul(factor)?;
        (digits.abs() < i128::MAX / 4).then_some(digits)
    }
}

/// Bounds a number from below, from above or both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    low: f64,
    high: f64,
    low_open: bool,
    high_open: bool,
}

impl Bound {
    /// Allows any finite number.
    pub const fn any() -> Self {
        Self::between(f64::NEG_INFINITY, f64::INFINITY)
    }

    /// Allows `low <= x <= high`.
    pub const fn between(low: f64, high: f64) -> Self {
        let (low_open, high_open) = (false, false);
        Self { low, high, low_open, high_open }
    }

    /// Allows `x >= low`.
    pub const fn at_least(low: f64) -> Self {
        Self::between(low, f64::INFINITY)
    }

    /// Allows `x <= high`.
    pub const fn at_most(high: f64) -> Self {
        Self::between(f64::NEG_INFINITY, high)
    }

    /// Allows `x > low`.
    pub const fn above(low: f64) -> Self {
        Self::at_least(low).open_low()
    }

    /// Allows `x > 0`.
    pub const fn positive() -> Self {
        Self::above(0.0)
    }

    /// Allows `x >= 0`.
    pub const fn non_negative() -> Self {
        Self::at_least(0.0)
    }

    /// Excludes the lower end, so that `between(0.0, 1.0).open_low()` allows `0 < x <= 1`.
    pub const fn open_low(mut self) -> Self {
        self.low_open = true;
        self
    }

    /// Excludes the upper end.
    pub const fn open_high(mut self) -> Self {
        self.high_open = true;
        self
    }

    /// Tells whether a number is finite and within the bounds.
    pub fn allows(&self, x: f64) -> bool {
        let above = if self.low_open { x > self.low } else { x >= self.low };
        let below = if self.high_open { x < self.high } else { x <= self.high };
        x.is_finite() && above && below
    }

    /// Gives a number the bounds allow, to show as an example.
    pub(crate) fn example(&self) -> f64 {
        let middle = 0.5 * (self.low + self.high);
        let tries = [1.0, middle, self.low + 1.0, self.high - 1.0];
        tries.into_iter().find(|x| self.allows(*x)).unwrap_or(self.low)
    }
}

/// Writes the bound as a demand, `must be at least 0`.
impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (self.low, self.high);
        let at_least = if self.low_open { "above" } else { "at least" };
        let at_most = if self.high_open { "below" } else { "at most" };
        match (low.is_finite(), high.is_finite()) {
            (false, false) => f.write_str("must be a finite number"),
            (true, false) => write!(f, "must be {at_least} {low}"),
            (false, true) => write!(f, "must be {at_most} {high}"),
            (true, true) if !self.low_open && !self.high_open => {
                write!(f, "must be between {low} and {high}")
            }
            (true, true) => write!(f, "must be {at_least} {low} and {at_most} {high}"),
        }
    }
}

/// Holds a number, or a word that stands for a way to find one.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberOrWord {
    /// A number.
    Number(f64),
    /// One of the words allowed.
    Word(String),
}

impl From<NumberOrWord> for Json {
    fn from(value: NumberOrWord) -> Self {
        match value {
            NumberOrWord::Number(x) => x.into(),
            NumberOrWord::Word(word) => word.into(),
        }
    }
}

impl TableReader<'_> {
    /// Reads a finite number or one of `words`.
    ///
    /// # Errors
    /// Fails on a missing key, another type and another word.
    pub fn number_or_word(
        &self,
        key: &str,
        default: Option<NumberOrWord>,
        words: &[&str],
    ) -> Result<NumberOrWord, ConfigError> {
        let expected = format!("a number or one of these is expected: \"{}\"", words.join("\", \""));
        let found = self.read(key, default, |node, path| match &node.value {
            Value::Integer(_) | Value::Float(_) => {
                let number = node.number(path, Bound::any(), 1.0);
                number.map(NumberOrWord::Number)
            }
            _ => {
                let word = node.text(path, &expected)?;
                if words.contains(&word) {
                    return Ok(NumberOrWord::Word(word.to_owned()));
                }
                let choices = [words, &["a number"]].concat();
                Err(ConfigError::bad_choice(path, node, word, &choices))
            }
        })?;
        self.need(key, found, expected)
    }

    /// Reads an array of numbers within bounds.
    ///
    /// # Errors
    /// Fails on a missing key, another type, and an element of another type or out of bounds.
    pub fn f64_list(
        &self,
        key: &str,
        default: Option<&[f64]>,
        bound: Bound,
    ) -> Result<Vec<f64>, ConfigError> {
        let example = bound.example();
        let expected = format!("an array of numbers is expected, for example [{example:?}]");
        let found = self.read(key, default.map(<[f64]>::to_vec), |node, path| {
            let Value::Array(items) = &node.value else {
                return Err(ConfigError::wrong_type(path, node, expected.as_str()));
            };
            let numbers = items.iter().enumerate();
            let read = |(i, n): (usize, &Node)| n.number(&format!("{path}[{i}]"), bound, example);
            numbers.map(read).collect()
        })?;
        self.need(key, found, expected)
    }

    /// Reads an array of strings; none where the key is missing.
    ///
    /// # Errors
    /// Fails on another type, and an element of another type.
    pub fn string_list(&self, key: &str) -> Result<Vec<String>, ConfigError> {
        let expected = "an array of strings is expected, for example [\"device-1\", \"device-2\"]";
        let found = self.read(key, Some(Vec::new()), |node, path| {
            let Value::Array(items) = &node.value else {
                return Err(ConfigError::wrong_type(path, node, expected));
            };
            let texts = items.iter().enumerate();
            texts.map(|(i, n)| n.text(&format!("{path}[{i}]"), expected).map(str::to_owned)).collect()
        })?;
        self.need(key, found, expected.to_owned())
    }
}

#[cfg(test)]
#[path = "axis_values_tests.rs"]
mod tests;
