//! The signature of an upload: version 4 of the object store, in headers (protocol 10.2).

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{digest, hmac};

use crate::domain::hex;

/// What a path of the object store keeps as it is (RFC 3986, 2.3).
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// The only value of `x-oss-content-sha256` that the bucket accepts.
pub(super) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What signs an upload.
pub(super) struct Signer<'a> {
    /// The id of the key.
    pub key_id: &'a str,
    /// The key.
    pub secret: &'a str,
    /// The token that belongs to it.
    pub token: &'a str,
    /// The region, with or without `oss-` in front.
    pub region: &'a str,
}

/// The date of a request, such as `20260926T000000Z`.
pub(super) fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A bucket and a key in it as a path, encoded once.
pub(super) fn path(bucket: &str, key: &str) -> String {
    format!("/{}/{}", utf8_percent_encode(bucket, ENCODED), utf8_percent_encode(key, ENCODED))
}

impl Signer<'_> {
    /// The header `Authorization` of a `PUT` to `path` at `date`.
    pub(super) fn authorization(&self, path: &str, media_type: &str, date: &str) -> String {
        let canonical = format!(
            "PUT\n{path}\n\ncontent-type:{media_type}\nx-oss-content-sha256:{UNSIGNED}\nx-oss-date:{date}\n\
             x-oss-security-token:{}\n\n\n{UNSIGNED}",
            self.token
        );
        let day = date.get(..8).unwrap_or_default();
        let region = self.region.strip_prefix("oss-").unwrap_or(self.region);
        let scope = format!("{day}/{region}/oss/aliyun_v4_request");
        let hashed = digest::digest(&digest::SHA256, canonical.as_bytes());
        let text = format!("OSS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(hashed.as_ref()));
        let first = sign(format!("aliyun_v4{}", self.secret).as_bytes(), day);
        let signature = [region, "oss", "aliyun_v4_request", &text]
            .iter()
            .fold(first, |key, part| sign(key.as_ref(), part));
        let key_id = self.key_id;
        format!(
            "OSS4-HMAC-SHA256 Credential={key_id}/{scope},Signature={}",
            hex(signature.as_ref())
        )
    }
}

fn sign(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_documented_one() {
        let key = "11111111-1111-4111-8111-111111111111/f0000000-0000-4000-8000-0000000000f1_my photo.png";
        let signer = Signer {
            key_id: "STS.EXAMPLEKEYID0001",
            secret: "EXAMPLESECRET0000000000000001",
            token: "EXAMPLE-SECURITY-TOKEN",
            region: "oss-ap-southeast-1",
        };
        let path = path("qwen-webui-prod", key);
        assert!(path.ends_with("f1_my%20photo.png"), "{path}");
        assert_eq!(
            signer.authorization(&path, "image/png", "20260926T000000Z"),
            "OSS4-HMAC-SHA256 Credential=STS.EXAMPLEKEYID0001/20260926/ap-southeast-1/oss/aliyun_v4_request,\
             Signature=c7ac008b8d65a28b963ecebdc758bc888cc2b5d4140bf5b0c4b00329ea34ab55"
        );
        assert_eq!(date(1_790_380_800), "20260926T000000Z");
    }

    #[test]
    fn names_are_encoded_once() {
        assert_eq!(path("b", "u/my photo ü#1%20.png"), "/b/u/my%20photo%20%C3%BC%231%2520.png");
    }
}
