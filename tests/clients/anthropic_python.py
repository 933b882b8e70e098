"""The Anthropic SDK for Python as people use it."""

import anthropic

TEXT = "Xin chào, tiếng Việt! 你好，世界 🙂"
client = anthropic.Anthropic(max_retries=0)
passed = 0


def check(name, holds):
    global passed
    assert holds, name
    passed += 1
    print(f"ok {name}")


def question(text, **more):
    messages = [{"role": "user", "content": text}]
    return {"model": "gpt-4o", "max_tokens": 4000, "messages": messages, **more}


message = client.messages.create(**question(TEXT, system="Be brief."))
check("a whole message", TEXT in message.content[0].text and message.stop_reason == "end_turn")
check("its usage", message.usage.output_tokens > 0)

with client.messages.stream(**question(TEXT)) as stream:
    text = "".join(stream.text_stream)
    final = stream.get_final_message()
check("a stream", TEXT in text and final.content[0].text == text)

kinds = [event.type for event in client.messages.create(**question("a", stream=True))]
check("its events", kinds[:2] == ["message_start", "content_block_start"] and kinds[-1] == "message_stop")

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

for prompt, kind in [("[[fault:F33]]", anthropic.RateLimitError), (" ", anthropic.BadRequestError)]:
    try:
        client.messages.create(**question(prompt))
    except kind as error:
        check(f"{kind.__name__}", error.body["error"]["type"] and error.request_id)
    else:
        raise AssertionError(kind)

print(f"{passed} passed")
