package main

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"path"
	"regexp"
	"sort"
	"strings"
)

// Request lines, as Go's server reads them and an engine's router sorts them: by the decoded path,
// with the version in front or without, a redirect where the path could be written shorter.

type route struct {
	method, pattern string
	// What stands before the first variable.
	literal string
	regexp  *regexp.Regexp
}

// Target is what a request line comes to.
type Target struct {
	Route   string                 `json:"route"`
	Version string                 `json:"version,omitempty"`
	Vars    map[string]string      `json:"vars,omitempty"`
	Query   map[string]interface{} `json:"query,omitempty"`
	// Unread are keys of the query that the engine has no use for on this route.
	Unread []string `json:"unread,omitempty"`
}

var versioned = regexp.MustCompile(`^/v([0-9.]+)(/(?s:.*))$`)
var variable = regexp.MustCompile(`\{([a-z]+)(?::([^}]+))?\}`)

func routesOf(lines []string) ([]route, error) {
	// The checkpoints' are asked before the containers', which would take some of theirs.
	sort.SliceStable(lines, func(a, b int) bool {
		return strings.HasPrefix(lines[a], "checkpoint ") && !strings.HasPrefix(lines[b], "checkpoint ")
	})
	var routes []route
	for _, line := range lines {
		words := strings.Fields(line)
		if len(words) != 3 {
			return nil, errors.New("not a route: " + line)
		}
		pattern := words[2]
		text, at := "^", 0
		for _, found := range variable.FindAllStringSubmatchIndex(pattern, -1) {
			accepts := "[^/]+"
			if found[4] >= 0 {
				accepts = pattern[found[4]:found[5]]
			}
			text += regexp.QuoteMeta(pattern[at:found[0]]) + "(?P<" + pattern[found[2]:found[3]] + ">" + accepts + ")"
			at = found[1]
		}
		compiled, err := regexp.Compile(text + regexp.QuoteMeta(pattern[at:]) + "$")
		if err != nil {
			return nil, err
		}
		literal, _, _ := strings.Cut(pattern, "{")
		routes = append(routes, route{words[1], pattern, literal, compiled})
	}
	return routes, nil
}

func (w *World) readTarget(line []byte) (interface{}, Forbidden, error) {
	text := append(append([]byte{}, line...), " HTTP/1.1\r\nHost: docker\r\n\r\n"...)
	request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
	if err != nil {
		return nil, nil, err
	}
	if request.RequestURI == "*" {
		return nil, nil, errors.New("not for a route")
	}
	at := request.URL.Path
	if clean := cleanPath(at); clean != at {
		return nil, nil, errors.New("301 " + clean)
	}
	route, version, vars := w.find(request.Method, at)
	if route == nil {
		return nil, nil, errors.New("page not found")
	}
	if err := request.ParseForm(); err != nil {
		return nil, nil, err
	}
	target := Target{Route: route.method + " " + route.pattern, Version: version, Vars: vars}
	var f Forbidden
	f.when(isForbiddenRoute(target.Route), "route")
	f.when(request.Form.Get("checkpoint") != "" || request.Form.Get("checkpoint-dir") != "", "checkpoint")
	if err := target.readQuery(request.Form); err != nil {
		return nil, nil, err
	}
	judgeQuery(&f, &target)
	return &target, f, nil
}

func (w *World) find(method, at string) (*route, string, map[string]string) {
	version, rest := "", ""
	if parts := versioned.FindStringSubmatch(at); parts != nil {
		version, rest = parts[1], parts[2]
	}
	for i := range w.routes {
		one := &w.routes[i]
		if one.method != method {
			continue
		}
		if rest != "" {
			if vars, ok := one.match(rest); ok {
				return one, version, vars
			}
		}
		if vars, ok := one.match(at); ok {
			return one, "", vars
		}
	}
	return nil, "", nil
}

func (r *route) match(at string) (map[string]string, bool) {
	if !strings.HasPrefix(at, r.literal) {
		return nil, false
	}
	found := r.regexp.FindStringSubmatch(at)
	if found == nil {
		return nil, false
	}
	vars := map[string]string{}
	for i, name := range r.regexp.SubexpNames() {
		if name != "" {
			vars[name] = found[i]
		}
	}
	return vars, true
}

func cleanPath(at string) string {
	if at == "" {
		return "/"
	}
	if at[0] != '/' {
		at = "/" + at
	}
	clean := path.Clean(at)
	if at[len(at)-1] == '/' && clean != "/" {
		clean += "/"
	}
	return clean
}

// What changes the machine, the swarm or the engine itself.
func isForbiddenRoute(route string) bool {
	switch route {
	case "GET /plugins":
		return false
	case "PUT /volumes/{name:.*}", "DELETE /nodes/{id}", "GET /swarm/unlockkey":
		return true
	}
	_, pattern, _ := strings.Cut(route, " ")
	return strings.HasPrefix(pattern, "/plugins") || strings.HasPrefix(pattern, "/debug/") ||
		strings.Contains(pattern, "/checkpoints") || strings.HasPrefix(pattern, "/swarm/")
}
