"""docker-py, unchanged, against a cluster of three segments."""

import io
import tarfile
import threading
import time

import docker
from docker.errors import APIError, BuildError, ContainerError, ImageNotFound, NotFound

from cluster import IMAGE, LABEL, ClusterTest, archive, node_of, until


class Cluster(ClusterTest):
    def test_ping_version_info(self):
        self.assertTrue(self.client.ping())
        version = self.client.version()
        self.assertIn("swarm/", version["Version"])
        info = self.client.info()
        self.assertEqual(info["ID"], self.cluster)
        status = dict(info["SystemStatus"])
        self.assertEqual(status["Nodes"], "3")

    def test_version_negotiation(self):
        negotiated = docker.APIClient(**docker.utils.kwargs_from_env())
        self.addCleanup(negotiated.close)
        # From_env asks the server as well: both come to what server and library know.
        self.assertEqual(negotiated.api_version, self.client.api.api_version)
        pinned = docker.APIClient(version="1.41", **docker.utils.kwargs_from_env())
        self.addCleanup(pinned.close)
        self.assertEqual(pinned.api_version, "1.41")
        self.assertTrue(pinned.ping())
        with self.assertRaises(APIError) as refused:
            docker.APIClient(version="1.99", **docker.utils.kwargs_from_env()).containers()
        self.assertEqual(refused.exception.status_code, 400)

    def test_disk_usage(self):
        usage = self.client.df()
        self.assertTrue(any("busybox:latest" in (i["RepoTags"] or []) for i in usage["Images"]))

    def test_events(self):
        stream = self.client.events(decode=True, filters={"label": "tried.by=python"})
        seen = []

        def listen():
            for event in stream:
                seen.append(event)
                if event.get("Action") == "die":
                    return

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        container = self.run_container("true", name="py-events")
        listener.join(20)
        stream.close()
        self.assertFalse(listener.is_alive(), seen)
        actions = [event["Action"] for event in seen]
        self.assertEqual(actions[0], "create")
        self.assertIn("start", actions)
        actor = seen[-1]["Actor"]
        self.assertEqual(actor["ID"], container.id)
        self.assertEqual(actor["Attributes"]["node.name"].rsplit("-n", 1)[0], self.cluster)

    def test_past_events(self):
        since = int(time.time()) - 1
        container = self.run_container("true", name="py-past")
        container.wait()
        events = self.client.events(
            decode=True, since=since, until=int(time.time()) + 1, filters={"container": container.id}
        )
        self.assertIn("die", [event["Action"] for event in events])


class Containers(ClusterTest):
    def test_run_gives_output(self):
        said = self.client.containers.run(IMAGE, "echo hello", remove=True)
        self.assertEqual(said, b"hello\n")
        with self.assertRaises(ContainerError) as failed:
            self.client.containers.run(IMAGE, ["sh", "-c", "echo no >&2; exit 3"], remove=True)
        self.assertEqual(failed.exception.exit_status, 3)
        self.assertEqual(failed.exception.stderr, b"no\n")

    def test_life(self):
        container = self.run_container("sleep 60", name="py-life", stop_signal="SIGKILL")
        self.assertEqual(self.client.containers.get("py-life").id, container.id)
        self.assertIn(container, self.client.containers.list())
        self.assertIn(container, self.client.containers.list(filters={"name": "py-life"}))
        container.pause()
        container.reload()
        self.assertEqual(container.status, "paused")
        container.unpause()
        container.rename("py-renamed")
        container.reload()
        self.assertEqual(container.name.rsplit("/", 1)[-1], "py-renamed")
        container.update(mem_limit="64m", memswap_limit="64m")
        container.restart(timeout=1)
        self.assertIn("sleep 60", str(container.top()["Processes"]))
        container.stop(timeout=1)
        self.assertEqual(container.wait()["StatusCode"], 137)
        container.start()
        container.kill()
        container.wait()
        container.remove()
        with self.assertRaises(NotFound):
            self.client.containers.get("py-renamed")

    def test_spread_and_pinned(self):
        three = [self.run_container("sleep 60", stop_signal="SIGKILL") for _ in range(3)]
        self.assertEqual({node_of(container) for container in three}, {"1", "2", "3"})
        pin = f"constraint:node=={self.cluster}-n2"
        for _ in range(2):
            self.assertEqual(node_of(self.run_container("true", environment=[pin])), "2")

    def test_a_name_is_taken_once(self):
        self.run_container("true", name="py-once")
        with self.assertRaises(APIError) as taken:
            self.run_container("true", name="py-once")
        self.assertEqual(taken.exception.status_code, 409)

    def test_policy_is_told(self):
        with self.assertRaises(APIError) as refused:
            self.run_container("true", privileged=True)
        self.assertEqual(refused.exception.status_code, 403)
        self.assertIn("CARINA-1001", refused.exception.explanation)

    def test_logs(self):
        script = "for i in 1 2 3; do echo out $i; echo err $i >&2; done; sleep 0.5; echo late"
        container = self.run_container(["sh", "-c", script])
        lines = list(container.logs(stream=True, follow=True, stderr=False))
        self.assertEqual(b"".join(lines), b"out 1\nout 2\nout 3\nlate\n")
        self.assertEqual(container.logs(stdout=False), b"err 1\nerr 2\nerr 3\n")
        self.assertRegex(container.logs(tail=1, timestamps=True), rb"^20\d\d-.*Z late\n$")

    def test_stats(self):
        container = self.run_container("sleep 60", stop_signal="SIGKILL", mem_limit="64m")
        once = container.stats(stream=False)
        self.assertEqual(once["memory_stats"]["limit"], 64 << 20)
        stream = container.stats(decode=True)
        self.assertEqual([next(stream)["id"] for _ in range(2)], [container.id] * 2)
        stream.close()

    def test_attach(self):
        container = self.client.containers.create(
            IMAGE, "cat", stdin_open=True, labels=LABEL
        )
        socket = container.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
        self.addCleanup(socket.close)
        container.start()
        raw(socket).sendall(b"spoken\n")
        self.assertEqual(frame(raw(socket)), (1, b"spoken\n"))

    def test_archives(self):
        container = self.run_container("sleep 60", stop_signal="SIGKILL")
        self.assertTrue(container.put_archive("/tmp", archive(one=b"1" * 100_000, two=b"2")))
        stream, stat = container.get_archive("/tmp/one", chunk_size=4096)
        self.assertEqual(stat["size"], 100_000)
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
            self.assertEqual(tar.extractfile("one").read(), b"1" * 100_000)
        self.assertIn("/tmp/two", [change["Path"] for change in container.diff()])
        with self.assertRaises(NotFound):
            container.get_archive("/tmp/three")

    def test_export(self):
        container = self.run_container("true")
        whole = b"".join(container.export())
        with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
            self.assertIn("bin/busybox", tar.getnames())

    def test_ports(self):
        container = self.run_container(
            "nc -ll -p 5000 -e echo there", ports={"5000/tcp": None}, stop_signal="SIGKILL"
        )
        container.reload()
        binding = container.ports["5000/tcp"][0]
        # The segment's address, not 0.0.0.0: that is where the port is.
        self.assertRegex(binding["HostIp"], r"^10\.198\.")
        self.assertGreater(int(binding["HostPort"]), 0)

    def test_health(self):
        check = {"test": ["CMD", "true"], "interval": 1_000_000_000}
        container = self.run_container("sleep 60", healthcheck=check, stop_signal="SIGKILL")

        def healthy():
            container.reload()
            return container.health == "healthy"

        until("it is healthy", 10, healthy)

    def test_prune(self):
        self.run_container("true", name="py-pruned").wait()
        pruned = self.client.containers.prune(filters={"label": "tried.by=python"})
        self.assertEqual(len(pruned["ContainersDeleted"]), 1)


class Execs(ClusterTest):
    def setUp(self):
        super().setUp()
        self.container = self.run_container("sleep 60", stop_signal="SIGKILL")

    def test_output_and_code(self):
        done = self.container.exec_run("echo inside")
        self.assertEqual((done.exit_code, done.output), (0, b"inside\n"))
        done = self.container.exec_run(["sh", "-c", "exit 5"])
        self.assertEqual(done.exit_code, 5)

    def test_apart(self):
        script = ["sh", "-c", "echo $WORD; pwd; echo bad >&2"]
        done = self.container.exec_run(
            script, demux=True, environment={"WORD": "said"}, workdir="/tmp"
        )
        self.assertEqual(done.output, (b"said\n/tmp\n", b"bad\n"))

    def test_stream(self):
        done = self.container.exec_run(["sh", "-c", "echo 1; sleep 0.3; echo 2"], stream=True)
        self.assertEqual(b"".join(done.output), b"1\n2\n")

    def test_socket(self):
        done = self.container.exec_run("cat", stdin=True, socket=True)
        self.addCleanup(done.output.close)
        raw(done.output).sendall(b"to and fro\n")
        self.assertEqual(frame(raw(done.output)), (1, b"to and fro\n"))

    def test_terminal(self):
        made = self.client.api.exec_create(
            self.container.id, ["sh", "-c", "read a; stty size"], stdin=True, tty=True
        )
        socket = self.client.api.exec_start(made["Id"], tty=True, socket=True)
        self.addCleanup(socket.close)
        self.client.api.exec_resize(made["Id"], height=17, width=71)
        raw(socket).sendall(b"\n")
        said = b""
        while b"17 71" not in said:
            piece = raw(socket).recv(4096)
            self.assertTrue(piece, said)
            said += piece
        until("it ended", 5, lambda: not self.client.api.exec_inspect(made["Id"])["Running"])

    def test_detached(self):
        self.container.exec_run(["sh", "-c", "echo x > /tmp/made"], detach=True)
        until("it was made", 5, lambda: self.container.exec_run("cat /tmp/made").exit_code == 0)


class Images(ClusterTest):
    def test_list_and_get(self):
        self.assertIn(IMAGE, [tag for image in self.client.images.list() for tag in image.tags])
        image = self.client.images.get("busybox")
        self.assertTrue(image.history())
        with self.assertRaises(ImageNotFound):
            self.client.images.get("py-missing:1")

    def test_build(self):
        dockerfile = b"FROM busybox\nARG WORD\nRUN echo $WORD > /word\nCMD cat /word\n"
        image, log = self.client.images.build(
            fileobj=io.BytesIO(archive(Dockerfile=dockerfile)),
            custom_context=True,
            tag="py-built:1",
            buildargs={"WORD": "built"},
            rm=True,
        )
        self.addCleanup(self.client.images.remove, "py-built:1", force=True)
        self.assertIn("Successfully tagged py-built:1", str(list(log)))
        self.assertEqual(image.tags, ["py-built:1"])
        # On whichever segment it lands.
        for k in (1, 2, 3):
            pin = f"constraint:node=={self.cluster}-n{k}"
            said = self.client.containers.run("py-built:1", environment=[pin], remove=True)
            self.assertEqual(said, b"built\n")

    def test_a_build_fails(self):
        with self.assertRaises(BuildError) as failed:
            self.client.images.build(
                fileobj=io.BytesIO(archive(Dockerfile=b"FROM busybox\nRUN exit 9\n")),
                custom_context=True,
                forcerm=True,
            )
        self.assertIn("returned a non-zero code: 9", failed.exception.msg)

    def test_tag_save_load_remove(self):
        image = self.client.images.get("busybox")
        self.assertTrue(image.tag("py-tagged", "1"))
        saved = b"".join(self.client.images.get("py-tagged:1").save(named="py-tagged:1"))
        self.client.images.remove("py-tagged:1")
        with self.assertRaises(ImageNotFound):
            self.client.images.get("py-tagged:1")
        self.assertIn("py-tagged:1", self.client.images.load(saved)[0].tags)
        self.client.images.remove("py-tagged:1")

    def test_commit(self):
        container = self.run_container(["sh", "-c", "echo kept > /kept"])
        container.wait()
        container.commit("py-kept", "1", changes="CMD cat /kept")
        self.addCleanup(self.client.images.remove, "py-kept:1", force=True)
        self.assertEqual(self.client.containers.run("py-kept:1", remove=True), b"kept\n")

    def test_import(self):
        self.client.api.import_image_from_data(archive(file=b"x"), repository="py-in", tag="1")
        self.addCleanup(self.client.images.remove, "py-in:1", force=True)
        self.assertEqual(self.client.images.get("py-in:1").tags, ["py-in:1"])

    def test_a_pull_fails(self):
        with self.assertRaises(APIError) as failed:
            self.client.images.pull("localhost:1/py-none", tag="1")
        self.assertIn("localhost:1", failed.exception.explanation or "")


class Networks(ClusterTest):
    def name_known(self, container, name):
        """The engines tell each other of a name within moments, not before a start is answered."""
        end = time.monotonic() + 15
        while (ping := container.exec_run(f"ping -c1 -W5 {name}")).exit_code != 0:
            self.assertLess(time.monotonic(), end, ping.output)
            time.sleep(0.1)

    def test_over_the_segments(self):
        network = self.client.networks.create("py-net", labels=LABEL)
        network.reload()
        self.assertEqual(network.attrs["Driver"], "overlay")
        self.assertIn(network, self.client.networks.list(names=["py-net"]))
        there = []
        for name, k in (("py-a", 1), ("py-b", 3)):
            pin = f"constraint:node=={self.cluster}-n{k}"
            there.append(self.run_container(
                "sleep 60", name=name, network="py-net", environment=[pin], stop_signal="SIGKILL"
            ))
        self.name_known(there[0], "py-b")
        network.reload()
        self.assertEqual(set(network.attrs["Containers"]), {c.id for c in there})
        network.disconnect(there[1])
        network.connect(there[1], aliases=["other"])
        self.name_known(there[0], "other")
        for container in there:
            container.remove(force=True)
        network.remove()
        with self.assertRaises(NotFound):
            self.client.networks.get("py-net")

    def test_of_one_segment(self):
        name = f"{self.cluster}-n2/py-local"
        network = self.client.networks.create(name, driver="bridge", labels=LABEL)
        found = self.client.networks.get(name)
        self.assertEqual((found.id, found.attrs["Driver"]), (network.id, "bridge"))

    def test_prune(self):
        self.client.networks.create("py-unused", labels=LABEL)
        self.client.networks.prune(filters={"label": "tried.by=python"})
        self.assertEqual(self.client.networks.list(names=["py-unused"]), [])


class Volumes(ClusterTest):
    def test_the_container_follows(self):
        volume = self.client.volumes.create("py-vol", labels=LABEL)
        self.assertEqual(self.client.volumes.get("py-vol").name, volume.name)
        mount = {"py-vol": {"bind": "/data", "mode": "rw"}}
        nodes = set()
        for _ in range(3):
            container = self.run_container(["sh", "-c", "echo row >> /data/rows"], volumes=mount)
            container.wait()
            nodes.add(node_of(container))
        self.assertEqual(len(nodes), 1, nodes)
        read = self.client.containers.run(
            IMAGE, "cat /data/rows", remove=True, volumes={"py-vol": {"bind": "/data", "mode": "ro"}}
        )
        self.assertEqual(read, b"row\n" * 3)
        names = [v.name.rsplit("/", 1)[-1] for v in self.client.volumes.list()]
        self.assertIn("py-vol", names)
        self.tidy()
        with self.assertRaises(NotFound):
            self.client.volumes.get("py-vol")

    def test_no_volume_of_the_host(self):
        with self.assertRaises(APIError) as refused:
            self.run_container("true", volumes={"/etc": {"bind": "/x", "mode": "rw"}})
        self.assertEqual(refused.exception.status_code, 403)


class LowLevel(ClusterTest):
    def test_create_start_inspect(self):
        api = self.client.api
        host = api.create_host_config(
            restart_policy={"Name": "no"}, dns=["127.0.0.1"], tmpfs={"/scratch": "size=1m"}
        )
        made = api.create_container(IMAGE, "sleep 60", name="py-low", host_config=host,
                                    labels=LABEL, stop_signal="SIGKILL", hostname="low")
        api.start(made["Id"])
        found = api.inspect_container("py-low")
        self.assertTrue(found["State"]["Running"])
        self.assertEqual(found["Config"]["Hostname"], "low")
        self.assertIn("Node", found)
        self.assertEqual([c["Id"] for c in api.containers(filters={"id": made["Id"]})], [made["Id"]])
        self.assertEqual(api.logs(made["Id"]), b"")
        api.remove_container(made["Id"], force=True)


def raw(socket):
    """The socket to write to, under whatever the library wraps it in."""
    return getattr(socket, "_sock", socket)


def frame(socket):
    """One piece of a stream of several outputs: which, and what."""
    head = exactly(socket, 8)
    return head[0], exactly(socket, int.from_bytes(head[4:], "big"))


def exactly(socket, n):
    got = b""
    while len(got) < n:
        piece = socket.recv(n - len(got))
        if not piece:
            raise AssertionError(f"the stream ended after {got!r}")
        got += piece
    return got
