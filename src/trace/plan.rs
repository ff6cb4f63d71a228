//! What all rounds of a trace share: the link of every leg, and what decides what arrives.

use super::config::{Detail, TraceConfig};
use super::error::TraceError;
use super::export::USUAL_SPACING_HZ;
use super::leg::{Carriage, Direction, Leg};
use super::leg_config::{Delivery, LegConfig};
use crate::config::{ConfigError, Node, TableReader};
use crate::effective_sinr::BetaTable;
use crate::experiment::{Experiment, ExperimentId, Loader};
use crate::link::appraisal::Appraisal;
use crate::link::config::EstimatorRule;
use crate::link::{LinkConfig, LinkPlan};
use crate::link_table::BlerTable;
use crate::medium::ChannelModel;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Digits of a run's name.
const RUN_ID_DIGITS: usize = 16;

/// What all rounds of a leg share.
#[derive(Clone, Debug)]
pub struct LegPlan {
    /// What devices offer, and when.
    pub config: LegConfig,
    /// The experiment whose link it is.
    pub experiment: Experiment,
    /// The name of the run.
    pub run_id: Arc<str>,
    /// Its place among the legs of a round.
    pub index: usize,
    pub(super) kind: LegKind,
}

#[derive(Clone, Debug)]
pub(super) enum LegKind {
    Digital { link: Arc<LinkPlan>, appraisal: Arc<Appraisal> },
    Air,
}

/// What all rounds of a trace share.
#[derive(Clone, Debug)]
pub struct TracePlan {
    /// The name of the run.
    pub run_id: Arc<str>,
    /// Rounds; `None`: all of the stored trace.
    pub rounds: Option<u64>,
    /// Time from the start of a round to that of the next, in seconds.
    pub round_interval_s: f64,
    /// The legs of a round, in turn.
    pub legs: Vec<LegPlan>,
    /// The stored trace that is replayed, in place of legs.
    pub stored: Option<PathBuf>,
}

/// What legs are planned with.
struct Around<'a> {
    /// The reader of the file, for errors that name the table of a leg.
    whole: &'a TableReader<'a>,
    /// The reader of `[trace]`.
    reader: &'a TableReader<'a>,
    config: &'a TraceConfig,
    table: Option<&'a BlerTable>,
    betas: Option<&'a BetaTable>,
}

impl TracePlan {
    /// Plans a trace from a file's tree (without `sweep` and `curve`).
    ///
    /// # Errors
    /// When a key is unknown or wrong, a table cannot be read, or does not have what is sent.
    pub fn load(root: &Node) -> Result<Self, TraceError> {
        let config = TraceConfig::read(root)?;
        let whole = TableReader::new(root, "")?;
        let reader = &whole.section("trace")?;
        let stored = match &config.detail {
            Detail::Trace { path } => Some(path.clone()),
            _ => None,
        };
        let table = match &config.detail {
            Detail::Table { path } => {
                Some(BlerTable::read(path).map_err(|error| reader.invalid("table", error.to_string()))?)
            }
            _ => None,
        };
        let betas = config.betas.as_deref().map(|path| read_betas(reader, path)).transpose()?;
        let around =
            Around { whole: &whole, reader, config: &config, table: table.as_ref(), betas: betas.as_ref() };
        let legs = config.legs.iter().enumerate();
        let mut legs = legs.map(|(index, leg)| around.plan(index, leg)).collect::<Result<Vec<_>, _>>()?;
        let run_id = around.run_id(&legs);
        legs.iter_mut().for_each(|leg| leg.run_id = Arc::clone(&run_id));
        let (rounds, round_interval_s) = (config.rounds, config.round_interval_s);
        Ok(Self { run_id, rounds, round_interval_s, legs, stored })
    }

    /// Returns the subcarrier spacing that slots are counted at in exports: that of the first leg, in hertz.
    pub fn subcarrier_spacing_hz(&self) -> f64 {
        self.legs.first().map_or(USUAL_SPACING_HZ, |leg| leg.experiment.numerology.subcarrier_spacing_hz())
    }
}

impl Around<'_> {
    fn plan(&self, index: usize, (config, tree): &(LegConfig, Node)) -> Result<LegPlan, TraceError> {
        let (mut tree, air) = (tree.clone(), config.leg.direction == Direction::Air);
        if air {
            config.of_values(&mut tree)?;
        } else {
            LegConfig::of_bits(&mut tree)?;
        }
        let loader = if air { Loader::default() } else { Loader::of_links() };
        let mut experiment = loader.load(&tree)?;
        // Channels that move are drawn once and go on over all rounds.
        experiment.rounds = self.config.rounds.unwrap_or(1) as usize;
        let kind = match air {
            true => self.air(config, &experiment)?,
            false => self.digital(config, &experiment)?,
        };
        Ok(LegPlan { config: config.clone(), experiment, run_id: Arc::from(""), index, kind })
    }

    fn digital(&self, config: &LegConfig, experiment: &Experiment) -> Result<LegKind, TraceError> {
        let Some(link) = &experiment.digital_link else {
            let message = "needs [mcs] or [code] beside it, which say in which blocks it is sent: for example [mcs] with index = 9";
            return Err(self.whole.invalid(config.table(), message).into());
        };
        let mut link = LinkConfig::clone(link);
        link.scheduling.slots = None;
        let plan = Arc::new(LinkPlan::new(experiment, &link).map_err(crate::run::RunError::from)?);
        let betas = self.betas.cloned();
        let Some(table) = self.table else {
            let appraisal = Arc::new(Appraisal::of_sent(betas, plan.seeds));
            return Ok(LegKind::Digital { link: plan, appraisal });
        };
        if link.reception.estimator != EstimatorRule::Perfect {
            let message = "\"table\" holds for receivers that know the channel, as those of link tables do: set reception.estimator = \
                           \"perfect\", or detail = \"symbol\"";
            return Err(self.reader.invalid("detail", message).into());
        }
        let appraisal = Appraisal::by_table(betas, table.clone(), &plan)
            .map_err(|error| self.reader.invalid("table", error.to_string()))?;
        Ok(LegKind::Digital { link: plan, appraisal: Arc::new(appraisal) })
    }

    fn air(&self, config: &LegConfig, experiment: &Experiment) -> Result<LegKind, TraceError> {
        if experiment.needs().transmits && experiment.coded.is_none() && experiment.misaligned().is_none() {
            let (given, length) = (config.leg.values, experiment.payload.length() as u64);
            if given == length {
                return Ok(LegKind::Air);
            }
            let message =
                format!("{given} is not the length of the payload's file; {length} values are expected");
            return Err(self.whole.section(config.table())?.invalid("values", message).into());
        }
        let name = &experiment.scheme.name;
        let message = format!(
            "has scheme.kind = \"{name}\", which adds nothing on the air slot by slot; give it an analog scheme, for example [air.scheme] \
             with kind = \"truncated-inversion\""
        );
        Err(self.whole.invalid(config.table(), message).into())
    }

    /// Returns the name of a run: of its experiments, and of all that [trace] and the legs say.
    fn run_id(&self, legs: &[LegPlan]) -> Arc<str> {
        let of = |leg: &LegPlan| serde_json::json!([leg.experiment.id.as_str(), format!("{:?}", leg.config)]);
        let legs: Vec<serde_json::Value> = legs.iter().map(of).collect();
        // Files enter by what they hold.
        let detail = match &self.config.detail {
            Detail::Symbol => "symbol".into(),
            Detail::Table { .. } => format!("{:?}", self.table.map(BlerTable::entries)),
            Detail::Trace { path } => path.display().to_string(),
        };
        let canonical = [
            ("betas".to_string(), serde_json::json!(format!("{:?}", self.betas))),
            ("detail".to_string(), serde_json::json!(detail)),
            ("legs".to_string(), serde_json::json!(legs)),
            ("round_interval_s".to_string(), serde_json::json!(self.config.round_interval_s)),
        ];
        ExperimentId::of(&canonical).as_str()[..RUN_ID_DIGITS].into()
    }
}

impl LegPlan {
    /// Returns what devices offer.
    pub fn leg(&self) -> Leg {
        self.config.leg
    }

    /// Returns how it is sent.
    pub fn carriage(&self) -> Carriage {
        match self.kind {
            LegKind::Digital { .. } => Carriage::Digital,
            LegKind::Air => Carriage::Aircomp,
        }
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.experiment.payload.devices()
    }

    /// Returns whether the channel goes on in time from round to round; else each round draws its own.
    pub fn is_moving(&self) -> bool {
        matches!(&self.experiment.channel, ChannelModel::Taps { fading, .. } if fading.max_doppler_hz() > 0.0)
    }

    /// Returns whether lost bits are offered again.
    pub fn is_reliable(&self) -> bool {
        self.config.delivery == Delivery::Reliable
    }
}

fn read_betas(reader: &TableReader<'_>, path: &Path) -> Result<BetaTable, ConfigError> {
    let wrong = |what: String| reader.invalid("betas", format!("{}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    BetaTable::from_json(&text).map_err(|error| wrong(error.to_string()))
}
