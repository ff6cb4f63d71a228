//! The loader: a tree as written becomes an experiment; payloads and hashes of files are kept for the next one.

use super::sections::{self, CellDrop, PayloadSection, Population, SchemeKind};
use super::tables::Tables;
use super::{Experiment, ExperimentError, ExperimentId, id, segments};
use crate::config::{ConfigError, Node, Origin, TableReader, Value};
use crate::link::config::Content;
use crate::link_table::CurveConfig;
use crate::payload::{Payload, Preparation, Source};
use crate::scheme::LinkBudget;
use crate::sounding::{KnowledgeModel, KnownStatistics};
use airloop_baseband::Seeds;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Keys of `[link]` that say an SNR which a link table says itself.
const WALKED: [&str; 5] = ["es_n0_db", "eb_n0_db", "receive_snr_db", "snr_db_per_device", "snr_spread_db"];

/// Makes experiments, and keeps payloads that several of them share.
#[derive(Default)]
pub struct Loader<'a> {
    payloads: Mutex<HashMap<String, Arc<Payload>>>,
    hashes: Mutex<HashMap<PathBuf, String>>,
    supplied: Option<Supplied<'a>>,
    /// Label of the branch of the seed that everything is drawn from.
    branch: Option<u64>,
    /// Whether files need say nothing of payload and scheme.
    links: bool,
    /// Whether files are link tables: a digital link at every SNR of its waterfall.
    tables: bool,
}

/// Values that are given in place of a file's payload source.
enum Supplied<'a> {
    Source(Source),
    Rows(Handed<'a>),
}

/// Values that are handed over for one round.
#[derive(Clone, Copy, Debug)]
pub struct Handed<'a> {
    /// Number of devices.
    pub devices: usize,
    /// All values, device after device.
    pub values: &'a [f32],
    /// Weights of the devices in a mean, where the file's are not to be taken.
    pub weights: Option<&'a [f64]>,
}

impl<'a> Loader<'a> {
    /// Makes a loader that uses the given values in place of the file's payload source.
    pub fn with_source(source: Source) -> Self {
        Self { supplied: Some(Supplied::Source(source)), ..Self::default() }
    }

    /// Makes a loader of one experiment, whose payload is handed over for one round.
    pub fn with_rows(rows: Handed<'a>) -> Self {
        Self { supplied: Some(Supplied::Rows(rows)), ..Self::default() }
    }

    /// Draws everything from a branch of the file's seed: links of the same file that are independent.
    #[must_use]
    pub fn branched(self, label: u64) -> Self {
        Self { branch: Some(label), ..self }
    }

    /// Makes a loader of digital links: a file that says nothing of payload and scheme has one device, whose bits are random.
    pub fn of_links() -> Self {
        Self { links: true, ..Self::default() }
    }

    /// Makes a loader of link tables of block error rates: of digital links whose SNR is the table's own.
    pub fn of_link_tables() -> Self {
        Self { links: true, tables: true, ..Self::default() }
    }

    /// Makes an experiment from a tree (without `sweep` and `curve`).
    ///
    /// # Errors
    /// When a key is unknown, a value is wrong, parts contradict each other, or a payload cannot be used.
    pub fn load(&self, root: &Node) -> Result<Experiment, ExperimentError> {
        if self.tables {
            return self.load_curve(root);
        }
        if self.links {
            return self.load_whole(&with_defaults_of_links(root)?);
        }
        self.load_whole(root)
    }

    /// Makes the experiment of a curve: that of a link at 0 dB, whatever SNR the file names.
    fn load_curve(&self, root: &Node) -> Result<Experiment, ExperimentError> {
        let why = "a link table walks link.snr_db itself: leave it out";
        let link = TableReader::new(root, "")?.section("link")?;
        WALKED.iter().try_for_each(|key| link.require_absent(key, why))?;
        let mut tree = root.clone();
        tree.set("link.snr_db", Node::new(Value::Float(0.0), Origin::Default))?;
        if tree.get("table").is_none() {
            tree.replace_table("table", Node::empty_table(Origin::Default))?;
        }
        self.load_whole(&with_defaults_of_links(&tree)?)
    }

    fn load_whole(&self, root: &Node) -> Result<Experiment, ExperimentError> {
        let mut tables = Tables::read(root, self.supplied.is_some())?;
        tables.seeds = self.branch.map_or(tables.seeds, |label| tables.seeds.branch(label));
        if !self.links {
            let why =
                "goes with `airloop link-table` of a digital link; other experiments have no curves to walk";
            tables.root.require_absent("table", why)?;
            let why = "goes with `airloop link-table` of a digital link, whose blocks it sends";
            tables.root.require_absent("effective_sinr", why)?;
        } else if self.tables {
            // A curve is none of the links that are measured at one SNR.
            tables.root.table("table")?;
        }
        let carrier_hz = tables.channel.carrier_hz;
        let numerology = Arc::new(tables.ofdm.numerology(&tables.reader("ofdm")?, carrier_hz)?);
        let devices = |section: &PayloadSection| self.devices(section);
        let section = tables.payload.clone();
        let cell = tables.place(|| devices(&section), &numerology)?;
        let part = cell.as_ref().and_then(CellDrop::part);
        let payload = self.payload(&tables.payload, tables.seeds, part.as_deref())?;
        let antennas = tables.link.antennas();
        let azimuths_deg = cell.as_ref().map(CellDrop::azimuths_deg);
        let population = Population {
            devices: cell.as_ref().map_or(payload.devices(), |drop| drop.devices.len()),
            part: part.as_deref(),
            azimuths_deg: azimuths_deg.as_deref(),
        };
        let channel_reader = tables.reader("channel")?;
        let channel = tables.channel.model(&channel_reader, &numerology, (antennas, population))?;
        let (link_reader, scheme_reader) = (tables.reader("link")?, tables.reader("scheme")?);
        let digital_link = tables.digital_link(&numerology)?;
        let effective_sinr = tables.effective_sinr(&numerology)?;
        let mut budget = tables.link.budget(&link_reader, &payload, &numerology)?;
        let budget_symbols = tables.budget.symbols(&tables.reader("budget")?, &numerology)?;
        tables.check(&payload, &numerology)?;
        if let SchemeKind::SparseAnalog(section) = &mut tables.scheme.kind {
            let elements = budget_symbols.map(|symbols| symbols * numerology.used());
            section.settle(&scheme_reader, payload.length(), elements)?;
        }
        if let SchemeKind::DigitalAircomp(scheme) = &mut tables.scheme.kind {
            scheme.settle(&scheme_reader, &payload)?;
        }
        let plan = segments(payload.length(), &numerology, (&tables.scheme.kind, budget_symbols));
        let pilots_reader = tables.reader("pilots")?;
        let (readers, noise) = ((&link_reader, &pilots_reader), mean_noise(&budget, &payload));
        let config = tables.knowledge.config(readers, &channel, &numerology, noise)?;
        tables.scheme.check_knowledge(&link_reader, &config)?;
        let knowledge =
            KnowledgeModel::new(config, &channel, &numerology, (payload.devices(), tables.link.antennas()));
        let known = Arc::new(if tables.scheme.kind.needs().channels() {
            knowledge.statistics(&knowledge.lags_s(&plan))
        } else {
            KnownStatistics::perfect(channel.marginal().k_factor())
        });
        tables.scheme.resolve(&budget, &known, &channel, plan.repetitions());
        if let Some(objection) = tables.scheme.objection() {
            return Err(scheme_reader.invalid("threshold", objection).into());
        }
        sections::check_unbiased(&scheme_reader, &tables.scheme.kind)?;
        if tables.link.receive_snr_db.is_some() && tables.knowledge.depends_on_noise() {
            let message = "is missing: with link.receive_snr_db the noise follows from what is known of the channels, \
                           so pilots need an SNR of their own, for example 20.0";
            return Err(pilots_reader.invalid("snr_db", message).into());
        }
        tables.link.settle_noise(&link_reader, &tables.scheme, &mut budget, &numerology)?;
        let canonical = self.canonical(&tables)?;
        let (sync_reader, stop_reader) = (tables.reader("sync")?, tables.reader("stop")?);
        let waveform_reader = tables.reader("waveform")?;
        let mut experiment = Experiment {
            id: ExperimentId::of(&canonical),
            canonical,
            seeds: tables.seeds,
            payload,
            numerology,
            channel,
            channel_section: tables.channel,
            link: tables.link,
            knowledge: Arc::new(knowledge),
            known,
            impairments: tables.impairments,
            receiver: tables.receiver,
            sync: None,
            waveform: tables.waveform,
            cell: cell.map(Arc::new),
            idle_symbols: 0,
            idle_sounding: None,
            rounds: tables.rounds,
            privacy: tables.privacy,
            budget,
            scheme: tables.scheme,
            digital_link: digital_link.map(Arc::new),
            effective_sinr: effective_sinr.map(Arc::new),
            coded: None,
            curve: None,
            measures_link: self.links,
            budget_symbols,
            stop: tables.stop,
            warnings: Vec::new(),
        };
        let noise = mean_noise(&experiment.budget, &experiment.payload);
        experiment.sync = tables.sync.config(&sync_reader, &experiment, noise)?.map(Arc::new);
        experiment.settle_recording(&channel_reader)?;
        experiment.check_waveform_path(&waveform_reader)?;
        experiment.stop.check(&stop_reader, &experiment, self.links)?;
        experiment.settle_coded(&tables.root)?;
        if self.tables {
            check_curve(&tables.root, &experiment)?;
            experiment.curve = Some(Arc::new(CurveConfig { walk: tables.link_table, tree: root.clone() }));
        }
        experiment.warnings = crate::report::warnings::before_running(&experiment);
        Ok(experiment)
    }

    /// Returns what differs from the defaults, and the content of files.
    fn canonical(&self, tables: &Tables<'_>) -> Result<Vec<(String, serde_json::Value)>, ExperimentError> {
        let mut canonical = tables.root.canonical();
        // A link is the same whether a table asks for it or not.
        let of_table =
            |key: &str| !self.tables && matches!(key.split('.').next(), Some("table" | "effective_sinr"));
        canonical.retain(|(key, _)| !key.starts_with("stop") && !of_table(key));
        if let Some(hash) = self.content_hash(&tables.payload)? {
            canonical.push(("payload.content_sha256".into(), serde_json::Value::String(hash)));
            canonical.sort_by(|a, b| a.0.cmp(&b.0));
        }
        Ok(canonical)
    }

    /// Returns how many devices there are before a part of them is selected.
    fn devices(&self, section: &PayloadSection) -> Result<usize, ExperimentError> {
        match &self.supplied {
            Some(Supplied::Rows(rows)) => Ok(rows.devices),
            _ => self.source(section).map(|source| source.devices()),
        }
    }

    /// Returns where all devices' values come from.
    fn source(&self, section: &PayloadSection) -> Result<Source, ExperimentError> {
        let source = match &self.supplied {
            Some(Supplied::Source(source)) => Ok(source.clone()),
            Some(Supplied::Rows(rows)) => Source::array(rows.devices, rows.values.into()),
            None => section.source(),
        };
        source.map_err(|source| failed(section, source))
    }

    /// Returns how values are to be prepared.
    fn preparation(
        &self,
        section: &PayloadSection,
        devices: usize,
        file: Option<&Path>,
    ) -> Result<Preparation, ExperimentError> {
        let preparation = section.preparation(devices, file)?;
        match &self.supplied {
            Some(Supplied::Rows(Handed { weights: Some(weights), .. })) => {
                preparation.weighted(weights, devices).map_err(|source| failed(section, source))
            }
            _ => Ok(preparation),
        }
    }

    /// Makes the payload of all devices, or of a part of them.
    fn payload(
        &self,
        section: &PayloadSection,
        seeds: Seeds,
        part: Option<&[usize]>,
    ) -> Result<Arc<Payload>, ExperimentError> {
        let key = format!("{section:?} {} {part:?}", seeds.master());
        let mut payloads = self.payloads.lock().expect("no thread panics while it loads a payload");
        if let Some(payload) = payloads.get(&key) {
            return Ok(Arc::clone(payload));
        }
        let failed = |source| failed(section, source);
        if let (Some(Supplied::Rows(rows)), None) = (&self.supplied, part) {
            let preparation = self.preparation(section, rows.devices, None)?;
            let payload =
                Payload::of_rows((rows.devices, rows.values), preparation, seeds).map_err(failed)?;
            return Ok(Arc::new(payload));
        }
        let mut source = self.source(section)?;
        let mut preparation = self.preparation(section, source.devices(), source.path().as_deref())?;
        if let Some(part) = part {
            source = source.part(part).map_err(failed)?;
            preparation = preparation.part(part);
        }
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

/// Returns what is wrong with a payload, with the place where it is configured.
fn failed(section: &PayloadSection, source: crate::payload::SourceError) -> ExperimentError {
    ExperimentError::Payload { place: section.place.clone(), source: Box::new(source) }
}

/// Returns the noise power over the mean budget of a device: what pilots of the same power see.
fn mean_noise(budget: &LinkBudget, payload: &Payload) -> f64 {
    let power = budget.power.iter().enumerate().map(|(k, p)| p * payload.budget_power(k)).sum::<f64>();
    budget.noise_power * budget.devices() as f64 / power
}

/// Checks that an experiment is a curve of block error rates: one code block of a scheme, of one device, whose SNR the table walks.
fn check_curve(root: &TableReader<'_>, experiment: &Experiment) -> Result<(), ConfigError> {
    let block = experiment.digital_link.as_ref().map(|link| &link.content);
    if !matches!(block, Some(Content::Plain { mcs: Some(_), .. })) {
        let message = "is missing: an entry of a link table is one code block of so many bits at the rate and modulation of mcs.index, \
                       for example 1024";
        return Err(root.section("mcs")?.invalid("block_bits", message));
    }
    let devices = experiment.payload.devices();
    if devices != 1 {
        let message = format!("{devices} is out of range: the curves of a link table are of 1 device");
        return Err(root.section("payload")?.invalid("devices", message));
    }
    Ok(())
}

/// Adds what a file of a digital link need not say: its payload and a scheme, of which the link makes no use.
fn with_defaults_of_links(root: &Node) -> Result<Node, ConfigError> {
    let mut root = root.clone();
    let text = |text: &str| Node::new(Value::String(text.into()), Origin::Default);
    let whole = |x: i64| Node::new(Value::Integer(x), Origin::Default);
    let usual = [
        ("payload.source", text("gaussian")),
        ("payload.devices", whole(1)),
        ("payload.length", whole(1)),
        ("scheme.kind", text("digital")),
        ("scheme.bits", whole(8)),
    ];
    let (scheme, file) = (root.get("scheme.kind").is_some(), root.get("payload.path").is_some());
    for (path, node) in usual {
        let own = if path.starts_with("scheme") { scheme } else { file };
        if root.get(path).is_none() && !own {
            root.set(path, node)?;
        }
    }
    Ok(root)
}
