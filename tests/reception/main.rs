//! Layouts, pilots, channel estimates, equalisers and precoders of the digital link, against the standard, closed forms and
//! slow oracles.

mod codebook;
mod combining;
mod common;
mod equalisers;
mod estimates;
mod interference;
mod layouts;
mod noise;
mod pilots;
mod singular_vectors;
mod wiener;
