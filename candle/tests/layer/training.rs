//! Split training is training.

use crate::experiments::{DIGITAL, FADING, link, tensor, values};
use airloop_candle::{ChannelLayer, SplitModel};
use candle_core::{D, Device, Module, Result, Tensor, Var};

/// A network of two dense layers, rectified in between.
struct Network([Var; 4]);

fn dense(x: &Tensor, weight: &Var, bias: &Var) -> Result<Tensor> {
    x.matmul(weight)?.broadcast_add(bias)
}

impl Network {
    fn new() -> Result<Self> {
        let weight = |rows, columns| -> Result<Var> {
            Var::from_tensor(&(tensor(&values(rows * columns)).reshape((rows, columns))? * 0.5)?)
        };
        let bias = |length| Var::from_vec(vec![0.1f32; length], length, &Device::Cpu);
        Ok(Self([weight(6, 16)?, bias(16)?, weight(16, 3)?, bias(3)?]))
    }

    fn client(&self, x: &Tensor) -> Result<Tensor> {
        dense(x, &self.0[0], &self.0[1])?.relu()
    }

    fn server(&self, x: &Tensor) -> Result<Tensor> {
        dense(x, &self.0[2], &self.0[3])
    }

    fn bits(&self) -> Result<Vec<u32>> {
        let mut bits = Vec::new();
        for variable in &self.0 {
            bits.extend(variable.flatten_all()?.to_vec1::<f32>()?.into_iter().map(f32::to_bits));
        }
        Ok(bits)
    }
}

/// Trains a step on squares of errors; returns the loss.
fn step(model: &dyn Module, network: &Network, round: usize) -> Result<f32> {
    let inputs = tensor(&values(round + 48)[round..]).reshape((8, 6))?;
    let targets = inputs.narrow(D::Minus1, 0, 3)?.sqr()?;
    let loss = (model.forward(&inputs)? - targets)?.sqr()?.mean_all()?;
    let gradients = loss.backward()?;
    for variable in &network.0 {
        let gradient = gradients.get(variable).expect("every variable has a gradient");
        variable.set(&(variable.as_tensor() - (gradient * 0.05)?)?)?;
    }
    loss.to_scalar()
}

/// Trains split, with what is in the cut; returns the losses and the weights' bits.
fn split(link: Option<ChannelLayer>, rounds: usize) -> Result<(Vec<f32>, Vec<u32>)> {
    let network = Network::new()?;
    let (client, server) = (|x: &Tensor| network.client(x), |x: &Tensor| network.server(x));
    let model = SplitModel { client, link, server };
    let losses = (0..rounds).map(|round| step(&model, &network, round)).collect::<Result<_>>()?;
    Ok((losses, network.bits()?))
}

#[test]
fn without_a_link_split_training_is_bit_for_bit_that_of_the_whole() -> Result<()> {
    let network = Network::new()?;
    let whole = |x: &Tensor| network.server(&network.client(x)?);
    let losses: Vec<f32> = (0..30).map(|round| step(&whole, &network, round)).collect::<Result<_>>()?;
    assert!(losses[29] < 0.5 * losses[0], "it learns: {losses:?}");
    assert_eq!(split(None, 30)?, (losses, network.bits()?));
    Ok(())
}

#[test]
fn over_links_training_repeats_itself_and_differs_from_the_ideal() -> Result<()> {
    let links: [fn() -> ChannelLayer; 3] = [
        || ChannelLayer::adjoint(link(FADING, 3)),
        || ChannelLayer::detached(link(FADING, 3), link(FADING, 4)),
        || ChannelLayer::detached(link(DIGITAL, 3), link(DIGITAL, 4)),
    ];
    let ideal = split(None, 5)?;
    for layer in links {
        let run = split(Some(layer()), 5)?;
        assert_eq!(run, split(Some(layer()), 5)?);
        assert_ne!(run, ideal);
    }
    Ok(())
}

#[test]
fn digital_links_that_lose_nothing_train_as_the_ideal_to_within_their_quantisers() -> Result<()> {
    // Eight bits over the range of -1 to 1 times the largest value: an error of at most 1/127 of it a value.
    let layer = ChannelLayer::detached(link(DIGITAL, 3), link(DIGITAL, 4));
    let ((digital, _), (ideal, _)) = (split(Some(layer), 30)?, split(None, 30)?);
    for (round, (digital, ideal)) in digital.iter().zip(&ideal).enumerate() {
        assert!((digital - ideal).abs() < 0.05 * ideal, "round {round}: {digital} and {ideal}");
    }
    Ok(())
}
