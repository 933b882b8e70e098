//! Certificates in PEM format, in the forms in which tools write them: with a byte order mark, with text
//! around them, with any line ends, and as OpenSSL's trusted certificates.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a certificate is called in its first line.
const LABELS: [&str; 3] = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

/// The certificates in `pem`, in DER form and in their order. Other items are skipped.
///
/// # Errors
/// A sentence about the first certificate that is damaged.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let text = String::from_utf8_lossy(pem);
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.split(['\n', '\r']) {
        let line = line.trim_start_matches('\u{feff}').trim();
        let mark = |begin| line.strip_prefix(begin)?.strip_suffix("-----").map(str::to_owned);
        if let Some(label) = mark("-----BEGIN ") {
            open = Some((label, String::new()));
        } else if let Some(label) = mark("-----END ") {
            let Some((begun, body)) = open.take().filter(|(begun, _)| *begun == label) else {
                continue;
            };
            if LABELS.contains(&begun.as_str()) {
                let der = LENIENT.decode(body).map_err(|_| damaged(found.len()))?;
                found.push(first_element(der));
            }
        } else if let Some((_, body)) = &mut open {
            body.extend(line.split_whitespace());
        }
    }
    match open {
        Some((label, _)) if LABELS.contains(&label.as_str()) => Err(damaged(found.len())),
        _ => Ok(found),
    }
}

/// `pem` without the byte order mark in front.
pub(crate) fn without_mark(pem: &[u8]) -> &[u8] {
    pem.strip_prefix("\u{feff}".as_bytes()).unwrap_or(pem)
}

fn damaged(before: usize) -> String {
    format!("certificate {} in it is damaged", before + 1)
}

/// The first element of DER data: OpenSSL appends its own trust settings to the certificate. Data that
/// makes no sense is left to its reader.
fn first_element(mut der: Vec<u8>) -> Vec<u8> {
    if let Some(length) = element_length(&der) {
        der.truncate(length);
    }
    der
}

fn element_length(der: &[u8]) -> Option<usize> {
    let first = usize::from(*der.get(1)?);
    match first.checked_sub(0x80) {
        None => Some(2 + first),
        Some(bytes @ 1..=4) => {
            let number = der.get(2..2 + bytes)?.iter();
            Some(2 + bytes + number.fold(0, |number, byte| number << 8 | usize::from(*byte)))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DER: &[u8] = &[0x30, 0x03, 1, 2, 3];

    fn item(label: &str, der: &[u8]) -> String {
        let body = LENIENT.encode(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    }

    #[test]
    fn certificates_are_found_as_tools_write_them() {
        let (one, key) = (item("CERTIFICATE", DER), item("PRIVATE KEY", &[9; 40]));
        let trusted = item("TRUSTED CERTIFICATE", &[DER, &[0x30, 0x02, 7, 7]].concat());
        for (text, count) in [
            (one.clone(), 1),
            (format!("\u{feff}{one}"), 1),
            (format!("subject=CN = a\n\n{one}# the next one\n{one}"), 2),
            (one.replace('\n', "\r\n"), 1),
            (one.replace('\n', "\r"), 1),
            (one.replace('\n', "  \n  "), 1),
            (one.trim_end().to_owned(), 1),
            (format!("{one}\u{feff}{one}"), 2),
            (format!("{key}{one}{key}"), 1),
            (item("X509 CERTIFICATE", DER), 1),
            (trusted, 1),
            (key, 0),
            ("no certificate".to_owned(), 0),
            (String::new(), 0),
        ] {
            assert_eq!(certificates(text.as_bytes()), Ok(vec![DER.to_vec(); count]), "{text}");
        }
    }

    #[test]
    fn a_damaged_certificate_is_refused() {
        let one = item("CERTIFICATE", DER);
        for (bad, number) in [
            (one.replace("MAM", "!AM"), "1"),
            (one[..one.len() - 10].to_owned(), "1"),
            (format!("{one}-----BEGIN CERTIFICATE-----\nMAM"), "2"),
        ] {
            let fault = certificates(bad.as_bytes()).expect_err("damaged");
            assert!(fault.contains(number), "{fault}: {bad}");
        }
    }
}
