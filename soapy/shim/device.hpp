// A radio of the ether as a SoapySDR device: forwards every call to Rust, and throws what went wrong there.
#pragma once
#include <SoapySDR/Device.hpp>
#include <SoapySDR/Types.hpp>
#include <string>
#include <vector>

struct AirloopDevice;

namespace airloop {

std::string to_lines(const SoapySDR::Kwargs &);
SoapySDR::Kwargs to_kwargs(const std::string &lines);

class Device : public SoapySDR::Device {
public:
    explicit Device(const SoapySDR::Kwargs &arguments);
    ~Device() override;

    std::string getDriverKey() const override;
    std::string getHardwareKey() const override;
    SoapySDR::Kwargs getHardwareInfo() const override;
    size_t getNumChannels(int direction) const override;
    SoapySDR::Kwargs getChannelInfo(int direction, size_t channel) const override;
    bool getFullDuplex(int direction, size_t channel) const override;

    std::vector<std::string> getStreamFormats(int direction, size_t channel) const override;
    std::string getNativeStreamFormat(int direction, size_t channel, double &full_scale) const override;
    SoapySDR::ArgInfoList getStreamArgsInfo(int direction, size_t channel) const override;
    SoapySDR::Stream *setupStream(
        int direction, const std::string &format, const std::vector<size_t> &channels, const SoapySDR::Kwargs &) override;
    void closeStream(SoapySDR::Stream *) override;
    size_t getStreamMTU(SoapySDR::Stream *) const override;
    int activateStream(SoapySDR::Stream *, int flags, long long time_ns, size_t count) override;
    int deactivateStream(SoapySDR::Stream *, int flags, long long time_ns) override;
    int readStream(
        SoapySDR::Stream *, void *const *buffers, size_t count, int &flags, long long &time_ns, long timeout_us) override;
    int writeStream(
        SoapySDR::Stream *, const void *const *buffers, size_t count, int &flags, long long time_ns, long timeout_us) override;
    int readStreamStatus(
        SoapySDR::Stream *, size_t &channels, int &flags, long long &time_ns, long timeout_us) override;

    std::vector<std::string> listAntennas(int direction, size_t channel) const override;
    void setAntenna(int direction, size_t channel, const std::string &name) override;
    std::string getAntenna(int direction, size_t channel) const override;

    std::vector<std::string> listGains(int direction, size_t channel) const override;
    void setGain(int direction, size_t channel, double value) override;
    void setGain(int direction, size_t channel, const std::string &name, double value) override;
    double getGain(int direction, size_t channel) const override;
    double getGain(int direction, size_t channel, const std::string &name) const override;
    SoapySDR::Range getGainRange(int direction, size_t channel) const override;
    SoapySDR::Range getGainRange(int direction, size_t channel, const std::string &name) const override;

    void setFrequency(int direction, size_t channel, double value, const SoapySDR::Kwargs &) override;
    void setFrequency(
        int direction, size_t channel, const std::string &name, double value, const SoapySDR::Kwargs &) override;
    double getFrequency(int direction, size_t channel) const override;
    double getFrequency(int direction, size_t channel, const std::string &name) const override;
    std::vector<std::string> listFrequencies(int direction, size_t channel) const override;
    SoapySDR::RangeList getFrequencyRange(int direction, size_t channel) const override;
    SoapySDR::RangeList getFrequencyRange(int direction, size_t channel, const std::string &name) const override;

    void setSampleRate(int direction, size_t channel, double rate) override;
    double getSampleRate(int direction, size_t channel) const override;
    std::vector<double> listSampleRates(int direction, size_t channel) const override;
    SoapySDR::RangeList getSampleRateRange(int direction, size_t channel) const override;
    void setBandwidth(int direction, size_t channel, double bandwidth) override;
    double getBandwidth(int direction, size_t channel) const override;
    std::vector<double> listBandwidths(int direction, size_t channel) const override;
    SoapySDR::RangeList getBandwidthRange(int direction, size_t channel) const override;

    double getMasterClockRate() const override;
    std::vector<std::string> listClockSources() const override;
    void setClockSource(const std::string &source) override;
    std::string getClockSource() const override;
    std::vector<std::string> listTimeSources() const override;
    void setTimeSource(const std::string &source) override;
    std::string getTimeSource() const override;
    bool hasHardwareTime(const std::string &what) const override;
    long long getHardwareTime(const std::string &what) const override;
    void setHardwareTime(long long time_ns, const std::string &what) override;

    std::vector<std::string> listSensors() const override;
    SoapySDR::ArgInfo getSensorInfo(const std::string &key) const override;
    std::string readSensor(const std::string &key) const override;

private:
    std::string words(const char *what, int direction = 0, size_t channel = 0, const std::string &name = "") const;
    std::vector<std::string> list(const char *what, int direction = 0, size_t channel = 0) const;
    void set_word(const char *what, const std::string &word, int direction = 0, size_t channel = 0);
    double number(const char *what, int direction, size_t channel, const std::string &element = "") const;
    void set_number(const char *what, int direction, size_t channel, double value, const std::string &element = "");
    SoapySDR::RangeList ranges(const char *what, int direction, size_t channel, const std::string &element = "") const;

    AirloopDevice *device;
};

}
