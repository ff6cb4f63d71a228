//! airloop command line.
fn main() {}
