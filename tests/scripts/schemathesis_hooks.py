"""What the description of the API cannot tell: which models and which messages there are, that a history
has to say something, and how many images it may hold.

A request that is to succeed gets a model that the local upstream has, a parent that every chat has,
and a last message with words in it, and is left with one image a message in its first five messages.
Requests that are to fail stay as they are.
"""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    if isinstance(case.body, dict):
        for name, known in (("model", "local-echo-max"), ("parent_id", "root")):
            if case.body.get(name):
                case.body[name] = known
        for name in ("messages", "input"):
            if isinstance(case.body.get(name), list):
                messages = [with_one_image(message) for message in case.body[name][:5]]
                case.body[name] = [*messages, {"role": "user", "content": "Hello"}]


def with_one_image(message):
    parts = message.get("content")
    if not isinstance(parts, list):
        return message
    images = [part for part in parts if "text" not in part]
    return {**message, "content": [part for part in parts if "text" in part] + images[:1]}
