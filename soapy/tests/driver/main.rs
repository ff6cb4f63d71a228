//! The driver as programs meet it: through libSoapySDR, from the file that SoapySDR loads.

mod arguments;
mod channels;
mod equality;
mod ether;
mod gone;
mod inactive;
mod module;
mod personas;
mod raw;
mod status;
mod timing;
