//! A segment's hardware address. The panel writes it into the domain, the host's packet filter lets
//! nothing else through, and `segment-init` sets it again where something took it away.

use std::net::Ipv4Addr;

/// One per address: locally administered, no vendor's.
pub fn segment_mac(address: Ipv4Addr) -> String {
    let [a, b, c, d] = address.octets();
    format!("02:ca:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

#[cfg(test)]
mod tests {
    use super::segment_mac;

    #[test]
    fn it_follows_from_the_address_alone() {
        for (address, mac) in [
            ("10.84.3.11", "02:ca:0a:54:03:0b"),
            ("0.0.0.0", "02:ca:00:00:00:00"),
            ("255.255.255.255", "02:ca:ff:ff:ff:ff"),
        ] {
            assert_eq!(segment_mac(address.parse().unwrap()), mac);
        }
    }
}
