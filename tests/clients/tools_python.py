"""The tool loops of the SDKs and of LangChain against `serve --engine` with a scripted model."""

import json
import os
import pathlib
import subprocess
import tempfile

import anthropic
import openai
from common import check, done
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

URL = os.environ["ENGINE_SERVER"]
MODEL = "scripted"
CONTENT = pathlib.Path(os.environ["ENGINE_CONTENT"]).read_text()


def read(path: str) -> str:
    """Reads a file.

    Args:
        path: The file.
    """
    return pathlib.Path(path).read_text()


def write(path: str, content: str) -> str:
    """Writes a file.

    Args:
        path: The file.
        content: All of it.
    """
    pathlib.Path(path).write_text(content)
    return ""


def bash(command: str) -> str:
    """Runs a command.

    Args:
        command: The command.
    """
    run = subprocess.run(command, shell=True, capture_output=True, text=True)
    return run.stdout + run.stderr


FUNCTIONS = {function.__name__: function for function in (read, write, bash)}
SCHEMAS = {
    name: {
        "type": "object",
        "properties": {key: {"type": "string"} for key in keys},
        "required": keys,
        "additionalProperties": False,
    }
    for name, keys in (("read", ["path"]), ("write", ["path", "content"]), ("bash", ["command"]))
}


def place():
    folder = tempfile.mkdtemp(prefix="tools-")
    for number in ("one", "two"):
        needle = {"one": "NEEDLE-1", "two": "NEEDLE-2"}[number]
        pathlib.Path(folder, f"{number}.txt").write_text(f"# {needle}\n")
    return folder


def finished(name, folder, answer):
    assert "NEEDLE-1 and NEEDLE-2" in (answer or ""), f"{name}: {answer}"
    check(name, True)
    check(f"{name}: the file is equal to the byte", pathlib.Path(folder, "out.txt").read_text() == CONTENT)


def task(folder):
    return f"TASK in {folder} : read both files"


def chat(client, streams):
    folder = place()
    tools = [
        {"type": "function", "function": {"name": name, "parameters": schema, "strict": True}}
        for name, schema in SCHEMAS.items()
    ]
    messages = [{"role": "user", "content": task(folder)}]
    while True:
        if streams:
            with client.chat.completions.stream(model=MODEL, messages=messages, tools=tools) as stream:
                message = stream.get_final_completion().choices[0].message
        else:
            message = client.chat.completions.create(model=MODEL, messages=messages, tools=tools).choices[0].message
        if not message.tool_calls:
            return finished(f"OpenAI chat, streamed: {streams}", folder, message.content)
        messages.append(message.model_dump(exclude_none=True, exclude={"tool_calls": {"__all__": {"function": {"parsed_arguments"}}}}))
        for call in message.tool_calls:
            result = FUNCTIONS[call.function.name](**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def responses(client):
    folder = place()
    tools = [
        {"type": "function", "name": name, "parameters": schema, "strict": True}
        for name, schema in SCHEMAS.items()
    ]
    items = [{"role": "user", "content": task(folder)}]
    while True:
        with client.responses.stream(model=MODEL, input=items, tools=tools, store=False) as stream:
            response = stream.get_final_response()
        calls = [item for item in response.output if item.type == "function_call"]
        if not calls:
            return finished("OpenAI responses, streamed", folder, response.output_text)
        items += [item.model_dump(exclude={"parsed_arguments"}, exclude_none=True) for item in response.output]
        for call in calls:
            result = FUNCTIONS[call.name](**json.loads(call.arguments))
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": result})


def anthropic_loop(client):
    folder = place()
    runner = client.beta.messages.tool_runner(
        model=MODEL,
        max_tokens=1000,
        tools=[anthropic.beta_tool(function) for function in FUNCTIONS.values()],
        messages=[{"role": "user", "content": task(folder)}],
    )
    message = runner.until_done()
    finished("Anthropic's tool runner", folder, "".join(block.text for block in message.content if block.type == "text"))


def langchain_loop():
    folder = place()
    model = ChatOpenAI(model=MODEL, base_url=f"{URL}/v1", api_key="none")
    bound = model.bind_tools([tool(function) for function in FUNCTIONS.values()])
    messages = [HumanMessage(task(folder))]
    while True:
        message = bound.invoke(messages)
        messages.append(message)
        if not message.tool_calls:
            return finished("LangChain", folder, message.content)
        for call in message.tool_calls:
            messages.append(ToolMessage(FUNCTIONS[call["name"]](**call["args"]), tool_call_id=call["id"]))


class Person(BaseModel):
    name: str
    age: int


def structured(client):
    question = [{"role": "user", "content": "JSON please"}]
    parsed = client.chat.completions.parse(model=MODEL, messages=question, response_format=Person)
    check("OpenAI chat, parsed", parsed.choices[0].message.parsed == Person(name="Ada", age=36))
    parsed = client.responses.parse(model=MODEL, input=question, text_format=Person)
    check("OpenAI responses, parsed", parsed.output_parsed == Person(name="Ada", age=36))
    model = ChatOpenAI(model=MODEL, base_url=f"{URL}/v1", api_key="none")
    parsed = model.with_structured_output(Person, method="json_schema").invoke("JSON please")
    check("LangChain, parsed", parsed == Person(name="Ada", age=36))


client = openai.OpenAI(base_url=f"{URL}/v1", api_key="none", max_retries=0)
chat(client, False)
chat(client, True)
responses(client)
anthropic_loop(anthropic.Anthropic(base_url=URL, api_key="none", max_retries=0))
langchain_loop()
structured(client)
done()
