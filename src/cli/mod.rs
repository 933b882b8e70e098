//! The command line: arguments, commands, and the only code that prints.
