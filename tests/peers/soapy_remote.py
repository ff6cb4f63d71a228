"""Through SoapyRemote to radios of a server's process: what one sends the other hears, bit by bit and at its time.

    python3 soapy_remote.py PORT

The module itself is not in this process's path: soapy_remote.sh starts it with SoapyRemote's alone.
"""

import sys
import threading
import time

import numpy as np
import SoapySDR
from SoapySDR import SOAPY_SDR_CF32, SOAPY_SDR_END_BURST, SOAPY_SDR_HAS_TIME, SOAPY_SDR_RX, SOAPY_SDR_TX

from soapy_ether import conclude

COUNT = 4_000_211
WAIT_US = 5_000_000


def device(port, radio, *more):
    words = ["driver=remote", f"remote=tcp://127.0.0.1:{port}", "remote:driver=airloop", "radios=2", f"radio={radio}", *more]
    return SoapySDR.Device(",".join(words))


def write(sender, stream, samples):
    sent = 0
    while sent < len(samples):
        flags = SOAPY_SDR_HAS_TIME if sent == 0 else 0
        done = sender.writeStream(stream, [samples[sent : sent + 20_000]], len(samples[sent : sent + 20_000]), flags, 0, WAIT_US)
        if done.ret < 0:
            raise RuntimeError(f"a write gives {done.ret}")
        sent += done.ret


def read(listener, stream, samples):
    """Samples that differ, times that are not those of the count, and errors."""
    out, heard, differ, times, errors = np.zeros(20_000, np.complex64), 0, 0, 0, []
    while heard < len(samples) and len(errors) < 5:
        got = listener.readStream(stream, [out], min(len(out), len(samples) - heard), 0, WAIT_US)
        if got.ret <= 0:
            errors.append(got.ret)
            continue
        there = samples[heard : heard + got.ret]
        differ += int(np.count_nonzero(out[: got.ret].view(np.uint64) != there.view(np.uint64)))
        times += not got.flags & SOAPY_SDR_HAS_TIME or got.timeNs != heard * 1000
        heard += got.ret
    return heard, differ, times, errors


def main():
    foreign = [found["driver"] for found in SoapySDR.Device.enumerate("driver=airloop")]
    mouth, ear = device(sys.argv[1], "mouth", "rx=0"), device(sys.argv[1], "ear", "tx=0")
    draw = np.random.default_rng(1)
    samples = (draw.standard_normal(2 * COUNT, np.float32)).view(np.complex64)
    arguments = {"remote:prot": "tcp"}
    sender = mouth.setupStream(SOAPY_SDR_TX, SOAPY_SDR_CF32, [0], arguments)
    listener = ear.setupStream(SOAPY_SDR_RX, SOAPY_SDR_CF32, [0], arguments)
    # What is not active yet gives nothing, and no error: the server reads from the start.
    early = ear.readStream(listener, [np.zeros(100, np.complex64)], 100, 0, 300_000).ret
    mouth.activateStream(sender)
    ear.activateStream(listener)
    thread = threading.Thread(target=write, args=(mouth, sender, samples))
    began = time.monotonic()
    thread.start()
    heard, differ, times, errors = read(ear, listener, samples)
    seconds = time.monotonic() - began
    thread.join()
    mouth.deactivateStream(sender)
    ear.deactivateStream(listener)
    for one, stream in [(mouth, sender), (ear, listener)]:
        one.closeStream(stream)
    broken = [f"{len(foreign)} radios are found without the module"] if foreign else []
    if heard != COUNT or differ or times or errors:
        broken.append(f"{heard} samples, {differ} of them wrong, {times} wrong times, errors {errors}")
    if early != SoapySDR.SOAPY_SDR_TIMEOUT:
        broken.append(f"a read before the start gives {early}")
    conclude(
        "SoapyRemote",
        "samples through a server on loopback by TCP are those that were sent",
        f"{heard} samples, {differ} wrong, {heard / seconds / 1e6:.1f} MS/s",
        1,
        float(bool(broken)),
        "-",
        broken,
    )


if __name__ == "__main__":
    main()
