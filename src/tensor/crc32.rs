//! CRC-32 as zip uses it: ITU-T V.42, polynomial 0x04c11db7 reflected.

/// Sums bytes as they pass by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crc32(u32);

/// Bytes that are summed at once.
const AT_ONCE: usize = 8;

/// What a byte adds that is followed by 0, 1, .. others.
const TABLES: [[u32; 256]; AT_ONCE] = tables();

const fn tables() -> [[u32; 256]; AT_ONCE] {
    let mut tables = [[0; 256]; AT_ONCE];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut after = 1;
    while after < AT_ONCE {
        let mut byte = 0;
        while byte < 256 {
            let crc = tables[after - 1][byte];
            tables[after][byte] = (crc >> 8) ^ tables[0][(crc & 0xff) as usize];
            byte += 1;
        }
        after += 1;
    }
    tables
}

impl Crc32 {
    pub(super) fn new() -> Self {
        Self(!0)
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        let (groups, rest) = bytes.as_chunks::<AT_ONCE>();
        for group in groups {
            let first = self.0.to_le_bytes();
            let mut sum = 0;
            for (i, byte) in group.iter().enumerate() {
                let own = if i < 4 { byte ^ first[i] } else { *byte };
                sum ^= TABLES[AT_ONCE - 1 - i][usize::from(own)];
            }
            self.0 = sum;
        }
        for &byte in rest {
            self.0 = (self.0 >> 8) ^ TABLES[0][usize::from(self.0 as u8 ^ byte)];
        }
    }

    pub(super) fn value(self) -> u32 {
        !self.0
    }
}
