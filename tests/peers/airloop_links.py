"""Our links: `airloop channel`, run with the keys of one comparison."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from impulse_responses import ImpulseResponses

EXPERIMENTS = Path(__file__).parent / "experiments"


def draw(experiment, options=(), **keys):
    """Runs the command on an experiment; keys are written with two underscores for the dot."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "cir.npz"
        command = [os.environ.get("AIRLOOP", "airloop"), "channel", EXPERIMENTS / experiment, "--out", out, *options]
        for key, value in keys.items():
            text = f'"{value}"' if isinstance(value, str) else repr(value)
            command += ["--set", f"{key.replace('__', '.')}={text}"]
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode != 0:
            sys.exit(f"airloop failed: {shlex.join(map(str, command))}")
        return ImpulseResponses.load(out)
