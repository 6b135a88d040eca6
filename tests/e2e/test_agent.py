"""Case 8: whatever happens to the agent's worker, the application's pod stays Ready and in its EndpointSlice."""
import pathlib, socket, unittest

from world import *


def processes_of(container_id):
    """pid -> command line of what runs in a container, as the host sees it."""
    found = {}
    for proc in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if container_id in (proc / "cgroup").read_text():
                found[int(proc.name)] = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            pass
    return found


def memory_limit_file(pid):
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "memory":
            return pathlib.Path(f"/sys/fs/cgroup/memory{path}/memory.limit_in_bytes")
        if controllers == "":
            v2 = pathlib.Path(f"/sys/fs/cgroup{path}/memory.max")
    return v2


class AgentWorker(unittest.TestCase):
    ns = "case-8"

    def setUp(self):
        namespace(self.ns)
        policy(self.ns)
        self.addCleanup(delete_namespace, self.ns)
        apply(deployment(self.ns, "v1.0", replicas=1),
              {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "test-app", "namespace": self.ns},
               "spec": {"selector": {"app": "test-app"}, "ports": [{"port": 80, "targetPort": 8080}]}})
        wait("pod is ready", lambda: complete(self.ns), 90)
        self.pod = pods(self.ns)[0]["metadata"]["name"]

    def agent(self):
        p = get("pod", self.pod, self.ns)
        statuses = p["status"].get("initContainerStatuses", []) + p["status"]["containerStatuses"]
        return next(s for s in statuses if s["name"] == "charon-agent")

    def in_service(self):
        pod = get("pod", self.pod, self.ns)
        ready = next(c["status"] for c in pod["status"]["conditions"] if c["type"] == "Ready") == "True"
        slices = get("endpointslices", ns=self.ns, selector="kubernetes.io/service-name=test-app")
        serving = any(e["conditions"]["ready"] for s in slices for e in s.get("endpoints") or [])
        return ready and serving

    def worker(self):
        found = processes_of(self.agent()["containerID"].rpartition("/")[2])
        return next((pid for pid, command in found.items() if " run" in command), None)

    def survives(self, what, harm):
        before, restarts = wait("the worker runs", self.worker, 30), self.agent()["restartCount"]
        harm(before)
        never_out = lambda: not self.in_service()
        never(f"out of service after {what}", never_out, 10)
        wait(f"a new worker after {what}", lambda: self.worker() not in (None, before), 40)
        self.assertEqual(self.agent()["restartCount"], restarts, "the container itself did not restart")
        wait("the new worker answers", lambda: evidence(get("pod", self.pod, self.ns)), 30)

    def test_08_agent_worker_killed_or_out_of_memory_leaves_the_pod_ready(self):
        wait("in service", self.in_service, 30)
        self.survives("SIGKILL", lambda pid: os.kill(pid, 9))

        def squeeze(pid):
            """The kernel's own out-of-memory kill: the container's real control group gets a limit just above what it
            uses, and clients that never finish their requests make the worker need more."""
            limit_file, address = memory_limit_file(pid), get("pod", self.pod, self.ns)["status"]["podIP"]
            old, alive = limit_file.read_text(), pathlib.Path(f"/proc/{pid}").exists
            self.addCleanup(lambda: limit_file.exists() and limit_file.write_text(old))
            size, clients = 16 << 20, []
            while alive() and size > 0:
                try:
                    limit_file.write_text(str(size))
                    size -= 256 << 10
                except OSError:                             # cgroup v1 refuses what it cannot reclaim
                    break
            for _ in range(400):
                if not alive():
                    break
                try:
                    clients.append(socket.create_connection((address, 19095), timeout=2))
                    clients[-1].sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 4000)
                except OSError:
                    time.sleep(0.1)
            gone = lambda: not alive()
            try:
                wait("the kernel kills the worker", gone, 20)
            finally:
                limit_file.write_text(old)
                for client in clients:
                    client.close()

        self.survives("out of memory", squeeze)


if __name__ == "__main__":
    unittest.main(verbosity=2)
