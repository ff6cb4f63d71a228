use std::path::Path;

use serde_json::json;

use super::*;

fn parse(text: &str) -> Node {
    Node::parse_toml(text, Path::new("q.toml")).expect("valid TOML")
}

fn message<T: std::fmt::Debug>(result: Result<T, ConfigError>) -> String {
    result.expect_err("an error").to_string()
}

#[test]
fn numbers_are_read_with_bounds() {
    let tree = parse("a = 10\nb = -1e-7\nc = nan\nd = \"10\"\ne = true\nz = -0.0");
    let t = TableReader::new(&tree, "").expect("a table");
    assert_eq!(t.f64("a", None).expect("given"), 10.0);
    assert_eq!(t.f64("absent", Some(2.5)).expect("default"), 2.5);
    assert!(t.f64("z", None).expect("given").is_sign_positive());
    let error = message(t.f64_in("b", None, Bound::non_negative()));
    assert_eq!(error, "q.toml:2:5: b = -1e-7 is out of range: must be at least 0");
    assert!(message(t.f64("c", None)).ends_with("out of range: must be a finite number"));
    let error = message(t.f64("d", Some(10.0)));
    let expected = "a number is expected, for example 10.0, without quotes";
    assert_eq!(error, format!("q.toml:4:5: d = \"10\" is a string; {expected}"));
    assert!(message(t.f64("e", None)).contains("e = true is a boolean; a number"));
    let error = message(t.f64_in("f", None, Bound::between(0.0, 0.5)));
    assert_eq!(error, "q.toml:1:1: f is missing: a number is expected, for example 0.25");
    assert_eq!(t.optional_f64("f", Bound::any()).expect("optional"), None);
    assert!(t.optional_f64("b", Bound::positive()).is_err());
}

#[test]
fn flags_are_named_in_errors() {
    let mut tree = parse("[link]\nsnr_db = 1\n");
    let (path, node) = super::super::overrides::parse_set("link.snr_db=abc").expect("valid");
    tree.set(&path, node).expect("a table");
    let root = TableReader::new(&tree, "").expect("a table");
    let link = root.section("link").expect("a table");
    assert_eq!(
        message(link.f64("snr_db", Some(10.0))),
        "--set link.snr_db=abc: link.snr_db = \"abc\" is a string; \
         a number is expected, for example 10.0"
    );
}

#[test]
fn whole_numbers_accept_exact_floats() {
    let tree = parse("a = 1e6\nb = 2.5\nc = -1\nd = \"x\"\ne = 1e30\nf = 0");
    let t = TableReader::new(&tree, "").expect("a table");
    assert_eq!(t.usize("a", None, 1).expect("given"), 1_000_000);
    assert_eq!(t.u64("absent", Some(7), 1).expect("default"), 7);
    assert_eq!(t.optional_usize("absent", 1).expect("optional"), None);
    for key in ["b", "c", "e", "f"] {
        let error = message(t.u64(key, None, 1));
        assert!(error.ends_with("out of range: must be a whole number, at least 1"), "{error}");
    }
    assert!(message(t.usize("d", Some(8), 1)).ends_with("is expected, for example 8"));
    assert!(message(t.u64("g", None, 0)).contains("g is missing: a whole number"));
}

#[test]
fn words_lists_and_flags_are_read() {
    let tree = parse("a = \"analog\"\nb = \"digitl\"\nc = 3\nd = [1, 2.5, \"x\"]\ne = \"best\"");
    let t = TableReader::new(&tree, "s").expect("a table");
    let kinds = ["analog", "digital"];
    assert_eq!(t.choice("a", None, &kinds).expect("given"), "analog");
    assert_eq!(t.choice("absent", Some("digital"), &kinds).expect("default"), "digital");
    assert_eq!(
        message(t.choice("b", None, &kinds)),
        "q.toml:2:5: s.b = \"digitl\" is not one of: analog, digital: did you mean \"digital\"?"
    );
    assert!(message(t.choice("c", None, &kinds)).contains("\"analog\", \"digital\""));
    assert!(message(t.choice("absent", None, &kinds)).contains("s.absent is missing: one of"));
    assert_eq!(t.string("a", None).expect("given"), "analog");
    assert!(message(t.string("c", None)).contains("s.c = 3 is an integer; a string"));
    assert_eq!(t.optional_string("absent").expect("optional"), None);
    let word = NumberOrWord::Word("best".to_owned());
    assert_eq!(t.number_or_word("e", None, &["best"]).expect("given"), word);
    let number = NumberOrWord::Number(3.0);
    assert_eq!(t.number_or_word("c", Some(word), &["best"]).expect("given"), number);
    assert!(message(t.number_or_word("a", None, &["best"])).contains("one of: best, a number"));
    let error = message(t.f64_list("d", None, Bound::any()));
    assert!(error.starts_with("q.toml:4:14: s.d[2] = \"x\" is a string; a number"), "{error}");
    assert_eq!(t.f64_list("absent", Some(&[1.0]), Bound::any()).expect("default"), [1.0]);
    assert!(message(t.f64_list("c", None, Bound::any())).contains("an array of numbers"));
    assert!(message(t.bool("a", None)).contains("true or false is expected"));
    assert!(t.bool("absent", Some(true)).expect("default"));
}

#[test]
fn unknown_keys_name_the_nearest() {
    let all = ["link.snr_db", "ofdm.bandwidth_hz", "ofdm.cyclic_prefix_s"];
    let cases = [
        ("snr", "unknown key \"link.snr\": did you mean \"link.snr_db\"?"),
        ("SNR-dB", "did you mean \"link.snr_db\"?"),
        ("bandwidth_hz", "did you mean \"ofdm.bandwidth_hz\"?"),
        ("snr_bandwith_hz", "did you mean \"link.snr_bandwidth_hz\"?"),
        ("zzzz", "unknown key \"link.zzzz\" (known here"),
    ];
    for (key, part) in cases {
        let tree = parse(&format!("[link]\nsnr_db = 1\n{key} = 1\n"));
        let root = TableReader::new(&tree, "").expect("a table");
        let link = root.table("link").expect("a table").expect("given");
        link.f64("snr_db", None).expect("given");
        link.f64("snr_bandwidth_hz", Some(1.0)).expect("default");
        assert!(!link.has("csi"));
        let error = message(root.finish_among(&all));
        assert!(error.starts_with("q.toml:3:1: ") && error.contains(part), "{key}: {error}");
        assert!(error.ends_with("(known here: csi, snr_bandwidth_hz, snr_db)"), "{error}");
        assert!(link.finish().is_err());
    }
    let tree = parse("\"a b\" = 1");
    let root = TableReader::new(&tree, "").expect("a table");
    let error = message(root.finish());
    assert_eq!(error, "q.toml:1:1: unknown key \"\"a b\"\" (no key is known here)");
    let tree = parse(&format!("{} = 1", "k".repeat(1_000_000)));
    let root = TableReader::new(&tree, "").expect("a table");
    assert!(!root.has("kind"));
    assert!(message(root.finish()).len() < 200);
}

#[test]
fn canonical_content_is_what_differs() {
    let tree = parse(
        "seed = 3\n[link]\nsnr_db = 10\ncsi = \"best\"\nloss_db = 4.0\n[link.fading]\n\
         [[user]]\ngain = 1\n[[user]]\ngain = 2\n",
    );
    let root = TableReader::new(&tree, "").expect("a table");
    root.u64("seed", Some(1), 0).expect("given");
    let link = root.section("link").expect("a table");
    link.f64("snr_db", Some(10.0)).expect("given");
    link.f64("loss_db", Some(3.0)).expect("given");
    link.f64("absent", Some(3.0)).expect("default");
    link.optional_f64("other", Bound::any()).expect("optional");
    link.string("csi", None).expect("given");
    link.table("fading").expect("a table").expect("given");
    assert!(link.table("impairments").expect("absent").is_none());
    root.section("radio").expect("absent").f64("rate_hz", Some(1.0)).expect("default");
    for user in root.table_array("user").expect("tables") {
        user.f64("gain", Some(1.0)).expect("given");
    }
    assert!(root.table_array("none").expect("absent").is_empty());
    let again = root.section("link").expect("opened twice");
    assert_eq!(again.f64("snr_db", Some(10.0)).expect("given"), 10.0);
    root.finish().expect("all known");
    let expected = [
        ("link.csi", json!("best")),
        ("link.fading", json!({})),
        ("link.loss_db", json!(4.0)),
        ("seed", json!(3)),
        ("user", json!(2)),
        ("user[1].gain", json!(2.0)),
    ];
    assert_eq!(root.canonical(), expected.map(|(path, value)| (path.to_owned(), value)));
    assert_eq!(root.asked().len(), 11);
}

#[test]
fn the_same_number_is_the_same_content() {
    let read = |text: &str| {
        let tree = parse(text);
        let t = TableReader::new(&tree, "").expect("a table");
        t.f64("x", Some(0.0)).expect("given");
        t.f64("x", Some(0.0)).expect("asked twice");
        t.u64("n", Some(1), 0).expect("given");
        t.canonical()
    };
    assert_eq!(read("x = 10\nn = 4"), read("x = 1.0e1\nn = 4.0"));
    assert_eq!(read("x = -0.0\nn = 1"), []);
}

#[test]
fn misplaced_tables_are_refused() {
    let tree = parse("a = 1\nb = [1]\nlink = { x = 1 }");
    let root = TableReader::new(&tree, "").expect("a table");
    let error = message(root.table("a"));
    assert_eq!(error, "q.toml:1:5: a = 1 is an integer; a table is expected");
    assert!(root.section("b").is_err());
    assert!(message(root.table_array("b")).contains("q.toml:2:6: b[0] = 1 is an integer"));
    assert!(message(root.table_array("link")).contains("each headed [[link]]"));
    let why = "has no meaning when scheme.kind = \"digital\"";
    let error = message(root.require_absent("a", why));
    assert_eq!(error, format!("q.toml:1:5: a: {why}"));
    root.require_absent("absent", why).expect("absent");
    let error = root.invalid("link", "too short").to_string();
    assert_eq!(error, "q.toml:3:8: link: too short");
    let scalar = Node::new(Value::Boolean(true), Origin::Default);
    assert!(message(TableReader::new(&scalar, "")).contains("(top level) = true"));
}
