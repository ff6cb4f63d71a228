//! The layer: its gradients against differences and against links alone, what it refuses, and training that is split.

mod adjoint;
mod crossing;
mod experiments;
mod refusals;
mod training;
