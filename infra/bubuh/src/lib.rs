//! The bubuh command.
