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
    /// Code.
    Code,
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
    const ALL: [Self; 11] = [
        Self::Heading,
        Self::Emphasis,
        Self::Strong,
        Self::Deleted,
        Self::Link,
        Self::Code,
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
            Self::Muted => style.dimmed(),
            Self::Error => style.red().bold(),
            Self::Warning => style.yellow().bold(),
            Self::Hint => style.cyan().bold(),
            Self::Success => style.green(),
        }
    }

    /// `text` in this role, if `color` is enabled.
    pub(crate) fn paint(self, text: &str, color: bool) -> String {
        Roles::default().with(self).paint(text, color)
    }
}

/// Several roles at once, such as a link in a heading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Roles(u16);

impl Roles {
    /// These roles and `role`.
    pub(super) fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u16)
    }

    /// These roles except `role`.
    pub(super) fn without(self, role: Role) -> Self {
        Self(self.0 & !(1 << role as u16))
    }

    /// `text` in these roles, if `color` is enabled.
    pub(super) fn paint(self, text: &str, color: bool) -> String {
        if !color || self == Self::default() {
            return text.to_owned();
        }
        let roles = Role::ALL.into_iter().filter(|role| self.0 & (1 << *role as u16) != 0);
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
    }
}
