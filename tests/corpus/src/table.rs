//! The table of what became of each document, and its totals.

use crate::child::Fate;
use crate::judges::Fault;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;

/// One document.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its path.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether `qpdf --check` found nothing to say; nothing when nobody asked.
    pub sound: Option<bool>,
    /// What became of it.
    pub fate: Fate,
    /// What must not have happened and did.
    pub faults: Vec<Fault>,
}

/// Counts over all documents.
#[derive(Debug, Default)]
pub struct Totals {
    fates: BTreeMap<String, (usize, usize)>,
    faults: BTreeMap<String, usize>,
    all: usize,
    sound: usize,
    sound_stamped: usize,
    broken: usize,
}

impl Row {
    fn word(&self) -> String {
        match &self.fate {
            Fate::Stamped(_) => "stamped".into(),
            Fate::Refused(code) => format!("refused: {code}"),
            Fate::Failed(_) => "FAILED".into(),
            Fate::Crashed(_) => "CRASHED".into(),
            Fate::TimedOut => "TIMED OUT".into(),
            Fate::OutOfMemory => "OUT OF MEMORY".into(),
        }
    }

    fn why(&self) -> &str {
        match &self.fate {
            Fate::Failed(why) | Fate::Crashed(why) => why,
            _ => "",
        }
    }

    /// Nothing happened that must not happen.
    #[must_use]
    pub fn holds(&self) -> bool {
        let unsound = self.sound == Some(false);
        let excused = |fault: &Fault| unsound && fault.excused_when_unsound();
        self.faults.iter().all(excused) && matches!(self.fate, Fate::Stamped(_) | Fate::Refused(_))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        write!(out, "{:<30} {:>10} B  {file}", self.word(), self.bytes)?;
        for fault in &self.faults {
            write!(out, "  {fault:?}")?;
        }
        write!(out, "  {}", self.why())
    }
}

impl Totals {
    /// Counts one more.
    pub fn count(&mut self, row: &Row) {
        let sound = row.sound == Some(true);
        let stamped = matches!(row.fate, Fate::Stamped(_));
        let of_fate = self.fates.entry(row.word()).or_default();
        of_fate.0 += 1;
        of_fate.1 += usize::from(sound);
        for fault in &row.faults {
            *self.faults.entry(format!("{fault:?}")).or_default() += 1;
        }
        self.all += 1;
        self.sound += usize::from(sound);
        self.sound_stamped += usize::from(sound && stamped);
        self.broken += usize::from(!row.holds());
    }

    /// Nothing happened that must not happen.
    #[must_use]
    pub const fn hold(&self) -> bool {
        self.broken == 0
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{:>7} {:>7}", "all", "sound")?;
        for (word, (all, sound)) in &self.fates {
            writeln!(out, "{all:>7} {sound:>7}  {word}")?;
        }
        for (fault, count) in &self.faults {
            writeln!(out, "{count:>7}          {fault}")?;
        }
        let per_mille = (self.sound_stamped * 1000)
            .checked_div(self.sound)
            .unwrap_or(0);
        write!(
            out,
            "{:>7} {:>7}  in all; of the sound ones {}.{} % are stamped",
            self.all,
            self.sound,
            per_mille / 10,
            per_mille % 10
        )
    }
}

/// Writes the table as CSV.
///
/// # Errors
/// When the writer fails.
pub fn write_csv(rows: &[Row], to: impl Write) -> csv::Result<()> {
    let mut out = csv::Writer::from_writer(to);
    out.write_record([
        "file",
        "bytes",
        "sound",
        "fate",
        "why",
        "pages",
        "added_bytes",
        "spare_bytes",
        "took_us",
        "peak_kib",
        "faults",
    ])?;
    for row in rows {
        let facts = match &row.fate {
            Fate::Stamped(facts) => [
                facts.pages.to_string(),
                facts.added_bytes.to_string(),
                facts.spare_bytes.to_string(),
                facts.took_us.to_string(),
                facts.peak_kib.to_string(),
            ],
            _ => Default::default(),
        };
        let faults: Vec<_> = row.faults.iter().map(|f| format!("{f:?}")).collect();
        let head = [
            row.file.display().to_string(),
            row.bytes.to_string(),
            row.sound
                .map_or_else(String::new, |sound| sound.to_string()),
            row.word(),
            row.why().to_owned(),
        ];
        out.write_record(head.into_iter().chain(facts).chain([faults.join(" ")]))?;
    }
    out.flush()?;
    Ok(())
}
