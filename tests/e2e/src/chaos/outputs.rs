//! Every stamped file, read by us and by programs that are not ours.

use super::{
    plan::{DocumentPlan, Plan},
    settle::Picture,
};
use crate::Run;
use bubuh_core::{document::Document, id::Sha256};
use bubuh_corpus::tools;
use bubuh_store::files::Standing;
use futures::{StreamExt, stream};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;

const AT_ONCE: usize = 4;
/// Of how many files one is printed and its code scanned: a picture takes half a second.
const SCANNED_OF: usize = 50;

/// How many files each reader has read.
pub(super) type Read = BTreeMap<&'static str, usize>;

/// What is wrong with the stored files; nothing, if each is its document with one stamp on it.
pub(super) async fn check(run: &Run, plan: &Plan, picture: &Picture) -> (Read, Vec<String>) {
    let folder = tempfile::tempdir().expect("a directory");
    let roots = run.stack.roots().await.expect("the roots");
    let files = run.aws().files(
        run.stack.output("UploadsBucketName"),
        run.stack.output("StampedBucketName"),
    );
    let (roots, files, inside) = (&roots, &files, folder.path());
    let stamped = plan.documents.iter().filter(|d| d.refused.is_none());
    let (mut paths, mut wrong) = (Vec::new(), Vec::new());
    let mut ours = stream::iter(stamped)
        .map(|plan| async move {
            let missing = || format!("{} has no file", plan.id());
            let row = picture.document(plan).ok_or_else(missing)?;
            let (key, _) = row.stamped().ok_or_else(missing)?;
            let standing = files.output(&key).await.map_err(|e| e.to_string())?;
            let Some(Standing::File(bytes)) = standing else {
                return Err(format!("{}: no file is stored", row.id));
            };
            own(plan, row, &bytes, roots).map_err(|e| format!("{}: {e}", row.id))?;
            let path = inside.join(format!("{}.pdf", row.id));
            std::fs::write(&path, bytes).map_err(|e| e.to_string())?;
            Ok((path, row.reservation.as_ref().map(|r| r.serial.to_string())))
        })
        .buffer_unordered(AT_ONCE);
    while let Some(read) = ours.next().await {
        match read {
            Ok((path, serial)) => paths.push((path, serial.unwrap_or_default())),
            Err(flaw) => wrong.push(flaw),
        }
    }
    drop(ours);
    let mut read = Read::from([("Bubuh itself", paths.len())]);
    for (tool, present) in [
        ("pdfsig", tools::has("pdfsig")),
        ("qpdf", tools::has("qpdf")),
        ("zbarimg", tools::has("zbarimg") && tools::has("pdftoppm")),
        ("pyHanko", tools::pyhanko().is_some()),
    ] {
        if !present {
            if tool != "pyHanko" || tools::required() {
                wrong.push(format!("{tool} is missing"));
            }
            continue;
        }
        let flaws = match tool {
            "pdfsig" => each(&paths, 1, |path, _| pdfsig(path)).await,
            "qpdf" => each(&paths, 1, |path, _| qpdf(path)).await,
            "zbarimg" => each(&paths, SCANNED_OF, scanned).await,
            _ => pyhanko(run, folder.path(), &paths).await,
        };
        let of = if tool == "zbarimg" { SCANNED_OF } else { 1 };
        read.insert(tool, paths.len().div_ceil(of));
        wrong.extend(flaws.into_iter().map(|flaw| format!("{tool}: {flaw}")));
    }
    (read, wrong)
}

/// The committed bytes: the upload, then one genuine stamp with the document's serial.
fn own(plan: &DocumentPlan, row: &Document, bytes: &[u8], roots: &[Vec<u8>]) -> Result<(), String> {
    if row
        .output
        .as_ref()
        .is_none_or(|o| o.sha256 != Sha256::of(bytes))
    {
        return Err("the stored file is not the committed one".to_owned());
    }
    if !bytes.starts_with(&plan.bytes) {
        return Err("it does not begin with the upload".to_owned());
    }
    let report = bubuh_pdf::verify(bytes, roots);
    let serials: Vec<&str> = report.stamps.iter().map(|s| s.serial.as_str()).collect();
    let serial = row.reservation.as_ref().map(|r| r.serial.to_string());
    if !report.valid || serials != [serial.unwrap_or_default()] {
        return Err(format!("not one valid stamp: {report:?}"));
    }
    Ok(())
}

type Flaw = Option<String>;

/// Asks a tool about every nth file, some at once.
async fn each(
    paths: &[(PathBuf, String)],
    nth: usize,
    ask: fn(&Path, &str) -> Flaw,
) -> Vec<String> {
    stream::iter(paths.iter().step_by(nth).cloned())
        .map(|(path, serial)| spawn_blocking(move || ask(&path, &serial)))
        .buffer_unordered(AT_ONCE)
        .filter_map(|asked| async { asked.expect("no panic") })
        .collect()
        .await
}

fn pdfsig(path: &Path) -> Flaw {
    let told = tools::pdfsig(path);
    let sound = told.as_ref().is_ok_and(|told| {
        told.as_ref().is_some_and(|told| {
            let lines = told.said.lines();
            let signatures = lines.filter(|l| l.starts_with("Signature #")).count();
            (told.valid, told.whole, signatures) == (1, 1, 1)
        })
    });
    (!sound).then(|| format!("{}: {told:?}", path.display()))
}

fn qpdf(path: &Path) -> Flaw {
    let told = tools::qpdf_check(path);
    let sound = told.as_ref().is_ok_and(|(code, _)| *code == Some(0));
    (!sound).then(|| format!("{}: {told:?}", path.display()))
}

/// Stamps go on the last page.
fn scanned(path: &Path, serial: &str) -> Flaw {
    let picture = path.with_extension("ppm");
    let page = tools::qpdf_pages(path).ok().flatten().unwrap_or(1);
    let shown = tools::Renderer::Poppler.render(path, page, 200, &picture);
    let told = shown.and_then(|()| tools::codes(&picture));
    let sound = told
        .as_ref()
        .is_ok_and(|codes| codes.len() == 1 && codes.iter().all(|c| c.ends_with(serial)));
    (!sound).then(|| format!("{}: {told:?}, not {serial}", path.display()))
}

async fn pyhanko(run: &Run, folder: &Path, paths: &[(PathBuf, String)]) -> Vec<String> {
    let root = folder.join("root.der");
    let roots = run.stack.roots().await.expect("the roots");
    // The embedded issuer's, or that of whoever makes the stamps instead.
    std::fs::write(&root, roots.last().expect("a root")).expect("a file");
    let python = tools::pyhanko().unwrap_or_default();
    let paths: Vec<PathBuf> = paths.iter().map(|(path, _)| path.clone()).collect();
    let asked = spawn_blocking(move || {
        let files: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        tools::pyhanko_validate(&python, &root, &files).map(|told| (told, paths.len()))
    });
    match asked.await.expect("no panic") {
        Ok((told, files)) => {
            let mut flaws: Vec<String> = told
                .iter()
                .filter(|t| !t.bottom_line || t.coverage != "ENTIRE_FILE")
                .map(|t| format!("{t:?}"))
                .collect();
            if told.len() != files {
                flaws.push(format!("{} signatures on {files} files", told.len()));
            }
            flaws
        }
        Err(error) => vec![error.to_string()],
    }
}
