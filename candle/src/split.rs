//! A model in two parts, with a link in between.

use crate::ChannelLayer;
use candle_core::{Module, Result, Tensor};

/// A model cut in two.
///
/// ```text
/// forward:   activations = client(inputs)  -> uplink ->   outputs = server(received)
/// backward:  client parameters             <- downlink <- gradient of what was received
/// ```
///
/// Without a link both directions are ideal: training is then bit for bit that of the whole model. Over a lossy link the server trains
/// on the values that arrive, and the client learns from what arrives of the gradient; nothing is sent again but by the link itself.
pub struct SplitModel<C, S> {
    /// The part before the cut.
    pub client: C,
    /// What is in the cut; nothing, if both directions are ideal.
    pub link: Option<ChannelLayer>,
    /// The part behind it.
    pub server: S,
}

impl<C: Module, S: Module> Module for SplitModel<C, S> {
    fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        let activations = self.client.forward(inputs)?;
        match &self.link {
            Some(link) => self.server.forward(&link.forward(&activations)?),
            None => self.server.forward(&activations),
        }
    }
}
