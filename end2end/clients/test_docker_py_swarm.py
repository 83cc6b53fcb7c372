"""docker-py, unchanged: Docker's own swarm mode on a cluster of three segments."""

from docker.errors import APIError, NotFound
from docker.types import ConfigReference, EndpointSpec, SecretReference, ServiceMode, UpdateConfig

from cluster import IMAGE, LABEL, ClusterTest, until

SPEAK = ["sh", "-c", "echo I am $WORD; trap 'exit 0' TERM; sleep 300 & wait"]


class Services(ClusterTest):
    def service(self, name, replicas=1, command=SPEAK, **options):
        return self.client.services.create(
            IMAGE,
            command=command,
            name=name,
            labels=LABEL,
            mode=ServiceMode("replicated", replicas),
            # Kernels without IPVS have no virtual addresses.
            endpoint_spec=EndpointSpec(mode="dnsrr"),
            update_config=UpdateConfig(parallelism=0),
            **options,
        )

    def running(self, service, n):
        def is_so():
            listed = self.client.services.list(filters={"id": service.id}, status=True)
            status = listed[0].attrs["ServiceStatus"]
            return (status["RunningTasks"], status["DesiredTasks"]) == (n, n)

        until(f"{n} of its tasks run", 60, is_so)

    def says(self, service, word, times):
        until(
            f"{times} times {word}",
            60,
            lambda: b"".join(service.logs(stdout=True)).count(word) == times,
        )

    def test_life(self):
        service = self.service("py-web", replicas=2, env=["WORD=first"])
        self.assertIn(service, self.client.services.list(filters={"label": "tried.by=python"}))
        self.assertEqual(self.client.services.get("py-web").id, service.id)
        self.running(service, 2)
        self.says(service, b"I am first\n", 2)
        self.assertTrue(service.scale(3))
        self.running(service, 3)

        # The library sends the defaults along, for which the engines start all anew.
        def three_run():
            tasks = service.tasks(filters={"desired-state": "running"})
            self.assertEqual({task["ServiceID"] for task in tasks}, {service.id})
            return [task["Status"]["State"] for task in tasks] == ["running"] * 3

        until("three tasks run", 60, three_run)
        service.reload()
        service.update(env=["WORD=second"])
        self.says(service, b"I am second\n", 3)
        service.reload()
        self.assertEqual(service.attrs["Spec"]["Labels"], LABEL)
        self.assertEqual(service.attrs["Spec"]["Mode"]["Replicated"]["Replicas"], 3)
        before = service.attrs["Spec"]["TaskTemplate"]["ForceUpdate"]
        service.force_update()
        service.reload()
        self.assertEqual(service.attrs["Spec"]["TaskTemplate"]["ForceUpdate"], before + 1)
        service.remove()
        with self.assertRaises(NotFound):
            self.client.services.get("py-web")

    def test_secrets_and_configs_reach_tasks(self):
        secret = self.client.secrets.create(name="py-secret", data=b"hush", labels=LABEL)
        self.addCleanup(secret.remove)
        config = self.client.configs.create(name="py-config", data=b"port=80", labels=LABEL)
        self.addCleanup(config.remove)
        secret.reload()
        self.assertEqual(secret.name, "py-secret")
        self.assertNotIn("Data", secret.attrs["Spec"])
        ours = {"label": "tried.by=python"}
        self.assertEqual([s.id for s in self.client.secrets.list(filters=ours)], [secret.id])
        self.assertEqual([c.id for c in self.client.configs.list(filters=ours)], [config.id])
        self.assertEqual(self.client.configs.get("py-config").id, config.id)
        service = self.service(
            "py-reader",
            command=["sh", "-c", "echo $(cat /run/secrets/word) $(cat /settings); sleep 300"],
            stop_signal="SIGKILL",
            secrets=[SecretReference(secret.id, "py-secret", filename="word")],
            configs=[ConfigReference(config.id, "py-config", filename="/settings")],
        )
        self.says(service, b"hush port=80\n", 1)
        # While a service uses it, it stays.
        with self.assertRaises(APIError):
            secret.remove()
        service.remove()

    def test_no_more_than_a_container_may(self):
        with self.assertRaises(APIError) as refused:
            self.service("py-bad", mounts=["/etc:/host:ro"])
        self.assertEqual(refused.exception.status_code, 403)
        self.assertIn("CARINA-1002", refused.exception.explanation)


class Nodes(ClusterTest):
    def test_nodes(self):
        nodes = self.client.nodes.list()
        names = sorted(node.attrs["Description"]["Hostname"] for node in nodes)
        self.assertEqual(names, [f"{self.cluster}-n{k}" for k in (1, 2, 3)])
        self.assertEqual(len(self.client.nodes.list(filters={"role": "manager"})), 1)
        node = self.client.nodes.list(filters={"role": "worker"})[0]
        spec = {"Role": "worker", "Availability": "active"}
        node.update(spec | {"Labels": {"tried": "yes"}})
        node = self.client.nodes.get(node.id)
        self.assertEqual(node.attrs["Spec"]["Labels"], {"tried": "yes"})
        node.update(spec | {"Labels": {}})
        node.reload()
        for refused in (lambda: node.update(spec | {"Role": "manager"}), node.remove):
            with self.assertRaises(APIError) as failed:
                refused()
            self.assertEqual(failed.exception.status_code, 403)

    def test_swarm(self):
        swarm = self.client.swarm
        self.assertTrue(swarm.attrs["ID"])
        self.assertGreater(swarm.version, 0)
        self.assertEqual(swarm.attrs["JoinTokens"], {"Manager": "", "Worker": ""})
        self.assertNotIn("BEGIN", str(swarm.attrs))
        for refused in (swarm.leave, swarm.get_unlock_key):
            with self.assertRaises(APIError) as failed:
                refused()
            self.assertEqual(failed.exception.status_code, 403)
