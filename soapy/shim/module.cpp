// What SoapySDR finds when it loads the module.
#include "airloop.h"
#include "device.hpp"
#include <SoapySDR/Modules.hpp>
#include <SoapySDR/Registry.hpp>
#include <SoapySDR/Version.hpp>

static SoapySDR::KwargsList find(const SoapySDR::Kwargs &arguments)
{
    const char *found = airloop_find(airloop::to_lines(arguments).c_str());
    if (!found || !*found) return {};
    return {airloop::to_kwargs(found)};
}

static SoapySDR::Device *make(const SoapySDR::Kwargs &arguments) { return new airloop::Device(arguments); }

// Nobody refers to these: build.rs keeps them, or the module would load and register nothing.
static const SoapySDR::Registry registration("airloop", &find, &make, SOAPY_SDR_ABI_VERSION);
static const SoapySDR::ModuleVersion version(AIRLOOP_VERSION);
