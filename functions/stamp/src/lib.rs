//! Stamping: claim, affix, store and commit.
