"""Sionna's links, in the same form as ours.

CDL is drawn in the uplink, between vertical elements that radiate alike in all directions, half a wavelength apart at the base
station. The line of sight of TDL turns at 0.7 of the maximum Doppler shift (notes of tables 7.7.2-4 and 7.7.2-5 of TR 38.901),
which Sionna takes as an angle of arrival.
"""

import math
import os

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_ENABLE_ONEDNN_OPTS="0")

import numpy as np
import sionna.phy
from impulse_responses import ImpulseResponses
from sionna.phy.channel.tr38901 import CDL, TDL, PanelArray

CARRIER_HZ = 3.5e9
SINUSOIDS = 20
BATCH = 1000


def panel(columns):
    return PanelArray(
        num_rows_per_panel=1,
        num_cols_per_panel=columns,
        polarization="single",
        polarization_type="V",
        antenna_pattern="omni",
        carrier_frequency=CARRIER_HZ,
    )


def draw(name, like, delay_spread_s, speed_m_s=0.0):
    """Draws as many links, antennas and times as `like` has."""
    sionna.phy.config.seed = 1
    links, antennas, _, _, times = like.gains.shape
    letter = name[-1].upper()
    if name.startswith("tdl-"):
        order = np.arange(antennas)
        angle = math.acos(0.7)
        channel = TDL(letter, delay_spread_s, CARRIER_HZ, SINUSOIDS, angle, speed_m_s, num_rx_ant=antennas)
    else:
        base = panel(antennas)
        order = np.argsort(base.ant_pos.numpy()[:, 1])
        channel = CDL(letter, delay_spread_s, CARRIER_HZ, panel(1), base, "uplink", min_speed=speed_m_s)
    gains, delays = [], []
    for begin in range(0, links, BATCH):
        a, tau = channel(min(BATCH, links - begin), times, 1 / like.step_s if like.step_s else 1.0)
        gains.append(a.numpy()[:, 0, :, 0][:, order])
        delays.append(tau.numpy()[:, 0, 0])
    return ImpulseResponses(np.concatenate(gains), np.concatenate(delays), like.step_s)
