# The canned upstream: answers in the shapes of chat.qwen.ai, and the configurations of nginx that
# serve them and that stand as a proxy before them.

composed_token() {
  local part
  part() { printf '%s' "$1" | base64 -w0 | tr '+/' '-_' | tr -d '='; }
  printf '%s.%s.%s' "$(part '{"alg":"HS256"}')" "$(part '{"id":"u","exp":4000000000}')" "$(part signature)"
}

# 60 rows, as on a full page.
canned_list() {
  awk 'BEGIN {
    printf "{\"success\":true,\"request_id\":\"Q1\",\"data\":["
    for (i = 1; i <= 60; i++)
      printf "%s{\"id\":\"%08x-4f2a-4d6e-9c1b-6a5e8d3f7b21\",\"title\":\"Trip plan number %d\",\"updated_at\":%d,\"created_at\":1790000000,\"chat_type\":\"t2t\",\"project_id\":null,\"pinned\":false,\"content\":null,\"highlight_indexes\":null,\"message_id\":null}", (i > 1 ? "," : ""), i, i, 1790009999 - i
    printf "]}"
  }'
}

# One turn.
canned_chat() {
  printf '%s' '{"success":true,"request_id":"Q1","data":{"id":"C1","user_id":"USER","title":"Trip plan","chat":{"history":{"messages":{"U0":{"id":"U0","role":"user","content":"Hello","models":["qwen-example-max"],"chat_type":"t2t","sub_chat_type":"t2t","edited":false,"error":null,"extra":{"meta":{"subChatType":"t2t"}},"feature_config":{"thinking_enabled":false,"output_schema":"phase","instructions":null,"research_mode":"normal","auto_thinking":false,"thinking_mode":"Fast","auto_search":true},"parentId":null,"turn_id":null,"childrenIds":["R0"],"files":[],"timestamp":1790000001},"R0":{"id":"R0","role":"assistant","content":"","reasoning_content":null,"chat_type":"t2t","sub_chat_type":"t2t","model":"qwen-example-max","modelName":"Qwen-Example-Max","modelIdx":0,"parentId":"U0","childrenIds":[],"content_list":[{"content":"Hi there!","phase":"answer","status":"finished","extra":null,"role":"assistant","response_id":"R0","usage":{"input_tokens":20,"output_tokens":4,"total_tokens":24},"timestamp":1790000004}],"is_stop":false,"edited":false,"error":null,"meta":{},"extra":{"meta":{"subChatType":"t2t"},"endTime":1790000004.512},"done":true,"info":null,"timestamp":1790000002}},"currentId":"R0","currentResponseIds":["R0"],"pagination":{"enabled":true,"oldest_id":"U0","newest_id":"R0","has_more_older":false,"has_more_newer":false,"path_count":2}},"models":["qwen-example-max"],"messages":[]},"updated_at":1790000100,"created_at":1790000000,"share_id":null,"archived":false,"pinned":false,"meta":{"timestamp":1790000000000,"tags":[]},"folder_id":null,"currentResponseIds":["R0"],"currentId":"R0","chat_type":"t2t","models":null,"project_id":null,"data_source":null}}'
}

canned_models() {
  printf '%s' '{"data":[{"id":"qwen-example-max","name":"Qwen-Example-Max","object":"model","owned_by":"qwen","info":{"id":"qwen-example-max","meta":{"capabilities":{"vision":true},"chat_type":["t2t","search"],"max_context_length":262144},"is_active":true}}]}'
}

# 200 deltas of 100 bytes of text, with the two empty ones and the finish at the end.
canned_stream() {
  awk 'BEGIN {
    printf "data: {\"response.created\":{\"chat_id\": \"C1\", \"parent_id\": \"U1\", \"response_id\":\"R1\", \"response_index\": \"0\"}} \n\n"
    text = "The train leaves at nine; bring water, a hat, good shoes and the map of the old town. Chúc vui nhé! "
    for (i = 1; i <= 202; i++)
      printf "data: {\"choices\": [{\"delta\": {\"role\": \"assistant\", \"content\": \"%s\", \"phase\": \"answer\", \"status\": \"typing\"}}], \"response_id\": \"R1\", \"usage\": {\"input_tokens\": 1047, \"output_tokens\": %d, \"characters\": 0, \"total_tokens\": %d, \"input_tokens_details\": {\"text_tokens\": 1047}, \"output_tokens_details\": {\"text_tokens\": %d}, \"prompt_tokens_details\": {\"cached_tokens\": 512}}, \"timestamp\": 1790000003}\n\n", (i <= 200 ? text : ""), i, 1047 + i, i
    printf "data: {\"choices\": [{\"delta\": {\"content\": \"\", \"role\": \"assistant\", \"status\": \"finished\", \"phase\": \"answer\"}}], \"response_id\": \"R1\"}\n\n\n"
  }'
}

canned_answers() { # DIRECTORY
  mkdir -p "$1"
  canned_list >"$1/list.json"
  canned_chat >"$1/chat.json"
  canned_models >"$1/models.json"
  canned_stream >"$1/stream.sse"
}

common_configuration() { # DIRECTORY
  cat <<CONF
worker_processes auto;
pid $1/pid;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $1/body;
  proxy_temp_path $1/proxied;
  fastcgi_temp_path $1/fastcgi;
  uwsgi_temp_path $1/uwsgi;
  scgi_temp_path $1/scgi;
  keepalive_requests 1000000;
  tcp_nodelay on;
CONF
}

# A POST of a file would be 405, so the stream is served as that error's page.
upstream_configuration() { # DIRECTORY PORT
  common_configuration "$1"
  cat <<CONF
  open_file_cache max=16;
  default_type application/json;
  add_header x-request-id Q1;
  server {
    listen 127.0.0.1:$2;
    root $work/answers;
    location = /api/models { try_files /models.json =404; }
    location = /api/v2/chats/ { try_files /list.json =404; }
    location /api/v2/chats/ { try_files /chat.json =404; }
    location = /api/v2/chat/completions {
      error_page 405 =200 /stream.sse;
      try_files /stream.sse =404;
    }
    location = /stream.sse {
      default_type 'text/event-stream; charset=utf-8';
      add_header x-actual-status-code 200;
      add_header cache-control no-cache;
    }
  }
}
CONF
}

proxy_configuration() { # DIRECTORY PORT
  common_configuration "$1"
  cat <<CONF
  upstream canned {
    server 127.0.0.1:$upstream;
    keepalive 64;
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:$2;
    location / {
      proxy_pass http://canned;
      proxy_http_version 1.1;
      proxy_set_header Connection '';
      proxy_set_header Host \$host;
    }
  }
}
CONF
}
