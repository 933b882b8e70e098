"""Checks an export for Open WebUI against the form of its import (`ChatImportForm`) and against what its
page reads of a chat, as of version 0.12: members, types, the tree of messages, times, and thoughts."""

import html
import json
import re
import sys

REASONING = re.compile(
    r'^<details type="reasoning" done="true" duration="\d+">\n<summary>[^\n]*</summary>\n(.*?)\n</details>\n',
    re.DOTALL,
)


def check(item, ours):
    assert isinstance(item["chat"], dict) and isinstance(item["meta"], dict)
    assert isinstance(item["pinned"], bool) and isinstance(item["archived"], bool) and item["folder_id"] is None
    assert all(isinstance(item[name], int) for name in ("created_at", "updated_at")), "times are lost without these"
    assert item["created_at"] == ours["created_at"] and item["updated_at"] == ours["updated_at"]
    chat = item["chat"]
    assert isinstance(chat["title"], str) and isinstance(chat["models"], list) and chat["params"] == {}
    assert chat["tags"] == [] and chat["timestamp"] == item["created_at"] * 1000
    messages = chat["history"]["messages"]
    assert chat["history"]["currentId"] in messages
    assert set(messages) == {message["id"] for message in ours["messages"]}, "all branches are there"
    for message in ours["messages"]:
        stored = messages[message["id"]]
        assert stored["id"] == message["id"] and stored["role"] == message["role"]
        assert stored["parentId"] == message["parent_id"] and stored["timestamp"] == message["timestamp"]
        if stored["parentId"] is not None:
            assert stored["id"] in messages[stored["parentId"]]["childrenIds"]
        assert all(messages[child]["parentId"] == stored["id"] for child in stored["childrenIds"])
        content = stored["content"]
        if stored["role"] == "assistant":
            assert stored["done"] is True and stored["modelIdx"] == 0 and isinstance(stored["model"], str)
            assert isinstance(stored["modelName"], str)
        else:
            assert isinstance(stored["models"], list)
        if message.get("thinking"):
            block = REASONING.match(content)
            lines = [html.unescape(line)[2:] for line in block.group(1).split("\n")]
            assert "\n".join(lines) == message["thinking"]
            content = content[block.end() :]
        assert content == message["content"]
    shown = [message["id"] for message in chat["messages"]]
    at = chat["history"]["currentId"]
    for id in reversed(shown):
        assert id == at
        at = messages[at]["parentId"]
    assert at is None


export, lines = sys.argv[1:]
with open(export, encoding="utf-8") as file:
    items = json.load(file)
with open(lines, encoding="utf-8") as file:
    chats = {chat["id"]: chat for chat in map(json.loads, file)}
assert len(items) == len(chats) > 0
for item in items:
    check(item, chats[item["id"]])
print(f"{len(items)} chats have the form of the import")
