//! The rules' text, for `iptables-restore`.

use std::fmt::Write;
use std::net::Ipv4Addr;

/// A service as one network knows it.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// The virtual one.
    pub address: Ipv4Addr,
    /// By which dockerd marks packets to its published ports, on this segment.
    pub mark: u32,
    /// As published.
    pub ports: Vec<u16>,
    /// Who answers: at least one address on the network.
    pub tasks: Vec<Ipv4Addr>,
}

const HEAD: &str = "*nat\n:CARINA - [0:0]\n";
/// Takes back what was said.
pub const NOTHING: &str = "*nat\n:CARINA - [0:0]\nCOMMIT\n*filter\n:CARINA - [0:0]\nCOMMIT\n";

/// In a load balancing namespace, with the rules' file, who sees to its addresses (`docker` or
/// `carina`), and these. Packets leave by the interface they came in by, under this namespace's
/// address, so that the answer finds back; nobody is to be told of a shorter way.
pub const IN_NAMESPACE: &str = r#"
file=$1 who=$2; shift 2
iptables-restore -w -n "$file"
hook() { iptables -w -t nat "$1" PREROUTING -j CARINA; }
hook -C 2>/dev/null || hook -I
leave() { iptables -w -t nat "$1" POSTROUTING ! -o lo -m conntrack --ctstate DNAT -j MASQUERADE; }
leave -C 2>/dev/null || leave -A
echo 1 >/proc/sys/net/ipv4/ip_forward
for at in all eth0; do echo 0 >/proc/sys/net/ipv4/conf/$at/send_redirects; done
[ "$who" = carina ] || exit 0
for old in $(ip -4 -o addr show dev eth0 | sed -n 's/.* inet \([0-9.]*\)\/32 .*/\1/p'); do
    case " $* " in *" $old "*) ;; *) ip addr del "$old/32" dev eth0 ;; esac
done
for address; do ip addr replace "$address/32" dev eth0; done
"#;

/// In the segment's own namespace.
pub const IN_SEGMENT: &str = r#"
iptables-restore -w -n "$1"
here() { iptables -w -t nat "$1" "$2" -m addrtype --dst-type LOCAL -j CARINA; }
for chain in PREROUTING OUTPUT; do here -C $chain 2>/dev/null || here -I $chain; done
through() { iptables -w "$1" FORWARD -j CARINA; }
through -C 2>/dev/null || through -I
"#;

/// One line for each task: the first takes every n-th connection, the next every (n-1)-th of the
/// rest, the last what is left.
fn spread(text: &mut String, matches: &str, tasks: &[Ipv4Addr]) {
    for (k, task) in tasks.iter().enumerate() {
        let _ = write!(text, "-A CARINA {matches}");
        let every = tasks.len() - k;
        if every > 1 {
            let _ = write!(text, " -m statistic --mode nth --every {every} --packet 0");
        }
        let _ = writeln!(text, " -j DNAT --to-destination {task}");
    }
}

fn finish(text: String) -> String {
    if text.is_empty() {
        text
    } else {
        format!("{HEAD}{text}COMMIT\n")
    }
}

/// A network's balancer: by virtual address.
pub fn network(services: &[Service]) -> String {
    let mut text = String::new();
    for service in services {
        spread(
            &mut text,
            &format!("-d {}/32", service.address),
            &service.tasks,
        );
    }
    finish(text)
}

/// The balancer of published ports. The port stays: the task's own namespace leads it on. Where it finds
/// IPVS dockerd marks what belongs to a service, before it fails; with Linux 6.1 it fails before that.
/// What has no mark goes by its port, which is the service's in both protocols then.
pub fn ingress(services: &[Service], has_marks: bool) -> String {
    let mut text = String::new();
    for service in services.iter().filter(|_| has_marks) {
        let mark = format!("-m mark --mark {:#x}", service.mark);
        spread(&mut text, &mark, &service.tasks);
    }
    for service in services {
        for_ports(&service.ports, |matches| {
            spread(&mut text, matches, &service.tasks);
        });
    }
    finish(text)
}

/// Leads published ports of the segment's address to the ingress namespace, as dockerd does where
/// it finds IPVS.
pub fn segment(gateway: Option<Ipv4Addr>, services: &[Service]) -> String {
    let Some(gateway) = gateway else {
        return String::new();
    };
    let (mut nat, mut filter) = (String::new(), String::new());
    for service in services {
        for_ports(&service.ports, |matches| {
            let _ = writeln!(
                nat,
                "-A CARINA {matches} -j DNAT --to-destination {gateway}"
            );
            let _ = writeln!(filter, "-A CARINA -d {gateway}/32 {matches} -j ACCEPT");
        });
    }
    if nat.is_empty() {
        return nat;
    }
    format!("{HEAD}{nat}COMMIT\n*filter\n:CARINA - [0:0]\n{filter}COMMIT\n")
}

fn for_ports(ports: &[u16], mut each: impl FnMut(&str)) {
    for port in ports {
        for protocol in ["tcp", "udp"] {
            each(&format!("-p {protocol} --dport {port}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(tasks: u8) -> Service {
        Service {
            address: Ipv4Addr::new(10, 0, 1, 2),
            mark: 258,
            ports: vec![8080],
            tasks: (0..tasks)
                .map(|k| Ipv4Addr::new(10, 0, 1, 16 + k))
                .collect(),
        }
    }

    #[test]
    fn connections_go_to_each_task_in_turn() {
        assert_eq!(
            network(&[service(3)]),
            "*nat\n:CARINA - [0:0]\n\
             -A CARINA -d 10.0.1.2/32 -m statistic --mode nth --every 3 --packet 0 -j DNAT --to-destination 10.0.1.16\n\
             -A CARINA -d 10.0.1.2/32 -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.0.1.17\n\
             -A CARINA -d 10.0.1.2/32 -j DNAT --to-destination 10.0.1.18\n\
             COMMIT\n"
        );
        assert_eq!(network(&[]), "");
    }

    #[test]
    fn published_ports_are_known_by_mark_or_by_number() {
        assert_eq!(
            ingress(&[service(1)], true),
            "*nat\n:CARINA - [0:0]\n-A CARINA -m mark --mark 0x102 -j DNAT --to-destination 10.0.1.16\n\
             -A CARINA -p tcp --dport 8080 -j DNAT --to-destination 10.0.1.16\n\
             -A CARINA -p udp --dport 8080 -j DNAT --to-destination 10.0.1.16\nCOMMIT\n"
        );
        let by_number = ingress(&[service(1)], false);
        assert!(
            by_number
                .contains("-A CARINA -p udp --dport 8080 -j DNAT --to-destination 10.0.1.16\n")
        );
        let segment = segment(Some(Ipv4Addr::new(172, 18, 0, 2)), &[service(1)]);
        for line in [
            "-A CARINA -p tcp --dport 8080 -j DNAT --to-destination 172.18.0.2\n",
            "-A CARINA -d 172.18.0.2/32 -p tcp --dport 8080 -j ACCEPT\n",
        ] {
            assert!(segment.contains(line), "{segment}");
        }
    }
}
