"""Times Sionna's time-domain TDL-C at the work of our own bench, in seconds of processor time; one line of JSON.

    sionna_bench.py SAMPLE_RATE_HZ MAX_DOPPLER_HZ
"""

import json
import os
import sys
import time

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", TF_ENABLE_ONEDNN_OPTS="0")

import sionna.phy
import tensorflow as tf
from sionna.phy.channel import TimeChannel
from sionna.phy.channel.tr38901 import TDL

CARRIER_HZ = 3.5e9
# A slot of 30 kHz spacing, whose gains at every sample fit into memory.
SAMPLES = 15_344


def main():
    sample_rate_hz, max_doppler_hz = float(sys.argv[1]), float(sys.argv[2])
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    sionna.phy.config.seed = 1
    speed_m_s = max_doppler_hz * 299_792_458 / CARRIER_HZ
    channel = TimeChannel(TDL("C", 300e-9, CARRIER_HZ, min_speed=speed_m_s), sample_rate_hz, SAMPLES)
    signal = tf.complex(tf.random.normal([1, 1, 1, SAMPLES]), tf.random.normal([1, 1, 1, SAMPLES]))
    best, how = float("inf"), "20 sinusoids, fractional delays"
    for name, work in (("eager", channel), ("compiled", tf.function(channel, jit_compile=True))):
        try:
            work(signal, None)
        except Exception as error:  # what compilers refuse is theirs to say
            print(f"{name}: {type(error).__name__}", file=sys.stderr)
            continue
        for _ in range(5):
            now = time.process_time()
            work(signal, None)
            taken = time.process_time() - now
            if taken < best:
                best, how = taken, f"20 sinusoids, fractional delays, {name}"
    print(json.dumps({"work": "fractional", "peer": "Sionna", "how": how, "rate": SAMPLES / best}))


if __name__ == "__main__":
    main()
