//! Requests in, replies out.

use super::{
    Issuer,
    answer::{Answer, Refusal},
    fault::{Call, FaultKind},
    fields::Fields,
    mint::saldo,
};
use crate::{
    answer::{Outcome, garbled},
    query::Query,
};
use bytes::Bytes;
use http::{Method, Request, StatusCode};

/// Where a document in the shared folder is signed.
pub(crate) const ON_PREMISES: &str = "/adapter/pdfsigning/rest/docSigningZ";

/// Where the document is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    Hosted,
    OnPremises,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Ask<'a> {
    Login,
    Mint,
    Batch,
    BatchStatus,
    Image,
    List,
    Balance,
    Upload,
    Sign(Form),
    Download(&'a str),
}

/// Whether this path is the issuer's.
pub(crate) fn serves(path: &str) -> bool {
    is_control(path).is_some() || Ask::at(path).is_some()
}

fn is_control(path: &str) -> Option<&str> {
    path.strip_prefix("/sandbox/issuer/")
}

impl<'a> Ask<'a> {
    fn at(path: &'a str) -> Option<(Method, Self)> {
        Some(match path {
            "/api/users/login" => (Method::POST, Self::Login),
            "/chanel/stampv2" => (Method::POST, Self::Mint),
            "/api/v2/serialnumber/batch" => (Method::POST, Self::Batch),
            "/snqr/status-batch" => (Method::GET, Self::BatchStatus),
            "/snqr/qrimage" => (Method::GET, Self::Image),
            "/api/chanel/stamp/ext" => (Method::GET, Self::List),
            "/function/saldopos" => (Method::POST, Self::Balance),
            "/uploaddoc2" => (Method::POST, Self::Upload),
            "/keystamp/adapter/docSigningZ" => (Method::POST, Self::Sign(Form::Hosted)),
            ON_PREMISES => (Method::POST, Self::Sign(Form::OnPremises)),
            _ => {
                let file = path.strip_prefix("/getfile3/final_")?;
                (Method::GET, Self::Download(file.strip_suffix(".pdf")?))
            }
        })
    }

    fn call(self) -> Call {
        match self {
            Self::Login => Call::Login,
            Self::Mint => Call::Mint,
            Self::Batch => Call::Batch,
            Self::BatchStatus => Call::BatchStatus,
            Self::Image => Call::Image,
            Self::List => Call::List,
            Self::Balance => Call::Balance,
            Self::Upload => Call::Upload,
            Self::Sign(_) => Call::Sign,
            Self::Download(_) => Call::Download,
        }
    }
}

impl Issuer {
    /// Answers one request, of the API or of the controls.
    pub fn handle(&mut self, now_ms: u64, request: &Request<Bytes>) -> Outcome {
        let path = request.uri().path();
        if let Some(control) = is_control(path) {
            let parts: Vec<&str> = control.trim_end_matches('/').split('/').collect();
            return self.control(request, &parts).into();
        }
        match Ask::at(path) {
            Some((method, ask)) if method == request.method() => self.call(now_ms, request, ask),
            Some((_, ask)) => Refusal::new("90", "not by this method")
                .under(StatusCode::METHOD_NOT_ALLOWED)
                .reply(Some(ask.call()))
                .into(),
            None => Refusal::new("92", "there is nothing here")
                .under(StatusCode::NOT_FOUND)
                .reply(None)
                .into(),
        }
    }

    fn call(&mut self, now_ms: u64, request: &Request<Bytes>, ask: Ask<'_>) -> Outcome {
        let call = ask.call();
        let query = Query::read(request.uri().query().unwrap_or_default());
        let serial = self.asked_about(ask, request, &query);
        let serial = serial.as_deref();
        let fire = |issuer: &mut Self, kind| issuer.fire(kind, call, serial, now_ms);
        if fire(self, FaultKind::TokenExpired).is_some() {
            self.expire_tokens();
        }
        if call != Call::Login && !self.bears_token(now_ms, request) {
            return Refusal::token().reply(Some(call)).into();
        }
        if let Some(fault) = fire(self, FaultKind::Refused) {
            return Refusal::fault(fault.code_at(call)).reply(Some(call)).into();
        }
        let answer = if fire(self, FaultKind::BalanceEmpty).is_none() {
            self.answer(now_ms, request, ask, &query)
        } else if call == Call::Balance {
            Ok(saldo(0))
        } else {
            Err(Refusal::balance())
        };
        let response = answer.unwrap_or_else(|refusal| refusal.reply(Some(call)));
        let mut outcome = Outcome::from(response);
        if let Some(fault) = fire(self, FaultKind::Garbled) {
            outcome.response = Some(garbled(fault.code.unwrap_or(200)));
        }
        if let Some(fault) = fire(self, FaultKind::Slow) {
            outcome.delay_ms = fault.delay_ms;
        }
        if let Some(fault) = fire(self, FaultKind::ReplyLost) {
            outcome.response = None;
            outcome.delay_ms = outcome.delay_ms.max(fault.delay_ms);
        }
        outcome
    }

    fn answer(
        &mut self,
        now_ms: u64,
        request: &Request<Bytes>,
        ask: Ask<'_>,
        query: &Query,
    ) -> Answer {
        match ask {
            Ask::Login => self.login(now_ms, request),
            Ask::Mint => self.mint(now_ms, request),
            Ask::Batch => self.batch(now_ms, request),
            Ask::BatchStatus => self.batch_status(now_ms, query),
            Ask::Image => self.image_of(now_ms, query),
            Ask::List => self.list(query),
            Ask::Balance => self.balance(),
            Ask::Upload => self.upload(now_ms, request),
            Ask::Sign(form) => self.sign(now_ms, request, form),
            Ask::Download(id) => self.download(id),
        }
    }

    /// Which serial a call is about, for faults that wait for one.
    fn asked_about(&self, ask: Ask<'_>, request: &Request<Bytes>, query: &Query) -> Option<String> {
        match ask {
            Ask::Image => query.one("sn").map(str::to_owned),
            Ask::List => query.one("filter").map(str::to_owned),
            Ask::Sign(_) => {
                let fields = Fields::read(request).ok()?;
                fields.optional("refToken").map(str::to_owned)
            }
            Ask::Download(id) => self.finals.sn(id).map(str::to_owned),
            _ => None,
        }
    }
}
