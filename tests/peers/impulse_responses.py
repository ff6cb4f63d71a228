"""Impulse responses as `airloop channel FILE --out cir.npz` writes them, and what a link tells about its channel.

a [device, receive antenna, device antenna, path, time], tau [device, path] in seconds, step_s between times.
Devices are independent links, which makes every function here one draw a device.
"""

import numpy as np

# Frequencies over which a link's product of responses is averaged.
SPACING_HZ = 250e3
FREQUENCIES = 256


class ImpulseResponses:
    def __init__(self, gains, delays_s, step_s):
        self.gains, self.delays_s, self.step_s = gains, delays_s, step_s

    @classmethod
    def load(cls, path):
        with np.load(path) as file:
            return cls(file["a"], file["tau"], float(np.ravel(file["step_s"])[0]))

    def save(self, path):
        np.savez(path, a=self.gains.astype(np.complex64), tau=self.delays_s, step_s=self.step_s)

    @property
    def links(self):
        return len(self.gains)

    def responses(self, antenna=0, time=0):
        """H(f) = sum_l a_l exp(-2 pi j f tau_l) as [link, frequency], from f = 0 upwards."""
        if not np.allclose(self.delays_s, self.delays_s[0], rtol=0, atol=1e-12):
            raise ValueError("all devices of a comparison share their delays")
        frequencies_hz = SPACING_HZ * np.arange(FREQUENCIES)
        steering = np.exp(-2j * np.pi * np.outer(self.delays_s[0].astype(float), frequencies_hz))
        return self.gains[:, antenna, 0, :, time] @ steering.astype(np.complex64)

    def power(self):
        """Total power over the paths, at the first time and antenna."""
        return np.sum(np.abs(self.gains[:, 0, 0, :, 0].astype(np.complex128)) ** 2, axis=1)

    def frequency_covariance(self, steps, responses=None):
        """Mean of H(f) conj H(f + steps * SPACING_HZ) over frequency, a link."""
        h = self.responses() if responses is None else responses
        return np.mean(h[:, : FREQUENCIES - steps] * h[:, steps:].conj(), axis=1, dtype=np.complex128)

    def antenna_covariance(self, first, second):
        """Mean of H_first(f) conj H_second(f) over frequency, a link."""
        return np.mean(self.responses(first) * self.responses(second).conj(), axis=1, dtype=np.complex128)

    def time_covariance(self, steps):
        """Mean over times of sum_l a_l(t + steps) conj a_l(t), a link."""
        a = self.gains[:, 0, 0].astype(np.complex128)
        products = a[..., steps:] * a[..., : a.shape[-1] - steps].conj()
        return products.sum(axis=1).mean(axis=1)

    def fourth_moments(self):
        """Mean powers and squared powers of each path over time, as [link, path]."""
        powers = np.abs(self.gains[:, 0, 0].astype(np.complex128)) ** 2
        return powers.mean(axis=-1), (powers**2).mean(axis=-1)

    def fades(self, level):
        """Upward crossings of power `level` by the first path, and times spent below it, a link."""
        below = np.abs(self.gains[:, 0, 0, 0].astype(np.complex128)) ** 2 < level
        return np.sum(below[:, :-1] & ~below[:, 1:], axis=1), np.sum(below[:, 1:], axis=1)
