//! One file for each table of an experiment: which keys it has, their defaults, bounds and meaning.

mod budget;
mod cell;
mod channel;
mod digital_link;
mod effective_sinr;
mod impairments;
mod knowledge;
mod link;
mod link_table;
mod nomographic;
mod ofdm;
mod payload;
mod privacy;
mod receiver;
mod scheme;
pub mod scheme_keys;
mod scheme_kind;
mod stop;
mod sync;
mod text_file;
mod waveform;

pub use budget::BudgetSection;
pub use cell::{CellDevice, CellDrop, CellSection, Selected};
pub use channel::{ChannelSection, DELAY_ACCURACY_DB, Delays, MODELS, Population};
pub use digital_link::DigitalLinkSection;
pub use effective_sinr::EffectiveSinrSection;
pub use impairments::{ImpairmentsSection, RadioPart};
pub use knowledge::{KnowledgeSection, check_unbiased};
pub use link::LinkSection;
pub use link_table::LinkTableSection;
pub use ofdm::OfdmSection;
pub use payload::PayloadSection;
pub use privacy::PrivacySection;
pub use receiver::ReceiverSection;
pub use scheme::SchemeSection;
pub use scheme_kind::{SCHEMES, SchemeKind};
pub use stop::{Metric, Rule, Stop};
pub use sync::SyncSection;
pub use waveform::WaveformSection;

use crate::config::{ConfigError, Node, TableReader};

/// Every key of an experiment; a key that is not here is refused with the nearest one that is.
pub const KNOWN_KEYS: &[&str] = &[
    "seed",
    "payload.source",
    "payload.path",
    "payload.tensor",
    "payload.devices",
    "payload.length",
    "payload.correlation",
    "payload.round_decay",
    "payload.density",
    "payload.agreement",
    "payload.positive_votes",
    "payload.function",
    "payload.abstain_below",
    "payload.approximation",
    "payload.norm_order",
    "payload.sharpness",
    "payload.weights",
    "payload.normalisation",
    "payload.center",
    "payload.interleave",
    "ofdm.numerology",
    "ofdm.bandwidth_hz",
    "ofdm.subcarrier_spacing_hz",
    "ofdm.sample_rate_hz",
    "ofdm.fft_size",
    "ofdm.cyclic_prefix_samples",
    "ofdm.used_subcarriers",
    "ofdm.dc",
    "cell.scenario",
    "cell.shape",
    "cell.radius_m",
    "cell.inner_radius_m",
    "cell.positions",
    "cell.min_distance_m",
    "cell.server_height_m",
    "cell.device_height_m",
    "cell.street_width_m",
    "cell.building_height_m",
    "cell.clutter_density",
    "cell.clutter_size_m",
    "cell.clutter_height_m",
    "cell.line_of_sight",
    "cell.shadowing",
    "cell.drop",
    "cell.transmit_power_dbm",
    "cell.server_antenna_gain_dbi",
    "cell.device_antenna_gain_dbi",
    "cell.noise_figure_db",
    "cell.temperature_k",
    "cell.selection",
    "channel.model",
    "channel.k_factor_db",
    "channel.delay_spread_s",
    "channel.profile_file",
    "channel.carrier_hz",
    "channel.speed_m_s",
    "channel.doppler_hz",
    "channel.fading",
    "channel.delays",
    "channel.correlation",
    "channel.receive_correlation",
    "channel.device_correlation",
    "channel.receive_array",
    "channel.device_array",
    "channel.rays",
    "channel.travel_azimuth_deg",
    "channel.travel_zenith_deg",
    "channel.server_azimuth_deg",
    "channel.server_sector_deg",
    "channel.angles",
    "channel.file",
    "channel.tensor",
    "channel.delay_tensor",
    "channel.layout",
    "channel.step_s",
    "channel.sample_rate_hz",
    "channel.normalise",
    "channel.timing",
    "channel.start",
    "channel.wrap",
    "channel.replay_speed",
    "link.snr_db",
    "link.es_n0_db",
    "link.eb_n0_db",
    "link.receive_snr_db",
    "link.snr_bandwidth_hz",
    "link.snr_spread_db",
    "link.snr_db_per_device",
    "link.transmit_power_w",
    "link.receive_antennas",
    "link.device_antennas",
    "link.csi",
    "link.csi_error",
    "link.csi_age_s",
    "link.csi_bits",
    "link.reciprocity_error_db",
    "link.reciprocity_error_rad",
    "pilots.spacing_subcarriers",
    "pilots.symbols",
    "pilots.snr_db",
    "pilots.estimator",
    "pilots.sounding",
    "pilots.period_symbols",
    "pilots.feedback_bits_per_element",
    "code.k",
    "code.n",
    "code.modulation",
    "code.base_graph",
    "code.decoder",
    "code.factor",
    "code.offset",
    "code.schedule",
    "code.iterations",
    "code.early_stop",
    "code.demapper",
    "mcs.table",
    "mcs.index",
    "mcs.block_bits",
    "slot.symbols",
    "slot.control_symbols",
    "slot.pilot_symbols",
    "slot.groups_without_data",
    "slot.layers",
    "slot.resource_blocks",
    "slot.precoding",
    "slot.precoding_blocks",
    "reception.estimator",
    "reception.equaliser",
    "reception.noise",
    "harq.transmissions",
    "harq.combining",
    "harq.versions",
    "harq.round_trip_slots",
    "harq.feedback_symbols",
    "harq.limited_buffer",
    "adaptation.target_bler",
    "adaptation.step_db",
    "adaptation.delay_slots",
    "adaptation.outer_loop",
    "scheduling.access",
    "scheduling.policy",
    "scheduling.slots",
    "scheduling.window_slots",
    "scheduling.power",
    "effective_sinr.profiles",
    "effective_sinr.delay_spreads_s",
    "effective_sinr.receive_antennas",
    "effective_sinr.resource_blocks",
    "effective_sinr.realisations",
    "effective_sinr.fresh_realisations",
    "effective_sinr.target_bler",
    "effective_sinr.accuracy_db",
    "effective_sinr.most_blocks",
    "table.step_db",
    "table.lowest_bler",
    "table.highest_bler",
    "table.highest_snr_db",
    "impairments.timing_offset_s",
    "impairments.cfo_hz",
    "impairments.phase_rad",
    "impairments.oscillator_ppm",
    "impairments.preset",
    "impairments.sample_clock_ppm",
    "impairments.phase_noise_linewidth_hz",
    "impairments.phase_noise_mask",
    "impairments.phase_noise_reference_hz",
    "impairments.iq_gain_db",
    "impairments.iq_phase_rad",
    "impairments.image_rejection_db",
    "impairments.dc_offset_dbc",
    "impairments.power_step_db",
    "impairments.power_error_db",
    "impairments.dac_bits",
    "impairments.dac_headroom_db",
    "impairments.amplifier",
    "receiver.preset",
    "receiver.phase_noise_linewidth_hz",
    "receiver.phase_noise_mask",
    "receiver.phase_noise_reference_hz",
    "receiver.iq_gain_db",
    "receiver.iq_phase_rad",
    "receiver.image_rejection_db",
    "receiver.dc_offset_dbc",
    "receiver.adc_bits",
    "receiver.adc_headroom_db",
    "receiver.agc",
    "receiver.agc_attack_s",
    "receiver.agc_decay_s",
    "rounds",
    "privacy.delta",
    "privacy.clip_norm",
    "privacy.neighbours",
    "privacy.eavesdropper_noise_db",
    "scheme.kind",
    "scheme.threshold",
    "scheme.scale",
    "scheme.power_constraint",
    "scheme.bits",
    "scheme.quantiser",
    "scheme.levels",
    "scheme.level_coding",
    "scheme.bucket",
    "scheme.kept",
    "scheme.value_bits",
    "scheme.positions",
    "scheme.on_loss",
    "scheme.sequence_length",
    "scheme.range",
    "scheme.channel_scaling",
    "scheme.base",
    "scheme.digits",
    "scheme.rounding",
    "scheme.constellation",
    "scheme.copies",
    "scheme.participation",
    "scheme.rows",
    "scheme.compression",
    "scheme.sparsity",
    "scheme.amp_iterations",
    "scheme.amp_threshold",
    "scheme.error_feedback",
    "scheme.receiver",
    "scheme.delays_symbols",
    "scheme.phases_rad",
    "scheme.symbols_per_frame",
    "scheme.oversampling",
    "scheme.combiner",
    "scheme.streams",
    "scheme.beamformer",
    "budget.airtime_s",
    "budget.elements",
    "sync.mode",
    "sync.sequence",
    "sync.root",
    "sync.repetitions",
    "sync.snr_db",
    "sync.false_alarm_rate",
    "sync.search_window_s",
    "sync.common",
    "waveform.path",
    "stop.trials",
    "stop.metric",
    "stop.block_errors",
    "stop.relative_half_width",
    "stop.min_trials",
    "stop.max_trials",
    "stop.level",
];

/// Refuses keys that no experiment has, before anything else is said of the file: a key that seems missing is often one
/// that was misspelt.
///
/// # Errors
/// On the first unknown key, and when a table's name holds something else.
pub fn refuse_unknown_keys(root: &Node) -> Result<(), ConfigError> {
    let reader = TableReader::new(root, "")?;
    reader.require_absent("card", "makes this file a validation card: `airloop verify FILE` runs it")?;
    for path in KNOWN_KEYS {
        match path.split_once('.') {
            Some((table, key)) => reader.section(table)?.has(key),
            None => reader.has(path),
        };
    }
    reader.finish_among(KNOWN_KEYS)
}
