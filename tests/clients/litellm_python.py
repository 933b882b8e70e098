"""Typical uses of `litellm`: completion, stream, acompletion, its exceptions."""

import asyncio
import os

import litellm
from common import ENDLESS, TEXT, Stops, answers, check, done, raised, streamed

litellm.suppress_debug_info = True


def question(text, **more):
    return {
        "model": "openai/gpt-4o",
        "messages": [{"role": "user", "content": text}],
        "api_base": os.environ["OPENAI_BASE_URL"],
        "num_retries": 0,
        "max_retries": 0,
        **more,
    }


whole = litellm.completion(**question(TEXT))
check("completion", answers(whole.choices[0].message.content, TEXT))
check("its counts of tokens", whole.usage.total_tokens > whole.usage.prompt_tokens > 0)

chunks = list(litellm.completion(**question(TEXT, stream=True, stream_options={"include_usage": True})))
check("stream", streamed((chunk.choices[0].delta.content for chunk in chunks if chunk.choices), TEXT))
check("its counts of tokens", any(getattr(c, "usage", None) for c in chunks))
rebuilt = litellm.stream_chunk_builder(chunks)
check("its builder of answers", answers(rebuilt.choices[0].message.content, TEXT))

thinking = litellm.completion(**question(TEXT, reasoning_effort="high", allowed_openai_params=["reasoning_effort"]))
check("thinking", thinking.choices[0].message.reasoning_content)


async def others():
    whole = await litellm.acompletion(**question(TEXT))
    check("acompletion", answers(whole.choices[0].message.content, TEXT))
    stream = await litellm.acompletion(**question(TEXT, stream=True))
    check("streamed", streamed([chunk.choices[0].delta.content async for chunk in stream], TEXT))
    stops = Stops()
    stream = await litellm.acompletion(**question(ENDLESS, stream=True))
    async for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    await stream.aclose()
    check("a stream that is left stops the upstream", await asyncio.to_thread(stops.came))


asyncio.run(others())

# The quota of the model of the first one is used up from here on.
for request, kind in [
    (question("[[fault:F33]]", model="openai/local-echo-flash"), litellm.RateLimitError),
    (question("[[fault:F39]]"), litellm.ServiceUnavailableError),
    (question(" "), litellm.BadRequestError),
]:
    raised(kind, lambda: litellm.completion(**request))
    check(kind.__name__, True)

messages = [{"role": "user", "content": TEXT}]
message = litellm.completion(
    model="anthropic/gpt-4o", messages=messages, api_base=os.environ["ANTHROPIC_BASE_URL"], max_retries=0
)
check("as Anthropic", answers(message.choices[0].message.content, TEXT))

done()
