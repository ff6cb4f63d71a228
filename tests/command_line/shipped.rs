//! What comes with the binary: lists, `init`, the quick start, and figures.

use super::folder::Folder;

#[test]
fn lists_name_what_can_be_written_in_a_file() {
    let folder = Folder::new("lists");
    let schemes = folder.succeed("list schemes");
    for name in ["truncated-inversion", "full-inversion", "optimal-power", "full-power", "digital"] {
        assert!(schemes.lines().any(|l| l.split_whitespace().next() == Some(name)), "{name}: {schemes}");
    }
    let channels = folder.succeed("list channels");
    for name in ["awgn", "rayleigh", "rician", "tdl-a", "tdl-e", "exponential"] {
        assert!(channels.lines().any(|l| l.split_whitespace().next() == Some(name)), "{name}: {channels}");
    }
    let experiments = folder.succeed("list experiments");
    assert!(experiments.starts_with("quickstart "), "{experiments}");
    assert!(
        experiments.lines().all(|l| l.split_whitespace().count() > 3),
        "each has a line on what it is: {experiments}"
    );
}

#[test]
fn every_shipped_experiment_can_be_written_and_run() {
    let folder = Folder::new("init");
    for line in folder.succeed("list experiments").lines() {
        let name = line.split_whitespace().next().unwrap();
        let said = folder.succeed(&format!("init {name}"));
        let begin = format!("wrote {name}.toml; run it with: airloop ");
        let Some(command) = said.strip_prefix(&begin) else { panic!("{said}") };
        let args = match name {
            // What a cell gives a device is no axis of the link.
            "cell" => "--fidelity theory,symbol --over cell.transmit_power_dbm=10 --set stop.trials=2",
            "waterfall" => "--over link.snr_db=3,5 --over mcs.index=5 --set stop.max_trials=64",
            "throughput" => "--over link.snr_db=5,10 --over mcs.index=4,8 --set stop.trials=2",
            "retransmissions" => "--fidelity symbol --over link.snr_db=10 --set stop.trials=2",
            "bler-table" => "--over mcs.index=5 --over mcs.block_bits=128",
            "aircomp-table" => "--over link.snr_db=10 --over payload.devices=5 --set stop.trials=2",
            "wei-chen" | "split-gpt2" | "split-inference" => "--over split.cut=1,2",
            "split-training" => "--set trace.rounds=2",
            _ => "--fidelity theory,symbol --over link.snr_db=10 --set stop.trials=2",
        };
        let (printed, out) = match command.split_whitespace().next() {
            Some("split") => ("round_s", name.into()),
            Some("trace") => ("2 rounds", format!("{name}.csv")),
            _ => ("points in", name.into()),
        };
        let said = folder.succeed(&format!("{} --out {out} {args}", command.trim()));
        assert!(said.contains(printed), "{name}");
    }
}

#[test]
fn init_writes_over_nothing() {
    let folder = Folder::new("init-again");
    folder.succeed("init");
    folder.refuse_with("init", &["quickstart.toml is here already; move it away first"]);
    folder.refuse_with(
        "init nonsense",
        &["there is no shipped experiment \"nonsense\"; there are quickstart, power-control"],
    );
    std::fs::remove_file(folder.path("quickstart.toml")).unwrap();
    let data = "data/digits_mlp_gradients.safetensors";
    folder.write(data, "my own gradients");
    folder.refuse_with("init", &[data, "is here already"]);
    assert_eq!(folder.text(data), "my own gradients");
    assert!(!folder.path("quickstart.toml").exists());
}

#[test]
fn the_quick_start_runs_without_a_file_and_spares_a_changed_one() {
    let folder = Folder::new("quickstart");
    let quick =
        "sweep --fidelity symbol --set stop.trials=2 --over link.snr_db=0,10 --over ofdm.bandwidth_hz=5e6";
    let ran = folder.run(quick);
    assert_eq!(ran.code(), Some(0), "{}", ran.stderr());
    assert!(
        ran.stderr()
            .contains("running the quick start, written to results/quickstart/experiment/quickstart.toml")
    );
    assert_eq!(folder.text("results/quickstart/table.csv").lines().count(), 1 + 2 * 2);
    let file = "results/quickstart/experiment/quickstart.toml";
    let changed = folder.text(file).replace("seed = 1", "seed = 2");
    folder.write(file, &changed);
    let own = format!("{file} was changed; to run your own version: airloop sweep {file} --out DIR");
    folder.refuse_with(quick, &[&own]);
    assert_eq!(folder.text(file), changed);
}

#[test]
fn plot_draws_every_format_and_figure_files() {
    let folder = Folder::with_small("plot");
    folder.succeed("sweep sweep.toml --out out");
    assert!(folder.path("out/figure.svg").exists() && folder.path("out/figure.png").exists());
    let begins: [(&str, &[u8]); 3] = [("svg", b"<"), ("png", b"\x89PNG"), ("pdf", b"%PDF")];
    for (ending, begin) in begins {
        folder.succeed(&format!("plot out --out f.{ending}"));
        assert!(folder.bytes(&format!("f.{ending}")).starts_with(begin), "{ending}");
    }
    folder.succeed("plot out --out f.tex");
    assert!(folder.text("f.tex").contains("\\begin{"));
    folder.write("mine.toml", "table = \"out\"\nx = \"snr_db\"\ny = \"mse_per_device\"\ntitle = \"Mine\"\n");
    folder.succeed("plot mine.toml");
    assert!(folder.text("mine.svg").contains("Mine"));
    folder.succeed("plot mine.toml --out other.pdf");
    assert!(folder.bytes("other.pdf").starts_with(b"%PDF"));
}

#[test]
fn a_sweep_with_nothing_to_draw_keeps_its_table() {
    let folder = Folder::with_small("no-axis");
    let said = folder.succeed("sweep small.toml --out out");
    assert!(said.contains("1 of 1 points in out/table.csv"), "{said}");
    assert_eq!(folder.text("out/table.csv").lines().count(), 2);
}

#[test]
fn help_names_every_command() {
    let folder = Folder::new("help");
    let help = folder.succeed("--help");
    for command in [
        "run",
        "ladder",
        "sweep",
        "budget",
        "sound",
        "split",
        "channel",
        "cell",
        "aggregate",
        "merge",
        "plot",
        "list",
        "init",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
        assert!(folder.succeed(&format!("{command} --help")).contains("Usage: airloop"), "{command}");
    }
    assert!(folder.succeed("--version").starts_with("airloop 0."));
}
