//! The interactive form: its signature fields, and the stamps among them.

use crate::Refusal;
use crate::file::{Document, Object};
use crate::syntax::{Id, Node};
use std::collections::HashSet;

/// Key of our private dictionary inside a signature dictionary (a second-class name, ISO 32000-2, annex E).
pub(crate) const STAMP_KEY: &str = "BUBH_Stamp";

/// A signature field with a value.
#[derive(Debug)]
pub(crate) struct Signature {
    /// The signature dictionary, in the clear.
    pub(crate) object: Object,
    /// The same as it stands in the file, where what is signed are bytes; nothing when it stands in a stream.
    pub(crate) written: Option<Node>,
}

/// What our private dictionary says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StampNote {
    pub(crate) serial: String,
    pub(crate) kind: String,
    pub(crate) verify_url: String,
    pub(crate) source_bytes: usize,
    pub(crate) source_sha256: [u8; 32],
}

impl Signature {
    /// The note when this signature is a stamp of ours.
    pub(crate) fn note(&self) -> Option<StampNote> {
        let note = self.object.node.get(STAMP_KEY.as_bytes())?;
        let text = |key: &[u8]| String::from_utf8(note.get(key)?.text()?.to_vec()).ok();
        Some(StampNote {
            serial: text(b"Serial")?,
            kind: text(b"Kind")?,
            verify_url: text(b"VerifyURL")?,
            source_bytes: usize::try_from(note.get(b"SourceLength")?.int()?).ok()?,
            source_sha256: note.get(b"SourceSHA256")?.text()?.try_into().ok()?,
        })
    }
}

/// All signed signature fields, in form order.
pub(crate) fn signatures(
    document: &Document<'_>,
    catalog: &Object,
) -> Result<Vec<Signature>, Refusal> {
    let mut found = Vec::new();
    let Some(form) = document.lookup(&catalog.node, b"AcroForm")? else {
        return Ok(found);
    };
    let Some(fields) = document.lookup(&form, b"Fields")? else {
        return Ok(found);
    };
    let mut seen = HashSet::new();
    for field in fields.items().unwrap_or_default() {
        walk(
            document,
            field,
            false,
            &mut seen,
            document.limits.depth,
            &mut found,
        )?;
    }
    Ok(found)
}

fn walk(
    document: &Document<'_>,
    field: &Node,
    inherits_sig: bool,
    seen: &mut HashSet<Id>,
    depth_left: usize,
    found: &mut Vec<Signature>,
) -> Result<(), Refusal> {
    let depth_left = depth_left.checked_sub(1).ok_or(Refusal::TooComplex)?;
    if field.reference().is_some_and(|id| !seen.insert(id)) {
        return Ok(());
    }
    if seen.len() > document.limits.objects {
        return Err(Refusal::TooComplex);
    }
    let Some(dict) = document.resolve(field)? else {
        return Ok(());
    };
    let kind = document.lookup(&dict, b"FT")?;
    let is_sig = kind
        .as_ref()
        .map_or(inherits_sig, |kind| kind.name() == Some(b"Sig"));
    if let (true, Some(value)) = (is_sig, dict.get(b"V").and_then(Node::reference))
        && let Some(object) = document.object(value)?
    {
        let written = document.written(value)?;
        found.push(Signature { object, written });
    }
    if let Some(kids) = document.lookup(&dict, b"Kids")? {
        for kid in kids.items().unwrap_or_default() {
            walk(document, kid, is_sig, seen, depth_left, found)?;
        }
    }
    Ok(())
}

/// What the form says of itself (ISO 32000-2, table 224).
#[derive(Debug, Default)]
pub(crate) struct FormWords {
    /// `SigFlags`.
    pub(crate) signature_flags: i64,
    /// `NeedAppearances`: viewers are asked to draw the fields.
    pub(crate) asks_viewers: bool,
    pub(crate) has_fields: bool,
}

impl FormWords {
    pub(crate) fn read(document: &Document<'_>, catalog: &Object) -> Result<Self, Refusal> {
        let Some(form) = document.lookup(&catalog.node, b"AcroForm")? else {
            return Ok(Self::default());
        };
        let flags = document.lookup(&form, b"SigFlags")?;
        let asks = document.lookup(&form, b"NeedAppearances")?;
        let fields = document.lookup(&form, b"Fields")?;
        Ok(Self {
            signature_flags: flags.and_then(|flags| flags.int()).unwrap_or(0),
            asks_viewers: asks.is_some_and(|asks| asks.is_true()),
            has_fields: fields
                .is_some_and(|fields| fields.items().is_some_and(|all| !all.is_empty())),
        })
    }
}

/// Whether a signature forbids every further change: DocMDP with P = 1, by certification or by a signature's lock.
pub(crate) fn forbids_changes(
    document: &Document<'_>,
    catalog: &Object,
    signatures: &[Signature],
) -> Result<bool, Refusal> {
    if let Some(perms) = document.lookup(&catalog.node, b"Perms")?
        && let Some(certification) = document.lookup(&perms, b"DocMDP")?
        && locks(document, &certification)?
    {
        return Ok(true);
    }
    for signature in signatures {
        if locks(document, &signature.object.node)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn locks(document: &Document<'_>, signature: &Node) -> Result<bool, Refusal> {
    let Some(references) = document.lookup(signature, b"Reference")? else {
        return Ok(false);
    };
    for reference in references.items().unwrap_or_default() {
        let Some(reference) = document.resolve(reference)? else {
            continue;
        };
        let method = document.lookup(&reference, b"TransformMethod")?;
        let Some(parms) = document.lookup(&reference, b"TransformParams")? else {
            continue;
        };
        let by_document = method.as_ref().and_then(Node::name) == Some(b"DocMDP");
        let by_field = method.as_ref().and_then(Node::name) == Some(b"FieldMDP");
        if (by_document || by_field)
            && document.lookup(&parms, b"P")?.and_then(|level| level.int()) == Some(1)
        {
            return Ok(true);
        }
    }
    Ok(false)
}
