"""Check that only the chats that were kept on purpose are left in the account."""

import json
import os
import time
import urllib.request

url = os.environ["QWENCTL_URL"] + "/api/chats?all=true"
titles = []
for _ in range(100):
    chats = json.load(urllib.request.urlopen(url))["data"]
    titles = [chat["title"] or "" for chat in chats]
    if not any(title.startswith("qwenctl-ephemeral-") for title in titles):
        break
    time.sleep(0.1)
else:
    raise SystemExit(f"left: {titles}")
print(f"{len(titles)} kept")
