//! Small documents written by hand.

use std::fmt::Write;

/// Of these objects; object 1 is the catalog.
pub(crate) fn of(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut out = String::from("%PDF-1.7\n");
    let mut rows = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        writeln!(rows, "{:010} 00000 n ", out.len()).unwrap();
        write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1).unwrap();
    }
    let (start, size) = (out.len(), objects.len() + 1);
    write!(
        out,
        "xref\n0 {size}\n{rows}trailer\n<</Size {size}/Root 1 0 R{trailer}>>\n\
         startxref\n{start}\n%%EOF"
    )
    .unwrap();
    out.into_bytes()
}

/// So many A4 pages, named so that no two names give the same bytes.
pub(crate) fn pages(count: usize, name: &str) -> Vec<u8> {
    let kids: String = (0..count).map(|at| format!("{} 0 R ", at + 3)).collect();
    let tree = format!("<</Type/Pages/Kids[{kids}]/Count {count}/Name({name})>>");
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>";
    let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>", &tree];
    objects.extend(std::iter::repeat_n(page, count));
    of(&objects, "")
}

pub(crate) fn plain(name: &str) -> Vec<u8> {
    pages(1, name)
}

/// Nothing may be changed any more.
pub(crate) fn certified() -> Vec<u8> {
    of(
        &[
            "<</Type/Catalog/Pages 2 0 R/Perms<</DocMDP 4 0 R>>>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 400]>>",
            "<</Type/Page/Parent 2 0 R>>",
            "<</Type/Sig/Reference[<</Type/SigRef/TransformMethod/DocMDP\
             /TransformParams<</P 1>>>>]>>",
        ],
        "",
    )
}

/// Opens with the password `rahasia` only.
pub(crate) fn locked() -> Vec<u8> {
    let path = "../../functions/stamp/pdf/tests/encrypted/aes-256-locked-table.pdf";
    std::fs::read(path).unwrap()
}
