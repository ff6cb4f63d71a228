//! Synchronisation against slow oracles, closed forms and the Cramer-Rao bounds.

mod bounds;
mod detection;
mod estimation;
mod preambles;
mod search;
mod sequences;
mod signals;
