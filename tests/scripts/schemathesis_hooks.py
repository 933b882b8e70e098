"""Adds what the description of the API cannot express: which models and messages exist, that a history
must not be blank, and how many images it may hold.

A valid request gets a model of the local upstream, a parent that every chat has and a last message with
text, and keeps at most one image in each of its first five messages. Invalid requests stay unchanged.
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
        if isinstance(case.body.get("system"), list):
            case.body["system"] = [part for part in case.body["system"] if "text" in part]


def with_one_image(message):
    parts = message.get("content")
    if not isinstance(parts, list):
        return message
    images = [part for part in parts if "text" not in part]
    return {**message, "content": [part for part in parts if "text" in part] + images[:1]}
