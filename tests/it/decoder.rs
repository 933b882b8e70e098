//! Our decoder of server-sent events against another one: both give the same events for a well-formed
//! stream, however the bytes are cut.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use proptest::prelude::*;
use qwenctl::net::sse::Decoder;
use sse_stream::SseStream;

fn ours(pieces: &[Bytes]) -> Vec<String> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    let mut keep = |event: &[u8]| events.push(String::from_utf8_lossy(event).into_owned());
    for piece in pieces {
        decoder.feed(piece, &mut keep).expect("short events");
    }
    decoder.finish(&mut keep).expect("short events");
    events
}

fn theirs(pieces: &[Bytes]) -> Vec<String> {
    let pieces = stream::iter(pieces.to_vec()).map(Ok::<_, std::convert::Infallible>);
    let events = SseStream::from_bytes_stream(pieces);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(events.filter_map(async |event| event.expect("well-formed").data).collect())
}

proptest! {
    #[test]
    fn decodes_the_same_events_as_another_decoder(
        events in prop::collection::vec(("[^\r\n\0]{1,40}", any::<bool>()), 1..12),
        size in 1..64_usize,
    ) {
        let text: String = events
            .iter()
            .flat_map(|(data, commented)| {
                [if *commented { ": keep-alive\n" } else { "" }, "data: ", data.as_str(), "\n\n"]
            })
            .collect();
        let pieces: Vec<Bytes> =
            text.as_bytes().chunks(size).map(Bytes::copy_from_slice).collect();
        prop_assert_eq!(ours(&pieces), theirs(&pieces));
    }
}
