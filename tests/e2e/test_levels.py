"""Levels decide by default: a release that leaks on one device is rolled back by its memory alone, one that stands a little
higher there is not, and one that stands far off from its start is told of and no more, since no earlier release has shown by
how much healthy pods differ (13)."""
import json, unittest

from world import *

ODD = "node3"
HUNGRY = "v1.2-hungry"                              # where memory is small, each request keeps some of it, up to a limit
MEMORY = "process_resident_memory_bytes"            # of v1.0 3.5 MiB
SLOWLY = {"TEST_APP_LEAK_KIB": 1}                   # of 10 requests a second: a sixth of the process a minute
A_LITTLE = {"TEST_APP_LEAK_KIB": 520, "TEST_APP_LEAK_LIMIT_MIB": 1}    # one of them: a seventh, at once
EVENLY = {"TEST_APP_BURST": "100ms"}                # requests that come once a second beat with scrapes each second
FAR_OFF = {"TEST_APP_LEAK_KIB": 10240, "TEST_APP_LEAK_LIMIT_MIB": 120}  # thirtyfold, in the first second or two


class LevelsAlone(unittest.TestCase):
    """Case 13."""
    leak, little, far = "case-13", "case-13-little", "case-13-far"

    def setUp(self):
        self.addCleanup(unlimit_all)
        for ns in (self.leak, self.little, self.far):
            namespace(ns)
            policy(ns)
            self.addCleanup(delete_namespace, ns)

    def learned(self, ns):
        """On each node: scrapes of v1.0 that the baseline of its memory rests on."""
        levels = get("releasebaselines", "deployment.test-app", ns)["spec"]["levels"]
        return all(any(level["metric"] == MEMORY and level["scrapes"] >= 90 for level in levels.get(node, [])) for node in NODES)

    def judged(self, ns, node=ODD):
        """What the agent of the candidate says there of its memory."""
        pod = next(p for p in pods(ns) if p["spec"]["nodeName"] == node)
        page = evidence(pod)
        self.assertEqual(page["role"], "candidate")
        return next(m for m in page["metrics"] if m["metric"] == MEMORY)

    def test_13_a_level_alone_decides(self):
        limit(ODD, memory=384)
        workloads = {self.leak: SLOWLY, self.little: A_LITTLE, self.far: FAR_OFF}
        for ns, env in workloads.items():
            apply(deployment(ns, "v1.0", env=env | EVENLY))
        for ns in workloads:
            settled(ns, "v1.0")
            wait(f"the baseline of {ns} knows v1.0's memory on each node", lambda: self.learned(ns), 300, 2)
            policy(ns, settleTime="10m")                            # time enough for each to be seen
        began = time.monotonic()
        for ns in workloads:
            set_release(ns, HUNGRY)

        wait("the leak is rolled back", lambda: rollback_annotation(self.leak) and release_of(self.leak) == "v1.0", 240)
        print(f"leak: {time.monotonic() - began:.0f} s from release to PATCH", flush=True)
        note = rollback_annotation(self.leak)
        self.assertIn(MEMORY, note["why"])
        self.assertIn(ODD, note["why"])
        for other in NODES:
            if other != ODD:
                self.assertNotIn(other, note["why"])
        self.assertEqual(releases(self.leak)[HUNGRY], "bad")

        told = wait("what stands far off is told of", lambda: events(self.far, "Inconclusive"), 120)
        self.assertIn(MEMORY, told[0]["message"])
        self.assertIn(ODD, told[0]["message"])

        def judged_long():
            memory = self.judged(self.little)
            return memory["windows"] >= 120 and memory["excluded"] == "no" and memory["now"] > memory["baseline"] * 1.1
        wait("a little more memory is judged for long", judged_long, 180, 2)
        for ns in (self.little, self.far):
            self.assertIsNone(rollback_annotation(ns))
            self.assertEqual(releases(ns)[HUNGRY], "candidate")
        self.assertFalse(events(self.little, "Inconclusive"))
        wait("all pods on v1.0 again", lambda: complete(self.leak), 120)


if __name__ == "__main__":
    unittest.main(verbosity=2)
