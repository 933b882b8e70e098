//! One turn of a chat: begun, saved while it runs, finished or stopped.
//!
//! A chat that is answering carries a *lease*: the response id and a time a few seconds ahead, which
//! the answering process renews. So a second turn is refused while an answer is running (protocol
//! 6.5), a stop frees the chat at once, and a killed process frees it when the lease expires.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::local::clock;

/// The maximum number of exchanges that are read back.
const MAX_EXCHANGES: usize = 10_000;

/// How far ahead a lease reaches, in milliseconds.
pub(crate) const LEASE: i64 = 3_000;

/// A turn to begin.
#[derive(Debug, Clone)]
pub(crate) struct NewTurn {
    pub chat_id: String,
    pub parent_id: Option<String>,
    /// Whether to refuse the turn if the parent is not the current message of the chat.
    pub follows_current: bool,
    /// Whether to answer an existing question again instead of storing a new one.
    pub regenerate: bool,
    pub prompt: String,
    /// The user message of the request, from which the stored one is made.
    pub message: Value,
    pub model: String,
    pub model_name: String,
    pub chat_type: String,
    /// When the answer becomes visible to readers, milliseconds since the epoch.
    pub visible_at: i64,
    /// The additional input for an engine, if the request has any.
    pub context: Option<Context>,
}

/// The input for an engine in addition to the messages of a chat. It is not part of the chat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Context {
    /// The system prompt. In a request `None` leaves the stored one in place.
    pub system: Option<String>,
    /// The exchanges before the first message, as JSON. In a request null leaves the stored ones.
    pub earlier: Value,
}

/// A turn that has begun.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    pub chat_id: String,
    pub user_id: String,
    pub response_id: String,
    /// Whether this turn stored the question, rather than found it.
    is_new_question: bool,
    /// What the chat showed before: current message, its answers, time of the last change.
    shown: (Option<String>, String, i64),
    context: Context,
}

/// A question and its answer, as they are stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub prompt: String,
    /// The user message.
    pub message: Value,
    pub answer: String,
}

/// Why a turn was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    NoSuchChat,
    InProgress,
    StaleParent,
}

/// The state of an answer, to be stored.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub chat_id: String,
    pub response_id: String,
    pub content_list: Value,
    pub text: String,
    pub error: Value,
    pub done: bool,
    pub stopped: bool,
    /// The title to write and when, milliseconds since the epoch.
    pub title: Option<(String, i64)>,
}

/// Checks the chat, its lease and the parent, then stores question and empty answer.
pub(crate) fn begin(
    connection: &Connection,
    turn: &NewTurn,
) -> rusqlite::Result<Result<Begun, Refused>> {
    expire_lease(connection, &turn.chat_id)?;
    let lease = connection
        .query_row("SELECT lease_response FROM chats WHERE id = ?1", [&turn.chat_id], |row| {
            row.get::<_, Option<String>>(0)
        })
        .optional()?;
    match lease {
        None => return Ok(Err(Refused::NoSuchChat)),
        Some(Some(_)) => return Ok(Err(Refused::InProgress)),
        Some(None) => {}
    }
    if let Some(parent) = &turn.parent_id
        && !is_answer(connection, &turn.chat_id, parent)?
    {
        return Ok(Err(Refused::StaleParent));
    }
    let shown: (Option<String>, _, _) = connection.query_row(
        "SELECT current_id, current_response_ids, updated_ms FROM chats WHERE id = ?1",
        [&turn.chat_id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    // Another process may have made a turn since the client read the chat.
    if turn.follows_current && shown.0.is_some() && shown.0 != turn.parent_id {
        return Ok(Err(Refused::StaleParent));
    }
    let context = context(connection, &turn.chat_id)?;
    if let Some(new) = &turn.context {
        let earlier = if new.earlier.is_null() { &context.earlier } else { &new.earlier };
        let system = new.system.as_ref().or(context.system.as_ref());
        let new = Context { system: system.cloned(), earlier: earlier.clone() };
        set_context(connection, &turn.chat_id, &new)?;
    }
    let asked_before = same_question(connection, turn)?;
    let is_new_question = asked_before.is_none();
    let user_id = match asked_before {
        Some(id) => id,
        None => store_question(connection, turn)?,
    };
    let response_id = store_answer(connection, turn, &user_id)?;
    connection.execute(
        "UPDATE chats SET current_id = ?2, current_response_ids = json_array(?2), updated_ms = ?3,
                lease_response = ?2, lease_until = ?4 WHERE id = ?1",
        params![turn.chat_id, response_id, clock::millis(), clock::millis() + LEASE],
    )?;
    let chat_id = turn.chat_id.clone();
    Ok(Ok(Begun { chat_id, user_id, response_id, is_new_question, shown, context }))
}

/// The question of an answer of this chat.
pub(crate) fn question_of(
    connection: &Connection,
    chat_id: &str,
    response_id: &str,
) -> rusqlite::Result<Option<String>> {
    let found =
        "SELECT parent_id FROM messages WHERE id = ?1 AND chat_id = ?2 AND role = 'assistant'";
    let found = connection.query_row(found, params![response_id, chat_id], |row| row.get(0));
    Ok(found.optional()?.flatten())
}

/// Undoes a turn that was refused before the first step: the chat is as before. Does nothing if the
/// turn was stopped meanwhile.
pub(crate) fn take_back(connection: &Connection, begun: &Begun) -> rusqlite::Result<()> {
    let chat_id = &begun.chat_id;
    if !renew(connection, chat_id, &begun.response_id)? {
        return Ok(());
    }
    connection.execute("DELETE FROM messages WHERE id = ?1", [&begun.response_id])?;
    if begun.is_new_question {
        connection.execute("DELETE FROM messages WHERE id = ?1", [&begun.user_id])?;
    }
    release(connection, chat_id)?;
    let (current, answers, updated) = &begun.shown;
    connection.execute(
        "UPDATE chats SET current_id = ?2, current_response_ids = ?3, updated_ms = ?4 WHERE id = ?1",
        params![chat_id, current, answers, updated],
    )?;
    set_context(connection, chat_id, &begun.context)
}

/// The input for an engine in addition to the messages of this chat.
pub(crate) fn context(connection: &Connection, chat_id: &str) -> rusqlite::Result<Context> {
    let stored = "SELECT system, earlier FROM chats WHERE id = ?1";
    let found = connection.query_row(stored, [chat_id], |row| {
        let earlier: String = row.get(1)?;
        Ok(Context {
            system: row.get(0)?,
            earlier: serde_json::from_str(&earlier).unwrap_or_default(),
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

fn set_context(connection: &Connection, chat_id: &str, context: &Context) -> rusqlite::Result<()> {
    let set = "UPDATE chats SET system = ?2, earlier = ?3 WHERE id = ?1";
    connection.execute(set, params![chat_id, context.system, context.earlier.to_string()])?;
    Ok(())
}

/// The exchanges from the answer `leaf` back to the root, newest first, up to `most` bytes
/// in all, images included. Unanswered prompts are left out.
pub(crate) fn branch(
    connection: &Connection,
    chat_id: &str,
    leaf: Option<&str>,
    most: usize,
) -> rusqlite::Result<Vec<Stored>> {
    let Some(leaf) = leaf else { return Ok(Vec::new()) };
    let mut statement = connection.prepare(
        "SELECT answer.text, asked.text, asked.body, asked.parent_id
         FROM messages answer JOIN messages asked ON asked.id = answer.parent_id
         WHERE answer.id = ?1 AND answer.chat_id = ?2 AND asked.chat_id = ?2",
    )?;
    let mut exchanges = Vec::new();
    let mut bytes = 0;
    let mut next = Some(leaf.to_owned());
    while let Some(id) = next {
        let found = statement.query_row(params![id, chat_id], |row| {
            let texts = (row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?);
            Ok((texts, row.get::<_, Option<String>>(3)?))
        });
        let Some(((answer, prompt, body), parent)) = found.optional()? else { break };
        let body: String = body;
        bytes += body.len().max(prompt.len()) + answer.len();
        // A tree has no cycles, but a file may be damaged.
        if bytes > most || exchanges.len() >= MAX_EXCHANGES {
            break;
        }
        if !answer.trim().is_empty() {
            let message = serde_json::from_str(&body).unwrap_or_default();
            exchanges.push(Stored { prompt, message, answer });
        }
        next = parent;
    }
    Ok(exchanges)
}

/// Renews the lease; `false` if it is lost because the answer was stopped or the chat deleted.
pub(crate) fn renew(
    connection: &Connection,
    chat_id: &str,
    response_id: &str,
) -> rusqlite::Result<bool> {
    let renewed = connection.execute(
        "UPDATE chats SET lease_until = ?3 WHERE id = ?1 AND lease_response = ?2",
        params![chat_id, response_id, clock::millis() + LEASE],
    )?;
    Ok(renewed > 0)
}

/// Stores the progress of an answer, if this process still holds its lease. Returns whether it does.
pub(crate) fn save(connection: &Connection, progress: &Progress) -> rusqlite::Result<bool> {
    if !renew(connection, &progress.chat_id, &progress.response_id)? {
        return Ok(false);
    }
    rewrite(connection, &progress.response_id, |body| {
        body["content_list"] = progress.content_list.clone();
        body["error"] = progress.error.clone();
        body["done"] = json!(progress.done);
        body["is_stop"] = json!(progress.stopped);
        if progress.done {
            body["extra"]["endTime"] = end_time();
        }
    })?;
    connection.execute(
        "UPDATE messages SET text = ?2 WHERE id = ?1",
        params![progress.response_id, progress.text],
    )?;
    if progress.done {
        release(connection, &progress.chat_id)?;
    }
    if let Some((title, due)) = &progress.title {
        connection.execute(
            "UPDATE chats SET title_next = ?2, title_due = ?3 WHERE id = ?1 AND titled = 0 AND title_next IS NULL",
            params![progress.chat_id, title, due],
        )?;
    }
    Ok(true)
}

/// Stops the answer that holds the chat's lease (any, or only the given one). Returns whether there
/// was one.
pub(crate) fn stop(
    connection: &Connection,
    chat_id: &str,
    response_id: Option<&str>,
) -> rusqlite::Result<bool> {
    expire_lease(connection, chat_id)?;
    let holder = lease_holder(connection, chat_id)?;
    let Some(holder) = holder.filter(|holder| response_id.is_none_or(|id| id == holder)) else {
        return Ok(false);
    };
    mark_stopped(connection, &holder)?;
    release(connection, chat_id)?;
    Ok(true)
}

/// Frees a chat whose answering process stopped renewing the lease; its text stays as a stopped answer.
pub(crate) fn expire_lease(connection: &Connection, chat_id: &str) -> rusqlite::Result<()> {
    let expired = connection
        .query_row(
            "SELECT lease_response FROM chats WHERE id = ?1 AND lease_response IS NOT NULL AND lease_until < ?2",
            params![chat_id, clock::millis()],
            |row| row.get::<_, String>(0),
        )
        .optional()?;
    let Some(response_id) = expired else { return Ok(()) };
    mark_stopped(connection, &response_id)?;
    release(connection, chat_id)
}

fn lease_holder(connection: &Connection, chat_id: &str) -> rusqlite::Result<Option<String>> {
    let held = "SELECT lease_response FROM chats WHERE id = ?1 AND lease_response IS NOT NULL";
    connection.query_row(held, [chat_id], |row| row.get(0)).optional()
}

fn release(connection: &Connection, chat_id: &str) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE chats SET lease_response = NULL, lease_until = 0, updated_ms = ?2 WHERE id = ?1",
        params![chat_id, clock::millis()],
    )?;
    Ok(())
}

fn mark_stopped(connection: &Connection, response_id: &str) -> rusqlite::Result<()> {
    rewrite(connection, response_id, |body| {
        body["done"] = json!(true);
        body["is_stop"] = json!(true);
        body["extra"]["endTime"] = end_time();
        for part in body["content_list"].as_array_mut().into_iter().flatten() {
            part["status"] = json!("finished");
        }
    })
}

fn rewrite(
    connection: &Connection,
    id: &str,
    change: impl FnOnce(&mut Value),
) -> rusqlite::Result<()> {
    let body = connection
        .query_row("SELECT body FROM messages WHERE id = ?1", [id], |row| row.get::<_, String>(0))
        .optional()?;
    let Some(mut body) = body.and_then(|body| serde_json::from_str(&body).ok()) else {
        return Ok(());
    };
    change(&mut body);
    connection
        .execute("UPDATE messages SET body = ?2 WHERE id = ?1", params![id, body.to_string()])?;
    Ok(())
}

fn is_answer(connection: &Connection, chat_id: &str, id: &str) -> rusqlite::Result<bool> {
    let found = connection
        .query_row(
            "SELECT 1 FROM messages WHERE id = ?1 AND chat_id = ?2 AND role = 'assistant'",
            params![id, chat_id],
            |_| Ok(()),
        )
        .optional()?;
    Ok(found.is_some())
}

/// The question that a regeneration answers again.
fn same_question(connection: &Connection, turn: &NewTurn) -> rusqlite::Result<Option<String>> {
    if !turn.regenerate {
        return Ok(None);
    }
    connection
        .query_row(
            "SELECT id FROM messages WHERE chat_id = ?1 AND role = 'user' AND parent_id IS ?2 AND text = ?3
             ORDER BY seq DESC LIMIT 1",
            params![turn.chat_id, turn.parent_id, turn.prompt],
            |row| row.get(0),
        )
        .optional()
}

fn store_question(connection: &Connection, turn: &NewTurn) -> rusqlite::Result<String> {
    let id = Uuid::new_v4().to_string();
    let sent = &turn.message;
    let mut body = json!({
        "id": id, "role": "user", "content": sent["content"], "models": [turn.model], "chat_type": turn.chat_type,
        "sub_chat_type": sent["sub_chat_type"], "edited": sent["user_action"] == "edit", "error": null,
        "extra": sent["extra"], "feature_config": sent["feature_config"], "parentId": turn.parent_id,
        "turn_id": null, "files": sent["files"], "timestamp": clock::seconds(),
    });
    if !body["files"].is_array() {
        body["files"] = json!([]);
    }
    insert(connection, turn, &body, "user", turn.parent_id.as_deref(), 0, &turn.prompt)?;
    Ok(id)
}

fn store_answer(
    connection: &Connection,
    turn: &NewTurn,
    user_id: &str,
) -> rusqlite::Result<String> {
    let id = Uuid::new_v4().to_string();
    let sent = &turn.message;
    let body = json!({
        "id": id, "role": "assistant", "content": "", "reasoning_content": null, "chat_type": turn.chat_type,
        "sub_chat_type": sent["sub_chat_type"], "model": turn.model, "modelName": turn.model_name, "modelIdx": 0,
        "parentId": user_id, "feature_config": sent["feature_config"], "content_list": [], "is_stop": false,
        "edited": false, "error": null, "meta": {}, "extra": {"meta": sent["extra"]["meta"]}, "feedbackId": null,
        "turn_id": null, "annotation": null, "done": false, "info": null, "timestamp": clock::seconds(),
    });
    insert(connection, turn, &body, "assistant", Some(user_id), turn.visible_at, "")?;
    Ok(id)
}

fn insert(
    connection: &Connection,
    turn: &NewTurn,
    body: &Value,
    role: &str,
    parent: Option<&str>,
    visible_at: i64,
    text: &str,
) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO messages (id, chat_id, parent_id, role, visible_at, text, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            body["id"].as_str(),
            turn.chat_id,
            parent,
            role,
            visible_at,
            text,
            body.to_string()
        ],
    )?;
    Ok(())
}

fn end_time() -> Value {
    let millis = u32::try_from(clock::millis() % 1000).unwrap_or_default();
    let seconds = i32::try_from(clock::seconds()).unwrap_or(i32::MAX);
    json!(f64::from(seconds) + f64::from(millis) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::store::chats::{self, NewChat};

    fn database() -> (Connection, String) {
        let connection = crate::local::store::schema::open(None).expect("in memory");
        let chat = NewChat {
            title: "New chat".to_owned(),
            chat_type: "t2t".to_owned(),
            chat_mode: "normal".to_owned(),
            project_id: None,
            models: json!(["m"]),
            timestamp: json!(1),
        };
        let id = chats::create(&connection, &chat).expect("created");
        (connection, id)
    }

    fn turn(chat_id: &str, parent_id: Option<&str>) -> NewTurn {
        NewTurn {
            chat_id: chat_id.to_owned(),
            parent_id: parent_id.map(str::to_owned),
            follows_current: false,
            regenerate: false,
            prompt: "Hello".to_owned(),
            message: json!({"content": "Hello"}),
            model: "m".to_owned(),
            model_name: "M".to_owned(),
            chat_type: "t2t".to_owned(),
            visible_at: 0,
            context: None,
        }
    }

    #[test]
    fn a_second_turn_is_refused_until_the_first_is_stopped() {
        let (connection, chat) = database();
        let first =
            begin(&connection, &turn(&chat, None)).expect("no database error").expect("begun");
        let again = begin(&connection, &turn(&chat, None)).expect("no database error");
        assert_eq!(again.expect_err("busy"), Refused::InProgress);
        assert!(stop(&connection, &chat, Some(&first.response_id)).expect("stopped"));
        assert!(!stop(&connection, &chat, Some(&first.response_id)).expect("already over"));
        assert!(
            begin(&connection, &turn(&chat, Some(&first.response_id)))
                .expect("no database error")
                .is_ok()
        );
    }

    #[test]
    fn a_silent_holder_loses_its_lease_and_its_answer_counts_as_stopped() {
        let (connection, chat) = database();
        let first =
            begin(&connection, &turn(&chat, None)).expect("no database error").expect("begun");
        connection.execute("UPDATE chats SET lease_until = 1", []).expect("time passes");
        let detail = chats::detail(&connection, &chat).expect("read").expect("there");
        let answer = &detail["chat"]["history"]["messages"][&first.response_id];
        assert_eq!((&answer["done"], &answer["is_stop"]), (&json!(true), &json!(true)));
        assert!(!renew(&connection, &chat, &first.response_id).expect("lost"));
    }

    #[test]
    fn the_parent_must_be_an_answer_of_this_chat() {
        let (connection, chat) = database();
        for parent in ["root", &chat] {
            let refused =
                begin(&connection, &turn(&chat, Some(parent))).expect("no database error");
            assert_eq!(refused.expect_err("stale"), Refused::StaleParent);
        }
    }

    #[test]
    fn a_turn_that_follows_the_current_message_is_no_sibling() {
        let (connection, chat) = database();
        let first = answered(&connection, &chat, None, "one");
        let second = answered(&connection, &chat, Some(&first), "two");
        for (parent, is_begun) in [(None, false), (Some(&first), false), (Some(&second), true)] {
            let parent = parent.map(String::as_str);
            let turn = NewTurn { follows_current: true, ..turn(&chat, parent) };
            assert_eq!(begin(&connection, &turn).expect("no error").is_ok(), is_begun);
        }
    }

    #[test]
    fn a_regenerated_answer_is_a_sibling() {
        let (connection, chat) = database();
        let first =
            begin(&connection, &turn(&chat, None)).expect("no database error").expect("begun");
        stop(&connection, &chat, None).expect("stopped");
        let again = NewTurn { regenerate: true, ..turn(&chat, None) };
        let second = begin(&connection, &again).expect("no database error").expect("begun");
        assert_eq!(first.user_id, second.user_id);
        let detail = chats::detail(&connection, &chat).expect("read").expect("there");
        let question = &detail["chat"]["history"]["messages"][&first.user_id];
        assert_eq!(question["childrenIds"], json!([first.response_id, second.response_id]));
        assert_eq!(detail["currentId"], json!(second.response_id));
    }

    fn answered(connection: &Connection, chat: &str, parent: Option<&str>, text: &str) -> String {
        let begun = begin(connection, &turn(chat, parent)).expect("no error").expect("begun");
        let progress = Progress {
            chat_id: chat.to_owned(),
            response_id: begun.response_id.clone(),
            content_list: json!([]),
            text: text.to_owned(),
            error: Value::Null,
            done: true,
            stopped: false,
            title: None,
        };
        assert!(save(connection, &progress).expect("saved"));
        begun.response_id
    }

    #[test]
    fn a_branch_is_read_back_without_what_was_never_answered() {
        let (connection, chat) = database();
        let first = answered(&connection, &chat, None, "one");
        answered(&connection, &chat, Some(&first), "another branch");
        let empty = answered(&connection, &chat, Some(&first), "");
        let last = answered(&connection, &chat, Some(&empty), "two");
        let read = |leaf: Option<&str>, most| {
            let exchanges = branch(&connection, &chat, leaf, most).expect("read");
            exchanges.into_iter().map(|exchange| exchange.answer).collect::<Vec<_>>()
        };
        assert_eq!(read(Some(&last), 10_000), ["two", "one"]);
        let body = "SELECT asked.body FROM messages answer JOIN messages asked ON asked.id = answer.parent_id WHERE answer.id = ?1";
        let body: String = connection.query_row(body, [&last], |row| row.get(0)).expect("a body");
        assert_eq!(read(Some(&last), body.len() + "two".len()), ["two"]);
        assert!(read(Some(&last), body.len() + "tw".len()).is_empty(), "pictures count");
        assert!(read(None, 1000).is_empty() && read(Some("elsewhere"), 1000).is_empty());
    }

    #[test]
    fn a_turn_that_is_taken_back_leaves_no_trace() {
        let (connection, chat) = database();
        let first = answered(&connection, &chat, None, "one");
        let shown = chats::detail(&connection, &chat).expect("read").expect("there");
        for again in [false, true] {
            let parent = if again { None } else { Some(first.as_str()) };
            let context = Context { system: Some("new".to_owned()), earlier: json!([]) };
            let turn = NewTurn { regenerate: again, context: Some(context), ..turn(&chat, parent) };
            let begun = begin(&connection, &turn).expect("no error").expect("begun");
            assert_eq!(
                super::context(&connection, &chat).expect("read"),
                turn.context.expect("one")
            );
            take_back(&connection, &begun).expect("taken back");
            let now = chats::detail(&connection, &chat).expect("read").expect("there");
            assert_eq!(now, shown);
            assert_eq!(super::context(&connection, &chat).expect("read").system, None);
        }
    }

    #[test]
    fn an_absent_part_of_the_context_leaves_the_stored_one() {
        let (connection, chat) = database();
        let system = |text: &str| Some(text.to_owned());
        let earlier = json!([{"prompt": "1", "answer": "2"}]);
        for (sent, stored) in [
            ((system("one"), earlier.clone()), (system("one"), earlier.clone())),
            ((None, Value::Null), (system("one"), earlier.clone())),
            ((system("two"), Value::Null), (system("two"), earlier)),
            ((None, json!([])), (system("two"), json!([]))),
        ] {
            let [sent, stored] =
                [sent, stored].map(|(system, earlier)| Context { system, earlier });
            let turn = NewTurn { context: Some(sent), ..turn(&chat, None) };
            begin(&connection, &turn).expect("no error").expect("begun");
            stop(&connection, &chat, None).expect("stopped");
            assert_eq!(context(&connection, &chat).expect("read"), stored);
        }
    }

    #[test]
    fn a_turn_that_was_stopped_is_not_taken_back() {
        let (connection, chat) = database();
        let begun = begin(&connection, &turn(&chat, None)).expect("no error").expect("begun");
        stop(&connection, &chat, None).expect("stopped");
        take_back(&connection, &begun).expect("nothing to do");
        let detail = chats::detail(&connection, &chat).expect("read").expect("there");
        assert_eq!(detail["currentId"], json!(begun.response_id));
    }
}
