"""Helpers of the scripts: counted checks, and queries to the local upstream."""

import json
import os
import time
import urllib.request

TEXT = "Xin chào, tiếng Việt! 你好，世界 🙂 \u200d👩\u200d🚀"
# The answer takes 15 minutes: a client that sees its beginning reads a stream.
ENDLESS = "[[slow:10]][[lorem:100000]]"
# API key with a limit of one request per second.
LIMITED_KEY = os.environ["LIMITED_KEY"]
passed = 0


def check(name, holds):
    global passed
    assert holds, name
    passed += 1
    print(f"ok {name}")


def raised(kind, work):
    try:
        work()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def answers(text, prompt):
    """Whether `text` is the complete answer of the local upstream to `prompt`."""
    return text.startswith(f"# You wrote\n\n{prompt}\n\nWhat") and text.endswith("read your message.")


def streamed(pieces, prompt):
    """Whether `pieces` are that answer, in more than a few parts."""
    texts = [piece for piece in pieces if piece]
    return len(texts) > 10 and answers("".join(texts), prompt)


def admin(path):
    with urllib.request.urlopen(f"{os.environ['LOCAL_URL']}/__local/{path}") as answer:
        return json.load(answer)


class Stops:
    """Waits for the local upstream to stop one more answer."""

    def __init__(self):
        self.before = admin("stops")["total"]

    def came(self):
        """Whether the stop is counted and no answer is generated any more, within 10 seconds."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if admin("stops")["total"] > self.before and admin("streams")["generating"] == 0:
                return True
            time.sleep(0.05)
        return False


def done():
    print(f"{passed} passed")
