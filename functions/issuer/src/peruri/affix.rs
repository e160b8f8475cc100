//! Putting the stamp on: one call, keyed by the serial and the source, made again for as long as it takes.

use super::{
    Form, Peruri,
    call::{Body, Failed, read},
    codes::{Does, known},
    gate, multipart,
    wire::{DONE, Image, Sign, Signed, Uploaded},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_core::document::Reason;
use bubuh_gateway::Transport;
use bubuh_store::{
    Error,
    issuer::{Affix, Affixed, Affixer},
};
use bytes::Bytes;
use http::Method;
use std::path::Path;

const DOING: &str = "have a document stamped";
/// The code of a call that may have signed: it is made once more at once, and says so.
const ABNORMAL: &str = "97";
/// The rectangle's unit.
const MILLIPT: f64 = 1000.0;

/// What became of asking for a signature.
enum Asked {
    Signed(Signed),
    Refused(Reason),
}

/// Where the adapter finds a document's files, and where we do.
struct Names {
    stem: String,
}

impl Names {
    /// By what the call is keyed by: a repeated one overwrites nothing else.
    fn of(affix: &Affix) -> Self {
        let source: String = affix.source_sha256.as_str().chars().take(16).collect();
        Self {
            stem: format!("{}-{source}", affix.serial),
        }
    }

    fn source(&self) -> String {
        format!("UNSIGNED/{}.pdf", self.stem)
    }

    fn image(&self) -> String {
        format!("STAMP/{}.png", self.stem)
    }

    fn output(&self) -> String {
        format!("SIGNED/{}.pdf", self.stem)
    }
}

fn shared(path: &str) -> String {
    format!("/sharefolder/{path}")
}

impl<T: Transport> Peruri<T> {
    /// Asks for the signature. `sign` is called with the token and, the second time, the flag of a repeated call.
    async fn sign(
        &self,
        path: &str,
        sign: impl Fn(&str, Option<&'static str>) -> Result<Body, Failed>,
    ) -> Result<Asked, Error> {
        let url = format!("{}{path}", self.hosts.adapter);
        let mut flag = None;
        loop {
            let answer = self
                .call(Method::POST, &url, |token| sign(token, flag))
                .await;
            let answer: Signed = answer
                .and_then(|body| read(&body))
                .map_err(|failed| failed.again(DOING))?;
            let code = known(&answer.error_code);
            let why = || format!("{} {}", answer.error_code, answer.error_message);
            match code.does {
                Does::Takes => return Ok(Asked::Signed(answer)),
                Does::AsksAgain if answer.error_code == ABNORMAL && flag.is_none() => {
                    flag = Some("1");
                }
                Does::AsksAgain => {
                    return Err(Error::Unavailable {
                        doing: DOING,
                        why: why(),
                    });
                }
                Does::Refuses => {
                    return Ok(Asked::Refused(Reason {
                        code: format!("issuer_{}", answer.error_code),
                        message_id: code.words_id.to_owned(),
                        message_en: code.words_en.to_owned(),
                    }));
                }
                Does::CallsPeople => {
                    tracing::error!(
                        code = answer.error_code,
                        operator = code.operator,
                        "the issuer"
                    );
                    return Err(Error::Refused {
                        doing: DOING,
                        why: why(),
                    });
                }
            }
        }
    }

    /// Sends the document, has it signed, and gets it back.
    async fn hosted(&self, source: &[u8], affix: &Affix) -> Result<Affixed, Error> {
        let again = |failed: Failed| failed.again(DOING);
        let names = Names::of(affix);
        let file = format!("{}.pdf", names.stem);
        let url = format!("{}/uploaddoc2", self.hosts.files);
        let sent = self
            .call(Method::POST, &url, |token| {
                let sha256 = affix.source_sha256.as_str();
                Ok(multipart::form(&file, source, sha256, ("token", token)))
            })
            .await;
        let sent: Uploaded = sent.and_then(|body| read(&body)).map_err(again)?;
        let id = match sent.id {
            Some(id) if sent.status_code == DONE => id,
            _ => {
                let code = sent.status_code;
                let message = sent.message;
                return Err(again(Failed::Coded { code, message }));
            }
        };
        let asked = self
            .sign("/keystamp/adapter/docSigningZ", |token, flag| {
                let paths = [
                    shared(&format!("doc_{id}.pdf")),
                    shared(&format!("final_{id}.pdf")),
                    shared(&format!("qr_{}.png", affix.serial)),
                ];
                Body::json(&request(affix, &id, paths, token, flag))
            })
            .await?;
        let signed = match asked {
            Asked::Signed(signed) => signed,
            Asked::Refused(reason) => return Ok(Affixed::Refused(reason)),
        };
        let url = signed
            .url_file
            .unwrap_or_else(|| format!("{}/getfile3/final_{id}.pdf", self.hosts.files));
        let file = self.call(Method::GET, &url, |_| Ok(Body::none())).await;
        self.released(source, &file.map_err(again)?, affix)
    }

    /// Has the adapter beside us sign the document in the shared folder.
    async fn on_premises(
        &self,
        source: &[u8],
        affix: &Affix,
        folder: &Path,
    ) -> Result<Affixed, Error> {
        let names = Names::of(affix);
        let image = self.image(affix).await?;
        write(folder, &names.source(), source)?;
        write(folder, &names.image(), &image)?;
        let asked = self
            .sign("/adapter/pdfsigning/rest/docSigningZ", |token, flag| {
                let paths = [names.source(), names.output(), names.image()].map(|p| shared(&p));
                Body::json(&request(affix, "", paths, token, flag))
            })
            .await?;
        let done = match asked {
            Asked::Signed(_) => {
                let file = std::fs::read(folder.join(names.output())).map_err(|e| disk(&e))?;
                self.released(source, &file.into(), affix)?
            }
            Asked::Refused(reason) => Affixed::Refused(reason),
        };
        for name in [names.source(), names.image(), names.output()] {
            // What is left behind is overwritten by its own document only.
            let _ = std::fs::remove_file(folder.join(name));
        }
        Ok(done)
    }

    /// A stamp's picture.
    async fn image(&self, affix: &Affix) -> Result<Vec<u8>, Error> {
        let url = format!("{}/snqr/qrimage?sn={}", self.hosts.stamp, affix.serial);
        let asked = self.ask(Method::GET, &url, |_| Ok(Body::none())).await;
        let again = |failed: Failed| failed.again(DOING);
        let image: Image = asked.map_err(again)?;
        match STANDARD.decode(&image.image) {
            Ok(bytes) if !bytes.is_empty() => Ok(bytes),
            _ => Err(again(Failed::NotDone(
                "the stamp has no picture".to_owned(),
            ))),
        }
    }

    /// The issuer's file, if it is sound. If not, its serial is used up at the issuer, so the document is not refused
    /// and the serial not given to another: it is asked for again, and then people look.
    fn released(&self, source: &[u8], file: &Bytes, affix: &Affix) -> Result<Affixed, Error> {
        gate::check(file, Some(source), affix)?;
        Ok(Affixed::File(file.to_vec()))
    }
}

fn request<'a>(
    affix: &'a Affix,
    id: &'a str,
    [src, dest, image]: [String; 3],
    token: &'a str,
    again: Option<&'static str>,
) -> Sign<'a> {
    let (page, rect) = affix
        .place
        .map_or((0, [0; 4]), |place| (place.page, place.rect_millipt));
    let [llx, lly, urx, ury] = rect.map(|side| f64::from(side) / MILLIPT);
    Sign {
        on_prem: id.is_empty(),
        doc_id: id,
        certificatelevel: "NOT_CERTIFIED",
        src,
        dest,
        image,
        docpass: "",
        token,
        location: "Jakarta",
        profile: "emeteraicertificateSigner",
        reason: "e-Meterai",
        serial: affix.serial.as_str(),
        llx,
        lly,
        urx,
        ury,
        page,
        again,
    }
}

fn disk(error: &std::io::Error) -> Error {
    Error::Unavailable {
        doing: "use the folder that is shared with the adapter",
        why: error.to_string(),
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| disk(&e))?;
    }
    std::fs::write(path, bytes).map_err(|e| disk(&e))
}

impl<T: Transport> Affixer for Peruri<T> {
    async fn affix(&self, source: Vec<u8>, affix: &Affix) -> Result<Affixed, Error> {
        let _place = self
            .places
            .acquire()
            .await
            .map_err(|e| Failed::NotDone(e.to_string()).again(DOING))?;
        match &self.form {
            Form::Hosted => self.hosted(&source, affix).await,
            Form::OnPremises { folder } => self.on_premises(&source, affix, folder).await,
        }
    }

    fn check(&self, stored: &[u8], source_size_bytes: u64, affix: &Affix) -> Result<(), Error> {
        let source = gate::source(stored, source_size_bytes, affix);
        gate::check(stored, source, affix)
    }

    fn key_id(&self) -> &'static str {
        "peruri"
    }
}
