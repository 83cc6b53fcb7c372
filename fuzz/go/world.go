package main

import (
	"encoding/json"
	"sort"
	"strings"
)

// World is the cluster that references are looked up in, and the routes that an engine has.
type World struct {
	// Routes are lines of `group METHOD pattern`.
	Routes []string
	// Nodes are what a name may have in front, with a slash.
	Nodes []string
	// Systems are names and ids of the cluster's own containers.
	Systems []string
	// HostNetworks are names and ids of engines' host networks, OwnNetworks those of the cluster.
	HostNetworks, OwnNetworks []string
	// Volumes that are more than a directory of the engine's own.
	Volumes []string

	routes []route
}

func worldOf(text []byte) (*World, error) {
	world := new(World)
	if err := json.Unmarshal(text, world); err != nil {
		return nil, err
	}
	var err error
	world.routes, err = routesOf(world.Routes)
	return world, err
}

// Whether an engine, asked for this container, could come to one of the cluster's own. A name goes
// before an id, but whose name it is may change; so any beginning of an id counts.
func (w *World) isSystem(reference string) bool {
	reference = strings.TrimPrefix(reference, "/")
	if node, name, has := strings.Cut(reference, "/"); has && contains(w.Nodes, node) {
		reference = name
	}
	return reference != "" && beginsAny(w.Systems, reference)
}

// A name, or the beginning of an id.
func beginsAny(known []string, reference string) bool {
	for _, one := range known {
		if one == reference || isHex(one) && strings.HasPrefix(one, reference) {
			return true
		}
	}
	return false
}

func isHex(text string) bool {
	return len(text) > 8 && strings.Trim(text, "0123456789abcdef") == ""
}

func contains(list []string, text string) bool {
	for _, one := range list {
		if one == text {
			return true
		}
	}
	return false
}

// Forbidden is a set of what must not be.
type Forbidden map[string]bool

func (f *Forbidden) add(what string) {
	if *f == nil {
		*f = Forbidden{}
	}
	(*f)[what] = true
}

func (f *Forbidden) when(is bool, what string) {
	if is {
		f.add(what)
	}
}

func (f Forbidden) list() []string {
	var list []string
	for what := range f {
		list = append(list, what)
	}
	sort.Strings(list)
	return list
}
