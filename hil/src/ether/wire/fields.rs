//! Values in a tail, one after the other.

/// Writes values.
#[derive(Debug, Default)]
pub struct Fields(pub Vec<u8>);

impl Fields {
    /// Adds a number.
    pub fn number(&mut self, value: u64) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Adds a text.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.number(value.len() as u64);
        self.0.extend_from_slice(value.as_bytes());
        self
    }

    /// Adds numbers.
    pub fn numbers(&mut self, values: &[usize]) -> &mut Self {
        self.number(values.len() as u64);
        values.iter().for_each(|value| _ = self.number(*value as u64));
        self
    }

    /// Adds what may be missing.
    pub fn maybe<T>(&mut self, value: Option<T>, add: impl FnOnce(&mut Self, T)) -> &mut Self {
        self.number(value.is_some().into());
        if let Some(value) = value {
            add(self, value);
        }
        self
    }
}

/// Reads values; `None` where they do not fit into what is left.
#[derive(Debug)]
pub struct Cursor<'a>(pub &'a [u8]);

impl Cursor<'_> {
    /// Takes a number.
    pub fn number(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*first))
    }

    /// Takes a number of things.
    pub fn count(&mut self) -> Option<usize> {
        self.number()?.try_into().ok()
    }

    /// Takes a text.
    pub fn text(&mut self) -> Option<String> {
        let count = self.count()?;
        let (text, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(std::str::from_utf8(text).ok()?.to_string())
    }

    /// Takes numbers, of which there are no more than bytes.
    pub fn numbers(&mut self) -> Option<Vec<usize>> {
        self.list(Self::count)
    }

    /// Takes things of at least eight bytes each.
    pub fn list<T>(&mut self, mut take: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        if count > self.0.len() / 8 {
            return None;
        }
        (0..count).map(|_| take(self)).collect()
    }

    /// Takes what may be missing.
    pub fn maybe<T>(&mut self, take: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.number()? {
            0 => Some(None),
            1 => take(self).map(Some),
            _ => None,
        }
    }

    /// Ends the reading.
    pub fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_lies_do_not() {
        let mut fields = Fields::default();
        fields.number(7).text("ä b").numbers(&[3, 1]).maybe(Some(5), |f, x| _ = f.number(x));
        let mut cursor = Cursor(&fields.0);
        assert_eq!((cursor.number(), cursor.text().as_deref()), (Some(7), Some("ä b")));
        assert_eq!((cursor.numbers(), cursor.maybe(Cursor::number)), (Some(vec![3, 1]), Some(Some(5))));
        assert!(cursor.end().is_some());
        assert!(Cursor(&fields.0).end().is_none());
        let mut lie = Fields::default();
        lie.number(u64::MAX).number(1);
        assert_eq!((Cursor(&lie.0).text(), Cursor(&lie.0).numbers()), (None, None));
        assert_eq!(Cursor(&lie.0).maybe(Cursor::number), None);
        assert_eq!(Cursor(&[1, 2]).number(), None);
    }
}
