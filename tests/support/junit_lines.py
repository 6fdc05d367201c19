"""Prints one line for each test of a ctest report: `passed`, `failed: NAME`, or `skipped: NAME: why`."""
import sys
import xml.etree.ElementTree as tree


def why(case):
    """The reason that a skipped test printed as `skipped: why`, or else the reason in the ctest report."""
    for line in (case.findtext("system-out") or "").splitlines():
        if line.startswith("skipped: "):
            return line.removeprefix("skipped: ")
    skipped = case.find("skipped")
    return skipped.get("message", "") if skipped is not None else ""


for case in tree.parse(sys.argv[1]).getroot().iter("testcase"):
    status, name = case.get("status"), case.get("name")
    if status == "run":
        print("passed")
    elif (
        status == "notrun"
        and case.find("skipped") is not None
        and "SKIP_RETURN_CODE" in case.find("skipped").get("message", "")
    ):
        print(f"skipped: {name}: {why(case)}")
    elif status == "disabled":
        print(f"skipped: {name}: disabled")
    else:
        print(f"failed: {name}")
