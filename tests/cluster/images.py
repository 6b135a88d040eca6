#!/usr/bin/python3
"""Images of Charon's programs and of the test-app's releases, from the static programs in build/release.

  tests/cluster/images.py build OUT [NAME...]      docker archives OUT/NAME.tar; no name: all of them
  tests/cluster/images.py push OUT REGISTRY        pushes what is in OUT; prints NAME REGISTRY/REPOSITORY@DIGEST

Built by buildah in a storage of its own: no daemon, nothing left behind, the same bytes for the same programs.
"""
import os, pathlib, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = {"charon-agent": "agent", "charon-injector": "injector", "charon-coordinator": "coordinator"}
# What each release of the test-app is (examples/test-app/Dockerfile). v1.2 and v1.2-slow have no fault in them but work
# 20 times as much: that is nothing on an ordinary device and too much on one with a tenth of a core.
RELEASES = {
    "v1.0": {},
    "v1.1": {"WORK": "60"},
    "v1.2": {"WORK": "800"},
    "v1.2-slow": {"WORK": "800"},
    "v1.2-errors": {"FAULT": "errors"},
    "v1.2-errors-weak": {"FAULT": "errors", "FAULT_WHERE": "cpu<0.25"},
    "v1.2-late-labelled": {"FAULT": "slow", "FAULT_WHERE": "label:example.org/disk=slow"},
    "v1.2-leak-small": {"FAULT": "leak", "FAULT_WHERE": "memory<128Mi"},
    "v1.2-hungry": {"FAULT": "leak", "FAULT_WHERE": "memory<512Mi"},
    "v1.2-crash": {"FAULT": "crash"},
}
NAMES = [*PROGRAMS, *(f"test-app:{tag}" for tag in RELEASES)]


def run(*cmd):
    done = subprocess.run([str(c) for c in cmd], text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"images: {' '.join(str(c) for c in cmd)}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def archive(out, name):
    return pathlib.Path(out) / (name.replace(":", "-") + ".tar")


def build(out, names=NAMES, programs=ROOT / "build/release"):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="charon-images-", ignore_cleanup_errors=True) as storage:
        buildah = ["buildah", "--root", f"{storage}/root", "--runroot", f"{storage}/run", "--storage-driver", "vfs"]
        for name in names:
            repository, _, tag = name.partition(":")
            program = repository
            folder = PROGRAMS.get(repository, "examples/test-app")
            args = {"RELEASE": tag, **RELEASES[tag]} if tag else {}
            with tempfile.TemporaryDirectory() as context:      # the program alone, not the whole build folder
                os.link(programs / program, f"{context}/{program}") if os.stat(programs).st_dev == os.stat(context).st_dev \
                    else run("cp", programs / program, context)
                run(*buildah, "bud", "--quiet", "--isolation", "chroot", "--timestamp", "0", "--tag", f"localhost/{name}",
                    *(x for k, v in args.items() for x in ("--build-arg", f"{k}={v}")),
                    "--file", ROOT / folder / "Dockerfile", context)
            archive(out, name).unlink(missing_ok=True)
            run(*buildah, "push", "--quiet", f"localhost/{name}", f"docker-archive:{archive(out, name)}:localhost/{name}")


def push(out, name, registry, tag=None):
    """Pushes one image, as `tag` if another than its own is wanted; returns repository@digest as pods name it."""
    repository, _, own = name.partition(":")
    with tempfile.NamedTemporaryFile("r") as digest:
        run("skopeo", "copy", "--quiet", "--dest-tls-verify=false", "--digestfile", digest.name,
            f"docker-archive:{archive(out, name)}", f"docker://{registry}/{repository}:{tag or own or 'latest'}")
        return f"{registry}/{repository}@{digest.read().strip()}"


if __name__ == "__main__":
    if len(sys.argv) >= 3 and sys.argv[1] == "build":
        build(sys.argv[2], sys.argv[3:] or NAMES)
    elif len(sys.argv) == 4 and sys.argv[1] == "push":
        for name in NAMES:
            if archive(sys.argv[2], name).exists():
                print(name, push(sys.argv[2], name, sys.argv[3]))
    else:
        sys.exit(__doc__)
