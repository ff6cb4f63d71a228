//! Profiles that users write: comma-separated text, one path a line.

use super::{PathKind, PathSpec, Profile};
use crate::error::ChannelError;
use airloop_baseband::units::power_from_db;

/// The columns, as the first line that is no comment names them.
const COLUMNS: [&str; 3] = ["delay_s", "power_db", "kind"];

/// Largest delay of a written path, in seconds: 3000 km of detour.
const MAX_DELAY_S: f64 = 1e-2;

/// Most paths of a written profile.
const MAX_PATHS: usize = 1024;

/// What is wrong with the text of a profile, and what would be right.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileTextError {
    /// A line that is wrong in itself or beside those above it.
    #[error("line {line}: {what}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it, and what would be right.
        what: String,
    },
    /// A text that is wrong as a whole.
    #[error("{what}")]
    Whole {
        /// What is wrong with it, and what would be right.
        what: String,
    },
}

impl Profile {
    /// Reads a profile from text: the columns `delay_s`, `power_db` and `kind`, a header that names them, one path a line.
    ///
    /// ```text
    /// # an own profile
    /// delay_s,power_db,kind
    /// 0,0,line-of-sight
    /// 0,-12.2,rayleigh
    /// 65e-9,-7.5,rayleigh
    /// ```
    ///
    /// Empty lines and lines that begin with `#` are passed over. Powers count relative to each other, `-inf` is none, and
    /// paths without power are left out. Validity: delays from 0 to 0.01 s that do not fall, at most 1024 paths, at most one line
    /// of sight.
    ///
    /// # Errors
    /// When the text is not of that form, or its powers sum to zero.
    pub fn parse(text: &str) -> Result<Self, ProfileTextError> {
        let whole = |what: String| ProfileTextError::Whole { what };
        let text = text.trim_start_matches('\u{feff}');
        let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let mut lines = numbered.filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
        let header = COLUMNS.join(",");
        let Some((line, named)) = lines.next() else {
            return Err(whole(format!("holds no line; \"{header}\" and one line a path are expected")));
        };
        if !named.split(',').map(str::trim).eq(COLUMNS) {
            let what = format!("\"{}\" is not the header; \"{header}\" is expected", shown(named));
            return Err(ProfileTextError::Line { line, what });
        }
        let mut paths: Vec<PathSpec> = Vec::new();
        for (line, text) in lines {
            let wrong = |what: String| ProfileTextError::Line { line, what };
            let path = read(text).map_err(wrong)?;
            check(&path, &paths).map_err(wrong)?;
            paths.push(path);
        }
        if paths.is_empty() {
            return Err(whole(
                "holds no path; at least one is expected, for example \"0,0,rayleigh\"".into(),
            ));
        }
        if paths.iter().all(|path| path.power == 0.0) {
            let what = "the powers sum to zero; at least one power_db above -inf is expected, for example 0";
            return Err(whole(what.into()));
        }
        paths.retain(|path| path.power > 0.0);
        Self::new(paths).map_err(|error: ChannelError| whole(error.to_string()))
    }
}

/// Reads one line.
fn read(text: &str) -> Result<PathSpec, String> {
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let [delay, power, kind] = fields[..] else {
        let count = fields.len();
        return Err(format!("holds {count} values; 3 are expected: {}", COLUMNS.join(", ")));
    };
    let number = |name: &str, field: &str| {
        let what =
            || format!("{name} = \"{}\" is not a number; one such as -1.5e-3 is expected", shown(field));
        field.parse::<f64>().ok().filter(|value| !value.is_nan()).ok_or_else(what)
    };
    let (delay_s, power_db) = (number(COLUMNS[0], delay)?, number(COLUMNS[1], power)?);
    let kind = match kind {
        "rayleigh" => PathKind::Rayleigh,
        "line-of-sight" => PathKind::LineOfSight,
        other => {
            let other = shown(other);
            return Err(format!(
                "kind = \"{other}\" is unknown; \"rayleigh\" or \"line-of-sight\" is expected"
            ));
        }
    };
    let power = power_from_db(power_db);
    if power_db > MAX_POWER_DB {
        return Err(format!("power_db = {power_db} is out of range; at most {MAX_POWER_DB} is expected"));
    }
    Ok(PathSpec { delay_s, power, kind })
}

/// Largest power of a written path, in decibels.
const MAX_POWER_DB: f64 = 1000.0;

/// Checks a path against those above it.
fn check(path: &PathSpec, above: &[PathSpec]) -> Result<(), String> {
    let delay_s = path.delay_s;
    if !(0.0..=MAX_DELAY_S).contains(&delay_s) {
        return Err(format!("delay_s = {delay_s:e} is out of range; 0 to {MAX_DELAY_S} s is expected"));
    }
    if let Some(last) = above.last().filter(|last| last.delay_s > delay_s) {
        let before = last.delay_s;
        return Err(format!(
            "delay_s = {delay_s:e} comes after {before:e}; delays in ascending order are expected, equal ones allowed"
        ));
    }
    let second = |kind| kind == PathKind::LineOfSight && above.iter().any(|path| path.kind == kind);
    if second(path.kind) {
        return Err("is a second line of sight; at most one is expected, the others are \"rayleigh\"".into());
    }
    if above.len() == MAX_PATHS {
        return Err(format!("is path {}; at most {MAX_PATHS} are expected", MAX_PATHS + 1));
    }
    Ok(())
}

/// Cuts text to what a message shows of it.
fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &str) -> Result<Profile, String> {
        Profile::parse(&format!("# of a test\ndelay_s,power_db,kind\n{lines}")).map_err(|e| e.to_string())
    }

    #[test]
    fn a_text_makes_the_profile_that_it_says() {
        let text =
            "0, 0, line-of-sight\r\n0,-12.2,rayleigh\n\n# later\n65e-9,-inf,rayleigh\n7e-8,-3,rayleigh\n";
        let profile = parse(text).unwrap();
        let path = |delay_s, power_db, kind| PathSpec { delay_s, power: power_from_db(power_db), kind };
        let same = Profile::new(vec![
            path(0.0, 0.0, PathKind::LineOfSight),
            path(0.0, -12.2, PathKind::Rayleigh),
            path(7e-8, -3.0, PathKind::Rayleigh),
        ]);
        assert_eq!(profile, same.unwrap());
        // The Rician factor of the response: one over what is scattered.
        let k = 1.0 / (power_from_db(-12.2) + power_from_db(-3.0));
        assert!((profile.k_factor() / k - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_a_profile_is_refused_with_its_line() {
        let refused = [
            ("", "holds no path; at least one is expected"),
            ("0,0", "line 3: holds 2 values; 3 are expected: delay_s, power_db, kind"),
            ("0,0,rayleigh,1", "line 3: holds 4 values"),
            ("x,0,rayleigh", "line 3: delay_s = \"x\" is not a number"),
            ("0,nan,rayleigh", "line 3: power_db = \"nan\" is not a number"),
            ("0,inf,rayleigh", "line 3: power_db = inf is out of range; at most 1000"),
            ("0,0,rician", "line 3: kind = \"rician\" is unknown; \"rayleigh\" or \"line-of-sight\""),
            ("-1e-9,0,rayleigh", "line 3: delay_s = -1e-9 is out of range; 0 to 0.01 s"),
            ("inf,0,rayleigh", "line 3: delay_s = inf is out of range"),
            ("2e-7,0,rayleigh\n1e-7,0,rayleigh", "line 4: delay_s = 1e-7 comes after 2e-7"),
            ("0,0,line-of-sight\n0,0,line-of-sight", "line 4: is a second line of sight; at most one"),
            (
                "0,-inf,rayleigh\n1e-7,-5000,rayleigh",
                "the powers sum to zero; at least one power_db above -inf",
            ),
        ];
        for (lines, message) in refused {
            let said = parse(lines).unwrap_err();
            assert!(said.contains(message), "{lines}: {said}");
        }
        let many = "0,0,rayleigh\n".repeat(MAX_PATHS);
        assert_eq!(parse(&many).unwrap().paths().len(), MAX_PATHS);
        assert!(parse(&format!("{many}0,0,rayleigh")).unwrap_err().contains("is path 1025"));
        let said = Profile::parse("# nothing\n").unwrap_err().to_string();
        assert!(said.contains("holds no line; \"delay_s,power_db,kind\""), "{said}");
        let said = Profile::parse("\n0,0,rayleigh\n").unwrap_err().to_string();
        assert!(said.contains("line 2: \"0,0,rayleigh\" is not the header"), "{said}");
    }
}
