"""Sionna's TDL and CDL against ours: power, frequency covariance, covariance of antennas, time covariance, fourth moments."""

import airloop_links
import sionna_links
from impulse_responses import SPACING_HZ
from two_samples import Comparison, Mean

EXPERIMENT = "links.toml"
PEER = "Sionna"
DELAY_SPREAD_S = 3e-7
STEPS = (1, 2, 4, 8, 20)
SPEED_M_S = 30.0
TIME_STEPS = (1, 2, 3, 5, 8)
TIMES = ("--count", "9", "--step-s", "4e-4")
MODELS = [f"{family}-{letter}" for family in ("tdl", "cdl") for letter in "abcde"]


def ours(model, options=(), **keys):
    keys = {"channel__delay_spread_s": DELAY_SPREAD_S, **keys}
    return airloop_links.draw(EXPERIMENT, options, channel__model=model, **keys)


def in_frequency(model):
    """Mean power and covariance over frequency; a delay spread 10 % too large must be seen."""
    mine = ours(model)
    peer = sionna_links.draw(model, mine, DELAY_SPREAD_S)
    wrong = ours(model, channel__delay_spread_s=1.1 * DELAY_SPREAD_S)
    table = Comparison(PEER, f"{model}: power and covariance over frequency, {mine.links} links each")
    table.same("mean power", Mean(mine.power()), Mean(peer.power()))
    responses = [links.responses() for links in (mine, peer, wrong)]
    for steps in STEPS:
        means = [Mean(links.frequency_covariance(steps, h)) for links, h in zip((mine, peer, wrong), responses)]
        name = f"frequencies {steps * SPACING_HZ / 1e6:g} MHz apart"
        table.same(name, means[0], means[1])
        if steps == STEPS[2]:
            table.differ(f"{name}, our spread 10 % off", means[2], means[1])
    fourth = [Mean.fourth_moment_ratio(*links.fourth_moments()) for links in (mine, peer)]
    if model in ("cdl-a", "cdl-b", "cdl-c"):
        table.same("E|a|^4/(E|a|^2)^2 of 20 rays a cluster", *fourth)
    elif model in ("tdl-a", "tdl-b", "tdl-c"):
        few = f"{sionna_links.SINUSOIDS} sinusoids"
        table.same("E|a|^4/(E|a|^2)^2: ours is 2", fourth[0], Mean.exact(2.0))
        table.same(f"E|a|^4/(E|a|^2)^2: {few} give 2 - 1/n", Mean.exact(2 - 1 / sionna_links.SINUSOIDS), fourth[1])
        table.differ("E|a|^4/(E|a|^2)^2: not alike", *fourth)
    table.finish()


def over_antennas(model):
    """Covariance of four antennas half a wavelength apart; a spacing 5 % too large must be seen."""
    keys = {"link__receive_antennas": 4}
    mine = ours(model, **keys)
    peer = sionna_links.draw(model, mine, DELAY_SPREAD_S)
    wrong = ours(model, **keys, channel__receive_array__spacing_wavelengths=0.525)
    table = Comparison(PEER, f"{model}: covariance of antennas, {mine.links} links each")
    for second in (1, 2, 3):
        mean = [Mean(links.antenna_covariance(0, second)) for links in (mine, peer, wrong)]
        name = f"antennas {second / 2:g} wavelengths apart"
        table.same(name, mean[0], mean[1])
        if second == 2:
            table.differ(f"{name}, our spacing 5 % off", mean[2], mean[1])
    table.finish()


def in_time(model):
    """Covariance over time; a speed 5 % too large must be seen."""
    mine = ours(model, TIMES, channel__speed_m_s=SPEED_M_S)
    peer = sionna_links.draw(model, mine, DELAY_SPREAD_S, SPEED_M_S)
    wrong = ours(model, TIMES, channel__speed_m_s=1.05 * SPEED_M_S)
    table = Comparison(PEER, f"{model}: covariance over time, 350 Hz, {mine.links} links each")
    for steps in TIME_STEPS:
        mean = [Mean(links.time_covariance(steps)) for links in (mine, peer, wrong)]
        name = f"times {steps * mine.step_s * 1e3:g} ms apart"
        table.same(name, mean[0], mean[1])
        if steps == TIME_STEPS[2]:
            table.differ(f"{name}, our speed 5 % off", mean[2], mean[1])
    table.finish()


def main():
    for model in MODELS:
        in_frequency(model)
    for model in ("cdl-a", "cdl-b", "cdl-c", "cdl-d", "cdl-e"):
        over_antennas(model)
    for model in ("tdl-a", "tdl-d"):
        in_time(model)


if __name__ == "__main__":
    main()
