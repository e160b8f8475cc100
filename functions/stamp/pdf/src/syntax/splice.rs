//! Edits on raw text: what is not edited stays byte for byte (numbers keep their precision).

use super::Node;

/// A key and the text of its new value.
pub(crate) struct Edit<'a> {
    pub(crate) key: &'a str,
    pub(crate) text: Vec<u8>,
}

/// The dictionary's own text with some keys set. `buffer` is what the node's spans point into.
/// Keys must be plain: no character that needs `#` in a name.
pub(crate) fn edit_dict(buffer: &[u8], dict: &Node, edits: &[Edit<'_>]) -> Vec<u8> {
    let end = dict.span.end.saturating_sub(2);
    let mut out = Vec::new();
    let mut at = dict.span.start;
    for entry in dict.entries() {
        let Some(edit) = edits.iter().find(|edit| edit.key.as_bytes() == entry.key) else {
            continue;
        };
        out.extend_from_slice(buffer.get(at..entry.node.span.start).unwrap_or_default());
        out.push(b' ');
        out.extend_from_slice(&edit.text);
        out.push(b' ');
        at = entry.node.span.end;
    }
    out.extend_from_slice(buffer.get(at..end).unwrap_or_default());
    for edit in edits {
        if dict
            .entries()
            .iter()
            .any(|entry| entry.key == edit.key.as_bytes())
        {
            continue;
        }
        // A comment may end the text; only a line end closes it.
        out.push(b'\n');
        out.push(b'/');
        out.extend_from_slice(edit.key.as_bytes());
        out.push(b' ');
        out.extend_from_slice(&edit.text);
    }
    out.extend_from_slice(b"\n>>");
    out
}

/// The array's own text with one more item.
pub(crate) fn append_to_array(buffer: &[u8], array: &Node, item: &str) -> Vec<u8> {
    let end = array.span.end.saturating_sub(1);
    let mut out = buffer
        .get(array.span.start..end)
        .unwrap_or_default()
        .to_vec();
    out.push(b'\n');
    out.extend_from_slice(item.as_bytes());
    out.push(b']');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use crate::syntax::Lexer;

    fn edited(text: &str, edits: &[Edit<'_>]) -> String {
        let node = Lexer::new(text.as_bytes(), 0, &Limits::DEFAULT)
            .value()
            .unwrap();
        String::from_utf8(edit_dict(text.as_bytes(), &node, edits)).unwrap()
    }

    fn edit<'a>(key: &'a str, text: &str) -> Edit<'a> {
        Edit {
            key,
            text: text.into(),
        }
    }

    #[test]
    fn other_keys_keep_their_bytes() {
        let out = edited(
            "<</MediaBox[0 0 595.27559055 842]/NeedAppearances true/Fields[]%end\n>>",
            &[edit("NeedAppearances", "false"), edit("SigFlags", "3")],
        );
        assert_eq!(
            out,
            "<</MediaBox[0 0 595.27559055 842]/NeedAppearances  false /Fields[]%end\n\n/SigFlags 3\n>>"
        );
    }

    #[test]
    fn a_repeated_key_is_replaced_everywhere() {
        assert_eq!(
            edited("<</A 1/A 2>>", &[edit("A", "3")]),
            "<</A  3 /A  3 \n>>"
        );
    }

    #[test]
    fn a_comment_cannot_swallow_an_appended_item() {
        let text = "[1 0 R % last\n]";
        let node = Lexer::new(text.as_bytes(), 0, &Limits::DEFAULT)
            .value()
            .unwrap();
        let out = append_to_array(text.as_bytes(), &node, "2 0 R");
        assert_eq!(out, b"[1 0 R % last\n\n2 0 R]");
    }
}
