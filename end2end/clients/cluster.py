"""What the tests of Python clients share: where the cluster is, and leaving it as it was."""

import io
import os
import tarfile
import time
import unittest

import docker

IMAGE = "busybox:latest"
LABEL = {"tried.by": "python"}


def until(what, limit, condition):
    """Waits for a condition, and gives back what made it true."""
    end = time.monotonic() + limit
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {limit} s")
        time.sleep(0.05)


def node_of(container):
    """The segment's number: names are `<cluster>-n<k>`."""
    container.reload()
    return container.attrs["Node"]["Name"].rsplit("-n", 1)[1]


def archive(**files):
    """A tar archive of files, by name."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class ClusterTest(unittest.TestCase):
    """One client a class; what carries the label goes when a test ends, however it ends."""

    @classmethod
    def setUpClass(cls):
        cls.client = docker.from_env()
        cls.cluster = os.environ["CARINA_TEST_CLUSTER"]
        cls.addClassCleanup(cls.client.close)

    def setUp(self):
        self.addCleanup(self.tidy)

    def tidy(self):
        ours = {"label": "tried.by=python"}
        for service in self.client.services.list(filters=ours):
            service.remove()
        for container in self.client.containers.list(all=True, filters=ours):
            container.remove(force=True, v=True)
        for network in self.client.networks.list(filters=ours):
            network.remove()
        for volume in self.client.volumes.list(filters=ours):
            volume.remove()

    def run_container(self, command, **options):
        return self.client.containers.run(
            IMAGE, command, detach=True, labels=LABEL, **options
        )
