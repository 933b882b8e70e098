"""Adds what the description of the API cannot express: which models, messages and projects exist, that a
history must not be blank, how many images it may hold, that a list of chats has one restriction, that a
deletion of many chats needs a filter, which formats take which choices, which files and tools are of a known
kind, and that the server has no archive.

A valid request gets a model of the local upstream, a parent that every chat has, no project and a last
message with text, and keeps at most one image in each of its first five messages and the first restriction
of its query; a search has no filters, an export no choices but its format, a deletion no grace time, a request
no tools, a temporary chat no parent.
Invalid requests stay unchanged.
"""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    restrictions = [name for name in ("pinned", "archived", "project_id") if name in (case.query or {})]
    for name in restrictions[1:]:
        del case.query[name]
    for name in ("branches", "thinking", "raw", "match", "grace", "archive"):
        (case.query or {}).pop(name, None)
    if isinstance(case.body, dict):
        if "project_id" in case.body:
            del case.body["project_id"]
            case.body.setdefault("title", "A title")
        if case.path == "/api/chats/deletions":
            case.body = {"empty": True}
        if case.path == "/api/chat/search":
            case.body = {name: case.body[name] for name in ("query", "limit") if name in case.body}
        case.body.pop("tools", None)
        if case.path == "/api/chat/temporary":
            case.body.pop("parent_id", None)
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
