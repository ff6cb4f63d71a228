//! Training over the air: the shipped example's own data, network and loop, at a tiny airtime.

#[path = "../../examples/learning_curve/curves.rs"]
mod curves;
#[path = "../../examples/learning_curve/data.rs"]
mod data;
mod gradients;
#[path = "../../examples/learning_curve/network.rs"]
mod network;
#[path = "../../examples/learning_curve/table.rs"]
mod table;
mod trained;
#[path = "../../examples/learning_curve/training.rs"]
mod training;
