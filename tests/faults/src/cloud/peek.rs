//! What a test sees and does past the door: no faults, no counting.

use super::{Cloud, Execution, Letter};
use bubuh_store::files::Link;
use serde_json::Value;

impl Cloud {
    /// Every item of the table.
    #[must_use]
    pub fn items(&self) -> Vec<Value> {
        self.lock().dynamo.items()
    }

    /// How many requests may have changed the table so far.
    pub(crate) fn table_writes(&self) -> u64 {
        self.lock().dynamo.writes
    }

    /// Puts these items, as [`Cloud::items`] gives them, into the table.
    ///
    /// # Panics
    /// When they are no items.
    pub fn load(&self, items: &[Value]) {
        let items = serde_json::from_value(Value::Array(items.to_vec())).expect("items");
        self.lock().dynamo.load(items);
    }

    /// The keys of every row that is due at some time, and when.
    #[must_use]
    pub fn due(&self) -> Vec<Value> {
        self.lock().dynamo.due()
    }

    /// The versions of an object, oldest first: id and content.
    #[must_use]
    pub fn versions(&self, bucket: &str, key: &str) -> Vec<(String, Vec<u8>)> {
        let state = self.lock();
        let versions = state.storage.versions(bucket, key).iter();
        versions.map(|v| (v.id.clone(), v.bytes.clone())).collect()
    }

    /// Every object of a bucket: its key and the contents of its versions, oldest first.
    #[must_use]
    pub fn objects(&self, bucket: &str) -> Vec<(String, Vec<Vec<u8>>)> {
        let state = self.lock();
        let objects = state.storage.bucket(bucket);
        objects
            .map(|(key, versions)| {
                let contents = versions.iter().map(|v| v.bytes.clone()).collect();
                (key.to_owned(), contents)
            })
            .collect()
    }

    /// Puts an object, without conditions. An upload is announced on its queue.
    pub fn place(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let status = self.put(&format!("/{bucket}/{key}"), &|_| None, bytes);
        assert_eq!(status, 200);
    }

    /// Does what a signed link allows, as a browser would: its method, its URL, its headers.
    ///
    /// # Errors
    /// The HTTP status, when it is not taken.
    pub fn follow(&self, link: &Link, bytes: &[u8]) -> Result<(), u16> {
        assert_eq!(link.method, "PUT");
        let uri: http::Uri = link.url.parse().expect("a URL");
        let path = uri.path_and_query().expect("a path").to_string();
        let headers = |name: &str| {
            let mut found = link.headers.iter();
            found
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.clone())
        };
        // What the signature covers must be sent; its length a browser sends by itself.
        let signed = signed_headers(&path);
        if !signed.iter().all(|name| headers(name).is_some()) {
            return Err(403);
        }
        match self.put(&path, &headers, bytes) {
            200 => Ok(()),
            status => Err(status),
        }
    }

    fn put(&self, path: &str, headers: &dyn Fn(&str) -> Option<String>, bytes: &[u8]) -> u16 {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        let (reply, created) = state.storage.handle("PUT", path, headers, bytes);
        if let Some(event) = created {
            state.queues.announce(now_ms, &event);
        }
        reply.status().as_u16()
    }

    /// Every message that is not taken yet.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.lock().queues.letters.clone()
    }

    /// Every execution of the refund state machine.
    #[must_use]
    pub fn executions(&self) -> Vec<Execution> {
        self.lock().machines.executions.clone()
    }
}

impl Cloud {
    /// A message is received and hidden until then. `false`: it was received too often, and is dead.
    pub(crate) fn receive(
        &self,
        letter: &Letter,
        hidden_until_ms: u64,
        receptions_max: u32,
    ) -> bool {
        let mut state = self.lock();
        let queues = &mut state.queues;
        queues.receive(letter.id, hidden_until_ms, receptions_max)
    }

    /// A message was acknowledged, or the queue lost it.
    pub fn taken(&self, letter: &Letter) {
        self.lock().queues.taken(letter.id);
    }

    /// A message is handed out again, whoever has it.
    pub(crate) fn show(&self, letter: &Letter) {
        let now_ms = self.now_ms();
        self.lock().queues.show(letter.id, now_ms);
    }

    /// When the first row is due.
    pub(crate) fn first_due_ms(&self) -> Option<u64> {
        let due = self.due();
        let times = due.iter().filter_map(|item| item["due_at"]["N"].as_str());
        times.filter_map(|text| text.parse().ok()).min()
    }

    /// From now on this world's services do not keep a guarantee.
    pub(crate) fn break_it(&self, variant: super::Variant) {
        self.lock().variant = Some(super::variant::Broken::new(variant));
    }

    /// Messages that were received too often.
    #[must_use]
    pub fn dead(&self) -> Vec<Letter> {
        self.lock().queues.dead.clone()
    }

    /// An execution after a step.
    pub fn stepped(&self, after: Execution) {
        let mut state = self.lock();
        let executions = &mut state.machines.executions;
        if let Some(found) = executions.iter_mut().find(|e| e.name == after.name) {
            *found = after;
        }
    }
}

/// The headers that a link's signature covers, beside those that every client sends.
fn signed_headers(path: &str) -> Vec<&str> {
    let names = path.split('&').find_map(|pair| {
        let pair = pair.rsplit('?').next().unwrap_or(pair);
        pair.strip_prefix("X-Amz-SignedHeaders=")
    });
    let names = names.unwrap_or_default().split("%3B");
    names
        .filter(|name| !matches!(*name, "" | "host" | "content-length"))
        .collect()
}
