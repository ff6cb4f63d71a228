//! Figures with their units, as tables and sentences of a plan write them.

/// Returns a value with its unit, seconds and hertz in a convenient multiple, to four digits.
pub fn quantity(value: f64, unit: &str) -> String {
    if value.is_infinite() {
        return "no limit".into();
    }
    let multiples: &[(f64, &str)] = match unit {
        "s" => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"), (1e-12, "ps")],
        "Hz" => &[(1e6, "MHz"), (1e3, "kHz"), (1.0, "Hz")],
        _ => &[(1.0, "")],
    };
    let fits = multiples.iter().find(|(size, _)| value >= *size).or(multiples.last());
    match fits {
        Some((size, name)) if value > 0.0 && !name.is_empty() => format!("{} {name}", short(value / size)),
        _ => format!("{} {unit}", short(value)).trim_end().to_string(),
    }
}

/// Returns a number with four digits, in the shorter of the two notations.
fn short(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{x:.3e}");
    }
    let digits = if size == 0.0 { 0 } else { (3 - size.log10().floor() as i32).max(0) as usize };
    let text = format!("{x:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_in_fitting_multiples() {
        for (value, unit, text) in [
            (5.878e-5, "s", "58.78 us"),
            (0.0, "s", "0 s"),
            (2.5, "s", "2.5 s"),
            (350.0, "Hz", "350 Hz"),
            (87_500.0, "Hz", "87.5 kHz"),
            (f64::INFINITY, "Hz", "no limit"),
            (-12.136, "dB", "-12.14 dB"),
            (4.98e-4, "", "4.980e-4"),
            (7.0, "", "7"),
        ] {
            assert_eq!(quantity(value, unit), text);
        }
    }
}
