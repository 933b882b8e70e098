//! The colours of the terminal, as roles: the only place that chooses one.

use owo_colors::{OwoColorize as _, Style};

/// What a piece of text is. A colour never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A heading, of a text or of a table.
    Heading,
    /// Emphasized text.
    Emphasis,
    /// Strongly emphasized text.
    Strong,
    /// Text that was struck through.
    Deleted,
    /// A link.
    Link,
    /// Code of an unknown language.
    Code,
    /// A comment in code.
    Comment,
    /// A string in code.
    Text,
    /// A number in code.
    Number,
    /// A word of the language of code.
    Keyword,
    /// A function that is called.
    Call,
    /// A line that a change removes.
    Removed,
    /// Secondary text.
    Muted,
    /// The label of an error.
    Error,
    /// The label of a warning.
    Warning,
    /// The label of a hint.
    Hint,
    /// The sign of a passed check.
    Success,
}

impl Role {
    const ALL: [Self; 17] = [
        Self::Heading,
        Self::Emphasis,
        Self::Strong,
        Self::Deleted,
        Self::Link,
        Self::Code,
        Self::Comment,
        Self::Text,
        Self::Number,
        Self::Keyword,
        Self::Call,
        Self::Removed,
        Self::Muted,
        Self::Error,
        Self::Warning,
        Self::Hint,
        Self::Success,
    ];

    fn add_to(self, style: Style) -> Style {
        match self {
            Self::Heading | Self::Strong => style.bold(),
            Self::Emphasis => style.italic(),
            Self::Deleted => style.strikethrough(),
            Self::Link => style.underline(),
            Self::Code => style.cyan(),
            // Colours of the palette, which the terminal chooses to suit its background.
            Self::Comment => style.italic().dimmed(),
            Self::Text | Self::Success => style.green(),
            Self::Number => style.yellow(),
            Self::Keyword => style.magenta(),
            Self::Call => style.blue(),
            Self::Removed => style.red(),
            Self::Muted => style.dimmed(),
            Self::Error => style.red().bold(),
            Self::Warning => style.yellow().bold(),
            Self::Hint => style.cyan().bold(),
        }
    }

    /// `text` in this role, if `color` is enabled.
    pub(crate) fn paint(self, text: &str, color: bool) -> String {
        Roles::default().with(self).paint(text, color)
    }
}

/// The first bit of the number of a link.
const LINK: u32 = 20;

/// Several roles at once, such as a link in a heading, and the number of the link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roles(u32);

impl Roles {
    /// These roles and `role`.
    pub(super) fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u32)
    }

    /// These roles except `role`.
    pub(super) fn without(self, role: Role) -> Self {
        Self(self.0 & !(1 << role as u32))
    }

    /// These roles with the number of a link, or with that of none.
    pub(super) fn linked(self, link: Option<usize>) -> Self {
        let number = link.and_then(|link| u32::try_from(link + 1).ok());
        let number = number.filter(|number| *number <= u32::MAX >> LINK).unwrap_or(0);
        Self(self.0 & ((1 << LINK) - 1) | number << LINK)
    }

    /// The number of the link.
    pub(super) fn link(self) -> Option<usize> {
        (self.0 >> LINK).checked_sub(1).map(|link| link as usize)
    }

    /// `text` in these roles, if `color` is enabled.
    pub(super) fn paint(self, text: &str, color: bool) -> String {
        if !color || self == Self::default() {
            return text.to_owned();
        }
        let roles = Role::ALL.into_iter().filter(|role| self.0 & (1 << *role as u32) != 0);
        text.style(roles.fold(Style::new(), |style, role| role.add_to(style))).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_changes_text_only_in_color() {
        for role in Role::ALL {
            assert_eq!(role.paint("x", false), "x");
            assert!(role.paint("x", true).contains('\u{1b}'), "{role:?}");
        }
        assert_eq!(Roles::default().paint("x", true), "x");
        let both = Roles::default().with(Role::Link).with(Role::Code);
        assert_eq!(both.without(Role::Link).paint("x", true), Role::Code.paint("x", true));
        assert_eq!(both.linked(Some(7)).link(), Some(7));
        assert_eq!(both.linked(Some(7)).linked(None), both);
        assert_eq!(both.linked(Some(1 << 20)), both, "too many");
    }
}
