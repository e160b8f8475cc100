//! What every function does at its edge.
