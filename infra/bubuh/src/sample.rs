//! A letter to stamp when the demo is given no file.

/// A one-page A4 letter of statement; plain PDF 1.7 with a classic cross-reference.
#[must_use]
pub fn letter() -> Vec<u8> {
    letter_of("")
}

/// As [`letter`], with a line of its own, such as a number: plain letters and digits.
#[must_use]
pub fn letter_of(line: &str) -> Vec<u8> {
    let lines = [
        (16, "SURAT PERNYATAAN"),
        (11, line),
        (
            11,
            "Yang bertanda tangan di bawah ini menyatakan dengan sebenarnya bahwa dokumen",
        ),
        (
            11,
            "ini adalah contoh untuk mencoba pembubuhan e-Meterai dengan Bubuh.",
        ),
        (11, ""),
        (
            11,
            "Demikian surat pernyataan ini dibuat untuk dipergunakan sebagaimana mestinya.",
        ),
        (11, ""),
        (11, "Yang menyatakan,"),
    ];
    let mut text = String::from("BT /F1 11 Tf 18 TL 72 740 Td ");
    for (size, line) in lines {
        text.push_str(&format!("/F1 {size} Tf ({line}) Tj T* "));
    }
    text.push_str("ET");
    let bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.7\n");
    let mut offsets = Vec::new();
    for (index, body) in bodies.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{body}\nendobj\n", index + 1));
    }
    let start = file.len();
    file.push_str(&format!(
        "xref\n0 {}\n0000000000 65535 f \n",
        bodies.len() + 1
    ));
    for offset in offsets {
        file.push_str(&format!("{offset:010} 00000 n \n"));
    }
    file.push_str(&format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        bodies.len() + 1
    ));
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_letter_is_fit_for_a_stamp() {
        let verdict =
            bubuh_pdf::preflight(&super::letter().into(), &bubuh_pdf::Placement::default());
        assert_eq!(verdict.map(|v| v.pages), Ok(1));
    }
}
