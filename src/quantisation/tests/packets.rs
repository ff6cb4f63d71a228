//! Packets alone, losses and wrong bits.

use super::*;

const LENGTH: usize = 3000;

/// Returns packet sizes: the least that is possible, and larger ones.
fn sizes(config: QuantiserConfig) -> Vec<usize> {
    let least = match Quantiser::new(config, LENGTH, Some(0)).unwrap_err() {
        QuantisationError::PacketTooSmall { least, .. } => least,
        other => panic!("{other}"),
    };
    vec![least, least + 1, least + 177, least + 4000]
}

#[test]
fn packets_decode_to_what_one_packet_does() {
    let values = gaussian(LENGTH, 1);
    for config in all() {
        let whole = carried(&quantiser(config, LENGTH, None), &values, 0);
        assert_eq!(whole.0.packets.len(), 1);
        for size in sizes(config) {
            let quantiser = quantiser(config, LENGTH, Some(size));
            let (message, out) = carried(&quantiser, &values, 0);
            // Scales of kept values are those of their packet.
            let scaled =
                matches!(config, QuantiserConfig::TopK { values: KeptValues::Stochastic { .. }, .. });
            assert!(scaled || out == whole.1, "{config:?} {size}");
            let (mut bit, mut value) = (0, 0);
            for packet in &message.packets {
                assert!(
                    packet.bits.len() <= size && !packet.values.is_empty(),
                    "{config:?} {size} {packet:?}"
                );
                assert_eq!((packet.bits.start, packet.values.start), (bit, value));
                (bit, value) = (packet.bits.end, packet.values.end);
            }
            assert_eq!((bit, value), (message.bits.len(), LENGTH), "{config:?}");
            assert!(message.bits.iter().all(|bit| *bit < 2));
            match quantiser.bits_per_round() {
                RoundBits::Exact(bits) => assert_eq!(bits, message.bits.len()),
                RoundBits::AtMost(bits) => assert!(bits >= message.bits.len(), "{config:?} {size}"),
            }
            if let Some(packets) = quantiser.packets() {
                assert_eq!(packets, message.packets);
            }
        }
    }
}

#[test]
fn packets_are_filled() {
    // 4 bits a value and 32 of side information: 992 values of 4000 bits.
    let config = QuantiserConfig::StochasticUniform { bits: 4 };
    let packets = quantiser(config, LENGTH, Some(4000)).packets().unwrap();
    let counts: Vec<usize> = packets.iter().map(|p| p.values.len()).collect();
    assert_eq!(counts, [992, 992, 992, 24]);
    assert_eq!(quantiser(config, LENGTH, None).bits_per_round(), RoundBits::Exact(12_032));
    for config in all() {
        let size = 9000;
        let (message, _) = carried(&quantiser(config, LENGTH, Some(size)), &gaussian(LENGTH, 2), 0);
        let (last, others) = message.packets.split_last().unwrap();
        assert!(!last.bits.is_empty());
        // What is left is too little for a run of one more value.
        assert!(others.iter().all(|packet| packet.bits.len() > size - 150), "{config:?}");
    }
}

#[test]
fn lost_packets_cost_their_own_values() {
    let values = gaussian(LENGTH, 3);
    for config in all() {
        let size = sizes(config)[2];
        let quantiser = quantiser(config, LENGTH, Some(size));
        let (message, whole) = carried(&quantiser, &values, 0);
        let gone = message.packets.len() / 2;
        let lost = message.packets[gone].bits.clone();
        let mut out = vec![f32::NAN; LENGTH];
        let arrival = quantiser.decode(&message, std::slice::from_ref(&lost), stream(0), &mut out);
        let erased = message.packets[gone].values.clone();
        assert_eq!(arrival.values, LENGTH - erased.len(), "{config:?}");
        for (i, (out, whole)) in out.iter().zip(&whole).enumerate() {
            assert_eq!(*out, if erased.contains(&i) { 0.0 } else { *whole }, "{config:?} {i}");
        }
        // Packets that are padded, and come alone, into the same place.
        let mut alone = vec![0.0; LENGTH];
        let mut padded = message.bits_of(gone).to_vec();
        padded.resize(size + 99, 1);
        let arrived = quantiser.decode_packet((&message.packets[gone], &padded), &[], stream(0), &mut alone);
        assert_eq!(arrived, erased.len());
        alone.iter_mut().zip(&out).for_each(|(alone, out)| *alone += out);
        assert_eq!(alone, whole, "{config:?}");
    }
}

#[test]
fn a_lost_bit_of_a_fixed_code_costs_one_value_and_a_scale_its_bucket() {
    let values = gaussian(LENGTH, 4);
    let quantiser = quantiser(QSGD, LENGTH, None);
    let (message, whole) = carried(&quantiser, &values, 0);
    let width = 1 + 3;
    let bucket = 32 + 100 * width;
    let mut out = vec![f32::NAN; LENGTH];
    // The last bit of value 205, both of 207 and 208 in part, and one bit of the scale of bucket 5.
    let third = 2 * bucket + 32;
    let lost = [
        third + 5 * width + 3..third + 5 * width + 4,
        third + 7 * width + 2..third + 8 * width + 1,
        5 * bucket + 31..5 * bucket + 32,
    ];
    let arrival = quantiser.decode(&message, &lost, stream(0), &mut out);
    assert_eq!(arrival.values, LENGTH - 3 - 100);
    for (i, (out, whole)) in out.iter().zip(&whole).enumerate() {
        let erased = [205, 207, 208].contains(&i) || (500..600).contains(&i);
        assert_eq!(*out, if erased { 0.0 } else { *whole }, "{i}");
    }
}

#[test]
fn rescaled_values_are_right_in_the_mean() {
    // Twelve equal packets of which one after the other is lost.
    let values = gaussian(12 * 50, 5);
    let config = QuantiserConfig::Sign { bucket: 50 };
    let quantiser = quantiser(config, values.len(), Some(32 + 50));
    let (message, whole) = carried(&quantiser, &values, 0);
    assert_eq!(message.packets.len(), 12);
    let (mut plain, mut rescaled) = (vec![0.0; values.len()], vec![0.0; values.len()]);
    for packet in &message.packets {
        let mut out = vec![0.0; values.len()];
        let arrival = quantiser.decode(&message, std::slice::from_ref(&packet.bits), stream(0), &mut out);
        plain.iter_mut().zip(&out).for_each(|(sum, out)| *sum += out / 12.0);
        arrival.rescale(&mut out);
        rescaled.iter_mut().zip(&out).for_each(|(sum, out)| *sum += out / 12.0);
    }
    for ((whole, plain), rescaled) in whole.iter().zip(&plain).zip(&rescaled) {
        assert!((rescaled / whole - 1.0).abs() < 1e-5 && (plain / whole - 11.0 / 12.0).abs() < 1e-5);
    }
}

#[test]
fn wrong_bits_become_finite_values() {
    let values = gaussian(LENGTH, 6);
    let flips = Seeds::new(4).stream(Purpose::Noise, 0, 0);
    for (number, config) in all().into_iter().enumerate() {
        for size in [None, Some(sizes(config)[3])] {
            let quantiser = quantiser(config, LENGTH, size);
            let (message, whole) = carried(&quantiser, &values, 0);
            let mut changed = false;
            for trial in 0..9 {
                let mut wrong = message.clone();
                // A few flips, one in ten, or noise throughout.
                let share = [0.0005, 0.1, 0.5][trial as usize % 3];
                for (i, bit) in wrong.bits.iter_mut().enumerate() {
                    let index = (number as u64) << 40 | trial << 32 | i as u64;
                    *bit ^= u8::from(flips.uniform(index) < share);
                }
                let mut out = vec![f32::NAN; LENGTH];
                let arrival = quantiser.decode(&wrong, &[], stream(0), &mut out);
                assert!(arrival.values <= LENGTH && out.iter().all(|o| o.is_finite()), "{config:?}");
                assert!(out.iter().all(|o| o.abs() <= 3.0 * bits::LARGEST), "{config:?}");
                changed |= out != whole;
                // Cut off within a packet.
                let packet = &wrong.packets[0];
                let cut = &wrong.bits[..packet.bits.len() / 2];
                let mut out = vec![0.0; LENGTH];
                let arrived = quantiser.decode_packet((packet, cut), &[], stream(0), &mut out);
                assert!(arrived <= LENGTH && out.iter().all(|o| o.is_finite()), "{config:?}");
            }
            assert!(changed, "{config:?}");
        }
    }
}
