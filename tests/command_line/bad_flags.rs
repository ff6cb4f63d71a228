//! Flags and axes: each fault is one line that says what would be right, and nothing is begun.

use super::folder::Folder;

#[test]
fn axes_that_cannot_be_swept_are_refused() {
    let folder = Folder::with_small("axes");
    let cases = [
        (
            "link.snr=0:1:5",
            "sweep axis link.snr = 0: unknown key \"link.snr\": did you mean \"link.snr_db\"?",
        ),
        ("lonk.snr_db=0:1:5", "unknown key \"lonk\": did you mean \"link\"?"),
        ("seed.x=1,2", "seed = 3 is an integer; a table is expected"),
        ("link=1,2", "link = 1 is an integer; a table is expected"),
        ("link.snr_db=", "no value after \"=\", as in --over link.snr_db=-5:5:25"),
        ("link.snr_db", "a path, \"=\" and a value are expected"),
        ("link.snr_db=[]", "no value; for example"),
        ("link.snr_db=5:1:0", "the step of 5:1:0 leads away from 0"),
        ("link.snr_db=0:0:5", "the step of 0:0:5 is zero; a step is for example 5"),
        ("link.snr_db=0:5", "is not start:step:stop"),
        ("link.snr_db=0:x:5", "\"x\" in 0:x:5 is not a finite number"),
        ("link.snr_db=0:0.001:200", "make more than 100000 points; take fewer values"),
        (
            "link.snr_db=0,300",
            "link.snr_db = 300 is out of range: must be between -100 and 200 (at the point",
        ),
        ("stop.trials=8,16", "--over stop.trials=8,16: stop: cannot change within a sweep"),
    ];
    for (over, message) in cases {
        folder.refuse_with(&format!("sweep small.toml --out out --over {over}"), &[message]);
    }
    assert!(!folder.path("out").exists());
}

#[test]
fn axes_in_the_file_are_refused_with_their_place() {
    let folder = Folder::with_small("file-axes");
    let cases = [
        ("over = { \"link.snr\" = [1] }", "unknown key \"link.snr\": did you mean \"link.snr_db\"?"),
        ("over = { \"link.snr_db\" = [] }", "axis.toml:23:26: axis values []: no value"),
        (
            "over = { \"link.snr_db\" = \"5:1:0\" }",
            "axis.toml:23:26: axis values \"5:1:0\": the step of 5:1:0",
        ),
        ("over = { \"stop.trials\" = [1, 2] }", "stop: cannot change within a sweep; give it once"),
        ("over = 3", "axis.toml:23:8: sweep.over = 3 is an integer; a table is expected"),
        ("axes = { \"link.snr_db\" = [1] }", "sweep.axes: is unknown: [sweep] has fidelity and over"),
        (
            "fidelity = \"symbl\"",
            "fidelity = \"symbl\" is not one of: theory, symbol, waveform, radio: did you mean \"symbol\"?",
        ),
        ("fidelity = []", "sweep.fidelity: is empty; for example [\"theory\", \"symbol\", \"waveform\"]"),
    ];
    for (sweep, message) in cases {
        folder.write("axis.toml", format!("{}\n[sweep]\n{sweep}\n", super::folder::SMALL));
        folder.refuse_with("sweep axis.toml --out out", &[message]);
    }
    assert!(!folder.path("out").exists());
}

#[test]
fn flags_of_the_wrong_form_are_refused() {
    let folder = Folder::with_small("flags");
    let cases = [
        (
            "sweep sweep.toml --shard 0/3",
            "--shard 0/3: part I of N is expected, I from 1 to N, for example 1/3",
        ),
        ("sweep sweep.toml --shard 4/3", "--shard 4/3: part I of N is expected"),
        ("sweep sweep.toml --shard half", "--shard half: part I of N is expected"),
        ("sweep sweep.toml --threads 0", "--threads 0: a number from 1 to 4096 is expected"),
        ("run small.toml --threads many", "--threads many: a number from 1 to 4096 is expected"),
        (
            "run small.toml --fidelity nonsense",
            "--fidelity nonsense: fidelity = \"nonsense\" is not one of: theory,",
        ),
        (
            "run small.toml --set link.snr_db",
            "a path, \"=\" and a value are expected, as --set link.snr_db=10",
        ),
        ("run small.toml --set =3", "is not a dotted path, as in --set link.snr_db=10"),
        ("run small.toml --set link.snr_db=", "no value after \"=\""),
        ("run small.toml --set link.snr_db.x=3", "link.snr_db = 10.0 is a float; a table is expected"),
        ("run nowhere.toml", "cannot read nowhere.toml: "),
        ("run .", "cannot read .: "),
    ];
    for (args, message) in cases {
        folder.refuse_with(args, &[message]);
    }
    assert!(!folder.path("results").exists());
}

#[test]
fn a_command_that_does_not_exist_exits_with_2() {
    let folder = Folder::new("usage");
    for args in ["", "swep x.toml", "run", "list nonsense", "merge --out m", "run x.toml --wrong"] {
        let ran = folder.run(args);
        assert_eq!(ran.code(), Some(2), "airloop {args}");
        assert_eq!(ran.stdout(), "", "airloop {args}");
        assert!(ran.stderr().starts_with("error: ") || args.is_empty(), "airloop {args}: {}", ran.stderr());
    }
}

#[test]
fn rungs_that_cannot_run_an_experiment_say_why() {
    let folder = Folder::with_small("unsupported");
    folder.refuse_with(
        "run small.toml --set channel.fading=per-element --fidelity waveform",
        &["channel.fading = \"per-element\", which no impulse response can have, is not supported at waveform fidelity"],
    );
}

#[test]
fn figures_of_nothing_are_refused() {
    let folder = Folder::with_small("no-figures");
    folder
        .refuse_with("plot .", &[".: there are no results here (no journal.jsonl); `airloop sweep --out .`"]);
    folder.refuse_with("plot nowhere", &["nowhere: No such file"]);
    folder.succeed("sweep sweep.toml --out out");
    folder.write("wrong.toml", "table = \"out\"\nx = \"snr_db\"\ny = \"nmsee\"\n");
    folder.refuse_with("plot wrong.toml", &["wrong.toml: `y` = \"nmsee\": no such column", "nmse"]);
    folder.write("key.toml", "table = \"out\"\nx = \"snr_db\"\ny = \"nmse\"\ncolour = \"red\"\n");
    folder.refuse_with("plot key.toml", &["key.toml: unknown key `colour`"]);
    folder.write("none.toml", "x = \"snr_db\"\ny = \"nmse\"\n");
    folder.refuse_with("plot none.toml", &["none.toml: table = \"...\" is missing"]);
    folder.refuse_with("plot out --out f.gif", &["f.gif: no figure format `gif`; use "]);
}
