//! The bodies of `POST /networks/create`, `…/connect` and `…/disconnect`.

use std::collections::BTreeMap;

object! {
    pub struct NetworkCreate {
        "Name" name: String,
        "CheckDuplicate" check_duplicate: bool,
        "Driver" driver: String,
        "Scope" scope: String,
        "EnableIPv4" enable_ipv4: bool,
        "EnableIPv6" enable_ipv6: bool,
        "IPAM" ipam: Ipam,
        "Internal" internal: bool,
        "Attachable" attachable: bool,
        "Ingress" ingress: bool,
        "ConfigOnly" config_only: bool,
        "ConfigFrom" config_from: ConfigReference,
        "Options" options: BTreeMap<String, String>,
        "Labels" labels: BTreeMap<String, String>,
    }
}

object! {
    pub struct ConfigReference {
        "Network" network: String,
    }
}

object! {
    pub struct Ipam {
        "Driver" driver: String,
        "Options" options: BTreeMap<String, String>,
        "Config" config: Vec<IpamConfig>,
    }
}

object! {
    pub struct IpamConfig {
        "Subnet" subnet: String,
        "IPRange" ip_range: String,
        "Gateway" gateway: String,
        "AuxiliaryAddresses" auxiliary_addresses: BTreeMap<String, String>,
    }
}

object! {
    pub struct NetworkConnect {
        "Container" container: String,
        "EndpointConfig" endpoint_config: EndpointSettings,
    }
}

object! {
    pub struct NetworkDisconnect {
        "Container" container: String,
        "Force" force: bool,
    }
}

object! {
    /// What a container asks of a network, and (as zeros, in a request) what it was given.
    pub struct EndpointSettings {
        "IPAMConfig" ipam_config: EndpointIpam,
        "Links" links: Vec<String>,
        "Aliases" aliases: Vec<String>,
        "MacAddress" mac_address: String,
        "DriverOpts" driver_opts: BTreeMap<String, String>,
        "GwPriority" gw_priority: i64,
        "NetworkID" network_id: String,
        "EndpointID" endpoint_id: String,
        "Gateway" gateway: String,
        "IPAddress" ip_address: String,
        "IPPrefixLen" ip_prefix_len: i64,
        "IPv6Gateway" ipv6_gateway: String,
        "GlobalIPv6Address" global_ipv6_address: String,
        "GlobalIPv6PrefixLen" global_ipv6_prefix_len: i64,
        "DNSNames" dns_names: Vec<String>,
    }
}

object! {
    pub struct EndpointIpam {
        "IPv4Address" ipv4_address: String,
        "IPv6Address" ipv6_address: String,
        "LinkLocalIPs" link_local_ips: Vec<String>,
    }
}
