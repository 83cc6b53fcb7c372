package main

import (
	"encoding/json"
	"errors"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// What engines read out of a query, by route. A kind is: b a boolean, B one that is true when it is
// empty, i a number, s a text, n a new name, m a list, f filters, and for JSON args, labels,
// strings, ulimits, outputs, platform, any.
var queries = map[string]string{
	"POST /build": "dockerfile:s t:m extrahosts:m remote:s q:b nocache:b cachefrom:strings pull:s rm:B forcerm:b memory:i " +
		"memswap:i cpushares:i cpusetcpus:s cpusetmems:s cpuperiod:i cpuquota:i cgroupparent:s buildargs:args shmsize:i " +
		"squash:b labels:labels networkmode:s securityopt:any ulimits:ulimits platform:s target:s outputs:outputs " +
		"version:s buildid:s session:s isolation:s",
	"POST /build/cancel":                  "id:s",
	"POST /build/prune":                   "all:b keep-storage:i filters:f reserved-space:i max-used-space:i min-free-space:i",
	"DELETE /containers/{name:.*}":        "v:b force:b link:b",
	"GET /containers/json":                "all:b limit:i size:b since:s before:s filters:f",
	"GET /containers/{name:.*}/archive":   "path:s",
	"HEAD /containers/{name:.*}/archive":  "path:s",
	"PUT /containers/{name:.*}/archive":   "path:s noOverwriteDirNonDir:s copyUIDGID:s",
	"GET /containers/{name:.*}/attach/ws": "logs:b stream:b stdin:b stdout:b stderr:b detachKeys:s",
	"POST /containers/{name:.*}/attach":   "logs:b stream:b stdin:b stdout:b stderr:b detachKeys:s",
	"GET /containers/{name:.*}/json":      "size:b",
	"GET /containers/{name:.*}/logs":      "follow:b stdout:b stderr:b since:s until:s timestamps:b tail:s details:b",
	"GET /containers/{name:.*}/stats":     "stream:b one-shot:b",
	"GET /containers/{name:.*}/top":       "ps_args:s",
	"POST /commit":                        "container:s repo:s tag:s comment:s author:s pause:B changes:m",
	"POST /containers/create":             "name:n platform:s",
	"POST /containers/prune":              "filters:f",
	"POST /containers/{name:.*}/kill":     "signal:s",
	"POST /containers/{name:.*}/rename":   "name:n",
	"POST /containers/{name:.*}/resize":   "h:i w:i",
	"POST /containers/{name:.*}/restart":  "t:i signal:s",
	"POST /containers/{name:.*}/start":    "detachKeys:s",
	"POST /containers/{name:.*}/stop":     "t:i signal:s",
	"POST /containers/{name:.*}/wait":     "condition:s",
	"POST /exec/{name:.*}/resize":         "h:i w:i",
	"DELETE /images/{name:.*}":            "force:b noprune:b platforms:m",
	"GET /images/get":                     "names:m platform:m",
	"GET /images/json":                    "all:b filter:s filters:f digests:b shared-size:b manifests:b identity:b",
	"GET /images/search":                  "term:s limit:i filters:f",
	"GET /images/{name:.*}/attestations":  "platform:platform type:m statement:b",
	"GET /images/{name:.*}/get":           "platform:m",
	"GET /images/{name:.*}/history":       "platform:s",
	"GET /images/{name:.*}/json":          "size:b manifests:b platform:s",
	"POST /images/create":                 "fromImage:s fromSrc:s repo:s tag:s message:s platform:s changes:m",
	"POST /images/load":                   "quiet:b platform:m",
	"POST /images/prune":                  "filters:f",
	"POST /images/{name:.*}/push":         "tag:s platform:s",
	"POST /images/{name:.*}/tag":          "repo:s tag:s force:b",
	"GET /networks":                       "filters:f status:b",
	"GET /networks/":                      "filters:f status:b",
	"GET /networks/{id:.+}":               "verbose:b scope:s status:b",
	"POST /networks/prune":                "filters:f",
	"GET /plugins":                        "filters:f",
	"GET /configs":                        "filters:f",
	"GET /nodes":                          "filters:f",
	"GET /secrets":                        "filters:f",
	"GET /tasks":                          "filters:f",
	"GET /services":                       "filters:f status:b",
	"GET /services/{id}":                  "insertDefaults:b",
	"GET /services/{id}/logs":             "follow:b stdout:b stderr:b since:s timestamps:b tail:s details:b",
	"GET /tasks/{id}/logs":                "follow:b stdout:b stderr:b since:s timestamps:b tail:s details:b",
	"POST /configs/{id}/update":           "version:i",
	"POST /nodes/{id}/update":             "version:i",
	"POST /secrets/{id}/update":           "version:i",
	"POST /services/{id}/update":          "version:i registryAuthFrom:s rollback:s",
	"GET /events":                         "since:s until:s filters:f",
	"GET /system/df":                      "type:m verbose:b",
	"DELETE /volumes/{name:.*}":           "force:b",
	"GET /volumes":                        "filters:f",
	"POST /volumes/prune":                 "filters:f",
}

func (t *Target) readQuery(form url.Values) error {
	t.Query = map[string]interface{}{}
	known := map[string]bool{}
	for _, one := range strings.Fields(queries[t.Route]) {
		key, kind, _ := strings.Cut(one, ":")
		known[key] = true
		value, err := readValue(kind, form[key])
		if err != nil {
			return errors.New(key + ": " + err.Error())
		}
		if value != nil {
			t.Query[key] = value
		}
	}
	for key := range form {
		if !known[key] {
			t.Unread = append(t.Unread, key)
		}
	}
	sort.Strings(t.Unread)
	return nil
}

// Build's outputs, and what a platform is.
type output struct {
	Type  string            `json:",omitempty"`
	Attrs map[string]string `json:",omitempty"`
}
type platform struct {
	Architecture string   `json:"architecture,omitempty"`
	OS           string   `json:"os,omitempty"`
	OSVersion    string   `json:"os.version,omitempty"`
	OSFeatures   []string `json:"os.features,omitempty"`
	Variant      string   `json:"variant,omitempty"`
}

// Nothing where there is nothing to read.
func readValue(kind string, values []string) (interface{}, error) {
	text := ""
	if len(values) > 0 {
		text = values[0]
	}
	switch kind {
	case "B":
		if text == "" {
			return true, nil
		}
		return isTrue(text), nil
	case "m":
		if len(values) == 0 {
			return nil, nil
		}
		var list []string
		for _, value := range values {
			if value != "" {
				list = append(list, value)
			}
		}
		if list == nil {
			return nil, nil
		}
		return list, nil
	case "b":
		// An empty one is a no, also where an absent one is a yes.
		if len(values) == 0 {
			return nil, nil
		}
		return isTrue(text), nil
	}
	if text == "" {
		return nil, nil
	}
	switch kind {
	case "s":
		return text, nil
	case "n":
		return strings.TrimPrefix(text, "/"), nil
	case "i":
		return strconv.ParseInt(text, 10, 64)
	case "f":
		return readFilters(text)
	case "args":
		into := map[string]*string{}
		return into, json.Unmarshal([]byte(text), &into)
	case "labels":
		into := map[string]string{}
		return into, json.Unmarshal([]byte(text), &into)
	case "strings":
		into := []string{}
		return into, json.Unmarshal([]byte(text), &into)
	case "ulimits":
		into := []*Ulimit{}
		err := json.Unmarshal([]byte(text), &into)
		return into, err
	case "outputs":
		into := []output{}
		err := json.Unmarshal([]byte(text), &into)
		return into, err
	case "platform":
		into := platform{}
		err := json.Unmarshal([]byte(text), &into)
		return into, err
	default:
		var into interface{}
		err := json.Unmarshal([]byte(text), &into)
		return into, err
	}
}

func isTrue(text string) bool {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "0", "no", "false", "none":
		return false
	}
	return true
}

// A set for each key; old clients write lists.
func readFilters(text string) (interface{}, error) {
	filters := map[string]map[string]bool{}
	err := json.Unmarshal([]byte(text), &filters)
	if err == nil {
		return filters, nil
	}
	lists := map[string][]string{}
	if json.Unmarshal([]byte(text), &lists) != nil {
		return nil, err
	}
	filters = map[string]map[string]bool{}
	for key, list := range lists {
		filters[key] = map[string]bool{}
		for _, value := range list {
			filters[key][value] = true
		}
	}
	return filters, nil
}

func judgeQuery(f *Forbidden, target *Target) {
	text := func(key string) string {
		value, _ := target.Query[key].(string)
		return value
	}
	list := func(key string) []string {
		value, _ := target.Query[key].([]string)
		return value
	}
	_, pattern, _ := strings.Cut(target.Route, " ")
	switch pattern {
	case "/build":
		judgeBuild(f, target, text, list)
	case "/images/create":
		f.when(!isOneOf(text("fromSrc"), "", "-"), "import from elsewhere")
		f.when(isSystemImage(text("fromImage")) || isSystemImage(text("repo")), "system image")
		judgeChanges(f, list("changes"))
	case "/commit":
		f.when(isSystemImage(text("repo")), "system image")
		judgeChanges(f, list("changes"))
	case "/images/{name:.*}/tag":
		f.when(isSystemImage(text("repo")), "system image")
	case "/containers/create", "/containers/{name:.*}/rename":
		f.when(isOneOf(text("name"), "swarm-data", "swarm-agent", "swarm-manager"), "reserved name")
	case "/containers/{name:.*}/archive":
		f.when(isOddDirectory(text("path")), "path of the kernel")
	case "/containers/prune", "/volumes/prune":
		if filters, ok := target.Query["filters"].(map[string]map[string]bool); ok {
			_, has := filters["label!"]
			f.when(has, "prune without a label")
		}
	}
}

func judgeBuild(f *Forbidden, target *Target, text func(string) string, list func(string) []string) {
	f.when(!isOneOf(text("networkmode"), "", "default", "bridge", "none"), "network of a build")
	f.when(text("cgroupparent") != "", "cgroup parent")
	f.when(!isOneOf(text("isolation"), "", "default"), "isolation")
	isBuildKit := text("version") == "2"
	f.when(!isOneOf(text("version"), "", "1", "2"), "builder")
	f.when(!isOneOf(text("remote"), "", "default") && !(isBuildKit && isOneOf(text("remote"), "client-session", "upload-request")), "context from elsewhere")
	f.when(target.Query["squash"] == true, "squash")
	if outputs, ok := target.Query["outputs"].([]output); ok {
		for _, one := range outputs {
			f.when(!isBuildKit || !isOneOf(one.Type, "local", "tar", "cacheonly"), "output")
		}
	}
	if ulimits, ok := target.Query["ulimits"].([]*Ulimit); ok {
		judgeUlimits(f, ulimits)
	}
	switch options := target.Query["securityopt"].(type) {
	case []interface{}:
		f.when(len(options) > 0, "security option")
	case map[string]interface{}:
		f.when(len(options) > 0, "security option")
	case string:
		f.when(options != "", "security option")
	}
	if labels, ok := target.Query["labels"].(map[string]string); ok {
		judgeLabels(f, labels)
	}
	for _, entry := range list("extrahosts") {
		f.when(isHostGateway(entry), "host gateway")
	}
	for _, tag := range list("t") {
		f.when(isSystemImage(tag), "system image")
	}
	size, _ := target.Query["shmsize"].(int64)
	f.when(size < 0 || size > 2<<30, "shm size")
	swap, _ := target.Query["memswap"].(int64)
	f.when(swap < 0, "no limit of swap")
}

// Instructions of a Dockerfile that would run something.
func judgeChanges(f *Forbidden, changes []string) {
	for _, change := range changes {
		for _, line := range strings.Split(change, "\n") {
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			switch strings.ToUpper(words[0]) {
			case "RUN", "ADD", "COPY", "FROM", "ONBUILD", "HEALTHCHECK", "SHELL":
				f.add("change")
			case "WORKDIR":
				f.when(len(words) > 1 && isOddDirectory(words[1]), "working directory")
			}
		}
	}
}

// As references are completed: a registry is what has a dot or a colon, and `library/` is implied.
func isSystemImage(reference string) bool {
	name, _, _ := strings.Cut(reference, "@")
	domain, rest, has := strings.Cut(name, "/")
	if !has || !strings.ContainsAny(domain, ".:") && domain != "localhost" && strings.ToLower(domain) == domain {
		domain, rest = "docker.io", name
	}
	if domain == "index.docker.io" {
		domain = "docker.io"
	}
	rest = strings.TrimPrefix(rest, "library/")
	rest, _, _ = strings.Cut(rest, ":")
	return domain == "docker.io" && rest == "swarm"
}
