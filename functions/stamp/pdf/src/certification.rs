//! Certification (ISO 32000-2, 12.8.2.2): the first signature of a document may say what is allowed after it.

use crate::form::signatures;
use crate::plan::Plan;
use crate::revision::Revision;
use crate::syntax::{Edit, Id, Node, edit_dict};
use crate::{Error, Refusal};
use std::fmt::Write;

/// What a certified document still allows. Further stamps are signatures, which both do; but some validators (pyHanko's
/// default, stricter than Acrobat) call a new visible signature after a certification a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certification {
    /// Forms may be filled in, and the document signed (P = 2).
    Signing,
    /// Besides, notes may be added (P = 3).
    Notes,
}

impl Certification {
    const fn level(self) -> u8 {
        match self {
            Self::Signing => 2,
            Self::Notes => 3,
        }
    }

    /// Only a document that nobody has signed yet can be certified.
    pub(crate) fn check(plan: &Plan<'_>) -> Result<(), Refusal> {
        let earlier = signatures(&plan.document, &plan.catalog)?;
        let perms = plan.document.lookup(&plan.catalog.node, b"Perms")?;
        let certified = perms.is_some_and(|perms| perms.get(b"DocMDP").is_some());
        if earlier.is_empty() && !certified {
            Ok(())
        } else {
            Err(Refusal::SignedBefore)
        }
    }

    /// The key of the signature dictionary.
    pub(crate) fn write_reference(self, text: &mut String) {
        // Writing to a string cannot fail.
        _ = write!(
            text,
            "/Reference[<</Type/SigRef/TransformMethod/DocMDP\
            /TransformParams<</Type/TransformParams/P {}/V/1.2>>>>]",
            self.level()
        );
    }

    /// The catalog's permissions with the signature among them; nothing when they are an object of their own, which
    /// is then written anew.
    pub(crate) fn permissions(
        plan: &Plan<'_>,
        revision: &mut Revision<'_, '_>,
        signature: Id,
    ) -> Result<Option<Edit<'static>>, Error> {
        let (document, catalog) = (&plan.document, &plan.catalog);
        let item = format!("{} 0 R", signature.number);
        let with = |text| Edit { key: "Perms", text };
        let edit = Edit {
            key: "DocMDP",
            text: item.clone().into_bytes(),
        };
        let perms = catalog.node.get(b"Perms");
        if let Some(direct) = perms.filter(|perms| perms.is_dict()) {
            let text = edit_dict(catalog.buffer(document), direct, &[edit]);
            return Ok(Some(with(text)));
        }
        let indirect = perms
            .and_then(Node::reference)
            .map(|id| document.object(id))
            .transpose()?
            .flatten();
        if let Some(object) = indirect.filter(|object| object.node.is_dict()) {
            let text = edit_dict(object.buffer(document), &object.node, &[edit]);
            revision.put(object.id, text);
            return Ok(None);
        }
        Ok(Some(with(format!("<</DocMDP {item}>>").into_bytes())))
    }
}
