//! The Python dictionary in an npy header, as `numpy.lib.format` documents it.

/// Holds what the header says, before any of it is judged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dictionary {
    /// The type: a string, or the text of a list where the type is structured.
    pub(super) descr: String,
    pub(super) fortran: bool,
    pub(super) shape: Vec<u64>,
}

/// Parses the dictionary, or says what is wrong with it.
pub(super) fn parse(text: &[u8]) -> Result<Dictionary, String> {
    let mut cursor = Cursor { text, at: 0 };
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    cursor.expect(b'{')?;
    while !cursor.eat(b'}') {
        let key = cursor.string()?;
        cursor.expect(b':')?;
        match key.as_str() {
            "descr" => descr = Some(cursor.descr()?),
            "fortran_order" => fortran = Some(cursor.boolean()?),
            "shape" => shape = Some(cursor.shape()?),
            _ => {
                return Err(format!("the header has the key {}", super::error::quoted(&key)));
            }
        }
        if !cursor.eat(b',') && cursor.peek() != Some(b'}') {
            return Err(cursor.wrong("comma or closing brace"));
        }
    }
    if cursor.peek().is_some() {
        return Err(format!("the header goes on after its closing brace, at its byte {}", cursor.at));
    }
    match (descr, fortran, shape) {
        (Some(descr), Some(fortran), Some(shape)) => Ok(Dictionary { descr, fortran, shape }),
        _ => Err("the header lacks one of its three keys".to_owned()),
    }
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    /// Gives the next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let eaten = self.peek() == Some(byte);
        self.at += usize::from(eaten);
        eaten
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        if self.eat(byte) { Ok(()) } else { Err(self.wrong(&format!("`{}`", char::from(byte)))) }
    }

    fn wrong(&self, wanted: &str) -> String {
        format!("the header has no {wanted} at its byte {}", self.at)
    }

    fn taken_while(&mut self, wanted: impl Fn(u8) -> bool) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let len = rest.iter().position(|&byte| !wanted(byte)).unwrap_or(rest.len());
        self.at += len;
        String::from_utf8_lossy(&rest[..len]).into_owned()
    }

    fn string(&mut self) -> Result<String, String> {
        let quote = match self.peek() {
            Some(quote @ (b'\'' | b'"')) => quote,
            _ => return Err(self.wrong("quoted text")),
        };
        self.at += 1;
        let inside = self.taken_while(|byte| byte != quote);
        if self.text.get(self.at) != Some(&quote) {
            return Err(self.wrong("closing quote"));
        }
        self.at += 1;
        Ok(inside)
    }

    /// Reads a plain type; of a structured one, the text to the bracket that closes it.
    fn descr(&mut self) -> Result<String, String> {
        if self.peek() != Some(b'[') {
            return self.string();
        }
        let begin = self.at;
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'[' => depth += 1,
                b']' => depth -= 1,
                b'\'' | b'"' => {
                    self.string()?;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Ok(String::from_utf8_lossy(&self.text[begin..self.at]).into_owned());
            }
        }
        Err(self.wrong("closing bracket"))
    }

    fn boolean(&mut self) -> Result<bool, String> {
        self.peek();
        match self.taken_while(|byte| byte.is_ascii_alphanumeric()).as_str() {
            "True" => Ok(true),
            "False" => Ok(false),
            _ => Err(self.wrong("True or False")),
        }
    }

    fn shape(&mut self) -> Result<Vec<u64>, String> {
        self.expect(b'(')?;
        let mut shape = Vec::new();
        while !self.eat(b')') {
            self.peek();
            let side = self.taken_while(|byte| byte.is_ascii_digit() || byte == b'-');
            let side = side.parse().map_err(|_| {
                format!("the header gives a side of the shape as {}", super::error::quoted(&side))
            })?;
            shape.push(side);
            // Python 2 wrote long integers with an L.
            self.eat(b'L');
            if !self.eat(b',') && self.peek() != Some(b')') {
                return Err(self.wrong("comma or closing parenthesis"));
            }
        }
        Ok(shape)
    }
}
