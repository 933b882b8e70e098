"""Typical uses of the OpenAI SDK for Python: list, create, stream, abort, errors, retries."""

import threading

import openai
from common import ENDLESS, LIMITED_KEY, TEXT, Stops, answers, check, done, raised, streamed

client = openai.OpenAI(max_retries=2)


def ask(text, **more):
    more.setdefault("model", "gpt-4o")
    return client.chat.completions.create(messages=[{"role": "user", "content": text}], **more)


models = [model.id for model in client.models.list()]
check("models are listed", "local-echo-max" in models and "gpt-4o" in models)
check("a model is shown", client.models.retrieve("local-echo-max").id == "local-echo-max")

whole = ask(TEXT)
check("a whole answer", answers(whole.choices[0].message.content, TEXT))
check("its usage", whole.usage.total_tokens > 0)

chunks = list(ask(TEXT, stream=True, stream_options={"include_usage": True}))
text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
check("a stream has the same text", text == whole.choices[0].message.content)
check("it begins with the role", chunks[0].choices[0].delta.role == "assistant")
check("it ends with a reason", chunks[-2].choices[0].finish_reason == "stop")
check("and with the usage", chunks[-1].usage.total_tokens > 0)

check("in pieces", streamed((c.choices[0].delta.content for c in chunks if c.choices), TEXT))

with client.chat.completions.stream(
    model="gpt-4o", messages=[{"role": "user", "content": TEXT}]
) as stream:
    check("the SDK's own accumulator", stream.get_final_completion().choices[0].message.content == text)

thinking = ask(TEXT, reasoning_effort="high").choices[0].message
check("thinking", thinking.model_extra["reasoning_content"])
searched = ask(TEXT, web_search_options={}).choices[0].message
mark = searched.annotations[0].url_citation
check("citations", searched.content[mark.start_index : mark.end_index].startswith("[["))

check("max_tokens", ask(TEXT, max_tokens=3).choices[0].finish_reason == "length")
check("stop", "wrote" not in ask(TEXT, stop=["wrote"]).choices[0].message.content)

stops = Stops()
stream = ask(ENDLESS, stream=True)
next(chunk for chunk in stream if chunk.choices[0].delta.content)
stream.close()
check("a stream that is left stops the upstream", stops.came())

raw = client.chat.completions.with_raw_response.create(
    model="gpt-4o", messages=[{"role": "user", "content": "a"}], temperature=0.5
)
check("a warning", raw.headers["x-qwenctl-warning"] == "ignored: temperature")

first = client.chat.completions.with_raw_response.create(
    model="gpt-4o", messages=[{"role": "user", "content": "1"}], extra_headers={"X-Qwen-Chat-Id": "new"}
)
chat = first.headers["x-qwen-chat-id"]
second = ask("only this", metadata={"chat_id": chat})
check("a chat is continued", "only this" in second.choices[0].message.content)

# The quota of this model is used up from here on.
error = raised(openai.RateLimitError, lambda: ask("[[fault:F33]]", model="local-echo-flash"))
check("a quota is a RateLimitError", error.code == "insufficient_quota" and error.status_code == 429)
error = raised(openai.BadRequestError, lambda: ask("x", tool_choice="required", tools=[]))
check("a bad request names its parameter", error.param == "tool_choice")
error = raised(openai.InternalServerError, lambda: ask("[[fault:F39]]"))
check("a browser check", error.code == "browser_check")
error = raised(openai.NotFoundError, lambda: client.embeddings.create(model="x", input="y"))
check("an unknown route is a NotFoundError", error.status_code == 404)
page = openai.OpenAI(default_headers={"Origin": "https://evil.example"})
error = raised(openai.AuthenticationError, lambda: page.models.list())
check("a foreign page is an AuthenticationError", error.code == "invalid_api_key")

# Two concurrent prompts to one chat: the second gets 409, and the SDK retries.
seen = []
watched = openai.OpenAI(
    max_retries=5,
    http_client=openai.DefaultHttpx2Client(
        event_hooks={"response": [lambda response: seen.append(response.status_code)]}
    ),
)
begun = client.chat.completions.create(
    model="gpt-4o",
    messages=[{"role": "user", "content": "[[slow:50]][[lorem:30]]"}],
    metadata={"chat_id": chat},
    stream=True,
)
next(iter(begun))
reading = threading.Thread(target=lambda: list(begun))
reading.start()
answer = watched.chat.completions.create(
    model="gpt-4o", messages=[{"role": "user", "content": "again"}], metadata={"chat_id": chat}
)
reading.join()
check("the SDK retries after 409", seen[0] == 409 and seen[-1] == 200)
check("and answered", "again" in answer.choices[0].message.content)

# One request per second: the second one gets 429 with `Retry-After`.
seen.clear()
limited = watched.with_options(api_key=LIMITED_KEY)
check("a key of the server", all(limited.models.list().data for _ in range(2)))
check("the SDK retries after 429", 429 in seen and seen[-1] == 200)
limited = limited.with_options(max_retries=0)
error = raised(openai.RateLimitError, lambda: [limited.models.list() for _ in range(3)])
check("a 429 has retry-after", error.response.headers["retry-after"] == "1")

response = client.responses.create(model="gpt-4o", input=TEXT, instructions="Be brief.")
check("a response", TEXT in response.output_text and response.status == "completed")
events = list(client.responses.create(model="gpt-4o", input=TEXT, stream=True, reasoning={"effort": "low"}))
kinds = [event.type for event in events]
check("its events", kinds[:2] == ["response.created", "response.in_progress"])
check("its last event", kinds[-1] == "response.completed" and TEXT in events[-1].response.output_text)
with client.responses.stream(model="gpt-4o", input=TEXT) as stream:
    check("the SDK's accumulator of responses", TEXT in stream.get_final_response().output_text)
kept = client.responses.create(model="gpt-4o", input="one", store=True)
followed = client.responses.create(model="gpt-4o", input="two", previous_response_id=kept.id)
check("a stored response is followed", "two" in followed.output_text)
error = raised(
    openai.NotFoundError,
    lambda: client.responses.create(model="gpt-4o", input="x", previous_response_id=response.id),
)
check("a response that is not stored is not followed", error.code == "previous_response_not_found")

done()
