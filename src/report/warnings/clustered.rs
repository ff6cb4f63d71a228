//! Doubts about clustered channels: where devices stand.

use super::Warning;
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use airloop_channels::cdl::ServerAzimuth;

/// Returns the doubt about devices that several antennas see in one direction.
pub(super) fn before_running(experiment: &Experiment) -> Option<Warning> {
    let ChannelModel::Taps { fading, .. } = &experiment.channel else { return None };
    let devices = experiment.payload.devices();
    let alike = fading.clusters()?.config().server_azimuth == ServerAzimuth::Table;
    (alike && devices > 1 && experiment.link.receive_antennas > 1).then(|| {
        let message = format!(
            "the server sees all {devices} devices in the same direction, so that its antennas tell them apart by scattering alone; \
             channel.server_sector_deg (120, for example) or channel.server_azimuth_deg spreads them"
        );
        Warning::new("devices-in-one-direction", message)
    })
}
