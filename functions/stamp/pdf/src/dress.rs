//! The objects of the stamp's look: our drawing, or the issuer's picture.

use crate::appearance::{self, Face, Picture, Samples};
use crate::file::deflate;
use crate::plan::Plan;
use crate::revision::Revision;
use crate::syntax::Id;
use crate::{Error, StampRequest};

/// Largest drawing, in bytes, compressed; part of what preflight promises about the size.
pub(crate) const MOST_APPEARANCE_BYTES: usize = 8 * 1024;

/// Puts the look's objects into the revision.
pub(crate) fn put(
    plan: &Plan<'_>,
    revision: &mut Revision<'_, '_>,
    request: &StampRequest,
    look: Id,
) -> Result<(), Error> {
    let (content, resources) = if let Some(picture) = &request.picture {
        let image = revision.reserve();
        revision.put(image, image_stream(picture)?);
        let resources = format!("/XObject<</P {} 0 R>>", image.number);
        (appearance::pictured(picture), resources)
    } else {
        let resources = format!("/ColorSpace<</C {}>>", appearance::COLOR_SPACE);
        (drawing(request)?, resources)
    };
    let data = compressed(content.as_bytes())?;
    if data.len() > MOST_APPEARANCE_BYTES {
        return Err(Error::Request(
            "the serial and the verify URL make the stamp too large",
        ));
    }
    // The page is turned clockwise when shown: turn the stamp back.
    let matrix = match plan.sheet.quarter_turns {
        1 => "/Matrix[0 1 -1 0 0 0]",
        2 => "/Matrix[-1 0 0 -1 0 0]",
        3 => "/Matrix[0 -1 1 0 0 0]",
        _ => "",
    };
    let units = appearance::UNITS;
    let head = format!(
        "/Type/XObject/Subtype/Form/BBox[0 0 {units} {units}]{matrix}\
        /Resources<<{resources}>>/Filter/FlateDecode"
    );
    revision.put(look, stream(&head, &data));
    Ok(())
}

fn drawing(request: &StampRequest) -> Result<String, Error> {
    let face = Face {
        serial: &request.serial,
        verify_url: &request.verify_url,
    };
    appearance::content(&face).ok_or(Error::Request("the verify URL does not fit a QR code"))
}

fn image_stream(picture: &Picture) -> Result<Vec<u8>, Error> {
    let space = if picture.is_grey {
        appearance::GREY_SPACE
    } else {
        appearance::COLOR_SPACE
    };
    let (filter, data) = match &picture.samples {
        Samples::Jpeg(file) => ("DCTDecode", file.clone()),
        Samples::Plain(samples) => ("FlateDecode", compressed(samples)?),
    };
    let head = format!(
        "/Type/XObject/Subtype/Image/Width {}/Height {}/BitsPerComponent 8/ColorSpace{space}/Filter/{filter}",
        picture.width, picture.height
    );
    Ok(stream(&head, &data))
}

fn compressed(data: &[u8]) -> Result<Vec<u8>, Error> {
    deflate(data).map_err(|_| Error::Request("the appearance cannot be compressed"))
}

fn stream(head: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<<{head}/Length {}>>\nstream\n", data.len()).into_bytes();
    out.extend_from_slice(data);
    out.extend_from_slice(b"\nendstream");
    out
}
