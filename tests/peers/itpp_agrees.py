"""IT++'s flat fading against ours: power, covariance over time, level crossings, fades, fourth moments.

    itpp_agrees.py ITPP_DRAW

Its generator by inverse transform is Gaussian as ours is, so all must agree. Its default sums N and N + 1 sinusoids in the two
quadratures, whose fourth moment falls short of Rayleigh's 2:

    E|h|^4/(E|h|^2)^2 = 2 - (3/8) (1/N + 1/(N + 1)),   for E x^4 = (3/4) (1 - 1/(2 N)) of N cosines of power 1/2 in all
"""

import subprocess
import sys

import airloop_links
import numpy as np
from impulse_responses import ImpulseResponses
from two_samples import Comparison, Mean

EXPERIMENT = "flat.toml"
PEER = "IT++"
LINKS = 8000
DOPPLER_HZ = 100.0
SAMPLES_A_PERIOD = 60
TIMES = 20 * SAMPLES_A_PERIOD
STEP_S = 1 / (SAMPLES_A_PERIOD * DOPPLER_HZ)
STEPS = (6, 15, 30, 60, 90)
LEVEL = 0.1
SINUSOIDS = 8


def ours(doppler_hz):
    times = ("--count", str(TIMES), "--step-s", repr(STEP_S))
    return airloop_links.draw(EXPERIMENT, times, payload__devices=LINKS, channel__doppler_hz=doppler_hz)


def draw(program, generator):
    """Draws IT++'s links."""
    command = [program, generator, str(LINKS), str(TIMES), repr(DOPPLER_HZ * STEP_S), str(SINUSOIDS)]
    values = np.frombuffer(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout, np.complex64)
    gains = values.reshape(LINKS, 1, 1, 1, TIMES)
    return ImpulseResponses(gains, np.zeros((LINKS, 1)), STEP_S)


def fades(links):
    """Crossings a Doppler period, mean length of a fade in Doppler periods, share of time below."""
    crossings, below = links.fades(LEVEL)
    periods = (TIMES - 1) * STEP_S * DOPPLER_HZ
    length = Mean.ratio(below * STEP_S * DOPPLER_HZ, crossings)
    return {
        "level crossings at -10 dB over f_D": Mean(crossings / periods),
        "fades at -10 dB, mean length times f_D": length,
        "share of time below -10 dB": Mean(below / (TIMES - 1)),
    }


def main():
    mine, wrong = ours(DOPPLER_HZ), ours(1.05 * DOPPLER_HZ)
    gaussian, sinusoids = draw(sys.argv[1], "ifft"), draw(sys.argv[1], "sinusoids")

    table = Comparison(PEER, f"flat Rayleigh, its Gaussian generator, {LINKS} links of {TIMES} samples each")
    powers = [links.fourth_moments()[0][:, 0] for links in (mine, gaussian)]
    table.same("mean power", *map(Mean, powers))
    for steps in STEPS:
        mean = [Mean(links.time_covariance(steps)) for links in (mine, gaussian, wrong)]
        name = f"times {steps / SAMPLES_A_PERIOD:g}/f_D apart"
        table.same(name, mean[0], mean[1])
        if steps == STEPS[2]:
            table.differ(f"{name}, our f_D 5 % off", mean[2], mean[1])
    found = [fades(links) for links in (mine, gaussian, wrong)]
    for name in found[0]:
        table.same(name, found[0][name], found[1][name])
    for name in list(found[0])[:2]:
        table.differ(f"{name}, our f_D 5 % off", found[2][name], found[1][name])
    fourth = [Mean.fourth_moment_ratio(*links.fourth_moments()) for links in (mine, gaussian, sinusoids)]
    table.same("E|h|^4/(E|h|^2)^2", fourth[0], fourth[1])
    table.finish()

    table = Comparison(PEER, f"flat Rayleigh, its default of {SINUSOIDS} sinusoids, {LINKS} links of {TIMES} samples each")
    table.same("mean power", Mean(powers[0]), Mean(sinusoids.fourth_moments()[0][:, 0]))
    for steps in STEPS:
        name = f"times {steps / SAMPLES_A_PERIOD:g}/f_D apart"
        table.same(name, Mean(mine.time_covariance(steps)), Mean(sinusoids.time_covariance(steps)))
    formula = 2 - 3 / 8 * (1 / SINUSOIDS + 1 / (SINUSOIDS + 1))
    table.same("E|h|^4/(E|h|^2)^2: ours is 2", fourth[0], Mean.exact(2.0))
    table.same("E|h|^4/(E|h|^2)^2: its sums fall short by formula", Mean.exact(formula), fourth[2])
    table.differ("E|h|^4/(E|h|^2)^2: not alike", fourth[0], fourth[2])
    table.finish()


if __name__ == "__main__":
    main()
