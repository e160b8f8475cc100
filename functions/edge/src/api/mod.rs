//! What the API is, told by the handlers themselves: a route is mounted once, and becomes either a route of a router or
//! an operation of an OpenAPI 3.1 document. So no route lacks its operation, and no operation speaks of other types than
//! its handler reads and writes. A function that only serves builds the router, and carries none of this.

mod document;
mod gives;
mod says;
mod sketch;
mod takes;

pub use document::Api;
pub use gives::Gives;
pub use says::Says;
pub use sketch::Sketch;
pub use takes::{Described, Takes};

use axum::{Router, handler::Handler, routing};
use http::Method;

/// The methods of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Creates or asks.
    Post,
    /// Calls off.
    Delete,
}

impl Verb {
    pub(crate) const fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
            Self::Delete => Method::DELETE,
        }
    }
}

/// Where routes are mounted: on a router, or in a document.
pub trait Mount<S>: Sized {
    /// Mounts a handler; `says` is what its types can't tell.
    #[must_use]
    fn on<H, T, D>(self, verb: Verb, path: &str, handler: H, says: Says) -> Self
    where
        H: Handler<T, S> + Described<D>,
        T: 'static;

    /// A route that reads.
    #[must_use]
    fn get<H, T, D>(self, path: &str, handler: H, says: Says) -> Self
    where
        H: Handler<T, S> + Described<D>,
        T: 'static,
    {
        self.on(Verb::Get, path, handler, says)
    }

    /// A route that creates or asks.
    #[must_use]
    fn post<H, T, D>(self, path: &str, handler: H, says: Says) -> Self
    where
        H: Handler<T, S> + Described<D>,
        T: 'static,
    {
        self.on(Verb::Post, path, handler, says)
    }

    /// A route that calls off.
    #[must_use]
    fn delete<H, T, D>(self, path: &str, handler: H, says: Says) -> Self
    where
        H: Handler<T, S> + Described<D>,
        T: 'static,
    {
        self.on(Verb::Delete, path, handler, says)
    }
}

impl<S: Clone + Send + Sync + 'static> Mount<S> for Router<S> {
    fn on<H, T, D>(self, verb: Verb, path: &str, handler: H, _: Says) -> Self
    where
        H: Handler<T, S> + Described<D>,
        T: 'static,
    {
        let route = match verb {
            Verb::Get => routing::get(handler),
            Verb::Post => routing::post(handler),
            Verb::Delete => routing::delete(handler),
        };
        self.route(path, route)
    }
}
