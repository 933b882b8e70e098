//! The keyring of the desktop: the Secret Service of freedesktop.org, over D-Bus.
//!
//! The secret of an account is one item, found by the path of the credentials file and the name of the
//! account. Nothing here prompts: a locked keyring is an error. The connection is that of one operation, and
//! its secrets are unencrypted, as only the user can open the socket of the bus. All functions block.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use rustbus::connection::{Error as BusError, Timeout};
use rustbus::message_builder::MarshalledMessage;
use rustbus::params::{Container, Param};
use rustbus::wire::ObjectPath;
use rustbus::{MessageBuilder, MessageType, RpcConn};

use super::document::AccountName;
use crate::domain::{Error, ErrorKind, Result};

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";

/// Timeout of an operation; the bus may have to start the service.
const LONGEST: Duration = Duration::from_secs(5);
const PATIENCE: Timeout = Timeout::Duration(LONGEST);

type Item = ObjectPath<String>;
/// Session, parameters, value, content type.
type Secret = (Item, Vec<u8>, Vec<u8>, String);

/// The secret of an account in the keyring; `None` if there is none.
pub(super) fn load(file: &Path, account: &AccountName) -> Result<Option<String>> {
    let (file, account) = (file.to_owned(), account.clone());
    within_limit(move || load_now(&file, &account))
}

/// Stores the secret of an account in the default collection of the keyring, in place of an earlier one.
pub(super) fn save(file: &Path, account: &AccountName, secret: String) -> Result<()> {
    let (file, account) = (file.to_owned(), account.clone());
    within_limit(move || save_now(&file, &account, &secret))
}

/// Removes the secret of an account. Returns false without a keyring, where it may still be.
pub(super) fn remove(file: &Path, account: &AccountName) -> Result<bool> {
    let (file, account) = (file.to_owned(), account.clone());
    let removed = limited(move || {
        let Ok(keyring) = Keyring::open() else { return Ok(false) };
        remove_now(keyring, &file, &account).map(|()| true)
    });
    removed.unwrap_or(Ok(false))
}

fn within_limit<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    limited(work).unwrap_or_else(|| {
        let why = format!("the keyring does not answer within {} s", LONGEST.as_secs());
        Err(absent(&why))
    })
}

/// The result of `work`, if it comes in time. The bus may accept a connection and stay silent, which rustbus
/// waits for.
fn limited<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if WAITING.fetch_add(1, Ordering::AcqRel) >= MAX_WAITING {
        WAITING.fetch_sub(1, Ordering::AcqRel);
        return None;
    }
    let (done, result) = mpsc::channel();
    std::thread::spawn(move || {
        let result = work();
        WAITING.fetch_sub(1, Ordering::AcqRel);
        let _ = done.send(result);
    });
    result.recv_timeout(LONGEST).ok()
}

/// The threads that wait for the bus, some of them for ever.
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// More operations at once than a server makes; further ones fail at once.
const MAX_WAITING: usize = 8;

/// Whether secrets can be stored now.
pub(super) fn check() -> Result<()> {
    within_limit(|| Keyring::open()?.collection().map(drop))
}

fn load_now(file: &Path, account: &AccountName) -> Result<Option<String>> {
    let mut keyring = Keyring::open()?;
    let Some(item) = keyring.items(file, account)?.into_iter().next() else { return Ok(None) };
    let session = keyring.session.clone();
    let answer =
        keyring.call(item.as_ref(), "Item", "GetSecret", |call| call.body.push_param(&session))?;
    let (_, _, value, _) = answer.body.parser().get::<Secret>().map_err(odd)?;
    String::from_utf8(value).map(Some).map_err(odd)
}

fn save_now(file: &Path, account: &AccountName, secret: &str) -> Result<()> {
    let mut keyring = Keyring::open()?;
    let collection = keyring.collection()?;
    let path = file.to_string_lossy();
    let label = format!("qwenctl account {account}");
    let variant = |value: Param<'static, 'static>| Param::from(Container::make_variant(value));
    let attributes =
        attributes(&path, account).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let attributes = Container::make_dict("s", "s", attributes.into_iter()).map_err(odd)?;
    let properties = [
        ("org.freedesktop.Secret.Item.Label".to_owned(), variant(label.into())),
        ("org.freedesktop.Secret.Item.Attributes".to_owned(), variant(attributes.into())),
    ];
    let properties = Container::make_dict("s", "v", properties.into_iter()).map_err(odd)?;
    let session = keyring.session.clone();
    let answer = keyring.call(collection.as_ref(), "Collection", "CreateItem", |call| {
        call.body.push_old_param(&properties.into())?;
        call.body.push_param((
            &session,
            &[][..] as &[u8],
            secret.as_bytes(),
            "application/json",
        ))?;
        call.body.push_param(true)
    })?;
    let (item, _) = answer.body.parser().get2::<Item, Item>().map_err(odd)?;
    if item.as_ref() == "/" { Err(locked()) } else { Ok(()) }
}

fn remove_now(mut keyring: Keyring, file: &Path, account: &AccountName) -> Result<()> {
    for item in keyring.items(file, account)? {
        let answer = keyring.call(item.as_ref(), "Item", "Delete", |_| Ok(()))?;
        let prompt: Item = answer.body.parser().get().map_err(odd)?;
        keyring.refuse_prompt(&prompt)?;
    }
    Ok(())
}

/// By which an item is found.
fn attributes<'a>(path: &'a str, account: &'a AccountName) -> [(&'static str, &'a str); 3] {
    [("application", "qwenctl"), ("credentials_file", path), ("account", account.as_str())]
}

/// An open session with the service.
struct Keyring {
    bus: RpcConn,
    session: Item,
}

impl Keyring {
    fn open() -> Result<Self> {
        let bus = RpcConn::session_conn(PATIENCE).map_err(|fault| match fault {
            BusError::NoAddressFound => {
                absent("there is no D-Bus session (DBUS_SESSION_BUS_ADDRESS is not set)")
            }
            fault => absent("the D-Bus session cannot be reached").caused_by(fault),
        })?;
        let none = ObjectPath::new("/".to_owned()).map_err(odd)?;
        let mut keyring = Self { bus, session: none };
        let answer = keyring.call(ROOT, "Service", "OpenSession", |call| {
            call.body.push_param("plain")?;
            call.body.push_variant("")
        })?;
        let mut parser = answer.body.parser();
        parser.get_param().map_err(odd)?;
        keyring.session = parser.get().map_err(odd)?;
        Ok(keyring)
    }

    /// The default collection, unlocked.
    fn collection(&mut self) -> Result<Item> {
        let collection =
            self.call(ROOT, "Service", "ReadAlias", |call| call.body.push_param("default"))?;
        let collection: Item = collection.body.parser().get().map_err(odd)?;
        if collection.as_ref() == "/" {
            return Err(refused("the keyring has no default collection")
                .with_hint("create one with the password program of the desktop"));
        }
        self.unlock(std::slice::from_ref(&collection))?;
        Ok(collection)
    }

    /// The items of an account, unlocked.
    fn items(&mut self, file: &Path, account: &AccountName) -> Result<Vec<Item>> {
        let path = file.to_string_lossy();
        let wanted: std::collections::HashMap<_, _> =
            attributes(&path, account).into_iter().collect();
        let answer =
            self.call(ROOT, "Service", "SearchItems", |call| call.body.push_param(&wanted))?;
        let (mut unlocked, locked) =
            answer.body.parser().get2::<Vec<Item>, Vec<Item>>().map_err(odd)?;
        if !locked.is_empty() {
            self.unlock(&locked)?;
            unlocked.extend(locked);
        }
        Ok(unlocked)
    }

    /// Unlocks what needs no password.
    fn unlock(&mut self, objects: &[Item]) -> Result<()> {
        let answer = self.call(ROOT, "Service", "Unlock", |call| call.body.push_param(objects))?;
        let (_, prompt) = answer.body.parser().get2::<Vec<Item>, Item>().map_err(odd)?;
        self.refuse_prompt(&prompt)
    }

    fn refuse_prompt(&mut self, prompt: &Item) -> Result<()> {
        if prompt.as_ref() == "/" {
            return Ok(());
        }
        // Nothing waits for it.
        let _ = self.call(prompt.as_ref(), "Prompt", "Dismiss", |_| Ok(()));
        Err(locked())
    }

    /// Calls a method and waits for the answer.
    fn call(
        &mut self,
        object: &str,
        interface: &str,
        method: &str,
        fill: impl FnOnce(&mut MarshalledMessage) -> Result<(), rustbus::wire::errors::MarshalError>,
    ) -> Result<MarshalledMessage> {
        let mut call = MessageBuilder::new()
            .call(method)
            .on(object)
            .with_interface(format!("org.freedesktop.Secret.{interface}"))
            .at(SERVICE)
            .build();
        fill(&mut call).map_err(odd)?;
        let sent = self.bus.send_message(&mut call).map_err(odd)?.write(PATIENCE);
        let serial = sent.map_err(|(_, fault)| odd(fault))?;
        let answer = self.bus.wait_response(serial, PATIENCE).map_err(|fault| match fault {
            BusError::TimedOut => refused("the keyring does not answer"),
            fault => odd(fault),
        })?;
        if answer.typ != MessageType::Error {
            return Ok(answer);
        }
        Err(match answer.dynheader.error_name.as_deref().unwrap_or_default() {
            "org.freedesktop.Secret.Error.IsLocked" => locked(),
            name if name.starts_with("org.freedesktop.DBus.Error.Spawn")
                || name.ends_with(".ServiceUnknown")
                || name.ends_with(".NameHasNoOwner") =>
            {
                absent("no keyring runs on this desktop")
            }
            name => refused(&format!("the keyring refused `{method}` ({name})")),
        })
    }
}

fn refused(message: &str) -> Error {
    Error::new(ErrorKind::TokenInvalid, message)
        .with_hint("check the keyring of the desktop; nothing was stored in a file instead")
}

const ABSENT: &str = "start GNOME Keyring, KWallet or KeePassXC in this desktop session; without one, leave \
     out `--keyring`, after `qwenctl token remove` if the account is in the keyring already";

fn absent(why: &str) -> Error {
    Error::new(ErrorKind::TokenInvalid, why).with_hint(ABSENT)
}

fn locked() -> Error {
    Error::new(ErrorKind::TokenInvalid, "the keyring is locked")
        .with_hint("unlock it with the password program of the desktop, then try again")
}

fn odd(fault: impl std::error::Error + Send + Sync + 'static) -> Error {
    refused("the keyring gave an unexpected answer").caused_by(fault)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};
    use std::time::Instant;

    use super::*;

    #[test]
    fn operations_that_hang_are_bounded() {
        let (all_run, may_end) =
            (Arc::new(Barrier::new(MAX_WAITING + 1)), Arc::new(Barrier::new(MAX_WAITING + 1)));
        let threads: Vec<_> = (0..MAX_WAITING)
            .map(|_| {
                let (all_run, may_end) = (Arc::clone(&all_run), Arc::clone(&may_end));
                let hang = move || {
                    all_run.wait();
                    may_end.wait();
                };
                std::thread::spawn(move || limited(hang))
            })
            .collect();
        all_run.wait();
        let began = Instant::now();
        assert_eq!(limited(|| ()), None);
        assert!(began.elapsed() < LONGEST, "at once");
        may_end.wait();
        assert!(threads.into_iter().all(|thread| thread.join().is_ok_and(|end| end.is_some())));
        assert_eq!(WAITING.load(Ordering::Acquire), 0);
        assert_eq!(limited(|| ()), Some(()));
    }
}
