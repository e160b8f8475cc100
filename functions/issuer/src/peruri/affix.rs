//! Putting the stamp on: one call, keyed by the serial and the source, made again for as long as it takes.

use super::{
    Form, Peruri,
    call::{Body, Failed, read},
    codes::{Does, known},
    gate, multipart,
    wire::{DONE, Image, Sign, Signed, Uploaded},
};
use crate::convert::{MILLIPT, rect};
use backon::{ExponentialBuilder, Retryable};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_core::{document::Reason, id::Serial};
use bubuh_gateway::Transport;
use bubuh_pdf::Rect;
use bubuh_store::{
    Error,
    issuer::{Affix, Affixed, Affixer},
};
use bytes::Bytes;
use http::Method;
use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

const DOING: &str = "have a document stamped";
/// How often a call that failed in passing is made again at once, and the first pause before it.
const RETRIES: usize = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// For how long, from the beginning of a document's calls, in milliseconds: others wait for them to end.
const RETRIED_FOR_MS: u64 = 60_000;

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
    /// Makes a call, and again when it failed in passing.
    async fn patiently<R: Send, F: Future<Output = Result<R, Failed>> + Send>(
        &self,
        since_ms: u64,
        call: impl FnMut() -> F + Send,
    ) -> Result<R, Error> {
        let until_ms = since_ms.saturating_add(RETRIED_FOR_MS);
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_factor(4.0)
            .with_max_times(RETRIES);
        call.retry(pauses)
            .when(|failed| {
                let passing = !matches!(failed, Failed::Coded { .. });
                passing && self.ambient.now_ms() < until_ms
            })
            .notify(|failed, _| tracing::warn!(?failed, "the issuer is asked again"))
            .await
            .map_err(|failed| failed.again(DOING))
    }

    /// Asks for the signature. `sign` is called with the token and, for each time after the first, the flag of a repeated
    /// call: whatever became of the first, the same serial goes on the same document.
    async fn sign(
        &self,
        since_ms: u64,
        serial: &Serial,
        path: &str,
        sign: impl Fn(&str, Option<&'static str>) -> Result<Body, Failed> + Sync,
    ) -> Result<Asked, Error> {
        let url = format!("{}{path}", self.hosts.adapter);
        let asked_before = AtomicBool::new(false);
        let answer: Signed = self
            .patiently(since_ms, || async {
                let flag = asked_before.swap(true, Ordering::Relaxed).then_some("1");
                let answer = self
                    .call(Method::POST, &url, |token| sign(token, flag))
                    .await?;
                let answer: Signed = read(&answer)?;
                match known(&answer.error_code).does {
                    Does::AsksAgain => Err(Failed::Unknown(why(&answer))),
                    _ => Ok(answer),
                }
            })
            .await?;
        let code = known(&answer.error_code);
        match code.does {
            Does::Takes | Does::AsksAgain => Ok(Asked::Signed(answer)),
            Does::Refuses => Ok(Asked::Refused(Reason {
                code: format!("issuer_{}", answer.error_code),
                message_id: code.words_id.to_owned(),
                message_en: code.words_en.to_owned(),
            })),
            Does::CallsPeople => {
                let at_issuer = self.state(serial).await;
                let why = format!("{} (there it is {at_issuer})", why(&answer));
                tracing::error!(why, operator = code.operator, "the issuer");
                Err(Error::Refused { doing: DOING, why })
            }
        }
    }

    /// Sends the document, has it signed, and gets it back.
    async fn hosted(&self, source: &[u8], affix: &Affix) -> Result<Affixed, Error> {
        let since_ms = self.ambient.now_ms();
        let names = Names::of(affix);
        let file = format!("{}.pdf", names.stem);
        let url = format!("{}/uploaddoc2", self.hosts.files);
        let sha256 = affix.source_sha256.as_str();
        let sent = self
            .patiently(since_ms, || async {
                let body =
                    |token: &str| Ok(multipart::form(&file, source, sha256, ("token", token)));
                let sent: Uploaded = read(&self.call(Method::POST, &url, body).await?)?;
                match sent.id {
                    Some(id) if sent.status_code == DONE => Ok(id),
                    _ => Err(Failed::Coded {
                        code: sent.status_code,
                        message: sent.message,
                    }),
                }
            })
            .await;
        let id = sent?;
        let asked = self
            .sign(
                since_ms,
                &affix.serial,
                "/keystamp/adapter/docSigningZ",
                |token, flag| {
                    let paths = [
                        shared(&format!("doc_{id}.pdf")),
                        shared(&format!("final_{id}.pdf")),
                        shared(&format!("qr_{}.png", affix.serial)),
                    ];
                    Body::json(&request(affix, &id, paths, token, flag))
                },
            )
            .await?;
        let signed = match asked {
            Asked::Signed(signed) => signed,
            Asked::Refused(reason) => return Ok(Affixed::Refused(reason)),
        };
        let url = signed
            .url_file
            .unwrap_or_else(|| format!("{}/getfile3/final_{id}.pdf", self.hosts.files));
        let file = self
            .patiently(since_ms, || async {
                let file = self.call(Method::GET, &url, |_| Ok(Body::none())).await?;
                // A page of words is no answer.
                if file.starts_with(b"%PDF") {
                    Ok(file)
                } else {
                    Err(Failed::Unknown("the download is no PDF".to_owned()))
                }
            })
            .await?;
        self.released(source, &file, affix)
    }

    /// Has the adapter beside us sign the document in the shared folder.
    async fn on_premises(
        &self,
        source: &[u8],
        affix: &Affix,
        folder: &Path,
    ) -> Result<Affixed, Error> {
        let since_ms = self.ambient.now_ms();
        let names = Names::of(affix);
        let image = self.image(since_ms, affix).await?;
        self.write(folder, &names.source(), source)?;
        self.write(folder, &names.image(), &image)?;
        let asked = self
            .sign(
                since_ms,
                &affix.serial,
                "/adapter/pdfsigning/rest/docSigningZ",
                |token, flag| {
                    let paths = [names.source(), names.output(), names.image()].map(|p| shared(&p));
                    Body::json(&request(affix, "", paths, token, flag))
                },
            )
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

    /// Puts a file into the shared folder whole: the adapter may be reading it for another worker with this document.
    fn write(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| disk(&e))?;
        }
        let fresh = path.with_extension(hex::encode(self.ambient.random()?));
        let put = std::fs::write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, &path));
        put.map_err(|e| {
            let _ = std::fs::remove_file(&fresh);
            disk(&e)
        })
    }

    /// A stamp's picture.
    async fn image(&self, since_ms: u64, affix: &Affix) -> Result<Vec<u8>, Error> {
        let url = format!("{}/snqr/qrimage?sn={}", self.hosts.stamp, affix.serial);
        self.patiently(since_ms, || async {
            let image: Image = self.ask(Method::GET, &url, |_| Ok(Body::none())).await?;
            match STANDARD.decode(&image.image) {
                Ok(bytes) if !bytes.is_empty() => Ok(bytes),
                _ => Err(Failed::NotDone("the stamp has no picture".to_owned())),
            }
        })
        .await
    }

    /// The issuer's file, if it is sound. If not, its serial is used up at the issuer, so the document is not refused
    /// and the serial not given to another: it is asked for again, and then people look.
    fn released(&self, source: &[u8], file: &Bytes, affix: &Affix) -> Result<Affixed, Error> {
        gate::check(file, Some(source), affix)?;
        Ok(Affixed::File(file.to_vec()))
    }
}

fn why(answer: &Signed) -> String {
    format!("{} {}", answer.error_code, answer.error_message)
}

fn request<'a>(
    affix: &'a Affix,
    id: &'a str,
    [src, dest, image]: [String; 3],
    token: &'a str,
    again: Option<&'static str>,
) -> Sign<'a> {
    let (page, sides) = affix
        .place
        .map_or((0, [0; 4]), |place| (place.page, place.rect_millipt));
    let Rect { llx, lly, urx, ury } = rect(sides, MILLIPT);
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

impl<T: Transport> Affixer for Peruri<T> {
    async fn affix(&self, source: Vec<u8>, affix: &Affix) -> Result<Affixed, Error> {
        let visit = self.pace.enter(&self.ambient).await;
        let visit = visit.map_err(|failed| failed.again(DOING))?;
        let affixed = match &self.form {
            Form::Hosted => self.hosted(&source, affix).await,
            Form::OnPremises { folder } => self.on_premises(&source, affix, folder).await,
        };
        visit.end(matches!(affixed, Err(Error::Unavailable { .. })));
        affixed
    }

    fn check(&self, stored: &[u8], source_size_bytes: u64, affix: &Affix) -> Result<(), Error> {
        let source = gate::source(stored, source_size_bytes, affix);
        gate::check(stored, source, affix)
    }

    fn key_id(&self) -> &'static str {
        "elsewhere/peruri"
    }
}
