"""Lets nodes with real ZeroMQ sockets meet in the broker: what they send is what they hear, also after one of them was stopped.

    python3 zmq_nodes.py BROKER

BROKER is the program of hil/examples/zmq_broker.rs. Nodes are as those of srsRAN: the transmitter binds a REP socket, the receiver
connects a REQ socket in a thread of its own, and a node sends what it is about to receive. Exit status: 0 if all is well, 1 if
something is not, 2 if the broker or the package is not there.
"""

import array
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

COUNT = 1_000_000
SUBFRAME = 11_520
TIMEOUT_S = 1.0
PATIENCE_MS = 30_000


def free_port():
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def noise(seed, count):
    """Bytes of so many samples, none of them zero."""
    dice = random.Random(seed)
    floats = array.array("f", (dice.uniform(0.1, 1.0) * dice.choice((-1, 1)) for _ in range(2 * count)))
    if sys.byteorder == "big":
        floats.byteswap()
    return floats.tobytes()


class Broker:
    """The broker as a process."""

    def __init__(self, program, names):
        self.ports = [free_port() for _ in names]
        nodes = [f"{name}=tcp://127.0.0.1:{port},tcp://127.0.0.1:0" for name, port in zip(names, self.ports)]
        command = [program, "1e6", str(TIMEOUT_S), *nodes]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addresses = json.loads(self.process.stdout.readline())

    def report(self):
        """The nodes' reports as they are now."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["nodes"]

    def end(self):
        """Ends it and returns the last reports."""
        said, _ = self.process.communicate(timeout=60)
        return json.loads(said)["nodes"]


class Node:
    """A node's sockets."""

    def __init__(self, context, port, address, heartbeat_ms=0):
        import zmq

        self.transmitter, self.receiver = context.socket(zmq.REP), context.socket(zmq.REQ)
        for end in (self.transmitter, self.receiver):
            end.linger = 0
            end.rcvtimeo = end.sndtimeo = PATIENCE_MS
            if heartbeat_ms:
                end.heartbeat_ivl = heartbeat_ms
                end.heartbeat_timeout = 4 * heartbeat_ms
        self.transmitter.bind(f"tcp://127.0.0.1:{port}")
        self.receiver.connect(f"tcp://{address}")
        self.heard, self.arrived, self.over = bytearray(), threading.Condition(), False
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        """Asks without end."""
        import zmq

        while not self.over:
            self.receiver.send(b"\xff")
            while not self.over:
                try:
                    samples = self.receiver.recv()
                except zmq.Again:
                    continue
                with self.arrived:
                    self.heard += samples
                    self.arrived.notify()
                break

    def send(self, samples, frames=1):
        """Sends samples when it is asked, in so many frames."""
        self.transmitter.recv()
        cut = -(-len(samples) // frames)
        self.transmitter.send_multipart([samples[i : i + cut] for i in range(0, len(samples), cut)])

    def take(self, length):
        """Takes so many bytes of what was heard."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: len(self.heard) >= length, PATIENCE_MS / 1000):
                raise TimeoutError(f"{len(self.heard)} of {length} bytes came")
            taken = bytes(self.heard[:length])
            del self.heard[:length]
            return taken

    def exchange(self, samples, frames=1):
        """Sends samples and takes as many, subframe by subframe."""
        cut, heard = 8 * SUBFRAME, []
        for i in range(0, len(samples), cut):
            self.send(samples[i : i + cut], frames)
            heard.append(self.take(len(samples[i : i + cut])))
        return b"".join(heard)

    def close(self):
        """Ends it while nothing is on its way."""
        self.over = True
        self.receiver.rcvtimeo = 0
        self.transmitter.close()


def together(nodes, signals, frames=1):
    """Lets nodes exchange their signals at the same time; returns what they heard, and the seconds that it took."""
    heard = [b""] * len(nodes)

    def run(i):
        heard[i] = nodes[i].exchange(signals[i], frames)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(nodes))]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard, time.monotonic() - began


def passes(program, context, frames, heartbeat_ms=0):
    """Two nodes exchange a million samples; returns what is wrong, and the rate in MS/s."""
    signals = [noise(1, COUNT), noise(2, COUNT)]
    broker = Broker(program, ["a", "b"])
    nodes = [Node(context, port, address, heartbeat_ms) for port, address in zip(broker.ports, broker.addresses)]
    if heartbeat_ms:
        # Questions are open all that time; without answers libzmq would hang up after four heartbeats.
        time.sleep(20 * heartbeat_ms / 1000)
    # The first subframe is not timed: nodes come to be connected.
    first, _ = together(nodes, [samples[: 8 * SUBFRAME] for samples in signals], frames)
    heard, seconds = together(nodes, [samples[8 * SUBFRAME :] for samples in signals], frames)
    report = broker.end()
    wrong = ""
    if [one + rest for one, rest in zip(first, heard)] != signals[::-1]:
        wrong = "what was heard is not what was sent"
    elif any(node["transmitter_connections"] != 1 or node["receiver_connections"] != 1 for node in report):
        wrong = "connections were lost"
    elif any(node["delivered_samples"] != COUNT or node["refused"] for node in report):
        wrong = f"the report does not fit: {report}"
    return wrong, (COUNT - SUBFRAME) / seconds / 1e6


def child(port, address):
    """A node of another process: sends ones without end."""
    import zmq

    node = Node(zmq.Context(), port, address)
    ones = array.array("f", [1.0, 0.0] * SUBFRAME)
    if sys.byteorder == "big":
        ones.byteswap()
    while True:
        node.exchange(ones.tobytes())


def hears(node, wanted, what):
    """Lets a node go on until a whole subframe is as wanted; returns how many it took."""
    began, count = time.monotonic(), 0
    while time.monotonic() - began < PATIENCE_MS / 1000:
        count += 1
        samples = array.array("f", node.exchange(noise(3, SUBFRAME)))
        if sys.byteorder == "big":
            samples.byteswap()
        if all(x == wanted for x in samples[::2]):
            return count
    raise TimeoutError(what)


def stopped(program, context):
    """A node is stopped, goes on, is killed, and comes again; returns what is wrong."""
    broker = Broker(program, ["a", "b"])
    node = Node(context, broker.ports[0], broker.addresses[0])
    command = [sys.executable, os.path.abspath(__file__), "--child", str(broker.ports[1]), broker.addresses[1]]
    other = subprocess.Popen(command)
    try:
        hears(node, 1.0, "the other is not heard")
        other.send_signal(signal.SIGSTOP)
        hears(node, 0.0, "no zeros in place of one that is stopped")
        first = broker.report()
        other.send_signal(signal.SIGCONT)
        hears(node, 1.0, "the other does not go on")
        other.kill()
        other.wait()
        hears(node, 0.0, "no zeros in place of one that is killed")
        second = broker.report()
        other = subprocess.Popen(command)
        hears(node, 1.0, "the other does not come again")
    except TimeoutError as error:
        return str(error)
    finally:
        other.kill()
        other.wait()
        report = broker.end()
    if (first[1]["timeouts"], second[1]["timeouts"]) != (1, 2) or not first[1]["substituted_samples"]:
        return f"time-outs are not counted: {first[1]}, {second[1]}"
    if report[0]["timeouts"] or report[0]["dropped_samples"]:
        return f"who went on was not waited for: {report[0]}"
    return ""


def refused(program, context):
    """A socket that is no REQ is turned away; returns what is wrong."""
    import zmq

    broker = Broker(program, ["a", "b"])
    wrong = context.socket(zmq.SUB)
    wrong.linger = 0
    wrong.connect(f"tcp://{broker.addresses[0]}")
    began, told = time.monotonic(), broker.report()[0]
    while not told["refused"] and time.monotonic() - began < 10:
        time.sleep(0.05)
        told = broker.report()[0]
    wrong.close()
    broker.end()
    expected = "the peer's socket is a SUB: REQ is expected"
    return "" if told["last_trouble"] == expected else f"not refused as it should be: {told}"


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--child":
        child(int(sys.argv[2]), sys.argv[3])
    try:
        import zmq
    except ImportError:
        print("zmq_nodes.py: the package pyzmq is not there", file=sys.stderr)
        sys.exit(2)
    if len(sys.argv) != 2 or not shutil.which(sys.argv[1]):
        print("zmq_nodes.py: the broker's program is expected", file=sys.stderr)
        sys.exit(2)
    program, context = sys.argv[1], zmq.Context()
    print(f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}")
    print(f"{'check':<44} {'cf32 MS/s':>10}  verdict")
    checks = {
        "two nodes, subframes of 11520 samples": lambda: passes(program, context, 1),
        "two nodes, messages of seven frames": lambda: passes(program, context, 7),
        "two nodes with heartbeats": lambda: passes(program, context, 1, 50),
        "one is stopped, killed, and back": lambda: (stopped(program, context), None),
        "a socket of another kind": lambda: (refused(program, context), None),
    }
    broken = []
    for name, check in checks.items():
        wrong, rate = check()
        broken += [f"{name}: {wrong}"] if wrong else []
        print(f"{name:<44} {'' if rate is None else f'{rate:.1f}':>10}  {wrong or 'good'}")
    if "AIRLOOP_PEERS_RESULTS" in os.environ:
        row = {
            "peer": "ZeroMQ",
            "what": f"nodes of libzmq {zmq.zmq_version()} hear bit by bit what others send",
            "rows": len(checks),
            "worst": float(bool(broken)),
            "controls": f"{len(checks) - len(broken)} of {len(checks)}",
            "broken": broken,
        }
        with open(os.environ["AIRLOOP_PEERS_RESULTS"], "a", encoding="utf-8") as results:
            results.write(json.dumps(row) + "\n")
    sys.stdout.flush()
    # Receivers that still wait for an answer hold no exit up.
    os._exit(bool(broken))


if __name__ == "__main__":
    main()
