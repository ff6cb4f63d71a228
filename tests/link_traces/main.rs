//! Link traces: rows against closed forms and each other, files read back, levels of cost against one another, exports read by parsers that
//! follow the formats' own documentation, refusals.

mod air;
mod bad_input;
mod closed_forms;
mod exports;
mod files;
mod levels;
mod lines;
mod replay;
mod setup;
mod tables;
mod time;
