//! The keys of schemes whose server combines antennas by the channels: `"receive-combining"` and `"uniform-forcing"`.

use crate::beamforming::{Antennas, Combiner};
use crate::config::{ConfigError, TableReader};
use crate::experiment::sections::{SchemeKind, SchemeSection};
use crate::sounding::{KnowledgeConfig, Sounding};

/// Receive combining as configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiveCombining {
    /// How antennas are weighed.
    pub combiner: Combiner,
    /// Receive antennas.
    pub antennas: usize,
}

/// Uniform forcing as configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UniformForcing {
    /// Beams of the server.
    pub streams: usize,
    /// Whether beams are refined beyond the centroid of the devices' signal spaces.
    pub refined: bool,
    /// Antennas at either end.
    pub antennas: Antennas,
}

/// Reads the keys of `"receive-combining"`.
///
/// # Errors
/// When one is wrong.
pub fn read_receive_combining(reader: &TableReader<'_>) -> Result<ReceiveCombining, ConfigError> {
    reader.choice("power_constraint", Some("peak"), &["peak"])?;
    let combiner = match reader.choice("combiner", Some("mmse"), &["mrc", "zero-forcing", "mmse"])? {
        "mrc" => Combiner::MaximumRatio,
        "zero-forcing" => Combiner::ZeroForcing,
        _ => Combiner::Mmse,
    };
    // The link says how many antennas there are.
    Ok(ReceiveCombining { combiner, antennas: 1 })
}

/// Reads the keys of `"uniform-forcing"`.
///
/// # Errors
/// When one is wrong.
pub fn read_uniform_forcing(reader: &TableReader<'_>) -> Result<UniformForcing, ConfigError> {
    reader.choice("power_constraint", Some("peak"), &["peak"])?;
    Ok(UniformForcing {
        streams: reader.usize("streams", Some(1), 1)?,
        refined: reader.choice("beamformer", Some("refined"), &["refined", "centroid"])? == "refined",
        antennas: Antennas::SINGLE,
    })
}

/// Tells a scheme of the antennas.
///
/// # Errors
/// When devices have several antennas that the scheme has no use for, or there are more beams than antennas.
pub fn check_antennas(
    scheme: &mut SchemeSection,
    link: &TableReader<'_>,
    antennas: Antennas,
) -> Result<(), ConfigError> {
    match &mut scheme.kind {
        SchemeKind::ReceiveCombining(section) => section.antennas = antennas.receive,
        SchemeKind::UniformForcing(section) => {
            section.antennas = antennas;
            let streams = section.streams;
            for (key, count) in [("receive_antennas", antennas.receive), ("device_antennas", antennas.device)]
            {
                if streams > count {
                    let message = format!(
                        "{count} is fewer than scheme.streams = {streams}: {streams} beams need as many antennas at either end, \
                         or choose scheme.streams = {count}"
                    );
                    return Err(link.invalid(key, message));
                }
            }
        }
        _ => {}
    }
    if antennas.device > 1 && !matches!(scheme.kind, SchemeKind::UniformForcing(_)) {
        let message = format!(
            "{} antennas are of no use to the devices of scheme.kind = \"{}\", which send from one; \
             scheme.kind = \"uniform-forcing\" precodes over several",
            antennas.device, scheme.name
        );
        return Err(link.invalid("device_antennas", message));
    }
    Ok(())
}

/// Most devices whose beams are designed together: the work of an element grows with their square.
const MAX_FORCED_DEVICES: usize = 4096;

/// Refuses fewer antennas than devices for zero-forcing, and more devices than beams are designed for.
///
/// # Errors
/// When there are fewer, or more.
pub fn check_devices(
    scheme: &SchemeSection,
    link: &TableReader<'_>,
    antennas: Antennas,
    devices: usize,
) -> Result<(), ConfigError> {
    match &scheme.kind {
        SchemeKind::ReceiveCombining(ReceiveCombining { combiner: Combiner::ZeroForcing, .. })
            if antennas.receive < devices =>
        {
            let message = format!(
                "{} is fewer than the {devices} devices that scheme.combiner = \"zero-forcing\" must tell apart; \
                 give at least {devices}, or choose combiner = \"mmse\" or \"mrc\"",
                antennas.receive
            );
            Err(link.invalid("receive_antennas", message))
        }
        SchemeKind::UniformForcing(_) if devices > MAX_FORCED_DEVICES => {
            let message = format!(
                "{} for {devices} devices: scheme.kind = \"uniform-forcing\" designs its beams for at most \
                 {MAX_FORCED_DEVICES} devices together",
                antennas.receive
            );
            Err(link.invalid("receive_antennas", message))
        }
        _ => Ok(()),
    }
}

/// Refuses knowledge that only devices have, for a server that must know the channels.
///
/// # Errors
/// When pilots go down, or feedback or reciprocity is spoken of that is not used.
pub fn check_knowledge(
    name: &str,
    link: &TableReader<'_>,
    known: &KnowledgeConfig,
) -> Result<(), ConfigError> {
    if known.pilots().is_some_and(|pilots| pilots.sounding == Sounding::Downlink) {
        let message = format!(
            "= \"estimated\" by downlink pilots tells devices of their channels, but scheme.kind = \"{name}\" needs a server \
             that knows them: pilots.sounding = \"uplink\" is expected"
        );
        return Err(link.invalid("csi", message));
    }
    if known.pilots().is_some() && known.bits.is_some() {
        let message = format!(
            "quantises what a server feeds back; the server of scheme.kind = \"{name}\" keeps it: leave it out"
        );
        return Err(link.invalid("csi_bits", message));
    }
    if known.reciprocity_error_db != 0.0 || known.reciprocity_error_rad != 0.0 {
        let key =
            if known.reciprocity_error_db != 0.0 { "reciprocity_error_db" } else { "reciprocity_error_rad" };
        let message =
            format!("has no meaning for scheme.kind = \"{name}\", whose server hears the channels itself");
        return Err(link.invalid(key, message));
    }
    Ok(())
}
