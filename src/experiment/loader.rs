//! The loader: a tree as written becomes an experiment; payloads and hashes of files are kept for the next one.

use super::sections::scheme_keys::misaligned::Surroundings;
use super::sections::{
    self, ChannelSection, LinkSection, OfdmSection, PayloadSection, Rule, SchemeKind, SchemeSection, Stop,
};
use super::{Experiment, ExperimentError, ExperimentId, id, segments};
use crate::config::{ConfigError, Node, TableReader};
use crate::payload::Payload;
use crate::scheme::{DeviceKnowledge, LinkBudget};
use crate::sounding::{KnowledgeModel, KnownStatistics};
use airloop_baseband::Seeds;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// Makes experiments, and keeps payloads that several of them share.
#[derive(Default)]
pub struct Loader {
    payloads: Mutex<HashMap<String, Arc<Payload>>>,
    hashes: Mutex<HashMap<PathBuf, String>>,
    supplied: Option<crate::payload::Source>,
}

/// Most rounds of a trial.
const MAX_ROUNDS: usize = 1_000_000;

impl Loader {
    /// Makes a loader that uses the given values in place of the file's payload source.
    pub fn with_source(source: crate::payload::Source) -> Self {
        Self { supplied: Some(source), ..Self::default() }
    }

    /// Makes an experiment from a tree (without `sweep` and `curve`).
    ///
    /// # Errors
    /// When a key is unknown, a value is wrong, parts contradict each other, or a payload cannot be used.
    pub fn load(&self, root: &Node) -> Result<Experiment, ExperimentError> {
        sections::refuse_unknown_keys(root)?;
        let reader = TableReader::new(root, "")?;
        let seed = reader.u64("seed", Some(1), 0)?;
        let seeds = Seeds::new(seed);
        let rounds = reader.usize("rounds", Some(1), 1)?;
        if rounds > MAX_ROUNDS {
            let message =
                format!("{rounds} is out of range: 1 to {MAX_ROUNDS} rounds of a trial are possible");
            return Err(reader.invalid("rounds", message).into());
        }
        let payload_section =
            PayloadSection::read(&reader.section("payload")?, self.supplied.is_some(), rounds)?;
        let channel_reader = reader.section("channel")?;
        let channel_section = ChannelSection::read(&channel_reader)?;
        let ofdm_reader = reader.section("ofdm")?;
        let ofdm = OfdmSection::read(&ofdm_reader)?;
        let link_reader = reader.section("link")?;
        let mut link = LinkSection::read(&link_reader)?;
        let budget_reader = reader.section("budget")?;
        let budget_section = sections::BudgetSection::read(&budget_reader)?;
        let scheme_reader = reader.section("scheme")?;
        let mut scheme = SchemeSection::read(&scheme_reader, budget_section.is_given())?;
        let stop_reader = reader.section("stop")?;
        let stop = Stop::read(&stop_reader)?;
        let sync_reader = reader.section("sync")?;
        let sync_section = sections::SyncSection::read(&sync_reader)?;
        let pilots_reader = reader.section("pilots")?;
        let knowledge_section = sections::KnowledgeSection::read(&link_reader, &pilots_reader)?;
        let impairments_reader = reader.section("impairments")?;
        let impairments = sections::ImpairmentsSection::read(&impairments_reader)?;
        let privacy_reader = reader.section("privacy")?;
        let privacy = sections::PrivacySection::read(&privacy_reader)?;
        reader.finish_among(&sections::KNOWN_KEYS)?;

        let numerology = Arc::new(ofdm.numerology(&ofdm_reader, channel_section.carrier_hz)?);
        let payload = self.payload(&payload_section, seeds)?;
        let channel = channel_section.model(&numerology);
        let mut budget = link.budget(&link_reader, &payload, &numerology)?;
        scheme.check_function(&reader.section("payload")?, payload.is_majority())?;
        let budget_symbols = budget_section.symbols(&budget_reader, &numerology)?;
        let rates = (numerology.sample_rate_hz(), channel_section.carrier_hz);
        impairments.check(&impairments_reader, payload.devices(), rates)?;
        if let Some(privacy) = &privacy {
            privacy.check(&privacy_reader, &payload)?;
            scheme.check_privacy(&privacy_reader)?;
        }
        if let SchemeKind::SparseAnalog(section) = &mut scheme.kind {
            let elements = budget_symbols.map(|symbols| symbols * numerology.used());
            section.settle(&scheme_reader, payload.length(), elements)?;
        }
        let plan = segments(payload.length(), &numerology, (&scheme.kind, budget_symbols));
        let readers = (&link_reader, &pilots_reader);
        let config =
            knowledge_section.config(readers, &channel, &numerology, mean_noise(&budget, &payload))?;
        scheme.check_antennas(&link_reader, link.receive_antennas)?;
        scheme.check_knowledge(&link_reader, &config)?;
        if let SchemeKind::Misaligned(section) = &scheme.kind {
            let (root, budget) = (&reader, &budget_reader);
            let around = Surroundings { root, channel: &channel_reader, link: &link_reader, budget };
            section.check(&around, &channel_section, &link, &impairments)?;
            section.check_devices(&scheme_reader, payload.devices())?;
        }
        let knowledge = KnowledgeModel::new(config, &channel, &numerology, payload.devices());
        let known = Arc::new(if scheme.kind.needs().knowledge != DeviceKnowledge::None {
            knowledge.statistics(&knowledge.lags_s(&plan))
        } else {
            KnownStatistics::perfect(channel.marginal().k_factor())
        });
        scheme.resolve(&budget, &known, &channel, plan.repetitions());
        if let Some(objection) = scheme.objection() {
            return Err(scheme_reader.invalid("threshold", objection).into());
        }
        sections::check_unbiased(&scheme_reader, &scheme.kind)?;
        if link.receive_snr_db.is_some() && knowledge_section.depends_on_noise() {
            let message = "is missing: with link.receive_snr_db the noise follows from what is known of the channels, \
                           so pilots need an SNR of their own, for example 20.0";
            return Err(pilots_reader.invalid("snr_db", message).into());
        }
        link.settle_noise(&link_reader, &scheme, &mut budget, &numerology)?;
        let mut canonical = reader.canonical();
        canonical.retain(|(key, _)| !key.starts_with("stop"));
        if let Some(hash) = self.content_hash(&payload_section)? {
            canonical.push(("payload.content_sha256".into(), serde_json::Value::String(hash)));
            canonical.sort_by(|a, b| a.0.cmp(&b.0));
        }
        let mut experiment = Experiment {
            id: ExperimentId::of(&canonical),
            canonical,
            seeds,
            payload,
            numerology,
            channel,
            channel_section,
            link,
            knowledge: Arc::new(knowledge),
            known,
            impairments,
            sync: None,
            rounds,
            privacy,
            budget,
            scheme,
            budget_symbols,
            stop,
            warnings: Vec::new(),
        };
        let noise = mean_noise(&experiment.budget, &experiment.payload);
        experiment.sync = sync_section.config(&sync_reader, &experiment, noise)?.map(Arc::new);
        if let Rule::HalfWidth { metric, .. } = experiment.stop.rule {
            let votes = metric.name().starts_with("vote");
            if votes != experiment.payload.is_majority() {
                let right = if votes { "\"nmse\" or \"mse_per_device\"" } else { "\"vote_error_rate\"" };
                let message = format!(
                    "= \"{}\" has no value for this payload.function; stop.metric = {right} is expected",
                    metric.name()
                );
                return Err(stop_reader.invalid("metric", message).into());
            }
            let nmse = metric.name().starts_with("nmse");
            if !(experiment.mean_exists() && (!nmse || experiment.nmse_mean_exists())) {
                let message = "watches an error that has no mean here, so its interval never becomes narrow; \
                               give stop.trials instead";
                return Err(stop_reader.invalid("relative_half_width", message).into());
            }
        }
        experiment.warnings = crate::report::warnings::before_running(&experiment);
        Ok(experiment)
    }

    fn payload(&self, section: &PayloadSection, seeds: Seeds) -> Result<Arc<Payload>, ExperimentError> {
        let key = format!("{section:?} {}", seeds.master());
        let mut payloads = self.payloads.lock().expect("no thread panics while it loads a payload");
        if let Some(payload) = payloads.get(&key) {
            return Ok(Arc::clone(payload));
        }
        let failed =
            |source| ExperimentError::Payload { place: section.place.clone(), source: Box::new(source) };
        let source = match &self.supplied {
            Some(source) => source.clone(),
            None => section.source().map_err(failed)?,
        };
        let preparation = section.preparation(&source)?;
        let payload = Arc::new(Payload::new(source, &preparation, seeds).map_err(failed)?);
        payloads.insert(key, Arc::clone(&payload));
        Ok(payload)
    }

    fn content_hash(&self, section: &PayloadSection) -> Result<Option<String>, ExperimentError> {
        let Some(path) = &section.path else { return Ok(None) };
        let mut hashes = self.hashes.lock().expect("no thread panics while it hashes a file");
        if let Some(hash) = hashes.get(path) {
            return Ok(Some(hash.clone()));
        }
        let hash =
            id::file_sha256(path).map_err(|source| ConfigError::Read { path: path.clone(), source })?;
        hashes.insert(path.clone(), hash.clone());
        Ok(Some(hash))
    }
}

/// Returns the noise power over the mean budget of a device: what pilots of the same power see.
fn mean_noise(budget: &LinkBudget, payload: &Payload) -> f64 {
    let power = budget.power.iter().enumerate().map(|(k, p)| p * payload.budget_power(k)).sum::<f64>();
    budget.noise_power * budget.devices() as f64 / power
}
