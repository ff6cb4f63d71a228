//! Large-scale propagation: where devices of a cell stand, what they lose on the way, and which of them take part.
//!
//! The way of the data: a [`Layout`] places devices around a server; a [`Scenario`] of 3GPP TR 38.901 (clauses 7.4.1, 7.4.2 and
//! 7.4.4) gives each a line-of-sight state and a path loss; [`shadowing_db`] adds correlated shadowing; a [`Cell`] does all of
//! it as one drop. [`ElementBudget`] turns losses into SNRs per resource element, and [`selection`] chooses devices.

pub mod budget;
pub mod cell;
pub mod layout;
pub mod line_of_sight;
pub mod path_loss;
pub mod scenario;
pub mod selection;
pub mod shadowing;
pub mod validity;

pub use budget::{BOLTZMANN_J_PER_K, ElementBudget, thermal_noise_dbm};
pub use cell::{Cell, DroppedDevice, Sight};
pub use layout::Layout;
pub use scenario::{Factory, Geometry, Scenario};
pub use selection::{Selection, select};
pub use shadowing::shadowing_db;
pub use validity::RangeDoubt;
