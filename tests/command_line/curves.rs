//! Curves: labels, what they replace, and how they stand in the table.

use super::folder::{Folder, SMALL};

fn refused(folder: &Folder, curves: &str, message: &str) {
    folder.write("curves.toml", format!("{SMALL}{curves}"));
    folder.refuse_with("sweep curves.toml --out out", &["curves.toml:", message]);
}

#[test]
fn curves_need_labels_that_differ() {
    let folder = Folder::new("labels");
    let full = "scheme = { kind = \"full-power\" }";
    refused(
        &folder,
        &format!("[[curve]]\n{full}\n"),
        "curve[0].label: is missing: every [[curve]] needs a label",
    );
    let same = format!("[[curve]]\nlabel = \"a\"\n{full}\n[[curve]]\nlabel = \"a\"\n{full}\n");
    refused(&folder, &same, "curve[1].label: \"a\" names two curves; labels must differ");
    refused(
        &folder,
        "[[curve]]\nlabel = 3\n",
        "curve[0].label = 3 is an integer; a curve's label is a string",
    );
    refused(&folder, "[curve]\nlabel = \"a\"\n", "curves are written as [[curve]] tables");
    refused(
        &folder,
        "[[curve]]\nlabel = \"a\"\nseed = 4\n",
        "curve[0].seed = 4 is an integer; a table is expected",
    );
    refused(&folder, "[[curve]]\nlabel = \"a\"\nshceme = { kind = \"x\" }\n", "did you mean \"scheme\"?");
    refused(
        &folder,
        "[[curve]]\nlabel = \"a\"\nstop = { trials = 3 }\n",
        "stop: cannot change within a sweep",
    );
}

#[test]
fn a_fault_in_a_curve_names_the_curve() {
    let folder = Folder::new("curve-fault");
    refused(
        &folder,
        "[[curve]]\nlabel = \"b 1\"\nscheme = { kind = \"none\" }\n",
        "(curve \"b 1\"): scheme.kind = \"none\"",
    );
}

#[test]
fn labels_with_commas_quotes_and_line_ends_survive_in_the_table() {
    let folder = Folder::new("quoting");
    let labels = ["a, b", "say \"hi\"", "two\nlines", "plain"];
    let curve = |l: &&str| {
        format!("[[curve]]\nlabel = {}\nscheme = {{ kind = \"full-power\" }}\n", serde_json::json!(l))
    };
    let curves: String = labels.iter().map(curve).collect();
    folder.write("quoting.toml", format!("{SMALL}{curves}"));
    folder.succeed("sweep quoting.toml --out out --fidelity theory");
    assert!(folder.text("out/table.csv").contains("\"say \"\"hi\"\"\""));
    let table = airloop_plots::Table::read(folder.path("out")).unwrap();
    assert_eq!(table.rows(), 4);
    for label in ["\"a, b\"", "\"two\nlines\"", "plain"] {
        assert!(folder.text("out/table.csv").contains(&format!(",{label},theory")), "{label}");
    }
}

#[test]
fn two_curves_of_one_experiment_run_once_and_give_two_rows() {
    let folder = Folder::new("same-curves");
    let curves = "[[curve]]\nlabel = \"one\"\nlink = { snr_db = 10 }\n[[curve]]\nlabel = \"two\"\nlink = { snr_db = 10.0 }\n";
    folder.write("same.toml", format!("{SMALL}{curves}"));
    let said = folder.succeed("sweep same.toml --out out");
    assert!(said.contains("2 of 2 points"), "{said}");
    let table = folder.text("out/table.csv");
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].replace(",one,", ",two,"), rows[1]);
}

#[test]
fn set_applies_before_curves() {
    let folder = Folder::new("set-before");
    let curves = "[[curve]]\nlabel = \"own\"\nlink = { snr_db = 0 }\n[[curve]]\nlabel = \"base\"\nscheme = { kind = \"full-power\" }\n";
    folder.write("set.toml", format!("{SMALL}{curves}"));
    folder.succeed("sweep set.toml --out out --fidelity theory --set link.snr_db=7");
    let table = folder.text("out/table.csv");
    let snr = |label: &str| {
        table.lines().find(|l| l.contains(label)).unwrap().split(',').nth(6).unwrap().to_string()
    };
    assert_eq!((snr(",own,"), snr(",base,")), ("0".to_string(), "7".to_string()));
}

#[test]
fn a_set_that_changes_no_point_is_refused() {
    let folder = Folder::with_small("set-lost");
    let swept = "--set link.snr_db=7: link.snr_db: is swept over 5 values here; to change them: --over link.snr_db=...";
    folder.refuse_with("sweep sweep.toml --out out --set link.snr_db=7", &[swept]);
    folder.refuse_with(
        "sweep small.toml --out out --set link.snr_db=7 --over link.snr_db=1,2",
        &["link.snr_db: is swept over 2 values here"],
    );
    let curve = |label: &str| format!("[[curve]]\nlabel = \"{label}\"\nscheme = {{ kind = \"{label}\" }}\n");
    folder.write("both.toml", format!("{SMALL}{}{}", curve("optimal-power"), curve("full-power")));
    let replaced = "scheme.kind: has no effect here: every [[curve]] puts its own [scheme] in place";
    for command in ["sweep both.toml --out out", "ladder both.toml"] {
        folder.refuse_with(&format!("{command} --set scheme.kind=full-inversion"), &[replaced]);
    }
    assert!(!folder.path("out").exists());
    // A ladder leaves the axes aside: there the same flag changes what runs.
    let ladder = folder.run("ladder sweep.toml --set link.snr_db=7");
    assert!(ladder.stdout().contains("law     waveform against symbol"), "{}", ladder.stderr());
}

#[test]
fn curves_may_be_added_to_a_folder() {
    let folder = Folder::new("more-curves");
    let curve = |label: &str| format!("[[curve]]\nlabel = \"{label}\"\nscheme = {{ kind = \"{label}\" }}\n");
    folder.write("a.toml", format!("{SMALL}{}", curve("full-power")));
    folder.write("b.toml", format!("{SMALL}{}{}", curve("optimal-power"), curve("full-power")));
    folder.succeed("sweep a.toml --out out");
    let ran = folder.run("sweep b.toml --out out");
    assert!(ran.stderr().contains("resuming: 1 of 2 points"), "{}", ran.stderr());
    folder.succeed("sweep b.toml --out fresh");
    assert!(folder.bytes("out/table.csv") == folder.bytes("fresh/table.csv"));
    folder.write("c.toml", format!("{SMALL}{}", curve("full-inversion")));
    folder.refuse_with(
        "sweep c.toml --out out",
        &["curve is \"optimal-power\", \"full-power\" there and \"full-inversion\" here"],
    );
}
