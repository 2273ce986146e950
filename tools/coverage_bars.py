"""Hold `tiejun_awards/shared` and every `rules.py` to their bar, statements and branches each."""

import json
import subprocess
import sys

BAR = 95.0


def share(covered: int, whole: int) -> float:
    return 100.0 * covered / whole if whole else 100.0


def main() -> int:
    run = subprocess.run(
        [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"], stdout=subprocess.PIPE, text=True, check=True
    )
    totals: dict[str, list[int]] = {}
    for path, file in json.loads(run.stdout)["files"].items():
        if path.startswith("tiejun_awards/shared/"):
            part = "tiejun_awards/shared"
        elif path.endswith("/rules.py"):
            part = path
        else:
            continue
        summary = file["summary"]
        numbers = ("covered_lines", "num_statements", "covered_branches", "num_branches")
        totals[part] = [a + summary[b] for a, b in zip(totals.get(part, [0] * 4), numbers, strict=True)]

    if not totals:
        print("Coverage: no file of shared or rules was measured.")
        return 1
    low = False
    for part, (lines, all_lines, branches, all_branches) in sorted(totals.items()):
        shares = share(lines, all_lines), share(branches, all_branches)
        fails = min(shares) < BAR
        low = low or fails
        print(f"{part:<44} statements {shares[0]:5.1f} %  branches {shares[1]:5.1f} %{'  < 95 %' if fails else ''}")
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
