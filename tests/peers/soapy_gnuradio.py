"""GNU Radio's OFDM modem through an ether, against the same modem through GNU Radio's own channel model.

Two processes: digital.ofdm_tx -> soapy.sink -> ether -> soapy.source -> digital.ofdm_rx. In one process:
digital.ofdm_tx -> channels.channel_model -> digital.ofdm_rx. At each noise power the shares of lost packets are compared by a
two-proportion test; all tests together reject equal shares with probability ALPHA. The control is an ether with 1.5 dB more noise.
"""

import math
import random
import sys

from soapy_ether import Ether, conclude, critical_z, result, result_of, role_of, z_of_counts

ALPHA = 1e-3
LENGTH = 96
PACKETS = 1500
# Sent after those that count, so that they are not the last ones in anybody's buffers.
PADDING = 60
RATE_HZ = 1e6
SAMPLES = 1600
SNRS_DB = [11.0, 12.5, 14.0]
CONTROL_DB = 1.5


def packet(number):
    draw = random.Random(number)
    return bytes(draw.randrange(256) for _ in range(LENGTH))


def transmitter():
    from gnuradio import blocks, digital, gr

    payload = b"".join(map(packet, range(PACKETS + PADDING)))
    source = blocks.vector_source_b(list(payload), False, 1, [])
    tags = blocks.stream_to_tagged_stream(gr.sizeof_char, 1, LENGTH, "length")
    return source, tags, digital.ofdm_tx(packet_length_tag_key="length", scramble_bits=True)


def receiver(head):
    from gnuradio import blocks, digital, gr

    return (
        blocks.head(gr.sizeof_gr_complex, head),
        digital.ofdm_rx(packet_length_tag_key="length", scramble_bits=True),
        blocks.vector_sink_b(),
    )


def lost(data):
    """Packets of those that count that did not arrive, and packets that nobody sent."""
    got = {bytes(data[i : i + LENGTH]) for i in range(0, len(data) - LENGTH + 1, LENGTH)}
    sent = {packet(number) for number in range(PACKETS + PADDING)}
    counted = [packet(number) for number in range(PACKETS)]
    return sum(one not in got for one in counted), len(got - sent)


def send(device):
    from gnuradio import gr, soapy

    graph = gr.top_block()
    sink = soapy.sink(device, "fc32", 1, "", "", [""], [""])
    sink.set_sample_rate(0, RATE_HZ)
    sink.set_frequency(0, 2.4e9)
    graph.connect(*transmitter(), sink)
    graph.run()


def hear(device):
    from gnuradio import gr, soapy

    graph = gr.top_block()
    source = soapy.source(device, "fc32", 1, "", "", [""], [""])
    source.set_sample_rate(0, RATE_HZ)
    source.set_frequency(0, 2.4e9)
    blocks = receiver((PACKETS + PADDING) * SAMPLES)
    graph.connect(source, *blocks)
    graph.run()
    result(lost(blocks[-1].data()))


def reference(noise_power, seed):
    from gnuradio import channels, gr

    graph = gr.top_block()
    # Without its tags: those of the transmitter would tell the receiver where packets are.
    model = channels.channel_model(math.sqrt(float(noise_power)), 0.0, 1.0, [1.0], int(seed), True)
    blocks = receiver((PACKETS + PADDING) * SAMPLES)
    graph.connect(*transmitter(), model, *blocks)
    graph.run()
    result(lost(blocks[-1].data()))


def measure():
    """Power of the modem's signal, samples of a packet, and the noise power of GNU Radio's model at voltage 1."""
    import numpy as np
    from gnuradio import blocks, channels, gr

    graph = gr.top_block()
    signal = blocks.vector_sink_c()
    graph.connect(*transmitter(), signal)
    graph.run()
    x = np.array(signal.data())
    quiet = gr.top_block()
    noise = blocks.vector_sink_c()
    quiet.connect(
        blocks.null_source(8), blocks.head(8, 10**6), channels.channel_model(1.0, 0.0, 1.0, [1.0], 77), noise
    )
    quiet.run()
    power = float(np.mean(np.abs(np.array(noise.data())) ** 2))
    result([float(np.mean(np.abs(x) ** 2)), len(x) // (PACKETS + PADDING), power])


def through_ether(noise_power, seed):
    with Ether(rate=RATE_HZ, noise_power=noise_power, radios=2, seed=seed) as ether:
        processes = [
            ether.start("hear", ether.device("ear", "tx=0")),
            ether.start("send", ether.device("mouth", "rx=0")),
        ]
        return [result_of(process) for process in processes][0]


def main():
    with Ether() as ether:
        signal_power, samples, unit = result_of(ether.start("measure"))
    broken, figures, worst, seen = [], [], 0.0, 0
    if samples != SAMPLES:
        broken.append(f"a packet has {samples} samples, not {SAMPLES}")
    if abs(unit - 1) > 0.01:
        broken.append(f"GNU Radio's noise of voltage 1 has power {unit:.3f}")
    limit = critical_z(ALPHA / len(SNRS_DB))
    for place, snr_db in enumerate(SNRS_DB):
        noise_power = signal_power * 10 ** (-snr_db / 10)
        ours, strange = through_ether(noise_power, 10 + place)
        control, _ = through_ether(noise_power * 10 ** (CONTROL_DB / 10), 20 + place)
        with Ether() as ether:
            theirs, also_strange = result_of(ether.start("reference", noise_power, 30 + place))
        z = z_of_counts(ours, theirs, PACKETS)
        worst = max(worst, abs(z) / limit)
        seen += abs(z_of_counts(control, theirs, PACKETS)) > limit
        figures.append(f"{snr_db} dB {ours / PACKETS:.3f} and {theirs / PACKETS:.3f}")
        if abs(z) > limit:
            broken.append(f"{snr_db} dB: z = {z:.1f}")
        if strange + also_strange:
            broken.append(f"{snr_db} dB: {strange + also_strange} packets that nobody sent")
    if seen < len(SNRS_DB):
        broken.append(f"{CONTROL_DB} dB more noise are seen {seen} times of {len(SNRS_DB)}")
    conclude(
        "GNU Radio",
        f"lost OFDM packets through soapy.sink and soapy.source, against channel_model (alpha {ALPHA})",
        f"{', '.join(figures)} of {PACKETS} lost",
        len(SNRS_DB),
        worst,
        f"{seen} of {len(SNRS_DB)}",
        broken,
    )


if __name__ == "__main__":
    role_of({"send": send, "hear": hear, "reference": reference, "measure": measure})
    sys.exit(main())
