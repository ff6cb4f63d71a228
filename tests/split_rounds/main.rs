//! Split rounds: presets against published checkpoints, rounds against closed forms, cuts against enumeration, what is refused.

mod broadcast;
mod cuts;
mod multicast;
mod presets;
mod recorded;
mod refused;
mod rounds;
mod setup;
mod traced;
