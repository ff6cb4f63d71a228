"""liquid's OFDM frames through an ether, against the same frames through liquid's own channel at the same noise power.

Two processes of soapy_liquid.c: ofdmflexframegen -> SoapySDR -> ether -> SoapySDR -> ofdmflexframesync. One process: the same two
with channel_cccf between. Shares of lost frames are compared by two-proportion tests that together reject equal shares with
probability ALPHA; the control is an ether with 1.5 dB more noise.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from soapy_ether import Ether, conclude, critical_z, result_of, z_of_counts

ALPHA = 1e-3
FRAMES = 2000
RATE_HZ = 1e6
NOISES_DB = [-11.0, -10.0, -9.0]
CONTROL_DB = 1.5


def build(folder):
    program = Path(folder) / "soapy_liquid"
    source = Path(__file__).with_name("soapy_liquid.c")
    subprocess.run(["cc", "-O2", "-o", program, source, "-lSoapySDR", "-lliquid", "-lm"], check=True)
    return program


def through_ether(program, noise_db, seed):
    def start(role, arguments):
        command = [program, role, arguments, str(FRAMES)]
        return subprocess.Popen(command, env=ether.environment, stdout=subprocess.PIPE, text=True)

    with Ether(rate=RATE_HZ, noise_power=10 ** (noise_db / 10), radios=2, seed=seed) as ether:
        ear, mouth = start("hear", ether.device("ear", "tx=0")), start("send", ether.device("mouth", "rx=0"))
        heard = result_of(ear)
        result_of(mouth)
        return heard


def through_channel(program, noise_db):
    command = [program, "channel", str(noise_db), str(FRAMES)]
    return result_of(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))


def main():
    broken, figures, worst, seen = [], [], 0.0, 0
    limit = critical_z(ALPHA / len(NOISES_DB))
    with tempfile.TemporaryDirectory() as folder:
        program = build(folder)
        for place, noise_db in enumerate(NOISES_DB):
            ours, _, our_evm_db = through_ether(program, noise_db, 10 + place)
            theirs, _, their_evm_db = through_channel(program, noise_db)
            control = through_ether(program, noise_db + CONTROL_DB, 20 + place)[0]
            z = z_of_counts(ours, theirs, FRAMES)
            worst = max(worst, abs(z) / limit)
            seen += abs(z_of_counts(control, theirs, FRAMES)) > limit
            figures.append(f"{noise_db} dB {ours} and {theirs} (EVM {our_evm_db:.2f} and {their_evm_db:.2f} dB)")
            if abs(z) > limit:
                broken.append(f"{noise_db} dB: z = {z:.1f}")
    if seen < len(NOISES_DB):
        broken.append(f"{CONTROL_DB} dB more noise are seen {seen} times of {len(NOISES_DB)}")
    conclude(
        "liquid",
        f"OFDM frames that come whole through SoapySDR, against channel_cccf (alpha {ALPHA})",
        f"{', '.join(figures)} of {FRAMES} frames",
        len(NOISES_DB),
        worst,
        f"{seen} of {len(NOISES_DB)}",
        broken,
    )


if __name__ == "__main__":
    sys.exit(main())
