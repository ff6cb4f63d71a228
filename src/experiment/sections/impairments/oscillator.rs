//! Keys of phase noise, which devices and the server share: a linewidth, a mask, and where the mask holds.

use crate::config::{Bound, ConfigError, Node, TableReader, Value};
use airloop_channels::impairment::{MaskPoint, PhaseMask, Preset};

const EXPECTED: &str =
    "a list of [offset_hz, dbc_hz] is expected, for example [[1e3, -80.0], [1e5, -100.0], [1e6, -120.0]]";

/// The mask of an oscillator as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct MaskSection {
    mask: PhaseMask,
    /// Frequency at which it holds; `None` is the carrier.
    reference_hz: Option<f64>,
}

impl MaskSection {
    /// Reads `phase_noise_mask` and `phase_noise_reference_hz`, or takes a preset's.
    ///
    /// # Errors
    /// When points are not pairs of numbers, or out of order.
    pub fn read(reader: &TableReader<'_>, preset: &Preset) -> Result<Option<Self>, ConfigError> {
        const KEYS: [&str; 2] = ["phase_noise_mask", "phase_noise_reference_hz"];
        let reference_hz = reader.optional_f64(KEYS[1], Bound::between(1.0, 1e13))?;
        let point = |pair: [f64; 2]| MaskPoint { offset_hz: pair[0], dbc_hz: pair[1] };
        let Some(node) = reader.node(KEYS[0]) else {
            let points = preset.phase_noise_mask;
            if points.is_empty() {
                reader.require_absent(KEYS[1], "goes with phase_noise_mask")?;
                return Ok(None);
            }
            let mask = PhaseMask::new(points.iter().map(|pair| point(*pair)).collect());
            let mask = mask.map_err(|e| reader.invalid("preset", e.to_string()))?;
            return Ok(Some(Self { mask, reference_hz: reference_hz.or(preset.mask_reference_hz) }));
        };
        let Value::Array(rows) = &node.value else { return Err(reader.invalid(KEYS[0], EXPECTED)) };
        let pairs = rows.iter().map(|row| pair(reader, KEYS[0], row)).collect::<Result<Vec<_>, _>>()?;
        let content = pairs.iter().map(|pair| serde_json::Value::from(pair.to_vec())).collect();
        reader.record(KEYS[0], None, Some(content));
        let mask = PhaseMask::new(pairs.into_iter().map(point).collect());
        let mask = mask.map_err(|e| reader.invalid(KEYS[0], format!("{e}; {EXPECTED}")))?;
        Ok(Some(Self { mask, reference_hz }))
    }

    /// Returns the mask at the carrier.
    ///
    /// # Errors
    /// When that is more than a carrier can have.
    pub fn at(&self, carrier_hz: f64) -> Result<PhaseMask, airloop_channels::ChannelError> {
        match self.reference_hz {
            Some(reference_hz) => self.mask.multiplied(reference_hz, carrier_hz),
            None => Ok(self.mask.clone()),
        }
    }
}

fn pair(reader: &TableReader<'_>, key: &str, row: &Node) -> Result<[f64; 2], ConfigError> {
    let Value::Array(cells) = &row.value else { return Err(reader.invalid(key, EXPECTED)) };
    let [offset, level] = &cells[..] else { return Err(reader.invalid(key, EXPECTED)) };
    let path = reader.path(key);
    Ok([
        offset.number(&path, Bound::positive(), 1e3)?,
        level.number(&path, Bound::between(-300.0, 0.0), -80.0)?,
    ])
}

/// Reads `preset`.
///
/// # Errors
/// When there is none of that name.
pub fn read_preset(reader: &TableReader<'_>) -> Result<Preset, ConfigError> {
    use airloop_channels::impairment::preset::NAMES;
    let name = reader.choice("preset", Some(NAMES[0]), &NAMES)?;
    Ok(Preset::named(name).unwrap_or_default())
}
