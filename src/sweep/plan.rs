//! The plan of a sweep: which points there are, in which order.

use super::journal::canonical;
use crate::config::{AxisValues, ConfigError, Node, Origin, Table, Value};
use crate::report::Fidelity;
use serde_json::Value as Json;
use std::collections::HashSet;

/// Most points of a sweep.
const MAX_POINTS: usize = 100_000;

/// One axis: a dotted path and its values.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Dotted path of the key.
    pub path: String,
    /// Values in order.
    pub values: Vec<Node>,
}

/// A named replacement of whole tables.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Its label in tables and legends; empty for the file's own tables.
    pub label: String,
    /// Tables that it puts in place.
    pub tables: Vec<(String, Node)>,
}

/// A part of a sweep for one of several machines: points with `index % count == number - 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    pub number: usize,
    /// How many there are.
    pub count: usize,
}

impl Shard {
    /// Reads "2/3".
    pub fn parse(text: &str) -> Option<Self> {
        let (number, count) = text.split_once('/')?;
        let (number, count) = (number.trim().parse().ok()?, count.trim().parse().ok()?);
        (1..=count).contains(&number).then_some(Self { number, count })
    }

    /// Returns whether a point belongs to this shard.
    pub fn holds(&self, index: usize) -> bool {
        index % self.count == self.number - 1
    }
}

/// Curves times axes times fidelities over one base experiment.
#[derive(Clone, Debug)]
pub struct SweepPlan {
    base: Node,
    /// The curves, one without label when the file has none.
    pub curves: Vec<Curve>,
    /// The axes in the order written.
    pub axes: Vec<Axis>,
    /// The rungs.
    pub fidelities: Vec<Fidelity>,
}

/// One point: its place in the canonical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedPoint {
    /// Place in the canonical order.
    pub index: usize,
    /// Which curve.
    pub curve: usize,
    /// Which value of each axis.
    pub values: Vec<usize>,
    /// Which rung.
    pub fidelity: Fidelity,
}

impl SweepPlan {
    /// Takes the plan from a file's tree: `[sweep]` and `[[curve]]` leave it, the rest is the base experiment.
    ///
    /// # Errors
    /// When the sweep or a curve is malformed.
    pub fn new(mut root: Node) -> Result<Self, ConfigError> {
        let curves = take_curves(&mut root)?;
        let (mut axes, mut fidelities) = (Vec::new(), vec![Fidelity::Symbol]);
        if let Some(sweep) = root.take("sweep") {
            let table = sweep.as_table().ok_or_else(|| ConfigError::not_a_table("sweep", &sweep))?;
            for entry in table {
                match entry.key.as_str() {
                    "fidelity" => fidelities = read_fidelities(&entry.node)?,
                    "over" => axes = read_axes(&entry.node)?,
                    other => {
                        return Err(ConfigError::Invalid {
                            origin: entry.key_origin.clone(),
                            path: format!("sweep.{other}"),
                            message: "is unknown: [sweep] has fidelity and over".into(),
                        });
                    }
                }
            }
        }
        let mut plan = Self { base: root, curves, axes, fidelities: Vec::new() };
        plan.set_fidelities(fidelities);
        plan.check_stop()?;
        plan.check_size()?;
        Ok(plan)
    }

    /// Sets the rungs; a rung that is named twice runs once.
    pub fn set_fidelities(&mut self, fidelities: Vec<Fidelity>) {
        self.fidelities.clear();
        for fidelity in fidelities {
            if !self.fidelities.contains(&fidelity) {
                self.fidelities.push(fidelity);
            }
        }
    }

    /// Refuses a sweep of more points than anyone can run, which most often is a range with a slip in its step.
    fn check_size(&self) -> Result<(), ConfigError> {
        let counts = self.axes.iter().map(|a| a.values.len());
        let points =
            counts.chain([self.curves.len(), self.fidelities.len()]).try_fold(1usize, usize::checked_mul);
        if points.is_some_and(|points| points <= MAX_POINTS) {
            return Ok(());
        }
        let largest = self.axes.iter().max_by_key(|a| a.values.len());
        let origin = largest.and_then(|a| a.values.first()).map_or(Origin::Default, |v| v.origin.clone());
        let count = |a: &Axis| format!("{} values of {}", a.values.len(), a.path);
        let axes: Vec<String> = self.axes.iter().map(count).collect();
        let message =
            format!("{} make more than {MAX_POINTS} points; take fewer values", axes.join(" times "));
        Err(ConfigError::Invalid { origin, path: "sweep.over".into(), message })
    }

    /// Refuses a stop rule that changes within the sweep: a row is known by its experiment, rung and the one stop rule.
    fn check_stop(&self) -> Result<(), ConfigError> {
        let axis = self.axes.iter().find(|a| a.path.split('.').next() == Some("stop"));
        let table = self.curves.iter().flat_map(|c| &c.tables).find(|t| t.0 == "stop");
        let origin = match (axis, table) {
            (Some(axis), _) => axis.values.first().map_or(Origin::Default, |v| v.origin.clone()),
            (None, Some((_, node))) => node.origin.clone(),
            (None, None) => return Ok(()),
        };
        let message = "cannot change within a sweep; give it once, for all points".into();
        Err(ConfigError::Invalid { origin, path: "stop".into(), message })
    }

    /// Replaces the values of an axis, or adds the axis at the end.
    ///
    /// # Errors
    /// When the axis is the stop rule, or the points become too many.
    pub fn replace_axis(&mut self, path: String, values: Vec<Node>) -> Result<(), ConfigError> {
        let values = distinct(values);
        match self.axes.iter_mut().find(|axis| axis.path == path) {
            Some(axis) => axis.values = values,
            None => self.axes.push(Axis { path, values }),
        }
        self.check_stop()?;
        self.check_size()
    }

    /// Refuses a `--set` of something that an axis or every curve replaces: it would change no point.
    ///
    /// # Errors
    /// When there is one, with the flag that does change the points.
    pub fn check_flags(&self) -> Result<(), ConfigError> {
        for axis in &self.axes {
            let Some((origin, path)) = self.flag_under(&axis.path) else { continue };
            let message =
                format!("is swept over {} values here; to change them: --over {path}=...", axis.values.len());
            return Err(ConfigError::Invalid { origin, path, message });
        }
        let replaced_by = |curve: &Curve, key: &str| curve.tables.iter().any(|(table, _)| table == key);
        for (key, _) in self.curves.iter().flat_map(|curve| &curve.tables) {
            let Some((origin, path)) = self.flag_under(key) else { continue };
            if self.curves.iter().all(|curve| replaced_by(curve, key)) {
                let message = format!("has no effect here: every [[curve]] puts its own [{key}] in place");
                return Err(ConfigError::Invalid { origin, path, message });
            }
        }
        Ok(())
    }

    /// Returns the first value that a flag has set at a path or below it, and where it stands.
    fn flag_under(&self, path: &str) -> Option<(Origin, String)> {
        let node = self.base.get(path)?;
        let below = node.leaves().into_iter().map(|(leaf, node)| (format!("{path}.{leaf}"), node));
        let mut found = std::iter::once((path.to_string(), node)).chain(below);
        found
            .find(|(_, node)| matches!(node.origin, Origin::Flag(_)))
            .map(|(path, node)| (node.origin.clone(), path))
    }

    /// Returns all points in canonical order: curves, axes as written, fidelity.
    pub fn points(&self) -> Vec<PlannedPoint> {
        let mut points = Vec::new();
        for curve in 0..self.curves.len() {
            for combination in combinations(&self.axes.iter().map(|a| a.values.len()).collect::<Vec<_>>()) {
                for fidelity in &self.fidelities {
                    let values = combination.clone();
                    points.push(PlannedPoint { index: points.len(), curve, values, fidelity: *fidelity });
                }
            }
        }
        points
    }

    /// Returns the tree of one curve's experiment at the file's own values.
    ///
    /// # Errors
    /// When a curve replaces something that is no table.
    pub fn curve_tree(&self, curve: usize) -> Result<Node, ConfigError> {
        let mut tree = self.base.clone();
        for (key, table) in &self.curves[curve].tables {
            tree.replace_table(key, table.clone())?;
        }
        Ok(tree)
    }

    /// Returns the tree of one point's experiment.
    ///
    /// # Errors
    /// When an axis path leads through something that is no table.
    pub fn tree(&self, point: &PlannedPoint) -> Result<Node, ConfigError> {
        let mut tree = self.curve_tree(point.curve)?;
        for (axis, value) in self.axes.iter().zip(&point.values) {
            let value = &axis.values[*value];
            let text = format!("{} = {}", axis.path, json_of(value));
            let node = value.clone().with_origin(&Origin::axis(text));
            tree.set(&axis.path, node)?;
        }
        Ok(tree)
    }

    /// Returns the axis values of a point as JSON.
    pub fn values(&self, point: &PlannedPoint) -> Vec<Json> {
        self.axes.iter().zip(&point.values).map(|(axis, value)| json_of(&axis.values[*value])).collect()
    }

    /// Returns a point in words, for progress and messages.
    pub fn describe(&self, point: &PlannedPoint) -> String {
        let mut words = Vec::new();
        let label = &self.curves[point.curve].label;
        if !label.is_empty() {
            words.push(format!("\"{label}\""));
        }
        for (axis, value) in self.axes.iter().zip(self.values(point)) {
            words.push(format!("{} = {value}", axis.path));
        }
        words.push(point.fidelity.word().into());
        words.join(", ")
    }
}

/// Returns every combination of indices below `counts`, the last running fastest.
pub(super) fn combinations(counts: &[usize]) -> Vec<Vec<usize>> {
    counts.iter().fold(vec![Vec::new()], |before, count| {
        let with = |head: &Vec<usize>| {
            (0..*count)
                .map(|i| {
                    let mut next = head.clone();
                    next.push(i);
                    next
                })
                .collect::<Vec<_>>()
        };
        before.iter().flat_map(with).collect()
    })
}

/// Leaves out values that stand earlier in the list; 10 and 10.0 are the same.
fn distinct(values: Vec<Node>) -> Vec<Node> {
    let mut seen = HashSet::new();
    values.into_iter().filter(|v| seen.insert(canonical(&json_of(v)).to_string())).collect()
}

fn take_curves(root: &mut Node) -> Result<Vec<Curve>, ConfigError> {
    let own = vec![Curve { label: String::new(), tables: Vec::new() }];
    let Some(node) = root.take("curve") else { return Ok(own) };
    let Value::Array(items) = &node.value else {
        return Err(ConfigError::wrong_type(
            "curve",
            &node,
            "curves are written as [[curve]] tables, each with a label",
        ));
    };
    let mut curves: Vec<Curve> = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let path = format!("curve[{i}]");
        let table = item.as_table().ok_or_else(|| ConfigError::not_a_table(&path, item))?;
        let label = label_of(table, item, &path)?;
        if curves.iter().any(|c| c.label == label) {
            let message = format!("\"{label}\" names two curves; labels must differ");
            return Err(ConfigError::Invalid {
                origin: item.origin.clone(),
                path: format!("{path}.label"),
                message,
            });
        }
        let mut tables = Vec::new();
        for entry in table.into_iter().filter(|e| e.key != "label") {
            if entry.node.as_table().is_none() {
                return Err(ConfigError::not_a_table(&format!("{path}.{}", entry.key), &entry.node));
            }
            let mut replacement = entry.node.clone();
            replacement.relabel(&|origin: &Origin| origin.in_curve(label.as_str()));
            tables.push((entry.key.clone(), replacement));
        }
        curves.push(Curve { label, tables });
    }
    Ok(if curves.is_empty() { own } else { curves })
}

fn label_of(table: &Table, item: &Node, path: &str) -> Result<String, ConfigError> {
    match table.get("label") {
        Some(label) => Ok(label.text(&format!("{path}.label"), "a curve's label is a string")?.to_string()),
        None => Err(ConfigError::Invalid {
            origin: item.origin.clone(),
            path: format!("{path}.label"),
            message:
                "is missing: every [[curve]] needs a label of its own, for example label = \"digital, 8 bit\""
                    .into(),
        }),
    }
}

fn read_fidelities(node: &Node) -> Result<Vec<Fidelity>, ConfigError> {
    let items = match &node.value {
        Value::Array(items) => items.clone(),
        _ => vec![node.clone()],
    };
    let words: Result<Vec<Fidelity>, ConfigError> = items.iter().map(read_fidelity).collect();
    let words = words?;
    if words.is_empty() {
        let message = "is empty; for example [\"theory\", \"symbol\", \"waveform\"]".into();
        return Err(ConfigError::Invalid {
            origin: node.origin.clone(),
            path: "sweep.fidelity".into(),
            message,
        });
    }
    Ok(words)
}

/// Reads one fidelity word.
///
/// # Errors
/// When there is no such rung.
pub fn read_fidelity(node: &Node) -> Result<Fidelity, ConfigError> {
    let word = node.text("fidelity", "a fidelity is expected: \"theory\", \"symbol\" or \"waveform\"")?;
    let choices = Fidelity::ALL.map(Fidelity::word);
    Fidelity::from_word(word).ok_or_else(|| ConfigError::bad_choice("fidelity", node, word, &choices))
}

fn read_axes(node: &Node) -> Result<Vec<Axis>, ConfigError> {
    node.as_table().ok_or_else(|| ConfigError::not_a_table("sweep.over", node))?;
    let mut axes = Vec::new();
    for (path, values) in node.leaves() {
        axes.push(Axis { path, values: distinct(AxisValues::parse(values)?) });
    }
    Ok(axes)
}

/// Returns a value as JSON.
pub fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::Table(table) => {
            Json::Object(table.into_iter().map(|e| (e.key.clone(), json_of(&e.node))).collect())
        }
        Value::Array(items) => items.iter().map(json_of).collect(),
        Value::String(text) => Json::from(text.as_str()),
        Value::Integer(i) => Json::from(*i),
        Value::Float(x) => Json::from(*x),
        Value::Boolean(b) => Json::from(*b),
    }
}
