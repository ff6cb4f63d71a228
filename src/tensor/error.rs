//! What can be wrong with a tensor file, and what would be right.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Names the file, and in an archive the tensor, that an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the caller named it.
    pub path: PathBuf,
    /// The tensor in the file, where the format names its tensors.
    pub tensor: Option<String>,
}

impl Place {
    pub(super) fn file(path: &Path) -> Self {
        Self { path: path.to_path_buf(), tensor: None }
    }

    pub(super) fn tensor(path: &Path, name: &str) -> Self {
        Self { path: path.to_path_buf(), tensor: Some(name.to_owned()) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match &self.tensor {
            Some(name) => write!(f, ": tensor {}", quoted(name)),
            None => Ok(()),
        }
    }
}

/// Quotes a name out of a file, shortened and with its control characters escaped.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 60;
    let shown: String = name
        .chars()
        .take(LONGEST)
        .flat_map(|letter| {
            let plain = matches!(letter, '\'' | '"').then_some(letter);
            let escaped = plain.is_none().then(|| letter.escape_debug());
            plain.into_iter().chain(escaped.into_iter().flatten())
        })
        .collect();
    let rest = if name.chars().nth(LONGEST).is_some() { "..." } else { "" };
    format!("`{shown}{rest}`")
}

/// Says what is wrong with a tensor file, and what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TensorError {
    /// The file cannot be opened.
    #[error("{}: cannot open the file: {source}; give the path of a readable file", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A read failed after the file was opened and checked.
    #[error("{}: cannot read the file: {source}; it must not change while it is in use", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("{}: cannot write the file: {source}; its folder must exist, be writable and have room", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The extension names no format that is read.
    #[error("{}: the extension names no known format; expected .npy, .npz, .safetensors or .csv", path.display())]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// A header and the bytes there are disagree on the size.
    #[error(
        "{place}: the header claims {claimed} bytes but {holder} holds {held}; {holder} is torn or not {format}"
    )]
    Torn {
        /// The file, and the tensor in it.
        place: Place,
        /// The bytes that the header and the values need, or the largest number where the sum overflows.
        claimed: u64,
        /// The bytes there are.
        held: u64,
        /// What holds them: the file, or a member of an archive.
        holder: &'static str,
        /// The format, with its article.
        format: &'static str,
    },
    /// The bytes are not what the format says.
    #[error("{place}: {what}; expected {right}")]
    Malformed {
        /// The file, and the tensor in it.
        place: Place,
        /// What is wrong.
        what: String,
        /// What would be right.
        right: &'static str,
    },
    /// The values are of a type that cannot stand for real numbers.
    #[error("{place}: the values are {found}; {right}")]
    Dtype {
        /// The file, and the tensor in it.
        place: Place,
        /// The type, as the file writes it.
        found: String,
        /// What would be right.
        right: &'static str,
    },
    /// The shape is not that of a matrix, or of a vector where one is asked for.
    #[error("{place}: the shape is {shape:?}; expected {right}")]
    Shape {
        /// The file, and the tensor in it.
        place: Place,
        /// The shape, as the file writes it.
        shape: Vec<u64>,
        /// What would be right.
        right: &'static str,
    },
    /// No tensor is named, and the file does not hold exactly one.
    #[error("{}: the file holds {count} tensors; name the one to read: {}", path.display(), tensors.join(", "))]
    Ambiguous {
        /// The file.
        path: PathBuf,
        /// How many tensors it holds.
        count: usize,
        /// Their names and shapes, or the first of them.
        tensors: Vec<String>,
    },
    /// The file holds no tensor of the name asked for.
    #[error("{}: there is no tensor {}; the nearest names are: {}", path.display(), quoted(name), tensors.join(", "))]
    Missing {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        name: String,
        /// The names and shapes there are, the nearest name first.
        tensors: Vec<String>,
    },
    /// The archive holds no array at all.
    #[error("{}: the file holds no tensor; expected at least one", path.display())]
    NoTensor {
        /// The file.
        path: PathBuf,
    },
    /// A tensor is named in a format whose files hold one tensor without a name.
    #[error("{}: the file holds one tensor without a name; leave the name {} out", path.display(), quoted(name))]
    Unnamed {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        name: String,
    },
    /// A line of a `.csv` file is not a row of numbers.
    #[error("{}: line {line}, column {column}: {what}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, counted in values.
        column: usize,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// A read asks for values that the tensor does not have.
    #[error(
        "{place}: row {row}, columns {}..{} are asked for; the tensor is {rows} by {columns_held}", columns.start, columns.end
    )]
    Bounds {
        /// The file, and the tensor in it.
        place: Place,
        /// The row asked for.
        row: usize,
        /// The columns asked for.
        columns: Range<usize>,
        /// The rows there are.
        rows: usize,
        /// The columns there are.
        columns_held: usize,
    },
    /// The place for the values is not as long as the range of columns.
    #[error("{place}: {asked} columns are asked for into room for {room}; the two must be equal")]
    Room {
        /// The file, and the tensor in it.
        place: Place,
        /// The length of the range of columns.
        asked: usize,
        /// The length of the output.
        room: usize,
    },
    /// The values to write do not fill the shape.
    #[error("{place}: {values} values do not fill the shape {shape:?}; expected their product")]
    Fill {
        /// The file, and the tensor in it.
        place: Place,
        /// The shape to write.
        shape: Vec<usize>,
        /// The values given.
        values: usize,
    },
    /// The name cannot be that of a member of an archive to write.
    #[error("{place}: the name is {what}; expected a new name of 1 to 60000 bytes")]
    Name {
        /// The file, and the name.
        place: Place,
        /// What is wrong with it.
        what: &'static str,
    },
    /// An earlier write to the archive failed.
    #[error("{}: an earlier write failed; start the archive anew", path.display())]
    Abandoned {
        /// The file.
        path: PathBuf,
    },
}
