//! Versioned buckets, path style, with S3's write-once condition.

use super::{
    SETTLEMENTS, STAMPED, UPLOADS,
    reply::{reply, xml_error},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_core::id::Sha256;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// One version of an object.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) bytes: Vec<u8>,
}

/// All buckets: bucket and key to versions, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    objects: BTreeMap<(String, String), Vec<Version>>,
    versions: u64,
}

/// The keys whose objects are announced: the template's filter.
const ANNOUNCED: &str = "uploads/";

/// An object came to be in the bucket for uploads.
pub(crate) struct Created {
    pub(crate) key: String,
    pub(crate) version_id: String,
    pub(crate) size_bytes: usize,
}

/// Keys in one page of a listing.
const LIST_MAX: usize = 1_000;

type Header<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Storage {
    /// The versions of an object, oldest first.
    pub(crate) fn versions(&self, bucket: &str, key: &str) -> &[Version] {
        self.objects
            .get(&(bucket.to_owned(), key.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// Every object of a bucket with all its versions.
    pub(crate) fn bucket(&self, bucket: &str) -> impl Iterator<Item = (&str, &[Version])> {
        self.objects
            .iter()
            .filter(move |((b, _), versions)| b == bucket && !versions.is_empty())
            .map(|((_, key), versions)| (key.as_str(), versions.as_slice()))
    }

    pub(super) fn handle(
        &mut self,
        method: &str,
        path: &str,
        header: Header<'_>,
        body: &[u8],
    ) -> (HttpResponse, Option<Created>) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if parameter(query, "list-type").is_some() {
            let from = parameter(query, "continuation-token").map_or(0, |n| n.parse().expect("n"));
            let prefix = parameter(query, "prefix").unwrap_or_default();
            let prefix = percent_decode_str(prefix).decode_utf8().expect("a prefix");
            return (self.list(path.trim_matches('/'), &prefix, from), None);
        }
        let (bucket, key) = path
            .trim_start_matches('/')
            .split_once('/')
            .expect("a bucket and a key");
        if ![UPLOADS, STAMPED, SETTLEMENTS].contains(&bucket) {
            return (xml_error(404, "NoSuchBucket"), None);
        }
        let key = percent_decode_str(key).decode_utf8().expect("a key");
        let place = (bucket.to_owned(), key.into_owned());
        let version_id = parameter(query, "versionId");
        match method {
            "PUT" => self.put(place, header, body),
            "GET" | "HEAD" => (self.get(&place, version_id, method == "HEAD"), None),
            "DELETE" => {
                let id = version_id.expect("only versions are deleted");
                if let Some(versions) = self.objects.get_mut(&place) {
                    versions.retain(|v| v.id != id);
                }
                (reply(204, "application/xml", Vec::new()), None)
            }
            other => panic!("storage has no {other}"),
        }
    }

    /// The keys of a bucket that begin so, from the `from`th, with what their newest versions are.
    fn list(&self, bucket: &str, prefix: &str, from: usize) -> HttpResponse {
        let keys = self
            .bucket(bucket)
            .filter(|(key, _)| key.starts_with(prefix));
        let mut keys: Vec<_> = keys.skip(from).take(LIST_MAX + 1).collect();
        let more = keys.len() > LIST_MAX;
        keys.truncate(LIST_MAX);
        let contents: String = keys
            .iter()
            .map(|(key, versions)| {
                let newest = versions.last();
                let size = newest.map_or(0, |v| v.bytes.len());
                let tag = newest.map_or("", |v| &v.id);
                format!(
                    "<Contents><Key>{key}</Key><ETag>{tag}</ETag><Size>{size}</Size></Contents>"
                )
            })
            .collect();
        let next = match more {
            true => format!(
                "<NextContinuationToken>{}</NextContinuationToken>",
                from + LIST_MAX
            ),
            false => String::new(),
        };
        let body = format!(
            "<ListBucketResult><IsTruncated>{more}</IsTruncated>{next}{contents}</ListBucketResult>"
        );
        reply(200, "application/xml", body.into_bytes())
    }

    fn put(
        &mut self,
        place: (String, String),
        header: Header<'_>,
        body: &[u8],
    ) -> (HttpResponse, Option<Created>) {
        let digest = header("x-amz-checksum-sha256");
        if let Some(digest) = &digest
            && *digest != STANDARD.encode(Sha256::of(body).bytes().expect("a digest"))
        {
            return (xml_error(400, "BadDigest"), None);
        }
        let versions = self.objects.entry(place.clone()).or_default();
        if header("if-none-match").as_deref() == Some("*") && !versions.is_empty() {
            return (xml_error(412, "PreconditionFailed"), None);
        }
        self.versions += 1;
        let id = format!("v{:06}", self.versions);
        versions.push(Version {
            id: id.clone(),
            bytes: body.to_vec(),
        });
        let mut response = reply(200, "application/xml", Vec::new());
        response
            .headers_mut()
            .insert("x-amz-version-id", id.clone());
        if let Some(digest) = digest {
            let headers = response.headers_mut();
            headers.insert("x-amz-checksum-sha256", digest);
        }
        let announced = place.0 == UPLOADS && place.1.starts_with(ANNOUNCED);
        let created = announced.then_some(Created {
            key: place.1,
            version_id: id,
            size_bytes: body.len(),
        });
        (response, created)
    }

    fn get(&self, place: &(String, String), id: Option<&str>, head: bool) -> HttpResponse {
        let versions = self.objects.get(place).map_or(&[][..], Vec::as_slice);
        let found = match id {
            Some(id) => versions.iter().find(|v| v.id == id),
            None => versions.last(),
        };
        match (found, head) {
            (Some(version), _) => {
                let body = if head {
                    Vec::new()
                } else {
                    version.bytes.clone()
                };
                let mut response = reply(200, "application/octet-stream", body);
                let headers = response.headers_mut();
                headers.insert("content-length", version.bytes.len().to_string());
                headers.insert("x-amz-version-id", version.id.clone());
                response
            }
            (None, true) => reply(404, "application/xml", Vec::new()),
            (None, false) if id.is_some() => xml_error(404, "NoSuchVersion"),
            (None, false) => xml_error(404, "NoSuchKey"),
        }
    }
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
