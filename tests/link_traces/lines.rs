//! Lines of JSON in every guise: order, space and escapes do not matter; what is no JSON is refused.

use super::setup::{folder, rows};
use airloop::trace::{TraceFormat, TraceReader, TraceRow};

fn row() -> TraceRow {
    let settings = "channel.model=rayleigh; mcs.index=4; link.snr_db=5; trace.rounds=1; uplink.values=99";
    rows(&[settings]).remove(0)
}

fn line(row: &TraceRow) -> String {
    let mut line = String::new();
    TraceFormat::Jsonl.write_row(row, &mut line).unwrap();
    line.trim_end().to_string()
}

fn read(line: &str) -> Result<TraceRow, String> {
    let path = folder(&format!("lines-{:?}", std::thread::current().id())).join("t.jsonl");
    std::fs::write(&path, format!("{line}\n")).unwrap();
    TraceReader::read(&path).map(|mut rows| rows.remove(0)).map_err(|error| error.to_string())
}

#[test]
fn order_and_space_do_not_matter() {
    let (row, line) = (row(), line(&row()));
    assert_eq!(read(&line).unwrap(), row);
    // As Python's json writes objects, and with space wherever JSON allows it.
    assert_eq!(read(&line.replace("\":", "\": ").replace(",\"", ", \"")).unwrap(), row);
    let wide = line.replace("\":", "\" :\t").replace(",\"", " , \"").replace('{', " { ").replace('}', " } ");
    assert_eq!(read(&wide).unwrap(), row);
    let mut fields: Vec<&str> = line.trim_matches(['{', '}']).split(',').collect();
    fields.reverse();
    assert_eq!(read(&format!("{{{}}}", fields.join(","))).unwrap(), row);
    fields.rotate_left(7);
    assert_eq!(read(&format!("{{{}}}", fields.join(","))).unwrap(), row);
}

#[test]
fn escapes_and_texts_of_numbers_are_read() {
    let (row, line) = (row(), line(&row()));
    assert_eq!(read(&line.replace("\"ul\"", "\"\\u0075l\"")).unwrap(), row);
    assert_eq!(read(&line.replace("\"stage\"", "\"st\\u0061ge\"")).unwrap(), row);
    assert_eq!(read(&line.replace("\"seed\":1,", "\"seed\":\"1\",")).unwrap(), row);
    assert_eq!(read(&line.replace("\"seed\":1,", "\"seed\":1.0,")).unwrap(), row);
    assert_eq!(read(&line.replace("\"seed\":1,", "\"seed\":10E-1,")).unwrap(), row);
    assert_eq!(read(&line.replace("\"snr_db\":5.0", "\"snr_db\":0.5e+1")).unwrap(), row);
}

#[test]
fn what_is_no_json_or_no_row_is_refused() {
    let line = line(&row());
    for wrong in ["01", "1.", ".5", "+1", "1e", "1e+", "--1", "inf", "NaN", "0x1", "1 2", "\"1", "nul", "tru"]
    {
        let error = read(&line.replace("\"snr_db\":5.0", &format!("\"snr_db\":{wrong}"))).unwrap_err();
        assert!(error.contains("t.jsonl:1: no JSON object"), "{wrong}: {error}");
    }
    for wrong in ["[5.0]", "{}", "true", "\"five\"", "\"inf\""] {
        let error = read(&line.replace("\"snr_db\":5.0", &format!("\"snr_db\":{wrong}"))).unwrap_err();
        assert!(error.contains("t.jsonl:1: snr_db is") && error.contains("a number is expected"), "{error}");
    }
    for (wrong, part) in [
        (format!("{line}}}"), "no JSON object"),
        (line.replace('}', ",}"), "no JSON object"),
        (line.replacen(',', "", 1), "no JSON object"),
        (line.replace("\"ul\"", "\"u\tl\""), "no JSON object"),
        (line.replace("\"seed\":1,", ""), "no field \"seed\""),
        (line.replace("\"seed\"", "\"sead\""), "a field \"sead\""),
        (line.replace("\"schema\":1", "\"schema\":2").replace("\"seed\"", "\"root\""), "schema is 2"),
        (line.replace("\"schema\":1,", ""), "schema is missing"),
        (line.replace("\"seed\":1,", "\"seed\":null,"), "seed is empty"),
        (line.replace("\"seed\":1,", "\"seed\":-1,"), "seed is \"-1\""),
    ] {
        let error = read(&wrong).unwrap_err();
        assert!(error.contains("t.jsonl:1: ") && error.contains(part), "{wrong}: {error}");
    }
}
