//! What the tests share. Nothing here uses code of the product to make or to read wire bytes: a
//! field spelled wrongly on both sides would pass every test.

pub mod bodies;
pub mod cmd;
pub mod filters;
pub mod frames;
pub mod http;
pub mod response;
pub mod tls;
pub mod tokens;
pub mod upstream;
pub mod world;
