"""Validates recordings with the SigMF package: every one is accepted, has the samples it counts, and is refused with a wrong byte.

    python3 sigmf_recordings.py FOLDER

FOLDER holds NAME.sigmf-meta and NAME.sigmf-data. Unfinished recordings have no hash, so that nobody can see a wrong byte. Exit
status: 0 if all is well, 1 if something is not, 2 if there is no recording or no package.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def accepts(meta):
    """Whether sigmf_validate accepts a recording, and the last line that it says."""
    command = [sys.executable, "-m", "sigmf.validate", str(meta)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (done.stderr or done.stdout).strip().splitlines()
    return done.returncode == 0, said[-1] if said else ""


def counted(meta, fields):
    """Samples that the package finds, and those that the metadata count."""
    import sigmf

    found = sigmf.sigmffile.fromfile(str(meta), skip_checksum=True).sample_count
    return found, fields.get("airloop:sample_count", found)


def refuses_a_wrong_byte(meta):
    """Whether a copy is refused whose first, middle or last byte is another, and for its hash."""
    data = meta.with_suffix(".sigmf-data")
    size = data.stat().st_size
    with tempfile.TemporaryDirectory() as scratch:
        wrong = Path(scratch) / data.name
        shutil.copy(meta, scratch)
        for place in sorted({0, size // 2, size - 1}):
            shutil.copy(data, wrong)
            with open(wrong, "r+b") as file:
                file.seek(place)
                byte = file.read(1)[0]
                file.seek(place)
                file.write(bytes([byte ^ 1]))
            good, said = accepts(Path(scratch) / meta.name)
            if good or "hash" not in said:
                return False
    return True


def check(meta):
    """Returns a row: samples, whether unfinished, what is wrong."""
    fields = json.loads(meta.read_text(encoding="utf-8"))["global"]
    unfinished = fields.get("airloop:unfinished", False)
    if meta.with_suffix(".sigmf-data").stat().st_size == 0:
        # The package maps data into memory, which no system does with an empty file.
        return 0, unfinished, "" if unfinished else "has no samples, which the package cannot read"
    good, said = accepts(meta)
    if not good:
        return 0, unfinished, f"not accepted: {said}"
    found, told = counted(meta, fields)
    if found != told and not (unfinished and found > told):
        return found, unfinished, f"counts {told} samples"
    if "core:sha512" in fields:
        return found, unfinished, "" if refuses_a_wrong_byte(meta) else "accepted with a wrong byte"
    return found, unfinished, "" if unfinished else "has no hash"


def main():
    try:
        import sigmf
    except ImportError:
        print("sigmf_recordings.py: the package sigmf is not there", file=sys.stderr)
        sys.exit(2)
    if len(sys.argv) != 2:
        print("sigmf_recordings.py: one folder is expected", file=sys.stderr)
        sys.exit(2)
    recordings = sorted(Path(sys.argv[1]).glob("*.sigmf-meta"))
    if not recordings:
        print(f"sigmf_recordings.py: no recording in {sys.argv[1]}", file=sys.stderr)
        sys.exit(2)
    print(f"sigmf {sigmf.__version__}, SigMF {sigmf.__specification__}")
    print(f"{'recording':<40} {'samples':>12}  {'state':<10}  verdict")
    broken, finished = [], 0
    for meta in recordings:
        samples, unfinished, wrong = check(meta)
        finished += not unfinished
        broken += [f"{meta.stem}: {wrong}"] if wrong else []
        state = "unfinished" if unfinished else "finished"
        good = "accepted" if unfinished else "accepted; refused with a wrong byte"
        print(f"{meta.stem:<40} {samples:>12}  {state:<10}  {wrong or good}")
    if "AIRLOOP_PEERS_RESULTS" in os.environ:
        row = {
            "peer": "SigMF",
            "what": f"recordings accepted by sigmf {sigmf.__version__}, and refused with a wrong byte",
            "rows": len(recordings),
            "worst": float(bool(broken)),
            "controls": f"{finished - len(broken)} of {finished}",
            "broken": broken,
        }
        with open(os.environ["AIRLOOP_PEERS_RESULTS"], "a", encoding="utf-8") as results:
            results.write(json.dumps(row) + "\n")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
