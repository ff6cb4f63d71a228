"""Prints what was compared, what disagreed, what failed and what was not run; exits with 1 if anything disagrees or fails."""

import json
import sys


def main():
    with open(sys.argv[1], encoding="utf-8") as results:
        lines = [json.loads(line) for line in results]
    print(f"\n{'peer':<8} {'compared':<84} {'rows':>4} {'worst/allowed':>13} {'controls seen':>14}  verdict")
    broken = False
    for line in lines:
        peer = line["peer"]
        if "not_run" in line:
            print(f"{peer:<8} {line['not_run']:<84} {'':>4} {'':>13} {'':>14}  not run")
        elif "failed" in line:
            broken = True
            print(f"{peer:<8} {line['failed']:<84} {'':>4} {'':>13} {'':>14}  FAILED")
        else:
            verdict = "DISAGREES: " + "; ".join(line["broken"]) if line["broken"] else "agrees"
            broken |= bool(line["broken"])
            print(f"{peer:<8} {line['what']:<84} {line['rows']:>4} {line['worst']:>13.2f} {line['controls']:>14}  {verdict}")
    sys.exit(broken)


if __name__ == "__main__":
    main()
