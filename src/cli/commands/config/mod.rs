//! `config …`

pub mod path;
pub mod show;
