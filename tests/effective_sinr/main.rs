//! Effective SINR: maps against closed cases, thresholds against known curves, predictions against measured block error rates.
//!
//! With `AIRLOOP_FULL=1` every scheme of table 1 is fitted and held against 120 fresh realisations.

mod beta_tables;
mod keys;
mod link;
mod maps;
mod predictions;
mod realisations;
mod selectivity;
mod setup;
mod thresholds;
