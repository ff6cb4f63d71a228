//! Keys that devices and the server share: presets, and masks of phase noise with where they hold.

use crate::config::{Bound, ConfigError, Node, TableReader, Value};
use crate::experiment::per_device::PerDevice;
use airloop_channels::impairment::preset::NAMES;
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
        if says_none(reader, KEYS[0]) {
            reader.require_absent(KEYS[1], "goes with phase_noise_mask")?;
            return Ok(None);
        }
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

/// Returns whether a key says `"none"`, which switches off what a preset has.
pub fn says_none(reader: &TableReader<'_>, key: &str) -> bool {
    let none =
        matches!(reader.node(key).map(|node| &node.value), Some(Value::String(word)) if word == "none");
    if none {
        reader.record(key, None, Some("none".into()));
    }
    none
}

/// Reads `preset`.
///
/// # Errors
/// When there is none of that name.
pub fn read_preset(reader: &TableReader<'_>) -> Result<Preset, ConfigError> {
    let name = reader.choice("preset", Some(NAMES[0]), &NAMES)?;
    Ok(Preset::named(name).unwrap_or_default())
}

/// The presets of all devices: one for all, or one each.
pub struct Presets(Vec<Preset>);

impl Presets {
    /// Reads `preset`: a name, or a list of one a device.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let Some(Node { value: Value::Array(words), .. }) = reader.node("preset") else {
            return Ok(Self(vec![read_preset(reader)?]));
        };
        let names = NAMES.map(|name| format!("\"{name}\"")).join(", ");
        let expected = format!("a list of one of these a device is expected: {names}");
        let mut presets = Vec::with_capacity(words.len());
        let mut content = Vec::with_capacity(words.len());
        for word in words {
            let name = word.text(&reader.path("preset"), &expected)?;
            let known = Preset::named(name);
            presets.push(known.ok_or_else(|| reader.invalid("preset", format!("\"{name}\": {expected}")))?);
            content.push(serde_json::Value::from(name));
        }
        if presets.is_empty() {
            return Err(reader.invalid("preset", format!("is empty: {expected}")));
        }
        reader.record("preset", Some(NAMES[0].into()), Some(content.into()));
        Ok(Self(presets))
    }

    /// Returns how many devices have a preset of their own; `None` where all have the same.
    pub fn count(&self) -> Option<usize> {
        (self.0.len() > 1).then_some(self.0.len())
    }

    /// Returns all presets.
    pub fn all(&self) -> &[Preset] {
        &self.0
    }

    /// Returns a quantity that is uniform up to a preset's value either way; `None` where no preset has it.
    pub fn uniform(&self, of: impl Fn(&Preset) -> Option<f64>) -> Option<PerDevice> {
        let ends = |preset: &Preset| of(preset).map_or((0.0, 0.0), |most| (-most, most));
        self.0.iter().find_map(&of)?;
        Some(match &self.0[..] {
            [one] => {
                let (low, high) = ends(one);
                PerDevice::Uniform { low, high }
            }
            each => PerDevice::Ranges(each.iter().map(ends).collect()),
        })
    }

    /// Returns a quantity that is a preset's value, `none` for devices whose preset has none; `None` where no preset has it.
    pub fn fixed(&self, of: impl Fn(&Preset) -> Option<f64>, none: f64) -> Option<PerDevice> {
        self.0.iter().find_map(&of)?;
        let value = |preset: &Preset| of(preset).unwrap_or(none);
        Some(match &self.0[..] {
            [one] => PerDevice::Same(value(one)),
            each => PerDevice::Each(each.iter().map(value).collect()),
        })
    }
}
