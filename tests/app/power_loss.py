"""F02: power loss under load: the ext4 below the server is shut down in the middle of it, mounted anew, and asked.

What was acknowledged must be there exactly once. The moment of the loss is the one before ext4 is told: a sync that is
under way then may be answered with success although nothing reaches the disk any more, and the server, which a real
loss would have ended too, hands that on. What is answered from that moment on counts as not answered.

The disk is an ext4 in a file, whose power is cut by ext4's own shutdown call; that needs root, elsewhere the test says
that it was not run.

    tests/app/power_loss.py [--cycles 5] [--seed N] [--senders 3]
"""
import argparse
import random
import sys
import threading

import kill_loop
from faults import mounts
from harness import Cases, Server

DISK_BYTES = 512 << 20


def load_and_cut(server, disk, sent, seed, senders):
    """Loads the server, cuts the power at a random moment, then ends the process, which can store nothing any more."""
    source = random.Random(seed)
    server.start()
    sent.without_power = False
    address = server.addresses["otlp_http"]
    threads = [threading.Thread(target=kill_loop.send_until_killed, args=(address, sent, seed * 1000 + index))
               for index in range(senders)]
    for thread in threads:
        thread.start()
    sent.wait_for(len(sent.acknowledged) + source.randint(*kill_loop.LIFE_ACKNOWLEDGED))
    sent.lose_power()
    disk.cut_power()
    server.kill()
    for thread in threads:
        thread.join()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cycles", type=int, default=5)
    options.add_argument("--senders", type=int, default=3)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    cases, sent = Cases(), kill_loop.Sent()
    with mounts.LoopExt4(DISK_BYTES) as disk:
        data = str(disk.path / "data")
        for cycle in range(chosen.cycles):
            before = set(sent.spans)
            load_and_cut(Server(data_dir=data), disk, sent, chosen.seed + cycle, chosen.senders)
            disk.unmount()
            disk.mount()
            fresh = [trace_id for trace_id in sent.spans if trace_id not in before]
            with Server(data_dir=data) as reader:
                wrong = kill_loop.check(reader, sent, fresh)
            if wrong:
                cases.check(f"F02 cycle {cycle + 1}", False, "; ".join(wrong[:5]))
        with Server(data_dir=data) as reader:
            wrong = kill_loop.check(reader, sent, list(sent.spans))
            damages = reader.metric("sextant_store_damages_total")
    spans = sum(len(sent.spans[trace_id]) for trace_id in sent.acknowledged)
    cases.check("F02 something was acknowledged in the cycles", len(sent.acknowledged) >= chosen.cycles,
                f"{len(sent.acknowledged)} requests")
    cases.check(f"F02 {spans} acknowledged spans after {chosen.cycles} losses of power, each exactly once", not wrong,
                "; ".join(wrong[:5]))
    cases.check("F02 nothing is called damaged", damages == 0, damages)
    return cases.finish()


if __name__ == "__main__":
    sys.exit(mounts.run(main))
