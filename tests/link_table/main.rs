//! Link tables: lookups against interpolation by hand, points against the links that they are, folders against themselves, refusals,
//! published error rates.

mod aggregation;
mod curves;
mod files;
mod folders;
mod lookups;
mod published;
mod setup;
