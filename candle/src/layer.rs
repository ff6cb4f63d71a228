//! A link as a layer.

use crate::ChannelError;
use crate::crossing::{Crossing, Return};
use crate::line::Line;
use airloop::live::Link;
use airloop::report::Report;
use candle_core::{DType, DeviceLocation, Module, Result, Tensor};
use std::sync::{Arc, OnceLock};

/// Carries a tensor of any shape over a link, and its gradient back.
///
/// ```text
/// y = what arrives of x                                            same shape as x
/// dL/dx = adjoint:           the derivative of what happened: drawn gains, drawn noise, scaling to unit power
///         straight-through:  dL/dy
///         detached:          what arrives of dL/dy over a downlink
/// ```
///
/// With realised gains `g` and noise `e`, what arrives over an analog link is `y = g x + rms(x) e`, and so the adjoint gradient is
/// `dL/dx = a + x (<gy, y> - <a, x>) / <x, x>` with `a = g gy` (`a` alone for `x = 0`). Where a gradient may be asked for, the gains are
/// measured after the transmission ([`Link::retrace_into`]) and kept with the graph, one number a value.
///
/// Every forward pass is a transmission, whether a gradient is wanted or not: time goes on, channels age. Of a detached layer every
/// backward pass is one, too. Values must be `F32`, on the CPU, and finite; what is not contiguous is sent row by row.
pub struct ChannelLayer {
    line: Arc<Line>,
    back: Return,
}

impl ChannelLayer {
    /// Makes a layer whose gradient is the exact derivative of what happened. The link must be an analog one at symbol fidelity
    /// whose devices know their channels exactly; the first tracked transmission says so if it is not.
    pub fn adjoint(link: Link) -> Self {
        Self { line: Arc::new(Line::new(link)), back: Return::Adjoint }
    }

    /// Makes a layer whose gradient is that of what arrived; any link.
    pub fn straight_through(link: Link) -> Self {
        Self { line: Arc::new(Line::new(link)), back: Return::StraightThrough }
    }

    /// Makes a layer whose gradients are sent over a link of their own; any links.
    pub fn detached(link: Link, downlink: Link) -> Self {
        let back = Return::Detached(Arc::new(Line::new(downlink)));
        Self { line: Arc::new(Line::new(link)), back }
    }

    /// Makes it the layer of a device, 0 if nothing is said: the channels of other numbers are independent, up and down.
    #[must_use]
    pub fn of_device(self, device: u64) -> Self {
        self.line.set_device(device);
        if let Some(down) = self.down() {
            down.set_device(device);
        }
        self
    }

    /// Returns the report of the last transmission.
    pub fn report(&self) -> Option<Report> {
        self.line.report()
    }

    /// Returns the report of the last gradient that was sent.
    pub fn downlink_report(&self) -> Option<Report> {
        self.down().and_then(Line::report)
    }

    /// Lets time pass on the link, and on the downlink if there is one: what devices compute, for example.
    ///
    /// # Errors
    /// When the time is negative or not finite.
    pub fn wait(&self, wait_s: f64) -> std::result::Result<(), ChannelError> {
        self.line.wait(wait_s)?;
        self.down().map_or(Ok(()), |down| down.wait(wait_s))
    }

    fn down(&self) -> Option<&Line> {
        match &self.back {
            Return::Detached(line) => Some(line),
            _ => None,
        }
    }
}

impl Module for ChannelLayer {
    /// Sends a tensor; returns what arrives. Errors, as [`ChannelError`] says them: values that are not `F32`, not on the CPU, or not
    /// finite; a wrong experiment; an adjoint gradient that the link does not have.
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        check("x", x.device().location(), x.dtype())?;
        let (line, back) = (Arc::clone(&self.line), self.back.clone());
        x.contiguous()?.apply_op1(Crossing { line, back, tracked: x.track_op(), gains: OnceLock::new() })
    }
}

/// Refuses what cannot be sent.
fn check(name: &'static str, place: DeviceLocation, dtype: DType) -> std::result::Result<(), ChannelError> {
    if place != DeviceLocation::Cpu {
        return Err(ChannelError::Device { name, found: place });
    }
    if dtype != DType::F32 {
        return Err(ChannelError::Type { name, found: dtype });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_on_an_accelerator_are_refused_by_name() {
        for place in [DeviceLocation::Cuda { gpu_id: 1 }, DeviceLocation::Metal { gpu_id: 0 }] {
            let error = check("x", place, DType::F32).expect_err("the emulator is on the CPU").to_string();
            assert!(error.contains("x.to_device(&Device::Cpu)"), "{error}");
        }
        assert!(check("x", DeviceLocation::Cpu, DType::F32).is_ok());
    }
}
