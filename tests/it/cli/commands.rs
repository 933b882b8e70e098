//! Every command, when it succeeds: exit code, standard output and standard error, for people and in
//! JSON.

use serde_json::{Value, json};

use super::{chat_with_a_turn, local};
use crate::local_upstream::peer::Peer;
use crate::support::bodies::{self, C1, R1, U1, answer, detail, envelope, gone, one_turn, row};
use crate::support::cmd::Home;
use crate::support::filters::assert_run;
use crate::support::frames::whole;
use crate::support::tokens::token;
use crate::support::upstream::Upstream;
use crate::support::world::{CHAT, CHATS, COMPLETIONS};

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_listed_and_renamed() {
    let (_upstream, home) = local().await;
    assert_run!(home.run(&["chats", "list"]), @r"
    exit: 0
    --- stdout
    --- stderr
    no chats
    ");
    assert_run!(home.run(&["chats", "list", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":[],"total":0,"page":1}
    --- stderr
    "#);
    let id = chat_with_a_turn(&home);
    assert_run!(home.run(&["chats", "rename", &id, "Trip to Huế"]), @r"
    exit: 0
    --- stdout
    renamed [ID]
    --- stderr
    ");
    assert_run!(home.run(&["chats", "rename", &id, "Trip to Huế", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"message":"Chat renamed successfully"}
    --- stderr
    "#);
    assert_run!(home.run(&["chats", "list"]), @r"
    exit: 0
    --- stdout
    [ID]	Trip to Huế	[TIME]	[TIME]
    --- stderr
    ");
    assert_run!(home.run(&["chats", "list", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":[{"id":"[ID]","title":"Trip to Huế","created_at":[N],"updated_at":[N],"pinned":false,"chat_type":"t2t","project_id":null}],"total":1,"page":1}
    --- stderr
    "#);
    assert_run!(home.run(&["chats", "list", "--all", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":[{"id":"[ID]","title":"Trip to Huế","created_at":[N],"updated_at":[N],"pinned":false,"chat_type":"t2t","project_id":null}],"total":1}
    --- stderr
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_shown_deleted_and_created() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    home.triple(&["chats", "rename", &id, "Trip to Huế"]);
    assert_run!(home.run(&["chats", "show", &id]), @r"
    exit: 0
    --- stdout
    Trip to Huế
    [ID] · local-echo-max · [TIME]

    user: [TIME]
    Hello

    assistant: [TIME]
    # You wrote

    Hello

    What I can say about it:

    - characters: **5**
    - words: **1**
    - bytes: **5**

    ```rust
    assert_eq!(prompt.chars().count(), 5);
    ```

    This is the local upstream: no model has read your message.
    --- stderr
    ");
    assert_run!(home.run(&["chats", "show", &id, "--json"]), @r##"
    exit: 0
    --- stdout
    {"success":true,"data":{"id":"[ID]","title":"Trip to Huế","model":"local-echo-max","created_at":[N],"updated_at":[N],"pinned":false,"current_id":"[ID]","messages":[{"id":"[ID]","parent_id":null,"role":"user","content":"Hello","timestamp":[N]},{"id":"[ID]","parent_id":"[ID]","role":"assistant","content":"# You wrote\n\nHello\n\nWhat I can say about it:\n\n- characters: **5**\n- words: **1**\n- bytes: **5**\n\n```rust\nassert_eq!(prompt.chars().count(), 5);\n```\n\nThis is the local upstream: no model has read your message.","model":"local-echo-max","timestamp":[N]}]}}
    --- stderr
    "##);
    assert_run!(home.run(&["chats", "show", &id, "--tree"]), @r"
    exit: 0
    --- stdout
    Trip to Huế
    [ID] · local-echo-max · [TIME]
    * [ID] user: Hello
    * [ID] assistant: # You wrote
    --- stderr
    ");
    assert_run!(home.run(&["chats", "delete", &id, "--dry-run"]), @r"
    exit: 0
    --- stdout
    would delete [ID]
    --- stderr
    ");
    assert_run!(home.run(&["chats", "delete", &id, "--dry-run", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"dry_run":true,"data":[{"id":"[ID]"}],"total":1}
    --- stderr
    "#);
    assert_run!(home.run(&["chats", "delete", &id, "--yes"]), @r"
    exit: 0
    --- stdout
    deleted [ID]
    --- stderr
    no copy is kept; run `qwenctl chats sync` once to keep deleted chats in a trash
    ");
    let id = chat_with_a_turn(&home);
    assert_run!(home.run(&["chats", "delete", &id, "-y", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"message":"Chat deleted successfully"}
    --- stderr
    "#);
    assert_run!(home.run(&["chats", "new"]), @r"
    exit: 0
    --- stdout
    [ID]
    --- stderr
    ");
    assert_run!(home.run(&["chats", "new", "--title", "T", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":{"id":"[ID]"}}
    --- stderr
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_chats_are_deleted_with_a_result_for_each() {
    let (_upstream, home) = local().await;
    let (one, two) = (chat_with_a_turn(&home), chat_with_a_turn(&home));
    let unknown = "c0000000-0000-4000-8000-0000000000ff";
    assert_run!(home.run(&["chats", "delete", "--yes", &one, unknown, &two]), @r"
    exit: 5
    --- stdout
    deleted [ID]
    failed [ID]: chat not found (it may have been deleted)
    deleted [ID]
    --- stderr
    no copy is kept; run `qwenctl chats sync` once to keep deleted chats in a trash
    error: 1 of 3 chats could not be deleted
    ");
    let (one, two) = (chat_with_a_turn(&home), chat_with_a_turn(&home));
    assert_run!(home.run(&["chats", "delete", "--yes", "--json", &one, unknown, &two]), @r#"
    exit: 5
    --- stdout
    {"success":false,"error":"1 of 3 chats could not be deleted","code":"not_found","data":[{"id":"[ID]","success":true},{"id":"[ID]","success":false,"error":"chat not found (it may have been deleted)","code":"not_found"},{"id":"[ID]","success":true}],"total":3}
    --- stderr
    "#);
    let (one, two) = (chat_with_a_turn(&home), chat_with_a_turn(&home));
    assert_run!(home.run(&["chats", "delete", "--yes", "--json", &one, &two, &one]), @r#"
    exit: 0
    --- stdout
    {"success":true,"message":"2 chats deleted successfully","data":[{"id":"[ID]","success":true},{"id":"[ID]","success":true}],"total":2}
    --- stderr
    "#);
    home.run(&["chats", "list", "--json"])
        .stdout("{\"success\":true,\"data\":[],\"total\":0,\"page\":1}\n")
        .check();
}

#[tokio::test(flavor = "multi_thread")]
async fn prompts() {
    let (_upstream, home) = local().await;
    let id = home.triple(&["chats", "new"]).stdout.trim().to_owned();
    let prompt = "[[deltas:Xin chào |你好 |🙂]]";
    assert_run!(home.run(&["send", &id, prompt]), @r"
    exit: 0
    --- stdout
    Xin chào 你好 🙂
    --- stderr
    ");
    assert_run!(home.run(&["send", &id, prompt, "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":{"content":"Xin chào 你好 🙂","chat_id":"[ID]","message_id":"[ID]","model":"local-echo-max","usage":{"input_tokens":31,"output_tokens":4,"total_tokens":35}}}
    --- stderr
    "#);
    assert_run!(home.run(&["send", &id, prompt, "-o", "ndjson"]), @r#"
    exit: 0
    --- stdout
    {"event":"start","chat_id":"[ID]","message_id":"[ID]","model":"local-echo-max"}
    {"event":"delta","content":"Xin chào "}
    {"event":"delta","content":"你好 "}
    {"event":"delta","content":"🙂"}
    {"event":"done","content":"Xin chào 你好 🙂","chat_id":"[ID]","message_id":"[ID]","model":"local-echo-max","usage":{"input_tokens":31,"output_tokens":4,"total_tokens":35}}
    --- stderr
    "#);
    assert_run!(home.run(&["send", &id, prompt, "-o", "ndjson", "--no-stream"]), @r#"
    exit: 0
    --- stdout
    {"event":"start","chat_id":"[ID]","message_id":"[ID]","model":"local-echo-max"}
    {"event":"done","content":"Xin chào 你好 🙂","chat_id":"[ID]","message_id":"[ID]","model":"local-echo-max","usage":{"input_tokens":31,"output_tokens":4,"total_tokens":35}}
    --- stderr
    "#);
    assert_run!(home.run(&["send", &id, prompt, "--think", "--search"]), @r"
    exit: 0
    --- stdout
    Let me look.

    Xin chào 你好 🙂
    --- stderr
    Understand the message
    The user writes: [[deltas:Xin chào |你好 |🙂]]

    Answer
    I will say it back and count it.

    searching: [[deltas:Xin chào |你好 |🙂]]; local upstream
    Sources:
      [1][3] Page 1 <https://pages.example/1>
      [2] Page 2 <https://pages.example/2>
    ");
    assert_run!(home.run(&["send", &id, prompt, "--think", "--search", "--no-stream"]), @r"
    exit: 0
    --- stdout
    Let me look.

    Xin chào 你好 🙂
    --- stderr
    Understand the message
    The user writes: [[deltas:Xin chào |你好 |🙂]]

    Answer
    I will say it back and count it.

    Sources:
      [1][3] Page 1 <https://pages.example/1>
      [2] Page 2 <https://pages.example/2>
    ");
    assert_run!(home.run(&["-q", "send", &id, prompt, "--think", "--search"]), @r"
    exit: 0
    --- stdout
    Let me look.

    Xin chào 你好 🙂
    --- stderr
    ");
    assert_run!(home.run(&["quick", prompt]), @r"
    exit: 0
    --- stdout
    Xin chào 你好 🙂
    --- stderr
    chat: [ID]
    ");
    assert_run!(home.run(&["quick", prompt, "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":{"content":"Xin chào 你好 🙂","chat_id":"[ID]","message_id":"[ID]","model":"local-echo-max","usage":{"input_tokens":31,"output_tokens":4,"total_tokens":35}},"chat_id":"[ID]"}
    --- stderr
    "#);
    assert_run!(home.run(&["quick", "--new", prompt]), @r"
    exit: 0
    --- stdout
    Xin chào 你好 🙂
    --- stderr
    chat: [ID]
    ");
    assert_run!(home.run(&["quick", "--ephemeral", prompt]), @r"
    exit: 0
    --- stdout
    Xin chào 你好 🙂
    --- stderr
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_creates_the_first_chat_and_reuses_the_most_recent_one() {
    let (_upstream, home) = local().await;
    let count = || home.triple(&["chats", "list"]).stdout.lines().count();
    let chat_of = |arguments: &[&str]| {
        let stderr = home.triple(arguments).stderr;
        stderr.strip_prefix("chat: ").map(|id| id.trim().to_owned()).expect("a chat")
    };
    let first = chat_of(&["quick", "one"]);
    assert_eq!(count(), 1);
    assert_eq!(chat_of(&["quick", "two"]), first);
    assert_ne!(chat_of(&["quick", "--new", "three"]), first);
    assert_eq!(count(), 2);
    home.triple(&["quick", "--ephemeral", "four"]);
    assert_eq!(home.triple(&["quick", "--ephemeral", "[[fault:F33]] five"]).status, 6);
    assert_eq!(count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_makes_quick_start_a_new_chat() {
    let (_upstream, mut home) = local().await;
    home.set("QWENCTL_QUICK", "new");
    let count = |arguments: &[&str]| {
        assert_eq!(home.triple(arguments).status, 0, "{arguments:?}");
        home.triple(&["chats", "list"]).stdout.lines().count()
    };
    assert_eq!(count(&["quick", "one"]), 1);
    assert_eq!(count(&["quick", "two"]), 2);
    assert_eq!(count(&["quick", "-c", "three"]), 2);
    assert_eq!(count(&["quick", "--continue", "four"]), 2);
    assert_eq!(home.triple(&["quick", "-c", "--new", "five"]).status, 2);
    home.set("QWENCTL_QUICK", "neu");
    let wrong = home.triple(&["quick", "six"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.stderr.contains("QWENCTL_QUICK must be `recent` or `new`"), "{}", wrong.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_skips_listed_chats_that_no_longer_exist() {
    for arguments in [vec!["quick", "Hello"], vec!["quick", "--model", "m", "Hello"]] {
        let upstream = Upstream::start().await;
        let home = Home::at(&upstream.origin(), &token("t", 90_000));
        upstream.always(CHATS, || envelope(json!([row(1), row(2), row(0xc1)])));
        for ghost in [1, 2] {
            upstream.on(&format!("GET /api/v2/chats/c0000000-0000-4000-8000-{ghost:012x}"), gone());
        }
        upstream.on(CHAT, one_turn(&answer(R1, U1, "Hi")));
        upstream.on(COMPLETIONS, whole("Hello again"));

        let done = home.triple(&arguments);

        assert_eq!((done.status, done.stdout.as_str()), (0, "Hello again\n"), "{}", done.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quick_skips_a_bounded_number_of_chats() {
    let upstream = Upstream::start().await;
    let home = Home::at(&upstream.origin(), &token("t", 90_000));
    upstream.always(CHATS, || envelope((1..=60).map(row).collect()));
    for ghost in 1..=4 {
        upstream.on(&format!("GET /api/v2/chats/c0000000-0000-4000-8000-{ghost:012x}"), gone());
    }

    assert_eq!(home.triple(&["quick", "Hello"]).status, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn account() {
    let (_upstream, home) = local().await;
    assert_run!(home.run(&["models"]), @r"
    exit: 0
    --- stdout
    local-echo-max	Local-Echo-Max	262144	thinking,search,vision,document
    local-echo-plus	Local-Echo-Plus	262144	thinking,search,document
    local-echo-flash	Local-Echo-Flash	262144	document
    --- stderr
    ");
    assert_run!(home.run(&["models", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":[{"id":"local-echo-max","name":"Local-Echo-Max","description":"Repeats the prompt; thinks and searches on request.","max_context_length":262144,"max_generation_length":32768,"abilities":{"thinking":true,"search":true,"vision":true,"document":true,"video":false,"audio":false},"chat_types":["t2t","t2i","search"]},{"id":"local-echo-plus","name":"Local-Echo-Plus","description":"Repeats the prompt; thinks on request.","max_context_length":262144,"max_generation_length":32768,"abilities":{"thinking":true,"search":true,"vision":false,"document":true,"video":false,"audio":false},"chat_types":["t2t","search"]},{"id":"local-echo-flash","name":"Local-Echo-Flash","description":"Repeats the prompt.","max_context_length":262144,"max_generation_length":32768,"abilities":{"thinking":false,"search":false,"vision":false,"document":true,"video":false,"audio":false},"chat_types":["t2t"]}]}
    --- stderr
    "#);
    assert_run!(home.run(&["status"]), @r"
    exit: 0
    --- stdout
    signed in
    kind	token of the kind before October 2026
    expires	[TIME] (in [TIME])
    --- stderr
    ");
    assert_run!(home.run(&["status", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":true,"token":{"kind":"legacy","expires_at":[N],"expires_in":[N],"refreshable":false}}
    --- stderr
    "#);
    assert_run!(home.run(&["stats"]), @r"
    exit: 0
    --- stdout
    chats	0
    name	Local User
    email	local@example.test
    token expires	[TIME]
    --- stderr
    ");
    assert_run!(home.run(&["stats", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"stats":{"total_chats":0,"user":{"name":"Local User","email":"local@example.test"},"token_expires_at":[N]}}
    --- stderr
    "#);
    assert_run!(home.run(&["token", "info"]), @r"
    exit: 0
    --- stdout
    source	QWEN_TOKEN
    token	…[TAIL]
    account	[ID]
    kind	token of the kind before October 2026
    expires	[TIME] (in [TIME])
    refresh token	none
    --- stderr
    ");
    assert_run!(home.run(&["token", "info", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"user":{"id":"[ID]"},"expires_at":[N],"expires_in":[N],"refreshable":false,"source":"environment","source_name":"QWEN_TOKEN","token":"…[TAIL]","kind":"legacy"}
    --- stderr
    "#);
    assert_run!(home.run(&["token", "info", "--check", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"user":{"id":"[ID]","email":"local@example.test","name":"Local User"},"expires_at":[N],"expires_in":[N],"refreshable":false,"source":"environment","source_name":"QWEN_TOKEN","token":"…[TAIL]","kind":"legacy"}
    --- stderr
    "#);
    assert_run!(home.run(&["token", "refresh"]), @r"
    exit: 0
    --- stdout
    source	QWEN_TOKEN
    token	…[TAIL]
    account	[ID]
    name	Local User
    email	local@example.test
    kind	15-minute access token
    expires	[TIME] (in [TIME])
    refresh token	none
    --- stderr
    ");
    assert_run!(home.run(&["token", "refresh", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"token":"…[TAIL]","expires_at":[N],"user":{"id":"[ID]","email":"local@example.test","name":"Local User"}}
    --- stderr
    "#);
}

#[test]
fn status_without_a_token_is_signed_out() {
    let home = Home::new();
    assert_run!(home.run(&["status"]), @r"
    exit: 4
    --- stdout
    not signed in
    --- stderr
    ");
    assert_run!(home.run(&["status", "--json"]), @r#"
    exit: 4
    --- stdout
    {"success":true,"data":false}
    --- stderr
    "#);
}

#[test]
#[allow(clippy::too_many_lines, reason = "snapshots")]
fn config() {
    let home = Home::new();
    assert_run!(home.run(&["config", "path"]), @r"
    exit: 0
    --- stdout
    config file	[HOME]/.config/qwenctl/config.toml
    credentials	[HOME]/.config/qwenctl/credentials.toml
    data	[HOME]/.local/share/qwenctl
    --- stderr
    ");
    assert_run!(home.run(&["config", "path", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":{"config_file":"[HOME]/.config/qwenctl/config.toml","credentials_file":"[HOME]/.config/qwenctl/credentials.toml","data_dir":"[HOME]/.local/share/qwenctl"}}
    --- stderr
    "#);
    let run =
        |arguments| home.run(arguments).env("QWENCTL_MODEL", "qwen3-max").env("QWEN_COOKIE", "a=b");
    assert_run!(run(&["config", "show"]), @r"
    exit: 0
    --- stdout
    api_url	https://chat.qwen.ai/api
    auth_url	https://auth.qwen.ai
    model	qwen3-max
    quick	recent
    highlight	true
    proxy	
    ca_file	
    connect_timeout	10s
    idle_timeout	3m
    max_time	off
    prompt_warning	102400
    prompt_limit	184320
    long_as_file	auto
    private_urls	false
    cookie	(hidden)
    carrier	cookie
    headers	
    user_agent	qwenctl/0.1.0
    web_version	0.3.12
    data_dir	[HOME]/.local/share/qwenctl
    archive	auto
    trash_keep	30d
    delete_grace	10s
    archive_keep	off
    archive_thinking	true
    sync_rate	3 per second
    sync_every	off
    log	info
    rate_limit	
    rate_limit_send	
    engine	echo
    engine_model	
    engine_context	
    account	
    token_file	
    engine_key	
    secret_key	
    --- stderr
    ");
    assert_run!(run(&["config", "show", "--origin", "--idle-timeout", "90"]), @r"
    exit: 0
    --- stdout
    api_url	https://chat.qwen.ai/api	default
    auth_url	https://auth.qwen.ai	default
    model	qwen3-max	QWENCTL_MODEL
    quick	recent	default
    highlight	true	default
    proxy		default
    ca_file		default
    connect_timeout	10s	default
    idle_timeout	90s	--idle-timeout
    max_time	off	default
    prompt_warning	102400	default
    prompt_limit	184320	default
    long_as_file	auto	default
    private_urls	false	default
    cookie	(hidden)	QWEN_COOKIE
    carrier	cookie	default
    headers		default
    user_agent	qwenctl/0.1.0	default
    web_version	0.3.12	default
    data_dir	[HOME]/.local/share/qwenctl	default
    archive	auto	default
    trash_keep	30d	default
    delete_grace	10s	default
    archive_keep	off	default
    archive_thinking	true	default
    sync_rate	3 per second	default
    sync_every	off	default
    log	info	default
    rate_limit		default
    rate_limit_send		default
    engine	echo	default
    engine_model		default
    engine_context		default
    account		default
    token_file		default
    engine_key		default
    secret_key		default
    --- stderr
    ");
    assert_run!(run(&["config", "show", "--origin", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":[{"key":"api_url","value":"https://chat.qwen.ai/api","origin":"default"},{"key":"auth_url","value":"https://auth.qwen.ai","origin":"default"},{"key":"model","value":"qwen3-max","origin":"QWENCTL_MODEL"},{"key":"quick","value":"recent","origin":"default"},{"key":"highlight","value":"true","origin":"default"},{"key":"proxy","value":null,"origin":"default"},{"key":"ca_file","value":null,"origin":"default"},{"key":"connect_timeout","value":"10s","origin":"default"},{"key":"idle_timeout","value":"3m","origin":"default"},{"key":"max_time","value":"off","origin":"default"},{"key":"prompt_warning","value":"102400","origin":"default"},{"key":"prompt_limit","value":"184320","origin":"default"},{"key":"long_as_file","value":"auto","origin":"default"},{"key":"private_urls","value":"false","origin":"default"},{"key":"cookie","value":"(hidden)","origin":"QWEN_COOKIE"},{"key":"carrier","value":"cookie","origin":"default"},{"key":"headers","value":null,"origin":"default"},{"key":"user_agent","value":"qwenctl/0.1.0","origin":"default"},{"key":"web_version","value":"0.3.12","origin":"default"},{"key":"data_dir","value":"[HOME]/.local/share/qwenctl","origin":"default"},{"key":"archive","value":"auto","origin":"default"},{"key":"trash_keep","value":"30d","origin":"default"},{"key":"delete_grace","value":"10s","origin":"default"},{"key":"archive_keep","value":"off","origin":"default"},{"key":"archive_thinking","value":"true","origin":"default"},{"key":"sync_rate","value":"3 per second","origin":"default"},{"key":"sync_every","value":"off","origin":"default"},{"key":"log","value":"info","origin":"default"},{"key":"rate_limit","value":null,"origin":"default"},{"key":"rate_limit_send","value":null,"origin":"default"},{"key":"engine","value":"echo","origin":"default"},{"key":"engine_model","value":null,"origin":"default"},{"key":"engine_context","value":null,"origin":"default"},{"key":"account","value":null,"origin":"default"},{"key":"token_file","value":null,"origin":"default"},{"key":"engine_key","value":null,"origin":"default"},{"key":"secret_key","value":null,"origin":"default"}]}
    --- stderr
    "#);
    assert!(!home.config_file().exists(), "reading made a config file");
}

#[test]
fn the_local_upstream_uses_the_data_directory_and_needs_no_token() {
    let home = Home::new();
    let prompt = "[[deltas:Xin chào 你好 🙂]]";
    assert_run!(home.run(&["--local", "quick", prompt]), @r"
    exit: 0
    --- stdout
    Xin chào 你好 🙂
    --- stderr
    local upstream: made-up answers, no account, no network
    chat: [ID]
    ");
    assert_run!(home.run(&["--local", "quick", prompt, "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"data":{"content":"Xin chào 你好 🙂","chat_id":"[ID]","message_id":"[ID]","model":"local-echo-max","usage":{"input_tokens":29,"output_tokens":4,"total_tokens":33}},"chat_id":"[ID]"}
    --- stderr
    "#);
    assert_run!(home.run(&["--local", "stats", "--json"]), @r#"
    exit: 0
    --- stdout
    {"success":true,"stats":{"total_chats":1,"user":{"name":"Local User","email":"local@example.test"},"token_expires_at":[N],"upstream":"local"}}
    --- stderr
    "#);
    assert_run!(home.run(&["--local", "token", "set"]), @r"
    exit: 2
    --- stdout
    --- stderr
    error: the local upstream has its own token, which is not stored
    hint: leave out `--local` to store the token of your account
    ");
    assert_run!(home.run(&["--local", "token", "info"]), @r"
    exit: 0
    --- stdout
    source	the local upstream
    token	…[TAIL]
    account	[ID]
    kind	token of the kind before October 2026
    expires	[TIME] (in [TIME])
    refresh token	yes
    --- stderr
    ");
    assert!(home.path().join(".local/share/qwenctl/local.sqlite3").exists());
    assert!(!home.path().join(".config").exists(), "the local upstream's token was stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_upstream_runs_alone_until_it_is_interrupted() {
    let home = Home::new();
    let mut alone = home.start(&["local", "--write-token", "token"]);
    let lines = [alone.line(), alone.line(), alone.line()];
    let origin = lines[1].strip_prefix("QWEN_AUTH_URL=").expect("an origin");
    assert_eq!(lines[0], format!("QWEN_API_URL={origin}/api"));
    assert_eq!(lines[2], "QWENCTL_TOKEN_FILE='token'");
    let list = home
        .run(&["chats", "list", "--json"])
        .env("QWEN_API_URL", &format!("{origin}/api"))
        .env("QWENCTL_TOKEN_FILE", "token")
        .triple();
    assert_eq!((list.status, list.stderr.as_str()), (0, ""));
    let mode = std::fs::metadata(home.path().join("token")).expect("the token");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600);
    alone.signal("INT");
    assert_eq!(alone.end().status, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_of_the_local_upstream_is_printed_on_request_only() {
    let home = Home::new();
    let mut silent = home.start(&["local", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&silent.line()).expect("a document");
    assert!(document["data"]["api_url"].is_string() && document["data"]["token"].is_null());
    silent.signal("TERM");
    assert_eq!(silent.end().status, 0);
    let mut open = home.start(&["local", "--json", "--print-token"]);
    let document: serde_json::Value = serde_json::from_str(&open.line()).expect("a document");
    assert!(document["data"]["token"].as_str().is_some_and(|token| token.split('.').count() == 3));
    open.signal("TERM");
    assert_eq!(open.end().status, 0);
}

#[test]
fn the_man_page_is_generated_from_the_clap_tree() {
    let home = Home::new();
    let page = home.triple(&["man"]);
    assert_eq!((page.status, page.stderr.as_str()), (0, ""));
    for part in [".TH qwenctl 1", "\\-\\-idle\\-timeout", "qwenctl\\-chats", "browser_check"] {
        assert!(page.stdout.contains(part), "{part}");
    }
    assert_eq!(home.triple(&["man", "--all", "."]).status, 0);
    assert!(home.path().join("qwenctl-chats-list.1").exists());
    assert_eq!(home.triple(&["man", "--all", "qwenctl.1/x"]).status, 2);
}

/// A home with chats of these ids.
async fn chats_with_ids(ids: &[&str]) -> (Upstream, Home) {
    let upstream = Upstream::start().await;
    let home = Home::with(&upstream);
    let rows: Vec<Value> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let mut row = row(number);
            row["id"] = json!(id);
            row
        })
        .collect();
    upstream.always(CHATS, move || envelope(json!(rows)));
    for page in 2..=4 {
        upstream.always(&format!("GET /api/v2/chats/?page={page}"), || envelope(json!([])));
    }
    for id in ids {
        let id = (*id).to_owned();
        upstream.always(&format!("GET /api/v2/chats/{id}"), move || {
            let mut chat = detail(&[]);
            chat["id"] = json!(id);
            envelope(chat)
        });
    }
    (upstream, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_named_by_a_unique_beginning_or_its_row() {
    const ONE: &str = "2b8ea2bf-0000-4000-8000-000000000001";
    const TWO: &str = "2b8e1111-0000-4000-8000-000000000002";
    let (_upstream, home) = chats_with_ids(&[ONE, TWO]).await;
    let shown = |named: &str| {
        let run = home.triple(&["chats", "show", named, "--json"]);
        let document: Value = serde_json::from_str(&run.stdout).expect("a document");
        (run.status, document)
    };
    for (named, id) in
        [("2b8ea2bf", ONE), ("2B8EA", ONE), ("2b8e1", TWO), ("last", ONE), ("@2", TWO), (TWO, TWO)]
    {
        let (status, document) = shown(named);
        assert_eq!((status, &document["data"]["id"]), (0, &json!(id)), "{named}");
    }
    let (status, document) = shown("2b8e");
    assert_eq!(status, 2, "{document}");
    let hint = document["hint"].as_str().expect("a hint");
    assert!(hint.contains(ONE) && hint.contains(TWO), "{hint}");
    assert_eq!((shown("abcd1234").0, shown("@3").0, shown("@0").0), (5, 5, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_about_a_chat_takes_the_short_names() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    let short = &id[..8];
    assert_eq!(home.triple(&["-q", "send", short, "[[deltas:yes]]"]).stdout, "yes\n");
    assert_eq!(home.triple(&["-q", "send", "last", "[[deltas:yes]]"]).stdout, "yes\n");
    assert_eq!(home.triple(&["chats", "rename", "@1", "T"]).stdout, format!("renamed {id}\n"));
    assert_eq!(home.triple(&["chats", "ls"]).stdout.split('\t').nth(1), Some("T"));
    let deleted = format!("deleted {id}\n");
    assert_eq!(home.triple(&["chats", "rm", "--yes", short, &id]).stdout, deleted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_list_names_the_number_of_all_chats() {
    let (_upstream, home) = local().await;
    for _ in 0..3 {
        chat_with_a_turn(&home);
    }
    let list = |more: &[&str]| -> Value {
        let run = home.triple(&[&["chats", "list", "--json"], more].concat());
        serde_json::from_str(&run.stdout).expect("a document")
    };
    let limited = list(&["--limit", "1"]);
    assert_eq!((&limited["total"], &limited["total_all"]), (&json!(1), &json!(3)));
    assert_eq!(list(&["--all"])["total"], 3);
    assert_eq!(list(&[]).get("total_all"), None);
    let lines = home.triple(&["chats", "list", "--all", "-o", "ndjson"]).stdout;
    let ids: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a chat")["id"].clone())
        .collect();
    assert_eq!(ids.len(), 3, "{lines}");
    for list in [&["models"][..], &["config", "show"]] {
        let lines = home.triple(&[list, &["-o", "ndjson"]].concat()).stdout;
        assert!(lines.lines().count() > 1 && !lines.contains("success"), "{lines}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_chats_are_deleted_with_few_requests_and_a_result_for_each() {
    const BATCH: &str = "POST /api/v2/chats/batch_delete";
    let ids = ["chat-1", "chat-2", "chat-3", "chat-4", "chat-9"];
    let rows: Vec<_> = ids[..4].iter().map(|id| json!({"id": id, "title": "T"})).collect();
    for (is_there, lost) in [(true, false), (false, false), (false, true)] {
        let upstream = Upstream::start().await;
        let home = Home::with(&upstream);
        upstream.on("GET /api/v2/chats/?page=1", bodies::envelope(json!(rows)));
        let answer = match (is_there, lost) {
            (true, _) => bodies::envelope(json!({"status": true})),
            (_, true) => bodies::gateway_page(504),
            _ => bodies::refusal("Not_Found", "no such route"),
        };
        upstream.on(BATCH, answer);
        for id in ids[..4].iter().filter(|_| !is_there) {
            let gone =
                if lost { bodies::gone() } else { bodies::envelope(json!({"status": true})) };
            upstream.on(&format!("DELETE /api/v2/chats/{id}"), gone);
        }
        upstream.on("DELETE /api/v2/chats/chat-9", bodies::gone());
        let run = home.triple(&[&["chats", "delete", "--yes", "--json"], &ids[..]].concat());
        let document: Value = serde_json::from_str(&run.stdout).expect("a document");
        let results: Vec<_> =
            document["data"].as_array().expect("rows").iter().map(|row| &row["success"]).collect();
        assert_eq!(results, [true, true, true, true, false], "{document}");
        assert_eq!(run.status, 5);
        assert_eq!(upstream.request(BATCH).json(), json!({"ids": ids[..4]}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_are_pinned_archived_and_moved_to_projects() {
    let (upstream, home) = local().await;
    let peer = Peer::of(upstream);
    let project = peer.post("/api/v2/projects/", json!({"name": "Travel"})).await;
    assert_eq!(project["success"], true, "{project}");
    let ids = [(); 3].map(|()| chat_with_a_turn(&home));
    let list = |flags: &[&str]| home.triple(&[&["chats", "list"], flags].concat()).stdout;
    let done = |args: &[&str], said: &str| {
        let run = home.triple(&[&["chats"], args].concat());
        assert_eq!((run.status, run.stdout.as_str()), (0, said), "{run:?}");
    };
    done(&["pin", &ids[0]], &format!("pinned {}\n", ids[0]));
    done(&["pin", &ids[0]], &format!("pinned {}\n", ids[0]));
    done(&["archive", &ids[1]], &format!("archived {}\n", ids[1]));
    done(&["move", &ids[2], "Travel"], &format!("moved {} to Travel\n", ids[2]));
    assert!(list(&[]).starts_with(&ids[0]) && list(&[]).lines().count() == 1);
    assert!(list(&["--pinned"]).starts_with(&ids[0]));
    assert!(list(&["--archived"]).starts_with(&ids[1]));
    assert!(list(&["--project", "Travel"]).starts_with(&ids[2]));
    assert!(home.triple(&["chats", "projects"]).stdout.ends_with("\tTravel\n"));
    done(&["unpin", &ids[0]], &format!("unpinned {}\n", ids[0]));
    done(&["unarchive", &ids[1]], &format!("unarchived {}\n", ids[1]));
    done(&["move", &ids[2]], &format!("moved {} out of its project\n", ids[2]));
    assert_eq!(list(&[]).lines().count(), 3);
    assert_eq!(home.triple(&["chats", "move", &ids[0], "Nowhere"]).status, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_of_chats_that_do_not_exist_fails() {
    let (_upstream, home) = local().await;
    let id = chat_with_a_turn(&home);
    for ids in [&[C1][..], &[&id, C1]] {
        let run = home.triple(&[&["chats", "delete", "--dry-run"], ids].concat());
        assert_eq!((run.status, run.stdout.as_str()), (5, ""), "{run:?}");
    }
    assert_eq!(home.triple(&["chats", "list"]).stdout.lines().count(), 1);
}

#[test]
fn the_version_has_fields() {
    let run = Home::new().triple(&["--version", "--json"]);
    let document: Value = serde_json::from_str(&run.stdout).expect("a document");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        document["data"],
        json!({"text": format!("qwenctl {version}\n"), "name": "qwenctl", "version": version})
    );
}

#[test]
fn the_faults_are_listed_with_a_sentence_each() {
    let home = Home::new();
    let list = home.triple(&["local", "--list-faults"]);
    assert_eq!(list.status, 0, "{list:?}");
    assert!(list.stdout.lines().count() > 70 && list.stdout.starts_with("F1\t"), "{list:?}");
    assert!(list.stdout.lines().all(|line| line.split('\t').nth(1).is_some_and(|l| l.len() > 5)));
    let run = home.triple(&["--local", "quick", "[[fault:F999]] x"]);
    assert!(run.stderr.contains("warning: unknown fault `F999`; "), "{run:?}");
}

#[test]
fn the_man_pages_are_written_to_a_new_directory_and_refer_to_each_other() {
    let home = Home::new();
    let run = home.triple(&["man", "--all", "new/pages"]);
    assert_eq!(run.status, 0, "{run:?}");
    let page = |name: &str| {
        let path = home.path().join("new/pages").join(name);
        std::fs::read_to_string(path).expect(name)
    };
    let (all, one, topic) =
        (page("qwenctl.1"), page("qwenctl-chats-list.1"), page("qwenctl-errors.7"));
    for page in [&all, &one, &topic] {
        assert_eq!(page.matches(".SH \"SEE ALSO\"").count(), 1, "{page}");
    }
    assert!(all.contains("\\fBqwenctl\\-chats\\fR(1)") && one.contains("\\fBqwenctl\\fR(1)"));
    assert!(all.contains("\\fBqwenctl\\-errors\\fR(7)"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_beginning_of_an_id_is_named_and_capitals_are_accepted() {
    let (_upstream, home) = local().await;
    let id = home.triple(&["chats", "new"]).stdout.trim().to_owned();
    for length in 1..4 {
        let run = home.triple(&["chats", "show", &id[..length]]);
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(run.stderr.contains("at least 4 characters"), "{}", run.stderr);
    }
    for length in [4, 8, 36] {
        let run = home.triple(&["chats", "show", &id[..length].to_ascii_uppercase()]);
        assert_eq!(run.status, 0, "{length}: {}", run.stderr);
    }
}
