//! Throughput from a stream to a reply, in bytes of the stream per second.
//!
//! Deltas of 100 bytes of text; the stream comes whole, in 64-byte pieces, and byte by byte, to reveal
//! work that grows with the number of cuts. `decode` stops at the events, `fold` builds the reply.
//! Compare numbers of one run only.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use qwenctl::client::stream::fold::Fold;
use qwenctl::domain::Reply;
use qwenctl::net::sse::Decoder;

fn stream(deltas: usize) -> Vec<u8> {
    let text = "Chào bạn, đây là một đoạn văn. 你好 🙂 ".repeat(3);
    let text: String = text
        .chars()
        .scan(0, |len, c| {
            *len += c.len_utf8();
            (*len <= 100).then_some(c)
        })
        .collect();
    let mut stream = b"data: {\"response.created\":{\"chat_id\": \"C1\", \"parent_id\": \"U1\", \"response_id\":\"R1\", \"response_index\": \"0\"}} \n\n".to_vec();
    for i in 0..deltas {
        stream.extend(format!("data: {{\"choices\": [{{\"delta\": {{\"role\": \"assistant\", \"content\": \"{text}\", \"phase\": \"answer\", \"status\": \"typing\"}}}}], \"response_id\": \"R1\", \"usage\": {{\"input_tokens\": 1047, \"output_tokens\": {i}, \"characters\": 0, \"total_tokens\": 1051}}, \"timestamp\": 1790000003}}\n\n").bytes());
    }
    stream
}

fn decode(pieces: &mut dyn Iterator<Item = &[u8]>) -> usize {
    let (mut decoder, mut bytes) = (Decoder::default(), 0);
    for piece in pieces {
        decoder.feed(piece, |event| bytes += event.len()).expect("short events");
    }
    bytes
}

fn fold(pieces: &mut dyn Iterator<Item = &[u8]>) -> usize {
    let mut decoder = Decoder::default();
    let mut fold = Fold::new(Reply::empty("C1".parse().expect("an id"), "m"));
    for piece in pieces {
        let take = |event: &[u8]| fold.event(event, &mut |_| {}).expect("no refusal");
        decoder.feed(piece, take).expect("short events");
        fold.settle();
    }
    fold.reply().content.len()
}

fn bench(criterion: &mut Criterion) {
    let stream = stream(4000);
    for (name, run) in
        [("decode", decode as fn(&mut dyn Iterator<Item = &[u8]>) -> usize), ("fold", fold)]
    {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(stream.len() as u64)).sample_size(20);
        for (cuts, size) in [("whole", stream.len()), ("64-byte pieces", 64), ("per byte", 1)] {
            group.bench_function(cuts, |bencher| bencher.iter(|| run(&mut stream.chunks(size))));
        }
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
