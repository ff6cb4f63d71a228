//! airloop for candle: a link as a layer, with its gradient.
//!
//! [`ChannelLayer`] sends the tensor that passes through it over an [`airloop::live::Link`] and brings its gradient back;
//! [`SplitModel`] is a model in two parts with such a layer in between. Values travel as `F32`, on the CPU.
//!
//! ```
//! use airloop::live::Link;
//! use airloop::report::Fidelity;
//! use airloop_candle::ChannelLayer;
//! use candle_core::{Device, Module, Var};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let experiment = "channel = { model = \"rayleigh\" }\n\
//!                   link = { snr_db = 15.0 }\n\
//!                   scheme = { kind = \"truncated-inversion\", threshold = 0.1 }";
//! let layer = ChannelLayer::adjoint(Link::from_toml(experiment, Fidelity::Symbol)?);
//! let x = Var::new(&[[0.5f32, -1.0], [2.0, 0.25]], &Device::Cpu)?;
//! let gradients = layer.forward(&x)?.sqr()?.sum_all()?.backward()?;
//! assert_eq!(gradients.get(&x).map(|g| g.dims()), Some(&[2, 2][..]));
//! assert!(layer.report().and_then(|report| report.airtime_s).is_some());
//! # Ok(())
//! # }
//! ```

mod crossing;
mod error;
mod gains;
mod layer;
mod line;
mod split;

pub use error::ChannelError;
pub use layer::ChannelLayer;
pub use split::SplitModel;
