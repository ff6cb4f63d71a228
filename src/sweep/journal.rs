//! The journal: finished points in the order of completion, one checksummed line each; a torn last line is dropped.

use super::{Kind, RowReport, SweepError};
use crate::experiment::id::{SCHEMA, hex};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Name of the journal in a result folder.
pub const FILE_NAME: &str = "journal.jsonl";

/// What the folder's sweep is: enough to derive the table without the experiment file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Schema of files and tables.
    pub schema: u32,
    /// What its points report.
    #[serde(default)]
    pub kind: Kind,
    /// Layout of the random streams.
    pub stream_layout: u32,
    /// Curves: label, and the keys of its experiment that differ from the defaults (axes left out).
    pub curves: Vec<(String, Vec<(String, Json)>)>,
    /// Axes: path and values.
    pub axes: Vec<(String, Vec<Json>)>,
    /// Rungs.
    pub fidelities: Vec<crate::report::Fidelity>,
    /// The stop rule.
    pub stop: String,
}

/// One finished point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointRecord<R> {
    /// Label of the curve.
    pub curve: String,
    /// Axis paths and values.
    pub values: Vec<(String, Json)>,
    /// The stop rule.
    pub stop: String,
    /// The result.
    pub report: R,
}

impl<R: RowReport> PointRecord<R> {
    /// Returns the key by which the table finds a row.
    pub fn key(&self) -> String {
        row_key(&self.curve, &self.values, self.report.fidelity().word(), &self.stop)
    }
}

/// Returns the key of a row: curve, axis values in order of path, rung and stop rule.
pub fn row_key(curve: &str, values: &[(String, Json)], fidelity: &str, stop: &str) -> String {
    let mut values: Vec<(String, String)> =
        values.iter().map(|(path, value)| (path.clone(), canonical(value).to_string())).collect();
    values.sort();
    serde_json::json!([curve, values, fidelity, stop]).to_string()
}

/// Returns a value with whole numbers as floats, so that 10 and 10.0 are the same.
pub fn canonical(value: &Json) -> Json {
    value.as_f64().map_or_else(|| value.clone(), Json::from)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Record<R> {
    Sweep(Header),
    Point(Box<PointRecord<R>>),
}

#[derive(Deserialize)]
struct Line<R> {
    sha256: String,
    record: Record<R>,
}

/// An open journal: what it holds, and a single writer at its end.
pub struct Journal<R> {
    path: PathBuf,
    file: File,
    /// The newest header, if any.
    pub header: Option<Header>,
    /// Finished points in order of completion.
    pub points: Vec<PointRecord<R>>,
}

impl<R: RowReport> Journal<R> {
    /// Opens or begins the journal of a folder; drops a torn last line.
    ///
    /// # Errors
    /// When the folder cannot be written, or an inner line is damaged.
    pub fn open(dir: &Path) -> Result<Self, SweepError> {
        std::fs::create_dir_all(dir).map_err(SweepError::io(dir, "make the output folder"))?;
        let path = dir.join(FILE_NAME);
        let text = if path.exists() { read_bytes(&path)? } else { Vec::new() };
        let (header, points, valid) = parse(&path, &text)?;
        let mut options = OpenOptions::new();
        let file = options.append(true).create(true).open(&path);
        let file = file.map_err(SweepError::io(&path, "open the journal for writing"))?;
        if valid < text.len() {
            cut(&path, valid as u64).map_err(SweepError::io(&path, "drop a torn last line"))?;
        }
        Ok(Self { path, file, header, points })
    }

    /// Reads the journal of a folder without writing to it.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or an inner line is damaged.
    pub fn read(dir: &Path) -> Result<(Header, Vec<PointRecord<R>>), SweepError> {
        let path = dir.join(FILE_NAME);
        let no_journal = || SweepError::NoJournal { path: dir.to_path_buf() };
        if !path.exists() {
            return Err(no_journal());
        }
        let text = read_bytes(&path)?;
        let (header, points, _) = parse(&path, &text)?;
        Ok((header.ok_or_else(no_journal)?, points))
    }

    /// Writes what the sweep is, if it differs from what the journal says.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn begin(&mut self, header: &Header) -> Result<(), SweepError> {
        if self.header.as_ref() != Some(header) {
            self.append(&Record::Sweep(header.clone()))?;
            self.header = Some(header.clone());
        }
        Ok(())
    }

    /// Writes a finished point, and returns when it is on disk.
    ///
    /// # Errors
    /// When the disk does not take it; a torn line is dropped at the next opening.
    pub fn push(&mut self, point: PointRecord<R>) -> Result<(), SweepError> {
        self.append(&Record::Point(Box::new(point.clone())))?;
        self.points.push(point);
        Ok(())
    }

    fn append(&mut self, record: &Record<R>) -> Result<(), SweepError> {
        let text = serde_json::to_string(record).expect("records are plain data");
        let line = format!("{{\"sha256\":\"{}\",\"record\":{text}}}\n", checksum(&text));
        let end =
            self.file.metadata().map_err(SweepError::io(&self.path, "find the end of the journal"))?.len();
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|source| {
            // Leave no torn line behind if the disk allows it.
            let _ = cut(&self.path, end);
            SweepError::Io { path: self.path.clone(), action: "write a finished point", source }
        })
    }
}

/// Returns what the points of a folder report.
///
/// # Errors
/// When there is no journal, or it begins with something else.
pub fn kind_of(dir: &Path) -> Result<Kind, SweepError> {
    #[derive(Deserialize)]
    struct Start {
        record: Beginning,
    }
    #[derive(Deserialize)]
    struct Beginning {
        sweep: Header,
    }
    let path = dir.join(FILE_NAME);
    if !path.exists() {
        return Err(SweepError::NoJournal { path: dir.to_path_buf() });
    }
    let bytes = read_bytes(&path)?;
    let first = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    // What is no journal is refused in words by whoever reads it next.
    Ok(serde_json::from_slice::<Start>(first)
        .map_or_else(|_| Kind::default(), |start| start.record.sweep.kind))
}

/// Reads a journal that is a regular file; a device or a pipe has no end.
fn read_bytes(path: &Path) -> Result<Vec<u8>, SweepError> {
    let read = || {
        if !std::fs::metadata(path)?.is_file() {
            return Err(std::io::Error::other("it is no regular file"));
        }
        std::fs::read(path)
    };
    read().map_err(SweepError::io(path, "read the journal"))
}

fn cut(path: &Path, length: u64) -> std::io::Result<()> {
    OpenOptions::new().write(true).open(path)?.set_len(length)
}

fn checksum(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..8])
}

type Parsed<R> = (Option<Header>, Vec<PointRecord<R>>, usize);

/// Reads lines; returns the header, the points, and the length of what is whole.
fn parse<R: RowReport>(path: &Path, bytes: &[u8]) -> Result<Parsed<R>, SweepError> {
    let (mut header, mut points, mut valid) = (None, Vec::new(), 0);
    for (number, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        let last = valid + line.len() == bytes.len();
        let record = match read_line(line) {
            Ok(record) => record,
            Err(_) if last && is_ours(line, number) => break,
            Err(reason) => {
                return Err(SweepError::BadJournal { path: path.to_path_buf(), line: number + 1, reason });
            }
        };
        valid += line.len();
        match record {
            Record::Sweep(h) if h.schema != SCHEMA => {
                let reason = format!("schema {} where {SCHEMA} is expected", h.schema);
                return Err(SweepError::BadJournal { path: path.to_path_buf(), line: number + 1, reason });
            }
            Record::Sweep(h) if h.kind != R::KIND => {
                let path = path.to_path_buf();
                return Err(SweepError::OtherKind { path, there: h.kind.word(), here: R::KIND.word() });
            }
            Record::Sweep(h) => header = Some(h),
            Record::Point(p) => points.push(*p),
        }
    }
    Ok((header, points, valid))
}

/// Returns whether a bad last line may be a torn one of this program: a file that begins otherwise is someone else's.
fn is_ours(line: &[u8], number: usize) -> bool {
    const START: &[u8] = b"{\"sha256\":\"";
    let common = line.len().min(START.len());
    number > 0 || line[..common] == START[..common]
}

fn read_line<R: RowReport>(line: &[u8]) -> Result<Record<R>, String> {
    let text = std::str::from_utf8(line).map_err(|e| e.to_string())?;
    let body = text.strip_suffix('\n').ok_or("no end of line")?;
    let line: Line<R> = serde_json::from_str(body).map_err(|e| e.to_string())?;
    let start = body.find("\"record\":").ok_or("no record")? + "\"record\":".len();
    if checksum(&body[start..body.len() - 1]) != line.sha256 {
        return Err("its checksum does not fit".into());
    }
    Ok(line.record)
}
