use std::path::Path;

use super::*;

fn parse(text: &str) -> Node {
    Node::parse_toml(text, Path::new("q.toml")).expect("valid TOML")
}

fn refusal(text: &str) -> String {
    let error = Node::parse_toml(text, Path::new("q.toml")).expect_err("invalid TOML");
    error.to_string()
}

fn keys(node: &Node) -> Vec<&str> {
    let table = node.as_table().expect("a table");
    table.iter().map(|e| e.key.as_str()).collect()
}

#[test]
fn every_value_knows_its_place() {
    let tree = parse("a = 1\n\n[link]\n  snr_db = 10.5 # é\nname = \"é\" \nlist = [\"é\", true]\n");
    let place = |path| tree.get(path).expect("present").origin.to_string();
    assert_eq!(place("a"), "q.toml:1:5");
    assert_eq!(place("link"), "q.toml:3:1");
    assert_eq!(place("link.snr_db"), "q.toml:4:12");
    assert_eq!(place("link.list"), "q.toml:6:8");
    let Value::Array(items) = &tree.get("link.list").expect("present").value else {
        panic!("an array");
    };
    assert_eq!(items[1].origin.to_string(), "q.toml:6:14");
    assert_eq!(items[1].value, Value::Boolean(true));
    let link = tree.get("link").and_then(Node::as_table).expect("a table");
    let key = &link.entry("snr_db").expect("present").key_origin;
    assert_eq!(key.to_string(), "q.toml:4:3");
}

#[test]
fn columns_count_characters_far_into_a_line() {
    let text = format!("a = [\"{}\", 7]", "é".repeat(1000));
    let tree = parse(&text);
    let Value::Array(items) = &tree.get("a").expect("present").value else {
        panic!("an array");
    };
    assert_eq!(items[1].origin.to_string(), "q.toml:1:1010");
}

#[test]
fn keys_keep_the_order_written() {
    let tree = parse("z = 1\na = 2\nm.y = 1\nm.b = 2\n[over]\n\"q.z\" = 1\n\"b.a\" = 2\n[k]\n[c]\n");
    assert_eq!(keys(&tree), ["z", "a", "m", "over", "k", "c"]);
    assert_eq!(keys(tree.get("over").expect("present")), ["q.z", "b.a"]);
    assert_eq!(keys(tree.get("m").expect("present")), ["y", "b"]);
    let inline = parse("over = { \"z.y\" = 1, \"a.b\" = 2, k = 3 }");
    assert_eq!(keys(inline.get("over").expect("present")), ["z.y", "a.b", "k"]);
}

#[test]
fn leaves_name_quoted_and_bare_dotted_keys_alike() {
    let tree = parse("over = { \"z.y\" = 1, a.b = 2, c = { d = [3], e = 4 } }");
    let over = tree.get("over").expect("present");
    let paths: Vec<_> = over.leaves().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["z.y", "a.b", "c.d", "c.e"]);
    assert!(tree.get("over.\"z.y\"").is_some());
    assert!(tree.get("over.z.y").is_none());
}

#[test]
fn windows_text_reads_the_same() {
    let tree = parse("\u{feff}a = 1\r\n[t]\r\nb = 2\r\n");
    assert_eq!(tree.get("a").expect("present").origin.to_string(), "q.toml:1:5");
    assert_eq!(tree.get("t.b").expect("present").origin.to_string(), "q.toml:3:5");
    assert_eq!(keys(&parse("\u{feff}")), Vec::<&str>::new());
    assert_eq!(parse("").origin.to_string(), "q.toml:1:1");
}

#[test]
fn numbers_keep_their_type() {
    let tree = parse("a = 0x1F\nb = 1_000\nc = -1e-7\nd = -9223372036854775808\ne = inf\nf = +5");
    let value = |path| tree.get(path).expect("present").value.clone();
    assert_eq!(value("a"), Value::Integer(31));
    assert_eq!(value("b"), Value::Integer(1000));
    assert_eq!(value("c"), Value::Float(-1e-7));
    assert_eq!(value("d"), Value::Integer(i64::MIN));
    assert_eq!(value("e"), Value::Float(f64::INFINITY));
    assert_eq!(value("f"), Value::Integer(5));
}

#[test]
fn syntax_errors_name_the_place() {
    let cases = [
        ("a = 1\nb = \n", "q.toml:2:5: not valid TOML: "),
        ("a = 1\na = 2", "q.toml:2:1: not valid TOML: duplicate key"),
        ("[t\na = 2", "q.toml:1:3: not valid TOML: unclosed table, expected `]`"),
        ("a = [1,", "q.toml:1:8: not valid TOML: unclosed array, expected `]`"),
        ("x", "q.toml:1:2: not valid TOML: key with no value, expected `=`"),
        ("a = 2024-01-01", "q.toml:1:5: no key takes a date or time"),
        ("a = 9223372036854775808", "q.toml:1:5: integer 9223372036854775808 is outside"),
        ("a = [1,\n 1e999]", "q.toml:2:2: number 1e999 is too large"),
        ("a = \"\u{0}\"", "q.toml:1:6: not valid TOML"),
    ];
    for (text, start) in cases {
        let message = refusal(text);
        assert!(message.starts_with(start), "{text:?} gave {message}");
    }
}

#[test]
fn deep_nesting_is_refused_not_fatal() {
    let dotted = |n: usize| vec!["a"; n].join(".");
    let inline = format!("{{{} = ", dotted(79));
    let texts = [
        format!("a = {}{}", "[".repeat(200_000), "]".repeat(200_000)),
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}1{}", "{a=".repeat(100_000), "}".repeat(100_000)),
        format!("a = {}", "[{a=".repeat(100_000)),
        format!("{} = 1", dotted(100_000)),
        format!("[{}]", dotted(100_000)),
        format!("a = {}1{}", inline.repeat(79), "}".repeat(79)),
        format!("[{0}]\n{0} = {1}", dotted(79), "[".repeat(70) + &"]".repeat(70)),
        format!("a = {}1{}", "[".repeat(64), "]".repeat(64)),
    ];
    for text in texts {
        refusal(&text);
    }
    parse(&format!("a = {}1{}", "[".repeat(63), "]".repeat(63)));
}

#[test]
fn huge_arrays_and_tables_are_read() {
    let mut text = String::from("a = [");
    for i in 0..200_000 {
        text.push_str(&format!("{i},"));
    }
    text.push_str("]\n");
    for i in 0..20_000 {
        text.push_str(&format!("k{i} = {i}\n"));
    }
    let tree = parse(&text);
    assert_eq!(tree.as_table().expect("a table").len(), 20_001);
    assert!(tree.value.to_string().chars().count() < 100);
}

#[test]
fn set_makes_the_tables_on_the_way() {
    let mut tree = parse("a = 1\n[t]\nb = 2\nc = 3\n");
    let flag = |v| Node::new(Value::Integer(v), Origin::flag("--set x=1"));
    tree.set("t.b", flag(20)).expect("a table");
    tree.set("n.m.\"o.p\"", flag(30)).expect("new tables");
    assert_eq!(keys(tree.get("t").expect("present")), ["b", "c"]);
    assert_eq!(tree.get("t.b").expect("present").value, Value::Integer(20));
    assert_eq!(tree.get("n.m.\"o.p\"").expect("present").origin.to_string(), "--set x=1");
    let error = tree.set("t.b.x.y", flag(1)).expect_err("through a number");
    assert_eq!(error.to_string(), "--set x=1: t.b = 20 is an integer; a table is expected");
    let deep = vec!["a"; 10_000].join(".");
    for path in ["", ".", "a.", ".a", "a..b", "\"a", "a b .c", &deep] {
        let error = tree.set(path, flag(1)).expect_err("malformed");
        assert!(error.to_string().contains("not a dotted path"), "{error}");
    }
}

#[test]
fn tables_are_replaced_taken_filled_and_relabelled() {
    let mut tree = parse("[t]\na = 1\nb = 2\n[d]\na = 9\nc = { e = 1 }\n");
    let preset = tree.take("d").expect("present");
    assert!(tree.get("d").is_none());
    tree.as_table_mut().expect("a table").get_mut("t").expect("present").fill_from(&preset);
    assert_eq!(keys(tree.get("t").expect("present")), ["a", "b", "c"]);
    assert_eq!(tree.get("t.a").expect("present").value, Value::Integer(1));
    let mut curve = preset;
    curve.relabel(&|at| at.in_curve("digital"));
    tree.replace_table("t", curve).expect("a table");
    let place = tree.get("t.c.e").expect("present").origin.to_string();
    assert_eq!(place, "q.toml:6:11 (curve \"digital\")");
    assert_eq!(keys(tree.get("t").expect("present")), ["a", "c"]);
    assert!(tree.take("t.none.x").is_none());
    let mut scalar = Node::new(Value::Boolean(true), Origin::Default);
    assert!(scalar.replace_table("t", Node::empty_table(Origin::Default)).is_err());
}

#[test]
fn an_unreadable_file_is_named() {
    let error = Node::read_toml(Path::new("no/such/file.toml")).expect_err("no file");
    assert!(error.to_string().starts_with("cannot read no/such/file.toml: "));
    assert!(size_of::<ConfigError>() <= 128);
}
