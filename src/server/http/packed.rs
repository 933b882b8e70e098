//! Texts that are part of the program, compressed with gzip by `build.rs`.

use std::borrow::Cow;
use std::io::{self, Read as _, Write as _};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, VARY,
};
use warp::reply::Response;

/// A compressed text.
pub(crate) struct Packed(Cow<'static, [u8]>);

/// The text that `build.rs` has made of the file with this name.
macro_rules! packed {
    ($name:expr) => {
        crate::server::http::packed::Packed::new(include_bytes!(concat!(
            env!("OUT_DIR"),
            "/",
            $name,
            ".gz"
        )))
    };
}

pub(crate) use packed;

impl Packed {
    /// A text that is compressed already.
    pub(crate) const fn new(gzip: &'static [u8]) -> Self {
        Self(Cow::Borrowed(gzip))
    }

    /// A text that is compressed now.
    pub(crate) fn pack(text: &str) -> io::Result<Self> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes())?;
        Ok(Self(encoder.finish()?.into()))
    }

    /// The compressed bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text. None of the program is broken.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let _ = GzDecoder::new(&self.0[..]).read_to_string(&mut text);
        text
    }

    /// The text as a response, compressed if the client of this request can read that.
    pub(crate) fn response(&self, request: &HeaderMap, content_type: &'static str) -> Response {
        let is_packed = takes_gzip(request);
        let body = match &self.0 {
            _ if !is_packed => self.text().into(),
            Cow::Borrowed(gzip) => Bytes::from_static(gzip),
            Cow::Owned(gzip) => Bytes::copy_from_slice(gzip),
        };
        let mut response = Response::new(body.into());
        let headers = response.headers_mut();
        if is_packed {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        response
    }
}

/// Whether the client accepts gzip: named, or by `*`, and not with `q=0`.
fn takes_gzip(request: &HeaderMap) -> bool {
    let values = request.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let codings: Vec<_> = values.flat_map(|value| value.split(',')).collect();
    let weight = |name: &str| {
        codings.iter().find_map(|coding| {
            let (coding, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse);
            coding.trim().eq_ignore_ascii_case(name).then(|| weight.unwrap_or(0.0))
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight: f32| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_compressed_for_those_who_accept_it() {
        let packed = Packed::pack("Xin chào, 你好").expect("room");
        assert_eq!(packed.text(), "Xin chào, 你好");
        for (accepted, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5, br", true),
            ("*", true),
            ("br, *;q=0.1", true),
            ("", false),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("gzip;q=x", false),
        ] {
            let mut request = HeaderMap::new();
            request.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            let response = packed.response(&request, "text/plain");
            assert_eq!(response.headers().contains_key(CONTENT_ENCODING), expected, "{accepted}");
            assert_eq!(response.headers()[VARY], "accept-encoding");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
