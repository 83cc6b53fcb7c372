package main

// The bodies about networks, volumes, registries, secrets, configs and nodes.

type NetworkingConfig struct {
	EndpointsConfig map[string]*Endpoint `json:",omitempty"`
}

type Endpoint struct {
	IPAMConfig          *EndpointIPAM     `json:",omitempty"`
	Links               []string          `json:",omitempty"`
	Aliases             []string          `json:",omitempty"`
	MacAddress          string            `json:",omitempty"`
	DriverOpts          map[string]string `json:",omitempty"`
	GwPriority          int               `json:",omitempty"`
	NetworkID           string            `json:",omitempty"`
	EndpointID          string            `json:",omitempty"`
	Gateway             string            `json:",omitempty"`
	IPAddress           string            `json:",omitempty"`
	IPPrefixLen         int               `json:",omitempty"`
	IPv6Gateway         string            `json:",omitempty"`
	GlobalIPv6Address   string            `json:",omitempty"`
	GlobalIPv6PrefixLen int               `json:",omitempty"`
	DNSNames            []string          `json:",omitempty"`
}

type EndpointIPAM struct {
	IPv4Address  string   `json:",omitempty"`
	IPv6Address  string   `json:",omitempty"`
	LinkLocalIPs []string `json:",omitempty"`
}

type NetworkCreate struct {
	Name           string            `json:",omitempty"`
	CheckDuplicate bool              `json:",omitempty"`
	Driver         string            `json:",omitempty"`
	Scope          string            `json:",omitempty"`
	EnableIPv4     *bool             `json:",omitempty"`
	EnableIPv6     *bool             `json:",omitempty"`
	IPAM           *IPAM             `json:",omitempty"`
	Internal       bool              `json:",omitempty"`
	Attachable     bool              `json:",omitempty"`
	Ingress        bool              `json:",omitempty"`
	ConfigOnly     bool              `json:",omitempty"`
	ConfigFrom     *ConfigFrom       `json:",omitempty"`
	Options        map[string]string `json:",omitempty"`
	Labels         map[string]string `json:",omitempty"`
}

type ConfigFrom struct {
	Network string `json:",omitempty"`
}

type IPAM struct {
	Driver  string            `json:",omitempty"`
	Options map[string]string `json:",omitempty"`
	Config  []IPAMConfig      `json:",omitempty"`
}

type IPAMConfig struct {
	Subnet             string            `json:",omitempty"`
	IPRange            string            `json:",omitempty"`
	Gateway            string            `json:",omitempty"`
	AuxiliaryAddresses map[string]string `json:",omitempty"`
}

type NetworkConnect struct {
	Container      string    `json:",omitempty"`
	EndpointConfig *Endpoint `json:",omitempty"`
}

type NetworkDisconnect struct {
	Container string `json:",omitempty"`
	Force     bool   `json:",omitempty"`
}

type VolumeCreate struct {
	Name              string            `json:",omitempty"`
	Driver            string            `json:",omitempty"`
	DriverOpts        map[string]string `json:",omitempty"`
	Labels            map[string]string `json:",omitempty"`
	ClusterVolumeSpec *ClusterVolume    `json:",omitempty"`
}

type ClusterVolume struct {
	Group        string `json:",omitempty"`
	Availability string `json:",omitempty"`
}

type Auth struct {
	Username      string `json:"username,omitempty"`
	Password      string `json:"password,omitempty"`
	Auth          string `json:"auth,omitempty"`
	Email         string `json:"email,omitempty"`
	ServerAddress string `json:"serveraddress,omitempty"`
	IdentityToken string `json:"identitytoken,omitempty"`
	RegistryToken string `json:"registrytoken,omitempty"`
}

// Annotations stand at the top of everything that the swarm keeps.
type Annotations struct {
	Name   string            `json:",omitempty"`
	Labels map[string]string `json:",omitempty"`
}

type SecretSpec struct {
	Annotations
	Data       []byte  `json:",omitempty"`
	Driver     *Driver `json:",omitempty"`
	Templating *Driver `json:",omitempty"`
}

type ConfigSpec struct {
	Annotations
	Data       []byte  `json:",omitempty"`
	Templating *Driver `json:",omitempty"`
}

type NodeSpec struct {
	Annotations
	Role         string `json:",omitempty"`
	Availability string `json:",omitempty"`
}
