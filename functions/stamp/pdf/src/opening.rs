//! How a document is opened.

use crate::Limits;

/// The limits that a document must keep, and the password that opens it.
///
/// Without a password, an encrypted document is opened with the empty one: so are files that open for everybody.
/// A password may be the user's or the owner's.
#[derive(Clone, Default)]
pub struct Opening {
    /// The limits.
    pub limits: Limits,
    /// The password.
    pub password: Option<String>,
}

impl Opening {
    /// With a password, under [`Limits::DEFAULT`].
    #[must_use]
    pub fn with_password(password: &str) -> Self {
        Self {
            limits: Limits::DEFAULT,
            password: Some(password.to_owned()),
        }
    }

    /// The same for a stamped file.
    pub(crate) fn for_output(&self) -> Self {
        Self {
            limits: self.limits.for_output(),
            password: self.password.clone(),
        }
    }
}

impl From<Limits> for Opening {
    fn from(limits: Limits) -> Self {
        Self {
            limits,
            password: None,
        }
    }
}

// Written by hand so that no log ever shows the password.
impl std::fmt::Debug for Opening {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Opening")
            .field("limits", &self.limits)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .finish()
    }
}
