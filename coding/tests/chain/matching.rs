//! Rate matching against the steps of TS 38.212 clause 5.4.2, bit by bit.

use crate::{Draws, bits, llrs};
use airloop_coding::ldpc::{BaseGraph, Code, LiftingSize};
use airloop_coding::rate_matching::{FILLER_LLR, MODULATION_ORDERS, RateMatching, Selection, share};

/// A buffer to be tried, and what is sent of it.
struct Case {
    code: Code,
    first_filler: usize,
    reference: Option<usize>,
    selection: Selection,
}

impl Case {
    fn drawn(draws: &mut Draws) -> Self {
        let graph = [BaseGraph::One, BaseGraph::Two][draws.below(2)];
        let sizes: Vec<LiftingSize> = LiftingSize::all().filter(|size| size.size() <= 64).collect();
        let code = Code::new(graph, sizes[draws.below(sizes.len())]);
        let filled = code.information_bits() * 2 / 5 + 1;
        let first_filler = filled + draws.below(code.information_bits() - filled + 1);
        let reference = [None, Some(code.z() * (5 + draws.below(60)) + draws.below(7))][draws.below(2)];
        let modulation_order = MODULATION_ORDERS[draws.below(6)];
        let coded_bits =
            modulation_order * (1 + draws.below(4 * code.codeword_bits() / modulation_order / 2));
        let selection = Selection { coded_bits, modulation_order, redundancy_version: draws.below(4) as u8 };
        Self { code, first_filler, reference, selection }
    }

    fn matching(&self) -> RateMatching {
        let fillers = self.first_filler..self.code.information_bits();
        RateMatching::new(&self.code, fillers, self.reference).unwrap()
    }

    /// Places in the code word in the order in which they are sent, as the clause has it.
    fn places(&self) -> Vec<usize> {
        let Selection { coded_bits, modulation_order, redundancy_version } = self.selection;
        let (z, k) = (self.code.z(), self.code.information_bits());
        let columns = self.code.graph().columns() - 2;
        let size = self.reference.map_or(columns * z, |reference| reference.min(columns * z));
        let factor = match self.code.graph() {
            BaseGraph::One => [0, 17, 33, 56],
            BaseGraph::Two => [0, 13, 25, 43],
        }[usize::from(redundancy_version)];
        let begin = (factor as f64 * size as f64 / (columns * z) as f64).floor() as usize * z;
        let (mut selected, mut j) = (Vec::new(), 0);
        while selected.len() < coded_bits {
            let place = (begin + j) % size + 2 * z;
            if !(self.first_filler..k).contains(&place) {
                selected.push(place);
            }
            j += 1;
        }
        let points = coded_bits / modulation_order;
        (0..coded_bits)
            .map(|sent| selected[sent % modulation_order * points + sent / modulation_order])
            .collect()
    }
}

#[test]
fn selection_is_that_of_the_clause_bit_by_bit() {
    let mut draws = Draws(54);
    let (mut repeated, mut limited) = (0, 0);
    for trial in 0..400 {
        let case = Case::drawn(&mut draws);
        let word = bits(trial, case.code.codeword_bits());
        let mut sent = vec![9; case.selection.coded_bits];
        let (matching, places) = (case.matching(), case.places());
        matching.select(&word, &case.selection, &mut sent).unwrap();
        let expected: Vec<u8> = places.iter().map(|place| word[*place]).collect();
        assert_eq!(sent, expected, "{:?}, reference {:?}", case.selection, case.reference);
        let z = case.code.z();
        let last = places.iter().max().unwrap() / z + 1;
        let rows = last.saturating_sub(case.code.graph().information_columns());
        assert_eq!(matching.rows(&case.selection), rows);
        repeated += usize::from(case.selection.coded_bits > matching.distinct_bits());
        limited += usize::from(case.reference.is_some());
    }
    assert!(repeated > 50 && limited > 100, "{repeated} repeat bits, {limited} have a limited buffer");
}

#[test]
fn combining_adds_every_value_to_its_place() {
    let mut draws = Draws(55);
    for _ in 0..300 {
        let case = Case::drawn(&mut draws);
        let matching = case.matching();
        let mut soft = vec![3.0; case.code.codeword_bits()];
        matching.clear(&mut soft).unwrap();
        let known = case.first_filler..case.code.information_bits();
        assert!(
            soft.iter()
                .enumerate()
                .all(|(i, soft)| *soft == if known.contains(&i) { FILLER_LLR } else { 0.0 })
        );
        let mut expected = soft.clone();
        let mut other = Case { selection: case.selection, code: case.code.clone(), ..case };
        for version in [0, 2, 2, 3, 1] {
            other.selection.redundancy_version = version;
            // Whole numbers: sums do not depend on their order.
            let values: Vec<f32> =
                (0..case.selection.coded_bits).map(|_| draws.below(64) as f32 - 32.0).collect();
            matching.combine(&values, &other.selection, &mut soft).unwrap();
            for (value, place) in values.iter().zip(other.places()) {
                expected[place] += value;
            }
        }
        assert_eq!(soft, expected);
        assert!(
            soft[..2 * case.code.z()].iter().all(|soft| *soft == 0.0),
            "the two first columns are never sent"
        );
    }
}

#[test]
fn soft_values_of_the_right_version_agree_with_the_word_and_of_the_wrong_one_do_not() {
    let code = Code::new(BaseGraph::One, LiftingSize::new(40).unwrap());
    let matching = RateMatching::new(&code, code.information_bits()..code.information_bits(), None).unwrap();
    let word = bits(77, code.codeword_bits());
    for version in 0..4 {
        let selection = Selection { coded_bits: 1600, modulation_order: 4, redundancy_version: version };
        let mut sent = vec![0; 1600];
        matching.select(&word, &selection, &mut sent).unwrap();
        let wrong_places = |received: u8| {
            let mut soft = vec![0.0; code.codeword_bits()];
            let selection = Selection { redundancy_version: received, ..selection };
            matching.combine(&llrs(&sent, 1.0), &selection, &mut soft).unwrap();
            soft.iter().zip(&word).filter(|(soft, bit)| **soft * (1.0 - 2.0 * f32::from(**bit)) < 0.0).count()
        };
        assert_eq!(wrong_places(version), 0);
        assert!(wrong_places((version + 1) % 4) > 600, "the wrong version is as good as noise");
    }
}

#[test]
fn shares_are_those_of_the_clause() {
    for (coded, unit, blocks) in [(240, 4, 1), (240, 4, 7), (7200, 24, 13), (26_400, 8, 11), (96, 8, 12)] {
        let shares: Vec<usize> = share(coded, unit, blocks).unwrap().collect();
        let points = coded / unit;
        for (j, share) in shares.iter().enumerate() {
            let early = (j as i64) < blocks as i64 - (points % blocks) as i64;
            let expected = if early { points / blocks } else { points.div_ceil(blocks) };
            assert_eq!(*share, unit * expected, "block {j} of {blocks}");
        }
        assert_eq!(shares.iter().sum::<usize>(), coded);
    }
}
