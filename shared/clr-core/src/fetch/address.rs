//! Which addresses belong to the public internet.
//!
//! <https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the public internet: no loopback, private, link-local, shared, multicast, benchmarking or
/// documentation address, no address of a cloud's metadata service, and no IPv6 form that carries an IPv4 address.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Network and length of its prefix. Link-local holds AWS' and others' metadata service, 169.254.169.254.
const NOT_PUBLIC_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),        // this network
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // shared by carriers, metadata service of Alibaba
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // Azure's platform services
    ([169, 254, 0, 0], 16),   // link-local
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments, metadata service of Oracle
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 88, 99, 0], 24),   // 6to4 relays, withdrawn
    ([192, 168, 0, 0], 16),   // private
    ([198, 18, 0, 0], 15),    // benchmarking
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved, broadcast
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let address = u32::from(address);
    !NOT_PUBLIC_V4.iter().any(|(network, length)| {
        let host_bits = 32 - length;
        address >> host_bits == u32::from(Ipv4Addr::from(*network)) >> host_bits
    })
}

/// Of the parts of global unicast, 2000::/3, that are not public: network and length of its prefix.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: an IPv4 address in disguise
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Everything outside of 2000::/3 is special: loopback, IPv4-mapped, NAT64, unique local, link-local, multicast.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let address = u128::from(address);
    let is_in = |network: Ipv6Addr, length: u32| {
        let host_bits = 128 - length;
        address >> host_bits == u128::from(network) >> host_bits
    };
    is_in(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
        && !NOT_PUBLIC_V6.iter().any(|(network, length)| is_in(*network, *length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(public: bool, addresses: &[&str]) {
        for text in addresses {
            assert_eq!(is_public(text.parse().unwrap()), public, "{text}");
        }
    }

    #[test]
    fn addresses_of_the_internet_are_public() {
        check(
            true,
            &[
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "168.63.129.15",
                "192.0.1.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2606:4700::1111",
                "2001:4860:4860::8888",
                "2a00:1450::1",
                "3ffe:ffff::1",
            ],
        );
    }

    #[test]
    fn addresses_at_home_are_not() {
        check(
            false,
            &[
                "127.0.0.1",
                "127.255.255.255",
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "169.254.1.1",
                "::1",
                "::",
                "fc00::1",
                "fdff::1",
                "fe80::1",
                "fec0::1",
            ],
        );
    }

    #[test]
    fn metadata_services_are_not() {
        check(
            false,
            &[
                "169.254.169.254",
                "169.254.170.2",
                "100.100.100.200",
                "192.0.0.192",
                "168.63.129.16",
                "fd00:ec2::254",
            ],
        );
    }

    #[test]
    fn multicast_broadcast_documentation_and_benchmarking_are_not() {
        check(
            false,
            &[
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "192.0.2.1",
                "198.51.100.1",
                "203.0.113.255",
                "198.18.0.1",
                "198.19.255.255",
                "ff02::1",
                "2001:db8::1",
                "3fff::1",
                "2001:2::1",
            ],
        );
    }

    #[test]
    fn an_ipv4_address_in_an_ipv6_form_is_not() {
        check(
            false,
            &[
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::ffff:1.1.1.1",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::101:101",
                "64:ff9b:1::a00:1",
                "2002:7f00:1::",
                "2002:a00:1::1",
                "2001:0:7f00:1::",
            ],
        );
    }
}
