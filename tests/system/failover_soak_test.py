"""30 percent loss on the VRRP LAN for WAYMARK_SOAK_SECONDS. There is no false failover, and the server finds a true
failure at the end within 15 seconds.

The routers and the server use settings for such a line: an advertisement every half second, of which twenty in a row
may be missing. The loss of 30 percent covers the whole path from router to server. 0.3 to the 20th power is one false
alarm in centuries, and the server finds a fault within eleven seconds.
"""
import sys
import time

import netlab
import routers
import site_of_two as site
import support

SECONDS = support.scale("SOAK_SECONDS", 60)
LOSS = 30  # percent of the frames on each wire
INTERVAL = 0.5  # seconds between advertisements
ADVERTS = 20  # that may be missing in a row
FOUND_WITHIN = 15.0
REPORT_EVERY = 60.0


def main():
    netlab.needed("keepalived")
    with netlab.Lab() as lab:

        def instances(priority, host):
            return [routers.Instance(priority, interval=INTERVAL, down_timer_adverts=ADVERTS)]

        pair = site.Pair(lab, interval=INTERVAL, instances=instances, start=False)
        pair.first.start()
        time.sleep(2)
        pair.second.start()
        support.wait_until(lambda: pair.first.has("192.0.2.1"), 30, "rtr-a is active")
        server = pair.serve(
            site.virtual_router(settings=f"down-timer-adverts = {ADVERTS}")
            + site.answer(settings='failback-delay = "0s"')
        )
        with pair.poll(server, period=0.01) as poller:
            poller.wait(site.VIA_A, 20)
            before = len(poller.changes)
            began = pair.lan.lose(LOSS)
            following = began + REPORT_EVERY
            while netlab.now() < began + SECONDS:
                time.sleep(0.5)
                assert not pair.second.has("192.0.2.1"), "the routers failed over, so this run does not test the server"
                assert server.process.running(), f"the server ended\n{server.log()[-4000:]}"
                wrong = [change for change in poller.changes[before:] if change[1] not in (site.VIA_A, "silent")]
                assert (
                    not wrong
                ), f"a false failover after {netlab.now() - began:.0f} s: {wrong}\n{server.log()[-4000:]}"
                if netlab.now() > following:
                    following += REPORT_EVERY
                    print(f"{netlab.now() - began:.0f} s, {poller.asked} questions, no change", flush=True)
            print(f"{SECONDS} s at {LOSS} % loss: 0 false failovers, {poller.asked} questions", flush=True)
            unanswered = sum(what == "silent" for _, what in poller.changes)
            # A busy machine may delay some answers. The lossy LAN is not on the path of a query.
            bound = 2 + poller.asked // 20_000
            assert unanswered <= bound, f"{unanswered} of {poller.asked} queries had no answer within a second"
            began = pair.lan.disable(pair.a)
            found = poller.wait(site.VIA_B, FOUND_WITHIN + 5, since=began) - began
            print(f"a true failure was found after {found:.2f} s (bound {FOUND_WITHIN:.0f} s)", flush=True)
            assert found <= FOUND_WITHIN, found
    return 0


if __name__ == "__main__":
    sys.exit(main())
