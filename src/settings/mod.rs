//! Where the program's settings come from: flag, then environment, then config file, then default.
