//! One transmission as an operation of candle: forth over the link, and its gradient back.

use crate::gains::adjoint;
use crate::line::Line;
use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result, Shape, Tensor};
use std::sync::{Arc, OnceLock};

/// How the gradient of a transmission comes back.
#[derive(Clone)]
pub(crate) enum Return {
    /// The derivative of what happened.
    Adjoint,
    /// As if nothing had happened.
    StraightThrough,
    /// Over a line of its own.
    Detached(Arc<Line>),
}

/// A transmission.
pub(crate) struct Crossing {
    pub(crate) line: Arc<Line>,
    pub(crate) back: Return,
    /// Whether a gradient may be asked for.
    pub(crate) tracked: bool,
    /// Of an adjoint gradient, the gain of each value; known after the transmission.
    pub(crate) gains: OnceLock<Vec<f32>>,
}

impl Crossing {
    fn transmit(&self, values: &[f32]) -> Result<Vec<f32>> {
        if !(self.tracked && matches!(self.back, Return::Adjoint)) {
            return Ok(self.line.send(values, "x")?);
        }
        let (received, gains) = self.line.send_traced(values, "x")?;
        self.gains.get_or_init(|| gains);
        Ok(received)
    }
}

impl CustomOp1 for Crossing {
    fn name(&self) -> &'static str {
        "airloop-link"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let values = storage.as_slice::<f32>()?;
        let Some((start, end)) = layout.contiguous_offsets() else {
            return Err(candle_core::Error::RequiresContiguous { op: self.name() });
        };
        let received = self.transmit(&values[start..end])?;
        Ok((CpuStorage::F32(received), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, y: &Tensor, gy: &Tensor) -> Result<Option<Tensor>> {
        let back = match &self.back {
            Return::StraightThrough => return Ok(Some(gy.clone())),
            Return::Detached(line) => line.send(&values(gy)?, "the gradient")?,
            Return::Adjoint => {
                let Some(gains) = self.gains.get() else {
                    return Err(candle_core::Error::BackwardNotSupported { op: self.name() });
                };
                adjoint(gains, &values(x)?, &values(y)?, &values(gy)?)
            }
        };
        Tensor::from_vec(back, x.shape(), x.device()).map(Some)
    }
}

/// Returns a tensor's values, row by row.
fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    debug_assert_eq!(tensor.dtype(), DType::F32);
    tensor.flatten_all()?.to_vec1()
}
