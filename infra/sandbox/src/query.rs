//! What stands after `?`.

/// The texts after `?`. Nothing these APIs are asked for needs escapes.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn read(text: &str) -> Self {
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self(owned.collect())
    }

    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let mut same = self.0.iter().filter(|(other, _)| other == name);
        same.next().map(|(_, value)| value.as_str())
    }
}
