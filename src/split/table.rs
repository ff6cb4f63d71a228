//! Rounds as rows of a file.

use super::round::{DeviceRound, Round};
use crate::sweep::table::number;

/// Columns of `rounds.csv`: one row a round and device.
pub const COLUMNS: [&str; 22] = [
    "round",
    "t_start_s",
    "device",
    "cut",
    "takes_part",
    "up_rate_bps",
    "down_rate_bps",
    "client_forward_s",
    "activations_up_s",
    "server_s",
    "gradients_down_s",
    "client_backward_s",
    "client_j",
    "up_j",
    "server_j",
    "down_j",
    "averaged_backward_s",
    "broadcast_s",
    "aggregation_s",
    "server_backward_samples",
    "round_s",
    "round_j",
];

/// Appends the rows of a round that begins at a time; stages of devices that took no part are empty.
pub fn write_rows(out: &mut String, t_start_s: f64, round: &Round) {
    for device in &round.devices {
        out.push_str(&cells(t_start_s, round, device).join(","));
        out.push('\n');
    }
}

fn cells(t_start_s: f64, round: &Round, device: &DeviceRound) -> [String; 22] {
    let own = |x: f64| if device.takes_part { number(x) } else { String::new() };
    let own_j = |x: Option<f64>| x.map_or(String::new(), own);
    let (stages, energies) = (&device.stages, &device.energies);
    [
        round.round.to_string(),
        number(t_start_s),
        device.device.to_string(),
        device.cut.to_string(),
        if device.takes_part { "1" } else { "0" }.into(),
        number(device.up_rate_bps),
        number(device.down_rate_bps),
        own(stages.client_forward_s),
        own(stages.activations_up_s),
        own(stages.server_s),
        own(stages.gradients_down_s),
        own(stages.client_backward_s),
        own_j(energies.client_j),
        own_j(energies.up_j),
        own_j(energies.server_j),
        own_j(energies.down_j),
        number(round.averaged_backward_s),
        number(round.broadcast_s),
        number(round.aggregation_s),
        round.server_backward_samples.to_string(),
        number(round.round_s),
        round.round_j.map_or(String::new(), number),
    ]
}
