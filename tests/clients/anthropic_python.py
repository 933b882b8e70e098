"""Typical uses of the Anthropic SDK for Python."""

import anthropic
from common import ENDLESS, TEXT, Stops, answers, check, done, raised, streamed

client = anthropic.Anthropic(max_retries=0)


def question(text, **more):
    messages = [{"role": "user", "content": text}]
    return {"model": "gpt-4o", "max_tokens": 4000, "messages": messages, **more}


message = client.messages.create(**question(TEXT))
check("a whole message", answers(message.content[0].text, TEXT) and message.stop_reason == "end_turn")
check("its usage", message.usage.output_tokens > 0)
check("the id of its request", message._request_id)
instructed = client.messages.create(**question(TEXT, system="Be brief."))
check("instructions", answers(instructed.content[0].text, f"Be brief.\n\n{TEXT}"))

with client.messages.stream(**question(TEXT)) as stream:
    check("a stream", streamed(stream.text_stream, TEXT))
    check("the SDK's accumulator", stream.get_final_message().content[0].text == message.content[0].text)

kinds = [event.type for event in client.messages.create(**question("a", stream=True))]
check("its events", kinds[:2] == ["message_start", "content_block_start"] and kinds[-1] == "message_stop")

stops = Stops()
with client.messages.stream(**question(ENDLESS)) as stream:
    next(stream.text_stream)
check("a stream that is left stops the upstream", stops.came())

thinking = client.messages.create(
    **question(TEXT, thinking={"type": "enabled", "budget_tokens": 1024})
)
check("thinking", [block.type for block in thinking.content] == ["thinking", "text"])
check("max_tokens", client.messages.create(**{**question(TEXT), "max_tokens": 2}).stop_reason == "max_tokens")
stopped = client.messages.create(**question(TEXT, stop_sequences=["wrote"]))
check("a stop sequence", (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "wrote"))

history = question("x")
history["messages"] = [
    {"role": "user", "content": "one"},
    {"role": "assistant", "content": [{"type": "text", "text": "1"}]},
    {"role": "user", "content": TEXT},
]
check("a history", TEXT in client.messages.create(**history).content[0].text)

# The quota of this model is used up from here on.
quota = {**question("[[fault:F33]]"), "model": "local-echo-flash"}
for request, kind in [(quota, anthropic.RateLimitError), (question(" "), anthropic.BadRequestError)]:
    error = raised(kind, lambda: client.messages.create(**request))
    check(kind.__name__, error.body["error"]["type"] and error.request_id)

done()
