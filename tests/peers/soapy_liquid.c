/* liquid's OFDM frames over SoapySDR, or through liquid's own channel.
 *
 *   soapy_liquid send ARGUMENTS FRAMES
 *   soapy_liquid hear ARGUMENTS FRAMES
 *   soapy_liquid channel NOISE_DB FRAMES
 *
 * Who hears, or has a channel, says at the end: RESULT frames that came whole, frames that came otherwise, mean EVM in decibels.
 */
#include <SoapySDR/Device.h>
#include <SoapySDR/Errors.h>
#include <SoapySDR/Formats.h>
#include <complex.h>
#include <liquid/liquid.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUBCARRIERS = 64, PREFIX = 16, TAPER = 4, PAYLOAD = 100, GAP = 500, BLOCK = 4096 };

static const long WAIT_US = 20000000;

struct Counts {
    unsigned good, bad;
    double evm_db;
    char *seen;
    unsigned frames;
};

static void payload_of(unsigned frame, unsigned char *out)
{
    uint32_t x = 2463534242u ^ (frame * 2654435761u);
    for (int i = 0; i < PAYLOAD; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        out[i] = (unsigned char)(x >> 24);
    }
}

static int came(
    unsigned char *header, int header_valid, unsigned char *payload, unsigned length, int payload_valid,
    framesyncstats_s stats, void *context)
{
    struct Counts *counts = context;
    unsigned char expected[PAYLOAD];
    unsigned frame = header[0] | header[1] << 8 | header[2] << 16;
    if (!header_valid || !payload_valid || length != PAYLOAD || frame >= counts->frames || counts->seen[frame]) {
        counts->bad++;
        return 0;
    }
    payload_of(frame, expected);
    if (memcmp(expected, payload, PAYLOAD) != 0) {
        counts->bad++;
        return 0;
    }
    counts->seen[frame] = 1;
    counts->good++;
    counts->evm_db += stats.evm;
    return 0;
}

static ofdmflexframegen generator(void)
{
    ofdmflexframegenprops_s props;
    ofdmflexframegenprops_init_default(&props);
    props.check = LIQUID_CRC_32;
    props.fec0 = LIQUID_FEC_NONE;
    props.fec1 = LIQUID_FEC_NONE;
    props.mod_scheme = LIQUID_MODEM_QPSK;
    return ofdmflexframegen_create(SUBCARRIERS, PREFIX, TAPER, NULL, &props);
}

/* Samples of a frame and the silence after it; returns how many. */
static unsigned frame_of(ofdmflexframegen gen, unsigned frame, float complex *out)
{
    unsigned char header[8] = {frame & 255, frame >> 8 & 255, frame >> 16 & 255}, payload[PAYLOAD];
    payload_of(frame, payload);
    ofdmflexframegen_assemble(gen, header, payload, PAYLOAD);
    unsigned length = 0;
    int last = 0;
    while (!last) {
        last = ofdmflexframegen_write(gen, out + length, SUBCARRIERS + PREFIX);
        length += SUBCARRIERS + PREFIX;
    }
    memset(out + length, 0, GAP * sizeof *out);
    ofdmflexframegen_reset(gen);
    return length + GAP;
}

static SoapySDRDevice *open_device(const char *arguments)
{
    SoapySDRDevice *device = SoapySDRDevice_makeStrArgs(arguments);
    if (!device) {
        fprintf(stderr, "%s\n", SoapySDRDevice_lastError());
        exit(2);
    }
    return device;
}

static void check(int code, const char *what)
{
    if (code < 0) {
        fprintf(stderr, "%s: %s\n", what, SoapySDR_errToStr(code));
        exit(2);
    }
}

static void write_all(SoapySDRDevice *device, SoapySDRStream *stream, const float complex *samples, unsigned count)
{
    for (unsigned sent = 0; sent < count;) {
        const void *buffers[] = {samples + sent};
        int flags = 0;
        int done = SoapySDRDevice_writeStream(device, stream, buffers, count - sent, &flags, 0, WAIT_US);
        check(done, "a write");
        sent += (unsigned)done;
    }
}

static unsigned long samples_of_all(unsigned frames)
{
    static float complex out[1 << 16];
    ofdmflexframegen gen = generator();
    unsigned long count = (unsigned long)frames * frame_of(gen, 0, out) + 4 * BLOCK;
    ofdmflexframegen_destroy(gen);
    return count;
}

static void send_frames(const char *arguments, unsigned frames)
{
    static float complex out[1 << 16];
    SoapySDRDevice *device = open_device(arguments);
    SoapySDRStream *stream = SoapySDRDevice_setupStream(device, SOAPY_SDR_TX, SOAPY_SDR_CF32, NULL, 0, NULL);
    check(SoapySDRDevice_activateStream(device, stream, 0, 0, 0), "the start");
    ofdmflexframegen gen = generator();
    for (unsigned frame = 0; frame < frames; frame++)
        write_all(device, stream, out, frame_of(gen, frame, out));
    memset(out, 0, sizeof out);
    write_all(device, stream, out, 4 * BLOCK);
    SoapySDRDevice_deactivateStream(device, stream, 0, 0);
    SoapySDRDevice_closeStream(device, stream);
    SoapySDRDevice_unmake(device);
}

static void say(const struct Counts *counts)
{
    printf("RESULT [%u, %u, %.3f]\n", counts->good, counts->bad, counts->good ? counts->evm_db / counts->good : 0.0);
}

static void hear_frames(const char *arguments, unsigned frames)
{
    static float complex out[BLOCK];
    struct Counts counts = {.seen = calloc(frames, 1), .frames = frames};
    ofdmflexframesync sync = ofdmflexframesync_create(SUBCARRIERS, PREFIX, TAPER, NULL, came, &counts);
    SoapySDRDevice *device = open_device(arguments);
    SoapySDRStream *stream = SoapySDRDevice_setupStream(device, SOAPY_SDR_RX, SOAPY_SDR_CF32, NULL, 0, NULL);
    check(SoapySDRDevice_activateStream(device, stream, 0, 0, 0), "the start");
    unsigned long left = samples_of_all(frames);
    while (left > 0) {
        void *buffers[] = {out};
        int flags = 0;
        long long time_ns = 0;
        size_t most = left < BLOCK ? left : BLOCK;
        int got = SoapySDRDevice_readStream(device, stream, buffers, most, &flags, &time_ns, WAIT_US);
        check(got, "a read");
        ofdmflexframesync_execute(sync, out, (unsigned)got);
        left -= (unsigned long)got;
    }
    say(&counts);
    SoapySDRDevice_closeStream(device, stream);
    SoapySDRDevice_unmake(device);
}

static void through_channel(float noise_db, unsigned frames)
{
    static float complex out[1 << 16];
    struct Counts counts = {.seen = calloc(frames, 1), .frames = frames};
    ofdmflexframesync sync = ofdmflexframesync_create(SUBCARRIERS, PREFIX, TAPER, NULL, came, &counts);
    ofdmflexframegen gen = generator();
    channel_cccf channel = channel_cccf_create();
    /* A ratio that is the negative noise floor leaves the signal as it is. */
    channel_cccf_add_awgn(channel, noise_db, -noise_db);
    for (unsigned frame = 0; frame <= frames; frame++) {
        unsigned count = 4 * BLOCK;
        if (frame < frames) count = frame_of(gen, frame, out);
        else memset(out, 0, sizeof out);
        channel_cccf_execute_block(channel, out, count, out);
        ofdmflexframesync_execute(sync, out, count);
    }
    say(&counts);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "soapy_liquid send|hear ARGUMENTS FRAMES, or soapy_liquid channel NOISE_DB FRAMES\n");
        return 2;
    }
    unsigned frames = (unsigned)strtoul(argv[3], NULL, 10);
    if (strcmp(argv[1], "send") == 0) send_frames(argv[2], frames);
    else if (strcmp(argv[1], "hear") == 0) hear_frames(argv[2], frames);
    else through_channel(strtof(argv[2], NULL), frames);
    return 0;
}
