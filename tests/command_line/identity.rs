//! The name of an experiment: what is in it, and what is not.

use super::bad_payloads::{from_file, npy, values};
use super::folder::{Folder, SMALL};
use airloop::config::{ConfigError, Node};
use airloop::experiment::sections::KNOWN_KEYS;
use airloop::experiment::{ExperimentError, Loader};
use airloop::tensor::NpzWriter;
use std::collections::BTreeSet;
use std::path::Path;

fn id(text: &str) -> String {
    let tree = Node::parse_toml(text, Path::new("experiment.toml")).unwrap();
    Loader::default().load(&tree).unwrap().id.to_string()
}

#[test]
fn the_name_does_not_depend_on_how_the_same_thing_is_written() {
    let first = id(SMALL);
    assert_eq!(
        first,
        id(&SMALL.replace("devices = 3\nlength = 40", "length = 40\ndevices = 3")),
        "order of keys"
    );
    assert_eq!(first, id(&SMALL.replace("snr_db = 10.0", "snr_db = 10")), "10 and 10.0");
    assert_eq!(first, id(&SMALL.replace("snr_db = 10.0", "snr_db = 1e1")), "10.0 and 1e1");
    assert_eq!(
        first,
        id(&SMALL.replace("snr_db = 10.0", "snr_db = 10.0\ncsi = \"perfect\"")),
        "a default in words"
    );
    assert_eq!(
        first,
        id(&SMALL.replace("[link]", "[ofdm]\nbandwidth_hz = 20e6\n\n[link]")),
        "a table of defaults"
    );
    assert_eq!(first, id(&SMALL.replace("trials = 16", "trials = 99\nlevel = 0.5")), "the stop rule");
}

#[test]
fn the_name_depends_on_everything_else() {
    let changes = [
        ("seed = 3", "seed = 4"),
        ("devices = 3", "devices = 4"),
        ("length = 40", "length = 41"),
        ("\"gaussian\"", "\"uniform\""),
        ("\"rayleigh\"", "\"awgn\""),
        ("snr_db = 10.0", "snr_db = 10.000000000000002"),
        ("threshold = 0.1", "threshold = 0.2"),
        ("\"lmmse\"", "\"unbiased\""),
    ];
    let mut names = BTreeSet::from([id(SMALL)]);
    for (from, to) in changes {
        assert!(names.insert(id(&SMALL.replacen(from, to, 1))), "{to}");
    }
}

#[test]
fn files_enter_by_their_bytes_and_never_by_their_path() {
    let folder = Folder::new("bytes");
    folder.write("file.toml", from_file());
    folder.write("g.npy", npy("3, 40", &values(120)));
    folder.write("elsewhere/other.npy", npy("3, 40", &values(120)));
    let mut changed = values(120);
    changed[5] += 1e-3;
    folder.write("changed.npy", npy("3, 40", &changed));
    let id = |args: &str| {
        let report: serde_json::Value =
            serde_json::from_str(&folder.succeed(&format!("run file.toml --json {args}"))).unwrap();
        report["experiment_id"].as_str().unwrap().to_string()
    };
    assert_eq!(id(""), id("--set payload.path=elsewhere/other.npy"));
    assert_ne!(id(""), id("--set payload.path=changed.npy"));
}

#[test]
fn a_payload_that_changed_is_another_experiment() {
    let folder = Folder::new("changed-bytes");
    folder.write("file.toml", from_file());
    folder.write("g.npy", npy("3, 40", &values(120)));
    folder.succeed("sweep file.toml --out out");
    let mut changed = values(120);
    changed[5] += 1e-3;
    folder.write("g.npy", npy("3, 40", &changed));
    folder.refuse_with("sweep file.toml --out out", &["payload.content_sha256 is \""]);
    // Along an axis of files each point has bytes of its own.
    folder.write("h.npy", npy("3, 40", &values(120)));
    folder.succeed("sweep file.toml --out files --over payload.path=g.npy,h.npy");
    let ran = folder.run("sweep file.toml --out files --over payload.path=h.npy,g.npy");
    assert!(ran.stderr().contains("resuming: 2 of 2 points"), "{}", ran.stderr());
}

/// Returns the keys that a table of an experiment knows, as its refusal of an unknown one lists them.
fn keys_of(table: &str) -> Vec<String> {
    let (open, path) = if table.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("[{table}]\n"), format!("{table}."))
    };
    let tree = Node::parse_toml(&format!("{open}zzz = 1\n"), Path::new("experiment.toml")).unwrap();
    let refusal = Loader::default().load(&tree).expect_err("zzz is no key");
    let ExperimentError::Config(refusal) = refusal else { panic!("{refusal}") };
    let ConfigError::UnknownKey { known, .. } = *refusal else { panic!("{refusal}") };
    known.iter().map(|k| format!("{path}{k}")).collect()
}

#[test]
fn the_list_of_known_keys_is_what_experiments_are_checked_by() {
    let tables: BTreeSet<&str> = KNOWN_KEYS.iter().filter_map(|k| k.split_once('.')).map(|k| k.0).collect();
    let mut known: BTreeSet<String> = tables.iter().flat_map(|t| keys_of(t)).collect();
    known.extend(keys_of("").into_iter().filter(|k| !tables.contains(k.as_str())));
    assert_eq!(known, KNOWN_KEYS.iter().map(|k| (*k).to_string()).collect());
}

#[test]
fn every_known_key_is_one_that_some_experiment_takes() {
    let folder = Folder::new("all-keys");
    folder.write("g.npy", npy("3, 40", &values(120)));
    folder.write("data.csv", "1,2,3\n4,5,7\n");
    folder.write("hall.csv", "delay_s,power_db,kind\n0,0,rayleigh\n");
    let mut npz = NpzWriter::create(&folder.path("cir.npz")).unwrap();
    npz.complex64("g", &[3, 1, 1, 2, 3], &[[1.0, 0.5]; 18]).unwrap();
    npz.f64("lag", &[2], &[0.0, 1e-7]).unwrap();
    npz.finish().unwrap();
    let texts = [
        format!("{SMALL}level = 0.9\n[sync]\nmode = \"ideal\"\n[budget]\nelements = 9999\n[waveform]\npath = \"auto\"\n"),
        SMALL.replace(
            "length = 40",
            "length = 40\ncorrelation = 0.5\nfunction = \"weighted-mean\"\nweights = [1, 2, 3]",
        ),
        SMALL.replace(
            "trials = 16",
            "metric = \"nmse\"\nrelative_half_width = 0.5\nmin_trials = 9\nmax_trials = 99",
        ),
        SMALL.replace("\"rayleigh\"", "\"rician\"\nk_factor_db = 3\nfading = \"per-element\""),
        SMALL.replace(
            "\"rayleigh\"",
            "\"recorded\"\nfile = \"cir.npz\"\ntensor = \"g\"\ndelay_tensor = \"lag\"\nlayout = \"airloop\"\nstep_s = 1e-3\n\
             normalise = \"all\"\ntiming = \"device\"\nstart = 1e-3\nwrap = true\nreplay_speed = 0.5",
        ),
        SMALL.replace("\"rayleigh\"", "\"recorded\"\nfile = \"g.npy\"\nsample_rate_hz = 30.72e6"),
        SMALL.replace(
            "\"rayleigh\"",
            "\"tdl-a\"\ndelay_spread_s = 1e-7\nspeed_m_s = 1\ncarrier_hz = 2e9\ndelays = \"rounded\"",
        ),
        SMALL.replace(
            "\"rayleigh\"",
            "\"profile\"\nprofile_file = \"hall.csv\"\ndoppler_hz = 5\ncorrelation = \"exponential\"\n\
             receive_correlation = 0.5\ndevice_correlation = 0.9",
        ),
        SMALL.replace(
            "snr_db = 10.0",
            "snr_db_per_device = [1, 2, 3]\nsnr_bandwidth_hz = 1e6\ntransmit_power_w = 1",
        ),
        SMALL.replace("snr_db = 10.0", "snr_db = 10\nsnr_spread_db = 3\ncsi = \"perfect\"")
            + "[ofdm]\nnumerology = \"nr\"\nbandwidth_hz = 5e6\nsubcarrier_spacing_hz = 15e3\n",
        SMALL.to_string()
            + "[ofdm]\nnumerology = \"custom\"\nsample_rate_hz = 1e6\nfft_size = 64\ncyclic_prefix_samples = 9\nused_subcarriers = 48\ndc = true\n",
        SMALL.replace(
            "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"",
            "kind = \"digital\"\nbits = 4",
        ),
        SMALL.replace("scale = \"lmmse\"", "power_constraint = \"peak\"") + "[budget]\nairtime_s = 1e-3\n",
        from_file().replace(
            "\"g.npy\"",
            "\"g.npy\"\ncenter = true\ninterleave = \"none\"\nnormalisation = \"per-device\"",
        ),
    ];
    let mut taken = BTreeSet::from(["payload.tensor".to_string()]);
    for text in texts
        .iter()
        .chain(&texts_of_knowledge_and_clocks())
        .chain(&texts_of_schemes_and_functions())
        .chain(&texts_of_cells_and_antennas())
    {
        let tree = Node::parse_toml(text, &folder.path("experiment.toml")).unwrap();
        Loader::default().load(&tree).unwrap_or_else(|e| panic!("{e}: {text}"));
        taken.extend(KNOWN_KEYS.iter().filter(|k| tree.get(k).is_some()).map(|k| (*k).to_string()));
    }
    for text in texts_of_links() {
        let tree = Node::parse_toml(&text, &folder.path("link.toml")).unwrap();
        Loader::of_links().load(&tree).unwrap_or_else(|e| panic!("{e}: {text}"));
        taken.extend(KNOWN_KEYS.iter().filter(|k| tree.get(k).is_some()).map(|k| (*k).to_string()));
    }
    assert_eq!(taken, KNOWN_KEYS.iter().map(|k| (*k).to_string()).collect());
}

/// Files that take the keys of digital links.
fn texts_of_links() -> Vec<String> {
    const PLAIN: &str = "channel.model = \"awgn\"\nlink.es_n0_db = 1\n[stop]\nblock_errors = 9\n[code]\nk = 100\nn = 200\n\
                         modulation = \"qpsk\"\nbase_graph = 2\ndecoder = \"normalised-min-sum\"\nfactor = 0.8\n\
                         schedule = \"flooding\"\niterations = 9\nearly_stop = false\ndemapper = \"exact\"\n";
    const BLOCKS: &str = "channel.model = \"tdl-a\"\nchannel.delay_spread_s = 1e-7\n[link]\neb_n0_db = 9\nreceive_antennas = 2\n\
                          device_antennas = 2\n[mcs]\ntable = 2\nindex = 3\n[slot]\nsymbols = 12\ncontrol_symbols = 1\n\
                          pilot_symbols = 2\ngroups_without_data = 1\nlayers = 2\nresource_blocks = 9\nprecoding = \"svd\"\n\
                          precoding_blocks = 3\n[reception]\nestimator = \"perfect\"\nequaliser = \"zero-forcing\"\n\
                          noise = \"known\"\n[harq]\ntransmissions = 3\ncombining = \"chase\"\nversions = [0, 3]\n\
                          round_trip_slots = 4\nfeedback_symbols = 2\nlimited_buffer = true\n[scheduling]\n\
                          access = \"frequency\"\npolicy = \"proportional-fair\"\nslots = 20\nwindow_slots = 9\n\
                          power = \"same-power\"\n[effective_sinr]\nprofiles = [\"tdl-b\", \"eva\"]\ndelay_spreads_s = [1e-7]\n\
                          receive_antennas = 2\nresource_blocks = 10\nrealisations = 9\nfresh_realisations = 0\n\
                          target_bler = 0.2\naccuracy_db = 0.1\nmost_blocks = 999\n";
    const ADAPTIVE: &str = "channel.model = \"rayleigh\"\nlink.snr_db = 9\nmcs.index = \"adaptive\"\nscheduling.slots = 20\n[adaptation]\n\
                            target_bler = 0.2\nstep_db = 0.1\ndelay_slots = 2\nouter_loop = true\n";
    const TABLE: &str = "channel.model = \"awgn\"\nlink.snr_db = 1\n[mcs]\nindex = 4\nblock_bits = 24\n[table]\nstep_db = 0.5\nlowest_bler = 0.1\n\
                         highest_bler = 0.9\nhighest_snr_db = 30\n";
    const SCHEME: &str = "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"";
    let quantised =
        |keys: &str| SMALL.replace(SCHEME, &format!("kind = \"digital\"\n{keys}")) + "[mcs]\nindex = 0\n";
    let offset =
        PLAIN.replace("normalised-min-sum", "offset-min-sum").replace("factor = 0.8", "offset = 0.4");
    vec![
        PLAIN.into(),
        offset,
        BLOCKS.into(),
        ADAPTIVE.into(),
        TABLE.into(),
        quantised(
            "quantiser = \"qsgd\"\nlevels = 7\nlevel_coding = \"elias-dense\"\nbucket = 20\non_loss = \"rescale\"",
        ),
        quantised(
            "quantiser = \"top-k\"\nkept = 9\nvalue_bits = 4\npositions = \"rice\"\nerror_feedback = false",
        ),
    ]
}

/// Experiments that take the keys of cells, arrays and beams.
fn texts_of_cells_and_antennas() -> Vec<String> {
    let cell = |keys: &str| {
        SMALL.replace("[link]\nsnr_db = 10.0", &format!("[cell]\ntransmit_power_dbm = 10\n{keys}"))
    };
    let scheme = |keys: &str| {
        SMALL.replace("kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"", keys)
    };
    let clustered = "\"cdl-c\"\ndelay_spread_s = 1e-7\nrays = \"gaussian\"\nspeed_m_s = 1\ntravel_azimuth_deg = 10\n\
                     travel_zenith_deg = 80\nreceive_array = { rows = 2 }\ndevice_array = { pattern = \"tr38901\" }\n\
                     angles = { arrival_azimuth = { spread_deg = 10 } }";
    let beams = scheme("kind = \"uniform-forcing\"\nstreams = 2\nbeamformer = \"centroid\"");
    let antennas = "snr_db = 10\nreceive_antennas = 4\ndevice_antennas = 2";
    vec![
        cell(
            "scenario = \"rma\"\nshape = \"annulus\"\nradius_m = 900\ninner_radius_m = 100\nmin_distance_m = 50\n\
             server_height_m = 30\ndevice_height_m = 2\nstreet_width_m = 30\nbuilding_height_m = 6\n\
             line_of_sight = \"never\"\nshadowing = false\ndrop = 3\nserver_antenna_gain_dbi = 3\n\
             device_antenna_gain_dbi = 1\nnoise_figure_db = 7\ntemperature_k = 300\nselection = { rule = \"best\", count = 2 }",
        ),
        cell("scenario = \"umi\"\nshape = \"positions\"\npositions = [[20, 30], [-50, 0], [0, 70]]"),
        cell(
            "scenario = \"inf-sh\"\nradius_m = 20\nclutter_density = 0.3\nclutter_size_m = 8\nclutter_height_m = 3",
        ),
        beams
            .replace("\"rayleigh\"", &format!("{clustered}\nserver_sector_deg = 120"))
            .replace("snr_db = 10.0", antennas),
        beams
            .replace("\"rayleigh\"", &format!("{clustered}\nserver_azimuth_deg = [1, 2, 3]"))
            .replace("snr_db = 10.0", antennas),
        scheme("kind = \"receive-combining\"\ncombiner = \"mrc\""),
    ]
}

/// Experiments that take the keys of knowledge, rounds, front ends, synchronisation and privacy.
fn texts_of_knowledge_and_clocks() -> Vec<String> {
    let link = |keys: &str| SMALL.replace("snr_db = 10.0", keys);
    vec![
        "rounds = 2\n".to_string()
            + &link(
                "snr_db = 10\ncsi = \"estimated\"\ncsi_age_s = 1e-6\ncsi_bits = 8\nreciprocity_error_db = 0.1\nreciprocity_error_rad = 0.1",
            )
            + "[pilots]\nestimator = \"ls\"\nsounding = \"uplink\"\nfeedback_bits_per_element = 4\nperiod_symbols = 7\nsnr_db = 20\nspacing_subcarriers = 2\nsymbols = 2\n"
            + "[privacy]\ndelta = 1e-5\nclip_norm = 100\nneighbours = \"replace\"\neavesdropper_noise_db = 3\n"
            + "[impairments]\ncfo_hz = 1\nphase_rad = 0.1\noscillator_ppm = 0.1\ntiming_offset_s = 1e-9\n",
        link("snr_db = 10\ncsi = \"imperfect\"\ncsi_error = 0.1"),
        SMALL.to_string()
            + "[impairments]\npreset = \"x310\"\nsample_clock_ppm = 0.1\nphase_noise_linewidth_hz = 1\nphase_noise_mask = [[1e3, -80]]\n\
               phase_noise_reference_hz = 1e9\niq_gain_db = 0.1\niq_phase_rad = 0.01\ndc_offset_dbc = -40\npower_step_db = 0.5\n\
               power_error_db = 0.5\ndac_bits = 12\ndac_headroom_db = 12\n\
               amplifier = { model = \"rapp\", smoothness = 2.0, back_off_db = 8, calibrated = false }\n\
               [receiver]\npreset = \"b210\"\nphase_noise_linewidth_hz = 1\nphase_noise_mask = [[1e3, -80]]\n\
               phase_noise_reference_hz = 1e9\niq_gain_db = 0.1\niq_phase_rad = 0.01\ndc_offset_dbc = -40\nadc_bits = 12\n\
               adc_headroom_db = 12\nagc = \"running\"\nagc_attack_s = 1e-5\nagc_decay_s = 1e-4\n",
        SMALL.to_string() + "[impairments]\nimage_rejection_db = 30\n[receiver]\nimage_rejection_db = 30\n",
        link("receive_snr_db = 3"),
        SMALL.to_string()
            + "[impairments]\ncfo_hz = { normal = 100 }\n[sync]\nmode = \"preamble\"\nsequence = \"zadoff-chu\"\nroot = 5\nrepetitions = 2\n\
               snr_db = 20\nfalse_alarm_rate = 1e-4\nsearch_window_s = 1e-5\ncommon = true\n",
    ]
}

/// Experiments that take the keys of single schemes, sources and functions.
fn texts_of_schemes_and_functions() -> Vec<String> {
    const SCHEME: &str = "kind = \"truncated-inversion\"\nthreshold = 0.1\nscale = \"lmmse\"";
    let scheme = |keys: &str| SMALL.replace(SCHEME, keys);
    let payload = |text: String, keys: &str| text.replace("length = 40", &format!("length = 40\n{keys}"));
    let sign = |keys: &str| {
        scheme("kind = \"fsk-majority\"\ncopies = 2\nparticipation = 0.5")
            .replace("\"gaussian\"", &format!("\"sign\"\n{keys}"))
    };
    let sparse = |keys: &str| {
        scheme(&format!(
            "kind = \"a-dsgd\"\nthreshold = 0.1\nsparsity = 0.1\namp_iterations = 5\namp_threshold = 1.5\nerror_feedback = false\n{keys}"
        ))
        .replace("length = 40", "length = 1000\ndensity = 0.2")
        .replace("\"gaussian\"", "\"sparse-gaussian\"")
    };
    vec![
        scheme("kind = \"blind-combining\"").replace("snr_db = 10.0", "snr_db = 10\nreceive_antennas = 2"),
        sign("agreement = 0.8"),
        sign("positive_votes = 2"),
        payload(SMALL.to_string(), "function = \"majority\"\nabstain_below = 0.1"),
        payload(SMALL.to_string(), "round_decay = 0.5"),
        payload(SMALL.to_string(), "function = \"norm\"\nnorm_order = 2"),
        payload(SMALL.to_string(), "function = \"max\"\napproximation = \"log-sum-exp\"\nsharpness = 0.5"),
        sparse("rows = 300"),
        sparse("compression = 0.4"),
        scheme("kind = \"energy\"\nsequence_length = 4\nrange = 2\nchannel_scaling = \"none\""),
        scheme("kind = \"balanced-number\"\nbase = 3\ndigits = 4\ncopies = 2"),
        scheme("kind = \"digital-aircomp\"\nconstellation = \"pam\"\nrounding = \"nearest\""),
        scheme(
            "kind = \"misaligned\"\nreceiver = \"ml\"\ndelays_symbols = [0, 0.25, 0.5]\nphases_rad = 0.1\nsymbols_per_frame = 8\noversampling = 4",
        ),
    ]
}
