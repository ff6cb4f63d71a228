// What the driver's Rust side gives to C++: see src/ffi. Words end in zero; those that come back hold until the thread's next call.
#pragma once
#include <cstddef>

extern "C" {
struct AirloopDevice;
struct AirloopStream;

struct AirloopRanges {
    double least_and_most[32][2];
};

struct AirloopCall {
    size_t count;
    int flags;
    long long time_ns;
    long long timeout_us;
    size_t channels;
};

const char *airloop_error();
const char *airloop_find(const char *arguments);
AirloopDevice *airloop_open(const char *arguments);
void airloop_close(AirloopDevice *);
long long airloop_channels(const AirloopDevice *, int direction);
const char *airloop_words(const AirloopDevice *, const char *what, int direction, size_t channel, const char *name);
int airloop_set_word(const AirloopDevice *, const char *what, int direction, size_t channel, const char *word);
int airloop_number(
    const AirloopDevice *, const char *what, int direction, size_t channel, const char *element, double *out);
int airloop_set_number(
    const AirloopDevice *, const char *what, int direction, size_t channel, const char *element, double value);
int airloop_ranges(
    const AirloopDevice *, const char *what, int direction, size_t channel, const char *element, AirloopRanges *out);
int airloop_has_time(const AirloopDevice *, const char *what);
int airloop_time(const AirloopDevice *, const char *what, long long *out);
int airloop_set_time(const AirloopDevice *, const char *what, long long time_ns);
AirloopStream *airloop_setup(
    const AirloopDevice *, int direction, const char *format, const size_t *channels, size_t count, const char *arguments);
void airloop_close_stream(AirloopStream *);
size_t airloop_mtu(const AirloopStream *);
int airloop_activate(const AirloopStream *, int flags, long long time_ns, size_t count);
int airloop_deactivate(const AirloopStream *, int flags);
int airloop_read(const AirloopStream *, void *const *buffers, AirloopCall *);
int airloop_write(const AirloopStream *, const void *const *buffers, AirloopCall *);
int airloop_status(const AirloopStream *, AirloopCall *);
}
