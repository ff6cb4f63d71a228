use super::super::tree::Origin;
use super::*;

fn read(text: &str) -> Result<Vec<Value>, String> {
    let node = Node::new(Value::String(text.to_owned()), Origin::flag("--over x"));
    let values = AxisValues::parse(&node).map_err(|e| e.to_string())?;
    Ok(values.into_iter().map(|n| n.value).collect())
}

fn floats(text: &str) -> Vec<f64> {
    let value = |v: Value| match v {
        Value::Float(x) => x,
        other => panic!("{other} is not a float"),
    };
    read(text).expect("valid").into_iter().map(value).collect()
}

fn integers(text: &str) -> Vec<i64> {
    let value = |v: Value| match v {
        Value::Integer(x) => x,
        other => panic!("{other} is not an integer"),
    };
    read(text).expect("valid").into_iter().map(value).collect()
}

fn toml(text: &str) -> Result<Vec<Node>, String> {
    let node = Node::parse_value(text, &Origin::Default).expect("valid TOML");
    AxisValues::parse(&node).map_err(|e| e.to_string())
}

#[test]
fn ranges_hold_both_ends() {
    assert_eq!(integers("-5:5:25"), [-5, 0, 5, 10, 15, 20, 25]);
    assert_eq!(integers("25:-10:-5"), [25, 15, 5, -5]);
    assert_eq!(integers("0:4:11"), [0, 4, 8]);
    assert_eq!(integers("3:1:3"), [3]);
    assert_eq!(integers("1_000 : 500 : 2_000"), [1000, 1500, 2000]);
    let near = i64::MAX - 1;
    assert_eq!(integers(&format!("{near}:1:{}", i64::MAX)), [near, i64::MAX]);
}

#[test]
fn ranges_hold_the_shortest_decimals() {
    let tenths = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
    assert_eq!(floats("0:0.1:1"), tenths);
    let mut down = tenths;
    down.reverse();
    assert_eq!(floats("1:-.1:0"), down);
    assert_eq!(floats("1e6:5e5:2e6"), [1e6, 1.5e6, 2e6]);
    assert_eq!(floats("5.9e9:1e-3:5900000000.002"), [5.9e9, 5_900_000_000.001, 5_900_000_000.002]);
    assert_eq!(floats("0:1e-9:3e-9"), [0.0, 1e-9, 2e-9, 3e-9]);
    assert_eq!(floats("-0.3:0.1:0.1"), [-0.3, -0.2, -0.1, 0.0, 0.1]);
    assert!(floats("-0.3:0.1:0")[3].is_sign_positive());
    let many = floats("0:0.001:100");
    assert_eq!(many.len(), 100_001);
    for (i, x) in many.iter().enumerate() {
        assert_eq!(*x, format!("{i}e-3").parse::<f64>().expect("a number"));
    }
}

#[test]
fn lists_mix_values_and_ranges() {
    let words = ["rayleigh", "tdl-c"].map(|w| Value::String(w.to_owned()));
    assert_eq!(read("rayleigh, tdl-c").expect("valid"), words);
    assert_eq!(integers("0,1:1:3,8"), [0, 1, 2, 3, 8]);
    let mixed = read("\"best, of\",2.5,true,a:b").expect("valid");
    assert_eq!(mixed[0], Value::String("best, of".to_owned()));
    assert_eq!(mixed[1..3], [Value::Float(2.5), Value::Boolean(true)]);
    assert_eq!(mixed[3], Value::String("a:b".to_owned()));
    assert_eq!(toml("7").expect("one value").len(), 1);
    assert_eq!(toml("[1, 2.5, \"a\", false]").expect("valid").len(), 4);
}

#[test]
fn bad_axes_show_an_example() {
    let cases = [
        ("0:0:5", "the step of 0:0:5 is zero"),
        ("5:1:0", "it must be negative, for example 25:-5:-5"),
        ("0:-1:5", "it must be positive, for example -5:5:25"),
        ("0:10", "not start:step:stop, for example -5:5:25"),
        ("1:2:3:4", "not start:step:stop"),
        ("1:2:3:4:5:6", "not start:step:stop"),
        ("0:x:5", "\"x\" in 0:x:5 is not a finite number"),
        ("0::5", "is not a finite number"),
        ("0:nan:5", "is not a finite number"),
        ("0:1:inf", "is not a finite number"),
        ("0:1:1e999", "is not a finite number"),
        ("0:1:1000000", "more than 1000000 values"),
        ("0:1:999999,1:1:2", "more than 1000000 values"),
        ("0:1e-300:1", "differ too much in size"),
        ("-1e308:1:1e308", "differ too much in size"),
        ("1,,2", "an empty value; for example"),
        ("", "an empty value; for example"),
        ("1,[2]", "numbers, strings and booleans only"),
    ];
    for (text, part) in cases {
        let message = read(text).expect_err(text);
        assert!(message.contains(part), "{text:?} gave {message}");
        assert!(message.starts_with("--over x: axis values "), "{message}");
    }
    assert_eq!(read("0:1:999999").expect("the most allowed").len(), MAX_AXIS_VALUES);
    assert!(toml("[]").expect_err("empty").contains("no value; for example"));
    assert!(toml("[1, [2]]").expect_err("nested").contains("booleans only"));
    assert!(toml("{ a = 1 }").expect_err("a table").contains("not an axis"));
}

#[test]
fn bounds_say_what_they_demand() {
    let cases = [
        (Bound::any(), "must be a finite number", -1e300, f64::NAN),
        (Bound::positive(), "must be above 0", 1e-300, 0.0),
        (Bound::non_negative(), "must be at least 0", 0.0, -1e-7),
        (Bound::between(0.0, 1.0), "must be between 0 and 1", 1.0, 1.5),
        (Bound::between(0.0, 1.0).open_high(), "must be at least 0 and below 1", 0.0, 1.0),
        (Bound::between(0.0, 1.0).open_low(), "must be above 0 and at most 1", 1.0, 0.0),
        (Bound::at_most(3.0), "must be at most 3", 3.0, f64::NEG_INFINITY),
        (Bound::at_most(3.0).open_high(), "must be below 3", 2.0, 3.0),
    ];
    for (bound, text, good, bad) in cases {
        assert_eq!(bound.to_string(), text);
        assert!(bound.allows(good) && !bound.allows(bad), "{text}");
        assert!(bound.allows(bound.example()), "{text}");
    }
}
