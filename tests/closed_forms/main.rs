//! Every scheme against its closed form, at symbol and at waveform fidelity, and theory against the same formulas.
//!
//! The expected values are derived in the tests or printed in the literature's catalogue; none is the library's own.

mod a_dsgd;
mod absentees;
mod agreement;
mod antennas;
mod balanced;
mod blind_combining;
mod budgets;
mod channel_comp;
mod corners;
mod cotaf;
mod digital;
mod digital_aircomp;
mod energy;
mod energy_laws;
mod functions_beyond_the_mean;
mod inversion;
mod knowledge;
mod links;
mod maximum;
mod misaligned;
mod optimal;
mod payloads;
mod phase_only;
mod pilots;
mod privacy;
mod rician;
mod setup;
mod truncated;
mod valued_votes;
mod vote_laws;
mod votes;
mod wrong_knowledge;
