//! Cyclic redundancy checks (3GPP TS 38.212 clause 5.1).

use crate::error::CodingError;

/// A cyclic redundancy check of the standard: zero initial state, no reflection, nothing added at the end.
///
/// ```text
/// parity bits = remainder of  D^width a(D)  divided by  g(D),   first bit = highest power
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Crc {
    /// 6 bits, uplink control: `D^6 + D^5 + 1`.
    Crc6,
    /// 11 bits, uplink control: `D^11 + D^10 + D^9 + D^5 + 1`.
    Crc11,
    /// 16 bits, transport blocks of at most 3824 bits: `D^16 + D^12 + D^5 + 1`.
    Crc16,
    /// 24 bits, larger transport blocks.
    Crc24A,
    /// 24 bits, code blocks of a transport block that needs several.
    Crc24B,
    /// 24 bits, downlink control and broadcast.
    Crc24C,
}

impl Crc {
    /// All of them, shortest first.
    pub const ALL: [Self; 6] =
        [Self::Crc6, Self::Crc11, Self::Crc16, Self::Crc24A, Self::Crc24B, Self::Crc24C];

    /// Returns the CRC of a transport block of so many bits (clauses 6.2.1 and 7.2.1): 24A above 3824 bits, else 16.
    pub fn of_transport_block(bits: usize) -> Self {
        if bits > 3824 { Self::Crc24A } else { Self::Crc16 }
    }

    /// Returns the number of parity bits.
    pub const fn width(self) -> usize {
        match self {
            Self::Crc6 => 6,
            Self::Crc11 => 11,
            Self::Crc16 => 16,
            Self::Crc24A | Self::Crc24B | Self::Crc24C => 24,
        }
    }

    /// Returns the generator without its highest power, bit `i` for `D^i`.
    pub const fn polynomial(self) -> u32 {
        match self {
            Self::Crc6 => 0x21,
            Self::Crc11 => 0x621,
            Self::Crc16 => 0x1021,
            Self::Crc24A => 0x86_4cfb,
            Self::Crc24B => 0x80_0063,
            Self::Crc24C => 0xb2_b117,
        }
    }

    /// Returns the parity of a sequence of bits, the last parity bit lowest; 0 when the bits end with their own CRC.
    pub fn parity(self, bits: &[u8]) -> u32 {
        // Zeros in front leave a zero state as it is: the odd bits come first.
        let (head, body) = bits.split_at(bits.len() % WORD);
        let mut first = [0; WORD];
        first[WORD - head.len()..].copy_from_slice(head);
        let table = &TABLES[self as usize];
        let state = table.step(0, &first);
        body.as_chunks().0.iter().fold(state, |state, word| table.step(state, word)) >> (32 - self.width())
    }

    /// Writes the CRC of all bits before the last [`Self::width`] into those.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn attach(self, bits: &mut [u8]) -> Result<(), CodingError> {
        let room = bits.len().checked_sub(self.width());
        let room = room.ok_or(CodingError::Length {
            what: "the bits with room for their CRC",
            given: bits.len(),
            expected: self.width(),
        })?;
        let (message, parity) = bits.split_at_mut(room);
        let value = self.parity(message);
        for (bit, shift) in parity.iter_mut().rev().zip(0..) {
            *bit = (value >> shift & 1) as u8;
        }
        Ok(())
    }

    /// Returns whether bits that end with their CRC are as they were sent, as far as it can tell.
    pub fn check(self, bits: &[u8]) -> bool {
        bits.len() >= self.width() && self.parity(bits) == 0
    }
}

/// Bits taken at once.
const WORD: usize = 64;

/// Tables of all checks, by their order in [`Crc::ALL`].
static TABLES: [Table; 6] = {
    let mut tables = [const { Table::of(Crc::Crc6) }; 6];
    let mut i = 1;
    while i < 6 {
        tables[i] = Table::of(Crc::ALL[i]);
        i += 1;
    }
    tables
};

/// States left-aligned in 32 bits: entry `[k][b]` is the state after the byte `b` and `k` bytes of zeros.
struct Table([[u32; 256]; 8]);

impl Table {
    const fn of(crc: Crc) -> Self {
        let generator = crc.polynomial() << (32 - crc.width());
        let mut table = [[0; 256]; 8];
        let mut byte = 0;
        while byte < 256 {
            let (mut state, mut bit) = ((byte as u32) << 24, 0);
            while bit < 8 {
                state = (state << 1) ^ if state >> 31 == 1 { generator } else { 0 };
                bit += 1;
            }
            table[0][byte] = state;
            byte += 1;
        }
        let mut zeros = 1;
        while zeros < 8 {
            byte = 0;
            while byte < 256 {
                let before = table[zeros - 1][byte];
                table[zeros][byte] = (before << 8) ^ table[0][(before >> 24) as usize];
                byte += 1;
            }
            zeros += 1;
        }
        Self(table)
    }

    /// Takes 64 bits.
    #[inline]
    fn step(&self, state: u32, bits: &[u8; WORD]) -> u32 {
        let state = state.to_be_bytes();
        let (bytes, _) = bits.as_chunks::<8>();
        (0..8).fold(0, |sum, i| {
            let byte = packed(bytes[i]) ^ if i < 4 { state[i] } else { 0 };
            sum ^ self.0[7 - i][usize::from(byte)]
        })
    }
}

/// Packs eight bits, the first one highest.
#[inline]
fn packed(bits: [u8; 8]) -> u8 {
    // Byte i of the word lands on bit 63 - i of the product, and no two terms meet.
    let word = u64::from_le_bytes(bits) & 0x0101_0101_0101_0101;
    (word.wrapping_mul(0x8040_2010_0804_0201) >> 56) as u8
}
