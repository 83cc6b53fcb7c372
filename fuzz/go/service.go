package main

// The body of a service.

type ServiceSpec struct {
	Annotations
	TaskTemplate   TaskSpec            `json:",omitempty"`
	Mode           ServiceMode         `json:",omitempty"`
	UpdateConfig   *UpdateConfig       `json:",omitempty"`
	RollbackConfig *UpdateConfig       `json:",omitempty"`
	Networks       []NetworkAttachment `json:",omitempty"`
	EndpointSpec   *EndpointSpec       `json:",omitempty"`
}

type ServiceMode struct {
	Replicated    *Replicated    `json:",omitempty"`
	Global        *struct{}      `json:",omitempty"`
	ReplicatedJob *ReplicatedJob `json:",omitempty"`
	GlobalJob     *struct{}      `json:",omitempty"`
}

type Replicated struct {
	Replicas *uint64 `json:",omitempty"`
}

type ReplicatedJob struct {
	MaxConcurrent    *uint64 `json:",omitempty"`
	TotalCompletions *uint64 `json:",omitempty"`
}

type UpdateConfig struct {
	Parallelism     uint64  `json:",omitempty"`
	Delay           int64   `json:",omitempty"`
	FailureAction   string  `json:",omitempty"`
	Monitor         int64   `json:",omitempty"`
	MaxFailureRatio float32 `json:",omitempty"`
	Order           string  `json:",omitempty"`
}

type EndpointSpec struct {
	Mode  string       `json:",omitempty"`
	Ports []PortConfig `json:",omitempty"`
}

type PortConfig struct {
	Name          string `json:",omitempty"`
	Protocol      string `json:",omitempty"`
	TargetPort    uint32 `json:",omitempty"`
	PublishedPort uint32 `json:",omitempty"`
	PublishMode   string `json:",omitempty"`
}

type NetworkAttachment struct {
	Target     string            `json:",omitempty"`
	Aliases    []string          `json:",omitempty"`
	DriverOpts map[string]string `json:",omitempty"`
}

// TaskSpec has three fields of which only whether they are there matters here: never may they be.
type TaskSpec struct {
	ContainerSpec         *ContainerSpec      `json:",omitempty"`
	PluginSpec            interface{}         `json:",omitempty"`
	NetworkAttachmentSpec interface{}         `json:",omitempty"`
	Resources             *Requirements       `json:",omitempty"`
	RestartPolicy         *TaskRestartPolicy  `json:",omitempty"`
	Placement             *Placement          `json:",omitempty"`
	Networks              []NetworkAttachment `json:",omitempty"`
	LogDriver             *Driver             `json:",omitempty"`
	ForceUpdate           uint64              `json:",omitempty"`
	Runtime               string              `json:",omitempty"`
}

type ContainerSpec struct {
	Image           string             `json:",omitempty"`
	Labels          map[string]string  `json:",omitempty"`
	Command         []string           `json:",omitempty"`
	Args            []string           `json:",omitempty"`
	Hostname        string             `json:",omitempty"`
	Env             []string           `json:",omitempty"`
	Dir             string             `json:",omitempty"`
	User            string             `json:",omitempty"`
	Groups          []string           `json:",omitempty"`
	Privileges      *Privileges        `json:",omitempty"`
	Init            *bool              `json:",omitempty"`
	StopSignal      string             `json:",omitempty"`
	TTY             bool               `json:",omitempty"`
	OpenStdin       bool               `json:",omitempty"`
	ReadOnly        bool               `json:",omitempty"`
	Mounts          []Mount            `json:",omitempty"`
	StopGracePeriod *int64             `json:",omitempty"`
	Healthcheck     *Healthcheck       `json:",omitempty"`
	Hosts           []string           `json:",omitempty"`
	DNSConfig       *DNSConfig         `json:",omitempty"`
	Secrets         []*SecretReference `json:",omitempty"`
	Configs         []*ConfigReference `json:",omitempty"`
	Isolation       string             `json:",omitempty"`
	Sysctls         map[string]string  `json:",omitempty"`
	CapabilityAdd   []string           `json:",omitempty"`
	CapabilityDrop  []string           `json:",omitempty"`
	Ulimits         []*Ulimit          `json:",omitempty"`
	OomScoreAdj     int64              `json:",omitempty"`
}

type Privileges struct {
	CredentialSpec  *CredentialSpec `json:",omitempty"`
	SELinuxContext  *SELinuxContext `json:",omitempty"`
	Seccomp         *Seccomp        `json:",omitempty"`
	AppArmor        *AppArmor       `json:",omitempty"`
	NoNewPrivileges bool            `json:",omitempty"`
}

type CredentialSpec struct {
	Config   string `json:",omitempty"`
	File     string `json:",omitempty"`
	Registry string `json:",omitempty"`
}

type SELinuxContext struct {
	Disable bool   `json:",omitempty"`
	User    string `json:",omitempty"`
	Role    string `json:",omitempty"`
	Type    string `json:",omitempty"`
	Level   string `json:",omitempty"`
}

type Seccomp struct {
	Mode    string `json:",omitempty"`
	Profile []byte `json:",omitempty"`
}

type AppArmor struct {
	Mode string `json:",omitempty"`
}

type DNSConfig struct {
	Nameservers []string `json:",omitempty"`
	Search      []string `json:",omitempty"`
	Options     []string `json:",omitempty"`
}

type SecretReference struct {
	File       *FileTarget `json:",omitempty"`
	SecretID   string      `json:",omitempty"`
	SecretName string      `json:",omitempty"`
}

type ConfigReference struct {
	File       *FileTarget `json:",omitempty"`
	Runtime    *struct{}   `json:",omitempty"`
	ConfigID   string      `json:",omitempty"`
	ConfigName string      `json:",omitempty"`
}

type FileTarget struct {
	Name string `json:",omitempty"`
	UID  string `json:",omitempty"`
	GID  string `json:",omitempty"`
	Mode uint32 `json:",omitempty"`
}

type Requirements struct {
	Limits           *Limits `json:",omitempty"`
	Reservations     *Limits `json:",omitempty"`
	SwapBytes        *int64  `json:",omitempty"`
	MemorySwappiness *int64  `json:",omitempty"`
}

type Limits struct {
	NanoCPUs         int64         `json:",omitempty"`
	MemoryBytes      int64         `json:",omitempty"`
	Pids             int64         `json:",omitempty"`
	GenericResources []interface{} `json:",omitempty"`
}

type TaskRestartPolicy struct {
	Condition   string  `json:",omitempty"`
	Delay       *int64  `json:",omitempty"`
	MaxAttempts *uint64 `json:",omitempty"`
	Window      *int64  `json:",omitempty"`
}

type Placement struct {
	Constraints []string     `json:",omitempty"`
	Preferences []Preference `json:",omitempty"`
	MaxReplicas uint64       `json:",omitempty"`
	Platforms   []Platform   `json:",omitempty"`
}

type Preference struct {
	Spread *Spread `json:",omitempty"`
}

type Spread struct {
	SpreadDescriptor string `json:",omitempty"`
}

type Platform struct {
	Architecture string `json:",omitempty"`
	OS           string `json:",omitempty"`
}
