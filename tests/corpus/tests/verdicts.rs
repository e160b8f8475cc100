//! What other people's software says of time-stamps, certified and tampered documents, and whether it agrees with us.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_corpus::tools;
use bubuh_pdf::{
    After, Certification, Identity, LocalSigner, Opening, Placement, Report, Seal, Signer, Source,
    StampRequest, TimestampAuthority, TimestampQuery, Trust, certificates_from_pem,
    development_identity, prepare, verify_trusting,
};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const FROM_UNIX_S: i64 = 1_767_225_600;
const AT_UNIX_S: i64 = FROM_UNIX_S + 86_400;

struct Desk {
    folder: TempDir,
    identity: Identity,
    signer: LocalSigner,
    authority: TimestampAuthority,
}

impl Desk {
    fn new() -> Self {
        let identity = development_identity(FROM_UNIX_S, &[0x42; 32]).unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            signer: LocalSigner::from_pem(&identity.key_pem, &identity.chain_pem).unwrap(),
            authority: TimestampAuthority::development(FROM_UNIX_S, &[0x43; 32]).unwrap(),
            identity,
        }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn roots_pem(&self) -> PathBuf {
        let both = self.identity.root_pem.clone() + self.authority.root_pem();
        self.write("roots.pem", both)
    }

    fn verify(&self, bytes: &[u8]) -> Report {
        let trust = Trust {
            issuers: certificates_from_pem(&self.identity.root_pem).unwrap(),
            authorities: certificates_from_pem(self.authority.root_pem()).unwrap(),
        };
        verify_trusting(bytes, &trust)
    }

    fn stamp(&self, input: &[u8], serial: &str, seal: Seal) -> Vec<u8> {
        let request = StampRequest {
            serial: serial.into(),
            kind: bubuh_pdf::DocumentKind::default(),
            verify_url: format!("https://bubuh.example.id/v/{serial}"),
            picture: None,
            placement: Placement::default(),
            affixed_at_unix_s: AT_UNIX_S,
            source_sha256: None,
        };
        let timestamped = seal.timestamp_room.is_some();
        let source = Source::from(input.to_vec());
        let unsigned = prepare(source, &request, seal, &Opening::default()).unwrap();
        let signature = self.signer.sign_digest(unsigned.digest()).unwrap();
        let mut signed = unsigned.sign(&signature).unwrap();
        if timestamped {
            let query = TimestampQuery::new(signed.timestamp_imprint(), [5; 8]);
            let answer = self.authority.answer(&query.to_der(), AT_UNIX_S + 60, 1);
            let roots = certificates_from_pem(self.authority.root_pem()).unwrap();
            signed = signed
                .timestamped(&query.accept(&answer, &roots).unwrap())
                .unwrap();
        }
        signed.release().unwrap().bytes
    }

    fn seal(&self) -> Seal {
        self.signer.seal().clone()
    }
}

/// One A4 page with a line.
fn document() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>",
        "<</Length 20>>\nstream\n40 800 m 500 800 l S\nendstream",
    ];
    let (mut out, mut rows) = (String::from("%PDF-1.7\n"), String::new());
    for (index, object) in objects.iter().enumerate() {
        rows += &format!("{:010} 00000 n \n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = out.len();
    out += &format!("xref\n0 5\n0000000000 65535 f \n{rows}trailer\n<</Size 5/Root 1 0 R>>\n");
    out += &format!("startxref\n{start}\n%%EOF\n");
    out.into_bytes()
}

#[test]
fn others_accept_time_stamped_and_certified_stamps() {
    let Some(python) = tools::pyhanko() else {
        return tools::skip("pyHanko");
    };
    let desk = Desk::new();
    let timestamped = Seal {
        timestamp_room: Some(Seal::USUAL_TIMESTAMP_ROOM),
        ..desk.seal()
    };
    let certified = |certification| Seal {
        certification: Some(certification),
        ..desk.seal()
    };
    let with_time = desk.stamp(&document(), "TIME", timestamped.clone());
    let report = desk.verify(&with_time);
    assert!(report.valid && report.stamps[0].timestamp.as_ref().unwrap().trusted);
    let signing = desk.stamp(&document(), "SIGNING", certified(Certification::Signing));
    let files = [
        desk.write("time.pdf", &with_time),
        desk.write("signing.pdf", &signing),
        desk.write(
            "notes.pdf",
            desk.stamp(&document(), "NOTES", certified(Certification::Notes)),
        ),
        desk.write("both.pdf", desk.stamp(&with_time, "BOTH", timestamped)),
    ];
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let verdicts = tools::pyhanko_validate(&python, &desk.roots_pem(), &files).unwrap();
    assert_eq!(verdicts.len(), 5, "{verdicts:#?}");
    let bad: Vec<_> = verdicts
        .iter()
        .filter(|verdict| !verdict.bottom_line)
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
    if !tools::has("pdfsig") {
        return tools::skip("pdfsig");
    }
    for file in files {
        let told = tools::pdfsig(file).unwrap().expect("pdfsig ends");
        assert!(told.valid >= 1 && told.whole == 1, "{}", told.said);
    }
}

/// Runs OpenSSL in the desk's folder.
fn openssl(desk: &Desk, arguments: &str) -> Result<String, String> {
    let run = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(desk.folder.path())
        .output()
        .map_err(|e| e.to_string())?;
    let said = String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned();
    if run.status.success() {
        Ok(said)
    } else {
        Err(said)
    }
}

#[test]
fn openssl_accepts_our_authority_and_asks_it() {
    if !tools::has("openssl") {
        return tools::skip("openssl");
    }
    let desk = Desk::new();
    desk.write("root.pem", desk.authority.root_pem());
    let query = TimestampQuery::new([7; 32], [0xee; 8]);
    desk.write("ours.tsq", query.to_der());
    desk.write(
        "ours.tsr",
        desk.authority.answer(&query.to_der(), AT_UNIX_S, 7),
    );
    let check = format!("-CAfile root.pem -attime {AT_UNIX_S}");
    let said = openssl(
        &desk,
        &format!("ts -verify -queryfile ours.tsq -in ours.tsr {check}"),
    );
    assert!(
        said.as_ref()
            .is_ok_and(|said| said.contains("Verification: OK")),
        "{said:?}"
    );
    desk.write("data", b"whatever");
    openssl(&desk, "ts -query -data data -sha256 -cert -out theirs.tsq").unwrap();
    let theirs = std::fs::read(desk.folder.path().join("theirs.tsq")).unwrap();
    desk.write("theirs.tsr", desk.authority.answer(&theirs, AT_UNIX_S, 8));
    let said = openssl(
        &desk,
        &format!("ts -verify -data data -in theirs.tsr {check}"),
    );
    assert!(
        said.as_ref()
            .is_ok_and(|said| said.contains("Verification: OK")),
        "{said:?}"
    );
}

/// An authority of OpenSSL's with this key, whose certificate it names by this digest.
fn openssl_answers(desk: &Desk, key: &str, digest: &str, named_by: &str) -> Vec<u8> {
    desk.write(
        "tsa.cnf",
        format!(
            "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=Authority\n\
             [ca]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n\
             [tsa]\ndefault_tsa=t\nextendedKeyUsage=critical,timeStamping\n\
             [ext]\nextendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n\
             [t]\nserial=serial\nsigner_cert=leaf.pem\nsigner_key=leaf.key\ncerts=root.pem\n\
             signer_digest={digest}\ndefault_policy=1.2.3.4.1\ndigests=sha256\n\
             ess_cert_id_alg={named_by}\n"
        ),
    );
    desk.write("serial", "01");
    let run = |arguments: &str| openssl(desk, arguments).unwrap();
    run(&format!("genpkey {key} -out root.key"));
    run(&format!("genpkey {key} -out leaf.key"));
    run(
        "req -x509 -config tsa.cnf -extensions ca -key root.key -subj /CN=Root -days 9 -out root.pem",
    );
    run("req -new -config tsa.cnf -key leaf.key -out leaf.csr");
    run(
        "x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -days 9 \
         -extfile tsa.cnf -extensions ext -out leaf.pem",
    );
    run("ts -reply -config tsa.cnf -section t -queryfile ours.tsq -out theirs.tsr");
    std::fs::read(desk.folder.path().join("theirs.tsr")).unwrap()
}

#[test]
fn authorities_with_rsa_and_other_digests_are_understood() {
    if !tools::has("openssl") {
        return tools::skip("openssl");
    }
    let rsa = |bits: u32| format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}");
    let curve = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
    for (key, digest, named_by) in [
        (rsa(2_048), "sha256", "sha256"),
        (rsa(3_072), "sha512", "sha1"),
        (rsa(2_048), "sha384", "sha512"),
        (curve.to_owned(), "sha512", "sha1"),
    ] {
        let desk = Desk::new();
        let query = TimestampQuery::new([7; 32], [0xee; 8]);
        desk.write("ours.tsq", query.to_der());
        let answer = openssl_answers(&desk, &key, digest, named_by);
        let root = std::fs::read_to_string(desk.folder.path().join("root.pem")).unwrap();
        let roots = certificates_from_pem(&root).unwrap();
        let token = query.accept(&answer, &roots);
        assert!(token.is_ok(), "{key} {digest} {named_by}: {token:?}");
        // The last byte of the signature.
        let mut forged = answer.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert!(query.accept(&forged, &roots).is_err());
    }
}

#[test]
fn a_signature_of_somebody_else_is_told_apart_from_a_change() {
    let Some(python) = tools::pyhanko() else {
        return tools::skip("pyHanko");
    };
    let desk = Desk::new();
    let other = development_identity(FROM_UNIX_S, &[1; 32]).unwrap();
    let key = desk.write("key.pem", &other.key_pem);
    let chain = desk.write("chain.pem", &other.chain_pem);
    let sign = |input: &[u8]| {
        let (source, signed) = (
            desk.write("in.pdf", input),
            desk.folder.path().join("out.pdf"),
        );
        tools::pyhanko_sign(&python, &key, &chain, &source, &signed).unwrap();
        std::fs::read(&signed).unwrap()
    };
    // Before a stamp.
    let before = desk.stamp(&sign(&document()), "LATER", desk.seal());
    let report = desk.verify(&before);
    assert!(
        report.valid && report.stamps[0].after == After::Nothing,
        "{report:#?}"
    );
    assert_eq!(report.other_signatures[0].intact, Some(true), "{report:#?}");
    // After a stamp, and between two.
    let after = sign(&desk.stamp(&document(), "FIRST", desk.seal()));
    let report = desk.verify(&after);
    assert!(report.valid, "{report:#?}");
    assert_eq!(report.stamps[0].after, After::Signatures);
    let signature = &report.other_signatures[0];
    assert_eq!(signature.intact, Some(true), "{report:#?}");
    assert!(
        signature
            .signer
            .as_ref()
            .unwrap()
            .contains("Bubuh development stamp")
    );
    assert!(signature.signed_at_unix_s.is_some());
    let between = desk.stamp(&after, "SECOND", desk.seal());
    let report = desk.verify(&between);
    let found: Vec<After> = report.stamps.iter().map(|stamp| stamp.after).collect();
    assert_eq!(found, [After::Signatures, After::Nothing], "{report:#?}");
    assert!(report.valid);
    // What it covered is changed afterwards.
    let mut forged = between;
    forged[20] ^= 1;
    let report = desk.verify(&forged);
    assert_eq!(report.other_signatures[0].intact, Some(false));
}

/// Copies of a file with one byte changed each, and with updates appended that change what is read.
fn tampered(file: &[u8], source_bytes: usize) -> Vec<Vec<u8>> {
    let stride = (file.len() - source_bytes) / 60;
    let mut found: Vec<Vec<u8>> = (source_bytes..file.len())
        .step_by(stride)
        .map(|at| {
            let mut changed = file.to_vec();
            changed[at] ^= 1;
            changed
        })
        .collect();
    let text = String::from_utf8_lossy(file);
    let prev: String = text[text.rfind("startxref").unwrap() + 10..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let updates = [
        (4, "<</Length 20>>\nstream\n40 800 m 100 100 l S\nendstream"),
        (
            3,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
        ),
        (2, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>"),
        (1, "<</Type/Catalog/Pages 2 0 R>>"),
    ];
    for (number, object) in updates {
        let mut changed = file.to_vec();
        let at = changed.len();
        changed.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
        let start = changed.len();
        let section = format!("xref\n{number} 1\n{at:010} 00000 n\r\ntrailer\n");
        let trailer = format!("<</Size 20/Root 1 0 R/Prev {prev}>>\nstartxref\n{start}\n%%EOF\n");
        changed.extend(section.bytes().chain(trailer.bytes()));
        found.push(changed);
    }
    found.push(file[..file.len() - 1].to_vec());
    found.push([file, b"% more\n"].concat());
    found
}

#[test]
fn nothing_is_called_valid_here_that_others_call_changed() {
    let Some(python) = tools::pyhanko() else {
        return tools::skip("pyHanko");
    };
    let desk = Desk::new();
    let source = document();
    let stamped = desk.stamp(&source, "FIRST", desk.seal());
    let mut files = vec![stamped.clone()];
    files.extend(tampered(&stamped, source.len()));
    let valid: Vec<bool> = files.iter().map(|file| desk.verify(file).valid).collect();
    assert!(valid[0] && !valid[1..].contains(&true), "{valid:?}");
    let paths: Vec<PathBuf> = files
        .iter()
        .enumerate()
        .map(|(index, file)| desk.write(&format!("{index}.pdf"), file))
        .collect();
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    let verdicts = tools::pyhanko_validate(&python, &desk.roots_pem(), &paths).unwrap();
    // Others let some changes pass that we do not: only what they find must be found here too.
    assert!(verdicts[0].bottom_line, "{:#?}", verdicts[0]);
    let found = verdicts
        .iter()
        .filter(|verdict| !verdict.bottom_line)
        .count();
    println!(
        "pyHanko calls {found} of {} tampered files changed, we all",
        files.len() - 1
    );
    assert!(found > 40, "{found}");
}

/// The folders of real files: the shared corpus, and more in `BUBUH_CORPORA`, parted by colons.
fn corpora() -> Vec<PathBuf> {
    let more = std::env::var("BUBUH_CORPORA").unwrap_or_default();
    let more = more.split(':').filter(|folder| !folder.is_empty());
    bubuh_corpus::corpus()
        .into_iter()
        .chain(more.map(PathBuf::from))
        .collect()
}

#[test]
fn signatures_in_real_files_are_intact_here_when_they_are_for_pyhanko() {
    let Some(python) = tools::pyhanko() else {
        return tools::skip("pyHanko");
    };
    let folders = corpora();
    if folders.is_empty() {
        return tools::skip("the shared corpus");
    }
    let desk = Desk::new();
    let (mut known, mut unknown, mut differ) = (0, 0, Vec::new());
    for path in folders
        .iter()
        .flat_map(|folder| bubuh_corpus::pdfs_below(folder).unwrap())
    {
        let bytes = std::fs::read(&path).unwrap();
        if !bytes.windows(10).any(|word| word == b"/ByteRange") {
            continue;
        }
        let report = desk.verify(&bytes);
        let theirs = tools::pyhanko_validate(&python, &desk.roots_pem(), &[&path]).unwrap();
        for ours in &report.other_signatures {
            let theirs = theirs
                .iter()
                .find(|theirs| Some(theirs.end) == ours.covered_bytes);
            match (ours.intact, theirs) {
                (Some(ours), Some(theirs)) if ours == theirs.intact => known += 1,
                (Some(ours), Some(theirs)) => differ.push((path.clone(), ours, theirs.clone())),
                _ => unknown += 1,
            }
        }
    }
    println!("{known} judged alike, {unknown} not judged by one of the two");
    assert!(differ.is_empty(), "{differ:#?}");
}
