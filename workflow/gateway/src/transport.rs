//! How requests travel.

use crate::Error;
use bytes::Bytes;
use http::{Request, Response};
use std::{future::Future, sync::Arc};

/// Carries one request and brings the reply back. It neither retries nor follows redirects.
pub trait Transport: Send + Sync {
    /// Sends a request with an absolute URI.
    ///
    /// # Errors
    /// [`Error::NotSent`] only when the request certainly never left, else [`Error::LostReply`].
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, Error>> + Send;
}

impl<T: Transport> Transport for Arc<T> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        self.as_ref().send(request).await
    }
}
