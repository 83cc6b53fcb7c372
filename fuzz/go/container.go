package main

import "encoding/json"

// The bodies about containers, with the names that Docker's API documentation gives their fields.

type Words []string

// UnmarshalJSON takes a list or, failing that, one word.
func (w *Words) UnmarshalJSON(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	list := []string{}
	if json.Unmarshal(text, &list) != nil {
		var word string
		if err := json.Unmarshal(text, &word); err != nil {
			return err
		}
		list = append(list, word)
	}
	*w = list
	return nil
}

type Config struct {
	Hostname        string              `json:",omitempty"`
	Domainname      string              `json:",omitempty"`
	User            string              `json:",omitempty"`
	AttachStdin     bool                `json:",omitempty"`
	AttachStdout    bool                `json:",omitempty"`
	AttachStderr    bool                `json:",omitempty"`
	ExposedPorts    map[string]struct{} `json:",omitempty"`
	Tty             bool                `json:",omitempty"`
	OpenStdin       bool                `json:",omitempty"`
	StdinOnce       bool                `json:",omitempty"`
	Env             []string            `json:",omitempty"`
	Cmd             Words               `json:",omitempty"`
	Healthcheck     *Healthcheck        `json:",omitempty"`
	ArgsEscaped     bool                `json:",omitempty"`
	Image           string              `json:",omitempty"`
	Volumes         map[string]struct{} `json:",omitempty"`
	WorkingDir      string              `json:",omitempty"`
	Entrypoint      Words               `json:",omitempty"`
	NetworkDisabled bool                `json:",omitempty"`
	MacAddress      string              `json:",omitempty"`
	OnBuild         []string            `json:",omitempty"`
	Labels          map[string]string   `json:",omitempty"`
	StopSignal      string              `json:",omitempty"`
	StopTimeout     *int                `json:",omitempty"`
	Shell           Words               `json:",omitempty"`
}

type Healthcheck struct {
	Test          []string `json:",omitempty"`
	Interval      int64    `json:",omitempty"`
	Timeout       int64    `json:",omitempty"`
	StartPeriod   int64    `json:",omitempty"`
	StartInterval int64    `json:",omitempty"`
	Retries       int      `json:",omitempty"`
}

// Resources can be changed while a container runs.
type Resources struct {
	CpuShares            int64            `json:",omitempty"`
	Memory               int64            `json:",omitempty"`
	NanoCpus             int64            `json:",omitempty"`
	CgroupParent         string           `json:",omitempty"`
	BlkioWeight          uint16           `json:",omitempty"`
	BlkioWeightDevice    []WeightDevice   `json:",omitempty"`
	BlkioDeviceReadBps   []ThrottleDevice `json:",omitempty"`
	BlkioDeviceWriteBps  []ThrottleDevice `json:",omitempty"`
	BlkioDeviceReadIOps  []ThrottleDevice `json:",omitempty"`
	BlkioDeviceWriteIOps []ThrottleDevice `json:",omitempty"`
	CpuPeriod            int64            `json:",omitempty"`
	CpuQuota             int64            `json:",omitempty"`
	CpuRealtimePeriod    int64            `json:",omitempty"`
	CpuRealtimeRuntime   int64            `json:",omitempty"`
	CpusetCpus           string           `json:",omitempty"`
	CpusetMems           string           `json:",omitempty"`
	Devices              []Device         `json:",omitempty"`
	DeviceCgroupRules    []string         `json:",omitempty"`
	DeviceRequests       []DeviceRequest  `json:",omitempty"`
	DiskQuota            int64            `json:",omitempty"`
	KernelMemory         int64            `json:",omitempty"`
	KernelMemoryTCP      int64            `json:",omitempty"`
	MemoryReservation    int64            `json:",omitempty"`
	MemorySwap           int64            `json:",omitempty"`
	MemorySwappiness     *int64           `json:",omitempty"`
	OomKillDisable       *bool            `json:",omitempty"`
	PidsLimit            *int64           `json:",omitempty"`
	Ulimits              []*Ulimit        `json:",omitempty"`
	CpuCount             int64            `json:",omitempty"`
	CpuPercent           int64            `json:",omitempty"`
	IOMaximumIOps        uint64           `json:",omitempty"`
	IOMaximumBandwidth   uint64           `json:",omitempty"`
}

type HostConfig struct {
	Binds           []string                 `json:",omitempty"`
	ContainerIDFile string                   `json:",omitempty"`
	LogConfig       LogConfig                `json:",omitempty"`
	NetworkMode     string                   `json:",omitempty"`
	PortBindings    map[string][]PortBinding `json:",omitempty"`
	RestartPolicy   RestartPolicy            `json:",omitempty"`
	AutoRemove      bool                     `json:",omitempty"`
	VolumeDriver    string                   `json:",omitempty"`
	VolumesFrom     []string                 `json:",omitempty"`
	ConsoleSize     [2]uint                  `json:",omitempty"`
	Annotations     map[string]string        `json:",omitempty"`
	CapAdd          Words                    `json:",omitempty"`
	CapDrop         Words                    `json:",omitempty"`
	Capabilities    []string                 `json:",omitempty"`
	CgroupnsMode    string                   `json:",omitempty"`
	DNS             []string                 `json:"Dns,omitempty"`
	DNSOptions      []string                 `json:"DnsOptions,omitempty"`
	DNSSearch       []string                 `json:"DnsSearch,omitempty"`
	ExtraHosts      []string                 `json:",omitempty"`
	GroupAdd        []string                 `json:",omitempty"`
	IpcMode         string                   `json:",omitempty"`
	Cgroup          string                   `json:",omitempty"`
	Links           []string                 `json:",omitempty"`
	OomScoreAdj     int                      `json:",omitempty"`
	PidMode         string                   `json:",omitempty"`
	Privileged      bool                     `json:",omitempty"`
	PublishAllPorts bool                     `json:",omitempty"`
	ReadonlyRootfs  bool                     `json:",omitempty"`
	SecurityOpt     []string                 `json:",omitempty"`
	StorageOpt      map[string]string        `json:",omitempty"`
	Tmpfs           map[string]string        `json:",omitempty"`
	UTSMode         string                   `json:",omitempty"`
	UsernsMode      string                   `json:",omitempty"`
	ShmSize         int64                    `json:",omitempty"`
	Sysctls         map[string]string        `json:",omitempty"`
	Runtime         string                   `json:",omitempty"`
	Isolation       string                   `json:",omitempty"`
	Resources
	Mounts        []Mount  `json:",omitempty"`
	MaskedPaths   []string `json:",omitempty"`
	ReadonlyPaths []string `json:",omitempty"`
	Init          *bool    `json:",omitempty"`
}

type LogConfig struct {
	Type   string            `json:",omitempty"`
	Config map[string]string `json:",omitempty"`
}

type PortBinding struct {
	HostIP   string `json:"HostIp,omitempty"`
	HostPort string `json:",omitempty"`
}

type RestartPolicy struct {
	Name              string `json:",omitempty"`
	MaximumRetryCount int    `json:",omitempty"`
}

type WeightDevice struct {
	Path   string `json:",omitempty"`
	Weight uint16 `json:",omitempty"`
}

type ThrottleDevice struct {
	Path string `json:",omitempty"`
	Rate uint64 `json:",omitempty"`
}

type Device struct {
	PathOnHost        string `json:",omitempty"`
	PathInContainer   string `json:",omitempty"`
	CgroupPermissions string `json:",omitempty"`
}

type DeviceRequest struct {
	Driver       string            `json:",omitempty"`
	Count        int               `json:",omitempty"`
	DeviceIDs    []string          `json:",omitempty"`
	Capabilities [][]string        `json:",omitempty"`
	Options      map[string]string `json:",omitempty"`
}

type Ulimit struct {
	Name string `json:",omitempty"`
	Hard int64  `json:",omitempty"`
	Soft int64  `json:",omitempty"`
}

type Mount struct {
	Type           string         `json:",omitempty"`
	Source         string         `json:",omitempty"`
	Target         string         `json:",omitempty"`
	ReadOnly       bool           `json:",omitempty"`
	Consistency    string         `json:",omitempty"`
	BindOptions    *BindOptions   `json:",omitempty"`
	VolumeOptions  *VolumeOptions `json:",omitempty"`
	ImageOptions   *ImageOptions  `json:",omitempty"`
	TmpfsOptions   *TmpfsOptions  `json:",omitempty"`
	ClusterOptions *struct{}      `json:",omitempty"`
}

type BindOptions struct {
	Propagation            string `json:",omitempty"`
	NonRecursive           bool   `json:",omitempty"`
	CreateMountpoint       bool   `json:",omitempty"`
	ReadOnlyNonRecursive   bool   `json:",omitempty"`
	ReadOnlyForceRecursive bool   `json:",omitempty"`
}

type VolumeOptions struct {
	NoCopy       bool              `json:",omitempty"`
	Labels       map[string]string `json:",omitempty"`
	Subpath      string            `json:",omitempty"`
	DriverConfig *Driver           `json:",omitempty"`
}

type ImageOptions struct {
	Subpath string `json:",omitempty"`
}

type TmpfsOptions struct {
	SizeBytes int64      `json:",omitempty"`
	Mode      uint32     `json:",omitempty"`
	Options   [][]string `json:",omitempty"`
}

type Driver struct {
	Name    string            `json:",omitempty"`
	Options map[string]string `json:",omitempty"`
}

// ContainerCreate is what an engine makes of the body.
type ContainerCreate struct {
	*Config
	HostConfig       *HostConfig       `json:",omitempty"`
	NetworkingConfig *NetworkingConfig `json:",omitempty"`
}

// LegacyCreate is the second reading of the same body: fields that once stood at the top.
type LegacyCreate struct {
	*HostConfig
	Cpuset     string
	MacAddress string
}

type ContainerUpdate struct {
	Resources
	RestartPolicy RestartPolicy `json:",omitempty"`
}

type ExecCreate struct {
	User         string   `json:",omitempty"`
	Privileged   bool     `json:",omitempty"`
	Tty          bool     `json:",omitempty"`
	ConsoleSize  *[2]uint `json:",omitempty"`
	AttachStdin  bool     `json:",omitempty"`
	AttachStderr bool     `json:",omitempty"`
	AttachStdout bool     `json:",omitempty"`
	Detach       bool     `json:",omitempty"`
	DetachKeys   string   `json:",omitempty"`
	Env          []string `json:",omitempty"`
	WorkingDir   string   `json:",omitempty"`
	Cmd          []string `json:",omitempty"`
	// Container is what old clients say again; engines go by the path.
	Container string `json:",omitempty"`
}

type ExecStart struct {
	Detach      bool     `json:",omitempty"`
	Tty         bool     `json:",omitempty"`
	ConsoleSize *[2]uint `json:",omitempty"`
}
