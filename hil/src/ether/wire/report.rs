//! Metrics on their way to whoever asks.

use super::{Cursor, Fields};
use crate::ether::{Clock, EtherMetrics, Level, RadioMetrics};
use crate::radio::RadioStatus;

/// Returns the bytes of metrics.
pub fn encode_metrics(metrics: &EtherMetrics) -> Vec<u8> {
    let mut fields = Fields::default();
    fields.number(metrics.time).number(metrics.sample_rate_hz.to_bits()).number(metrics.wall_s.to_bits());
    for seconds in [metrics.behind_wall_s, metrics.most_behind_wall_s] {
        fields.maybe(seconds, |f, seconds| _ = f.number(seconds.to_bits()));
    }
    fields.number((metrics.clock == Clock::Wall).into()).number(metrics.begun.into());
    fields.maybe(metrics.holder.as_deref(), |f, name| _ = f.text(name));
    fields.maybe(metrics.end.as_deref(), |f, reason| _ = f.text(reason));
    fields.number(metrics.came).number(metrics.radios.len() as u64);
    for radio in &metrics.radios {
        fields.text(&radio.name).numbers(&radio.transmit_ports).numbers(&radio.receive_ports);
        for indices in [&radio.settled, &radio.heard, &radio.behind] {
            fields.number(indices.len() as u64);
            indices.iter().for_each(|index| _ = fields.maybe(*index, |f, index| _ = f.number(index)));
        }
        for levels in [&radio.sent, &radio.received] {
            fields.number(levels.len() as u64);
            levels.iter().for_each(|level| _ = fields.maybe(*level, put_level));
        }
        fields.number(radio.left.into());
        let RadioMetrics { underflows, overflows, late_bursts, lost_samples, .. } = *radio;
        put_losses(&mut fields, RadioStatus { underflows, overflows, late_bursts, lost_samples });
    }
    put_losses(&mut fields, metrics.losses);
    fields.number(metrics.missing.len() as u64);
    metrics.missing.iter().for_each(|name| _ = fields.text(name));
    fields.0
}

/// Reads metrics.
pub fn decode_metrics(bytes: &[u8]) -> Option<EtherMetrics> {
    let mut cursor = Cursor(bytes);
    let c = &mut cursor;
    let metrics = EtherMetrics {
        time: c.number()?,
        sample_rate_hz: real(c)?,
        wall_s: real(c)?,
        behind_wall_s: c.maybe(real)?,
        most_behind_wall_s: c.maybe(real)?,
        clock: if c.number()? == 0 { Clock::Lockstep } else { Clock::Wall },
        begun: c.number()? != 0,
        holder: c.maybe(Cursor::text)?,
        end: c.maybe(Cursor::text)?,
        came: c.number()?,
        radios: c.list(radio)?,
        losses: losses(c)?,
        missing: c.list(Cursor::text)?,
    };
    cursor.end()?;
    Some(metrics)
}

fn radio(c: &mut Cursor<'_>) -> Option<RadioMetrics> {
    let mut radio = RadioMetrics {
        name: c.text()?,
        transmit_ports: c.numbers()?,
        receive_ports: c.numbers()?,
        settled: c.list(|c| c.maybe(Cursor::number))?,
        heard: c.list(|c| c.maybe(Cursor::number))?,
        behind: c.list(|c| c.maybe(Cursor::number))?,
        sent: c.list(|c| c.maybe(level))?,
        received: c.list(|c| c.maybe(level))?,
        left: c.number()? != 0,
        ..RadioMetrics::default()
    };
    let RadioStatus { underflows, overflows, late_bursts, lost_samples } = losses(c)?;
    (radio.underflows, radio.overflows) = (underflows, overflows);
    (radio.late_bursts, radio.lost_samples) = (late_bursts, lost_samples);
    Some(radio)
}

fn put_losses(fields: &mut Fields, losses: RadioStatus) {
    fields.number(losses.underflows).number(losses.overflows);
    fields.number(losses.late_bursts).number(losses.lost_samples);
}

fn losses(c: &mut Cursor<'_>) -> Option<RadioStatus> {
    Some(RadioStatus {
        underflows: c.number()?,
        overflows: c.number()?,
        late_bursts: c.number()?,
        lost_samples: c.number()?,
    })
}

fn put_level(fields: &mut Fields, level: Level) {
    let Level { mean_power, peak, full_scale_share } = level;
    fields.number(mean_power.to_bits()).number(peak.to_bits()).number(full_scale_share.to_bits());
}

fn level(c: &mut Cursor<'_>) -> Option<Level> {
    Some(Level { mean_power: real(c)?, peak: real(c)?, full_scale_share: real(c)? })
}

fn real(c: &mut Cursor<'_>) -> Option<f64> {
    c.number().map(f64::from_bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_come_back() {
        let radio = RadioMetrics {
            name: "a".into(),
            transmit_ports: vec![1, 2],
            settled: vec![Some(5), None],
            heard: vec![None],
            behind: vec![Some(7)],
            sent: vec![Some(Level { mean_power: 0.5, peak: 1.5, full_scale_share: 0.25 }), None],
            received: vec![None],
            left: true,
            underflows: 4,
            ..RadioMetrics::default()
        };
        let metrics = EtherMetrics {
            time: 9,
            sample_rate_hz: 1e6,
            wall_s: 2.5,
            behind_wall_s: Some(0.25),
            most_behind_wall_s: None,
            clock: Clock::Wall,
            begun: true,
            holder: Some("a".into()),
            end: None,
            came: 3,
            radios: vec![radio, RadioMetrics::default()],
            losses: RadioStatus { underflows: 4, overflows: 3, late_bursts: 2, lost_samples: 1 },
            missing: vec!["b".into()],
        };
        let bytes = encode_metrics(&metrics);
        assert_eq!(decode_metrics(&bytes), Some(metrics));
        assert_eq!(decode_metrics(&bytes[..bytes.len() - 1]), None);
    }
}
