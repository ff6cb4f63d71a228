//! Presets against totals of the published checkpoints, and FLOP and values against hand-computed tables.

use airloop::split::model::{Adapter, Model, Preset, Sample, Targets, Tuning};

const SAMPLE: Sample = Sample { tokens: 512, context: 0 };

fn model(name: &str, tuning: Tuning) -> Model {
    Preset::find(name).unwrap_or_else(|| panic!("{name}")).model(SAMPLE, &tuning)
}

fn lora(rank: u64, targets: Targets) -> Tuning {
    Tuning { adapter: Some(Adapter { rank, targets }), recompute: false }
}

/// Name, blocks, parameters in all and of a block, values a token, FLOP of a block forwards in units of 1e9 and the error of that
/// rounding, parameters of adapters of rank 8 on queries and values, and on all matrices.
type Row = (&'static str, usize, u64, u64, u64, f64, f64, u64, u64);

const TRANSFORMERS: [Row; 11] = [
    ("gpt2", 12, 124_439_808, 7_087_872, 768, 8.05, 5e-3, 294_912, 1_327_104),
    ("gpt2-medium", 24, 354_823_168, 12_596_224, 1024, 13.96, 5e-3, 786_432, 3_538_944),
    ("llama-7b", 32, 6_738_415_616, 202_383_360, 4096, 211.5, 0.05, 4_194_304, 19_988_480),
    ("k2", 32, 6_738_415_616, 202_383_360, 4096, 211.5, 0.05, 4_194_304, 19_988_480),
    ("tinyllama-1.1b", 22, 1_100_048_384, 44_044_288, 2048, 47.2, 0.05, 1_126_400, 6_307_840),
    ("opt-125m", 12, 125_239_296, 7_087_872, 768, 8.05, 5e-3, 294_912, 1_327_104),
    ("opt-1.3b", 24, 1_315_758_080, 50_358_272, 2048, 53.7, 0.05, 1_572_864, 7_077_888),
    ("opt-6.7b", 32, 6_658_473_984, 201_379_840, 4096, 210.5, 0.05, 4_194_304, 18_874_368),
    ("minilm-l6", 6, 22_713_216, 1_774_464, 384, 2.21, 5e-3, 73_728, 331_776),
    ("bert-base", 12, 109_482_240, 7_087_872, 768, 8.05, 5e-3, 294_912, 1_327_104),
    ("t5-11b", 24, 11_307_321_344, 201_328_640, 1024, 223.3, 0.05, 6_684_672, 38_928_384),
];

#[test]
fn transformers_have_the_sizes_of_their_checkpoints() {
    for (name, blocks, total, block, values, giga, rounding, query_value, all) in TRANSFORMERS {
        let plain = model(name, Tuning::default());
        assert_eq!((plain.last_cut(), plain.whole().params), (blocks, total), "{name}");
        assert_eq!((plain.blocks[0].params, plain.values_at(1)), (block, 512 * values), "{name}");
        assert!(
            (plain.blocks[0].forward_flop / 1e9 - giga).abs() <= rounding,
            "{name}: {}",
            plain.blocks[0].forward_flop
        );
        assert_eq!(plain.blocks[0].backward_flop, 2.0 * plain.blocks[0].forward_flop, "{name}");
        for (targets, expected) in [(Targets::QueryValue, query_value), (Targets::AllLinear, all)] {
            for rank in [8, 16] {
                let adapted = model(name, lora(rank, targets));
                let sizes: u64 = adapted.blocks.iter().map(|layer| layer.trained).sum();
                assert_eq!(sizes, expected * rank / 8, "{name}, {targets:?}, rank {rank}");
                assert_eq!(adapted.whole().params, total, "{name}");
            }
        }
    }
}

#[test]
fn the_vision_transformer_takes_its_own_tokens() {
    let vit = model("vit-b16", Tuning::default());
    assert_eq!((vit.whole().params, vit.tokens), (86_567_656, Some(197)));
    assert!((vit.blocks[0].forward_flop / 1e9 - 2.91).abs() < 5e-3);
}

#[test]
fn k2_brings_its_adapter() {
    let adapter = Preset::find("k2").unwrap().adapter.unwrap();
    let sizes: u64 =
        model("k2", lora(adapter.rank, adapter.targets)).blocks.iter().map(|layer| layer.trained).sum();
    assert_eq!(sizes, 6_291_456);
}

/// Training FLOP of a block in Liu and Zhao's cost model: `72 T h^2 + 12 T^2 h` a sample, three times its forward pass.
#[test]
fn training_costs_what_the_formula_of_four_wide_blocks_says() {
    let (tokens, hidden) = (512.0, 4096.0);
    let block = &model("opt-6.7b", Tuning::default()).blocks[0];
    let expected = 72.0 * tokens * hidden * hidden + 12.0 * tokens * tokens * hidden;
    assert_eq!(block.forward_flop + block.backward_flop, expected);
}

#[test]
fn frozen_weights_need_no_gradients_and_recomputing_adds_a_forward_pass() {
    let full = &model("gpt2", Tuning::default()).blocks[0];
    let adapted = &model("gpt2", lora(8, Targets::QueryValue)).blocks[0];
    let adapter_flop = 2.0 * 512.0 * adapted.trained as f64;
    assert_eq!(adapted.forward_flop, full.forward_flop + adapter_flop);
    let attention_flop = 4.0 * 512.0 * 512.0 * 768.0;
    let weights_flop = full.forward_flop - attention_flop;
    assert_eq!(adapted.backward_flop, weights_flop + 2.0 * attention_flop + 2.0 * adapter_flop);
    let again = &model("gpt2", Tuning { adapter: None, recompute: true }).blocks[0];
    assert_eq!(again.forward_flop + again.backward_flop, 4.0 * full.forward_flop);
}

#[test]
fn a_token_after_a_context_attends_to_all_of_it() {
    let one =
        |context| Preset::find("gpt2").unwrap().model(Sample { tokens: 1, context }, &Tuning::default());
    let more = one(511).blocks[0].forward_flop - one(0).blocks[0].forward_flop;
    assert_eq!(more, 4.0 * 511.0 * 768.0);
}

/// Cut by cut: values a sample, and million MAC up to there.
const RESIDUAL: [(&str, [u64; 5], [f64; 5]); 3] = [
    ("resnet18-224", [200_704, 200_704, 100_352, 50_176, 25_088], [118.0, 580.4, 991.5, 1402.5, 1813.6]),
    ("resnet18-64", [16_384, 16_384, 8_192, 4_096, 2_048], [9.6, 47.4, 80.9, 114.5, 148.0]),
    ("resnet18-32", [65_536, 65_536, 32_768, 16_384, 8_192], [1.8, 152.8, 287.0, 421.2, 555.4]),
];

#[test]
fn residual_networks_have_the_sizes_of_their_table() {
    for (name, values, mega) in RESIDUAL {
        let model = model(name, Tuning::default());
        for cut in 1..=5 {
            assert_eq!(model.values_at(cut), values[cut - 1], "{name} at {cut}");
            let macs = model.device_part(cut).forward_flop / 2e6;
            assert!((macs - mega[cut - 1]).abs() <= 0.0501, "{name} at {cut}: {macs}");
        }
    }
    for name in ["resnet18-224", "resnet18-64"] {
        let model = model(name, Tuning::default());
        let params: Vec<u64> = (1..=5).map(|cut| model.device_part(cut).params).collect();
        assert_eq!(params, [9_536, 157_504, 683_072, 2_782_784, 11_176_512]);
        assert_eq!(model.whole().params, 11_689_512);
    }
}

#[test]
fn the_dense_network_is_that_of_its_name() {
    let model = model("mlp", Tuning::default());
    assert_eq!(model.whole().params, 235_146);
    assert_eq!((model.last_cut(), model.values_at(1), model.values_at(2)), (2, 256, 128));
    assert_eq!(model.whole().forward_flop, 2.0 * 234_752.0);
}

#[test]
fn parts_make_the_whole_at_every_cut() {
    for preset in &airloop::split::model::PRESETS {
        let model = preset.model(SAMPLE, &Tuning::default());
        for cut in 1..=model.last_cut() {
            let (device, server) = (model.device_part(cut), model.server_part(cut));
            assert_eq!(device.params + server.params, model.whole().params, "{} at {cut}", preset.name);
            assert_eq!(
                device.forward_flop + server.forward_flop,
                model.whole().forward_flop,
                "{} at {cut}",
                preset.name
            );
        }
    }
}
