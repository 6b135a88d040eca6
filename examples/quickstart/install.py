"""Builds Charon and installs it: on a cluster made for it on this machine, or on one that is there.

  install [--nodes N] [--new]               a cluster of N nodes (3) on this machine, or the one of an earlier run; --new:
                                            only a new one, and an error where one runs (with CI=true it is replaced)
  install --context NAME --registry HOST/PATH   the cluster that kubectl's context NAME means, by way of a registry that its
                                            nodes can pull from and this machine may push to
  --set KEY=VALUE                           passed on to helm; may be repeated

Installs missing Debian packages first (tests/setup). Done again, it upgrades.
"""
import argparse, contextlib, json, os, pathlib, shutil, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = ROOT / "tests/cluster/cluster"
NAMESPACE = "charon-system"
sys.path.insert(0, str(ROOT / "tests/cluster"))
sys.dont_write_bytecode = True
import images


@contextlib.contextmanager
def step(what):
    print(f"{what} ...", end="", flush=True)
    began = time.monotonic()
    yield
    print(f" {time.monotonic() - began:.0f} s", flush=True)


def run(*cmd, env=None):
    done = subprocess.run([str(c) for c in cmd], text=True, capture_output=True, env=env, cwd=ROOT)
    if done.returncode:
        sys.exit(f" failed\n{' '.join(map(str, cmd))}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


def cluster_environment():
    words = run(CLUSTER, "env").split()                       # export KUBECONFIG=... PATH=...:$PATH
    kubeconfig, path = (w.partition("=")[2] for w in words[1:3])
    return {**os.environ, "KUBECONFIG": kubeconfig, "PATH": path.replace("$PATH", os.environ["PATH"])}


def nodes_of_earlier_run(env):
    """How many nodes the cluster has that runs on this machine; 0: none runs."""
    if not pathlib.Path(env["KUBECONFIG"]).exists():
        return 0
    found = subprocess.run(["kubectl", "get", "nodes", "-o", "json", "--request-timeout=10s"], env=env, text=True, capture_output=True)
    return len(json.loads(found.stdout)["items"]) if found.returncode == 0 else 0


def start_cluster(nodes, new):
    env = cluster_environment()
    there = 0 if new else nodes_of_earlier_run(env)
    if there >= nodes:
        print(f"the cluster of an earlier run, {there} nodes, is taken (examples/quickstart/run --clean removes it)", flush=True)
        return env
    if there:
        sys.exit(f"a cluster of {there} nodes runs and {nodes} are wanted: end it with 'examples/quickstart/run --clean', then run this again")
    with step("the cluster's programs (6 minutes the first time)"):
        run(CLUSTER, "tools")
    with step(f"a cluster of {nodes} nodes"):
        run(CLUSTER, "up", "--nodes", nodes, *(["--replace"] if os.environ.get("CI") == "true" else []))
    return env


def clients():
    """The user's own kubectl and helm, or those built here."""
    if shutil.which("kubectl") and shutil.which("helm"):
        return dict(os.environ)
    with step("kubectl and helm (a few minutes the first time)"):
        return {**os.environ, "PATH": f"{os.environ['PATH']}:{run(CLUSTER, 'tools', 'kubectl', 'helm').strip()}"}


def main():
    p = argparse.ArgumentParser(prog="examples/quickstart/install", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--nodes", type=int, default=3)
    p.add_argument("--new", action="store_true")
    p.add_argument("--context")
    p.add_argument("--registry")
    p.add_argument("--set", action="append", default=[], dest="values")
    a = p.parse_args()
    if a.context and not a.registry:
        p.error("--context needs --registry: the cluster's nodes pull the images from there")
    if a.registry and not a.context:
        p.error("--registry needs --context: a cluster on this machine has a registry of its own")
    if a.context and a.new:
        p.error("--new and --context exclude each other")
    if not a.context and os.geteuid() != 0:
        sys.exit("a cluster on this machine needs root (network namespaces, cgroups); with --context none is made")

    print("what building needs, from Debian:", flush=True)
    subprocess.run([ROOT / "tests/setup"], check=True)
    with step("Charon's programs (a few minutes the first time)"):
        run("cmake", "--preset", "release")
        run("cmake", "--build", "--preset", "release")
    env = clients() if a.context else start_cluster(a.nodes, a.new)
    at = ["--kube-context", a.context] if a.context else []
    registry = a.registry or "10.77.0.1:5000"
    with step(f"images, pushed to {registry}"):
        out = ROOT / "build/images"
        shutil.rmtree(out, ignore_errors=True)
        images.build(out)
        digests = {name: images.push(out, name, registry) for name in images.NAMES}
    with step("helm install charon"):
        values = []
        for part in ["injector", "coordinator", "agent"]:
            repository, _, digest = digests[f"charon-{part}"].partition("@")
            values += ["--set", f"{part}.image.repository={repository},{part}.image.digest={digest}"]
        if not a.context:      # Charon's own pods stay off the nodes that are made weak
            values += ["--set-string", "nodeSelector.kubernetes\\.io/hostname=node1"]
        run("helm", *at, "upgrade", "--install", "charon", ROOT / "charts/charon", "--namespace", NAMESPACE, "--create-namespace",
            *values, *(x for v in a.values for x in ("--set", v)), "--wait", "--timeout", "3m", env=env)


if __name__ == "__main__":
    main()
