//! The objects of a stamp: signature, widget, appearance, and the few old objects that must name them.

use crate::certification::Certification;
use crate::file::Object;
use crate::form::STAMP_KEY;
use crate::plan::Plan;
use crate::revision::{Revision, hex};
use crate::syntax::{Edit, Id, Node, append_to_array, edit_dict};
use crate::{Error, Refusal, StampRequest, date, dress};
use sha2::{Digest, Sha256};

/// Digits reserved for each of the three unknown numbers of a byte range.
const NUMBER_WIDTH: usize = 10;

/// Where a revision lacks its signature.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Offset in the whole file of the byte range's first unknown number.
    pub(crate) range_at: usize,
    /// Offset in the whole file of the `<` of the contents.
    pub(crate) contents_at: usize,
    pub(crate) contents_bytes: usize,
}

/// The bytes to append to the document, with room for a signature of so many bytes.
pub(crate) fn compose(
    plan: &Plan<'_>,
    request: &StampRequest,
    source_sha256: &[u8; 32],
    contents_bytes: usize,
    certification: Option<Certification>,
) -> Result<(Draft, Vec<u8>), Error> {
    let mut revision = Revision::new(&plan.document);
    let (signature, widget, look) = (revision.reserve(), revision.reserve(), revision.reserve());
    let signature_text =
        signature_dict(plan, request, source_sha256, contents_bytes, certification)?;
    dress::put(plan, &mut revision, request, look)?;
    revision.put(widget, widget_dict(plan, request, signature, look));
    let picture = plan.drawn_by_viewers.then(|| revision.reserve());
    if let Some(picture) = picture {
        revision.put(picture, picture_dict(plan, request, look));
    }
    add_to_page(plan, &mut revision, picture, widget)?;
    let mut catalog = Vec::from_iter(add_to_form(plan, &mut revision, widget)?);
    if certification.is_some() {
        catalog.extend(Certification::permissions(plan, &mut revision, signature)?);
    }
    if !catalog.is_empty() {
        let old = &plan.catalog;
        let text = edit_dict(old.buffer(&plan.document), &old.node, &catalog);
        revision.put(old.id, text);
    }
    if let Some(structure) = &plan.structure {
        structure.write(&plan.document, &mut revision, plan.page.id, widget);
    }
    let (range_in, contents_in) = (signature_text.range_at, signature_text.contents_at);
    revision.put(signature, signature_text.text.into_bytes());
    let identity = Sha256::new()
        .chain_update(source_sha256)
        .chain_update(&request.serial)
        .finalize();
    let new_id = identity.first_chunk::<16>().copied().unwrap_or_default();
    let tail = revision.finish(&new_id)?;
    let body = tail
        .bodies
        .get(&signature.number)
        .copied()
        .ok_or(Error::Request("no signature"))?;
    let draft = Draft {
        range_at: body + range_in,
        contents_at: body + contents_in,
        contents_bytes,
    };
    Ok((draft, tail.bytes))
}

struct SignatureText {
    text: String,
    range_at: usize,
    contents_at: usize,
}

fn signature_dict(
    plan: &Plan<'_>,
    request: &StampRequest,
    source_sha256: &[u8; 32],
    contents_bytes: usize,
    certification: Option<Certification>,
) -> Result<SignatureText, Error> {
    let when = date::format(request.affixed_at_unix_s)
        .ok_or(Error::Request("the time is out of range"))?;
    let mut text =
        String::from("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 ");
    let range_at = text.len();
    text.push_str(&" ".repeat(3 * NUMBER_WIDTH + 2));
    text.push_str("]/Contents");
    let contents_at = text.len();
    text.push('<');
    text.push_str(&"0".repeat(contents_bytes * 2));
    text.push_str(&format!(
        ">/M({when})/Reason(Pembubuhan meterai elektronik)\
        /{STAMP_KEY}<</Serial{}/Kind({})/SourceLength {}/SourceSHA256<{}>/VerifyURL{}>>>>",
        literal(&request.serial),
        request.kind.code(),
        plan.document.file.len(),
        hex(source_sha256),
        literal(&request.verify_url),
    ));
    if let Some(certification) = certification {
        text.truncate(text.len() - 2);
        certification.write_reference(&mut text);
        text.push_str(">>");
    }
    Ok(SignatureText {
        text,
        range_at,
        contents_at,
    })
}

/// The text that fills the room for the byte range.
pub(crate) fn range_text(numbers: [usize; 3]) -> String {
    numbers
        .map(|number| format!("{number:<NUMBER_WIDTH$}"))
        .join(" ")
}

/// What both annotations say: printed and locked (ISO 32000-2, table 167), where they stand, how they look.
fn annotation_keys(plan: &Plan<'_>, look: Id) -> String {
    let rect = plan.sheet.to_page(plan.shown);
    let page = plan.page.id;
    format!(
        "/F 132/Rect[{:.4} {:.4} {:.4} {:.4}]/P {} {} R/AP<</N {} 0 R>>",
        rect.llx, rect.lly, rect.urx, rect.ury, page.number, page.generation, look.number,
    )
}

fn words(request: &StampRequest) -> String {
    literal(&format!(
        "Meterai elektronik 10000 (contoh/specimen), nomor seri {}",
        request.serial
    ))
}

/// The stamp's look without a field, for viewers that draw fields themselves.
fn picture_dict(plan: &Plan<'_>, request: &StampRequest, look: Id) -> Vec<u8> {
    let (keys, words) = (annotation_keys(plan, look), words(request));
    format!("<</Type/Annot/Subtype/Stamp{keys}/Contents{words}>>").into_bytes()
}

fn widget_dict(plan: &Plan<'_>, request: &StampRequest, signature: Id, look: Id) -> Vec<u8> {
    let turn = u16::from(plan.sheet.quarter_turns) * 90;
    let characteristics = if turn == 0 {
        String::new()
    } else {
        format!("/MK<</R {turn}>>")
    };
    let tag = plan.structure.as_ref();
    let tag = tag.map_or(String::new(), |tag| format!("/StructParent {}", tag.key));
    format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T{}/TU{}{}/V {} 0 R{characteristics}{tag}>>",
        literal(&field_name(&request.serial)),
        words(request),
        annotation_keys(plan, look),
        signature.number,
    )
    .into_bytes()
}

/// A name no other field has: a period would make it a path, so the serial itself cannot serve.
fn field_name(serial: &str) -> String {
    let digest = Sha256::digest(serial.as_bytes());
    format!("Meterai-{}", hex(digest.get(..8).unwrap_or_default()))
}

/// A literal string; only ASCII is written.
fn literal(text: &str) -> String {
    let mut out = String::from("(");
    for letter in text.chars() {
        if matches!(letter, '(' | ')' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push(')');
    out
}

fn add_to_page(
    plan: &Plan<'_>,
    revision: &mut Revision<'_, '_>,
    picture: Option<Id>,
    widget: Id,
) -> Result<(), Refusal> {
    let document = &plan.document;
    // In this order the widget lies on top.
    let items = picture.into_iter().chain([widget]);
    let items: Vec<_> = items.map(|id| format!("{} 0 R", id.number)).collect();
    let item = items.join(" ");
    let annots = plan.page.node.get(b"Annots");
    let indirect = annots
        .and_then(Node::reference)
        .map(|id| document.object(id))
        .transpose()?
        .flatten();
    let list = match (&indirect, annots) {
        (Some(object), _) if object.node.items().is_some() => {
            let list = append_to_array(object.buffer(document), &object.node, &item);
            // An array that other pages name too would show the stamp on all of them.
            if !plan.annots_shared {
                revision.put(object.id, list);
                return Ok(());
            }
            list
        }
        (None, Some(direct)) if direct.items().is_some() => {
            append_to_array(plan.page.buffer(document), direct, &item)
        }
        _ => format!("[{item}]").into_bytes(),
    };
    let mut edits = vec![Edit {
        key: "Annots",
        text: list,
    }];
    // A tagged page that had no annotation has said nothing of their order (ISO 14289-1, 7.18.3).
    if plan.structure.is_some() && plan.page.node.get(b"Tabs").is_none() {
        edits.push(Edit {
            key: "Tabs",
            text: b"/S".to_vec(),
        });
    }
    revision.put(
        plan.page.id,
        edit_dict(plan.page.buffer(document), &plan.page.node, &edits),
    );
    Ok(())
}

/// Puts the widget into the form; what the catalog must say of it, if that changes.
fn add_to_form(
    plan: &Plan<'_>,
    revision: &mut Revision<'_, '_>,
    widget: Id,
) -> Result<Option<Edit<'static>>, Refusal> {
    let (document, catalog) = (&plan.document, &plan.catalog);
    let form = catalog.node.get(b"AcroForm");
    let indirect = form
        .and_then(Node::reference)
        .map(|id| document.object(id))
        .transpose()?
        .flatten();
    if let Some(object) = indirect.filter(|object| object.node.is_dict()) {
        let text = form_text(plan, revision, &object, &object.node, widget)?;
        revision.put(object.id, text);
        return Ok(None);
    }
    let text = if let Some(direct) = form.filter(|form| form.is_dict()) {
        form_text(plan, revision, catalog, direct, widget)?
    } else {
        let id = revision.reserve();
        revision.put(
            id,
            format!("<</Fields[{} 0 R]/SigFlags 3>>", widget.number).into_bytes(),
        );
        format!("{} 0 R", id.number).into_bytes()
    };
    Ok(Some(Edit {
        key: "AcroForm",
        text,
    }))
}

/// The form's dictionary with the widget among its fields. `holder` is the object whose buffer `form` points into.
fn form_text(
    plan: &Plan<'_>,
    revision: &mut Revision<'_, '_>,
    holder: &Object,
    form: &Node,
    widget: Id,
) -> Result<Vec<u8>, Refusal> {
    let document = &plan.document;
    let item = format!("{} 0 R", widget.number);
    // SignaturesExist and AppendOnly (ISO 32000-2, table 225).
    let mut edits = vec![Edit {
        key: "SigFlags",
        text: (plan.form.signature_flags | 3).to_string().into_bytes(),
    }];
    // A viewer that makes appearances of its own would replace the stamp's.
    if !plan.drawn_by_viewers && plan.form.asks_viewers {
        edits.push(Edit {
            key: "NeedAppearances",
            text: b"false".to_vec(),
        });
    }
    let fields = form.get(b"Fields");
    let indirect = fields
        .and_then(Node::reference)
        .map(|id| document.object(id))
        .transpose()?
        .flatten();
    let list = match (&indirect, fields) {
        (Some(object), _) if object.node.items().is_some() => {
            let list = append_to_array(object.buffer(document), &object.node, &item);
            // Some writers use one array as a page's Annots and as the form's Fields.
            if plan.pages.annots_users.contains_key(&object.id) {
                Some(list)
            } else {
                revision.put(object.id, list);
                None
            }
        }
        (None, Some(direct)) if direct.items().is_some() => {
            Some(append_to_array(holder.buffer(document), direct, &item))
        }
        _ => Some(format!("[{item}]").into_bytes()),
    };
    edits.extend(list.map(|text| Edit {
        key: "Fields",
        text,
    }));
    Ok(edit_dict(holder.buffer(document), form, &edits))
}
