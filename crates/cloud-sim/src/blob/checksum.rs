//! The two checksums that a request may carry for its body: MD5 and Azure's CRC64.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use md5::{Digest as _, Md5};

use super::error::BlobError;

/// The reflected polynomial of Azure's CRC64.
const POLYNOMIAL: u64 = 0x9A6C_9329_AC4B_C9B5;

/// What a client says that the bytes sum up to, in base64.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    pub(crate) md5: Option<String>,
    pub(crate) crc64: Option<String>,
}

impl Sums {
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), BlobError> {
        if self.md5.as_ref().is_some_and(|sum| *sum != md5(bytes)) {
            return Err(BlobError::Md5Mismatch);
        }
        if self.crc64.as_ref().is_some_and(|sum| *sum != crc64(bytes)) {
            return Err(BlobError::Crc64Mismatch);
        }
        Ok(())
    }
}

pub(crate) fn md5(bytes: &[u8]) -> String {
    BASE64.encode(Md5::digest(bytes))
}

pub(crate) fn crc64(bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(u64::MAX, |sum, byte| {
        let mixed = (sum ^ u64::from(*byte)) & 0xFF;
        (sum >> 8) ^ TABLE[usize::try_from(mixed).expect("a byte fits")]
    });
    BASE64.encode((!sum).to_le_bytes())
}

const TABLE: [u64; 256] = table();

const fn table() -> [u64; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 {
                (sum >> 1) ^ POLYNOMIAL
            } else {
                sum >> 1
            };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-64/NVME, the published name of Azure's CRC64.
    #[test]
    fn crc64_is_the_published_one() {
        let expected = BASE64.encode(0xAE8B_1486_0A79_9888_u64.to_le_bytes());
        assert_eq!(crc64(b"123456789"), expected);
    }
}
