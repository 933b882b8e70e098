//! Members of an undocumented API. Each type accepts every spelling that
//! has been seen and is absent otherwise (protocol 14.5), so that one odd member never costs a whole answer.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Text: a string, a number, or the text parts of a list (`content` comes as all of them).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub Option<Cow<'a, str>>);

/// A [`Text`] that owns its string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Owned(pub Option<String>);

/// A whole number, also spelled as a string or with a fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Int(pub Option<i64>);

/// A JSON boolean and nothing else (protocol 3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub Option<bool>);

/// An object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Object<T>(pub Option<T>);

/// The usable items of a list; anything else is an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List<T>(pub Vec<T>);

/// An object or a list; anything else is neither.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum OneOrMany<O, I> {
    /// An object.
    One(O),
    /// A list.
    Many(Vec<I>),
    /// Neither.
    #[default]
    Neither,
}

/// The members of an object whose keys are data, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entries<T>(pub Vec<(String, T)>);

impl Text<'_> {
    /// The text, unless it is empty.
    pub(crate) fn non_empty(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }

    /// The text as an owned string, unless it is empty.
    pub(crate) fn owned(&self) -> Option<String> {
        self.non_empty().map(str::to_owned)
    }
}

impl Owned {
    /// The text without moving it, unless it is empty.
    pub(crate) fn as_deref(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }

    /// The text, unless it is empty.
    pub(crate) fn non_empty(self) -> Option<String> {
        self.0.filter(|text| !text.is_empty())
    }

    /// The text, unless it is white space.
    pub(crate) fn non_blank(self) -> Option<String> {
        self.0.filter(|text| !text.trim().is_empty())
    }
}

impl Int {
    /// The number, unless it is negative.
    pub(crate) fn unsigned(self) -> Option<u64> {
        self.0.and_then(|value| u64::try_from(value).ok())
    }
}

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// How a type reads each kind of JSON value. Kinds without a method of its own are absent.
pub(super) trait Lenient<'de>: Default {
    fn boolean(_: bool) -> Self {
        Self::default()
    }

    fn integer(_: i64) -> Self {
        Self::default()
    }

    fn unsigned(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::default(), Self::integer)
    }

    fn fraction(_: f64) -> Self {
        Self::default()
    }

    fn string(_: &str) -> Self {
        Self::default()
    }

    fn borrowed(text: &'de str) -> Self {
        Self::string(text)
    }

    fn list<A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    fn object<A: MapAccess<'de>>(mut members: A) -> Result<Self, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    /// Reads a value of any kind.
    fn lenient<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData))
    }
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for LenientVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<T, E> {
        Ok(T::fraction(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::string(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<T, E> {
        Ok(T::borrowed(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        T::list(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::object(members)
    }
}

/// `Deserialize` by [`Lenient`].
macro_rules! deserialize {
    ($([$($generics:tt)*] $type:ty;)*) => {
        $(impl<$($generics)*> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::lenient(deserializer)
            }
        })*
    };
}
pub(super) use deserialize;

deserialize! {
    ['de: 'a, 'a] Text<'a>;
    ['de] Int;
    ['de] Flag;
    ['de, T: Deserialize<'de>] Object<T>;
    ['de, T: Deserialize<'de>] List<T>;
    ['de, T: Deserialize<'de>] Entries<T>;
    ['de, O: Deserialize<'de>, I: Deserialize<'de>] OneOrMany<O, I>;
}

impl<'de: 'a, 'a> Lenient<'de> for Text<'a> {
    fn integer(number: i64) -> Self {
        Self::string(&number.to_string())
    }

    fn unsigned(number: u64) -> Self {
        Self::string(&number.to_string())
    }

    fn fraction(number: f64) -> Self {
        Self::string(&number.to_string())
    }

    fn string(text: &str) -> Self {
        Self(Some(Cow::Owned(text.to_owned())))
    }

    fn borrowed(text: &'de str) -> Self {
        Self(Some(Cow::Borrowed(text)))
    }

    fn list<A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut whole: Option<String> = None;
        while let Some(part) = items.next_element::<Text<'de>>()? {
            if let Some(text) = part.0 {
                whole.get_or_insert_default().push_str(&text);
            }
        }
        Ok(Self(whole.map(Cow::Owned)))
    }

    /// A part of a list: `{"type":"text","text":"…"}`.
    fn object<A: MapAccess<'de>>(mut members: A) -> Result<Self, A::Error> {
        let mut text = Self::default();
        while let Some(key) = members.next_key::<Cow<'de, str>>()? {
            if key == "text" {
                text = members.next_value::<Text<'de>>()?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(text)
    }
}

impl<'de> Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(|text| Self(text.0.map(Cow::into_owned)))
    }
}

impl Lenient<'_> for Int {
    fn integer(number: i64) -> Self {
        Self(Some(number))
    }

    fn fraction(number: f64) -> Self {
        Self(whole(number))
    }

    fn string(text: &str) -> Self {
        let text = text.trim();
        Self(text.parse().ok().or_else(|| whole(text.parse().ok()?)))
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "saturates; fractions of a second do not matter"
)]
fn whole(number: f64) -> Option<i64> {
    number.is_finite().then_some(number as i64)
}

impl Lenient<'_> for Flag {
    fn boolean(flag: bool) -> Self {
        Self(Some(flag))
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for Object<T> {
    fn object<A: MapAccess<'de>>(members: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(|value| Self(Some(value)))
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for List<T> {
    fn list<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Self(items))
    }
}

impl<'de, T: Deserialize<'de>> Lenient<'de> for Entries<T> {
    fn object<A: MapAccess<'de>>(mut members: A) -> Result<Self, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = members.next_entry()? {
            entries.push(entry);
        }
        Ok(Self(entries))
    }
}

impl<'de, O: Deserialize<'de>, I: Deserialize<'de>> Lenient<'de> for OneOrMany<O, I> {
    fn object<A: MapAccess<'de>>(members: A) -> Result<Self, A::Error> {
        O::deserialize(MapAccessDeserializer::new(members)).map(Self::One)
    }

    fn list<A: SeqAccess<'de>>(items: A) -> Result<Self, A::Error> {
        List::list(items).map(|list| Self::Many(list.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Everything<'a> {
        #[serde(borrow)]
        text: Text<'a>,
        int: Int,
        flag: Flag,
        object: Object<Inner>,
        list: List<Object<Inner>>,
        entries: Entries<Int>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        a: Int,
    }

    #[test]
    fn any_value_is_accepted_or_absent() {
        for value in
            ["null", "true", "1", "-1.5", "\"x\"", "[]", "[[1],{}]", "{}", "{\"a\":{\"b\":1}}"]
        {
            let json = format!(
                r#"{{"text":{value},"int":{value},"flag":{value},"object":{value},"list":{value},"entries":{value},"x":1}}"#
            );
            serde_json::from_str::<Everything>(&json).expect(&json);
        }
        assert_eq!(serde_json::from_str::<Everything>("{}").expect("empty"), Everything::default());
    }

    #[test]
    fn values_are_taken_in_every_spelling() {
        let text = |json| serde_json::from_str::<Text>(json).expect("text").0;
        assert_eq!(text(r#""a\nb""#).as_deref(), Some("a\nb"));
        assert!(matches!(text(r#""plain""#), Some(Cow::Borrowed("plain"))));
        assert_eq!(
            text(r#"[{"type":"text","text":"a"},{"type":"image","image":"u"},"b"]"#).as_deref(),
            Some("ab")
        );
        assert_eq!(text("403").as_deref(), Some("403"));
        assert_eq!(text("[]"), None);
        let int = |json| serde_json::from_str::<Int>(json).expect("int").0;
        assert_eq!(int("\" 1790000100 \""), Some(1_790_000_100));
        assert_eq!(int("1790000004.512"), Some(1_790_000_004));
        assert_eq!(int("\"x\""), None);
        let flag = |json| serde_json::from_str::<Flag>(json).expect("flag").0;
        assert_eq!((flag("true"), flag("\"true\""), flag("1")), (Some(true), None, None));
        let list =
            serde_json::from_str::<List<Object<Inner>>>(r#"[{"a":"7"},3,null]"#).expect("list");
        assert_eq!(list.0[0].0, Some(Inner { a: Int(Some(7)) }));
        assert_eq!(list.0.iter().flat_map(|item| &item.0).count(), 1);
    }
}
