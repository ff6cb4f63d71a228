//! Low-rank adapters: which matrices have them, and how large they are.

/// Matrices of a transformer block that have an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// Queries and values.
    QueryValue,
    /// Queries, keys and values.
    QueryKeyValue,
    /// Every matrix of attention and feed-forward network.
    AllLinear,
}

impl Targets {
    /// All of them, with their words in files.
    pub const ALL: [(&'static str, Self); 3] =
        [("q,v", Self::QueryValue), ("q,k,v", Self::QueryKeyValue), ("all-linear", Self::AllLinear)];
}

/// An adapter `W x + B (A x)` of low rank beside a frozen matrix `W` (Hu et al., LoRA, arXiv 2106.09685).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Rank r.
    pub rank: u64,
    /// Which matrices have one.
    pub targets: Targets,
}

impl Adapter {
    /// Returns the parameters beside matrices of these inputs and outputs: `r (d_in + d_out)` each.
    pub fn params(&self, matrices: &[(u64, u64)]) -> u64 {
        matrices.iter().map(|(inputs, outputs)| self.rank * (inputs + outputs)).sum()
    }
}
