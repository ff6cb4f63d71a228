"""What the programs share that meet in an ether through SoapySDR: the ether, the module's folder, and how results are told.

AIRLOOP_SOAPY names the folder that holds libairloopSupport.so, AIRLOOP_SERVE_ETHER the example serve_ether of the same crate.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MODULE = "libairloopSupport.so"


class Ether:
    """An ether that is served while this lasts, and the environment in which SoapySDR finds this module and no other."""

    def __init__(self, **parts):
        self.parts = parts

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="airloop-")
        folder = Path(self.folder.name)
        self.modules = folder / "modules"
        self.modules.mkdir()
        (self.modules / MODULE).symlink_to(Path(os.environ["AIRLOOP_SOAPY"]).resolve() / MODULE)
        self.environment = {**os.environ, "SOAPY_SDR_PLUGIN_PATH": str(self.modules), "SOAPY_SDR_ROOT": str(folder)}
        self.socket = folder / "ether"
        words = [f"{key}={value}" for key, value in self.parts.items()]
        command = [os.environ["AIRLOOP_SERVE_ETHER"], f"socket={self.socket}", *words]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.taps = []
        for line in self.server.stdout:
            if line.startswith("tap "):
                _, transmit, receive, delay_s, re, im = line.split()
                self.taps.append((int(transmit), int(receive), float(delay_s), complex(float(re), float(im))))
            if line == "ready\n":
                return self
        raise RuntimeError(f"the ether ends with status {self.server.wait()}")

    def __exit__(self, *_):
        self.server.stdin.close()
        self.server.wait(20)
        self.folder.cleanup()

    def device(self, radio, *more):
        """Arguments of a device in this ether."""
        return ",".join(["driver=airloop", f"ether={self.socket}", f"radio={radio}", *more])

    def start(self, role, *words, **options):
        """Starts the calling script again in a role of its own; its first line that begins with RESULT is what it has to say."""
        command = [sys.executable, sys.argv[0], "--role", role, *map(str, words)]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True, **options)


def result(value):
    """Says what a role has found; programs below print words of their own."""
    print("\nRESULT " + json.dumps(value), flush=True)


def result_of(process, timeout_s=600):
    """Waits for a role's end, and returns what it found."""
    said, _ = process.communicate(timeout=timeout_s)
    if process.returncode != 0:
        raise RuntimeError(f"{process.args} ends with status {process.returncode}")
    lines = [line for line in said.splitlines() if line.startswith("RESULT ")]
    return json.loads(lines[-1][7:]) if lines else None


def conclude(peer, what, figures, rows, worst, controls, broken):
    """Prints one line, adds a row to the results if there are any, and ends with the status: 0 is agreement."""
    verdict = "FAILS: " + "; ".join(broken) if broken else "agrees"
    print(f"{peer}: {what}: {figures}: {verdict}", flush=True)
    if "AIRLOOP_PEERS_RESULTS" in os.environ:
        row = {"peer": peer, "what": what, "rows": rows, "worst": worst, "controls": controls, "broken": broken}
        with open(os.environ["AIRLOOP_PEERS_RESULTS"], "a", encoding="utf-8") as results:
            results.write(json.dumps(row) + "\n")
    sys.exit(bool(broken))


def z_of_counts(a, b, trials):
    """Two-proportion test of equal shares of as many trials, with pooled variance."""
    share = (a + b) / (2 * trials)
    return (a - b) / trials / math.sqrt(max(share * (1 - share), 1e-12) * 2 / trials)


def critical_z(alpha):
    """Two-sided limit of a standard normal value for a size of alpha."""
    low, high = 0.0, 10.0
    while high - low > 1e-9:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if math.erfc(middle / math.sqrt(2)) > alpha else (low, middle)
    return low


def role_of(roles):
    """Plays the role that the arguments name, if they name one."""
    if len(sys.argv) > 2 and sys.argv[1] == "--role":
        roles[sys.argv[2]](*sys.argv[3:])
        sys.stdout.flush()
        # GNU Radio's and UHD's own threads need not be waited for.
        os._exit(0)
