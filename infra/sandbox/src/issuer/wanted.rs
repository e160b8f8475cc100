//! What a call to sign asks for.

use super::{answer::Refusal, fields::Fields, folder::SharedPath, route::Form};
use bubuh_pdf::{PageChoice, Placement, Rect};

/// The only profile there is.
const PROFILE: &str = "emeteraicertificateSigner";

/// A call to sign, read.
pub(super) struct Wanted {
    pub(super) token: String,
    pub(super) sn: String,
    pub(super) place: Place,
    pub(super) placement: Placement,
    /// Opens a locked document; mostly there is none.
    pub(super) password: Option<String>,
    pub(super) retry: bool,
}

/// Where the document is and where it goes.
pub(super) enum Place {
    Hosted {
        id: String,
    },
    Folder {
        src: SharedPath,
        specimen: SharedPath,
        dest: SharedPath,
    },
}

impl Wanted {
    pub(super) fn read(fields: &Fields, form: Form) -> Result<Self, Refusal> {
        fields.flag("onPrem")?;
        for name in ["location", "reason"] {
            fields.text(name)?;
        }
        if fields.filled("certificatelevel")? != "NOT_CERTIFIED" {
            return Err(Refusal::field("certificatelevel"));
        }
        if fields.filled("profileName")? != PROFILE {
            return Err(Refusal::new("91", "profileName is unknown"));
        }
        let password = fields.text("docpass")?;
        let path = |name: &str| {
            let path = SharedPath::read(fields.filled(name)?);
            path.ok_or_else(|| Refusal::field(name))
        };
        let place = match form {
            Form::Hosted => {
                for name in ["src", "dest", "spesimenPath"] {
                    fields.text(name)?;
                }
                let id = fields.filled("docId")?.to_owned();
                Place::Hosted { id }
            }
            Form::OnPremises => Place::Folder {
                src: path("src")?,
                specimen: path("spesimenPath")?,
                dest: path("dest")?,
            },
        };
        Ok(Self {
            token: fields.filled("jwToken")?.to_owned(),
            sn: fields.filled("refToken")?.to_owned(),
            place,
            placement: placement(fields)?,
            password: (!password.is_empty()).then(|| password.to_owned()),
            retry: fields.optional("retryFlag") == Some("1"),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast stops at the ends, as pages do"
)]
fn placement(fields: &Fields) -> Result<Placement, Refusal> {
    let [llx, lly, urx, ury] = [
        fields.number("visLLX")?,
        fields.number("visLLY")?,
        fields.number("visURX")?,
        fields.number("visURY")?,
    ];
    Ok(Placement {
        page: PageChoice::Number(fields.number("visSignaturePage")? as i64),
        // Some clients swap lower and upper.
        rect: Some(Rect {
            llx: llx.min(urx),
            lly: lly.min(ury),
            urx: llx.max(urx),
            ury: lly.max(ury),
        }),
        anchor: None,
    })
}
