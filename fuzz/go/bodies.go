package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// Body is a kind of JSON body.
type Body struct {
	Name   string
	shapes []interface{}
	read   func(*World, []byte) (interface{}, Forbidden, error)
}

// Bodies in the order of their numbers, from 1.
var Bodies = []Body{
	{"ContainerCreate", []interface{}{ContainerCreate{}, LegacyCreate{}}, readCreate},
	{"ContainerUpdate", []interface{}{ContainerUpdate{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		update := ContainerUpdate{}
		err := decode(text, &update)
		return &update, judgeUpdate(&update), err
	}},
	{"ContainerCommit", []interface{}{}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		commit := ContainerCreate{}
		err := decode(text, &commit)
		// The rest of the body is read, too, but an engine makes no use of it.
		if commit.Config == nil {
			commit.Config = &Config{}
		}
		return commit.Config, judgeConfig(commit.Config), err
	}},
	{"ExecCreate", []interface{}{ExecCreate{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		exec := ExecCreate{}
		err := decode(text, &exec)
		var f Forbidden
		f.when(exec.Privileged, "privileged")
		f.when(isOddDirectory(exec.WorkingDir), "working directory")
		return &exec, f, err
	}},
	{"ExecStart", []interface{}{ExecStart{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		start := ExecStart{}
		err := decode(text, &start)
		return &start, nil, err
	}},
	{"NetworkCreate", []interface{}{NetworkCreate{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		network := NetworkCreate{}
		err := decode(text, &network)
		return &network, judgeNetwork(&network), err
	}},
	{"NetworkConnect", []interface{}{NetworkConnect{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		connect := NetworkConnect{}
		err := decode(text, &connect)
		var f Forbidden
		f.when(w.isSystem(connect.Container), "system container")
		w.judgeEndpoint(&f, connect.EndpointConfig)
		return &connect, f, err
	}},
	{"NetworkDisconnect", []interface{}{NetworkDisconnect{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		disconnect := NetworkDisconnect{}
		err := decode(text, &disconnect)
		var f Forbidden
		f.when(w.isSystem(disconnect.Container), "system container")
		return &disconnect, f, err
	}},
	{"VolumeCreate", []interface{}{VolumeCreate{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		volume := VolumeCreate{}
		err := decode(text, &volume)
		return &volume, judgeVolume(&volume), err
	}},
	{"ServiceSpec", []interface{}{ServiceSpec{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		service := ServiceSpec{}
		err := decode(text, &service)
		return &service, w.judgeService(&service), err
	}},
	{"SecretSpec", []interface{}{SecretSpec{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		secret := SecretSpec{}
		err := decode(text, &secret)
		var f Forbidden
		f.when(secret.Driver != nil && secret.Driver.Name != "", "secret driver")
		judgeTemplating(&f, secret.Templating)
		judgeLabels(&f, secret.Labels)
		return &secret, f, err
	}},
	{"ConfigSpec", []interface{}{ConfigSpec{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		config := ConfigSpec{}
		err := decode(text, &config)
		var f Forbidden
		judgeTemplating(&f, config.Templating)
		judgeLabels(&f, config.Labels)
		return &config, f, err
	}},
	{"NodeSpec", []interface{}{NodeSpec{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		node := NodeSpec{}
		err := decode(text, &node)
		var f Forbidden
		f.when(node.Role == "manager", "role")
		judgeLabels(&f, node.Labels)
		return &node, f, err
	}},
	{"Auth", []interface{}{Auth{}}, func(w *World, text []byte) (interface{}, Forbidden, error) {
		auth := Auth{}
		err := decode(text, &auth)
		return &auth, nil, err
	}},
}

// As engines read a body: the first value in it, and an error when another value follows. What
// cannot be the beginning of a value goes unnoticed.
func decode(text []byte, into interface{}) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(into); err != nil && !(err == io.EOF && len(text) == 0) {
		return err
	}
	if decoder.More() {
		return errors.New("unexpected content after JSON")
	}
	return nil
}

// An engine reads this body twice.
func readCreate(w *World, text []byte) (interface{}, Forbidden, error) {
	create := ContainerCreate{}
	if err := decode(text, &create); err != nil {
		return nil, nil, err
	}
	f := judgeConfig(create.Config)
	w.judgeHost(&f, create.HostConfig)
	if create.NetworkingConfig != nil {
		for name, endpoint := range create.NetworkingConfig.EndpointsConfig {
			w.judgeNetworkName(&f, name)
			w.judgeEndpoint(&f, endpoint)
		}
	}
	legacy := LegacyCreate{}
	if err := json.Unmarshal(text, &legacy); err == nil {
		w.judgeHost(&f, legacy.HostConfig)
	}
	return &create, f, nil
}
