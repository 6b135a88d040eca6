"""What must not be rolled back: a good release (2), and nodes that turn weak (4, 10)."""
import unittest

from world import *


# Work enough that 0.03 of a core cannot keep up with it; nothing on an ordinary device.
BUSY = {"TEST_APP_WORK": 300}
TOO_WEAK = 0.03


class GoodRelease(unittest.TestCase):
    """Case 2."""
    ns = "case-2"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(delete_namespace, self.ns)

    def test_02_good_release_becomes_stable(self):
        apply(deployment(self.ns, "v1.0"))
        settled(self.ns, "v1.0")
        proven(self.ns, "v1.1")
        self.assertIsNone(rollback_annotation(self.ns))
        self.assertEqual(release_of(self.ns), "v1.1")


class NodeTurnsWeakUnderStable(unittest.TestCase):
    """Case 4."""
    ns = "case-4"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(unlimit_all)
        self.addCleanup(delete_namespace, self.ns)

    def test_04_node_that_turns_weak_under_the_stable_release_causes_no_rollback(self):
        apply(deployment(self.ns, "v1.0", env=BUSY))
        settled(self.ns, "v1.0")
        # A release before it exists to go back to, so that a wrong verdict would have a target.
        proven(self.ns, "v1.1")
        limit("node2", cpu=TOO_WEAK)
        pod = next(p for p in pods(self.ns) if p["spec"]["nodeName"] == "node2")
        wait("the agent on the weak node sees the degradation", lambda: "ANOMALY" in agent_log(self.ns, pod["metadata"]["name"]), 180, 2)
        never("rolled back", lambda: rollback_annotation(self.ns), 30)
        self.assertEqual(release_of(self.ns), "v1.1")


class NodeTurnsWeakAfterRelease(unittest.TestCase):
    """Case 10."""
    ns = "case-10"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        namespace(self.ns + "-other")
        policy(self.ns + "-other")
        self.addCleanup(unlimit_all)
        self.addCleanup(delete_namespace, self.ns)
        self.addCleanup(delete_namespace, self.ns + "-other")

    def test_10_node_that_turns_weak_a_minute_after_a_good_release_is_blamed_itself(self):
        apply(deployment(self.ns, "v1.0", env=BUSY), deployment(self.ns + "-other", "v1.0", name="other", env=BUSY))
        settled(self.ns, "v1.0")
        settled(self.ns + "-other", "v1.0", name="other")
        policy(self.ns, settleTime="10m")
        set_release(self.ns, "v1.1")
        wait("v1.1 is everywhere", lambda: complete(self.ns), 120)
        time.sleep(60)                                      # the minute of the case
        self.assertEqual(releases(self.ns)["v1.1"], "candidate")
        limit("node2", cpu=TOO_WEAK)
        pod = next(p for p in pods(self.ns) if p["spec"]["nodeName"] == "node2")
        wait("the candidate's agent there sees it", lambda: "ANOMALY" in agent_log(self.ns, pod["metadata"]["name"]), 180, 2)
        wait("the node is named", lambda: [e for e in get("events", ns="default") + events(self.ns) if e.get("reason") == "NodeSuspect"], 90, 2)
        never("rolled back", lambda: rollback_annotation(self.ns), 30)
        self.assertEqual(release_of(self.ns), "v1.1")


if __name__ == "__main__":
    unittest.main(verbosity=2)
