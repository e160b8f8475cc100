//! The PDF stamp engine: bytes in, bytes out.
