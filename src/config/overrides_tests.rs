use super::*;

#[test]
fn set_reads_toml_and_bare_words() {
    let text = |s: &str| Value::String(s.to_owned());
    let cases = [
        ("link.snr_db=10", "link.snr_db", Value::Integer(10)),
        ("link.snr_db = -1e-7 ", "link.snr_db", Value::Float(-1e-7)),
        ("scheme.kind=digital", "scheme.kind", text("digital")),
        ("channel.model=tdl-c", "channel.model", text("tdl-c")),
        ("data.file=data/x=1.npy", "data.file", text("data/x=1.npy")),
        ("title=two words", "title", text("two words")),
        ("title=\"10\"", "title", text("10")),
        ("title=2024-01-01", "title", text("2024-01-01")),
        ("a.b=true", "a.b", Value::Boolean(true)),
        ("a.b=True", "a.b", text("True")),
    ];
    for (flag, path, value) in cases {
        let (got_path, node) = parse_set(flag).expect(flag);
        assert_eq!((got_path.as_str(), node.value), (path, value));
        assert_eq!(node.origin.to_string(), format!("--set {flag}"));
    }
    let (_, node) = parse_set("power={ normal = 1.5 }").expect("a table");
    assert_eq!(node.get("normal").expect("present").value, Value::Float(1.5));
    assert_eq!(node.get("normal").expect("present").origin, node.origin);
    let (_, node) = parse_set("gains=[1, 2]").expect("an array");
    assert!(matches!(node.value, Value::Array(items) if items.len() == 2));
}

#[test]
fn bad_flags_show_an_example() {
    let cases = [
        ("link.snr_db", "as --set link.snr_db=10"),
        ("link.snr_db=", "no value after \"=\""),
        ("=10", "\"\" is not a dotted path"),
        ("link..snr=10", "\"link..snr\" is not a dotted path"),
        ("a=[1, 2", "not valid TOML: unclosed array"),
        ("a=\"open", "not valid TOML"),
        ("a=.5", "not valid TOML"),
        ("a=007", "not valid TOML"),
        ("a=1e999", "too large"),
        ("a={b={c=1}", "not valid TOML"),
        ("a=1\n2", ""),
    ];
    for (flag, part) in cases {
        match parse_set(flag) {
            Err(error) => assert!(error.to_string().contains(part), "{flag:?} gave {error}"),
            Ok((_, node)) => assert!(part.is_empty(), "{flag:?} gave {}", node.value),
        }
    }
    let hostile = format!("a={}", "[".repeat(100_000));
    assert!(parse_set(&hostile).expect_err("deep").to_string().len() < 1000);
}

#[test]
fn over_reads_ranges_lists_and_arrays() {
    let values = |flag: &str| parse_over(flag).expect(flag).1;
    assert_eq!(values("link.snr_db=-5:5:25").len(), 7);
    assert_eq!(values("scheme.kind=digital,analog")[1].value.to_string(), "\"analog\"");
    assert_eq!(values("link.snr_db=[1, 2.5]")[1].value, Value::Float(2.5));
    assert_eq!(values("link.snr_db=10")[0].value, Value::Integer(10));
    let error = parse_over("link.snr_db=0:0:5").expect_err("zero step");
    assert!(error.to_string().starts_with("--over link.snr_db=0:0:5: axis values "));
    assert!(parse_over("link.snr_db").expect_err("no values").to_string().contains("-5:5:25"));
    assert!(parse_over("link.snr_db=[]").is_err());
}

#[test]
fn paths_split_and_join_again() {
    for path in ["a", "a.b.c", "over.\"link.snr_db\".x"] {
        let parts = split_path(path).expect(path);
        let joined = parts.iter().fold(String::new(), |p, key| join_path(&p, key));
        assert_eq!(joined, path);
    }
    assert_eq!(join_path("a", ""), "a.\"\"");
}
