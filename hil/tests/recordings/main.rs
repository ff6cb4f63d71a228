//! Recordings: what is written, what is refused, and what is heard again.

mod folder;
mod foreign;
mod interrupted;
mod mutations;
mod refused;
mod replay;
mod tap;
mod writing;
