"""A channel sounder of GNU Radio's blocks measures the taps of an ether: absolute delays and gains.

Two processes: glfsr_source_b -> chunks_to_symbols -> root-raised-cosine interpolator -> soapy.sink, and soapy.source -> samples. The
response is the received spectrum of a period over that of the same blocks without a channel, averaged over periods; paths are fitted
one after the other and together. The control is an ether whose second path lies 0.3 samples later.
"""

import sys

from soapy_ether import Ether, conclude, result, result_of, role_of

RATE_HZ = 1e6
DEGREE = 10
INTERPOLATION = 2
PERIOD = (2**DEGREE - 1) * INTERPOLATION
PERIODS = 200
SNR_DB = 15.0
# Half of the band that both the chips and the ether's filters leave as it is.
BAND = 0.3
MOST_DELAY = 0.1
MOST_GAIN_DB = 0.2
TAPS = [(0.0, 0.0), (3.4e-6, -3.0), (9.75e-6, -6.0), (21.2e-6, -9.0)]
CONTROL = [(0.0, 0.0), (3.7e-6, -3.0), (9.75e-6, -6.0), (21.2e-6, -9.0)]
SEED = 3


def transmitter():
    from gnuradio import digital, filter
    from gnuradio.filter import firdes

    pulse = firdes.root_raised_cosine(INTERPOLATION, INTERPOLATION, 1.0, 0.35, 11 * INTERPOLATION)
    return (
        digital.glfsr_source_b(DEGREE, True, 0, 1),
        digital.chunks_to_symbols_bc([-0.5, 0.5], 1),
        filter.interp_fir_filter_ccf(INTERPOLATION, pulse),
    )


def send(device):
    from gnuradio import blocks, gr, soapy

    graph = gr.top_block()
    sink = soapy.sink(device, "fc32", 1, "", "", [""], [""])
    graph.connect(*transmitter(), blocks.head(gr.sizeof_gr_complex, PERIOD * (PERIODS + 3)), sink)
    graph.run()


def samples_of(*first):
    import numpy as np
    from gnuradio import blocks, gr

    graph = gr.top_block()
    heard = blocks.vector_sink_c()
    graph.connect(*first, blocks.head(gr.sizeof_gr_complex, PERIOD * (PERIODS + 2)), heard)
    graph.run()
    return np.array(heard.data())


def spectrum(samples):
    """Spectrum of a period, averaged over those after the first."""
    import numpy as np

    return np.fft.fft(samples[PERIOD : PERIOD * (PERIODS + 1)].reshape(PERIODS, PERIOD).mean(axis=0))


def hear(device, paths):
    import numpy as np
    from gnuradio import soapy

    source = soapy.source(device, "fc32", 1, "", "", [""], [""])
    sent = spectrum(samples_of(*transmitter()))
    frequency = np.fft.fftfreq(PERIOD)
    used = np.abs(frequency) < BAND
    response = spectrum(samples_of(source))[used] / sent[used]
    found = fit(frequency[used], np.abs(sent[used]) ** 2, response, int(paths))
    result([[delay, gain.real, gain.imag] for delay, gain in found])


def fit(frequency, weight, response, paths):
    """Delays in samples and gains of paths whose sum is nearest to a response."""
    import numpy as np

    def turns(delays):
        return np.exp(-2j * np.pi * np.outer(frequency, delays))

    def gains(delays):
        root = np.sqrt(weight)
        return np.linalg.lstsq(turns(delays) * root[:, None], response * root, rcond=None)[0]

    def strongest(rest, around, step):
        grid = around + step * np.arange(-50, 51)
        return grid[np.argmax(np.abs((rest * weight) @ turns(grid).conj()))]

    delays = np.zeros(0)
    for _ in range(paths):
        rest = response - turns(delays) @ gains(delays) if len(delays) else response
        coarse = strongest(rest, 20.0, 0.5)
        delays = np.append(delays, strongest(rest, coarse, 0.02))
        for step in [0.02, 0.005, 0.001]:
            for path in list(range(len(delays))) * 10:
                others = np.delete(delays, path)
                everything = gains(delays)
                rest = response - turns(others) @ np.delete(everything, path)
                delays[path] = strongest(rest, delays[path], step)
    order = np.argsort(delays)
    return list(zip(delays[order], gains(delays)[order]))


def sound(taps):
    """What is configured and what is measured: delays in samples and gains."""
    words = ",".join(f"{delay_s}:{power_db}" for delay_s, power_db in taps)
    # The sounder's signal has power 0.25.
    noise_power = 0.25 * 10 ** (-SNR_DB / 10)
    with Ether(rate=RATE_HZ, noise_power=noise_power, radios=2, seed=SEED, taps=words) as ether:
        ear = ether.start("hear", ether.device("ear", "tx=0"), len(taps))
        mouth = ether.start("send", ether.device("mouth", "rx=0"))
        found = [(delay, complex(re, im)) for delay, re, im in result_of(ear)]
        result_of(mouth)
        return sorted((delay_s * RATE_HZ, gain) for _, _, delay_s, gain in ether.taps), found


def errors(configured, found):
    import cmath
    import math

    delays = [abs(a - b) for (a, _), (b, _) in zip(configured, found)]
    ratios = [b / a for (_, a), (_, b) in zip(configured, found)]
    gains_db = [abs(20 * math.log10(abs(ratio))) for ratio in ratios]
    return max(delays), max(gains_db), max(abs(math.degrees(cmath.phase(ratio))) for ratio in ratios)


def main():
    configured, found = sound(TAPS)
    delay, gain_db, phase_deg = errors(configured, found)
    moved, _, _ = errors(configured, sound(CONTROL)[1])
    broken = []
    if delay > MOST_DELAY:
        broken.append(f"a delay is off by {delay:.3f} samples")
    if gain_db > MOST_GAIN_DB:
        broken.append(f"a gain is off by {gain_db:.3f} dB")
    if moved <= MOST_DELAY:
        broken.append("a path 0.3 samples later is not seen")
    conclude(
        "GNU Radio",
        f"a sounder of its blocks measures an ether's {len(TAPS)} taps at {SNR_DB} dB",
        f"delays within {delay:.4f} samples, gains within {gain_db:.4f} dB, phases within {phase_deg:.2f} degrees",
        len(TAPS),
        max(delay / MOST_DELAY, gain_db / MOST_GAIN_DB),
        f"{int(moved > MOST_DELAY)} of 1",
        broken,
    )


if __name__ == "__main__":
    role_of({"send": send, "hear": hear})
    sys.exit(main())
