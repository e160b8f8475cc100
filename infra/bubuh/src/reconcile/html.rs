//! The report as one printable page.

use super::day;
use bubuh_core::{
    Rupiah,
    ledger::{LedgerAccount, Side},
    money::grouped,
    settlement::report::{Balance, Match, Report},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Breaks that fit on the page; the rest is in the CSV file.
const BREAKS_SHOWN: usize = 12;

const STYLE: &str = "
@page { size: A4; margin: 12mm 14mm }
* { box-sizing: border-box }
body { font: 9pt/1.35 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; color: #1c2430; margin: 0 auto; max-width: 182mm; padding: 6mm 0 }
@media print { body { padding: 0 } }
header { display: flex; justify-content: space-between; align-items: flex-end; border-bottom: 2.5pt solid #a3195b; padding-bottom: 3mm }
h1 { font-size: 17pt; line-height: 1.1; margin: 0; font-weight: 650 } h1 small { display: block; font-size: 9.5pt; font-weight: 400; color: #667085; margin-top: 1.2mm }
.verdict { font-weight: 650; padding: 1.4mm 3.6mm; border-radius: 3mm; white-space: nowrap }
.good { background: #e3f4ea; color: #17653a } .bad { background: #fde7e4; color: #98261b }
h2 { font-size: 10.5pt; margin: 4.4mm 0 1.4mm; font-weight: 650 } h2 small { font-weight: 400; color: #667085 }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 2.4mm; margin-top: 4mm }
.figures div { border: .6pt solid #d8dde5; border-radius: 1.6mm; padding: 1.4mm 2.4mm }
.figures b { display: block; font-size: 12pt; font-variant-numeric: tabular-nums; font-weight: 600 } .figures span { color: #667085; font-size: 7.8pt }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 600; color: #667085; font-size: 8.2pt; border-bottom: .8pt solid #98a2b3; padding: 0 1.6mm 1mm }
.states { grid-template-columns: repeat(3, 1fr); margin-top: 0 } .states .good, .states .bad { border-color: transparent }
.breaks { table-layout: fixed } .breaks th:nth-child(1) { width: 34mm } .breaks th:nth-child(2) { width: 19mm } .breaks th:nth-child(3) { width: 16mm }
.breaks td { white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
td { padding: .7mm 1.6mm; border-bottom: .4pt solid #e6e9ee; vertical-align: top } .n { text-align: right; white-space: nowrap }
tfoot td { border-bottom: none; border-top: .8pt solid #98a2b3; font-weight: 650 } .note { color: #475467; font-size: 8.4pt } p { margin: 1.2mm 1.6mm; color: #667085 } .zero { color: #98a2b3 }
footer { margin-top: 5mm; color: #667085; font-size: 8pt; border-top: .4pt solid #d8dde5; padding-top: 1.6mm }
";

/// The page for the day of that name, made at `now_ms`.
#[must_use]
pub fn page(report: &Report, date: &str, now_ms: u64) -> String {
    let title = format!("Rekonsiliasi {date}");
    html! {
        (DOCTYPE)
        html lang="id" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (heading(report, date))
                (figures(report))
                (matched(report))
                (open(report))
                (trial(report))
                footer {
                    "Bubuh. Made " (day::time(now_ms)) " WIB; balances and cases as at the end of " (date)
                    " (Asia/Jakarta). Every payment and refund is in reconciliation-" (date) ".csv."
                }
            }
        }
    }
    .into_string()
}

fn heading(report: &Report, date: &str) -> Markup {
    html! {
        header {
            h1 { "Rekonsiliasi harian" small { "Daily reconciliation: gateway, ledger and settlement file, " (date) } }
            @if report.clean() {
                div.verdict.good { "Semua cocok / all agree" }
            } @else {
                div.verdict.bad { (report.open.len()) " selisih terbuka / open breaks" }
            }
        }
    }
}

fn figures(report: &Report) -> Markup {
    let turnover = &report.turnover;
    let figures = [
        ("Diterima / captured", turnover.captured),
        ("Dibayarkan gateway / paid out", turnover.settled),
        ("Biaya gateway / fees", turnover.fees),
        ("Dikembalikan / refunded", turnover.refunded),
        ("Dipotong gateway / kept back", turnover.kept),
        ("Disengketakan / disputed", turnover.disputed),
        ("Belum ditempatkan / suspended", turnover.suspended),
    ];
    html! {
        div.figures {
            @for (name, amount) in figures {
                div { b { (rupiah(amount.get().into())) } span { (name) } }
            }
            div { b { (suspense(report)) } span { "Saldo suspense / suspense now" } }
        }
    }
}

fn suspense(report: &Report) -> String {
    let mut balances = report.balances.iter();
    let suspense = balances.find(|b| b.account == LedgerAccount::Suspense);
    rupiah(suspense.map_or(0, balance))
}

fn matched(report: &Report) -> Markup {
    let states = [
        (Match::Matched, "good", "cocok / matched"),
        (Match::Waiting, "", "menunggu file / waiting for the file"),
        (Match::Broken, "bad", "selisih / broken"),
    ];
    html! {
        h2 { "Pencocokan " small { (report.rows.len()) " payments, refunds and chargebacks that the day touched" } }
        div.figures.states {
            @for (state, class, name) in states {
                div class=[(report.count(state) > 0).then_some(class)] {
                    b { (report.count(state)) } span { (name) }
                }
            }
        }
    }
}

fn open(report: &Report) -> Markup {
    html! {
        h2 { "Selisih terbuka " small { "open breaks, the oldest first; " (report.other_cases) " other open cases" } }
        @if report.open.is_empty() {
            p { "Tidak ada / none." }
        } @else {
            table.breaks {
                thead { tr { th { "Break" } th { "Owner" } th.n { "Age" } th { "What was seen" } } }
                tbody {
                    @for open in report.open.iter().take(BREAKS_SHOWN) {
                        tr {
                            td { (open.kind.replace('_', " ")) }
                            td { (format!("{:?}", open.owner).to_lowercase()) }
                            td.n { (age(open.age_ms)) }
                            td.note { (open.note) }
                        }
                    }
                }
            }
            @if report.open.len() > BREAKS_SHOWN {
                p { "and " (report.open.len().saturating_sub(BREAKS_SHOWN)) " more in the CSV file" }
            }
        }
    }
}

fn trial(report: &Report) -> Markup {
    let (debit, credit) = report.trial();
    let difference = i128::try_from(debit.abs_diff(credit)).unwrap_or(i128::MAX);
    html! {
        h2 { "Neraca saldo " small { "trial balance at the day's end" } }
        table {
            thead { tr { th { "Account" } th.n { "Debits" } th.n { "Credits" } th.n { "Balance" } } }
            tbody {
                @for account in &report.balances {
                    tr class=[(account.debit.max(account.credit) == Rupiah::ZERO).then_some("zero")] {
                        td { (account.account.name().replace('_', " ")) }
                        td.n { (rupiah(account.debit.get().into())) }
                        td.n { (rupiah(account.credit.get().into())) }
                        td.n { (rupiah(balance(account))) " " (side(account)) }
                    }
                }
            }
            tfoot {
                tr {
                    td { "debits less credits" }
                    td.n { (rupiah(i128::try_from(debit).unwrap_or(i128::MAX))) }
                    td.n { (rupiah(i128::try_from(credit).unwrap_or(i128::MAX))) }
                    td.n { (rupiah(difference)) }
                }
            }
        }
    }
}

/// What an account stands at, on its normal side.
fn balance(account: &Balance) -> i128 {
    let (debit, credit) = (account.debit.get().into(), account.credit.get().into());
    let more = |a: i128, b: i128| a.saturating_sub(b);
    match account.account.normal() {
        Side::Debit => more(debit, credit),
        Side::Credit => more(credit, debit),
    }
}

const fn side(account: &Balance) -> &'static str {
    match account.account.normal() {
        Side::Debit => "D",
        Side::Credit => "K",
    }
}

fn age(ms: u64) -> String {
    match ms.div_euclid(60_000) {
        minutes @ 0..60 => format!("{minutes} min"),
        minutes @ 60..2_880 => format!("{} h", minutes.div_euclid(60)),
        minutes => format!("{} d", minutes.div_euclid(1_440)),
    }
}

/// As in Indonesia: thousands by dots.
fn rupiah(amount: i128) -> String {
    let sign = if amount < 0 { "−" } else { "" };
    format!("{sign}Rp{}", grouped(amount.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::{age, rupiah};

    #[test]
    fn amounts_are_written_as_in_indonesia() {
        let texts = [0, 7, 999, 1_000, 1_234_567, -30_000].map(rupiah);
        let told = ["Rp0", "Rp7", "Rp999", "Rp1.000", "Rp1.234.567", "−Rp30.000"];
        assert_eq!(texts, told);
    }

    #[test]
    fn ages_are_in_minutes_then_hours_then_days() {
        let minutes = [59, 60, 2_879, 2_880].map(|m| age(m * 60_000));
        assert_eq!(minutes, ["59 min", "1 h", "47 h", "2 d"]);
    }
}
