//! Statistics of the archived chats.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::schema;
use super::store::{AccountHash, restricting_account};
use crate::domain::Result;

/// The most chats in a table by chat.
const MAX_CHATS: i64 = 100;
/// Times in one part have the same offset to UTC, in seconds.
const PART: i64 = 900;

/// What messages are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The month, in the time zone of the system.
    Month,
    /// The model that answered.
    Model,
    /// The day of the week.
    Weekday,
    /// The chat: those with the most messages.
    Chat,
}

/// The messages of one group.
#[derive(Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name: a month such as `2026-11`, a model, a weekday, or the title of a chat.
    pub name: String,
    /// The chat of a group by chat.
    pub chat_id: Option<String>,
    /// Messages.
    pub messages: i64,
    /// Their characters.
    pub characters: i64,
}

/// The longest chat.
#[derive(Clone, PartialEq, Eq)]
pub struct Longest {
    /// Its id.
    pub chat_id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its messages.
    pub messages: i64,
}

/// Statistics of an archive.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Chats with a message.
    pub chats: i64,
    /// Messages.
    pub messages: i64,
    /// Their characters.
    pub characters: i64,
    /// The chat with the most messages.
    pub longest: Option<Longest>,
    /// Messages by the hour of the day, in the time zone of the system.
    pub hours: [i64; 24],
    /// Messages by group.
    pub groups: Vec<Group>,
}

/// Statistics of the archive at `path`: of all accounts or of one, since a time in seconds since 1970.
/// `None` if there is no archive.
///
/// # Errors
/// Those of the file.
pub fn statistics(
    path: &Path,
    account: Option<&AccountHash>,
    by: By,
    since: Option<i64>,
) -> Result<Option<Statistics>> {
    let Some(connection) = schema::open_to_read(path)? else { return Ok(None) };
    let read = || {
        let account = restricting_account(&connection, account)?;
        collect(&connection, account, by, since)
    };
    read().map(Some).map_err(|fault| schema::fault_of(path, &fault))
}

fn collect(
    connection: &Connection,
    account: Option<i64>,
    by: By,
    since: Option<i64>,
) -> rusqlite::Result<Statistics> {
    let mut statistics = Statistics::default();
    let of_account = "chat IN (SELECT n FROM chats WHERE account = ?1)";
    // With one account the index on the time has all that is needed.
    let (source, restricted) = match account {
        None => ("messages INDEXED BY messages_by_time", "?1 IS NULL"),
        Some(_) => ("messages", of_account),
    };
    let since = since.unwrap_or(i64::MIN);
    let sql = format!(
        "SELECT at, model, role, chars FROM {source}
         WHERE {restricted} AND (at >= ?2 OR (at IS NULL AND ?2 = {})) ORDER BY at",
        i64::MIN
    );
    let mut find = connection.prepare(&sql)?;
    let mut rows = find.query(params![account, since])?;
    let mut clock = Clock::new();
    let mut groups = Groups::default();
    while let Some(row) = rows.next()? {
        let (at, characters): (Option<i64>, i64) = (row.get(0)?, row.get(3)?);
        statistics.messages += 1;
        statistics.characters += characters;
        if let Some(at) = at {
            clock.set(at);
            statistics.hours[clock.hour] += 1;
        }
        match by {
            By::Month if at.is_some() => groups.add(&clock.month, characters),
            By::Weekday if at.is_some() => groups.add(WEEKDAYS[clock.weekday], characters),
            By::Model if row.get_ref(2)?.as_str()? != "user" => {
                groups.add(row.get_ref(1)?.as_str_or_null()?.unwrap_or("unknown"), characters);
            }
            _ => {}
        }
    }
    let sql = format!(
        "SELECT c.id, title, count(*), sum(chars) FROM messages m JOIN chats c ON c.n = m.chat
         WHERE (?1 IS NULL OR account = ?1) AND (at >= ?2 OR ?2 = {})
         GROUP BY c.n ORDER BY 3 DESC, c.n LIMIT ?3",
        i64::MIN
    );
    let most = if by == By::Chat { MAX_CHATS } else { 1 };
    let mut find = connection.prepare(&sql)?;
    let chats = find.query_map(params![account, since, most], |row| {
        let (id, title): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let name = title.clone().unwrap_or_else(|| id.clone());
        let group = Group {
            name,
            chat_id: Some(id.clone()),
            messages: row.get(2)?,
            characters: row.get(3)?,
        };
        Ok((Longest { chat_id: id, title, messages: group.messages }, group))
    })?;
    for (at, chat) in chats.enumerate() {
        let (longest, group) = chat?;
        if at == 0 {
            statistics.longest = Some(longest);
        }
        if by == By::Chat {
            groups.0.push(group);
        }
    }
    let sql = format!(
        "SELECT count(DISTINCT chat) FROM messages
         WHERE (?1 IS NULL OR {of_account}) AND (at >= ?2 OR ?2 = {})",
        i64::MIN
    );
    statistics.chats = connection.query_row(&sql, params![account, since], |row| row.get(0))?;
    statistics.groups = groups.0;
    match by {
        By::Weekday => statistics
            .groups
            .sort_by_key(|group| WEEKDAYS.iter().position(|day| *day == group.name)),
        By::Model => statistics.groups.sort_by_key(|group| std::cmp::Reverse(group.messages)),
        By::Month | By::Chat => {}
    }
    Ok(statistics)
}

const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The groups in the order in which they appear; there are few.
#[derive(Default)]
struct Groups(Vec<Group>);

impl Groups {
    fn add(&mut self, name: &str, characters: i64) {
        // Most often it is the group of the row before.
        let place = self.0.iter().rposition(|group| group.name == name).unwrap_or_else(|| {
            self.0.push(Group { name: name.to_owned(), chat_id: None, messages: 0, characters: 0 });
            self.0.len() - 1
        });
        self.0[place].messages += 1;
        self.0[place].characters += characters;
    }
}

/// The time of the last row in the time zone of the system.
struct Clock {
    zone: TimeZone,
    part: Option<i64>,
    month: String,
    weekday: usize,
    hour: usize,
}

impl Clock {
    fn new() -> Self {
        Self { zone: TimeZone::system(), part: None, month: String::new(), weekday: 0, hour: 0 }
    }

    fn set(&mut self, at: i64) {
        let part = at.div_euclid(PART);
        if self.part == Some(part) {
            return;
        }
        self.part = Some(part);
        let time = Timestamp::from_second(at).unwrap_or_default().to_zoned(self.zone.clone());
        self.month = time.strftime("%Y-%m").to_string();
        self.weekday = usize::try_from(time.weekday().since(Weekday::Monday)).unwrap_or(0);
        self.hour = usize::try_from(time.hour()).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::samples::{chat, hash, message, new};

    #[test]
    fn messages_are_counted_by_month_model_weekday_and_chat() {
        let (directory, mut archive, account) = new();
        // The middle of a day is on the same day in every time zone of a person.
        let noon = |day: i64| 1_790_000_000 / 86_400 * 86_400 + day * 86_400 + 43_200;
        let mut other = message("m4", "assistant", "four!", noon(40));
        other.model = Some("qwen-other".to_owned());
        let two =
            [message("m1", "user", "one", noon(0)), message("m2", "assistant", "two", noon(0))];
        archive.store(account, &chat("c1", "First", &two), b"1", 7).expect("stored");
        let one = [
            message("m3", "assistant", "three", noon(1)),
            other,
            message("m5", "user", "x", noon(40)),
        ];
        archive.store(account, &chat("c2", "Second", &one), b"2", 7).expect("stored");
        let path = directory.path().join("archive.db");
        let of =
            |by, since| statistics(&path, Some(&hash()), by, since).expect("read").expect("there");
        let groups = |by| -> Vec<(String, i64, i64)> {
            let groups = of(by, None).groups.into_iter();
            groups.map(|group| (group.name, group.messages, group.characters)).collect()
        };
        let all = of(By::Month, None);
        assert_eq!((all.chats, all.messages, all.characters), (2, 5, 17));
        assert_eq!(
            all.longest.map(|chat| (chat.chat_id, chat.messages)),
            Some(("c2".to_owned(), 3))
        );
        assert_eq!(all.hours.iter().sum::<i64>(), 5);
        let months = groups(By::Month);
        assert_eq!((months[0].1, months.len(), months[0].0.as_str()), (3, 2, "2026-09"));
        assert_eq!(
            groups(By::Model),
            [("qwen3-max".to_owned(), 2, 8), ("qwen-other".to_owned(), 1, 5)]
        );
        assert_eq!(groups(By::Chat), [("Second".to_owned(), 3, 11), ("First".to_owned(), 2, 6)]);
        assert_eq!(groups(By::Weekday).iter().map(|day| day.1).sum::<i64>(), 5);
        let late = of(By::Month, Some(noon(30)));
        assert_eq!((late.chats, late.messages), (1, 2));
        assert!(
            statistics(&path.with_extension("none"), None, By::Month, None)
                .expect("read")
                .is_none()
        );
        let stranger = AccountHash::new("local", "stranger");
        archive.account(&stranger, "local", 1).expect("added");
        let none =
            statistics(&path, Some(&stranger), By::Model, None).expect("read").expect("there");
        assert_eq!((none.messages, none.chats), (0, 0));
        assert_eq!(of(By::Model, None).messages, 5);
    }
}
