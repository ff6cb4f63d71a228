//! Clocks of devices in whole experiments: residuals against bounds, detection against its law, floors of the ladder's effect.

mod common;
mod effects;
mod keys;
mod radios;
mod residuals;
mod setup;
mod short_prefix;
mod through_radios;
