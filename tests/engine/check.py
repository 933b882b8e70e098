"""Check qwenctl with model servers: llama.cpp's server, and litellm's proxy in front of it.

Environment: QWENCTL, LLAMA (a model that ends its answers), TALKER (one that never does), PROXY and
PROXY_KEY.
"""

import json
import os
import signal
import subprocess
import time
import urllib.request

QWENCTL = os.environ["QWENCTL"]
LLAMA, TALKER, PROXY = (os.environ[name] for name in ("LLAMA", "TALKER", "PROXY"))


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def run(engine, *arguments, code=0, **environment):
    command = [QWENCTL, "--json", "-q", "--engine", engine + "/v1", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def tokens(messages):
    """Number of tokens of a conversation, as llama.cpp counts them."""
    prompt = ask(LLAMA + "/apply-template", {"messages": messages})["prompt"]
    found = ask(LLAMA + "/tokenize", {"content": prompt, "add_special": True, "parse_special": True})
    return len(found["tokens"])


def conversation(engine, **environment):
    prompts = ["Xin chào, tôi là Linh", "你好 🙂", "Who am I?"]
    said, chat = [], None
    for prompt in prompts:
        command = ["send", chat] if chat else ["quick", "--new"]
        answer = run(engine, *command, prompt, **environment)["data"]
        chat = answer["chat_id"]
        said.append({"role": "user", "content": prompt})
        assert answer["content"].isalpha() and answer["content"].isascii(), answer
        assert answer["usage"]["input_tokens"] == tokens(said), (answer, said)
        said.append({"role": "assistant", "content": answer["content"]})
    shown = run(engine, "chats", "show", chat, **environment)["data"]["messages"]
    assert [(m["role"], m["content"]) for m in shown] == [(m["role"], m["content"]) for m in said]
    return said


models = run(LLAMA, "models")["data"]
assert [model["max_context_length"] for model in models] == [2048], models
said = conversation(LLAMA)
print(f"llama.cpp: three turns, each with all that was said before ({tokens(said)} tokens at the end)")

refused = run(LLAMA, "quick", "--new", "long " * 2000, code=3)
assert refused["code"] == "context_too_long" and "2048" in refused["error"], refused
print("llama.cpp: what is longer than the context is refused:", refused["error"][:90], "…")

chat = run(LLAMA, "quick", "--new", "a")["data"]["chat_id"]
for turn in range(12):
    answer = run(LLAMA, "send", chat, f"{turn} " + "b" * 400)["data"]
    assert answer["usage"]["input_tokens"] < 2048, answer
print(f"llama.cpp: a chat that outgrows the context continues ({answer['usage']['input_tokens']} tokens)")

command = [QWENCTL, "-o", "ndjson", "-q", "--engine", TALKER + "/v1", "quick", "--new", "Talk"]
talk = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
start, first = (json.loads(talk.stdout.readline()) for _ in range(2))
assert (start["event"], first["event"]) == ("start", "delta"), (start, first)
assert ask(TALKER + "/slots")[0]["is_processing"]
begin = time.monotonic()
talk.send_signal(signal.SIGINT)
while ask(TALKER + "/slots")[0]["is_processing"]:
    assert time.monotonic() - begin < 2, "the engine still writes"
stopped = time.monotonic() - begin
last = json.loads(talk.communicate(timeout=20)[0].splitlines()[-1])
assert (talk.returncode, last["code"]) == (130, "interrupted"), (talk.returncode, last)
shown = run(TALKER, "chats", "show", start["chat_id"])["data"]["messages"][1]["content"]
assert shown.startswith(last["partial"]["content"]), (shown, last)
print(f"llama.cpp: Ctrl-C stopped the model after {stopped * 1000:.0f} ms; {len(shown)} letters are kept")

key = {"QWENCTL_ENGINE_KEY": os.environ["PROXY_KEY"]}
assert [model["id"] for model in run(PROXY, "models", **key)["data"]] == ["tiny", "absent"]
conversation(PROXY, **key)
print("litellm: three turns through its proxy, with a key")

refused = run(PROXY, "models", code=2)
assert "QWENCTL_ENGINE_KEY" in refused["error"], refused
refused = run(PROXY, "models", code=2, QWENCTL_ENGINE_KEY="sk-another-key-that-is-wrong")
# Without a database it only reports that it has none.
assert PROXY in refused["error"] and "another" not in refused["error"], refused
refused = run(PROXY, "quick", "--new", "--model", "absent", "Hi", code=7, **key)
assert refused["code"] == "upstream_unreachable" and PROXY in refused["error"], refused
mapped = run(PROXY, "--engine-model", "gpt-4o=tiny", "quick", "--new", "--model", "gpt-4o", "Hi", **key)
assert mapped["data"]["content"].isalpha()
print("litellm: a missing and a wrong key, a model that is not there, and a name for another")
