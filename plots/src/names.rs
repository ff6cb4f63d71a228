//! From a column's name to words and a unit, as a reader of a figure wants them.

/// The unit that a column's suffix stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unit {
    /// Linear and dimensionless.
    None,
    /// A unit that takes SI prefixes, such as Hz.
    Prefixed(&'static str),
    /// A unit that is written as it is, such as dB.
    Fixed(&'static str),
}

/// Longest first where one ends in another.
const SUFFIXES: [(&str, Unit); 15] = [
    ("_bps_hz", Unit::Fixed("bit/s/Hz")),
    ("_bps", Unit::Prefixed("bit/s")),
    ("_values_per_s", Unit::Fixed("values/s")),
    ("_m_s", Unit::Fixed("m/s")),
    ("_dbm", Unit::Fixed("dBm")),
    ("_db", Unit::Fixed("dB")),
    ("_hz", Unit::Prefixed("Hz")),
    ("_ppm", Unit::Fixed("ppm")),
    ("_rad", Unit::Fixed("rad")),
    ("_samples", Unit::Fixed("samples")),
    ("_percent", Unit::Fixed("%")),
    ("_s", Unit::Prefixed("s")),
    ("_m", Unit::Prefixed("m")),
    ("_w", Unit::Prefixed("W")),
    ("_j", Unit::Prefixed("J")),
];

const WORDS: [(&str, &str); 31] = [
    ("bler", "Block error rate"),
    ("bler_first", "Block error rate of first transmissions"),
    ("bler_normal_approximation", "Block error rate, normal approximation"),
    ("ber", "Bit error rate"),
    ("ber_uncoded", "Bit error rate before decoding"),
    ("mcs", "MCS index"),
    ("transmissions", "Transmissions of a block"),
    ("iterations", "Decoder iterations of a code block"),
    ("nmse", "NMSE"),
    ("mse_per_device", "MSE per device"),
    ("nmse_accumulated", "NMSE of all rounds"),
    ("vote_error_rate", "Vote error rate"),
    ("vote_error_rate_truth", "Vote error rate against the truth"),
    ("devices", "Number of devices"),
    ("length", "Number of values"),
    ("trials", "Number of trials"),
    ("active_fraction", "Active fraction"),
    ("correlation_measured", "Correlation of devices"),
    ("snr_measured_db", "Measured SNR (dB)"),
    ("receive_snr_db", "Receive SNR (dB)"),
    ("power_used_mean", "Mean power over budget"),
    ("power_peak_db", "Peak power over budget (dB)"),
    ("payload_papr_db", "PAPR of values (dB)"),
    ("sync_detected_share", "Share of beacons found"),
    ("airtime_values_per_s", "Rate (values/s)"),
    ("energy_per_value_rel", "Relative energy per value"),
    ("elements", "Resource elements"),
    ("epsilon_round", "Epsilon of a round"),
    ("epsilon_total", "Epsilon of all rounds"),
    ("epsilon_eavesdropper_round", "Epsilon of a round, eavesdropper"),
    ("epsilon_eavesdropper_total", "Epsilon of all rounds, eavesdropper"),
];

/// What an error's columns beside its mean say of it.
const PARTS: [(&str, &str); 6] = [
    ("_low", "Lower end of"),
    ("_high", "Upper end of"),
    ("_median", "Median"),
    ("_q90", "90 % quantile of"),
    ("_q95", "95 % quantile of"),
    ("_count", "Trials behind"),
];

const ACRONYMS: [&str; 12] =
    ["snr", "mcs", "eb", "nmse", "mse", "csi", "cfo", "papr", "ofdm", "ris", "fft", "ici"];

/// Returns whether a column is an error, whose axis is logarithmic: a normalised error or a rate of wrong votes.
pub(crate) fn is_error(column: &str) -> bool {
    ["nmse", "mse_", "vote_error_rate", "bler", "ber"].iter().any(|start| column.starts_with(start))
        && !column.ends_with("_count")
}

/// Returns the words that stand for a column and for the parts of an error.
fn known(column: &str) -> Option<String> {
    let own = |name: &str| WORDS.iter().find(|(known, _)| *known == name).map(|(_, words)| *words);
    if let Some(words) = own(column) {
        return Some(words.to_owned());
    }
    let (part, words) = PARTS.iter().find_map(|(suffix, part)| {
        let error = column.strip_suffix(suffix).filter(|error| is_error(error))?;
        Some((*part, own(error)?))
    })?;
    let acronym = words.chars().nth(1).is_some_and(char::is_uppercase);
    let mut letters = words.chars();
    let first = letters.next().filter(|_| !acronym).map(|c| c.to_lowercase().to_string());
    Some(format!("{part} {}", first.map_or(words.to_owned(), |first| first + letters.as_str())))
}

/// Splits a column name into its stem and the unit that its suffix stands for.
fn split(column: &str) -> (&str, Unit) {
    SUFFIXES
        .iter()
        .find_map(|(suffix, unit)| Some((column.strip_suffix(suffix)?, *unit)))
        .filter(|(stem, _)| !stem.is_empty())
        .unwrap_or((column, Unit::None))
}

/// Returns the unit of a column.
pub(crate) fn unit(column: &str) -> Unit {
    split(column).1
}

/// Returns a column's words, lower case but for acronyms: `scheme.csi_age_s` is `CSI age`.
pub(crate) fn words(column: &str) -> String {
    let stem = split(column).0;
    let last = stem.rsplit('.').next().unwrap_or(stem);
    let word = |w: &str| match ACRONYMS.contains(&w) {
        true => w.to_uppercase(),
        false => w.to_owned(),
    };
    last.split('_').map(word).collect::<Vec<_>>().join(" ")
}

/// Returns the axis title of a column whose values were multiplied by 1 / 10^`power`.
pub(crate) fn title(column: &str, power: i32) -> String {
    if let Some(known) = known(column) {
        return known;
    }
    match unit(column) {
        Unit::None => column.to_owned(),
        Unit::Fixed(unit) => format!("{} ({unit})", capitalised(&words(column))),
        Unit::Prefixed(unit) => {
            format!("{} ({}{unit})", capitalised(&words(column)), prefix(power))
        }
    }
}

/// Returns the title of a linear column that is shown in decibel.
pub(crate) fn title_in_db(column: &str) -> String {
    format!("{} (dB)", known(column).unwrap_or_else(|| column.to_owned()))
}

/// Returns the power of ten, a multiple of 3, whose SI prefix suits a value.
pub(crate) fn power_for(unit: Unit, typical: f64) -> i32 {
    if !matches!(unit, Unit::Prefixed(_)) || typical <= 0.0 || !typical.is_finite() {
        return 0;
    }
    let thousands = ((typical.log10() + 1e-9) / 3.0).floor() as i32;
    let highest = if matches!(unit, Unit::Prefixed("Hz" | "bit/s")) { 3 } else { 0 };
    thousands.clamp(-4, highest) * 3
}

/// Returns the power of ten that a text names by its unit in brackets, such as -3 for `(ms)`; none is 0.
pub(crate) fn power_named(unit: Unit, text: &str) -> i32 {
    let Unit::Prefixed(name) = unit else { return 0 };
    PREFIXES
        .iter()
        .find(|(_, prefix)| text.contains(&format!("({prefix}{name})")))
        .map_or(0, |(power, _)| *power)
}

const PREFIXES: [(i32, &str); 7] =
    [(-12, "p"), (-9, "n"), (-6, "µ"), (-3, "m"), (3, "k"), (6, "M"), (9, "G")];

fn prefix(power: i32) -> &'static str {
    PREFIXES.iter().find(|(of, _)| *of == power).map_or("", |(_, prefix)| prefix)
}

/// Returns a legend text for one value of a column: `5 MHz`, `SNR 10 dB`, `threshold 0.1`, `20 devices`.
pub(crate) fn value_label(column: &str, text: &str) -> String {
    let Ok(value) = text.parse::<f64>() else {
        return text.to_owned();
    };
    let name = words(column);
    let number = match unit(column) {
        Unit::None => short(value),
        Unit::Fixed(unit) => format!("{} {unit}", short(value)),
        Unit::Prefixed(unit_name) => {
            let power = power_for(unit(column), value.abs());
            format!("{} {}{unit_name}", short(scaled(value, power)), prefix(power))
        }
    };
    match column {
        "bandwidth_hz" => number,
        "devices" if number == "1" => "1 device".to_owned(),
        "devices" => format!("{number} devices"),
        "length" => format!("{number} values"),
        _ => format!("{name} {number}"),
    }
}

/// Returns `value` / 10^`power`, rounded once.
pub(crate) fn scaled(value: f64, power: i32) -> f64 {
    if power < 0 { value * 10_f64.powi(-power) } else { value / 10_f64.powi(power) }
}

/// Writes a number with at most five significant digits, no trailing zeros and a true minus sign.
pub(crate) fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-4..7).contains(&exponent) {
        let mantissa = value / 10_f64.powi(exponent);
        return format!("{}×10{}", short(mantissa), superscript(exponent));
    }
    let decimals = (4 - exponent).max(0) as usize;
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    text.replace('-', "−")
}

/// Writes an integer in superscript digits.
pub(crate) fn superscript(number: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let raise = |c: char| match c.to_digit(10) {
        Some(digit) => DIGITS[digit as usize],
        None => '⁻',
    };
    number.to_string().chars().map(raise).collect()
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_come_from_suffixes() {
        for (column, power, expected) in [
            ("snr_db", 0, "SNR (dB)"),
            ("bandwidth_hz", 6, "Bandwidth (MHz)"),
            ("airtime_s", -3, "Airtime (ms)"),
            ("channel.speed_m_s", 0, "Speed (m/s)"),
            ("nmse", 0, "NMSE"),
            ("mse_per_device", 0, "MSE per device"),
            ("nmse_median", 0, "Median NMSE"),
            ("vote_error_rate", 0, "Vote error rate"),
            ("vote_error_rate_truth_q90", 0, "90 % quantile of vote error rate against the truth"),
            ("cfo_error_rms_hz", 0, "CFO error rms (Hz)"),
            ("airtime_overhead_s", -3, "Airtime overhead (ms)"),
            ("payload_papr_db", 0, "PAPR of values (dB)"),
            ("scheme.threshold", 0, "scheme.threshold"),
            ("sync.csi_age_s", -6, "CSI age (µs)"),
        ] {
            assert_eq!(title(column, power), expected);
        }
    }

    #[test]
    fn every_number_of_a_table_has_a_title_in_words() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/table.md");
        let docs = std::fs::read_to_string(docs).unwrap();
        let name = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
        let columns = docs.split("## Warnings").next().unwrap().lines().filter_map(name);
        let texts = ["schema", "experiment_id", "curve", "fidelity", "theory_kind", "scheme", "stop_reason"];
        let numbers = columns.filter(|c| !texts.contains(&c.as_str()) && c != "warnings");
        let titles: Vec<String> = numbers.map(|c| title(&c, 0)).collect();
        assert!(titles.len() > 50, "{titles:?}");
        for title in titles {
            assert!(
                title.starts_with(|c: char| c.is_uppercase() || c == '9') && !title.contains('_'),
                "{title}"
            );
        }
    }

    #[test]
    fn values_are_written_shortly() {
        assert_eq!(value_label("bandwidth_hz", "5e6"), "5 MHz");
        assert_eq!(value_label("snr_db", "-10"), "SNR −10 dB");
        assert_eq!(value_label("scheme.threshold", "0.1"), "threshold 0.1");
        assert_eq!(value_label("scheme", "digital"), "digital");
        assert_eq!(short(0.30000000000000004), "0.3");
        assert_eq!(short(1024.0), "1024");
        assert_eq!(short(-2.5e-7), "−2.5×10⁻⁷");
    }
}
