package main

import (
	"path"
	"strconv"
	"strings"
)

// What a create, an update, a volume or a network must not have, judged by what an engine would do
// with it, and more strictly where nobody needs it.

var masked = []string{"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
	"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware"}
var readonly = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}

func judgeConfig(config *Config) Forbidden {
	var f Forbidden
	if config == nil {
		return f
	}
	for target := range config.Volumes {
		f.when(isOddTarget(target), "mount target")
	}
	f.when(isOddDirectory(config.WorkingDir), "working directory")
	f.when(config.MacAddress != "", "MAC address")
	labels := map[string]string{}
	for key, value := range config.Labels {
		if key != "carina.segment" {
			labels[key] = value
		}
	}
	judgeLabels(&f, labels)
	return f
}

func (w *World) judgeHost(f *Forbidden, host *HostConfig) {
	if host == nil {
		return
	}
	f.when(host.Privileged, "privileged")
	f.when(len(host.CapAdd) > 0 || len(host.Capabilities) > 0, "capabilities")
	f.when(len(host.CapDrop) > 0, "dropped capabilities")
	for _, option := range host.SecurityOpt {
		name, value, _ := strings.Cut(strings.Replace(option, ":", "=", 1), "=")
		f.when(name != "no-new-privileges" || value != "" && value != "true", "security option")
	}
	f.when(host.MaskedPaths != nil && !containsAll(host.MaskedPaths, masked), "masked paths")
	f.when(host.ReadonlyPaths != nil && !containsAll(host.ReadonlyPaths, readonly), "read-only paths")
	f.when(host.PidMode != "", "pid namespace")
	f.when(!isOneOf(host.IpcMode, "", "private", "none"), "ipc namespace")
	f.when(host.UTSMode != "", "uts namespace")
	f.when(host.UsernsMode != "", "user namespace")
	f.when(!isOneOf(host.CgroupnsMode, "", "private"), "cgroup namespace")
	f.when(host.Cgroup != "", "cgroup of another")
	for key := range host.Sysctls {
		f.when(!strings.HasPrefix(key, "net."), "sysctl")
	}
	f.when(!isOneOf(host.Runtime, "", "runc", "io.containerd.runc.v2"), "runtime")
	f.when(len(host.Annotations) > 0, "annotations")
	f.when(!isOneOf(host.Isolation, "", "default"), "isolation")
	judgeLog(f, host.LogConfig.Type, host.LogConfig.Config)
	f.when(len(host.StorageOpt) > 0, "storage option")
	f.when(host.ShmSize < 0 || host.ShmSize > 2<<30, "shm size")
	f.when(host.OomScoreAdj < 0, "oom score")
	w.judgeNetworkMode(f, host)
	w.judgeMounts(f, host)
	judgeResources(f, &host.Resources)
}

func judgeUpdate(update *ContainerUpdate) Forbidden {
	var f Forbidden
	judgeResources(&f, &update.Resources)
	return f
}

func judgeResources(f *Forbidden, resources *Resources) {
	f.when(resources.CgroupParent != "", "cgroup parent")
	f.when(len(resources.Devices) > 0, "devices")
	f.when(len(resources.DeviceRequests) > 0, "device requests")
	f.when(len(resources.DeviceCgroupRules) > 0, "device rules")
	f.when(len(resources.BlkioWeightDevice) > 0 || len(resources.BlkioDeviceReadBps) > 0 ||
		len(resources.BlkioDeviceWriteBps) > 0 || len(resources.BlkioDeviceReadIOps) > 0 ||
		len(resources.BlkioDeviceWriteIOps) > 0, "block devices")
	f.when(resources.OomKillDisable != nil && *resources.OomKillDisable, "oom kill disabled")
	f.when(resources.PidsLimit != nil && *resources.PidsLimit < 0, "no limit of pids")
	f.when(resources.MemorySwap < 0, "no limit of swap")
	f.when(resources.CpuRealtimePeriod != 0 || resources.CpuRealtimeRuntime != 0, "realtime")
	judgeUlimits(f, resources.Ulimits)
}

func judgeUlimits(f *Forbidden, ulimits []*Ulimit) {
	for _, ulimit := range ulimits {
		f.when(ulimit != nil && isOneOf(ulimit.Name, "rtprio", "rttime", "nice", "sigpending", "msgqueue"), "ulimit")
	}
}

func judgeLog(f *Forbidden, driver string, options map[string]string) {
	f.when(!isOneOf(driver, "", "json-file", "local", "none"), "log driver")
	for key := range options {
		f.when(strings.Contains(key, "address") || isOneOf(key, "path", "fluentd-async", "mode-path"), "log option")
	}
}

func (w *World) judgeNetworkMode(f *Forbidden, host *HostConfig) {
	if rest := strings.TrimPrefix(host.NetworkMode, "container:"); rest != host.NetworkMode {
		f.when(w.isSystem(rest), "network of a system container")
	} else {
		w.judgeNetworkName(f, host.NetworkMode)
	}
	for _, link := range host.Links {
		name, _, _ := strings.Cut(link, ":")
		f.when(w.isSystem(name), "link to a system container")
	}
	for _, entry := range host.ExtraHosts {
		f.when(isHostGateway(entry), "host gateway")
	}
	for _, bindings := range host.PortBindings {
		for _, binding := range bindings {
			judgePort(f, binding)
		}
	}
}

// Of `name:address` an engine looks at what follows the first colon; clients write `=` as well.
func isHostGateway(entry string) bool {
	at := strings.IndexAny(entry, ":=")
	return at >= 0 && strings.Trim(entry[at+1:], "[] ") == "host-gateway"
}

func judgePort(f *Forbidden, binding PortBinding) {
	first, last, isRange := strings.Cut(binding.HostPort, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.ParseUint(first, 10, 16)
	to, err2 := strconv.ParseUint(last, 10, 16)
	if err == nil && err2 == nil && from != 0 {
		for _, port := range []uint64{2375, 2376, 2377, 4789, 7946, 9323, 42376} {
			f.when(from <= port && port <= to, "reserved port")
		}
	}
	f.when(!isOneOf(binding.HostIP, "", "0.0.0.0", "::") && !strings.HasPrefix(binding.HostIP, "127.") &&
		strings.Trim(binding.HostIP, "0:.1") != "", "address of the host")
}

// A network by a reference that an engine looks up: a name, an id or the beginning of one.
func (w *World) judgeNetworkName(f *Forbidden, name string) {
	f.when(strings.HasPrefix(name, "ns:"), "network namespace")
	if at := strings.IndexByte(name, '/'); at >= 0 {
		name = name[at+1:]
	}
	if name == "" {
		return
	}
	f.when(name == "host" || beginsAny(w.HostNetworks, name), "host network")
	f.when(isOneOf(name, "ingress", "docker_gwbridge") || beginsAny(w.OwnNetworks, name), "network of the cluster")
}

func (w *World) judgeEndpoint(f *Forbidden, endpoint *Endpoint) {
	if endpoint == nil {
		return
	}
	f.when(endpoint.MacAddress != "", "MAC address")
	f.when(len(endpoint.DriverOpts) > 0, "endpoint options")
	f.when(endpoint.IPAMConfig != nil && len(endpoint.IPAMConfig.LinkLocalIPs) > 0, "link-local address")
	for _, link := range endpoint.Links {
		name, _, _ := strings.Cut(link, ":")
		f.when(w.isSystem(name), "link to a system container")
	}
	w.judgeNetworkName(f, endpoint.NetworkID)
}

func (w *World) judgeMounts(f *Forbidden, host *HostConfig) {
	for _, bind := range host.Binds {
		w.judgeBind(f, bind)
	}
	for i := range host.Mounts {
		w.judgeMount(f, &host.Mounts[i])
	}
	f.when(!isOneOf(host.VolumeDriver, "", "local"), "volume driver")
	for _, from := range host.VolumesFrom {
		name, _, _ := strings.Cut(from, ":")
		// The cluster's certificates are for its people.
		f.when(w.isSystem(name) && strings.TrimPrefix(name, "/") != "swarm-data" && !w.isData(name), "volumes of a system container")
	}
	for target, options := range host.Tmpfs {
		f.when(isOddTarget(target), "mount target")
		judgeTmpfs(f, strings.Split(options, ","))
	}
}

// Every way to say swarm-data that can be said without meaning another of the cluster's own.
func (w *World) isData(reference string) bool {
	return strings.HasSuffix(reference, "/swarm-data")
}

func judgeTmpfs(f *Forbidden, options []string) {
	for _, option := range options {
		f.when(isOneOf(option, "exec", "suid", "dev", "size=0"), "tmpfs option")
	}
}

// `[source:]target[:options]`; without a source, or with a name, it is a volume.
func (w *World) judgeBind(f *Forbidden, bind string) {
	parts := strings.SplitN(bind, ":", 4)
	if len(parts) == 1 {
		f.when(isOddTarget(parts[0]), "mount target")
		return
	}
	source := parts[0]
	f.when(strings.ContainsAny(source, `/\~`) || strings.HasPrefix(source, "."), "host path")
	w.judgeVolumeName(f, source)
	f.when(isOddTarget(parts[1]), "mount target")
	if len(parts) > 2 {
		for _, option := range strings.Split(parts[2], ",") {
			f.when(strings.HasSuffix(option, "shared") || strings.HasSuffix(option, "slave"), "propagation")
		}
	}
}

func (w *World) judgeVolumeName(f *Forbidden, name string) {
	f.when(contains(w.Volumes, name) || contains(w.Systems, name), "volume that is not plain")
}

func (w *World) judgeMount(f *Forbidden, mount *Mount) {
	switch mount.Type {
	case "volume":
		f.when(strings.ContainsAny(mount.Source, `/\`), "host path")
		w.judgeVolumeName(f, mount.Source)
	case "tmpfs":
	case "bind":
		f.add("host path")
	default:
		f.add("kind of mount")
	}
	f.when(isOddTarget(mount.Target), "mount target")
	f.when(mount.ClusterOptions != nil || mount.ImageOptions != nil, "kind of mount")
	f.when(mount.BindOptions != nil && *mount.BindOptions != BindOptions{}, "propagation")
	if options := mount.VolumeOptions; options != nil {
		f.when(options.Subpath != "", "part of a volume")
		judgeLabels(f, options.Labels)
		if driver := options.DriverConfig; driver != nil {
			f.when(!isOneOf(driver.Name, "", "local"), "volume driver")
			f.when(len(driver.Options) > 0, "volume options")
		}
	}
	if options := mount.TmpfsOptions; options != nil {
		f.when(options.Mode&0o6000 != 0 || options.Mode > 0o7777, "tmpfs option")
		for _, option := range options.Options {
			judgeTmpfs(f, []string{strings.Join(option, "=")})
		}
	}
}

func judgeVolume(volume *VolumeCreate) Forbidden {
	var f Forbidden
	f.when(!isOneOf(volume.Driver, "", "local"), "volume driver")
	f.when(len(volume.DriverOpts) > 0, "volume options")
	f.when(volume.ClusterVolumeSpec != nil, "cluster volume")
	name := volume.Name[strings.IndexByte(volume.Name, '/')+1:]
	f.when(isOneOf(name, "swarm-data", "swarm-agent", "swarm-manager"), "reserved name")
	labels := map[string]string{}
	for key, value := range volume.Labels {
		if key != "carina.segment" {
			labels[key] = value
		}
	}
	judgeLabels(&f, labels)
	return f
}

func judgeNetwork(network *NetworkCreate) Forbidden {
	var f Forbidden
	f.when(!isOneOf(network.Driver, "", "bridge", "overlay"), "network driver")
	name := network.Name[strings.IndexByte(network.Name, '/')+1:]
	f.when(isOneOf(name, "host", "bridge", "none", "default", "ingress", "docker_gwbridge"), "reserved name")
	f.when(network.Ingress, "ingress network")
	f.when(network.ConfigOnly || network.ConfigFrom != nil && network.ConfigFrom.Network != "", "network configuration")
	for key := range network.Options {
		f.when(!isOneOf(key, "com.docker.network.driver.mtu", "encrypted"), "network option")
	}
	if ipam := network.IPAM; ipam != nil {
		f.when(!isOneOf(ipam.Driver, "", "default"), "IPAM driver")
		f.when(len(ipam.Options) > 0, "IPAM option")
	}
	judgeLabels(&f, network.Labels)
	return f
}

func judgeLabels(f *Forbidden, labels map[string]string) {
	for key := range labels {
		f.when(isReservedLabel(key), "reserved label")
	}
}

func isReservedLabel(key string) bool {
	switch key {
	case "com.docker.swarm.affinities", "com.docker.swarm.constraints",
		"com.docker.swarm.reschedule-policies", "com.docker.swarm.whitelists":
		return false
	}
	return strings.HasPrefix(key, "carina.") || strings.HasPrefix(key, "com.docker.swarm.")
}

// Where the kernel shows itself, and the root.
func isOddTarget(target string) bool {
	clean := path.Clean("/" + target)
	return clean == "/" || isUnder(clean, "/proc") || isUnder(clean, "/sys") ||
		isUnder(clean, "/dev") && clean != "/dev/shm"
}

func isOddDirectory(directory string) bool {
	clean := path.Clean("/" + directory)
	return isUnder(clean, "/proc") || isUnder(clean, "/sys")
}

func isUnder(clean, root string) bool {
	return clean == root || strings.HasPrefix(clean, root+"/")
}

func isOneOf(text string, known ...string) bool {
	return contains(known, text)
}

func containsAll(list, needed []string) bool {
	for _, one := range needed {
		if !contains(list, one) {
			return false
		}
	}
	return true
}
