-- The requests for wrk: `wrk … -- CASE TARGET`.
--
-- list   the first page, the same for every client: `serve` makes one call for concurrent requests
-- pages  a page that no other client requests at that time
-- send   to one chat after the other, because prompts to the same chat wait for each other
-- v1     the same prompts to the same chats over the OpenAI API
-- quick  to the most recent chat, which all clients share: serialised by design

local started = 0
local paths = {
  serve = { list = "/api/chats", pages = "/api/chats?page=", send = "/api/chat/send", v1 = "/v1/chat/completions", quick = "/api/chat/quick" },
  proxy = {
    list = "/api/v2/chats/?page=1",
    pages = "/api/v2/chats/?page=",
    send = "/api/v2/chat/completions?chat_id=C1",
    v1 = "/api/v2/chat/completions?chat_id=C1",
    quick = "/api/v2/chat/completions?chat_id=C1",
  },
}

function setup(thread)
  thread:set("number", started)
  started = started + 1
end

function init(arguments)
  case, path = arguments[1], paths[arguments[2]][arguments[1]]
  sent = 0
end

function request()
  if case == "list" then
    return wrk.format("GET", path)
  end
  sent = sent + 1
  if case == "pages" then
    return wrk.format("GET", path .. (number * 1000 + sent % 1000 + 1))
  end
  local chat = string.format("chat-%d-%d", number, sent % 1024)
  local form = '{"chat_id":"%s","message":"Where can we go?"}'
  if case == "v1" then
    form = '{"model":"qwen-example-max","metadata":{"chat_id":"%s"},' ..
      '"messages":[{"role":"user","content":"Where can we go?"}]}'
  end
  local body = string.format(form, chat)
  return wrk.format("POST", path, { ["Content-Type"] = "application/json" }, body)
end

function done(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("result %.1f %.3f %.3f %d\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, failed))
end
