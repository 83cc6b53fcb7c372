"""Testcontainers for Python, unchanged, against a cluster of three segments."""

import os
import urllib.request

# Its reaper wants the engine's socket inside a container, which no cluster gives.
os.environ["TESTCONTAINERS_RYUK_DISABLED"] = "true"

from testcontainers.core.container import DockerContainer  # noqa: E402
from testcontainers.core.network import Network  # noqa: E402
from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: E402

from cluster import IMAGE, ClusterTest  # noqa: E402

SERVE = (
    "sh -c 'mkdir /www; echo served > /www/index.html; echo ready to serve; "
    "exec httpd -f -p 8000 -h /www'"
)


class Testcontainers(ClusterTest):
    def server(self):
        return (
            DockerContainer(IMAGE)
            .with_command(SERVE)
            .with_exposed_ports(8000)
            .with_kwargs(labels={"tried.by": "python"})
            .waiting_for(LogMessageWaitStrategy("ready to serve"))
        )

    def test_a_port_is_reached_where_inspect_says(self):
        with self.server() as container:
            found = self.client.containers.get(container.get_wrapped_container().id)
            binding = found.ports["8000/tcp"][0]
            self.assertEqual(int(container.get_exposed_port(8000)), int(binding["HostPort"]))
            address = f"http://{binding['HostIp']}:{binding['HostPort']}/"
            with urllib.request.urlopen(address, timeout=10) as answer:
                self.assertEqual(answer.read(), b"served\n")
        self.assertEqual(self.client.containers.list(all=True, filters={"id": found.id}), [])

    def test_exec_and_logs(self):
        with self.server() as container:
            done = container.exec(["cat", "/www/index.html"])
            self.assertEqual((done.exit_code, done.output), (0, b"served\n"))
            self.assertIn(b"ready to serve", container.get_logs()[0])

    def test_two_on_a_network(self):
        with Network() as network:
            named = self.server().with_network(network).with_network_aliases("server")
            other = DockerContainer(IMAGE).with_command("sleep 60").with_network(network)
            with named, other.with_kwargs(stop_signal="SIGKILL"):
                done = other.exec("wget -qO- http://server:8000/")
                self.assertEqual(done.output, b"served\n")
