//! `airloop split` as its users meet it.

use super::folder::Folder;

const FILE: &str = r#"
[split]
model = "mlp"
cut = 1
batch = 16

[device]
count = 2
rate_flop_s = [1e9, 2e9]
power_w = 2.0

[server]
rate_flop_s = 1e11
power_w = 50.0

[uplink]
rate_bps = 1e6
power_dbm = 20.0

[downlink]
rate_bps = 2e6
power_dbm = 30.0
"#;

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("split.toml", FILE);
    folder
}

#[test]
fn a_single_point_is_printed_stage_by_stage() {
    let folder = folder("split");
    let said = folder.succeed("split split.toml");
    for part in
        ["split training of mlp, 235146 parameters", "1 MAC = 2 FLOP", "client_forward", "round_s", "round_j"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    let json: serde_json::Value = serde_json::from_str(&folder.succeed("split split.toml --json")).unwrap();
    assert_eq!(json["flop_convention"], "1 MAC = 2 FLOP");
    // 16 samples of 256 values of 32 bits at 1 Mbit/s.
    assert_eq!(json["first_round"]["devices"][1]["activations_up_s"], 0.131072);
    assert!(json["round_j"]["mean"].as_f64().unwrap() > 0.0);
}

#[test]
fn rounds_go_into_a_folder() {
    let folder = folder("split-rounds");
    folder.succeed("split split.toml --set split.rounds=3 --out out");
    let rows = folder.text("out/rounds.csv");
    let lines: Vec<&str> = rows.lines().collect();
    assert_eq!(lines.len(), 1 + 3 * 2);
    assert!(lines.iter().all(|line| line.split(',').count() == 22), "{rows}");
    assert!(lines[0].starts_with("round,t_start_s,device,cut,") && lines[0].ends_with("round_s,round_j"));
    assert!(lines[6].starts_with("2,") && lines[6].split(',').nth(2) == Some("1"));
}

#[test]
fn axes_and_curves_become_rows() {
    let folder = folder("split-sweep");
    let said = folder.succeed("split split.toml --over split.cut=1,2 --over split.bits=8:8:32 --out out");
    assert_eq!(said.lines().count(), 1 + 2 * 4, "{said}");
    let table = folder.text("out/table.csv");
    assert!(table.starts_with("curve,split.cut,split.bits,model,cuts,round_s,round_j,"), "{table}");
    folder.write(
        "curves.toml",
        format!("{FILE}\n[[curve]]\nlabel = \"fast\"\nuplink = {{ rate_bps = 1e8, power_dbm = 20 }}\n"),
    );
    folder.write("both.toml", format!("{}\n[[curve]]\nlabel = \"slow\"\n", folder.text("curves.toml")));
    let said = folder.succeed("split both.toml");
    assert!(said.contains("fast") && said.contains("slow") && !said.contains("absent"), "{said}");
}

#[test]
fn presets_are_listed() {
    let said = Folder::new("split-list").succeed("split --list");
    for name in
        ["gpt2 ", "gpt2-medium", "llama-7b", "k2 ", "t5-11b", "minilm-l6", "resnet18-64", "6738415616"]
    {
        assert!(said.contains(name), "{name}: {said}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let folder = folder("split-wrong");
    folder.refuse_with("split nothing.toml", &["nothing.toml"]);
    folder.refuse_with("split split.toml --set split.cut=3", &["--set split.cut=3", "split.cut", "1 to 2"]);
    folder.refuse_with(
        "split split.toml --set split.bit=3",
        &["unknown key \"split.bit\"", "did you mean \"split.bits\""],
    );
    folder.refuse_with("split split.toml --over split.cut=1,9", &["sweep axis split.cut = 9", "1 to 2"]);
    folder.write("sweep.toml", format!("{FILE}\n[sweep]\nfidelity = \"symbol\"\n"));
    folder.refuse_with("split sweep.toml", &["sweep.toml:", "sweep.fidelity", "one fidelity"]);
    folder.refuse_with("split split.toml --set uplink.rate_bps=-1", &["uplink.rate_bps"]);
    folder.write("trace.csv", "nonsense\n");
    let traced = FILE.replacen("rate_bps = 1e6", "trace = \"trace.csv\"", 1);
    folder.write("traced.toml", traced);
    folder.refuse_with("split traced.toml", &["trace.csv:1"]);
}
