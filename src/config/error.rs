//! Configuration errors: each says where the fault stands, what was found and what would be right.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::overrides::{join_path, quote_key};
use super::tree::{Entry, Kind, Node, Value};

/// Names the place a configuration value came from; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A place in a file; lines and columns count from 1, columns in characters.
    File {
        /// The file's path as it was given.
        path: Arc<Path>,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// A command-line flag as typed, for example `--set link.snr_db=10`.
    Flag(Arc<str>),
    /// A point of a sweep axis, for example `link.snr_db = 10`.
    Axis(Arc<str>),
    /// A value put in place by a named curve.
    Curve {
        /// The curve's name.
        name: Arc<str>,
        /// The place the curve's own value came from.
        at: Arc<Origin>,
    },
    /// A value nobody wrote.
    Default,
}

impl Origin {
    /// Gives the file that the value was written in; none for flags, axes and defaults.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Curve { at, .. } => at.file(),
            _ => None,
        }
    }

    /// Names a command-line flag.
    pub fn flag(text: impl Into<Arc<str>>) -> Self {
        Self::Flag(text.into())
    }

    /// Names a sweep point.
    pub fn axis(text: impl Into<Arc<str>>) -> Self {
        Self::Axis(text.into())
    }

    /// Names this same place as seen through the curve `name`.
    pub fn in_curve(&self, name: impl Into<Arc<str>>) -> Self {
        Self::Curve { name: name.into(), at: Arc::new(self.clone()) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => {
                write!(f, "{}:{line}:{column}", path.display())
            }
            Self::Flag(text) => f.write_str(&shortened(text, 160)),
            Self::Axis(text) => write!(f, "sweep axis {}", shortened(text, 160)),
            Self::Curve { name, at } => write!(f, "{at} (curve \"{}\")", shortened(name, 60)),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Reports a fault in a configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A key that its table does not know.
    #[error("{origin}: unknown key \"{path}\"{}{}", did_you_mean(suggestion.as_deref()), known_here(known))]
    UnknownKey {
        /// Where the key stands.
        origin: Origin,
        /// The key's dotted path.
        path: String,
        /// The dotted path of the nearest known key.
        suggestion: Option<String>,
        /// The keys its table knows, sorted.
        known: Vec<String>,
    },
    /// A key that has no default and was not given.
    #[error("{origin}: {path} is missing: {expected}")]
    Missing {
        /// The place of the table that lacks the key.
        origin: Origin,
        /// The key's dotted path.
        path: String,
        /// What is expected, with an example.
        expected: String,
    },
    /// A value of the wrong TOML type.
    #[error("{origin}: {path} = {found} is {kind}; {expected}")]
    WrongType {
        /// Where the value stands.
        origin: Origin,
        /// The key's dotted path.
        path: String,
        /// The value found, shortened.
        found: String,
        /// The TOML type of the value found.
        kind: Kind,
        /// What is expected, with an example.
        expected: String,
    },
    /// A number outside its bounds.
    #[error("{origin}: {path} = {found} is out of range: {bound}")]
    OutOfRange {
        /// Where the value stands.
        origin: Origin,
        /// The key's dotted path.
        path: String,
        /// The value found.
        found: String,
        /// The bound, as `must be at least 0`.
        bound: String,
    },
    /// A word that is not one of the words allowed.
    #[error("{origin}: {path} = {found:?} is not one of: {}{}", choices.join(", "), did_you_mean(nearest(found, choices).as_deref()))]
    BadChoice {
        /// Where the value stands.
        origin: Origin,
        /// The key's dotted path.
        path: String,
        /// The word found, shortened.
        found: String,
        /// The words allowed.
        choices: Vec<String>,
    },
    /// Text that is not TOML, or TOML that has no place in a configuration.
    #[error("{origin}: {message}")]
    Syntax {
        /// Where the text goes wrong.
        origin: Origin,
        /// What is wrong and what was expected.
        message: String,
    },
    /// Axis values that cannot be read.
    #[error("{origin}: axis values {text}: {message}")]
    BadRange {
        /// Where the values stand.
        origin: Origin,
        /// The values as written, shortened.
        text: String,
        /// What is wrong, with an example that works.
        message: String,
    },
    /// A value where a table is needed.
    #[error("{origin}: {path} = {found} is {kind}; a table is expected")]
    NotATable {
        /// Where the value stands, or the flag that reaches into it.
        origin: Origin,
        /// The dotted path of the value.
        path: String,
        /// The value found, shortened.
        found: String,
        /// The TOML type of the value found.
        kind: Kind,
    },
    /// A value that reads well but cannot be right, alone or beside the others.
    #[error("{origin}: {path}: {message}")]
    Invalid {
        /// Where the value stands.
        origin: Origin,
        /// The key's dotted path.
        path: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ConfigError {
    /// Reports that `node` at `path` has the wrong type.
    pub fn wrong_type(path: &str, node: &Node, expected: impl Into<String>) -> Self {
        Self::WrongType {
            origin: node.origin.clone(),
            path: path.to_owned(),
            found: node.value.to_string(),
            kind: node.value.kind(),
            expected: expected.into(),
        }
    }

    /// Reports that `node` at `path` lies outside `bound`, a phrase such as `must be at least 0`.
    pub fn out_of_range(path: &str, node: &Node, bound: impl Into<String>) -> Self {
        Self::OutOfRange {
            origin: node.origin.clone(),
            path: path.to_owned(),
            found: node.value.to_string(),
            bound: bound.into(),
        }
    }

    /// Reports that `word`, the text of `node`, is not one of `choices`.
    pub fn bad_choice(path: &str, node: &Node, word: &str, choices: &[&str]) -> Self {
        Self::BadChoice {
            origin: node.origin.clone(),
            path: path.to_owned(),
            found: shortened(word, 60),
            choices: choices.iter().map(|c| (*c).to_owned()).collect(),
        }
    }

    /// Reports that `node` at `path` is not a table.
    pub fn not_a_table(path: &str, node: &Node) -> Self {
        Self::NotATable {
            origin: node.origin.clone(),
            path: if path.is_empty() { "(top level)" } else { path }.to_owned(),
            found: node.value.to_string(),
            kind: node.value.kind(),
        }
    }
}

fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |s| format!(": did you mean \"{s}\"?"))
}

fn known_here(known: &[String]) -> String {
    if known.is_empty() {
        " (no key is known here)".to_owned()
    } else {
        format!(" (known here: {})", known.join(", "))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Table => "a table",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Integer => "an integer",
            Self::Float => "a float",
            Self::Boolean => "a boolean",
        })
    }
}

/// Writes the value as TOML on one line, shortened for a message.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        match self {
            Self::Table(table) => {
                let show = |e: &Entry| format!("{} = {}", quote_key(&e.key), e.node.value);
                let items: Vec<_> = table.iter().take(SHOWN).map(show).collect();
                let more = if table.len() > SHOWN { ", ..." } else { "" };
                f.write_str(&shortened(&format!("{{ {}{more} }}", items.join(", ")), 80))
            }
            Self::Array(nodes) => {
                let show = |n: &Node| n.value.to_string();
                let items: Vec<_> = nodes.iter().take(SHOWN).map(show).collect();
                let more = if nodes.len() > SHOWN { ", ..." } else { "" };
                f.write_str(&shortened(&format!("[{}{more}]", items.join(", ")), 80))
            }
            Self::String(text) => write!(f, "{:?}", shortened(text, 60)),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Boolean(value) => write!(f, "{value}"),
        }
    }
}

/// Cuts `text` to `limit` characters, with an ellipsis where something was left out.
pub(crate) fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Scores how near two names are, from 0 to 1; above 0.8 they are worth suggesting.
pub(crate) fn nearness(a: &str, b: &str) -> f64 {
    let plain = |s: &str| shortened(s, 64).to_lowercase().replace('-', "_");
    let (a, b) = (plain(a), plain(b));
    let (short, long) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    let whole_words = short.chars().count() >= 3 && format!("_{long}_").contains(&format!("_{short}_"));
    let score = strsim::jaro_winkler(&a, &b);
    if whole_words { score.max(0.85) } else { score }
}

/// Finds the name nearest to `word`, if any is near enough to suggest.
pub(crate) fn nearest<S: AsRef<str>>(word: &str, names: &[S]) -> Option<String> {
    names
        .iter()
        .map(|name| (nearness(word, name.as_ref()), name.as_ref()))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

/// Finds the known dotted path that `key` of the table at `path` may stand for: a near key of
/// the same table, the same key of another table, or a near path.
pub(crate) fn meant(path: &str, key: &str, known: &[String], all: &[&str]) -> Option<String> {
    let here = nearest(key, known);
    let sure = |name: &&String| nearness(key, name) > 0.9;
    if here.as_ref().filter(sure).is_none() {
        let same_key = |p: &&&str| p.rsplit('.').next() == Some(key);
        if let Some(elsewhere) = all.iter().find(same_key) {
            return Some((*elsewhere).to_owned());
        }
    }
    let full = join_path(path, key);
    let here = here.map(|name| join_path(path, &name));
    here.or_else(|| nearest(&full, all).filter(|near| *near != full))
}
