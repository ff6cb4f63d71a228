//! The tables of an experiment as written: each read by its own section, and checked against the others.

use super::ExperimentError;
use super::sections::scheme_keys::misaligned::Surroundings;
use super::sections::{
    self, BudgetSection, CellDrop, CellSection, ChannelSection, DigitalLinkSection, EffectiveSinrSection,
    ImpairmentsSection, KnowledgeSection, LinkSection, LinkTableSection, OfdmSection, PayloadSection,
    PrivacySection, ReceiverSection, SchemeKind, SchemeSection, Stop, SyncSection, WaveformSection,
};
use crate::config::{ConfigError, Node, TableReader};
use crate::effective_sinr::EffectiveSinrConfig;
use crate::link::LinkConfig;
use crate::ofdm::Numerology;
use crate::payload::Payload;
use airloop_baseband::Seeds;

/// Most rounds of a trial.
const MAX_ROUNDS: usize = 1_000_000;

/// All tables of a file (without `sweep` and `curve`).
pub(super) struct Tables<'a> {
    pub root: TableReader<'a>,
    pub seeds: Seeds,
    pub rounds: usize,
    pub payload: PayloadSection,
    pub cell: Option<CellSection>,
    pub channel: ChannelSection,
    pub ofdm: OfdmSection,
    pub link: LinkSection,
    pub budget: BudgetSection,
    pub scheme: SchemeSection,
    pub stop: Stop,
    pub sync: SyncSection,
    pub waveform: WaveformSection,
    pub knowledge: KnowledgeSection,
    pub impairments: ImpairmentsSection,
    pub receiver: ReceiverSection,
    pub privacy: Option<PrivacySection>,
    pub digital_link: Option<DigitalLinkSection>,
    pub effective_sinr: Option<EffectiveSinrSection>,
    pub link_table: LinkTableSection,
}

impl<'a> Tables<'a> {
    /// Reads every table; `supplied` says that values come from elsewhere than the file's payload source.
    ///
    /// # Errors
    /// When a key is unknown, or a value wrong in itself.
    pub fn read(node: &'a Node, supplied: bool) -> Result<Self, ConfigError> {
        sections::refuse_unknown_keys(node)?;
        let root = TableReader::new(node, "")?;
        let seeds = Seeds::new(root.u64("seed", Some(1), 0)?);
        let rounds = root.usize("rounds", Some(1), 1)?;
        if rounds > MAX_ROUNDS {
            let message =
                format!("{rounds} is out of range: 1 to {MAX_ROUNDS} rounds of a trial are possible");
            return Err(root.invalid("rounds", message));
        }
        let table = |key: &str| root.section(key);
        let budget = BudgetSection::read(&table("budget")?)?;
        let tables = Self {
            seeds,
            rounds,
            payload: PayloadSection::read(&table("payload")?, supplied, rounds)?,
            cell: CellSection::read(&root)?,
            channel: ChannelSection::read(&table("channel")?)?,
            ofdm: OfdmSection::read(&table("ofdm")?)?,
            link: LinkSection::read(&table("link")?, root.has("cell"))?,
            scheme: SchemeSection::read(
                &table("scheme")?,
                budget.is_given(),
                root.has("mcs") || root.has("code"),
            )?,
            budget,
            stop: Stop::read(&table("stop")?)?,
            sync: SyncSection::read(&table("sync")?)?,
            waveform: WaveformSection::read(&table("waveform")?)?,
            knowledge: KnowledgeSection::read(&table("link")?, &table("pilots")?)?,
            impairments: ImpairmentsSection::read(&table("impairments")?)?,
            receiver: ReceiverSection::read(&table("receiver")?)?,
            privacy: PrivacySection::read(&table("privacy")?)?,
            digital_link: DigitalLinkSection::read(&root)?,
            effective_sinr: EffectiveSinrSection::read(&root)?,
            link_table: LinkTableSection::read(&table("table")?)?,
            root,
        };
        tables.root.finish_among(sections::KNOWN_KEYS)?;
        Ok(tables)
    }

    /// Returns the reader of a table, for errors that name its keys.
    ///
    /// # Errors
    /// When it is no table.
    pub fn reader(&self, key: &str) -> Result<TableReader<'a>, ConfigError> {
        self.root.section(key)
    }

    /// Makes the digital link, if there is one, and settles the SNR where it is given for an information bit.
    ///
    /// # Errors
    /// When a slot, a block or a number of layers does not fit.
    pub fn digital_link(&mut self, numerology: &Numerology) -> Result<Option<LinkConfig>, ConfigError> {
        let link = self.reader("link")?;
        let Some(section) = &self.digital_link else {
            let why = "goes with [mcs] or [code]; other experiments have link.snr_db";
            ["es_n0_db", "eb_n0_db"].iter().try_for_each(|key| link.require_absent(key, why))?;
            return Ok(None);
        };
        let antennas = (self.link.receive_antennas, self.link.device_antennas);
        let config = section.link(&self.root, numerology, antennas)?;
        self.link.settle_bit_energy(&link, &config)?;
        Ok(Some(config))
    }

    /// Returns the fit of effective SINRs, if there is one.
    ///
    /// # Errors
    /// When the band has no room for its resource blocks.
    pub fn effective_sinr(
        &self,
        numerology: &Numerology,
    ) -> Result<Option<EffectiveSinrConfig>, ConfigError> {
        self.effective_sinr.as_ref().map(|section| section.config(&self.root, numerology)).transpose()
    }

    /// Draws the drop of a cell, if there is one, for so many devices; SNRs and lists of devices follow it.
    ///
    /// # Errors
    /// When devices cannot be placed, none takes part, or a list does not fit them.
    pub fn place(
        &mut self,
        devices: impl FnOnce() -> Result<usize, ExperimentError>,
        numerology: &Numerology,
    ) -> Result<Option<CellDrop>, ExperimentError> {
        let Some(cell) = &self.cell else { return Ok(None) };
        let (devices, around) = (devices()?, (numerology, self.channel.carrier_hz));
        let drop = cell.place(&self.reader("cell")?, devices, around, self.seeds)?;
        self.link.settle_cell(&drop);
        if let Some(part) = drop.part() {
            self.impairments.keep(&self.reader("impairments")?, (devices, &part))?;
        }
        Ok(Some(drop))
    }

    /// Checks what the payload and the numerology say to the other tables, and tells the scheme its antennas.
    ///
    /// # Errors
    /// When parts contradict each other.
    pub fn check(&mut self, payload: &Payload, numerology: &Numerology) -> Result<(), ExperimentError> {
        self.scheme.check_function(&self.reader("payload")?, payload.is_majority())?;
        let rates = (numerology.sample_rate_hz(), self.channel.carrier_hz);
        let impairments = self.reader("impairments")?;
        self.impairments.check(&impairments, payload.devices(), rates)?;
        self.impairments.radio.check_memory(&impairments, numerology.shortest_prefix_samples())?;
        self.receiver.check(&self.reader("receiver")?, rates)?;
        if let Some(privacy) = &self.privacy {
            let reader = self.reader("privacy")?;
            privacy.check(&reader, payload)?;
            self.scheme.check_privacy(&reader)?;
        }
        let link = self.reader("link")?;
        self.scheme.check_antennas(&link, self.link.antennas())?;
        self.scheme.check_devices(&link, self.link.antennas(), payload.devices())?;
        if let SchemeKind::Misaligned(section) = &self.scheme.kind {
            let (channel, budget) = (self.reader("channel")?, self.reader("budget")?);
            let around = Surroundings { root: &self.root, channel: &channel, link: &link, budget: &budget };
            section.check(&around, &self.channel, &self.link, &self.impairments, &self.receiver)?;
            section.check_devices(&self.reader("scheme")?, payload.devices())?;
        }
        Ok(())
    }
}
