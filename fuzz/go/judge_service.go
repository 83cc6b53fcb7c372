package main

import (
	"strings"
)

// A service's tasks are containers by other names.
func (w *World) judgeService(service *ServiceSpec) Forbidden {
	var f Forbidden
	judgeLabels(&f, service.Labels)
	f.when(isOneOf(service.Name, "swarm-data", "swarm-agent", "swarm-manager"), "reserved name")
	if endpoint := service.EndpointSpec; endpoint != nil {
		for _, port := range endpoint.Ports {
			switch port.PublishedPort {
			case 2375, 2376, 2377, 4789, 7946, 9323, 42376:
				f.add("reserved port")
			}
		}
	}
	w.judgeAttachments(&f, service.Networks)
	task := &service.TaskTemplate
	w.judgeAttachments(&f, task.Networks)
	f.when(task.PluginSpec != nil || task.NetworkAttachmentSpec != nil ||
		!isOneOf(task.Runtime, "", "container"), "runtime")
	if task.LogDriver != nil {
		judgeLog(&f, task.LogDriver.Name, task.LogDriver.Options)
	}
	if resources := task.Resources; resources != nil {
		for _, limits := range []*Limits{resources.Limits, resources.Reservations} {
			if limits != nil {
				f.when(len(limits.GenericResources) > 0, "devices")
				f.when(limits.Pids < 0, "no limit of pids")
			}
		}
		f.when(resources.SwapBytes != nil && *resources.SwapBytes < 0, "no limit of swap")
	}
	if task.ContainerSpec != nil {
		w.judgeContainerSpec(&f, task.ContainerSpec)
	}
	return f
}

func (w *World) judgeAttachments(f *Forbidden, attachments []NetworkAttachment) {
	for _, attachment := range attachments {
		w.judgeNetworkName(f, attachment.Target)
		f.when(len(attachment.DriverOpts) > 0, "endpoint options")
	}
}

func (w *World) judgeContainerSpec(f *Forbidden, container *ContainerSpec) {
	f.when(len(container.CapabilityAdd) > 0, "capabilities")
	f.when(len(container.CapabilityDrop) > 0, "dropped capabilities")
	for key := range container.Sysctls {
		f.when(!strings.HasPrefix(key, "net."), "sysctl")
	}
	judgeUlimits(f, container.Ulimits)
	f.when(container.OomScoreAdj < 0, "oom score")
	f.when(!isOneOf(container.Isolation, "", "default"), "isolation")
	f.when(isOddDirectory(container.Dir), "working directory")
	for _, entry := range container.Hosts {
		f.when(strings.Contains(entry, "host-gateway"), "host gateway")
	}
	judgeLabels(f, container.Labels)
	if privileges := container.Privileges; privileges != nil {
		judgePrivileges(f, privileges)
	}
	for i := range container.Mounts {
		mount := container.Mounts[i]
		// Engines take both for templates; the one thing known about what comes out is what
		// stands in front.
		mount.Source, _, _ = strings.Cut(mount.Source, "{{")
		mount.Target = strings.NewReplacer("{{", "x", "}}", "x").Replace(mount.Target)
		w.judgeMount(f, &mount)
	}
	for _, secret := range container.Secrets {
		if secret != nil {
			judgeFile(f, secret.File, "/run/secrets/")
		}
	}
	for _, config := range container.Configs {
		if config != nil {
			judgeFile(f, config.File, "/")
		}
	}
}

func judgeFile(f *Forbidden, file *FileTarget, root string) {
	if file == nil {
		return
	}
	name := file.Name
	if !strings.HasPrefix(name, "/") {
		name = root + name
	}
	f.when(isOddTarget(name), "mount target")
}

func judgePrivileges(f *Forbidden, privileges *Privileges) {
	if seccomp := privileges.Seccomp; seccomp != nil {
		f.when(!isOneOf(seccomp.Mode, "", "default") || len(seccomp.Profile) > 0, "security option")
	}
	if armor := privileges.AppArmor; armor != nil {
		f.when(!isOneOf(armor.Mode, "", "default"), "security option")
	}
	if label := privileges.SELinuxContext; label != nil {
		f.when(*label != SELinuxContext{}, "security option")
	}
	if credential := privileges.CredentialSpec; credential != nil {
		f.when(*credential != CredentialSpec{}, "security option")
	}
}

func judgeTemplating(f *Forbidden, driver *Driver) {
	f.when(driver != nil && !isOneOf(driver.Name, "", "golang"), "template driver")
}
