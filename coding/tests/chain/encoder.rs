//! The encoder against the parity-check matrix, and the matrix against another implementation's.

use crate::bits;
use airloop_coding::ldpc::{BaseGraph, Code, Encoder, LiftingSize};
use clap::ValueEnum;
use ldpc_toolbox::codes::nr5g;

const GRAPHS: [(BaseGraph, nr5g::BaseGraph); 2] =
    [(BaseGraph::One, nr5g::BaseGraph::BG1), (BaseGraph::Two, nr5g::BaseGraph::BG2)];

fn encoded(code: &Code, information: &[u8]) -> Vec<u8> {
    let mut word = vec![0; code.codeword_bits()];
    Encoder::new(code).encode(information, code.graph().rows(), &mut word).unwrap();
    word
}

#[test]
fn matrices_are_those_of_an_independent_implementation() {
    let theirs = nr5g::LiftingSize::value_variants();
    assert_eq!(theirs.len(), 51);
    for (graph, their_graph) in GRAPHS {
        for size in theirs {
            let z = usize::from(*size);
            let (code, h) = (Code::new(graph, LiftingSize::new(z).unwrap()), their_graph.h(*size));
            assert_eq!((graph.rows() * z, code.codeword_bits()), (h.num_rows(), h.num_cols()));
            for row in 0..graph.rows() {
                // Every check of the row for small sizes, some for large ones.
                for i in (0..z).step_by(z.div_ceil(16)) {
                    let mut ours: Vec<usize> =
                        code.row(row).iter().map(|c| c.column * z + (i + c.shift) % z).collect();
                    let mut expected: Vec<usize> = h.iter_row(row * z + i).copied().collect();
                    ours.sort_unstable();
                    expected.sort_unstable();
                    assert_eq!(ours, expected, "{graph:?}, Z = {z}, check {}", row * z + i);
                }
            }
        }
    }
}

#[test]
fn words_of_every_graph_and_lifting_size_fulfil_every_check() {
    let mut codes = 0;
    for (graph, _) in GRAPHS {
        for lifting in LiftingSize::all() {
            let code = Code::new(graph, lifting);
            for seed in [1, 2] {
                let information = bits(seed, code.information_bits());
                let mut word = encoded(&code, &information);
                assert_eq!(word[..information.len()], information, "the code is systematic");
                assert!(code.holds(&word), "{graph:?}, Z = {}", code.z());
                let place = (seed as usize * 7919) % word.len();
                word[place] ^= 1;
                assert!(!code.holds(&word), "a flipped bit must be seen: {graph:?}, Z = {}", code.z());
            }
            codes += 1;
        }
    }
    assert_eq!(codes, 102);
}

#[test]
fn the_sum_of_words_is_the_word_of_the_sum() {
    for (graph, z) in
        [(BaseGraph::One, 13), (BaseGraph::One, 208), (BaseGraph::Two, 7), (BaseGraph::Two, 384)]
    {
        let code = Code::new(graph, LiftingSize::new(z).unwrap());
        let (a, b) = (bits(3, code.information_bits()), bits(4, code.information_bits()));
        let add = |a: &[u8], b: &[u8]| -> Vec<u8> { a.iter().zip(b).map(|(a, b)| a ^ b).collect() };
        assert_eq!(encoded(&code, &add(&a, &b)), add(&encoded(&code, &a), &encoded(&code, &b)));
        assert!(encoded(&code, &vec![0; a.len()]).iter().all(|bit| *bit == 0));
    }
}

#[test]
fn fewer_rows_are_the_begin_of_all_rows() {
    for (graph, _) in GRAPHS {
        let code = Code::new(graph, LiftingSize::new(22).unwrap());
        let mut encoder = Encoder::new(&code);
        let information = bits(9, code.information_bits());
        let whole = encoded(&code, &information);
        for rows in 0..=graph.rows() {
            let mut word = vec![7; code.codeword_bits()];
            encoder.encode(&information, rows, &mut word).unwrap();
            let end = (graph.information_columns() + rows.max(4)) * code.z();
            assert_eq!(word[..end], whole[..end], "{rows} rows");
            assert!(word[end..].iter().all(|bit| *bit == 7), "rows beyond {rows} are left alone");
        }
    }
}
