// Reads server-sent events out of text that arrives in any pieces.

/**
 * A function that takes the next piece of text and gives the events that are whole by now, as
 * `{ event, data }`. Line ends are LF, CRLF or CR, also when they are cut in two.
 */
export function sseReader() {
  let rest = "";
  let afterCarriageReturn = false;
  let event = "";
  let data = [];

  function line(text, events) {
    if (text === "") {
      if (data.length > 0) events.push({ event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (name === "event") event = value;
    if (name === "data") data.push(value);
  }

  return function read(piece) {
    const events = [];
    if (piece === "") return events;
    let text = piece;
    if (afterCarriageReturn && text[0] === "\n") text = text.slice(1);
    afterCarriageReturn = piece.endsWith("\r");
    const lines = text.split(/\r\n|\n|\r/);
    lines[0] = rest + lines[0];
    rest = lines.pop();
    for (const one of lines) line(one, events);
    return events;
  };
}

/** Calls `onEvent(name, document)` for each event of a response, until its body ends. */
export async function readEvents(response, onEvent) {
  const read = sseReader();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const { event, data } of read(value)) onEvent(event, JSON.parse(data));
  }
}
