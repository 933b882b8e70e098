"""The program `llm`: `llm openai endpoint`, a model from its config file, a conversation."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from common import ENDLESS, TEXT, Stops, answers, check, done

URL = os.environ["OPENAI_BASE_URL"]
home = tempfile.TemporaryDirectory()
# As `qwenctl help openai` describes it.
Path(home.name, "extra-openai-models.yaml").write_text(
    f"- model_id: qwen\n  model_name: local-echo-max\n  api_base: {URL}\n", encoding="utf-8"
)
environment = {**os.environ, "LLM_USER_PATH": home.name}
program = [str(Path(sys.executable).with_name("llm"))]


def run(*arguments, status=0):
    ended = subprocess.run(
        [*program, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        encoding="utf-8",
    )
    assert ended.returncode == status, ended
    return ended.stdout.removesuffix("\n"), ended.stderr


check("its list of models", "local-echo-max" in run("openai", "endpoint", URL, "--models")[0].split())
text, _ = run("openai", "endpoint", URL, "-m", "local-echo-max", TEXT)
check("an endpoint, streamed", answers(text, TEXT))
text, _ = run("openai", "endpoint", URL, "-m", "local-echo-max", "--responses", "--no-stream", TEXT)
check("by the Responses API", answers(text, TEXT))
check("a model of the file, streamed", answers(run("-m", "qwen", TEXT)[0], TEXT))
check("not streamed", answers(run("-m", "qwen", "--no-stream", TEXT)[0], TEXT))
check("the conversation continues", "the second" in run("-c", "the second")[0])
reply = run("-c", "--no-stream", "-s", "Be brief.", "the third")[0]
check("with the whole history", all(part in reply for part in [TEXT, "the second", "the third"]))
quota = ["openai", "endpoint", URL, "-m", "local-echo-flash", "--no-stream", "[[fault:F33]]"]
_, complaint = run(*quota, status=1)
check("an error is printed", "quota" in complaint)

stops = Stops()
with subprocess.Popen(
    [*program, "-m", "qwen", ENDLESS], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
) as process:
    check("an answer is streamed", process.stdout.read(5) == b"lorem")
    process.send_signal(signal.SIGINT)
    process.stdout.read()
check("Ctrl-C stops the upstream", stops.came())

done()
