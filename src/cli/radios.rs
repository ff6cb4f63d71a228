//! `airloop radios`.

use super::args::RadiosArgs;
use super::failure::Failure;
use super::output;
use airloop_hil::{PERSONAS, Persona, Span};

/// Lists radios, or prints what one of them can do.
///
/// # Errors
/// When a radio behind SoapySDR is asked for and this program was built without it, or it does not answer.
pub fn radios(args: &RadiosArgs) -> Result<(), Failure> {
    if let Some(args) = &args.probe {
        return probe(args);
    }
    let mut text = String::from("emulated, in an ether that `airloop ether` serves:");
    for persona in PERSONAS.iter().filter_map(|name| Persona::named(name)) {
        let times = match (persona.timestamps, persona.timed_bursts) {
            (true, true) => "times",
            (true, false) => "times of samples, not of bursts",
            _ => "no times",
        };
        text += &format!(
            "\n  {:<6} {}; sends {}, hears {} dB; {times}",
            persona.name,
            megahertz(&persona.centres_hz),
            decibels(persona.transmit_gain_db),
            decibels(persona.receive_gain_db)
        );
    }
    text += "\nbehind SoapySDR:";
    text += &found()?;
    output::line(text)
}

fn decibels(span: Span) -> String {
    format!("{} to {}", span.least, span.most)
}

fn megahertz(spans: &[Span]) -> String {
    let words = |span: &Span| match span.most < 1e11 {
        true => format!("{} to {} MHz", span.least / 1e6, span.most / 1e6),
        false => "any frequency".into(),
    };
    spans.iter().map(words).collect::<Vec<_>>().join(", ")
}

#[cfg(feature = "soapysdr")]
fn found() -> Result<String, Failure> {
    let found = airloop_hil::soapy_radio::enumerate("")?;
    if found.is_empty() {
        return Ok("\n  none answers: is one plugged in, and its SoapySDR module installed?".into());
    }
    Ok(found.iter().map(|found| format!("\n  {found}")).collect())
}

#[cfg(feature = "soapysdr")]
fn probe(args: &str) -> Result<(), Failure> {
    output::line(airloop_hil::soapy_radio::probe(args)?.to_string().trim_end().to_string())
}

/// Why real radios are not there.
#[cfg(not(feature = "soapysdr"))]
const WITHOUT: &str =
    "this airloop was built without SoapySDR: install libsoapysdr-dev and build with --features soapysdr";

#[cfg(not(feature = "soapysdr"))]
fn found() -> Result<String, Failure> {
    Ok(format!("\n  {WITHOUT}"))
}

#[cfg(not(feature = "soapysdr"))]
fn probe(args: &str) -> Result<(), Failure> {
    Err(Failure::bad_input(format!("--probe {args}: {WITHOUT}")))
}
