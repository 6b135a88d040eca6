"""What a RollbackPolicy says of metrics and of the detector, through a real API server to the agents and back (12)."""
import json, re, unittest

from world import *

FAULTY = "v1.2-errors"                              # a quarter of its requests fails, everywhere and from the start
ERRORS = 'http_requests_total{code="5xx"}'
# Shares of errors near 20% are an alarm; nothing that is healthy comes near, save levels: the bound is that of all metrics.
CLASSIC = {"detector": "anomalyzer", "levelsDecide": False, "anomalyzer": {"methods": ["fence"], "upperBound": 0.2}}


class PolicyDecides(unittest.TestCase):
    """Case 12."""
    ns, classic = "case-12", "case-12-classic"

    def setUp(self):
        for ns, spec in ((self.ns, {}), (self.classic, CLASSIC)):
            namespace(ns)
            policy(ns, **spec)
            self.addCleanup(delete_namespace, ns)
            meta = {"name": "reader", "namespace": ns}
            apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
                  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta,
                   "rules": [{"apiGroups": ["charon.dev"], "resources": ["releaseledgers"], "verbs": ["get"]}]},
                  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta,
                   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
                   "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": ns}]})

    def explain(self, ns):
        status, view = coordinator("GET", f"/v1/workloads/{ns}/deployments/test-app", token(ns, "reader"))
        self.assertEqual(status, 200, view)
        return view

    def refused(self, spec, *message):
        with self.assertRaises(AssertionError) as refusal:
            policy(self.ns, **spec)
        for part in message:
            self.assertIn(part, str(refusal.exception))

    def ignored(self):
        """The fault is there on every pod, and the agents leave it out."""
        shown = [m for pod in pods(self.ns) for m in evidence(pod)["metrics"] if m["metric"] == ERRORS and m["now"] > 0.1]
        return len(shown) == 2 and {"metric": ERRORS, "kind": "error_ratio", "reason": "ignored", "pods": 2} in self.explain(self.ns)["excluded"]

    def test_12_metrics_and_detector_are_what_the_policy_says(self):
        for ns in (self.ns, self.classic):
            apply(deployment(ns, "v1.0", replicas=2))
        self.refused({"metrics": [{"name": "x", "kind": "banana"}]}, "spec.metrics[0].kind", '"banana"', '"error_ratio"')
        self.refused({"detector": "oracle"}, "spec.detector", '"oracle"', '"anomalyzer"')
        for ns in (self.ns, self.classic):
            settled(ns, "v1.0")
        later = {"settleTime": "10m", "ambiguous": "patch"}         # what is bad from the start is looked at late here
        policy(self.ns, **later, metrics=[{"name": "http_requests_total", "ignore": True}])
        policy(self.classic, **later, **CLASSIC)
        for ns in (self.ns, self.classic):
            set_release(ns, FAULTY)

        wait("the classic engine rolls back", lambda: rollback_annotation(self.classic) and release_of(self.classic) == "v1.0", 90)
        by_score = re.escape(ERRORS) + " errors .* by the classic engine"
        self.assertRegex(rollback_annotation(self.classic)["why"], by_score)
        wait("its Event", lambda: events(self.classic, "RolledBack"), 10)
        self.assertRegex(events(self.classic, "RolledBack")[0]["message"], by_score)
        self.assertRegex(json.dumps(self.explain(self.classic)), "by the classic engine")

        wait("the fault is seen and ignored", self.ignored, 60, 2)
        never("rolled back by what is ignored", lambda: rollback_annotation(self.ns), 8)
        self.assertEqual(releases(self.ns)[FAULTY], "candidate")
        policy(self.ns, **later)
        wait("rollback to v1.0", lambda: rollback_annotation(self.ns) and release_of(self.ns) == "v1.0", 60)
        self.assertIn(ERRORS, rollback_annotation(self.ns)["why"])
        self.assertEqual(releases(self.ns)[FAULTY], "bad")


if __name__ == "__main__":
    unittest.main(verbosity=2)
