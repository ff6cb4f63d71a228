//! Modulation and coding schemes against facts of TS 38.214 that the file was not made from.

use airloop_coding::mcs::Mcs;

#[test]
fn tables_have_their_indices_in_order() {
    for (table, count, orders) in [
        (1, 29, vec![2, 4, 6]),
        (2, 28, vec![2, 4, 6, 8]),
        (3, 29, vec![2, 4, 6]),
        (4, 27, vec![2, 4, 6, 8, 10]),
    ] {
        let schemes: Vec<Mcs> = Mcs::table(table).collect();
        assert_eq!(schemes.len(), count);
        let mut found: Vec<usize> = schemes.iter().map(|mcs| mcs.modulation_order).collect();
        found.dedup();
        assert_eq!(found, orders, "orders ascend in table {table}");
        for (index, mcs) in schemes.iter().enumerate() {
            assert_eq!(usize::from(mcs.index), index);
            assert_eq!(Mcs::new(table, mcs.index).unwrap(), *mcs);
            assert!(mcs.code_rate > 0.0 && mcs.code_rate <= 948.0 / 1024.0, "{mcs:?}");
        }
        // Efficiency rises, but for the steps of table 1 where the order changes at (nearly) the same efficiency.
        let drop =
            schemes.windows(2).map(|pair| pair[0].efficiency() - pair[1].efficiency()).fold(0.0, f64::max);
        assert!(drop < 0.005, "efficiency falls by {drop} in table {table}");
    }
}

#[test]
fn efficiencies_are_the_printed_ones() {
    // Spectral efficiencies that tables 5.1.3.1-1 and -2 print beside order and rate.
    for (table, index, printed) in
        [(1, 0, 0.2344), (1, 28, 5.5547), (2, 27, 7.4063), (1, 9, 1.3262), (2, 20, 5.3320)]
    {
        let efficiency = Mcs::new(table, index).unwrap().efficiency();
        assert!((efficiency - printed).abs() < 5.1e-5, "table {table}, index {index}: {efficiency}");
    }
}
