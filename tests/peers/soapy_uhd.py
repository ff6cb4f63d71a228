"""UHD's programs on an ether's radios, by UHD's module for SoapySDR devices.

rx_samples_to_file, as Debian ships it, records noise: its power is that of the ether's, to a test of size ALPHA. Then UHD's own
interface sends a burst at a device time and hears where it arrives; times go on with the samples. The control of the power is an ether with 0.2 dB more noise.
"""

import math
import os
import subprocess
import sys

from soapy_ether import Ether, conclude, critical_z, result, result_of, role_of

ALPHA = 1e-6
RATE_HZ = 1e6
COUNT = 400_000
NOISE_POWER = 0.02
CONTROL_DB = 0.2
PROGRAM = "/usr/libexec/uhd/examples/rx_samples_to_file"
BURST = 1500


def record(ether, path):
    """Mean power of what UHD's example records."""
    import numpy as np

    arguments = "type=soapy," + ether.device("recorder", "tx=0")
    command = [PROGRAM, "--args", arguments, "--file", str(path), "--type", "float", "--rate", str(RATE_HZ)]
    command += ["--nsamps", str(COUNT), "--freq", "1e9"]
    done = subprocess.run(command, env=ether.environment, capture_output=True, text=True, timeout=120, check=False)
    samples = np.fromfile(path, np.complex64) if path.exists() else np.zeros(0)
    if done.returncode != 0 or len(samples) != COUNT:
        raise RuntimeError(f"{len(samples)} samples, status {done.returncode}: {(done.stderr or done.stdout)[-500:]}")
    return float(np.mean(np.abs(samples.astype(np.complex128)) ** 2))


def power_of(noise_power):
    with Ether(rate=RATE_HZ, noise_power=noise_power) as ether:
        return record(ether, ether.socket.parent / "recording")


def timed(arguments):
    """Sends a burst at a time: by how many samples it comes off, how many are wrong, by how much times are off, and how time went on."""
    import numpy as np
    import uhd

    usrp = uhd.usrp.MultiUSRP("type=soapy," + arguments)
    usrp.set_rx_rate(RATE_HZ)
    usrp.set_tx_rate(RATE_HZ)
    stream = uhd.usrp.StreamArgs("fc32", "sc16")
    stream.channels = [0]
    tx, rx = usrp.get_tx_stream(stream), usrp.get_rx_stream(stream)
    start = uhd.types.StreamCMD(uhd.types.StreamMode.start_cont)
    start.stream_now = False
    start.time_spec = uhd.types.TimeSpec(0.001)
    rx.issue_stream_cmd(start)
    burst = np.random.default_rng(3).standard_normal(2 * BURST, np.float32).view(np.complex64)
    # As with hardware: a little after the radio's time.
    at_s = math.ceil(usrp.get_time_now().get_real_secs() * 1e3) / 1e3 + 0.1
    meta = uhd.types.TXMetadata()
    meta.has_time_spec = meta.start_of_burst = meta.end_of_burst = True
    meta.time_spec = uhd.types.TimeSpec(at_s)
    tx.send(burst, meta, 5.0)
    expected = round((at_s - 0.001) * RATE_HZ)
    heard, count, late = [], 0, 0.0
    out, told = np.zeros((1, 1000), np.complex64), uhd.types.RXMetadata()
    while count < expected + 10_000:
        got = rx.recv(out, told, 5.0)
        if told.error_code != uhd.types.RXMetadataErrorCode.none:
            raise RuntimeError(told.strerror())
        late = max(late, abs(told.time_spec.get_real_secs() - 0.001 - count / RATE_HZ))
        heard.append(out[0, :got].copy())
        count += got
    rx.issue_stream_cmd(uhd.types.StreamCMD(uhd.types.StreamMode.stop_cont))
    samples = np.concatenate(heard)
    loud = np.flatnonzero(samples)
    place = int(loud[0]) - expected if len(loud) else None
    wrong = BURST if place is None else int(np.count_nonzero(samples[loud[0] :][:BURST] != burst))
    result([place, wrong, late, usrp.get_time_now().get_real_secs() - at_s])
    # Streams of UHD's module end before their device, or they close what is gone.
    del tx, rx


def main():
    # The mean of COUNT powers, which are exponential.
    limit = critical_z(ALPHA) / math.sqrt(COUNT)
    os.environ.setdefault("UHD_MODULE_PATH", "/usr/lib/x86_64-linux-gnu/uhd/modules")
    broken = []
    power = power_of(NOISE_POWER)
    off = abs(power / NOISE_POWER - 1)
    control = abs(power_of(NOISE_POWER * 10 ** (CONTROL_DB / 10)) / NOISE_POWER - 1)
    if off > limit:
        broken.append(f"the noise has power {power:.6f}, not {NOISE_POWER}")
    if control <= limit:
        broken.append(f"{CONTROL_DB} dB more noise are not seen")
    with Ether(rate=RATE_HZ) as ether:
        place, wrong, late, after_s = result_of(ether.start("timed", ether.device("usrp")))
    if place != 0 or wrong:
        broken.append(f"the burst is heard {place} samples off with {wrong} wrong ones")
    if late > 0.5 / RATE_HZ or after_s <= 0:
        broken.append(f"times are off by {late} s, and end {after_s} s after the burst")
    conclude(
        "UHD",
        f"rx_samples_to_file's noise power (alpha {ALPHA}), and a burst of UHD's interface at its time",
        f"power {power:.5f} of {NOISE_POWER}, burst {place} samples off with {wrong} wrong ones",
        3,
        off / limit,
        f"{int(control > limit)} of 1",
        broken,
    )


if __name__ == "__main__":
    role_of({"timed": timed})
    sys.exit(main())
