"""Times numpy at the works of our own bench, in seconds of processor time; lines of JSON, one a work.

    numpy_bench.py SAMPLE_RATE_HZ MAX_DOPPLER_HZ < "delay_s power_db" lines
"""

import json
import sys
import time

import numpy as np

SAMPLES = 30720
SINUSOIDS = 16


def rate(samples, work):
    """The best rate of calls over about two seconds, in samples a second."""
    work()
    best, begin = float("inf"), time.process_time()
    while time.process_time() - begin < 2:
        now = time.process_time()
        work()
        best = min(best, time.process_time() - now)
    return samples / best


def show(work, how, samples_a_second):
    line = {"work": work, "peer": "numpy", "how": how, "rate": samples_a_second}
    print(json.dumps(line), flush=True)


def gains(rng, count, step_s, max_doppler_hz):
    """One path: sinusoids of Gaussian amplitudes, whole vectors at once."""
    times_s = np.arange(count) * step_s
    angles = 2 * np.pi * (np.arange(SINUSOIDS) + rng.random()) / SINUSOIDS
    sum_ = np.zeros(count, dtype=complex)
    for angle in angles:
        amplitude = complex(*rng.standard_normal(2)) / np.sqrt(2 * SINUSOIDS)
        sum_ += amplitude * np.exp(2j * np.pi * max_doppler_hz * np.cos(angle) * times_s)
    return sum_


def main():
    sample_rate_hz, max_doppler_hz = float(sys.argv[1]), float(sys.argv[2])
    rng = np.random.default_rng(1)
    paths = [tuple(map(float, line.split())) for line in sys.stdin]
    signal = rng.standard_normal(SAMPLES) + 1j * rng.standard_normal(SAMPLES)
    tail = max(round(delay_s * sample_rate_hz) for delay_s, _ in paths)

    def tapped():
        heard = np.zeros(SAMPLES + tail, dtype=complex)
        for delay_s, power_db in paths:
            at = round(delay_s * sample_rate_hz)
            tap = gains(rng, SAMPLES, 1 / sample_rate_hz, max_doppler_hz)
            heard[at : at + SAMPLES] += 10 ** (power_db / 20) * tap * signal

    show("rounded", f"{SINUSOIDS} sinusoids, whole vectors", rate(SAMPLES, tapped))
    flat = rate(SAMPLES, lambda: gains(rng, SAMPLES, 1 / sample_rate_hz, max_doppler_hz) * signal)
    show("flat", f"{SINUSOIDS} sinusoids, whole vectors", flat)
    noise = rate(SAMPLES, lambda: rng.standard_normal(2 * SAMPLES, dtype=np.float32).view(np.complex64))
    show("noise", "standard_normal, 32 bits", noise)

    grid = (rng.standard_normal((14, 1024)) + 1j * rng.standard_normal((14, 1024))).astype(np.complex64)

    def modem():
        symbols = np.fft.ifft(grid, norm="ortho")
        prefixed = np.concatenate([symbols[:, -72:], symbols], axis=1)
        return np.fft.fft(prefixed[:, 72:], norm="ortho")

    show("ofdm", "numpy.fft, 32 bits", rate(14 * 1096, modem))


if __name__ == "__main__":
    main()
