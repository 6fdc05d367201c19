"""What an event of failover costs, from evidence to published answer, with 10,000 managed names: under 5 ms of processor time, which
other work on the machine hardly moves; the best of some rounds counts."""
import os
import subprocess
import sys

NAMES = int(os.environ.get("WAYMARK_NAMES", "10000"))
EVENTS = 200
ROUNDS = 3
WHOLE_P99_MAX_US = 5000
TOUCHED = (1, 100)   # names that hang on what happens


def measure(touched):
    """{part: (median, p99, max)} in microseconds."""
    printed = subprocess.run([os.environ["STEERING_COST"], str(NAMES), str(touched), str(EVENTS)], check=True, capture_output=True, text=True).stdout
    return {words[0]: tuple(float(word) for word in words[1:]) for words in map(str.split, printed.splitlines())}


def main():
    failed = False
    for touched in TOUCHED:
        best = min((measure(touched) for _ in range(ROUNDS)), key=lambda parts: parts["whole"][1])
        print(f"{NAMES} managed names, {touched} touched by an event; median/p99/max in microseconds of processor time:", flush=True)
        for part, figures in best.items():
            print("  {:8}{:8.0f}{:8.0f}{:8.0f}".format(part, *figures), flush=True)
        if best["whole"][1] >= WHOLE_P99_MAX_US:
            print(f"over {WHOLE_P99_MAX_US} microseconds at the 99th percentile")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
