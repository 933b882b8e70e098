"""Typical uses of `langchain-openai`: invoke, stream, batch, token counts, errors."""

import openai
from common import ENDLESS, TEXT, Stops, answers, check, done, raised, streamed
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="gpt-4o", max_retries=0)

answer = model.invoke(TEXT)
check("invoke", answers(answer.content, TEXT))
check("its counts of tokens", answer.usage_metadata["total_tokens"] > answer.usage_metadata["input_tokens"] > 0)
check("its end", answer.response_metadata["finish_reason"] == "stop")

chunks = list(model.stream(TEXT, stream_usage=True))
check("stream", streamed((chunk.content for chunk in chunks), TEXT))
check("its counts of tokens", [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata][-1]["output_tokens"] > 0)

stops = Stops()
stream = model.stream(ENDLESS)
next(piece for piece in stream if piece.content)
stream.close()
check("a stream that is left stops the upstream", stops.came())

prompts = [f"{TEXT} {number}" for number in range(5)]
batch = model.batch(prompts)
check("batch", all(answers(answer.content, prompt) for answer, prompt in zip(batch, prompts, strict=True)))

history = [SystemMessage("Be brief."), HumanMessage("one"), AIMessage("1"), HumanMessage(TEXT)]
check("a history", TEXT in model.invoke(history).content)

responses = ChatOpenAI(model="gpt-4o", use_responses_api=True, max_retries=0)
check("by the Responses API", answers(responses.invoke(TEXT).text, TEXT))
check("streamed", streamed((chunk.text for chunk in responses.stream(TEXT)), TEXT))

flash = ChatOpenAI(model="local-echo-flash", max_retries=0)
error = raised(openai.RateLimitError, lambda: flash.invoke("[[fault:F33]]"))
check("a quota is a RateLimitError", error.code == "insufficient_quota")
raised(openai.BadRequestError, lambda: model.invoke(" "))
check("an empty prompt is a BadRequestError", True)

done()
