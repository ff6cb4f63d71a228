//! Votes: keys that contradict each other, schemes that need something else, functions that make no sense of them.

use super::folder::Folder;

/// Votes over flat Rayleigh fading.
const VOTES: &str = r#"
[payload]
source = "sign"
devices = 5
length = 40
agreement = 0.7

[channel]
model = "rayleigh"

[link]
snr_db = 10.0

[scheme]
kind = "fsk-majority"

[stop]
trials = 4
"#;

/// Runs the votes with parts of the file replaced, and checks what the refusal says.
#[track_caller]
fn refused(folder: &Folder, changes: &[(&str, &str)], parts: &[&str]) {
    let mut text = VOTES.to_string();
    for (line, by) in changes {
        assert!(text.contains(line), "{line}");
        text = text.replacen(line, by, 1);
    }
    folder.write("bad.toml", text);
    folder.refuse_with("run bad.toml", parts);
}

#[test]
fn votes_run_and_say_their_error_rates() {
    let folder = Folder::new("votes");
    folder.write("votes.toml", VOTES);
    let said = folder.succeed("run votes.toml");
    assert!(said.contains("vote_error_rate ") && said.contains("vote_error_rate_truth"), "{said}");
    assert!(!said.contains("nmse"), "{said}");
}

#[test]
fn a_vote_source_says_how_devices_vote_in_one_way() {
    let folder = Folder::new("bad-vote-sources");
    let agreement = "agreement = 0.7";
    refused(&folder, &[(agreement, "")], &["payload.agreement: is missing", "positive_votes"]);
    refused(
        &folder,
        &[(agreement, "agreement = 0.7\npositive_votes = 3")],
        &["payload.positive_votes", "payload.agreement already says how devices vote"],
    );
    refused(&folder, &[(agreement, "positive_votes = 6")], &["6 is out of range", "5 devices"]);
    refused(&folder, &[(agreement, "agreement = 1.5")], &["payload.agreement = 1.5 is out of range"]);
    refused(
        &folder,
        &[(agreement, "agreement = 0.7\ncorrelation = 0.1")],
        &["payload.correlation", "follows from agreement"],
    );
    refused(
        &folder,
        &[("\"sign\"", "\"gaussian\""), (agreement, "agreement = 0.7\nfunction = \"majority\"")],
        &["payload.agreement", "source = \"sign\""],
    );
}

#[test]
fn votes_have_a_majority_and_no_mean() {
    let folder = Folder::new("bad-vote-functions");
    for function in ["mean", "sum", "weighted-mean"] {
        let line = format!("agreement = 0.7\nfunction = \"{function}\"");
        refused(
            &folder,
            &[("agreement = 0.7", &line)],
            &["payload.function", &format!("\"{function}\""), "function = \"majority\" is expected"],
        );
    }
    for scheme in ["kind = \"fsk-majority\"", "kind = \"one-bit-majority\"\nthreshold = 0.1"] {
        refused(
            &folder,
            &[("\"sign\"", "\"gaussian\""), ("agreement = 0.7", ""), ("kind = \"fsk-majority\"", scheme)],
            &["payload.function", "sends votes", "payload.function = \"majority\" is expected"],
        );
    }
    for (key, value) in [("normalisation", "\"global-rms\""), ("center", "true")] {
        let line = format!("function = \"majority\"\n{key} = {value}");
        refused(
            &folder,
            &[("\"sign\"", "\"gaussian\""), ("agreement = 0.7", &line)],
            &[&format!("payload.{key}"), "only signs are sent"],
        );
    }
    refused(
        &folder,
        &[("agreement = 0.7", "agreement = 0.7\nabstain_below = 0.1")],
        &["payload.abstain_below", "have no size"],
    );
    refused(
        &folder,
        &[("\"sign\"", "\"uniform\""), ("agreement = 0.7", "function = \"majority\"\nabstain_below = 2.0")],
        &["no device casts a vote", "payload.abstain_below"],
    );
    refused(
        &folder,
        &[("trials = 4", "relative_half_width = 0.1\nmax_trials = 64")],
        &["stop.metric", "\"vote_error_rate\" is expected"],
    );
}

#[test]
fn the_receive_snr_needs_an_alignment_that_the_noise_does_not_change() {
    let folder = Folder::new("bad-receive-snr");
    let receive = ("snr_db = 10.0", "receive_snr_db = 10.0");
    refused(&folder, &[receive], &["link.receive_snr_db", "one-bit-majority", "give link.snr_db"]);
    let inversion = "kind = \"truncated-inversion\"\nthreshold = \"best\"";
    refused(
        &folder,
        &[receive, ("kind = \"fsk-majority\"", inversion)],
        &["link.receive_snr_db", "a number"],
    );
    let one_bit = ("kind = \"fsk-majority\"", "kind = \"one-bit-majority\"\nthreshold = 0.1");
    refused(
        &folder,
        &[one_bit, ("snr_db = 10.0", "snr_db = 10.0\nreceive_snr_db = 10.0")],
        &["link.snr_db", "leave one out"],
    );
    refused(
        &folder,
        &[one_bit, ("snr_db = 10.0", "receive_snr_db = 10.0\ncsi = \"estimated\"")],
        &["pilots.snr_db: is missing", "link.receive_snr_db"],
    );
    refused(&folder, &[one_bit, ("snr_db = 10.0", "")], &["link.snr_db is missing"]);
}

#[test]
fn keys_of_other_schemes_are_refused() {
    let folder = Folder::new("bad-vote-schemes");
    let kind = "kind = \"fsk-majority\"";
    refused(&folder, &[(kind, "kind = \"fsk-majority\"\nthreshold = 0.1")], &["scheme.threshold"]);
    refused(
        &folder,
        &[(kind, "kind = \"fsk-majority\"\ncopies = 0")],
        &["scheme.copies = 0 is out of range"],
    );
    refused(
        &folder,
        &[(kind, "kind = \"fsk-majority\"\ncopies = 2\n\n[budget]\nelements = 4000")],
        &["scheme.copies", "[budget]"],
    );
    refused(&folder, &[(kind, "kind = \"one-bit-majority\"")], &["scheme.threshold is missing"]);
    refused(
        &folder,
        &[(kind, "kind = \"one-bit-majority\"\nthreshold = 0.0")],
        &["scheme.threshold", "inverts every fade"],
    );
    let none = [
        (kind, "kind = \"one-bit-majority\"\nthreshold = 0.1"),
        ("snr_db = 10.0", "snr_db = 10.0\ncsi = \"none\""),
    ];
    refused(&folder, &none, &["link.csi", "fsk-majority"]);
}
