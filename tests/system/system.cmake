# Tests with the real binary on loopback: one Python program each, exit 77 for "skipped: why".
