//! Stamps real PDF files and asks other readers what they think.
