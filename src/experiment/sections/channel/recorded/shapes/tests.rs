//! Arrays whose entries say where they lie, in every layout.

use super::*;
use airloop_baseband::Complex64;

const EXPECTED: Expected = Expected { devices: 3, receive: 4, device_antennas: 2 };

/// An array whose entries are their place.
fn array(shape: &[usize]) -> ComplexArray {
    let values = (0..shape.iter().product()).map(|i: usize| Complex64::from(i as f64)).collect();
    ComplexArray { shape: shape.to_vec(), values, is_complex: false }
}

/// Place of an entry in an array of a shape.
fn at(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |at, (length, i)| at * length + i)
}

#[test]
fn every_layout_puts_devices_antennas_paths_and_times_in_their_places() {
    // (layout, shape of gains, shape of delays, index of (drop, device, receive, device antenna, path, time))
    type Index = fn([usize; 6]) -> Vec<usize>;
    type Case<'a> = (Option<Layout>, &'a [usize], &'a [usize], Index);
    let cases: [Case<'_>; 7] = [
        (None, &[5, 3, 4, 2, 6, 7], &[5, 3, 6], |i| i.to_vec()),
        (None, &[3, 4, 2, 6, 7], &[3, 6], |i| i[1..].to_vec()),
        (None, &[3, 4, 2, 6], &[6], |i| i[1..5].to_vec()),
        // Devices transmit.
        (None, &[5, 1, 4, 3, 2, 6, 7], &[5, 1, 3, 6], |[n, k, r, t, p, i]| vec![n, 0, r, k, t, p, i]),
        // The server transmits.
        (None, &[5, 3, 2, 1, 4, 6, 7], &[5, 3, 1, 6], |[n, k, r, t, p, i]| vec![n, k, t, 0, r, p, i]),
        // One device a batch entry.
        (None, &[3, 1, 4, 1, 2, 6, 7], &[3, 1, 1, 6], |[_, k, r, t, p, i]| vec![k, 0, r, 0, t, p, i]),
        (Some(Layout::DeepMimo), &[3, 2, 4, 6], &[3, 9], |[_, k, r, t, p, _]| vec![k, t, r, p]),
    ];
    for (layout, gains, delays, index) in cases {
        let reading = of_paths(layout, (gains, delays), EXPECTED).unwrap();
        let e = reading.extent;
        let taken = reading.gains(&array(gains));
        let delayed = reading.delays(&array(delays));
        let lengths = [e.drops, e.devices, e.receive, e.device_antennas, e.paths, e.times];
        assert_eq!(taken.len(), gains.iter().product::<usize>(), "{gains:?}");
        for place in [[0, 0, 0, 0, 0, 0], [0, 1, 2, 0, 3, 0], [0, 2, 3, 1, 5, 0], lengths.map(|l| l - 1)] {
            let here = taken[at(&lengths, &place)].re as usize;
            assert_eq!(here, at(gains, &index(place)), "{gains:?} {place:?}");
        }
        let last = delayed[at(&[e.drops, e.devices, e.paths], &[e.drops - 1, e.devices - 1, e.paths - 1])];
        let width = *delays.last().unwrap();
        assert_eq!(last as usize, delays.iter().product::<usize>() - 1 - (width - e.paths), "{delays:?}");
    }
}

#[test]
fn swapped_axes_are_refused_with_the_shape_that_is_expected() {
    let refused =
        |layout, gains: &[usize], delays: &[usize]| of_paths(layout, (gains, delays), EXPECTED).unwrap_err();
    let own = refused(None, &[4, 3, 2, 6, 7], &[3, 6]);
    assert!(
        own.contains("[4, 3, 2, 6, 7]") && own.contains("[device, receive, device_antenna, path, time]"),
        "{own}"
    );
    assert!(own.contains("3 devices, 4 receive antennas") && own.contains("link.device_antennas"), "{own}");
    assert!(refused(None, &[3, 2, 4, 6], &[3, 6]).contains("\"deepmimo\""));
    assert!(refused(None, &[1, 4, 3, 2, 6, 7], &[1, 3, 6]).contains("\"sionna\""));
    assert!(refused(None, &[5, 2, 4, 3, 2, 6, 7], &[5, 2, 3, 6]).contains("one a batch entry"));
    assert!(refused(Some(Layout::DeepMimo), &[3, 4, 2, 6], &[3, 6]).contains("by reciprocity"));
    // Delays that do not go with the gains.
    for delays in [&[3, 7][..], &[4, 6], &[2, 3, 6], &[3, 6, 2]] {
        assert!(refused(None, &[3, 4, 2, 6, 7], delays).contains(&format!("{delays:?}")));
    }
    let samples = of_samples(&[3, 64], EXPECTED).unwrap_err();
    assert!(samples.contains("[device, receive, device_antenna, delay_sample, time]"), "{samples}");
    let single = Expected { devices: 3, receive: 1, device_antennas: 1 };
    assert_eq!(of_samples(&[3, 64, 9], single).unwrap().extent.times, 9);
    assert_eq!(of_samples(&[3, 64], single).unwrap().extent.paths, 64);
}
