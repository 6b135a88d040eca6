"""What must not be rolled back: a good release (2), and nodes that turn weak (4, 10)."""
import unittest

from world import *


# Work enough to be most of what its node does; nothing on an ordinary device.
BUSY = {"TEST_APP_WORK": 300}


def node_suspected(ns, node):
    """The Event on the Node that names a workload of this case, not one of an earlier run on this cluster."""
    since = get("namespace", ns)["metadata"]["creationTimestamp"]
    return [e for e in get("events", ns="default") if e.get("reason") == "NodeSuspect" and e["involvedObject"]["name"] == node
            and f"{ns}/" in e["message"] and e["metadata"]["creationTimestamp"] >= since]


class GoodRelease(unittest.TestCase):
    """Case 2."""
    ns = "case-2"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(delete_namespace, self.ns)

    def test_02_good_release_becomes_stable(self):
        apply(deployment(self.ns, "v1.0", env=PROVING))
        settled(self.ns, "v1.0")
        # By errors and slow requests: of durations a stable release of seconds tells too little, and none of its pods stays.
        proven(self.ns, "v1.1", levelsDecide=False)
        self.assertIsNone(rollback_annotation(self.ns))
        self.assertEqual(release_of(self.ns), "v1.1")


class GoodReleaseBesideOldPods(unittest.TestCase):
    """Case 2 by the default policy, which asks for the mean duration of requests too. That takes stable pods of ten minutes and
    more on each node: the stable release is deployed before the first case, on a node that no case limits."""
    ns = "case-2-durations"
    work = PROVING | {"TEST_APP_WORK": 40}                  # of both releases: v1.1 by itself works half as much again

    @classmethod
    def before_all_cases(cls):
        namespace(cls.ns)
        policy(cls.ns)
        stable = deployment(cls.ns, "v1.0", replicas=2, env=cls.work)
        stable["spec"] |= {"minReadySeconds": 120, "progressDeadlineSeconds": 300,
                           "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": "100%"}}}
        pod = stable["spec"]["template"]["spec"]
        del pod["topologySpreadConstraints"]
        pod["nodeSelector"] = {"kubernetes.io/hostname": "node1"}
        apply(stable)

    def setUp(self):
        self.addCleanup(delete_namespace, self.ns)

    def test_02_good_release_is_proven_by_durations_too(self):
        old = lambda: all(age(p) > 11 * 60 for p in pods(self.ns))
        wait("the stable pods are old enough to tell of durations", old, 12 * 60, 5)
        self.assertIn(releases(self.ns)["v1.0"], ("stable", "adopted"))
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
        apply(deployment(self.ns, "v1.0", env=BUSY | PROVING))
        settled(self.ns, "v1.0")
        # There is a release to go back to, and a proven one may still go back within its window. No stable pod stays beside it:
        # by errors and slow requests it is proven all the same.
        proven(self.ns, "v1.1", rollbackWindow="1h", levelsDecide=False)
        overload("node2")
        pod = next(p for p in pods(self.ns) if p["spec"]["nodeName"] == "node2")
        wait("the agent on the weak node sees the degradation", lambda: "ANOMALY" in agent_log(self.ns, pod["metadata"]["name"]), 180, 2)
        never("rolled back", lambda: rollback_annotation(self.ns), 30)
        wait("the node is named", lambda: node_suspected(self.ns, "node2"), 60, 2)
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
        work = BUSY | {"TEST_APP_REQUESTS_PER_SECOND": 20}
        apply(deployment(self.ns, "v1.0", env=work), deployment(self.ns + "-other", "v1.0", name="other", env=work))
        settled(self.ns, "v1.0")
        settled(self.ns + "-other", "v1.0", name="other")
        policy(self.ns, settleTime="10m")
        set_release(self.ns, "v1.1")
        wait("v1.1 is everywhere", lambda: complete(self.ns), 120)
        time.sleep(60)                                      # the minute of the case
        self.assertEqual(releases(self.ns)["v1.1"], "candidate")
        overload("node2")
        pod = next(p for p in pods(self.ns) if p["spec"]["nodeName"] == "node2")
        wait("the candidate's agent there sees it", lambda: "ANOMALY" in agent_log(self.ns, pod["metadata"]["name"]), 180, 2)
        wait("the node is named", lambda: node_suspected(self.ns, "node2"), 90, 2)
        never("rolled back", lambda: rollback_annotation(self.ns), 30)
        self.assertEqual(release_of(self.ns), "v1.1")


class NodeLosesMemoryAfterRelease(unittest.TestCase):
    """Case 10, where the kernel kills and says so in the pods' status: a fact, but not one against the release."""
    ns, other = "case-10-memory", "case-10-memory-other"

    def setUp(self):
        for ns in (self.ns, self.other):
            namespace(ns)
            policy(ns)
            self.addCleanup(delete_namespace, ns)
        self.addCleanup(unlimit_all)

    def killed(self, ns, name):
        """Application containers on node2 that were killed for want of memory."""
        for pod in pods(ns, name):
            if pod["spec"].get("nodeName") == "node2":
                for status in pod["status"].get("containerStatuses", []):
                    ends = [status.get(when, {}).get("terminated", {}) for when in ("state", "lastState")]
                    if status["name"] == "app" and any(end.get("reason") == "OOMKilled" for end in ends):
                        return pod["metadata"]["name"]

    def test_10_node_that_loses_its_memory_a_minute_after_a_good_release_is_blamed_itself(self):
        # Each instance fills a cache of 48 MiB and then holds it.
        cache = {"TEST_APP_FAULT": "leak", "TEST_APP_LEAK_KIB": 1024, "TEST_APP_LEAK_LIMIT_MIB": 48}
        limit("node2", memory=384)
        apply(deployment(self.ns, "v1.0", env=cache), deployment(self.other, "v1.0", name="other", env=cache))
        settled(self.ns, "v1.0")
        settled(self.other, "v1.0", name="other")
        policy(self.ns, settleTime="10m", confirmation="30s")       # the default: containers are killed one after the other
        set_release(self.ns, "v1.1")
        wait("v1.1 is everywhere", lambda: complete(self.ns), 120)
        time.sleep(60)                                      # the minute of the case
        self.assertEqual(releases(self.ns)["v1.1"], "candidate")
        with occupied("node2", 320):                        # what is left fits one instance, not two
            wait("the candidate is killed", lambda: self.killed(self.ns, "test-app"), 120)
            wait("the other workload is killed", lambda: self.killed(self.other, "other"), 120)
            wait("the node is named", lambda: node_suspected(self.ns, "node2"), 120, 2)
            never("rolled back", lambda: rollback_annotation(self.ns) or rollback_annotation(self.other, "other"), 40)
        self.assertEqual(release_of(self.ns), "v1.1")
        self.assertEqual(releases(self.ns)["v1.1"], "candidate")


if __name__ == "__main__":
    unittest.main(verbosity=2)
