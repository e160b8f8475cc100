//! The strings of an object, rewritten in place.

use crate::Refusal;
use crate::syntax::{Node, is_signature};

/// What stands for a string, given with its place among all.
type Replace<'f> = dyn FnMut(&[u8], usize) -> Result<Vec<u8>, Refusal> + 'f;

/// The text with every string replaced, in digits, or nothing when there is none to replace.
pub(super) fn rewrite_strings(
    buffer: &[u8],
    node: &Node,
    replace: &mut Replace<'_>,
) -> Result<Option<Vec<u8>>, Refusal> {
    let mut strings = Vec::new();
    collect(node, &mut strings);
    if strings.is_empty() {
        return Ok(None);
    }
    let mut out = Vec::with_capacity(node.span.len());
    let mut at = node.span.start;
    for (index, string) in strings.into_iter().enumerate() {
        out.extend_from_slice(buffer.get(at..string.span.start).unwrap_or_default());
        let text = replace(string.text().unwrap_or_default(), index)?;
        out.push(b'<');
        out.extend_from_slice(crate::revision::hex(&text).as_bytes());
        out.push(b'>');
        at = string.span.end;
    }
    out.extend_from_slice(buffer.get(at..node.span.end).unwrap_or_default());
    Ok(Some(out))
}

/// The text of an encryption dictionary, which is never encrypted itself, with its strings in digits.
pub(crate) fn dictionary_text(buffer: &[u8], node: &Node) -> Result<Vec<u8>, Refusal> {
    let text = rewrite_strings(buffer, node, &mut |text, _| Ok(text.to_vec()))?;
    Ok(text.unwrap_or_else(|| buffer.get(node.span.clone()).unwrap_or_default().to_vec()))
}

/// All strings but the contents of signatures.
fn collect<'n>(node: &'n Node, strings: &mut Vec<&'n Node>) {
    if node.text().is_some() {
        strings.push(node);
    }
    for item in node.items().unwrap_or_default() {
        collect(item, strings);
    }
    let signature = is_signature(node);
    for entry in node.entries() {
        if !(signature && entry.key == b"Contents") {
            collect(&entry.node, strings);
        }
    }
}

/// How many strings an object has that encryption may lengthen.
pub(crate) fn count_strings(node: &Node) -> usize {
    let mut strings = Vec::new();
    collect(node, &mut strings);
    strings.len()
}
