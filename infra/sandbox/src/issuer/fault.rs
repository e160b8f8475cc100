//! Faults on demand.

use super::Issuer;
use serde::{Deserialize, Serialize};

/// The adapter's "abnormal".
const ABNORMAL: u16 = 97;
/// The issuer's "internal".
const INTERNAL: u16 = 92;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The call is applied, then the connection breaks without a reply, `delay_ms` later.
    ReplyLost,
    /// The call takes `delay_ms` longer.
    Slow,
    /// The call answers with `code` (97 for signing and 92 for the rest, unless told) and changes nothing.
    Refused,
    /// The document is signed, and the answer is `code` (97 unless told).
    SignedButRefused,
    /// Every token ends before the call.
    TokenExpired,
    /// The call finds a balance of nothing.
    BalanceEmpty,
    /// A batch's result is posted twice.
    CallbackTwice,
    /// A batch's result is never posted.
    CallbackNever,
    /// The image is empty.
    ImageMissing,
    /// The call is applied, and the reply is a page of text, under HTTP `code` (200 unless told).
    Garbled,
}

/// Which call a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `POST /api/users/login`.
    Login,
    /// `POST /chanel/stampv2`.
    Mint,
    /// `POST /api/v2/serialnumber/batch`.
    Batch,
    /// `GET /snqr/status-batch`.
    BatchStatus,
    /// `GET /snqr/qrimage`.
    Image,
    /// `GET /api/chanel/stamp/ext`.
    List,
    /// `POST /function/saldopos`.
    Balance,
    /// `POST /uploaddoc2`.
    Upload,
    /// `POST /keystamp/adapter/docSigningZ`, `POST /adapter/pdfsigning/rest/docSigningZ`.
    Sign,
    /// `GET /getfile3/final_ID.pdf`.
    Download,
}

/// A fault to set: the next `count` matching calls meet it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// What goes wrong.
    pub kind: FaultKind,
    /// At which call; any the kind fits, if absent.
    #[serde(default)]
    pub call: Option<Call>,
    /// For which serial; any, if absent.
    #[serde(default)]
    pub serial: Option<String>,
    /// How often; once, if absent.
    #[serde(default = "once")]
    pub count: u32,
    /// For the kinds that wait, in milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
    /// The answer's code, 1 to 99; for [`FaultKind::Garbled`] the HTTP status, 200 to 599.
    #[serde(default)]
    pub code: Option<u16>,
}

fn once() -> u32 {
    1
}

impl FaultSpec {
    /// One such fault, at any call it fits.
    #[must_use]
    pub fn once(kind: FaultKind) -> Self {
        Self {
            kind,
            call: None,
            serial: None,
            count: once(),
            delay_ms: 0,
            code: None,
        }
    }

    /// The same at one call only.
    #[must_use]
    pub fn at(mut self, call: Call) -> Self {
        self.call = Some(call);
        self
    }

    /// The same for one serial only.
    #[must_use]
    pub fn of(mut self, serial: &str) -> Self {
        self.serial = Some(serial.to_owned());
        self
    }

    /// Whether it waits for this call.
    fn meets(&self, call: Call, serial: Option<&str>) -> bool {
        self.kind.fits(call)
            && self.call.is_none_or(|wanted| wanted == call)
            && (self.serial.is_none() || self.serial.as_deref() == serial)
    }

    /// Why it could never fire as asked, if so.
    fn flaw(&self) -> Option<&'static str> {
        use FaultKind as K;
        let mut calls = Call::ALL
            .into_iter()
            .filter(|call| self.kind.fits(*call) && self.call.is_none_or(|wanted| wanted == *call));
        if self.call.is_some_and(|call| !self.kind.fits(call)) {
            return Some("this kind does not fit this call");
        }
        if self.serial.is_some() && !calls.any(Call::knows_serial) {
            return Some("no such call is about a serial");
        }
        if self.count == 0 {
            return Some("count must be at least 1");
        }
        let codes = match self.kind {
            K::Refused | K::SignedButRefused => 1..100,
            K::Garbled => 200..600,
            _ if self.code.is_some() => return Some("this kind has no code"),
            _ => 0..0,
        };
        if self.code.is_some_and(|code| !codes.contains(&code)) {
            return Some("code must be 1 to 99, or 200 to 599 for a garbled reply");
        }
        match self.kind {
            K::Slow if self.delay_ms == 0 => Some("delay_ms must be above zero"),
            K::Slow | K::ReplyLost => None,
            _ => (self.delay_ms > 0).then_some("this kind does not wait"),
        }
    }

    /// The code that a refused call answers with.
    pub(super) fn code_at(&self, call: Call) -> u16 {
        let usual = if call == Call::Sign {
            ABNORMAL
        } else {
            INTERNAL
        };
        self.code.unwrap_or(usual)
    }
}

impl FaultKind {
    fn fits(self, call: Call) -> bool {
        match self {
            Self::ReplyLost | Self::Slow | Self::Refused | Self::Garbled => true,
            // A login takes no token.
            Self::TokenExpired => call != Call::Login,
            Self::SignedButRefused => call == Call::Sign,
            Self::BalanceEmpty => matches!(call, Call::Mint | Call::Batch | Call::Balance),
            Self::CallbackTwice | Self::CallbackNever => call == Call::Batch,
            Self::ImageMissing => matches!(call, Call::Mint | Call::Batch | Call::Image),
        }
    }
}

impl Call {
    const ALL: [Self; 10] = [
        Self::Login,
        Self::Mint,
        Self::Batch,
        Self::BatchStatus,
        Self::Image,
        Self::List,
        Self::Balance,
        Self::Upload,
        Self::Sign,
        Self::Download,
    ];

    /// Whether the request says which serial it is about.
    fn knows_serial(self) -> bool {
        matches!(self, Self::Image | Self::List | Self::Sign | Self::Download)
    }
}

/// A fault that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// The fault's number.
    pub fault: u64,
    /// What went wrong.
    pub kind: FaultKind,
    /// At which call.
    pub call: Call,
    /// For which serial, if the call named one.
    pub serial: Option<String>,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
}

impl Issuer {
    /// Sets a fault and gives its number.
    ///
    /// # Errors
    /// Why it could never fire as asked.
    pub fn set_fault(&mut self, spec: FaultSpec) -> Result<u64, &'static str> {
        if let Some(flaw) = spec.flaw() {
            return Err(flaw);
        }
        let id = self.number();
        let count = spec.count;
        self.state.faults.set(id, spec, count);
        Ok(id)
    }

    /// Takes all faults back; what fired stays on record.
    pub fn clear_faults(&mut self) {
        self.state.faults.clear();
        self.changed();
    }

    /// What fired so far, oldest first.
    #[must_use]
    pub fn fired(&self) -> &[Fired] {
        &self.state.faults.fired
    }

    /// The oldest fault of this kind that waits for this call, used up by one.
    pub(super) fn fire(
        &mut self,
        kind: FaultKind,
        call: Call,
        serial: Option<&str>,
        now_ms: u64,
    ) -> Option<FaultSpec> {
        let (fault, spec) = self
            .state
            .faults
            .take(|spec| spec.kind == kind && spec.meets(call, serial))?;
        self.state.faults.fired.push(Fired {
            fault,
            kind,
            call,
            serial: serial.map(str::to_owned),
            at_ms: now_ms,
        });
        self.changed();
        Some(spec)
    }
}
