//! Radios behind SoapySDR: what is refused, what may be sent, and streams on the emulated driver.

mod module;
