"""The SDK of the Model Context Protocol for Python: over standard streams and HTTP, with and without a handshake."""

import asyncio
import json
import os

from mcp import Client, StdioServerParameters

from common import ENDLESS, TEXT, Stops, answers, check, done

PROGRAM = StdioServerParameters(
    command=os.environ["QWENCTL"],
    args=["--token-file", os.environ["TOKEN_FILE"], "mcp", "--allow-ask"],
    env={name: os.environ[name] for name in ("QWEN_API_URL", "QWEN_AUTH_URL")}
    | {"HOME": os.environ["QWENCTL_HOME"]},
)
URL = os.environ["QWENCTL_URL"] + "/mcp"


async def use(how, server, mode):
    async with Client(server, mode=mode) as client:
        version = client.protocol_version
        check(f"{how}, {mode}: the revision is {version}", (version >= "2026") == (mode == "auto"))
        tools = (await client.list_tools()).tools
        names = [tool.name for tool in tools]
        check(f"{how}: tools", names == ["search_chats", "list_chats", "read_chat", "ask"])
        check(f"{how}: they are marked", [tool.annotations.read_only_hint for tool in tools] == [True] * 3 + [False])

        seen = []

        async def progress(count, total, message):
            seen.append(count)

        asked = await client.call_tool("ask", {"message": f"{TEXT} {how}"}, progress_callback=progress)
        answer = asked.structured_content
        check(f"{how}: ask", not asked.is_error and answers(answer["content"], f"{TEXT} {how}"))
        check(f"{how}: progress", len(seen) > 0 and seen == sorted(seen))
        chat = answer["chat_id"]

        listed = (await client.call_tool("list_chats", {})).structured_content["chats"]
        check(f"{how}: list", chat in [row["chat_id"] for row in listed])
        found = (await client.call_tool("search_chats", {"query": "tiếng"})).structured_content
        check(f"{how}: search", chat in [hit["chat_id"] for hit in found["results"]])
        read = await client.call_tool("read_chat", {"chat_id": chat[:8]})
        check(f"{how}: read", read.structured_content["messages"][0]["content"] == f"{TEXT} {how}")
        check(f"{how}: the text is the structure", json.loads(read.content[0].text) == read.structured_content)
        wrong = await client.call_tool("read_chat", {"chat_id": chat, "colour": "red"})
        check(f"{how}: a wrong argument", wrong.is_error and "colour" in wrong.content[0].text)

        resources = (await client.list_resources()).resources
        uri = f"qwenctl://chats/{chat}"
        check(f"{how}: resources", uri in [str(resource.uri) for resource in resources])
        content = (await client.read_resource(uri)).contents[0].text
        check(f"{how}: a resource", json.loads(content)["chat_id"] == chat)
        templates = (await client.list_resource_templates()).resource_templates
        check(f"{how}: templates", len(templates) == 1)

        stops = Stops()
        task = asyncio.create_task(client.call_tool("ask", {"message": ENDLESS, "chat_id": chat}))
        await asyncio.sleep(1)
        task.cancel()
        check(f"{how}: a cancelled call stops the model", await asyncio.to_thread(stops.came))


async def main():
    for mode in ("auto", "legacy"):
        await use("standard streams", PROGRAM, mode)
        await use("HTTP", URL, mode)


asyncio.run(main())
done()
