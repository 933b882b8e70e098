"""What the scripts have in common: checks that count, and what the local upstream tells of itself."""

import json
import os
import urllib.request

TEXT = "Xin chào, tiếng Việt! 你好，世界 🙂 \u200d👩\u200d🚀"
# Its answer takes the local upstream a quarter of an hour: whoever sees its beginning reads a stream.
ENDLESS = "[[slow:10]][[lorem:100000]]"
# A key of the server with a limit of one request per second.
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
    """Whether `text` is the whole answer of the local upstream to `prompt`."""
    return text.startswith(f"# You wrote\n\n{prompt}\n\nWhat") and text.endswith("read your message.")


def streamed(pieces, prompt):
    """Whether `pieces` are that answer, and many."""
    texts = [piece for piece in pieces if piece]
    return len(texts) > 10 and answers("".join(texts), prompt)


def admin(path):
    with urllib.request.urlopen(f"{os.environ['LOCAL_URL']}/__local/{path}") as answer:
        return json.load(answer)


class Stops:
    """Counts the answers that the local upstream was told to stop from now on."""

    def __init__(self):
        self.before = admin("stops")["total"]

    def came(self):
        wait = admin(f"wait?for=stops&count={self.before + 1}&timeout_ms=10000")
        return wait["reached"] and admin("streams")["generating"] == 0


def done():
    print(f"{passed} passed")
