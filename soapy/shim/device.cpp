#include "device.hpp"
#include "airloop.h"
#include <SoapySDR/Errors.h>
#include <SoapySDR/Formats.hpp>
#include <SoapySDR/Logger.hpp>
#include <sstream>
#include <stdexcept>

namespace airloop {

// Exceptions cross into SoapySDR as types of the standard library only, and are thrown here only: Rust's panics stop in Rust.
[[noreturn]] static void fail() { throw std::runtime_error(airloop_error()); }

static void check(int code)
{
    if (code < 0) fail();
}

static std::vector<std::string> split(const std::string &lines)
{
    std::vector<std::string> parts;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) parts.push_back(line);
    return parts;
}

std::string to_lines(const SoapySDR::Kwargs &arguments)
{
    std::string lines;
    for (const auto &it : arguments) lines += it.first + "=" + it.second + "\n";
    return lines;
}

SoapySDR::Kwargs to_kwargs(const std::string &lines)
{
    SoapySDR::Kwargs arguments;
    for (const auto &line : split(lines)) {
        const auto at = line.find('=');
        if (at != std::string::npos) arguments[line.substr(0, at)] = line.substr(at + 1);
    }
    return arguments;
}

// Codes of streams are returned, as SoapySDR wants it; what an error says goes to its log.
static int told(int code)
{
    if (code == SOAPY_SDR_STREAM_ERROR && *airloop_error()) SoapySDR::log(SOAPY_SDR_ERROR, airloop_error());
    return code;
}

static AirloopStream *ours(SoapySDR::Stream *stream) { return reinterpret_cast<AirloopStream *>(stream); }

Device::Device(const SoapySDR::Kwargs &arguments) : device(airloop_open(to_lines(arguments).c_str()))
{
    if (!device) fail();
}

Device::~Device() { airloop_close(device); }

std::string Device::words(const char *what, int direction, size_t channel, const std::string &name) const
{
    const char *said = airloop_words(device, what, direction, channel, name.c_str());
    if (!said) fail();
    return said;
}

std::vector<std::string> Device::list(const char *what, int direction, size_t channel) const
{
    return split(words(what, direction, channel));
}

void Device::set_word(const char *what, const std::string &word, int direction, size_t channel)
{
    check(airloop_set_word(device, what, direction, channel, word.c_str()));
}

double Device::number(const char *what, int direction, size_t channel, const std::string &element) const
{
    double value = 0.0;
    check(airloop_number(device, what, direction, channel, element.c_str(), &value));
    return value;
}

void Device::set_number(const char *what, int direction, size_t channel, double value, const std::string &element)
{
    check(airloop_set_number(device, what, direction, channel, element.c_str(), value));
}

SoapySDR::RangeList Device::ranges(const char *what, int direction, size_t channel, const std::string &element) const
{
    AirloopRanges out;
    const int count = airloop_ranges(device, what, direction, channel, element.c_str(), &out);
    check(count);
    SoapySDR::RangeList list;
    for (int i = 0; i < count; i++) list.emplace_back(out.least_and_most[i][0], out.least_and_most[i][1]);
    return list;
}

std::string Device::getDriverKey() const { return "airloop"; }
std::string Device::getHardwareKey() const { return words("hardware"); }
SoapySDR::Kwargs Device::getHardwareInfo() const { return to_kwargs(words("info")); }

size_t Device::getNumChannels(int direction) const
{
    const long long count = airloop_channels(device, direction);
    if (count < 0) fail();
    return static_cast<size_t>(count);
}

SoapySDR::Kwargs Device::getChannelInfo(int direction, size_t channel) const
{
    return to_kwargs(words("channel", direction, channel));
}

bool Device::getFullDuplex(int, size_t) const { return true; }

std::vector<std::string> Device::getStreamFormats(int direction, size_t channel) const
{
    return list("formats", direction, channel);
}

std::string Device::getNativeStreamFormat(int, size_t, double &full_scale) const
{
    full_scale = 1.0;
    return SOAPY_SDR_CF32;
}

SoapySDR::ArgInfoList Device::getStreamArgsInfo(int direction, size_t channel) const
{
    const auto values = list("stream arguments", direction, channel);
    SoapySDR::ArgInfo mtu;
    mtu.key = "mtu";
    mtu.name = "Packet";
    mtu.description = "Samples of a packet";
    mtu.units = "samples";
    mtu.type = SoapySDR::ArgInfo::INT;
    mtu.value = values.at(0);
    mtu.range = SoapySDR::Range(1, std::stod(values.at(1)));
    return {mtu};
}

SoapySDR::Stream *Device::setupStream(
    int direction, const std::string &format, const std::vector<size_t> &channels, const SoapySDR::Kwargs &arguments)
{
    const auto lines = to_lines(arguments);
    auto *stream =
        airloop_setup(device, direction, format.c_str(), channels.data(), channels.size(), lines.c_str());
    if (!stream) fail();
    return reinterpret_cast<SoapySDR::Stream *>(stream);
}

void Device::closeStream(SoapySDR::Stream *stream) { airloop_close_stream(ours(stream)); }
size_t Device::getStreamMTU(SoapySDR::Stream *stream) const { return airloop_mtu(ours(stream)); }

int Device::activateStream(SoapySDR::Stream *stream, int flags, long long time_ns, size_t count)
{
    return told(airloop_activate(ours(stream), flags, time_ns, count));
}

int Device::deactivateStream(SoapySDR::Stream *stream, int flags, long long)
{
    return told(airloop_deactivate(ours(stream), flags));
}

int Device::readStream(
    SoapySDR::Stream *stream, void *const *buffers, size_t count, int &flags, long long &time_ns, long timeout_us)
{
    AirloopCall call{count, flags, time_ns, timeout_us, 0};
    const int code = told(airloop_read(ours(stream), buffers, &call));
    flags = call.flags;
    time_ns = call.time_ns;
    return code;
}

int Device::writeStream(
    SoapySDR::Stream *stream, const void *const *buffers, size_t count, int &flags, long long time_ns, long timeout_us)
{
    AirloopCall call{count, flags, time_ns, timeout_us, 0};
    return told(airloop_write(ours(stream), buffers, &call));
}

int Device::readStreamStatus(
    SoapySDR::Stream *stream, size_t &channels, int &flags, long long &time_ns, long timeout_us)
{
    AirloopCall call{0, flags, time_ns, timeout_us, 0};
    const int code = told(airloop_status(ours(stream), &call));
    channels = call.channels;
    flags = call.flags;
    time_ns = call.time_ns;
    return code;
}

std::vector<std::string> Device::listAntennas(int direction, size_t channel) const
{
    return list("antennas", direction, channel);
}

void Device::setAntenna(int direction, size_t channel, const std::string &name)
{
    set_word("antenna", name, direction, channel);
}

std::string Device::getAntenna(int direction, size_t channel) const { return words("antenna", direction, channel); }

std::vector<std::string> Device::listGains(int direction, size_t channel) const
{
    return list("elements", direction, channel);
}

void Device::setGain(int direction, size_t channel, double value) { set_number("gain", direction, channel, value); }

void Device::setGain(int direction, size_t channel, const std::string &name, double value)
{
    set_number("gain", direction, channel, value, name);
}

double Device::getGain(int direction, size_t channel) const { return number("gain", direction, channel); }

double Device::getGain(int direction, size_t channel, const std::string &name) const
{
    return number("gain", direction, channel, name);
}

SoapySDR::Range Device::getGainRange(int direction, size_t channel) const
{
    return ranges("gain", direction, channel).at(0);
}

SoapySDR::Range Device::getGainRange(int direction, size_t channel, const std::string &name) const
{
    return ranges("gain", direction, channel, name).at(0);
}

void Device::setFrequency(int direction, size_t channel, double value, const SoapySDR::Kwargs &)
{
    set_number("frequency", direction, channel, value);
}

void Device::setFrequency(
    int direction, size_t channel, const std::string &name, double value, const SoapySDR::Kwargs &)
{
    set_number("frequency", direction, channel, value, name);
}

double Device::getFrequency(int direction, size_t channel) const { return number("frequency", direction, channel); }

double Device::getFrequency(int direction, size_t channel, const std::string &name) const
{
    return number("frequency", direction, channel, name);
}

std::vector<std::string> Device::listFrequencies(int direction, size_t channel) const
{
    return list("elements", direction, channel);
}

SoapySDR::RangeList Device::getFrequencyRange(int direction, size_t channel) const
{
    return ranges("frequency", direction, channel);
}

SoapySDR::RangeList Device::getFrequencyRange(int direction, size_t channel, const std::string &name) const
{
    return ranges("frequency", direction, channel, name);
}

void Device::setSampleRate(int direction, size_t channel, double rate) { set_number("rate", direction, channel, rate); }
double Device::getSampleRate(int direction, size_t channel) const { return number("rate", direction, channel); }

std::vector<double> Device::listSampleRates(int direction, size_t channel) const
{
    std::vector<double> rates;
    for (const auto &range : ranges("rate", direction, channel)) {
        rates.push_back(range.minimum());
        if (range.maximum() > range.minimum()) rates.push_back(range.maximum());
    }
    return rates;
}

SoapySDR::RangeList Device::getSampleRateRange(int direction, size_t channel) const
{
    return ranges("rate", direction, channel);
}

// An emulated radio has no filter of its own: all of its rate passes, whatever a program sets.
void Device::setBandwidth(int, size_t, double) {}
double Device::getBandwidth(int direction, size_t channel) const { return getSampleRate(direction, channel); }
std::vector<double> Device::listBandwidths(int direction, size_t channel) const { return listSampleRates(direction, channel); }

SoapySDR::RangeList Device::getBandwidthRange(int direction, size_t channel) const
{
    return getSampleRateRange(direction, channel);
}

double Device::getMasterClockRate() const
{
    const int direction = getNumChannels(1) > 0 ? 1 : 0;
    return getSampleRate(direction, 0);
}

std::vector<std::string> Device::listClockSources() const { return list("clock sources"); }
void Device::setClockSource(const std::string &source) { set_word("clock source", source); }
std::string Device::getClockSource() const { return words("clock source"); }
std::vector<std::string> Device::listTimeSources() const { return list("time sources"); }
void Device::setTimeSource(const std::string &source) { set_word("time source", source); }
std::string Device::getTimeSource() const { return words("time source"); }

bool Device::hasHardwareTime(const std::string &what) const
{
    const int has = airloop_has_time(device, what.c_str());
    check(has);
    return has == 1;
}

long long Device::getHardwareTime(const std::string &what) const
{
    long long time_ns = 0;
    check(airloop_time(device, what.c_str(), &time_ns));
    return time_ns;
}

void Device::setHardwareTime(long long time_ns, const std::string &what)
{
    check(airloop_set_time(device, what.c_str(), time_ns));
}

std::vector<std::string> Device::listSensors() const { return list("sensors"); }

SoapySDR::ArgInfo Device::getSensorInfo(const std::string &key) const
{
    SoapySDR::ArgInfo info;
    info.key = info.name = key;
    info.type = key == "ref_locked" ? SoapySDR::ArgInfo::BOOL : SoapySDR::ArgInfo::INT;
    info.value = readSensor(key);
    return info;
}

std::string Device::readSensor(const std::string &key) const { return words("sensor", 0, 0, key); }

}
