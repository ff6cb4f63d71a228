//! Parameters in the form that Sionna SYS reads.

use airloop::effective_sinr::BetaTable;

#[test]
fn a_table_of_sionna_is_read() {
    let table = BetaTable::from_json(include_str!("data/sionna_betas.json")).unwrap();
    assert_eq!(
        (table.beta(1, 0), table.beta(1, 28), table.beta(2, 27)),
        (Some(1.6), Some(34.28), Some(132.54))
    );
    assert_eq!((table.beta(1, 29), table.beta(3, 0)), (None, None));
}

#[test]
fn a_table_comes_back_as_it_was_written() {
    let mut table = BetaTable::new();
    for index in 0..29 {
        table.set((1, index), 1.5 + f64::from(index));
    }
    table.set((4, 0), 0.1);
    let text = table.to_json("of a test").unwrap();
    assert_eq!(BetaTable::from_json(&text).unwrap(), table);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["_comment"], "of a test");
    assert_eq!(value["index"]["1"].as_array().unwrap().len(), 29);
    assert_eq!(value["index"]["1"][3], 4.5);
    // A list has no place for a gap.
    table.set((4, 2), 0.2);
    let refusal = table.to_json("").unwrap_err().to_string();
    assert!(refusal.contains("mcs 1 of table 4 has no beta, but mcs 2 has"), "{refusal}");
}

#[test]
fn other_texts_are_refused_with_their_place() {
    let cases = [
        ("[", "the text: "),
        ("{}", "index: no such table is there"),
        ("{\"index\": {\"x\": [1]}}", "index.x: its name is no number of a table"),
        ("{\"index\": {\"0\": [1]}}", "index.0: its name is no number of a table"),
        ("{\"index\": {\"1\": 4}}", "index.1: it is no list of numbers"),
        ("{\"index\": {\"1\": []}}", "index.1: it is no list of numbers"),
        ("{\"index\": {\"1\": [1, -2]}}", "index.1[1]: -2"),
        ("{\"index\": {\"1\": [1, \"a\"]}}", "index.1[1]: \"a\""),
        ("{\"index\": {\"1\": [true]}}", "index.1[0]: true"),
    ];
    for (text, expected) in cases {
        let refusal = BetaTable::from_json(text).unwrap_err().to_string();
        assert!(refusal.starts_with(expected) && refusal.contains("is expected"), "{text}: {refusal}");
    }
    assert!(BetaTable::from_json("{\"index\": {\"1\": [1]}}").is_ok());
}
