//! The one server of a local stack, which answers all requests one after the other. AWS has none.

/// The server.
#[derive(Debug)]
pub(super) struct Server {
    request_ms: f64,
    free_at_ms: f64,
}

impl Server {
    /// One that takes so long for a request; 0: there is none.
    pub(super) const fn new(request_ms: f64) -> Self {
        Self {
            request_ms,
            free_at_ms: 0.0,
        }
    }

    /// How long it takes until so many requests more are answered, in milliseconds.
    pub(super) fn answers_in_ms(&mut self, requests: u64, now_ms: u64) -> f64 {
        let now_ms = now_ms as f64;
        self.free_at_ms = (requests as f64).mul_add(self.request_ms, self.free_at_ms.max(now_ms));
        self.free_at_ms - now_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_while_others_are_served_waits_for_them() {
        let mut server = Server::new(5.0);
        assert_eq!(server.answers_in_ms(2, 100), 10.0);
        assert_eq!(server.answers_in_ms(1, 104), 11.0);
        assert_eq!(server.answers_in_ms(1, 200), 5.0);
        assert_eq!(Server::new(0.0).answers_in_ms(9, 7), 0.0);
    }
}
