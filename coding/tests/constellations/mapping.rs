//! Points against two other implementations, and names.

use super::{rows, send};
use airloop_baseband::Complex32;
use airloop_coding::{CodingError, Modulation};

/// Maps one label as the symbol of an index.
fn point(modulation: Modulation, label: &str, index: u64) -> Complex32 {
    let bits: Vec<u8> = label.bytes().map(|digit| digit - b'0').collect();
    let mut out = [Complex32::ZERO];
    modulation.map(&bits, index, &mut out).unwrap();
    out[0]
}

#[test]
fn points_equal_two_other_implementations() {
    let mut seen = [0; 7];
    for row in rows(include_str!("../data/constellations.csv")) {
        let [_, name, odd, label, re, im] = row[..] else { panic!("{row:?}") };
        let modulation: Modulation = name.parse().unwrap();
        let expected = Complex32::new(re.parse().unwrap(), im.parse().unwrap());
        let distance = |label: &str| (point(modulation, label, odd.parse().unwrap()) - expected).norm();
        assert!(distance(label) < 2e-7, "{row:?}");
        // A wrong bit would be seen.
        let last = if label.ends_with('0') { "1" } else { "0" };
        assert!(distance(&(label[..label.len() - 1].to_owned() + last)) > 0.05, "{row:?}");
        seen[modulation as usize] += 1;
    }
    assert_eq!(seen, [4, 4, 8 + 4, 32 + 16, 128 + 64, 512 + 256, 1024]);
}

#[test]
fn points_have_unit_mean_energy_and_no_mean() {
    for modulation in Modulation::ALL {
        let points = modulation.points();
        assert_eq!(points.len(), 1 << modulation.bits_per_symbol());
        let energy: f64 = points.iter().map(|x| f64::from(x.norm_sqr())).sum();
        assert!((energy / points.len() as f64 - 1.0).abs() < 1e-6, "{modulation}");
        let mean = |part: fn(&Complex32) -> f32| points.iter().map(|x| f64::from(part(x))).sum::<f64>();
        assert!(mean(|x| x.re).abs() + mean(|x| x.im).abs() < 1e-6, "{modulation}");
        let label = format!("{:0width$b}", points.len() - 1, width = modulation.bits_per_symbol());
        assert_eq!(point(modulation, &label, 0), points[points.len() - 1]);
    }
}

#[test]
fn a_transmission_can_be_mapped_in_pieces() {
    for modulation in Modulation::ALL {
        let sent = send(modulation, 61, 0);
        for cut in [1, 2, 17] {
            let mut rest = vec![Complex32::ZERO; 61 - cut];
            let bits = &sent.bits[cut * modulation.bits_per_symbol()..];
            modulation.map(bits, cut as u64, &mut rest).unwrap();
            assert_eq!(rest, sent.points[cut..], "{modulation} from {cut}");
        }
    }
    let mut shifted = vec![Complex32::ZERO; 61];
    let sent = send(Modulation::Pi2Bpsk, 61, 0);
    Modulation::Pi2Bpsk.map(&sent.bits, 1, &mut shifted).unwrap();
    assert_ne!(shifted, sent.points, "the index matters");
}

#[test]
fn names_and_orders_are_read_back() {
    for modulation in Modulation::ALL {
        assert_eq!(modulation.to_string().parse(), Ok(modulation));
        let again = Modulation::from_order(modulation.bits_per_symbol()).unwrap();
        assert_eq!(again.bits_per_symbol(), modulation.bits_per_symbol());
    }
    assert_eq!(Modulation::from_order(3), Err(CodingError::ModulationOrder { given: 3 }));
    let unknown = "8-psk".parse::<Modulation>().unwrap_err().to_string();
    assert!(unknown.contains("8-psk") && unknown.contains("pi/2-bpsk, bpsk, qpsk, 16-qam"), "{unknown}");
}

#[test]
fn buffers_of_other_lengths_are_refused() {
    let mut out = [Complex32::ZERO; 3];
    let expected = CodingError::Length { what: "bits", given: 17, expected: 18 };
    assert_eq!(Modulation::Qam64.map(&[0; 17], 0, &mut out), Err(expected.clone()));
    assert_eq!(Modulation::Qam64.decide(&out, 0, &mut [0; 17]), Err(expected));
}
